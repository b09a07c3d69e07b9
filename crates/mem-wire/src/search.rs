//! `search --json`: answers of a search, and what it looked through.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// The answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// See [`VERSION`].
    pub version: u32,
    /// What was asked.
    pub query: String,
    /// The project that was searched; absent for all.
    pub project: Option<String>,
    /// What was looked through: the index, which spans all projects.
    pub searched: Searched,
    /// The answers, best first.
    pub hits: Vec<Hit>,
}

/// What a search looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Searched {
    /// Passages in all: the sum of the rest.
    pub passages: u64,
    /// Observations.
    pub observations: u64,
    /// Summaries.
    pub summaries: u64,
    /// Prompts.
    pub prompts: u64,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What `show` takes: `#12`, `S3`; for a prompt the turn, `T4`.
    pub id: String,
    /// `observation`, `summary` or `prompt`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// Where the words stand; empty when the title says it all.
    pub snippet: String,
    /// When it happened.
    pub at: i64,
    /// Name of its project.
    pub project: String,
    /// How well it fits; comparable within one search only.
    pub score: f64,
}
