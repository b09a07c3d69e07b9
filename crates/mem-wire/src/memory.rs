//! `show --json`: memories and events as they stand in the store.

use mem_core::observation::{CommitRecord, ObservationRecord, SummaryRecord};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of this document.
pub const VERSION: u32 = 1;

/// What was asked for, in the order it was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// See [`VERSION`].
    pub version: u32,
    /// What was found.
    pub items: Vec<Item>,
    /// The ids that lead nowhere.
    pub missing: Vec<String>,
}

/// One thing that was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Item {
    /// An observation.
    Observation(Box<Observation>),
    /// A summary.
    Summary(Box<Summary>),
    /// A commit that was made.
    Commit(Box<Commit>),
    /// A raw event.
    Event(Box<Event>),
    /// One prompt and what followed.
    Turn(Box<Turn>),
    /// A session with its turns.
    Session(Box<Session>),
}

/// An observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What people type: `#12`.
    pub id: String,
    /// Its id outside this store.
    pub uuid: String,
    /// Name of its project.
    pub project: String,
    /// The agent's id of the session it came from.
    pub session: String,
    /// When it happened.
    pub at: i64,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Who wrote it: `local`, or a model.
    pub by: String,
    /// The request it was made with, where a model wrote it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ledger: Option<Request>,
    /// What replaced it.
    pub superseded_by: Option<String>,
    /// What it replaced: `#3`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub supersedes: Vec<String>,
    /// Whether the user wants it kept in sight.
    pub pinned: bool,
    /// Such as `bugfix`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line.
    pub title: String,
    /// A second line.
    pub subtitle: String,
    /// Single statements.
    pub facts: Vec<String>,
    /// A few sentences.
    pub narrative: String,
    /// Tags.
    pub concepts: Vec<String>,
    /// Files that were read for it.
    pub files_read: Vec<String>,
    /// Files that were changed.
    pub files_modified: Vec<String>,
    /// The events it was made from: `E5`.
    pub sources: Vec<String>,
}

impl Observation {
    /// The document of a record; the name of its project, its request and what it replaced are the caller's to look up.
    pub fn of(record: &ObservationRecord, project: &str) -> Self {
        let said = &record.observation;
        Self {
            id: record.id.to_string(),
            uuid: record.uuid.clone(),
            project: project.to_owned(),
            session: record.session.0.clone(),
            at: record.at.0,
            branch: record.branch.clone(),
            by: record.by.as_str().to_owned(),
            ledger: None,
            superseded_by: record.superseded_by.map(|id| id.to_string()),
            supersedes: Vec::new(),
            pinned: record.pinned,
            kind: said.kind.clone(),
            title: said.title.clone(),
            subtitle: said.subtitle.clone(),
            facts: said.facts.clone(),
            narrative: said.narrative.clone(),
            concepts: said.concepts.clone(),
            files_read: said.files_read.clone(),
            files_modified: said.files_modified.clone(),
            sources: said.sources.iter().map(|event| format!("E{}", event.0)).collect(),
        }
    }
}

/// A summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What people type: `S3`.
    pub id: String,
    /// Its id outside this store.
    pub uuid: String,
    /// Name of its project.
    pub project: String,
    /// The agent's id of the session it came from.
    pub session: String,
    /// When its turn ended.
    pub at: i64,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Who wrote it: `local`, or a model.
    pub by: String,
    /// The request it was made with, where a model wrote it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ledger: Option<Request>,
    /// What replaced it: `S4`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub superseded_by: Option<String>,
    /// What it replaced.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub supersedes: Vec<String>,
    /// What was asked.
    pub request: String,
    /// What was looked at.
    pub investigated: String,
    /// What was found out.
    pub learned: String,
    /// What was done.
    pub completed: String,
    /// What is open.
    pub next_steps: String,
    /// Anything else.
    pub notes: String,
}

impl Summary {
    /// The document of a record; the name of its project, its request, what it replaced and what replaced it are the
    /// caller's to look up.
    pub fn of(record: &SummaryRecord, project: &str) -> Self {
        let said = &record.summary;
        Self {
            id: record.id.to_string(),
            uuid: record.uuid.clone(),
            project: project.to_owned(),
            session: record.session.0.clone(),
            at: record.at.0,
            branch: record.branch.clone(),
            by: record.by.as_str().to_owned(),
            ledger: None,
            superseded_by: None,
            supersedes: Vec::new(),
            request: said.request.clone(),
            investigated: said.investigated.clone(),
            learned: said.learned.clone(),
            completed: said.completed.clone(),
            next_steps: said.next_steps.clone(),
            notes: said.notes.clone(),
        }
    }
}

/// A commit that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// What people type: `C6`.
    pub id: String,
    /// Its short hash; empty when no output showed it.
    pub hash: String,
    /// First line of its message.
    pub subject: String,
    /// First sentence of the rest of its message; empty when there is none.
    pub why: String,
    /// Name of its project.
    pub project: String,
    /// The agent's id of the session it was made in.
    pub session: String,
    /// The turn it was made in: `T4`.
    pub turn: String,
    /// The event that shows it: `E5`.
    pub event: String,
    /// When it was made.
    pub at: i64,
    /// The branch it was made on.
    pub branch: Option<String>,
}

impl Commit {
    /// The document of a record; the name of its project is the caller's to look up.
    pub fn of(record: &CommitRecord, project: &str) -> Self {
        let said = &record.commit;
        Self {
            id: record.id.to_string(),
            hash: said.hash.clone(),
            subject: said.subject.clone(),
            why: said.why.clone(),
            project: project.to_owned(),
            session: record.session.0.clone(),
            turn: format!("T{}", record.turn.0),
            event: format!("E{}", said.event.0),
            at: record.at.0,
            branch: (!said.branch.is_empty()).then(|| said.branch.clone()),
        }
    }
}

/// A request to a model, as the ledger holds it. Money is in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model: `claude/haiku`.
    pub model: String,
    /// When it was sent.
    pub at: i64,
    /// The run of the observer that sent it.
    pub run: String,
    /// The id of the model's own session, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model_session: Option<String>,
    /// Input tokens of every sort.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// What it cost.
    pub micro_usd: u64,
    /// Where that number comes from: `told` by the service, the user's `own` price, `free`, our `table`, or a `guess`.
    pub priced: String,
}

/// A raw event, after privacy tags and secrets were taken out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What people type: `E5`.
    pub id: String,
    /// Name of its project.
    pub project: String,
    /// The agent.
    pub agent: String,
    /// The agent's id of its session.
    pub session: String,
    /// When the hook received it.
    pub at: i64,
    /// When it was stored.
    pub stored_at: i64,
    /// The directory it happened in.
    pub cwd: String,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Name of the linked worktree.
    pub worktree: Option<String>,
    /// Such as `tool_used`.
    pub event: String,
    /// The agent's name of the tool, for uses of tools.
    pub tool: Option<String>,
    /// What it says: the texts of the event by name, in order.
    pub said: serde_json::Map<String, Value>,
}

/// One prompt and what followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// What people type: `T4`.
    pub id: String,
    /// Name of its project.
    pub project: String,
    /// The agent's id of its session.
    pub session: String,
    /// Its place in the session, from 1.
    pub ordinal: u32,
    /// What the user wrote.
    pub prompt: String,
    /// When the prompt was written.
    pub started_at: i64,
    /// Its newest event.
    pub last_at: i64,
    /// When it was answered, or ended otherwise.
    pub closed_at: Option<i64>,
    /// The branch that was checked out last.
    pub branch: Option<String>,
    /// Its raw events that are still kept: `E5`.
    pub events: Vec<String>,
    /// The commits that were made in it: `C6`.
    #[serde(default)]
    pub commits: Vec<String>,
}

/// A session with its turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The session, as lists show it.
    #[serde(flatten)]
    pub listing: crate::sessions::Session,
    /// Its turns, in order.
    pub turn_list: Vec<Turn>,
    /// The observations that came from it: `#12`.
    pub observation_list: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::id::{EventId, ObservationId, ProjectId, SessionId, TurnId};
    use mem_core::observation::{self, Distiller};
    use mem_core::time::Timestamp;

    #[test]
    fn an_observation_is_one_flat_object_that_says_what_it_is() {
        let record = ObservationRecord {
            id: ObservationId(12),
            uuid: "u".into(),
            project: ProjectId(1),
            session: SessionId("s".into()),
            turn: TurnId(3),
            at: Timestamp(5),
            branch: None,
            by: Distiller::Local,
            superseded_by: Some(ObservationId(13)),
            pinned: false,
            observation: observation::Observation {
                kind: "bugfix".into(),
                sources: vec![EventId(7)],
                ..observation::Observation::default()
            },
        };
        let shown = Item::Observation(Box::new(Observation::of(&record, "widgets")));
        let json = serde_json::to_value(&shown).unwrap();
        assert_eq!(json["kind"], "observation");
        assert_eq!(json["type"], "bugfix");
        assert_eq!(json["id"], "#12");
        assert_eq!(json["superseded_by"], "#13");
        assert_eq!(json["sources"], serde_json::json!(["E7"]));
        assert_eq!(serde_json::from_value::<Item>(json).unwrap(), shown);
    }
}
