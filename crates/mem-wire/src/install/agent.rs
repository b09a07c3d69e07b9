//! `install --json` and `uninstall --json`: what was done to whose files.

use serde::{Deserialize, Serialize};

/// The version of these documents.
pub const VERSION: u32 = 1;

/// What an installation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// See [`VERSION`].
    pub version: u32,
    /// The agent.
    pub agent: String,
    /// Whether anything had to be changed.
    pub changed: bool,
    /// What was done, one line each.
    pub done: Vec<String>,
    /// Whether the hooks will run, as far as the agent's files tell.
    pub working: bool,
    /// Why they will not.
    pub obstacles: Vec<String>,
    /// Where the installed program is.
    pub program: String,
    /// What a person types to call it: `claude-mem` where the shell finds it by that, else a path, quoted if need be.
    pub call: String,
}

/// What an uninstallation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uninstalled {
    /// See [`VERSION`].
    pub version: u32,
    /// What was done, one line each.
    pub done: Vec<String>,
    /// What was kept of ours, by path.
    pub kept: Vec<String>,
}
