//! `completions`: a completion script, made from the tree of commands.

use super::print;
use crate::cli;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(shell: clap_complete::Shell) -> Result<(), Failure> {
    print::text(&script(shell))
}

fn script(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(cli::tree()), "claude-mem", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The tree without what is hidden from people, which the generators would offer them.
fn visible(tree: clap::Command) -> clap::Command {
    let shown = tree.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    clap::Command::new("claude-mem")
        .version(super::desk::VERSION)
        .args(tree.get_arguments().cloned())
        .subcommands(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_gets_the_commands_and_none_that_are_hidden() {
        for shell in clap_complete::Shell::value_variants() {
            let script = script(*shell);
            assert!(script.contains("sessions") && script.contains("completions"), "{shell}");
            assert!(!script.contains("__reference"), "{shell}");
        }
    }
}
