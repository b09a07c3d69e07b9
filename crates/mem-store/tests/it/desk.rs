//! A store in a folder of its own, and events to put into it.

use std::path::PathBuf;

use mem_core::event::{Action, Agent, Body, Event, NaturalKey, Outcome, StartSource, ToolUse};
use mem_core::id::{EventId, ProjectId, SessionId, TurnId};
use mem_core::observation::Observation;
use mem_core::project::Facts;
use mem_core::time::Timestamp;
use mem_store::{Put, Spot, Store};
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
