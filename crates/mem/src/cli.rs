//! The command line: the whole tree of commands in one place, and who does each.
//!
//! The doc comments here are the help that people read; every command has examples in its own. What a command does
//! stands in its file under `commands/`; what searches take is in `commands::ask`. Must not do any work itself, and is never reached by a hook.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::RangedU64ValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::commands::ask::{self, SearchArgs, TimelineArgs};
use crate::commands::model::{self, ModelCommand};
use crate::commands::{self, desk::Desk};
use crate::failure::{Failure, Kind, USAGE};
use crate::hook;

/// Memory for coding agents.
///
/// claude-mem remembers what your coding agent did, and tells the next session what it needs to know. It listens
/// through the agent's hooks, keeps everything on this machine, and needs neither a model nor a network.
#[derive(Debug, Parser)]
#[command(
    name = "claude-mem",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  claude-mem demo                  See it work, in a temporary place
  claude-mem install claude-code   Make Claude Code report to it
  claude-mem status                See what became of the events
  claude-mem search parser bug     Find what was done about it"
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Print one JSON document instead of text, where a command prints data
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Where everything is kept [default: $CLAUDE_MEM_DATA_DIR, else ~/.claude-mem]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that takes them
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for clap::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show how it stands: what became of the events, and what is wrong
    #[command(after_help = "\
Examples:
  claude-mem status
  claude-mem status --json
  claude-mem status --clear    Forget losses that you know of

Events in are always the sum of stored, filtered, pending and parked. \
`worker retry` reads parked ones again, `worker discard` deletes them, `--clear` leaves them.")]
    Status(StatusArgs),
    /// List the agent's sessions, newest first
    #[command(after_help = "\
Examples:
  claude-mem sessions
  claude-mem sessions --all --limit 50")]
    Sessions(ListArgs),
    /// Show memories, events, turns or sessions in full
    #[command(after_help = "\
Examples:
  claude-mem show '#123' S7    An observation and a summary
  claude-mem show 123          The same observation
  claude-mem show E5 T4        A raw event, and a prompt with what followed
  claude-mem show 383770b4     A session, by the beginning of its id
  claude-mem show 3f2a91c      What a commit was made for, by its hash

Exits with 1 when an id leads nowhere; the others are shown all the same.")]
    Show(ShowArgs),
    /// Search what is remembered of this project
    #[command(after_help = ask::SEARCH)]
    Search(Box<SearchArgs>),
    /// Show what happened before and after something
    #[command(after_help = ask::TIMELINE)]
    Timeline(TimelineArgs),
    /// Serve the memory to an agent as tools, over stdin and stdout (MCP)
    ///
    /// Offers search, timeline, get_observations and session_start_context to any MCP client; the plugin for Claude
    /// Code registers it. It only reads, and needs no worker. It leaves with its client.
    #[command(after_help = "\
Examples:
  claude-mem mcp
  claude mcp add mem -- claude-mem mcp    For a client without our plugin

Everything on stdout is the protocol; a person wants `claude-mem search` instead.")]
    Mcp,
    /// Print what a session that starts here would be told
    #[command(after_help = "\
Examples:
  claude-mem brief
  claude-mem brief --json")]
    Brief,
    /// Say which project this directory is, and how we know
    #[command(after_help = "\
Examples:
  claude-mem whoami
  CLAUDE_MEM_PROJECT=mine claude-mem whoami")]
    Whoami,
    /// Show what asking models has cost, by day, project and model
    #[command(after_help = "\
Examples:
  claude-mem cost
  claude-mem cost --days 7 --here
  claude-mem cost --json

A price with a ~ rests on an estimate: the service named none, and none is known. Requests that are \
open, or were lost and are perhaps paid for, count by their estimate. Ceilings are settings: \
CLAUDE_MEM_DAY_USD, CLAUDE_MEM_MONTH_USD, CLAUDE_MEM_DAY_TOKENS, CLAUDE_MEM_MONTH_TOKENS.")]
    Cost(CostArgs),
    /// Have a model make memories of past turns anew; says first what that costs
    #[command(after_help = "\
Examples:
  claude-mem redistill                       What was set aside
  claude-mem redistill --session 383770b4    A session, by the beginning of its id
  claude-mem redistill --since 7d --here     The last week of this project
  claude-mem redistill --since 2026-11-01 --model claude/sonnet
  claude-mem redistill --all --model local   Our own rules, which cost nothing
  claude-mem redistill --cancel              What was ordered and still waits is not asked

The work is done in the background, within the ceilings; `claude-mem status` shows how far it is. Raw \
events stay, so it can be done as often as you like. A model of another kind is named with its kind, \
such as openai/qwen3:8b. Choosing the local distiller takes back what waits, too. With --json and \
without --yes it only prints what it would take: `ordered` is null then.")]
    Redistill(RedistillArgs),
    /// Try everything out: the store, the hooks, the worker, a full round trip, the chosen model, the embedding model
    #[command(after_help = "\
Examples:
  claude-mem doctor
  claude-mem doctor --json

A chosen model is asked one tiny question, which counts like any other. The round trip takes place in \
a temporary directory. Exits with 1 when a check fails.

The model is asked with this shell's environment; the worker has that of the session or shell which \
started it, until `claude-mem worker restart`.")]
    Doctor,
    /// Start, stop or look after the background worker, which is optional
    #[command(
        subcommand,
        after_help = "\
Examples:
  claude-mem worker status
  claude-mem worker restart
  claude-mem worker retry      Try again what could not be read
  claude-mem worker discard    Delete it for good
  claude-mem worker reindex    Build the search index anew

The worker starts by itself when there is work and leaves when there is none. It has the environment of \
the session or shell that started it; restart has it take over this shell's."
    )]
    Worker(WorkerCommand),
    /// Make an agent report to claude-mem
    #[command(after_help = "\
Examples:
  claude-mem install claude-code
  claude-mem install claude-code --yes --replace")]
    Install(InstallArgs),
    /// Take everything of claude-mem out again
    #[command(after_help = "\
Examples:
  claude-mem uninstall             Memories stay
  claude-mem uninstall --purge     Memories go too

Files of the original claude-mem in the same directory are never touched.")]
    Uninstall(UninstallArgs),
    /// Show who distils and what it costs, and choose a model
    ///
    /// The local distiller always works, without a model and without cost. A model, where one is chosen, is asked once
    /// per turn and writes richer memories, within the ceilings of a day and a month.
    #[command(after_help = "\
Examples:
  claude-mem observer                       Who distils, what was spent, what each would cost
  claude-mem observer use claude            Your Claude Code and its login
  claude-mem observer use anthropic --model claude-haiku-4-5
  claude-mem observer use openai --url http://127.0.0.1:11434/v1 --model qwen3:8b
  claude-mem observer use local             No model")]
    Observer(ObserverArgs),
    /// Install, look at or remove the embedding model, which finds memories by what they mean
    #[command(subcommand, after_help = model::MODEL)]
    Model(ModelCommand),
    /// Read and change settings
    #[command(
        subcommand,
        after_help = "\
Examples:
  claude-mem config list
  claude-mem config get CLAUDE_MEM_CONTEXT_TOKENS
  claude-mem config set CLAUDE_MEM_CONTEXT_TOKENS 800
  claude-mem config unset CLAUDE_MEM_CONTEXT_TOKENS

A variable of the same name in the environment wins over the file."
    )]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  claude-mem completions bash > ~/.local/share/bash-completion/completions/claude-mem
  claude-mem completions zsh > ~/.zfunc/_claude-mem
  claude-mem completions fish > ~/.config/fish/completions/claude-mem.fish

`--json` changes nothing here: a script is printed as it is.")]
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Take one hook input on stdin; this is what agents call
    ///
    /// Reads the input to its end, keeps it, prints only what the event's contract allows, and always exits with 0.
    /// Set CLAUDE_MEM_DISABLE=1 to switch it off.
    #[command(after_help = "\
Examples:
  claude-mem hook claude-code < input.json
  claude-mem hook claude-code SessionStart < input.json")]
    Hook {
        /// The agent
        #[arg(default_value = hook::DEFAULT_AGENT)]
        agent: String,
        /// The event; the input says it too
        event: Option<String>,
    },
    /// See it work: a recorded session, in a temporary place, in a few seconds
    #[command(after_help = "\
Examples:
  claude-mem demo

`--json` changes nothing here: the demo prints no data.")]
    Demo,
    /// Write the reference pages
    #[command(name = "__reference", hide = true)]
    Reference {
        /// The folder to write them into
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Forget recorded losses, problems, and what a model could not do; frames that were set aside stay
    #[arg(long)]
    pub(crate) clear: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Of all projects, not just this one
    #[arg(long)]
    pub(crate) all: bool,
    /// Most rows
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one())]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// #123 or 123 (observation), S7 (summary), T4 (turn), E5 (event), C6 (commit), the id of a session, or a commit's hash
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CostArgs {
    /// How many days back, today included
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) days: u16,
    /// Only of this directory's project
    #[arg(long)]
    pub(crate) here: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RedistillArgs {
    /// Only this session, by the beginning of its id
    #[arg(long, value_name = "ID", group = "which")]
    pub(crate) session: Option<String>,
    /// Every turn in which something happened since then: 2026-11-01, 7d, 12h, or a moment in RFC 3339
    #[arg(long, value_name = "WHEN", group = "which")]
    pub(crate) since: Option<String>,
    /// Every turn whose events are still kept
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Only of this directory's project
    #[arg(long)]
    pub(crate) here: bool,
    /// The model to ask instead of the chosen one: its name, or kind/name, or local
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Take back what was ordered and still waits
    #[arg(long, conflicts_with_all = ["which", "here", "model"])]
    pub(crate) cancel: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum WorkerCommand {
    /// Run in the foreground until there is nothing to do
    #[command(after_help = "\
Examples:
  claude-mem worker run        See what it says; Ctrl-C ends it, and nothing is lost by that")]
    Run,
    /// Start in the background and wait until it answers
    Start,
    /// Ask it to leave; nothing is lost by that
    Stop,
    /// Stop, then start
    Restart,
    /// Say whether it runs, and list the runs of the observer
    #[command(after_help = "\
Examples:
  claude-mem worker status
  claude-mem worker status --json")]
    Status,
    /// Try again the frames that were set aside
    Retry,
    /// Delete the frames that were set aside, for good
    #[command(after_help = "\
Examples:
  claude-mem worker discard    List them, and ask
  claude-mem worker retry      Try them again instead")]
    Discard {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Build the search index anew from the memory; a damaged one is built anew by itself
    ///
    /// Searches go on meanwhile and say what is not indexed yet.
    Reindex,
}

/// The agents that `install` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AgentName {
    /// Claude Code, by Anthropic
    ClaudeCode,
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// Which agent
    #[arg(value_enum)]
    pub(crate) agent: AgentName,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Switch the plugin of the original claude-mem off; `uninstall` switches it on again
    #[arg(long)]
    pub(crate) replace: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UninstallArgs {
    /// Which agent
    #[arg(value_enum, default_value = "claude-code")]
    pub(crate) agent: AgentName,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Remove the memories and our settings too
    #[arg(long)]
    pub(crate) purge: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ObserverArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ObserverCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ObserverCommand {
    /// Choose who distils, after saying what that costs and what leaves this machine
    #[command(after_help = "\
Examples:
  claude-mem observer use claude
  claude-mem observer use openrouter --model vendor/small --yes
  claude-mem observer use openai --url http://127.0.0.1:11434/v1 --model qwen3:8b

Keys come from the settings (`claude-mem config set CLAUDE_MEM_OPENAI_API_KEY -` reads one), from \
ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENROUTER_API_KEY or GEMINI_API_KEY in the environment, or from \
the file .env in the data directory (mode 0600). The environment is the worker's: that of the session \
or shell which started it; `claude-mem worker restart` has it take over this shell's.

With --json and without --yes it only says what would hold: `written` is false then.")]
    Use(UseArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UseArgs {
    /// Who
    #[arg(value_enum)]
    pub(crate) observer: ObserverName,
    /// Name of the model, where it is not to be the usual one
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Address of the service, where it is not the maker's own
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// Who can distil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObserverName {
    /// No model: free, and nothing leaves this machine
    Local,
    /// Your Claude Code, with its login
    Claude,
    /// Anthropic's API, with a key
    Anthropic,
    /// Any service compatible with OpenAI's, your own among them
    #[value(name = "openai")]
    OpenAi,
    /// OpenRouter, with a key
    #[value(name = "openrouter")]
    OpenRouter,
    /// Google's Gemini, with a key
    Gemini,
}

impl ObserverName {
    /// The value of `CLAUDE_MEM_OBSERVER`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Claude => "claude",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::OpenRouter => "openrouter",
            Self::Gemini => "gemini",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the value that holds
    Get {
        /// Name of the setting
        key: String,
    },
    /// Write a value into the settings file
    #[command(after_help = "\
Examples:
  claude-mem config set CLAUDE_MEM_CONTEXT_TOKENS 800
  claude-mem config set CLAUDE_MEM_EXCLUDED_PROJECTS '~/private/*,scratch'
  claude-mem config set CLAUDE_MEM_LOG_LEVEL DEBUG
  claude-mem config set CLAUDE_MEM_OPENAI_API_KEY -    Read a key from the input, one line

A key given as an argument stays in the shell's history; with - it does not.")]
    Set {
        /// Name of the setting
        key: String,
        /// The value; - reads one line from the input
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Print every setting, its value, and where that comes from
    List,
    /// Take a setting out of the settings file, so that its default holds
    Unset {
        /// Name of the setting
        key: String,
    },
}

/// Runs the command line; `arguments` without the program's own name.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    if arguments.is_empty() {
        // asked for nothing is asked for help, and no mistake
        return ending(commands::print::text(&tree().render_help().to_string()));
    }
    let program = std::iter::once(OsString::from("claude-mem"));
    match CommandLine::try_parse_from(program.chain(arguments.iter().cloned())) {
        Ok(line) => {
            choose_colors(line.options.color);
            // where it happened was said already, by whoever says such things
            let outcome = catch_unwind(AssertUnwindSafe(|| dispatch(line)));
            ending(outcome.unwrap_or_else(|_said| Err(Failure::new(Kind::Internal, "claude-mem stumbled"))))
        }
        Err(refused) => {
            let _nobody_listens = refused.print();
            ExitCode::from(if refused.use_stderr() { USAGE } else { 0 })
        }
    }
}

/// A list of no rows is a mistake in the asking.
pub(crate) fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// The tree, for help, completions and the reference.
pub(crate) fn tree() -> clap::Command {
    CommandLine::command()
}

fn dispatch(line: CommandLine) -> Result<(), Failure> {
    let desk = || Desk::open(&line.options);
    match line.command {
        Command::Status(args) => commands::status::run(&desk()?, &args),
        Command::Sessions(args) => commands::sessions::run(&desk()?, &args),
        Command::Show(args) => commands::show::run(&desk()?, &args),
        Command::Search(args) => ask::search::run(&desk()?, *args),
        Command::Timeline(args) => ask::timeline::run(&desk()?, &args),
        Command::Mcp => crate::mcp::run(desk()?),
        Command::Brief => commands::brief::run(&desk()?),
        Command::Whoami => commands::whoami::run(&desk()?),
        Command::Cost(args) => commands::ledger::cost::run(&desk()?, &args),
        Command::Redistill(args) => commands::ledger::redistill::run(&desk()?, &args),
        Command::Doctor => commands::doctor::run(&desk()?),
        Command::Worker(command) => commands::worker::run(&desk()?, command),
        Command::Install(args) => commands::install::run(&desk()?, &args),
        Command::Uninstall(args) => commands::uninstall::run(&desk()?, &args),
        Command::Observer(args) => commands::observer::run(&desk()?, &args),
        Command::Model(command) => model::run(&desk()?, &command),
        Command::Config(command) => commands::config::run(&desk()?, &command),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Hook { .. } => Err(Failure::user("`hook` takes no options before its name")
            .hint("Say where things are kept with CLAUDE_MEM_DATA_DIR.")),
        Command::Demo => commands::demo::run(),
        Command::Reference { dir } => commands::reference::run(&dir),
    }
}

fn ending(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn choose_colors(color: Color) {
    match color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_holds_together() {
        tree().debug_assert();
    }

    #[test]
    fn every_command_that_people_see_has_examples() {
        for command in tree().get_subcommands().filter(|command| !command.is_hide_set()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Examples:\n  "), "{}", command.get_name());
            assert!(help.contains(&format!("claude-mem {}", command.get_name())), "{}", command.get_name());
        }
    }

    #[test]
    fn prose_is_left_to_be_wrapped() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ') && line != "Examples:";
            let lines: Vec<&str> = help.lines().collect();
            for pair in lines.windows(2) {
                assert!(!(is_prose(pair[0]) && is_prose(pair[1])), "{}: {}", command.get_name(), pair[0]);
            }
            command.get_subcommands().for_each(check);
        }
        check(&tree());
    }

    #[test]
    fn every_example_is_understood() {
        for command in tree().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter_map(|line| line.trim().split("claude-mem ").nth(1)) {
                if !help.contains(&format!("  claude-mem {line}"))
                    && !help.contains(&format!("mine claude-mem {line}"))
                {
                    continue;
                }
                let line = line.split("   ").next().unwrap_or_default();
                let line = line.split([' ']).take_while(|word| !["<", ">"].contains(word));
                let words = line.filter(|word| !word.is_empty()).map(|word| word.trim_matches('\''));
                let parsed = CommandLine::try_parse_from(std::iter::once("claude-mem").chain(words));
                assert!(parsed.is_ok(), "{help}\n{parsed:?}");
            }
        }
    }
}
