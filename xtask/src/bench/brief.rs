//! How long the brief takes at 100,000 observations: rendered with no daemon, and from the ready file.
//!
//! Promised: 20 ms rendered, 3 ms ready, spawn to exit. The cheapest static program in the same rounds says what of that
//! is not ours.

use std::time::Instant;

use mem_core::event::{Agent, Body, Event, NaturalKey};
use mem_core::id::SessionId;
use mem_core::layout;
use mem_core::observation::{Distilled, Distiller, Observation, Summary};
use mem_core::project::Facts;
use mem_core::time::Timestamp;
use mem_store::{Put, Spot, Store};

use super::measure::{Candidate, interleaved, report, spawn_to_exit};
use super::reference::cheapest;
use super::subject::Subject;
use crate::house::Outcome;

const TURNS: usize = 20_000;
const OBSERVATIONS: usize = 5;
const PER_WRITE: usize = 500;
const ROUNDS: (usize, usize) = (5, 100);
const RENDERED_MS: f64 = 20.0;
const READY_MS: f64 = 3.0;

/// Measures it.
///
/// # Errors
/// What kept it from measuring, or what is slower than promised.
pub(crate) fn run(_args: &[&str]) -> Outcome {
    let subject = Subject::new("brief")?;
    subject.no_daemon()?;
    let start = Instant::now();
    fill(&subject)?;
    println!("{} observations written in {:.1} s", TURNS * OBSERVATIONS, start.elapsed().as_secs_f64());

    let program = cheapest()?;
    let payload = format!(
        r#"{{"session_id":"new","transcript_path":"/t.jsonl","cwd":{:?},"hook_event_name":"SessionStart","source":"startup"}}"#,
        subject.project().to_string_lossy()
    )
    .into_bytes();
    let brief = |ready: bool| {
        let (subject, payload) = (&subject, payload.clone());
        let mut command = subject.command(&["hook", "claude-code"]);
        move || {
            subject.empty_inbox();
            if !ready {
                let briefs = subject.data().join(layout::BRIEFS);
                std::fs::remove_dir_all(&briefs)
                    .and_then(|()| std::fs::create_dir(&briefs))
                    .map_err(|why| why.to_string())?;
            }
            let took = spawn_to_exit(&mut command, &payload)?;
            subject.empty_inbox();
            Ok(took)
        }
    };
    let mut reference = std::process::Command::new(&program);
    let input = payload.clone();
    // the ready one follows the rendered one, which leaves the file behind
    let candidates = vec![
        Candidate {
            name: "cheapest static program".to_owned(),
            once: Box::new(move || spawn_to_exit(&mut reference, &input)),
            limit: None,
        },
        Candidate { name: "brief, rendered".to_owned(), once: Box::new(brief(false)), limit: None },
        Candidate { name: "brief, ready".to_owned(), once: Box::new(brief(true)), limit: None },
    ];
    let rows = interleaved(candidates, ROUNDS.0, ROUNDS.1)?;
    report("brief", "brief at 100,000 observations, no daemon", &rows)?;
    let slower: Vec<String> = [(1, RENDERED_MS), (2, READY_MS)]
        .into_iter()
        .filter(|(row, promised)| rows[*row].p50.as_secs_f64() * 1e3 > *promised)
        .map(|(row, promised)| format!("{} takes longer than {promised} ms", rows[row].name))
        .collect();
    if slower.is_empty() { Ok(()) } else { Err(slower.join("; ")) }
}

/// Fills the store as drains would, one session of fifty turns after the other.
fn fill(subject: &Subject) -> Outcome {
    let data = subject.data();
    let cwd = subject.project().to_string_lossy().into_owned();
    let facts = Facts { top: cwd.clone(), ..Facts::default() };
    let start = Timestamp(1_700_000_000_000);
    let mut store = Store::open(&data.join(layout::STORE), start, &data.join(layout::BACKUPS))
        .map_err(|why| why.to_string())?;
    for first in (0..TURNS).step_by(PER_WRITE) {
        store
            .write(|tx| {
                for turn in first..first + PER_WRITE {
                    let at = start.plus_ms(turn as i64 * 60_000);
                    let project = tx.project_for(&facts, &cwd, at)?;
                    let spot = Spot { project, branch: None, worktree: None };
                    let put = tx.put_event(&prompt(turn, &cwd, at), &spot, at)?;
                    if let Put::Stored { turn: Some(row), .. } = put {
                        tx.put_distilled(row, &Distiller::Local, &distilled(turn), at, at)?;
                    }
                }
                Ok(())
            })
            .map_err(|why| why.to_string())?;
    }
    store.close().map_err(|why| why.to_string())
}

fn prompt(turn: usize, cwd: &str, at: Timestamp) -> Event {
    Event {
        agent: Agent::ClaudeCode,
        session: SessionId(format!("session-{}", turn / 50)),
        at,
        cwd: cwd.to_owned(),
        transcript: None,
        prompt_id: Some(format!("prompt-{turn}")),
        subagent: None,
        key: NaturalKey::Fixed(format!("prompted:prompt-{turn}")),
        body: Body::Prompted { prompt: format!("Please mend the parser of header {turn} and test it") },
    }
}

fn distilled(turn: usize) -> Distilled {
    let observation = |number: usize| Observation {
        kind: ["bugfix", "feature", "refactor", "change", "discovery"][number].to_owned(),
        title: format!("Mend the parser of header {turn}: part {number} of the folded lines"),
        subtitle: format!("src/headers/part{number}.rs; commit {turn:07x}"),
        facts: vec![format!("src/headers/part{number}.rs: +{number} −2 in parse_header")],
        narrative: "The header was folded over two lines, and the second was dropped. ".repeat(4),
        concepts: vec!["problem-solution".to_owned()],
        files_read: Vec::new(),
        files_modified: vec![format!("src/headers/part{number}.rs")],
        sources: Vec::new(),
    };
    Distilled {
        observations: (0..OBSERVATIONS)
            .map(|number| (format!("slot:{number}"), observation(number)))
            .collect(),
        summary: Some(Summary {
            request: format!("Mend the parser of header {turn}"),
            completed: "Folded lines are kept; the tests pass.".to_owned(),
            ..Summary::default()
        }),
        ..Distilled::default()
    }
}
