//! Rules for every file of text: no trailing white space, no paths of one machine.

use super::check::Violation;
use super::tree::File;

/// The beginnings of paths that exist on a developer's machine only. Spelt in two halves, so that this file
/// keeps its own rule.
const MACHINES: [&str; 3] = [concat!("/wo", "rk/"), concat!("/tmp/", "helpers"), concat!("/Us", "ers/")];

/// Ends of file names whose white space is not ours: what was recorded or generated.
const RECORDED: [&str; 4] = [".snap", ".lock", ".jsonl", ".json"];

/// Every rule for text.
pub(crate) fn text(file: &File) -> Vec<Violation> {
    let mut found = Vec::new();
    let ours = !RECORDED.iter().any(|end| file.path.ends_with(end));
    for (at, line) in file.text.lines().enumerate() {
        if ours && line.ends_with([' ', '\t']) {
            found.push(Violation::new(&file.path, at + 1, "white space at the end of the line: remove it"));
        }
        if MACHINES.iter().any(|machine| names_machine(line, machine)) {
            found.push(Violation::new(
                &file.path,
                at + 1,
                "a path of one machine: make it relative or invent one",
            ));
        }
    }
    found
}

/// Whether `line` holds a path that begins with `machine`; `/a/work/b` does not.
fn names_machine(line: &str, machine: &str) -> bool {
    line.match_indices(machine).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/}~$".contains(c))
    })
}
