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
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        // clap_complete 4.6.11 takes the hyphen of our own name for the mark of a subcommand in one of two places
        clap_complete::Shell::Bash => script.replace("claude__subcmd__mem", "claude__mem"),
        _ => script,
    }
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

    #[test]
    fn bash_completes_behind_the_first_word() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("claude-mem.bash");
        std::fs::write(&path, script(clap_complete::Shell::Bash)).unwrap();
        for (typed, wanted) in
            [(&["mod"][..], "model"), (&["model", "inst"], "install"), (&["search", "--ex"], "--explain")]
        {
            let words: Vec<String> = typed.iter().map(|word| format!("'{word}'")).collect();
            let ask = format!(
                "source '{}'; COMP_WORDS=(claude-mem {}); COMP_CWORD={}; _claude__mem claude-mem {} ''; echo \"${{COMPREPLY[*]}}\"",
                path.display(),
                words.join(" "),
                typed.len(),
                words.last().unwrap(),
            );
            let said = std::process::Command::new("bash").args(["-c", &ask]).output().unwrap();
            let said = String::from_utf8_lossy(&said.stdout).into_owned();
            assert!(said.split_whitespace().any(|word| word == wanted), "{typed:?}: {said}");
        }
    }
}
