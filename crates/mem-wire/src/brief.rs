//! `brief --json`: what a session here would be told.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// What a session that starts in this directory would be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// See [`VERSION`].
    pub version: u32,
    /// The directory it is for.
    pub cwd: String,
    /// Whether `CLAUDE_MEM_EXCLUDED_PROJECTS` names the directory, so that nothing is kept of it or told there.
    pub excluded: bool,
    /// The text, empty when there is nothing to say.
    pub text: String,
    /// Its length as the agent counts it, in UTF-16 units.
    pub utf16_units: usize,
}
