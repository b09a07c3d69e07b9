//! Has the real daemon take in a set: frames in its inbox, in order of time, until nothing waits any more.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use mem_core::frame::{self, Header};
use mem_core::layout;
use mem_store::{Reader, Store, StoreError};
use serde_json::Value;

use super::hooks::{self, Input};
use super::set::Set;
use crate::bench::subject::{Subject, wait, write};

/// Longest that a set may take to be taken in.
const LIMIT: Duration = Duration::from_secs(600);

/// A set that was taken in.
pub(super) struct Loaded {
    /// Where the sessions of each group ran.
    pub(super) places: Vec<PathBuf>,
    /// Hook inputs.
    pub(super) frames: usize,
    /// From the daemon's start until the inbox was empty.
    pub(super) drained: Duration,
    /// From the daemon's start until all of it was distilled and indexed.
    pub(super) ready: Duration,
    /// What `status` says became of the events.
    pub(super) events: Value,
    /// What `status` says was redacted.
    pub(super) redacted: Value,
}

/// What is in the store.
pub(super) struct Sizes {
    /// Passages in the index.
    pub(super) passages: u64,
    /// Bytes of the database and its log.
    pub(super) store_bytes: u64,
    /// Bytes of each table, the largest first.
    pub(super) tables: Vec<(String, u64)>,
}

/// The agent's id of the session at this place of the set.
fn session_id(number: usize) -> String {
    format!("5e550000-0000-4000-8000-{number:012}")
}

/// The place in the set of the session with this id.
pub(super) fn session_number(id: &str) -> Option<usize> {
    id.strip_prefix("5e550000-0000-4000-8000-")?.parse().ok()
}

/// Takes in a set.
///
/// # Errors
/// What kept it from being taken in.
pub(super) fn load(subject: &mut Subject, set: &Set) -> Result<Loaded, String> {
    let places: Vec<PathBuf> = (0..set.groups.len())
        .map(|group| subject.directory(&format!("project-{group}")))
        .collect::<Result<_, _>>()?;
    let frames = spool(subject, set, &places)?;
    eprintln!("{}: {} sessions as {frames} frames", set.name, set.sessions.len());
    let start = Instant::now();
    subject.start_daemon()?;
    if !wait(LIMIT, || subject.waiting() == 0) {
        return Err(format!("{} frames were not read in ten minutes", subject.waiting()));
    }
    let drained = start.elapsed();
    let store = Store::open_read(&subject.data().join(layout::STORE)).map_err(|why| why.to_string())?;
    if !wait(LIMIT, || nothing_waits(&store)) {
        return Err(format!("it was not all indexed in ten minutes: {:?}", store.index_state()));
    }
    let ready = start.elapsed();
    eprintln!("drained in {:.1} s, indexed after {:.1} s", drained.as_secs_f64(), ready.as_secs_f64());
    let status = subject.document(&["status", "--json"])?;
    Ok(Loaded {
        places,
        frames,
        drained,
        ready,
        events: status["events"].clone(),
        redacted: status["redacted"].clone(),
    })
}

/// Looks at the store as it is now.
///
/// # Errors
/// It cannot be read.
pub(super) fn sizes(subject: &Subject) -> Result<Sizes, String> {
    let look = || {
        let store = Store::open_read(&subject.data().join(layout::STORE))?;
        let sizes = store.sizes()?;
        Ok(Sizes {
            passages: store.index_state()?.passages,
            store_bytes: sizes.file + sizes.log,
            tables: store.table_sizes()?,
        })
    };
    look().map_err(|why: StoreError| why.to_string())
}

/// Writes all frames, in order of time; how many.
fn spool(subject: &Subject, set: &Set, places: &[PathBuf]) -> Result<usize, String> {
    let mut inputs: Vec<Input> = Vec::new();
    for (number, session) in set.sessions.iter().enumerate() {
        inputs.extend(hooks::of(session, &session_id(number), &places[session.group]));
    }
    inputs.sort_by_key(|input| input.at); // stable: what happened at one moment keeps its order
    let inbox = subject.data().join(layout::INBOX);
    for (number, input) in inputs.iter().enumerate() {
        let header =
            Header { agent: "claude-code".to_owned(), event: String::new(), at: input.at, project: None };
        // names sort in order of arrival, which is the order of time here
        let name = frame::new_id(number as u128, 1);
        let bytes = frame::encode(&header, input.payload.to_string().as_bytes());
        write(&inbox.join(format!("{name}.frame")), &bytes)?;
    }
    Ok(inputs.len())
}

/// Whether every event is distilled and every document indexed.
fn nothing_waits(store: &Reader) -> bool {
    let distilled = store.counts().is_ok_and(|counts| counts.waiting == 0);
    // the index follows what is distilled: looked at in this order, nothing is in between
    distilled
        && store.index_state().is_ok_and(|state| state.version > 0)
        && store.index_waiting().is_ok_and(|waiting| waiting == 0)
}
