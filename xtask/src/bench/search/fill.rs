//! Fills a store with sessions as drains would, and has the daemon index it.
//!
//! A turn is eight documents: a prompt, an answer, five observations and a summary, of about sixty-six words each and none
//! so long that it is cut in two. Half of the sessions are of one project, a tenth of a second, a hundredth of a third;
//! the rest is spread over thirty-nine others.

use std::time::{Duration, Instant};

use mem_core::event::{Agent, Body, Event, NaturalKey};
use mem_core::id::SessionId;
use mem_core::layout;
use mem_core::observation::{Distilled, Distiller, Observation, Summary};
use mem_core::project::Facts;
use mem_core::time::Timestamp;
use mem_store::{Put, Spot, Store, StoreError, Tx};
use serde_json::json;

use super::chance::Chance;
use super::text::{Topic, Writer};
use crate::bench::subject::{Subject, vm_mb, wait, write};

/// Documents of a turn.
pub(super) const PER_TURN: usize = 8;
/// The project of half of all sessions, of a tenth, and of a hundredth.
pub(super) const PROJECTS: [&str; 3] = ["half", "tenth", "hundredth"];
/// The begin of the two years that are remembered, and their length.
pub(super) const BEGIN: Timestamp = Timestamp(1_727_740_800_000); // 2024-10-01
pub(super) const SPAN_MS: i64 = 730 * 86_400_000;

const OTHERS: usize = 39;
const TURNS_OF_A_SESSION: usize = 12;
const OBSERVATIONS: usize = 5;
const PER_WRITE: usize = 1000;
const KINDS: [&str; 6] = ["bugfix", "feature", "refactor", "change", "discovery", "decision"];
const CONCEPTS: [&str; 5] = ["how-it-works", "problem-solution", "gotcha", "trade-off", "why-it-exists"];
/// Longest that indexing may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What was said, to ask for later.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Titles of observations.
    pub(super) titles: Vec<String>,
    /// Files that were changed.
    pub(super) files: Vec<String>,
}

/// How the index was built.
#[derive(Debug, Clone, Default)]
pub(super) struct Indexed {
    /// Passages in it.
    pub(super) passages: u64,
    /// How long it took.
    pub(super) took: Duration,
    /// The most that the daemon took meanwhile, in megabytes.
    pub(super) peak_mb: f64,
    /// Bytes of the database and its log.
    pub(super) store_bytes: u64,
    /// Bytes of each table, the largest first.
    pub(super) tables: Vec<(String, u64)>,
}

/// Fills the store with about so many passages.
///
/// # Errors
/// What the store said.
pub(super) fn fill(subject: &Subject, writer: &Writer, passages: usize) -> Result<Samples, String> {
    let turns = passages.div_ceil(PER_TURN);
    // what lies years back stays: letting go of old events is not what is measured
    let settings = json!({ "CLAUDE_MEM_EVENT_DAYS": "36500", "CLAUDE_MEM_EVENT_MEGABYTES": "1048576" });
    write(&subject.data().join(layout::SETTINGS), settings.to_string().as_bytes())?;
    let mut filling = Filling::begin(writer, turns);
    let mut store = open(subject)?;
    let start = Instant::now();
    for first in (0..turns).step_by(PER_WRITE) {
        let last = (first + PER_WRITE).min(turns);
        store
            .write(|tx| (first..last).try_for_each(|turn| filling.turn(tx, turn)))
            .map_err(|why| why.to_string())?;
        if (first / PER_WRITE).is_multiple_of(20) {
            let done = last * PER_TURN;
            eprintln!("{done} of {passages} documents after {:.0} s", start.elapsed().as_secs_f64());
        }
    }
    store.close().map_err(|why| why.to_string())?;
    Ok(filling.samples)
}

/// The store of the subject, open for writing.
///
/// # Errors
/// What the store said.
pub(super) fn open(subject: &Subject) -> Result<Store, String> {
    let data = subject.data();
    Store::open(&data.join(layout::STORE), BEGIN, &data.join(layout::BACKUPS)).map_err(|why| why.to_string())
}

/// Has the daemon index all of it; it runs on afterwards.
///
/// # Errors
/// It did not, or the store cannot be read.
pub(super) fn index(subject: &mut Subject) -> Result<Indexed, String> {
    let start = Instant::now();
    let pid = subject.start_daemon()?;
    let store = Store::open_read(&subject.data().join(layout::STORE)).map_err(|why| why.to_string())?;
    let mut told = Instant::now();
    // counting what waits takes the longer the more there is: a look now and then, so that it is not measured itself
    let mut pause = Duration::from_millis(50);
    loop {
        let state = store.index_state().map_err(|why| why.to_string())?;
        let due = store.index_waiting().map_err(|why| why.to_string())?;
        // and merged, which the daemon does once nothing is due
        if state.version > 0 && due == 0 && store.index_unmerged().map_err(|why| why.to_string())? == 0 {
            break;
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("it was not indexed in an hour: {state:?}"));
        }
        if told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            eprintln!("{} passages, {} documents wait", state.passages, due);
        }
        let _nothing_to_wait_for = wait(pause, || false);
        pause = Duration::from_millis(50 + due / 500);
    }
    let took = start.elapsed();
    let peak_mb = vm_mb(pid, "VmHWM")?;
    let facts = || {
        let sizes = store.sizes()?;
        Ok((store.index_state()?.passages, sizes.file + sizes.log, store.table_sizes()?))
    };
    let (passages, store_bytes, tables) = facts().map_err(|why: StoreError| why.to_string())?;
    Ok(Indexed { passages, took, peak_mb, store_bytes, tables })
}

struct Filling<'w> {
    writer: &'w Writer,
    chance: Chance,
    turns: usize,
    topic: Topic,
    project: String,
    samples: Samples,
}

impl<'w> Filling<'w> {
    fn begin(writer: &'w Writer, turns: usize) -> Self {
        let mut chance = Chance::of(5);
        let topic = writer.topic(&mut chance);
        Self { writer, chance, turns, topic, project: String::new(), samples: Samples::default() }
    }

    fn turn(&mut self, tx: &Tx<'_>, turn: usize) -> Result<(), StoreError> {
        if turn.is_multiple_of(TURNS_OF_A_SESSION) {
            self.topic = self.writer.topic(&mut self.chance);
            self.project = self.project();
        }
        let at = BEGIN.plus_ms(SPAN_MS / self.turns as i64 * turn as i64);
        let cwd = format!("/bench/{}", self.project);
        let facts = Facts { top: cwd.clone(), ..Facts::default() };
        let project = tx.project_for(&facts, &cwd, at)?;
        let branch = ["main", "main", "main", "next", "mend"][turn / TURNS_OF_A_SESSION % 5];
        let spot = Spot { project, branch: Some(branch.to_owned()), worktree: None };
        let prompt = self.passage(30);
        let stored = tx.put_event(&event(turn, &cwd, at, Body::Prompted { prompt }), &spot, at)?;
        let later = at.plus_ms(20_000);
        let said = self.passage(80);
        tx.put_event(&event(turn, &cwd, later, Body::Answered { said }), &spot, later)?;
        if let Put::Stored { turn: Some(row), .. } = stored {
            let distilled = self.distilled(turn);
            tx.put_distilled(row, &Distiller::Local, &distilled, later, later)?;
        }
        Ok(())
    }

    fn project(&mut self) -> String {
        let share = self.chance.share();
        let sure = [(0.5, PROJECTS[0]), (0.6, PROJECTS[1]), (0.61, PROJECTS[2])];
        match sure.into_iter().find(|(below, _)| share < *below) {
            Some((_, name)) => name.to_owned(),
            None => format!("other-{}", self.chance.below(OTHERS)),
        }
    }

    fn passage(&mut self, words: usize) -> String {
        self.writer.passage(words, &self.topic, &mut self.chance)
    }

    fn sentence(&mut self) -> String {
        self.writer.sentence(&self.topic, &mut self.chance)
    }

    fn distilled(&mut self, turn: usize) -> Distilled {
        let observations: Vec<(String, Observation)> =
            (0..OBSERVATIONS).map(|number| (format!("slot:{number}"), self.observation(turn))).collect();
        // a few of each store, spread over all of its time
        if turn.is_multiple_of((self.turns / 250).max(1)) {
            let (_, first) = &observations[0];
            self.samples.titles.push(first.title.clone());
            self.samples.files.extend(first.files_modified.iter().cloned());
        }
        let summary = Summary {
            request: self.sentence(),
            completed: self.passage(25),
            learned: self.sentence(),
            ..Summary::default()
        };
        Distilled { observations, summary: Some(summary), ..Distilled::default() }
    }

    fn observation(&mut self, turn: usize) -> Observation {
        let file = self.chance.one(&self.topic.files).clone();
        // one in twenty is a decision
        let kind = if turn.is_multiple_of(20) { 5 } else { self.chance.below(5) };
        Observation {
            kind: KINDS[kind].to_owned(),
            title: self.sentence().trim_end_matches('.').to_owned(),
            subtitle: String::new(),
            facts: vec![self.sentence()],
            narrative: self.passage(25),
            concepts: vec![(*self.chance.one(&CONCEPTS)).to_owned()],
            files_read: Vec::new(),
            files_modified: vec![file],
            sources: Vec::new(),
        }
    }
}

/// An event of a turn.
pub(super) fn event(turn: usize, cwd: &str, at: Timestamp, body: Body) -> Event {
    Event {
        agent: Agent::ClaudeCode,
        session: SessionId(format!("session-{}", turn / TURNS_OF_A_SESSION)),
        at,
        cwd: cwd.to_owned(),
        transcript: None,
        prompt_id: Some(format!("prompt-{turn}")),
        subagent: None,
        key: NaturalKey::Fixed(format!("{}:prompt-{turn}", body.kind())),
        body,
    }
}
