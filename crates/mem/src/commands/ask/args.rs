//! What `search` and `timeline` take.

use clap::{Args, ValueEnum};
use mem_daemon::recall::Order;

use crate::cli::at_least_one;
use crate::recall::timeline::{AROUND, MOST};

/// Examples of `search`.
pub(crate) const SEARCH: &str = "\
Examples:
  claude-mem search parser panics on empty input
  claude-mem search --all --limit 5 E0308
  claude-mem search '\"exact words\"' pars*
  claude-mem search --type decision --from 7d        The newest of a kind, without words
  claude-mem search tokens --file src/lexer.rs --branch main
  claude-mem search tokens --project widgets,gadgets --explain

Words may stand in any order; those that stand nowhere are corrected, and times in words (last week, in \
March) let what happened then stand higher. Several values of one option are alternatives, several \
options hold together. A question in German, French, Spanish or Chinese is looked for in English too. Nothing \
typed is a syntax error; after -- words may begin with a dash.

Exits with 2 when an option asks for what does not exist, with 0 when nothing is found.";

/// Examples of `timeline`.
pub(crate) const TIMELINE: &str = "\
Examples:
  claude-mem timeline                      What happened last
  claude-mem timeline '#12' --before 3     Around an observation
  claude-mem timeline T4                   Around a prompt
  claude-mem timeline 3f2a91c              Around a commit
  claude-mem timeline 2026-11-01           From the beginning of that day
  claude-mem timeline parser panics        Around what a search finds best

An id is looked at in its own project. One that was replaced leads to what replaced it. Exits with 1 when \
an id leads nowhere.";

/// Where to look.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// In these projects instead of this one: by name, remote, or directory; may be repeated
    #[arg(long = "project", value_name = "NAME", value_delimiter = ',')]
    pub(crate) projects: Vec<String>,
    /// In all projects
    #[arg(long, conflicts_with = "projects")]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// What to look for; without a word, what meets the conditions is listed, newest first
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Kinds (observation, summary, prompt, answer, commit) or types of observations (bugfix, decision, …)
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) kinds: Vec<String>,
    /// Observations with this concept
    #[arg(long = "concept", value_name = "TAG", value_delimiter = ',')]
    pub(crate) concepts: Vec<String>,
    /// What is about this file: a whole path or the end of one
    #[arg(long = "file", value_name = "PATH")]
    pub(crate) files: Vec<String>,
    /// What is about a file directly in this folder
    #[arg(long = "folder", value_name = "PATH", conflicts_with = "files")]
    pub(crate) folders: Vec<String>,
    /// Not before: 2026-11-01, yesterday, 7d, 12h, or a moment in RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<String>,
    /// Until: a date, which is included, or a moment
    #[arg(long, value_name = "WHEN")]
    pub(crate) to: Option<String>,
    /// As if asked at that moment: only sessions that had ended by then; what was new then stands higher
    #[arg(long, value_name = "WHEN")]
    pub(crate) as_of: Option<String>,
    /// In this session, by the beginning of its id
    #[arg(long = "session", value_name = "ID", value_delimiter = ',')]
    pub(crate) sessions: Vec<String>,
    /// By this agent
    #[arg(long = "agent", value_name = "AGENT", value_delimiter = ',')]
    pub(crate) agents: Vec<String>,
    /// On this branch
    #[arg(long = "branch", value_name = "BRANCH")]
    pub(crate) branches: Vec<String>,
    /// In this linked worktree
    #[arg(long = "worktree", value_name = "NAME")]
    pub(crate) worktrees: Vec<String>,
    /// A file at hand; memories of the sessions that worked on it stand higher
    #[arg(long = "near", value_name = "FILE", value_delimiter = ',')]
    pub(crate) near: Vec<String>,
    /// In which order
    #[arg(long, value_enum, default_value_t = Sorted::Best)]
    pub(crate) order: Sorted,
    /// Most rows
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one())]
    pub(crate) limit: usize,
    /// Rows to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) offset: usize,
    /// Most hits of one session; 0 is no limit [default: 3; without words no limit]
    #[arg(long, value_name = "N")]
    pub(crate) per_session: Option<usize>,
    /// Say why each hit stands where it does
    #[arg(long)]
    pub(crate) explain: bool,
}

/// In which order hits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sorted {
    /// The best first; without a word to look for, the newest
    Best,
    /// The newest first, of those that fit best
    Newest,
    /// The oldest first, of those that fit best
    Oldest,
}

impl From<Sorted> for Order {
    fn from(sorted: Sorted) -> Self {
        match sorted {
            Sorted::Best => Self::Best,
            Sorted::Newest => Self::Newest,
            Sorted::Oldest => Self::Oldest,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct TimelineArgs {
    /// An id (#12, S3, T4, E5, C6), a date or moment, or words to search for; now, when nothing is said
    #[arg(value_name = "ID|DATE|QUERY")]
    pub(crate) what: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Only these kinds: observation, summary, prompt, answer, commit [default: all but answers]
    #[arg(long = "type", value_name = "KIND", value_delimiter = ',')]
    pub(crate) kinds: Vec<String>,
    /// Most items before it
    #[arg(long, value_name = "N", default_value_t = AROUND, value_parser = up_to_most())]
    pub(crate) before: usize,
    /// Most items after it
    #[arg(long, value_name = "N", default_value_t = AROUND, value_parser = up_to_most())]
    pub(crate) after: usize,
}

fn up_to_most() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(0..=MOST as u64)
}
