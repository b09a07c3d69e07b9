//! A store one can fill with turns as drains and distillers would, and the questions tests ask of it.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use mem_core::event::{Agent, Body, Event, NaturalKey};
use mem_core::id::{EventId, ObservationId, ProjectId, SessionId, SessionRow, TurnId};
use mem_core::observation::{Commit, Distilled, Distiller, Observation, Summary};
use mem_core::project::Facts;
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain::Until;
use mem_daemon::recall::{Answer, Ask, Indexed, Recall, index};
use mem_store::{Put, Spot, Store, StoreError};

/// The moment everything is asked at: 2025-11-21, a Friday.
pub(super) const NOW: Timestamp = Timestamp(1_763_700_000_000);
pub(super) const DAY: i64 = 86_400_000;

/// What a turn has and says; what is empty is left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    pub(super) project: String,
    pub(super) session: String,
    pub(super) branch: Option<String>,
    pub(super) worktree: Option<String>,
    pub(super) at: i64,
    pub(super) prompt: String,
    pub(super) answer: String,
    pub(super) observations: Vec<Observation>,
    pub(super) summary: String,
    pub(super) commits: Vec<String>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) project: ProjectId,
    pub(super) session: SessionRow,
    pub(super) turn: TurnId,
    pub(super) answer: Option<DocId>,
    pub(super) observations: Vec<ObservationId>,
}

impl Told {
    pub(super) fn observation(&self, at: usize) -> DocId {
        DocId::Observation(self.observations[at])
    }

    pub(super) fn prompt(&self) -> DocId {
        DocId::Prompt(self.turn)
    }
}

/// A turn in project `p`, `days` before [`NOW`].
pub(super) fn turn(session: &str, days: i64, prompt: &str) -> Turn {
    Turn {
        project: "p".to_owned(),
        session: session.to_owned(),
        at: NOW.0 - days * DAY,
        prompt: prompt.to_owned(),
        ..Turn::default()
    }
}

pub(super) fn observation(title: &str, narrative: &str) -> Observation {
    Observation {
        kind: "change".to_owned(),
        title: title.to_owned(),
        narrative: narrative.to_owned(),
        ..Observation::default()
    }
}

pub(super) struct Shelf {
    folder: tempfile::TempDir,
    pub(super) store: Store,
    turns: usize,
}

impl Shelf {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("memory.db"), NOW, folder.path()).unwrap();
        Self { folder, store, turns: 0 }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("memory.db")
    }

    /// Puts turns into the store in one transaction.
    pub(super) fn tell_all(&mut self, turns: &[Turn]) -> Vec<Told> {
        let first = self.turns;
        self.turns += turns.len();
        let numbered = turns.iter().enumerate();
        self.store
            .write(|tx| numbered.map(|(at, turn)| tell(tx, first + at, turn)).collect::<Result<_, _>>())
            .unwrap()
    }

    pub(super) fn tell(&mut self, turn: &Turn) -> Told {
        self.tell_all(std::slice::from_ref(turn)).remove(0)
    }

    pub(super) fn index(&mut self) -> Indexed {
        index(&mut self.store, Until::DONE).unwrap()
    }

    pub(super) fn search(&self, ask: &Ask) -> Answer {
        self.try_search(ask).unwrap()
    }

    pub(super) fn try_search(&self, ask: &Ask) -> Result<Answer, StoreError> {
        Recall::default().search(&self.store, ask)
    }

    /// The ids that a text finds, in their order.
    pub(super) fn found(&self, text: &str) -> Vec<DocId> {
        ids(&self.search(&ask(text)))
    }

    /// Runs SQL beside the store, as damage would.
    pub(super) fn damage(&self, sql: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    /// The number that SQL gives.
    pub(super) fn count(&self, sql: &str) -> i64 {
        rusqlite::Connection::open(self.path()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// A question at [`NOW`] in UTC, with room for a hundred hits.
pub(super) fn ask(text: &str) -> Ask {
    Ask { text: text.to_owned(), limit: 100, zone: TimeZone::UTC, ..Ask::now(NOW) }
}

pub(super) fn ids(answer: &Answer) -> Vec<DocId> {
    answer.hits.iter().map(|hit| hit.id).collect()
}

fn tell(tx: &mem_store::Tx<'_>, number: usize, turn: &Turn) -> Result<Told, StoreError> {
    let cwd = format!("/w/{}", turn.project);
    let facts = Facts { top: cwd.clone(), ..Facts::default() };
    let project = tx.project_for(&facts, &cwd, Timestamp(turn.at))?;
    let spot = Spot { project, branch: turn.branch.clone(), worktree: turn.worktree.clone() };
    let event = |at: i64, body: Body| Event {
        agent: Agent::ClaudeCode,
        session: SessionId(turn.session.clone()),
        at: Timestamp(at),
        cwd: cwd.clone(),
        transcript: None,
        prompt_id: Some(format!("prompt-{number}")),
        subagent: None,
        key: NaturalKey::Fixed(format!("{}:{number}", body.kind())),
        body,
    };
    let stored = |put: Put| match put {
        Put::Stored { event, turn, session } => (event, turn, session),
        Put::Duplicate => panic!("stored before"),
    };
    let asked = event(turn.at, Body::Prompted { prompt: turn.prompt.clone() });
    let (first, row, session) = stored(tx.put_event(&asked, &spot, asked.at)?);
    let mut last = first;
    let mut answer = None;
    if !turn.answer.is_empty() {
        let said = event(turn.at + 1000, Body::Answered { said: turn.answer.clone() });
        last = stored(tx.put_event(&said, &spot, said.at)?).0;
        answer = Some(DocId::Answer(last));
    }
    let row = row.expect("a prompt opens a turn");
    let at = Timestamp(turn.at + 1000);
    let observations = tx.put_distilled(row, &Distiller::Local, &made(turn, last), at, at)?;
    Ok(Told { project, session, turn: row, answer, observations })
}

/// What the local distiller makes of a turn. The first observation is made from the last event, as are the commits.
fn made(turn: &Turn, event: EventId) -> Distilled {
    let mut observations: Vec<(String, Observation)> =
        turn.observations.iter().cloned().enumerate().map(|(at, made)| (format!("o{at}"), made)).collect();
    if let Some((_, first)) = observations.first_mut() {
        first.sources = vec![event];
    }
    let summary =
        (!turn.summary.is_empty()).then(|| Summary { request: turn.summary.clone(), ..Summary::default() });
    let commit = |subject: &String| Commit {
        event,
        subject: subject.clone(),
        why: String::new(),
        hash: String::new(),
        branch: String::new(),
    };
    Distilled { observations, summary, commits: turn.commits.iter().map(commit).collect() }
}
