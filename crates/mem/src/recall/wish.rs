//! What someone wishes to know, still in the words they used, and the question it comes to.

use jiff::tz::TimeZone;
use mem_core::recall::Filter;
use mem_daemon::inbox::drain;
use mem_daemon::recall::{Ask, Order};
use mem_store::Reader;

use crate::commands::desk::{Desk, Scope};
use crate::failure::Failure;

/// A wish: conditions as they were typed, each list of alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// What to look for.
    pub(crate) query: String,
    /// Names of projects; none for the one of this directory.
    pub(crate) projects: Vec<String>,
    /// Every project.
    pub(crate) all: bool,
    /// Kinds of documents or types of observations, in one list, as the original system has them.
    pub(crate) kinds: Vec<String>,
    /// Types of observations.
    pub(crate) types: Vec<String>,
    /// Concepts.
    pub(crate) concepts: Vec<String>,
    /// Files, or folders.
    pub(crate) files: Vec<String>,
    /// Whether `files` are folders, of which direct children count.
    pub(crate) folders: bool,
    /// Not before: a date, a moment, or `7d`.
    pub(crate) from: Option<String>,
    /// Until: a date that is included, a moment, or `7d`.
    pub(crate) to: Option<String>,
    /// Sessions, by the beginning of their ids.
    pub(crate) sessions: Vec<String>,
    /// Sessions that are left out, in the same way.
    pub(crate) not_sessions: Vec<String>,
    /// Agents.
    pub(crate) agents: Vec<String>,
    /// Branches.
    pub(crate) branches: Vec<String>,
    /// Linked worktrees.
    pub(crate) worktrees: Vec<String>,
    /// In which order.
    pub(crate) order: Order,
    /// Most hits.
    pub(crate) limit: usize,
    /// Hits that are passed over.
    pub(crate) offset: usize,
    /// Most hits of one session; 0 is no limit.
    pub(crate) per_session: usize,
    /// Whether hits say why they stand where they do.
    pub(crate) explain: bool,
}

/// The question that a wish comes to, with the names of the projects it is about (none for all).
pub(crate) struct Question {
    /// What memory is asked.
    pub(crate) ask: Ask,
    /// The scope, for words about it.
    pub(crate) scope: Scope,
}

impl Wish {
    /// Looks up what the words mean.
    ///
    /// # Errors
    /// [`Failure`] with a remedy when a word means nothing: an unknown project, an unreadable date, a reversed stretch of time.
    pub(crate) fn resolve(&self, desk: &Desk, store: &Reader) -> Result<Question, Failure> {
        let scope = desk.scope(store, self.all)?;
        let mut filter = Filter::default();
        let mut here = None;
        if let Scope::Project(id, _) = &scope {
            filter.projects.push(*id);
            here = Some(*id);
        }
        let ask = Ask {
            text: self.query.clone(),
            filter,
            here,
            files: Vec::new(),
            as_of: None,
            order: self.order,
            limit: self.limit,
            offset: self.offset,
            per_session: self.per_session,
            explain: self.explain,
            now: drain::now(),
            zone: TimeZone::system(),
        };
        Ok(Question { ask, scope })
    }
}
