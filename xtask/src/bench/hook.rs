//! How long a hook takes from spawn to exit, against the cheapest static program.
//!
//! With the daemon up, down and hung, with small and large inputs; then fifty at once. Aim: 1.5 times the cheapest
//! program; stop: twice. A small input is held against the program that only reads it; a large one, whose cost is moving
//! it, against the program that reads and keeps it, and both are shown.

use std::process::{Command, Stdio};
use std::time::Instant;

use super::measure::{Candidate, interleaved, report, spawn_to_exit};
use super::reference::cheapest;
use super::subject::{Subject, signal};
use crate::house::Outcome;

/// Rounds that do not count, and rounds that do.
const ROUNDS: (usize, usize) = (20, 300);
/// Inputs above this cost more to move than a process costs to start.
const SMALL: usize = 64 << 10;
/// Largest ratio to the cheapest program that keeps the promise.
const LIMIT: f64 = 2.0;

/// Measures it.
///
/// # Errors
/// What kept it from measuring, or what is over the limit.
pub(crate) fn run(_args: &[&str]) -> Outcome {
    let program = cheapest()?;
    let mut over = Vec::new();
    for (title, size) in [("hook, 4 kB", 4 << 10), ("hook, 1 MB", 1 << 20)] {
        let (up, down, hung) = (up()?, down()?, hung()?);
        let reads = candidate("cheapest program that reads it", Command::new(&program), up.payload(size));
        let mut keeper = Command::new(&program);
        keeper.arg(up.project().join("kept"));
        let keeps = candidate("cheapest program that keeps it", keeper, up.payload(size));
        let mut candidates = if size > SMALL { vec![keeps, reads] } else { vec![reads, keeps] };
        for (state, subject) in [("up", &up), ("down", &down), ("hung", &hung)] {
            let (mut command, input) = (subject.command(&["hook", "claude-code"]), subject.payload(size));
            let once = move || {
                let took = spawn_to_exit(&mut command, &input)?;
                // where nobody drains, frames would pile up and be measured as the disk's trouble with them
                subject.empty_inbox();
                Ok(took)
            };
            let name = format!("hook, daemon {state}");
            candidates.push(Candidate { name, once: Box::new(once), limit: Some(LIMIT) });
        }
        let rows = interleaved(candidates, ROUNDS.0, ROUNDS.1)?;
        over.extend(report(&format!("hook-{size}"), title, &rows).err());
    }
    at_once(&program)?;
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

fn candidate<'a>(name: &str, mut command: Command, input: Vec<u8>) -> Candidate<'a> {
    Candidate {
        name: name.to_owned(),
        once: Box::new(move || spawn_to_exit(&mut command, &input)),
        limit: None,
    }
}

fn up() -> Result<Subject, String> {
    let mut subject = Subject::new("up")?;
    subject.start_daemon()?;
    Ok(subject)
}

fn down() -> Result<Subject, String> {
    let subject = Subject::new("down")?;
    subject.no_daemon()?;
    Ok(subject)
}

fn hung() -> Result<Subject, String> {
    let mut subject = Subject::new("hung")?;
    let pid = subject.start_daemon()?;
    signal("STOP", pid)?;
    Ok(subject)
}

/// Fifty at the same moment, which a machine with few cores takes one after the other.
fn at_once(cheapest: &std::path::Path) -> Outcome {
    const MANY: usize = 50;
    let subject = up()?;
    let input = subject.payload(4 << 10);
    let mut rows = Vec::new();
    for (name, ours) in [("cheapest static program", false), ("hook", true)] {
        let mut best = f64::MAX;
        for _round in 0..10 {
            let start = Instant::now();
            let mut children = Vec::new();
            for _one in 0..MANY {
                let mut command =
                    if ours { subject.command(&["hook", "claude-code"]) } else { Command::new(cheapest) };
                command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
                let mut child = command.spawn().map_err(|why| why.to_string())?;
                let stdin = child.stdin.take();
                children.push((child, stdin));
            }
            for (_, stdin) in &mut children {
                let mut stdin = stdin.take().ok_or("no stdin")?;
                std::io::Write::write_all(&mut stdin, &input).map_err(|why| why.to_string())?;
            }
            for (mut child, _) in children {
                let status = child.wait().map_err(|why| why.to_string())?;
                if !status.success() {
                    return Err(format!("{name} ended with {status}"));
                }
            }
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        rows.push((name, best));
    }
    println!("{MANY} at once, best of ten, until the last is gone");
    for (name, ms) in &rows {
        println!("  {name:<24} {ms:>8.2} ms   ratio {:.2}", ms / rows[0].1);
    }
    println!();
    Ok(())
}
