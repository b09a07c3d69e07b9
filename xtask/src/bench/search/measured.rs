//! The measuring: every kind of query in turn, over a process that stays, with a daemon that answers it and without, and one
//! that is started for each.

use std::cell::RefCell;
use std::time::Duration;

use super::queries::Kind;
use super::warm::Warm;
use crate::bench::measure::{Candidate, Row, interleaved, spawn_to_exit};
use crate::bench::subject::{Subject, vm_mb};

/// Rounds that do not count, and rounds that do.
const WARM: (usize, usize) = (5, 100);
/// The same where a process is started for each query.
pub(super) const SPAWNED: (usize, usize) = (2, 30);
/// Starts of the process that stays, of which the first query is cold.
const STARTS: usize = 7;

/// What was measured of a process that stays.
pub(super) struct Stayed {
    /// Each kind of query.
    pub(super) rows: Vec<Row>,
    /// What it takes of memory after all of them, in megabytes.
    pub(super) resident_mb: f64,
    /// What the daemon that answered them takes then; 0 where there is none.
    pub(super) daemon_mb: f64,
    /// What it costs each session, in tokens.
    pub(super) tokens: usize,
}

/// Asks a process that stays, which asks the daemon where one was started.
///
/// # Errors
/// A query failed, or was answered by somebody else.
pub(super) fn warm(subject: &Subject, kinds: &[Kind]) -> Result<Stayed, String> {
    let wanted = if subject.daemon().is_some() { "worker" } else { "process" };
    // the first question of a daemon may take longer than it is waited for
    let asked = || subject.document(&["search", "--json", "--explain", "--all", "--", "the"]);
    if asked()?["answered_by"] != wanted && asked()?["answered_by"] != wanted {
        return Err(format!("searches are not answered by the {wanted}"));
    }
    let mut process = Warm::start(subject)?;
    let tokens = process.tokens()?;
    let process = RefCell::new(process);
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
    let daemon_mb = subject.daemon().map_or(Ok(0.0), |pid| vm_mb(pid, "VmRSS"))?;
    Ok(Stayed { rows, resident_mb, daemon_mb, tokens })
}

/// How long a process takes to begin, and its first query, of a daemon that has just begun too, several times; each sorted.
///
/// # Errors
/// A query failed.
pub(super) fn cold(subject: &mut Subject, kind: &Kind) -> Result<[Vec<Duration>; 2], String> {
    let (mut begins, mut firsts) = (Vec::new(), Vec::new());
    for text in kind.texts.iter().cycle().take(STARTS) {
        subject.stop_daemon()?;
        subject.start_daemon()?;
        let mut process = Warm::start(subject)?;
        begins.push(process.began_in);
        firsts.push(process.search(&kind.condition.arguments(text))?);
    }
    begins.sort_unstable();
    firsts.sort_unstable();
    Ok([begins, firsts])
}

/// Starts the program for each query, spawn to exit.
///
/// # Errors
/// A query failed.
pub(super) fn spawned(
    subject: &Subject,
    kinds: &[Kind],
    (warm_up, rounds): (usize, usize),
) -> Result<Vec<Row>, String> {
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
    interleaved(candidates, warm_up, rounds)
}
