//! What `model` takes.

use clap::{Args, Subcommand};

/// Examples of `model`.
pub(crate) const MODEL: &str = "\
Examples:
  claude-mem model status
  claude-mem model install                     From its publisher, 91.3 MB
  claude-mem model install --from ~/mini       From a folder on this disk
  claude-mem model remove

It runs in this program, on this machine; nothing is sent anywhere. Without it recall works by words \
alone.

An endpoint may make the vectors in its place, any that speaks /embeddings, such as Ollama, LM Studio or \
OpenAI's:
  claude-mem config set CLAUDE_MEM_EMBEDDING_MODEL nomic-embed-text
  claude-mem config set CLAUDE_MEM_EMBEDDING_BASE_URL http://127.0.0.1:11434/v1

Everything that is remembered, and every question, is then sent to that address, redacted as it is \
stored. Where it is not on this machine or in its own network, that leaves this network, is paid for, \
stands in `claude-mem cost` and stops at the ceilings of all models.";

/// What can be done with the model.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Fetch the model or copy it, check it, and put it in place; says first how large it is
    #[command(after_help = "\
Examples:
  claude-mem model install
  claude-mem model install --yes
  claude-mem model install --from ~/Downloads/all-MiniLM-L6-v2
  claude-mem model install --from https://models.example.com/all-MiniLM-L6-v2

Two files are needed, tokenizer.json and model.safetensors, and only those of all-MiniLM-L6-v2 as \
published are taken: their checksums are built in, so it does not matter where they come from. What a \
broken connection left is gone on with by the next attempt, and nothing is put in place before it is \
whole. The proxy and the certificates are those of HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and \
NODE_EXTRA_CA_CERTS. Where the model is in place already, nothing is done.")]
    Install(ModelInstallArgs),
    /// Say where vectors come from, and whether the model is there, whole, and loads
    #[command(after_help = "\
Examples:
  claude-mem model status
  claude-mem model status --json")]
    Status,
    /// Remove it from this disk
    #[command(after_help = "\
Examples:
  claude-mem model remove
  claude-mem model remove --yes

Memories stay; recall then works by words alone.")]
    Remove {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ModelInstallArgs {
    /// A folder on this disk, a file of weights with its tokenizer.json beside it, or the http(s) address of a folder
    /// [default: the publisher's address]
    #[arg(long, value_name = "PATH|URL")]
    pub(super) from: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
}
