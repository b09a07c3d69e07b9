//! What one thing more costs in a full store: as the work itself, and from its frame until it can be found.
//!
//! The work is done in this process, where our own code is not optimised; what a user waits for is the other figure, which
//! is that of the release binary's daemon.

use std::time::{Duration, Instant};

use mem_core::event::Body;
use mem_core::frame::{self, Header};
use mem_core::layout;
use mem_core::observation::{Distilled, Distiller, Observation};
use mem_core::project::Facts;
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain::Until;
use mem_daemon::recall;
use mem_store::{Put, Spot, Store, StoreError};
use serde_json::json;

use super::chance::Chance;
use super::fill::{self, BEGIN, PROJECTS, SPAN_MS};
use super::text::Writer;
use crate::bench::subject::{Subject, wait, write};

/// How often each is measured.
const TIMES: usize = 60;
/// Those that do not count.
const WARM_UP: usize = 10;
/// Turns that no fill reaches.
const BEYOND: usize = 10_000_000;

/// Writes an observation and indexes it, each in its transaction, with no daemon about; sorted.
///
/// # Errors
/// What the store said.
pub(super) fn work(subject: &Subject, writer: &Writer) -> Result<Vec<Duration>, String> {
    let mut store = fill::open(subject)?;
    let mut chance = Chance::of(17);
    let mut taken = Vec::with_capacity(TIMES);
    for number in 0..WARM_UP + TIMES {
        let topic = writer.topic(&mut chance);
        let observation = Observation {
            kind: "discovery".to_owned(),
            title: writer.sentence(&topic, &mut chance),
            narrative: writer.passage(50, &topic, &mut chance),
            files_modified: topic.files[..1].to_vec(),
            ..Observation::default()
        };
        let distilled =
            Distilled { observations: vec![("slot:0".to_owned(), observation)], ..Distilled::default() };
        let turn = begin_turn(&mut store, number).map_err(|why| why.to_string())?;
        let at = moment(number);
        let start = Instant::now();
        store
            .write(|tx| tx.put_distilled(turn, &Distiller::Local, &distilled, at, at).map(drop))
            .and_then(|()| recall::index(&mut store, Until::DONE).map(drop))
            .map_err(|why| why.to_string())?;
        if number >= WARM_UP {
            taken.push(start.elapsed());
        }
    }
    store.close().map_err(|why| why.to_string())?;
    taken.sort_unstable();
    Ok(taken)
}

/// A turn to observe, with its prompt indexed.
fn begin_turn(store: &mut Store, number: usize) -> Result<mem_core::id::TurnId, StoreError> {
    let cwd = format!("/bench/{}", PROJECTS[1]);
    let facts = Facts { top: cwd.clone(), ..Facts::default() };
    let at = moment(number);
    let turn = store.write(|tx| {
        let spot = Spot { project: tx.project_for(&facts, &cwd, at)?, branch: None, worktree: None };
        let prompt = "go on".to_owned();
        let put =
            tx.put_event(&fill::event(BEYOND + number, &cwd, at, Body::Prompted { prompt }), &spot, at)?;
        Ok(match put {
            Put::Stored { turn: Some(turn), .. } => turn,
            Put::Stored { .. } | Put::Duplicate => mem_core::id::TurnId(0),
        })
    })?;
    recall::index(store, Until::DONE)?;
    Ok(turn)
}

fn moment(number: usize) -> Timestamp {
    BEGIN.plus_ms(SPAN_MS + number as i64 * 1000)
}

/// From the frame of a prompt, put into the inbox with a nudge as a hook does, until the daemon's index holds it;
/// sorted.
///
/// # Errors
/// It was not indexed within seconds.
pub(super) fn until_found(subject: &Subject) -> Result<Vec<Duration>, String> {
    let data = subject.data();
    let store = Store::open_read(&data.join(layout::STORE)).map_err(|why| why.to_string())?;
    let nudge = std::os::unix::net::UnixDatagram::unbound().map_err(|why| why.to_string())?;
    let cwd = subject.project();
    let mut taken = Vec::with_capacity(TIMES);
    for number in 0..WARM_UP + TIMES {
        let payload = json!({
            "session_id": "adding",
            "transcript_path": "/none/adding.jsonl",
            "cwd": cwd.to_string_lossy(),
            "prompt_id": format!("adding-{number}"),
            "hook_event_name": "UserPromptSubmit",
            "prompt": format!("please look at what the queue does with item {number} of the list"),
        });
        let at = moment(BEYOND + number);
        let header = Header { agent: "claude-code".to_owned(), event: String::new(), at, project: None };
        let before = store.index_state().map_err(|why| why.to_string())?.passages;
        let inbox = data.join(layout::INBOX);
        let name = frame::new_id(at.0 as u128 * 1_000_000, 2);
        let unfinished = inbox.join(format!("{name}.tmp"));
        write(&unfinished, &frame::encode(&header, payload.to_string().as_bytes()))?;
        let start = Instant::now();
        std::fs::rename(&unfinished, inbox.join(format!("{name}.frame"))).map_err(|why| why.to_string())?;
        nudge.send_to(b"", data.join(layout::NUDGE_SOCKET)).map_err(|why| why.to_string())?;
        let there = || {
            store.index_state().is_ok_and(|state| state.passages > before)
                && store.index_waiting().is_ok_and(|waiting| waiting == 0)
        };
        if !wait(Duration::from_secs(10), there) {
            return Err("a prompt was not indexed in ten seconds".to_owned());
        }
        if number >= WARM_UP {
            taken.push(start.elapsed());
        }
        // its briefs and what else follows, so that the next is not measured with it
        let _nothing_to_wait_for = wait(Duration::from_millis(150), || false);
    }
    taken.sort_unstable();
    Ok(taken)
}
