//! `doctor --json`: what was tried out, and how it went.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// The checks, in the order they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkup {
    /// See [`VERSION`].
    pub version: u32,
    /// Whether none of them failed.
    pub well: bool,
    /// The checks.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at: `data directory`, `store`, `search index`, `hooks`, `worker`, `round trip`, `model`,
    /// `embedding`.
    pub name: String,
    /// How it went.
    pub outcome: Outcome,
    /// What was found, one line.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<String>,
    /// The request that was made for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<Asked>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// There was nothing to look at, which is fine.
    Skipped,
    /// Not as it should be.
    Failed,
}

/// A request that was made to a model. Money is in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The model: `claude/haiku`.
    pub model: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Input tokens of every sort.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// What it cost.
    pub micro_usd: u64,
    /// Whether that is an estimate.
    pub guessed: bool,
}
