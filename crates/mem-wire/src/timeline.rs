//! `timeline --json`: what happened before and after one thing.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// What happened around the anchor, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// See [`VERSION`].
    pub version: u32,
    /// What was asked: an id, a moment, or the words of a search.
    pub asked: String,
    /// Whether the anchor was searched for.
    pub searched: bool,
    /// What the anchor is: an id, or none where a moment was asked for.
    pub anchor: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The moment around which it lies.
    pub at: i64,
    /// Names of the projects that it shows; empty for all.
    pub projects: Vec<String>,
    /// Items before the anchor.
    pub before: usize,
    /// Items after the anchor.
    pub after: usize,
    /// The items, oldest first, the anchor among them.
    pub items: Vec<Item>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What `show` takes.
    pub id: String,
    /// `observation`, `summary`, `prompt`, `answer` or `commit`.
    pub kind: String,
    /// Of an observation: `bugfix`, …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub of_type: Option<String>,
    /// One line.
    pub title: String,
    /// When it happened.
    pub at: i64,
    /// Name of its project.
    pub project: String,
    /// Where its project lies, as much as tells it apart; only where another one bears the same name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// The agent's id of its session.
    pub session: String,
    /// The first file it changed, else read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// Of a prompt: its place in the session, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ordinal: Option<u32>,
    /// What reading it in full takes, in tokens, about.
    pub tokens: u32,
    /// Whether it is the anchor.
    pub anchor: bool,
}
