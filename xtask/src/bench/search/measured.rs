//! The measuring: every kind of query in turn, over a process that stays and one that is started for each.

use std::cell::RefCell;
use std::time::Duration;

use super::queries::Kind;
use super::warm::Warm;
use crate::bench::measure::{Candidate, Row, interleaved, spawn_to_exit};
use crate::bench::subject::Subject;

/// Rounds that do not count, and rounds that do.
const WARM: (usize, usize) = (5, 100);
const SPAWNED: (usize, usize) = (2, 30);
/// Starts of the process that stays, of which the first query is cold.
const STARTS: usize = 7;

/// Asks a process that stays; what it takes of memory afterwards, too.
///
/// # Errors
/// A query failed.
pub(super) fn warm(subject: &Subject, kinds: &[Kind]) -> Result<(Vec<Row>, f64), String> {
    let process = RefCell::new(Warm::start(subject)?);
    let candidates = kinds
        .iter()
        .map(|kind| {
            let (process, mut round) = (&process, 0);
            let once = move || {
                round += 1;
                let text = &kind.texts[round % kind.texts.len()];
                process.borrow_mut().search(&kind.condition.arguments(text))
            };
            Candidate { name: kind.name.clone(), once: Box::new(once), limit: None }
        })
        .collect();
    let rows = interleaved(candidates, WARM.0, WARM.1)?;
    let resident_mb = process.borrow().resident_mb()?;
    Ok((rows, resident_mb))
}

/// The first query of a process that was just started, several times; sorted.
///
/// # Errors
/// A query failed.
pub(super) fn cold(subject: &Subject, kind: &Kind) -> Result<Vec<Duration>, String> {
    let texts = kind.texts.iter().cycle().take(STARTS);
    let mut taken: Vec<Duration> = texts
        .map(|text| Warm::start(subject)?.search(&kind.condition.arguments(text)))
        .collect::<Result<_, _>>()?;
    taken.sort_unstable();
    Ok(taken)
}

/// Starts the program for each query, spawn to exit.
///
/// # Errors
/// A query failed.
pub(super) fn spawned(subject: &Subject, kinds: &[Kind]) -> Result<Vec<Row>, String> {
    let candidates = kinds
        .iter()
        .map(|kind| {
            let mut round = 0;
            let once = move || {
                round += 1;
                let options = kind.condition.options();
                let mut args = vec!["search", "--json"];
                args.extend(options.iter().map(String::as_str));
                args.extend(["--", &kind.texts[round % kind.texts.len()]]);
                spawn_to_exit(&mut subject.command(&args), b"")
            };
            Candidate { name: kind.name.clone(), once: Box::new(once), limit: None }
        })
        .collect();
    interleaved(candidates, SPAWNED.0, SPAWNED.1)
}
