//! A store in a folder of its own, and events to put into it.

use std::path::PathBuf;

use mem_core::event::{Action, Agent, Body, Event, NaturalKey, Outcome, StartSource, ToolUse};
use mem_core::id::{BatchId, EventId, ObservationId, ProjectId, RequestId, SessionId, TurnId};
use mem_core::model::{Answer, MicroUsd, Usage};
use mem_core::observation::{Distilled, Distiller, Observation};
use mem_core::project::Facts;
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use mem_store::{Columns, Lease, Passage, Put, Sought, Spot, Store, StoreError, Tx};
use tempfile::TempDir;

/// The moment all tests begin at.
pub(crate) const NOW: Timestamp = Timestamp(1_763_700_000_000);

/// A folder with a store in it.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("memory.db")
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.folder.path().join("memory-backups")
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path(), NOW, &self.backups()).unwrap()
    }

    pub(crate) fn read(&self) -> Store {
        Store::open_read(&self.path()).unwrap()
    }
}

/// Facts of a plain directory.
pub(crate) fn place(top: &str) -> Facts {
    Facts { top: top.to_owned(), ..Facts::default() }
}

/// The project of `/w/a`, made where needed.
pub(crate) fn project(store: &mut Store) -> ProjectId {
    store.write(|tx| tx.project_for(&place("/w/a"), "/w/a", NOW)).unwrap()
}

/// A spot in a project, on `main`.
pub(crate) fn spot(project: ProjectId) -> Spot {
    Spot { project, branch: Some("main".to_owned()), worktree: None }
}

/// An event of session `s1`, `at` ms after [`NOW`].
pub(crate) fn event(at: i64, key: &str, body: Body) -> Event {
    Event {
        agent: Agent::ClaudeCode,
        session: SessionId("s1".to_owned()),
        at: NOW.plus_ms(at),
        cwd: "/w/a".to_owned(),
        transcript: Some("/t/s1.jsonl".to_owned()),
        prompt_id: None,
        subagent: None,
        key: NaturalKey::Fixed(key.to_owned()),
        body,
    }
}

pub(crate) fn started(at: i64, source: StartSource) -> Event {
    event(at, &format!("start:{at}"), Body::SessionStarted { source, model: None })
}

pub(crate) fn prompted(at: i64, id: &str, prompt: &str) -> Event {
    of_prompt(id, event(at, &format!("{id}:prompted"), Body::Prompted { prompt: prompt.to_owned() }))
}

pub(crate) fn answered(at: i64, id: &str) -> Event {
    of_prompt(id, event(at, &format!("{id}:answered"), Body::Answered { said: "done".to_owned() }))
}

pub(crate) fn ran(at: i64, key: &str) -> Event {
    let action = Action::Ran {
        command: "cargo test".to_owned(),
        description: String::new(),
        exit_code: Some(0),
        output: "ok".to_owned(),
    };
    event(at, key, Body::ToolUsed(tool("Bash", action)))
}

pub(crate) fn tool(name: &str, action: Action) -> ToolUse {
    ToolUse { id: None, tool: name.to_owned(), action, outcome: Outcome::Succeeded, duration_ms: None }
}

pub(crate) fn of_prompt(id: &str, event: Event) -> Event {
    Event { prompt_id: Some(id.to_owned()), ..event }
}

/// Puts an event of `/w/a` that must be new; its row and its turn.
pub(crate) fn put(store: &mut Store, event: &Event) -> (EventId, Option<TurnId>) {
    let project = project(store);
    match store.write(|tx| tx.put_event(event, &spot(project), NOW)).unwrap() {
        Put::Stored { event, turn, .. } => (event, turn),
        Put::Duplicate => panic!("stored before: {event:?}"),
    }
}

/// An observation that says little.
pub(crate) fn observation(title: &str) -> Observation {
    Observation { kind: "change".to_owned(), title: title.to_owned(), ..Observation::default() }
}

/// A turn of session `s1` that is over and distilled locally into nothing: its prompt, `tools` commands and the answer,
/// one per ms from `at` on; the turn and its events.
pub(crate) fn whole_turn(store: &mut Store, at: i64, tools: i64) -> (TurnId, Vec<EventId>) {
    let id = format!("p{at}");
    let (prompt, turn) = put(store, &prompted(at, &id, "make it faster"));
    let mut events = vec![prompt];
    for n in 1..=tools {
        events.push(put(store, &of_prompt(&id, ran(at + n, &format!("t{}", at + n)))).0);
    }
    events.push(put(store, &answered(at + tools + 1, &id)).0);
    let turn = turn.unwrap();
    distil(store, turn, &Distiller::Local, &[]);
    (turn, events)
}

/// What was made of a turn: titles by slot, each with its sources.
pub(crate) fn made(slots: &[(&str, &str, &[EventId])]) -> Distilled {
    let observations = slots
        .iter()
        .map(|(slot, title, sources)| {
            ((*slot).to_owned(), Observation { sources: sources.to_vec(), ..observation(title) })
        })
        .collect();
    Distilled { observations, ..Distilled::default() }
}

/// Keeps what was made of a turn, outside of any batch.
pub(crate) fn distil(
    store: &mut Store,
    turn: TurnId,
    by: &Distiller,
    slots: &[(&str, &str, &[EventId])],
) -> Vec<ObservationId> {
    store.write(|tx| tx.put_distilled(turn, by, &made(slots), NOW, NOW)).unwrap()
}

/// Takes a waiting batch out for a request up to `through`, estimated at 1000 tokens and 2000 millionths.
pub(crate) fn lease(store: &mut Store, batch: BatchId, through: EventId) -> RequestId {
    try_lease(store, batch, through).expect("it waits")
}

pub(crate) fn try_lease(store: &mut Store, batch: BatchId, through: EventId) -> Option<RequestId> {
    let (est_tokens, est_money) = (1000, MicroUsd(2000));
    let lease = Lease { run: "r1", model: "claude/haiku", est_tokens, est_money, through, proof: b"proof" };
    store.write(|tx| tx.lease(batch, &lease, NOW)).unwrap()
}

/// An answer that took 100 + 20 + 3 tokens in and 50 out.
pub(crate) fn answer(text: &str) -> Answer {
    Answer {
        text: text.to_owned(),
        usage: Usage { input: 100, output: 50, cache_read: 20, cache_write: 3 },
        model_session: Some("m1".to_owned()),
        ..Answer::default()
    }
}

/// Puts an answer of 700 millionths on record; whether the request was open.
pub(crate) fn record(store: &mut Store, request: RequestId) -> bool {
    let answer = answer("<observation/>");
    store.write(|tx| tx.record_answer(request, &answer, MicroUsd(700), "told", NOW)).unwrap()
}

/// Has a turn observed up to `through` by a model: planned, leased, answered and settled.
pub(crate) fn observe(
    store: &mut Store,
    turn: TurnId,
    through: EventId,
    by: &str,
    made: &Distilled,
) -> Vec<ObservationId> {
    let planned = store.write(|tx| tx.add_batch(turn, NOW)).unwrap();
    let batch = planned.unwrap_or_else(|| store.unsettled_batches_of(turn).unwrap()[0].id);
    let request = lease(store, batch, through);
    assert!(record(store, request));
    let by = Distiller::Model(by.to_owned());
    store.write(|tx| tx.settle_observed(request, &by, made, "observed", NOW, NOW)).unwrap().unwrap()
}

/// Brings the index up to date, with words as they stand for terms.
pub(crate) fn index(store: &mut Store) {
    if store.index_state().unwrap().version == 0 {
        store.write(|tx| tx.begin_index(1)).unwrap();
    }
    loop {
        let due = store.index_due(7).unwrap();
        if due.is_empty() {
            return;
        }
        store.write(|tx| due.into_iter().try_for_each(|doc| index_one(tx, doc))).unwrap();
    }
}

fn index_one(tx: &Tx, doc: DocId) -> Result<(), StoreError> {
    let Some(document) = tx.document(doc)?.filter(|document| !document.text.is_empty()) else {
        return tx.unindex(doc);
    };
    let words: Vec<&str> =
        document.text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let passage = Passage {
        start: 0,
        length: document.text.len(),
        words: words.len() as u32,
        terms: words.join(" "),
        said: Vec::new(),
    };
    tx.index_document(&document, &[passage])
}

/// Begins the index anew: it holds the same then.
pub(crate) fn index_anew(store: &mut Store) {
    index(store);
    let before = store.index_state().unwrap();
    store.write(|tx| tx.begin_index(1)).unwrap();
    assert_eq!(store.index_state().unwrap().passages, 0);
    index(store);
    let after = store.index_state().unwrap();
    assert_eq!((after.passages, store.index_waiting().unwrap()), (before.passages, 0));
    assert_eq!(after.generation, before.generation + 1);
}

/// The documents in force that hold a word, after bringing the index up to date; each once, in order of their ids.
pub(crate) fn found(store: &mut Store, word: &str, project: Option<ProjectId>) -> Vec<DocId> {
    index(store);
    let mut columns = Columns::default();
    store.read_columns(&mut columns).unwrap();
    let mut rows = Vec::new();
    store.postings(Sought::Term(word), None, (1, i64::MAX), 1000, |row| rows.push(row)).unwrap();
    let mut docs: Vec<DocId> = rows
        .into_iter()
        .map(|row| row as usize - 1)
        .filter(|at| project.is_none_or(|project| columns.project[*at] == project.0 as u32))
        .map(|at| store.in_force(DocId::of_number(columns.doc[at]).unwrap()).unwrap())
        .collect();
    docs.sort();
    docs.dedup();
    docs
}
