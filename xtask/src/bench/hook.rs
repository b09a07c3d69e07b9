//! How long a hook takes from spawn to exit, against the cheapest static program.

use crate::house::Outcome;
use std::process::Command;

use super::measure::{Candidate, interleaved, report, spawn_to_exit};
use super::reference::cheapest;

/// Rounds that do not count, and rounds that do.
const ROUNDS: (usize, usize) = (20, 300);

/// Measures the reference against itself with the inputs a hook gets, which is the noise of this machine.
///
/// # Errors
/// What kept it from measuring.
pub(crate) fn run(_args: &[&str]) -> Outcome {
    let program = cheapest()?;
    let mut candidates = Vec::new();
    for (name, size) in
        [("cheapest static program, 4 kB", 4 << 10), ("cheapest static program, 1 MB", 1 << 20)]
    {
        let mut command = Command::new(&program);
        let input = vec![b'x'; size];
        let once = Box::new(move || spawn_to_exit(&mut command, &input));
        candidates.push(Candidate { name: name.to_owned(), once, limit: None });
    }
    let rows = interleaved(candidates, ROUNDS.0, ROUNDS.1)?;
    report("hook", "hook, spawn to exit", &rows)
}
