//! Asking memory: what can be found, and the conditions a question may set.
//!
//! A document is one thing that is searched as a whole and shown as one hit; it is indexed in passages. Must not know how
//! anything is found or ranked: that is `mem-logic::recall` (judgement), `mem-store` (the index) and `mem-daemon` (the search).

use std::fmt;

use crate::event::Agent;
use crate::id::{CommitId, EventId, ObservationId, ProjectId, SessionRow, SummaryId, TurnId};
use crate::time::Timestamp;

/// A document: what a hit leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocId {
    /// An observation, `#12`.
    Observation(ObservationId),
    /// A summary, `S3`.
    Summary(SummaryId),
    /// The prompt of a turn, `T4`.
    Prompt(TurnId),
    /// What the agent said at an end: an event, `E5`.
    Answer(EventId),
    /// A commit that was made, `C6`.
    Commit(CommitId),
}

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocKind {
    /// See [`DocId::Observation`].
    Observation,
    /// See [`DocId::Summary`].
    Summary,
    /// See [`DocId::Prompt`].
    Prompt,
    /// See [`DocId::Answer`].
    Answer,
    /// See [`DocId::Commit`].
    Commit,
}

impl DocKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Observation, Self::Summary, Self::Prompt, Self::Answer, Self::Commit];

    /// The name in output and in filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::Summary => "summary",
            Self::Prompt => "prompt",
            Self::Answer => "answer",
            Self::Commit => "commit",
        }
    }

    /// The kind of that name, in the singular or the plural; `session` is the original system's word for a summary.
    pub fn parse(name: &str) -> Option<Self> {
        match name.strip_suffix('s').unwrap_or(name) {
            "observation" => Some(Self::Observation),
            "summary" | "summarie" | "session" => Some(Self::Summary),
            "prompt" => Some(Self::Prompt),
            "answer" => Some(Self::Answer),
            "commit" => Some(Self::Commit),
            _ => None,
        }
    }
}

impl DocId {
    /// Its kind.
    pub fn kind(self) -> DocKind {
        match self {
            Self::Observation(_) => DocKind::Observation,
            Self::Summary(_) => DocKind::Summary,
            Self::Prompt(_) => DocKind::Prompt,
            Self::Answer(_) => DocKind::Answer,
            Self::Commit(_) => DocKind::Commit,
        }
    }

    /// Its row in the table of its kind.
    pub fn row(self) -> i64 {
        match self {
            Self::Observation(id) => id.0,
            Self::Summary(id) => id.0,
            Self::Prompt(id) => id.0,
            Self::Answer(id) => id.0,
            Self::Commit(id) => id.0,
        }
    }

    /// The document of a kind and row.
    pub fn of(kind: DocKind, row: i64) -> Self {
        match kind {
            DocKind::Observation => Self::Observation(ObservationId(row)),
            DocKind::Summary => Self::Summary(SummaryId(row)),
            DocKind::Prompt => Self::Prompt(TurnId(row)),
            DocKind::Answer => Self::Answer(EventId(row)),
            DocKind::Commit => Self::Commit(CommitId(row)),
        }
    }

    /// One number for it: eight times the row, and the kind.
    pub fn number(self) -> i64 {
        self.row() * 8 + self.kind() as i64
    }

    /// The document of that number.
    pub fn of_number(number: i64) -> Option<Self> {
        let kind = DocKind::ALL.get(usize::try_from(number.rem_euclid(8)).ok()?)?;
        Some(Self::of(*kind, number.div_euclid(8)))
    }
}

impl fmt::Display for DocId {
    /// As people type it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Observation(id) => id.fmt(f),
            Self::Summary(id) => id.fmt(f),
            Self::Prompt(id) => write!(f, "T{}", id.0),
            Self::Answer(id) => write!(f, "E{}", id.0),
            Self::Commit(id) => id.fmt(f),
        }
    }
}

/// Conditions that every hit meets. Several values of one condition are alternatives, several conditions hold together;
/// an empty list is no condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Projects.
    pub projects: Vec<ProjectId>,
    /// Sessions.
    pub sessions: Vec<SessionRow>,
    /// Sessions that are left out: the one that asks, say.
    pub not_sessions: Vec<SessionRow>,
    /// Agents.
    pub agents: Vec<Agent>,
    /// Names of linked worktrees.
    pub worktrees: Vec<String>,
    /// Branches.
    pub branches: Vec<String>,
    /// Kinds of documents.
    pub kinds: Vec<DocKind>,
    /// Types of observations (`bugfix`, …); leaves other kinds out.
    pub types: Vec<String>,
    /// Concept tags of observations; leaves other kinds out.
    pub concepts: Vec<String>,
    /// Files: a whole path or the end of one, at a `/`. Of observations by what they read or changed; a document of
    /// another kind meets it when an observation or a commit of its turn does.
    pub files: Vec<String>,
    /// Folders: a path whose direct children count, in the same way.
    pub folders: Vec<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_and_names_too() {
        for (at, kind) in DocKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
            assert_eq!(DocKind::parse(kind.as_str()), Some(kind));
            for row in [1, 7, i64::from(u32::MAX)] {
                let id = DocId::of(kind, row);
                assert_eq!((DocId::of_number(id.number()), id.row(), id.kind()), (Some(id), row, kind));
            }
        }
        assert_eq!(DocId::of_number(13), None);
        assert_eq!(DocKind::parse("summaries"), Some(DocKind::Summary));
        assert_eq!(DocKind::parse("sessions"), Some(DocKind::Summary));
        assert_eq!(DocKind::parse("bugfix"), None);
    }
}
