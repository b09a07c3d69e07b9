//! `worker … --json`: the daemon, and what was done about it.

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
    /// What the command did, one line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done: Option<String>,
}
