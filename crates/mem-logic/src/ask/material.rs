//! What a request is composed from, within which bounds, and what comes out.

use mem_core::event::Event;
use mem_core::id::EventId;
use mem_core::model::Ask;
use mem_core::observation::Summary;

use crate::proof::Proof;

/// A batch of events, and what belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The user's prompt; empty when there was none.
    pub prompt: &'a str,
    /// Events of the turn that were not asked about yet, in order; at least one.
    pub events: &'a [(EventId, Event)],
    /// Top directory of the project, absolute; paths below it are told relative to it. May be empty.
    pub top: &'a str,
    /// Name of the project.
    pub project: &'a str,
    /// Whether the turn is over.
    pub closed: bool,
    /// Which part of the turn this is, from 1.
    pub part: u32,
    /// What the session did before.
    pub earlier: &'a Earlier,
}

/// What is known of the session before these events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Earlier {
    /// Summaries of its earlier turns, oldest first.
    pub summaries: Vec<Summary>,
    /// Titles of observations already made in it, oldest first.
    pub titles: Vec<String>,
}

/// How large a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most tokens of events, as [`Ask::tokens`] estimates them.
    pub tokens: u64,
    /// How often the request was too large: each time halves the tokens and what is kept of every field.
    pub smaller: u32,
}

/// A request, and what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The request.
    pub ask: Ask,
    /// The last event it covers.
    pub through: EventId,
    /// Whether nothing of the material is left after `through`.
    pub whole: bool,
    /// What the events that were sent or folded prove.
    pub proof: Proof,
}

/// What becomes of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composed {
    /// It is worth a request.
    Asked(Asked),
    /// A model could add nothing to what the local distiller says.
    Trivial {
        /// The last event of the material; 0 when there was none.
        through: EventId,
    },
}
