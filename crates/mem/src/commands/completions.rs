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
    clap_complete::generate(shell, &mut cli::tree(), "claude-mem", &mut script);
    String::from_utf8_lossy(&script).into_owned()
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
