//! What we remember: observations (one distilled thing) and summaries (what a turn amounted to).
//!
//! One form for all distillers, local or model: whoever wrote it, it is read, shown, searched and superseded
//! the same way.

use crate::id::{CommitId, EventId, ObservationId, ProjectId, SessionId, SummaryId, TurnId};
use crate::time::Timestamp;

/// One distilled thing worth remembering.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// The type, one of the mode's (`bugfix`, `feature`, `refactor`, `change`, `discovery`, `decision`, …).
    pub kind: String,
    /// What one would look for a month later, one line.
    pub title: String,
    /// A second line: where, or how it ended.
    pub subtitle: String,
    /// Single statements, each with its evidence in the events.
    pub facts: Vec<String>,
    /// The story in a few sentences.
    pub narrative: String,
    /// Concept tags, such as `problem-solution`.
    pub concepts: Vec<String>,
    /// Files that were read for it, relative to the project where possible.
    pub files_read: Vec<String>,
    /// Files that were changed, from tool evidence only.
    pub files_modified: Vec<String>,
    /// The events it was made from.
    pub sources: Vec<EventId>,
}

/// What a turn or session amounted to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
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
    /// Anything else, such as how the turn ended.
    pub notes: String,
}

/// What a distiller makes of one turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Distilled {
    /// Observations, each under a slot: its stable name within the turn (`work`, `cure:1`), so that
    /// distilling the turn again updates the same rows.
    pub observations: Vec<(String, Observation)>,
    /// The turn's summary; absent when nothing happened.
    pub summary: Option<Summary>,
    /// The commits that were made, in order. Only our own rules tell of them, since they rest on evidence alone.
    pub commits: Vec<Commit>,
}

/// A commit that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The event that shows it.
    pub event: EventId,
    /// First line of its message.
    pub subject: String,
    /// First sentence of the rest of its message; empty when there is none.
    pub why: String,
    /// Short hash; empty when no output showed it.
    pub hash: String,
    /// Branch; empty when no output showed it.
    pub branch: String,
}

/// A commit as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRecord {
    /// Its row, which people type as `C6`.
    pub id: CommitId,
    /// Where it belongs.
    pub project: ProjectId,
    /// The agent's id of the session it was made in.
    pub session: SessionId,
    /// The turn it was made in.
    pub turn: TurnId,
    /// When it was made.
    pub at: Timestamp,
    /// What it says.
    pub commit: Commit,
}

/// Who wrote a memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distiller {
    /// Our own rules, no model.
    Local,
    /// A model, by its name.
    Model(String),
}

impl Distiller {
    /// The name in the store and in output.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Model(name) => name,
        }
    }

    /// The distiller of that name.
    pub fn parse(name: &str) -> Self {
        if name == "local" { Self::Local } else { Self::Model(name.to_owned()) }
    }
}

/// An observation as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationRecord {
    /// Its row, which people type as `#12`.
    pub id: ObservationId,
    /// Its id outside this store (UUIDv7).
    pub uuid: String,
    /// Where it belongs.
    pub project: ProjectId,
    /// The agent's id of the session it came from.
    pub session: SessionId,
    /// The turn it came from.
    pub turn: TurnId,
    /// When it happened (the last of its events), not when it was written down.
    pub at: Timestamp,
    /// The branch that was checked out then.
    pub branch: Option<String>,
    /// Who wrote it.
    pub by: Distiller,
    /// What replaced it.
    pub superseded_by: Option<ObservationId>,
    /// Whether the user wants it kept in sight.
    pub pinned: bool,
    /// What it says.
    pub observation: Observation,
}

/// A summary as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRecord {
    /// Its row, which people type as `S3`.
    pub id: SummaryId,
    /// Its id outside this store (UUIDv7).
    pub uuid: String,
    /// Where it belongs.
    pub project: ProjectId,
    /// The agent's id of the session it came from.
    pub session: SessionId,
    /// The turn it came from.
    pub turn: TurnId,
    /// When the turn ended.
    pub at: Timestamp,
    /// The branch that was checked out then.
    pub branch: Option<String>,
    /// Who wrote it.
    pub by: Distiller,
    /// What it says.
    pub summary: Summary,
}
