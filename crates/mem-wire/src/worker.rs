//! `worker … --json`: the daemon, the runs of the observer, and what was done about it.

use serde::{Deserialize, Serialize};

use crate::status::DaemonState;

/// The version of this document.
pub const VERSION: u32 = 1;

/// The daemon as it stands after the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// See [`VERSION`].
    pub version: u32,
    /// How it stands with it.
    pub state: DaemonState,
    /// Its process.
    pub pid: Option<i32>,
    /// The version of its program.
    pub program: Option<String>,
    /// When it began.
    pub since: Option<i64>,
    /// The runs of the observer, oldest first: each is one life of a model, working for one session.
    #[serde(default)]
    pub runs: Vec<Run>,
    /// Most of them at the same time; 0 while no model is chosen.
    #[serde(default)]
    pub slots: usize,
    /// What the command did, one line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done: Option<String>,
}

/// A run of the observer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name in the ledger.
    pub run: String,
    /// The agent's id of the session it works for; empty for one that is only tried out.
    pub session: String,
    /// The model: `claude/haiku`.
    pub model: String,
    /// What it is doing.
    pub state: RunState,
    /// Its living processes: the keeper, then the program that is kept. Empty for a model that is no program of ours.
    pub pids: Vec<i32>,
    /// Since when it lives, or is asked, where it is no program.
    pub since: i64,
    /// Requests it was sent.
    pub requests: u64,
    /// Input tokens they took, of every sort; an estimate for those without an answer.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// A request is on its way.
    Busy,
    /// It waits for one.
    Idle,
    /// Its processes are gone; the next worker takes it off the list.
    Gone,
}
