//! The program: three branches, decided on the raw arguments before anything is loaded.
//!
//! A hook must cost about a millisecond, so it is told apart here, by name or by first argument, and never sees
//! the command line parser, the store or a logger. The hidden verbs keep a child of the daemon's, or become it.
//! Everything else is the command line.

mod cli;
mod commands;
mod env;
mod failure;
mod hook;
mod mcp;
mod recall;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use mem_observer::child;

/// The name under which the plugin calls us: no arguments needed, since Claude Code before 2.1.139 drops them.
const HOOK_NAME: &str = "claude-mem-hook";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    let arguments: Vec<OsString> = arguments.collect();
    match branch(&name, &arguments, &|| std::io::stdin().is_terminal()) {
        Branch::Hook(call) => hook::run(call),
        Branch::Keeper => child::keep(&arguments[1..]),
        Branch::Talker => child::keep_talking(&arguments[1..]),
        Branch::Child => {
            let _only_on_failure = child::become_program(&arguments[1..]);
            ExitCode::from(127)
        }
        Branch::CommandLine => cli::run(&arguments),
    }
}

#[derive(Debug)]
enum Branch {
    Hook(hook::Call),
    Keeper,
    Talker,
    Child,
    CommandLine,
}

fn branch(name: &OsString, arguments: &[OsString], terminal: &dyn Fn() -> bool) -> Branch {
    let called = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str());
    // no agent has a terminal on stdin; a person who found the program in the plugin may use it by any name
    if called == HOOK_NAME && (arguments.is_empty() || !terminal()) {
        return Branch::Hook(hook::Call::default());
    }
    match word(0) {
        Some("hook") if !arguments[1..].iter().any(is_help) => Branch::Hook(hook::Call {
            agent: word(1).unwrap_or(hook::DEFAULT_AGENT).to_owned(),
            event: word(2).unwrap_or_default().to_owned(),
        }),
        Some(child::KEEP) => Branch::Keeper,
        Some(child::RUN) => Branch::Talker,
        Some(child::BECOME) => Branch::Child,
        // the bare command, as an old Claude Code runs it: its output would land in every prompt
        None if !terminal() => Branch::Hook(hook::Call::default()),
        _ => Branch::CommandLine,
    }
}

fn is_help(word: &OsString) -> bool {
    word == "--help" || word == "-h"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hooks_name_is_a_hook_unless_a_person_types_a_command_after_it() {
        let table: [(&str, &[&str], bool, &str); 8] = [
            ("/p/bin/claude-mem-hook", &[], false, "Hook"),
            ("/p/bin/claude-mem-hook", &[], true, "Hook"),
            ("/p/bin/claude-mem-hook", &["uninstall"], false, "Hook"),
            ("/p/bin/claude-mem-hook", &["uninstall"], true, "CommandLine"),
            ("/p/bin/claude-mem-hook", &["hook", "claude-code"], true, "Hook"),
            ("claude-mem", &["uninstall"], false, "CommandLine"),
            ("claude-mem", &[], false, "Hook"),
            ("claude-mem", &[], true, "CommandLine"),
        ];
        for (name, arguments, terminal, wanted) in table {
            let words: Vec<OsString> = arguments.iter().map(Into::into).collect();
            let found = format!("{:?}", branch(&name.into(), &words, &|| terminal));
            assert!(found.starts_with(wanted), "{name} {arguments:?} {terminal}: {found}");
        }
    }
}
