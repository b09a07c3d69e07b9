//! `sessions --json`: the agent's sessions, newest first.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// Sessions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// See [`VERSION`].
    pub version: u32,
    /// The project they belong to; absent for all.
    pub project: Option<String>,
    /// The sessions.
    pub sessions: Vec<Session>,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The agent's id of it.
    pub id: String,
    /// The agent.
    pub agent: String,
    /// Name of the project it began in.
    pub project: String,
    /// The directory it began in.
    pub cwd: String,
    /// Path of the agent's transcript.
    pub transcript: Option<String>,
    /// Its first event.
    pub started_at: i64,
    /// Its newest event.
    pub last_at: i64,
    /// When it ended, if it did.
    pub ended_at: Option<i64>,
    /// The agent's word for why it ended.
    pub end_reason: Option<String>,
    /// How many turns it has.
    pub turns: u64,
    /// How many of its events are still kept.
    pub events: u64,
    /// How many observations came from it.
    pub observations: u64,
    /// What the user asked first.
    pub first_prompt: Option<String>,
}
