//! `search --json`: the hits of a search, how they were found, and what was looked through.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 2;

/// The hits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// See [`VERSION`].
    pub version: u32,
    /// What was asked.
    pub query: String,
    /// Names of the projects that were searched; empty for all.
    pub projects: Vec<String>,
    /// Who searched: `worker`, or `process` for the one that prints this; only where reasons were asked for, since nothing
    /// else depends on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answered_by: Option<String>,
    /// How it was found.
    pub how: How,
    /// What was looked through.
    pub coverage: Coverage,
    /// Documents that fit, as far as they were counted; at least as many as there are hits.
    pub total: usize,
    /// Documents that would stand among the hits, but for as many of their session as are shown of one; only where there are
    /// such.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held_back: Option<usize>,
    /// The conditions that nothing meets, whatever else is asked, each as a sentence, where there is no hit; and files at hand
    /// that no memory names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unmet: Vec<String>,
    /// The hits, in the order that was asked for.
    pub hits: Vec<Hit>,
}

/// How it was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct How {
    /// The legs that took part: `sessions`, `passages`, `identifiers`, `meaning`, `feedback`; `conditions` where there was no word to
    /// look for.
    pub legs: Vec<String>,
    /// The words that were looked for, as they were written.
    pub words: Vec<String>,
    /// Words that stand almost everywhere, or were too many, and were left out.
    pub left_out: Vec<String>,
    /// Words that stand nowhere, each with the one that was looked for in its place.
    pub corrected: Vec<(String, String)>,
    /// What a question in another language was read as in English, beside its own words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gloss: Option<Gloss>,
    /// Words that stand nowhere, and nothing like them either.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unknown: Vec<String>,
    /// Words that stand only where the conditions are not met.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub elsewhere: Vec<String>,
    /// Words with a star that are too short for one, star included; they were looked for as they are.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub too_short: Vec<String>,
    /// What elsewhere leaves a word out, `NOT` and `-word`; it was read as a word.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub operators: Vec<String>,
    /// The time that the words name; hits in it stand higher, and where there is no other word it is a condition.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// Whether the work was bounded, so that rarely something older may be missing.
    pub bounded: bool,
    /// Whether nothing has a word of it and nothing is near in meaning, so that the hits are what is nearest, however far.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unsure: bool,
    /// Whether meaning was left out, since the embedding model reads no such letters.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unread: bool,
}

/// A question in another language, word by word in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gloss {
    /// The language that it is in, by its English name.
    pub language: String,
    /// What it was read as; words that are known in no dictionary stand in it as they were typed.
    pub english: String,
}

/// A stretch of time that the words of a query name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The words: `last week`.
    pub said: String,
    /// Its begin.
    pub from: i64,
    /// Its end, which is not in it.
    pub until: i64,
    /// How many of what fits happened in it, as far as it was counted; 0 is none.
    pub found: usize,
}

/// What a search looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Passages in the index, of all projects.
    pub passages: u64,
    /// Documents that are not indexed yet, and events that nobody has read yet.
    pub waiting: u64,
    /// Whether the index is being built anew, so that what waits is being worked off.
    pub rebuilding: bool,
    /// How far meaning goes, where there is an embedding model and not every passage has its vector yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meaning: Option<Meaning>,
}

/// How far meaning goes: the rest is found by its words alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meaning {
    /// Passages that have their vector, of those in the index.
    pub passages: u64,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What `show` takes: `#12`, `S3`; for a prompt the turn, `T4`; for an answer its event, `E5`; for a commit `C6`.
    pub id: String,
    /// Other ids that lead to the same happening, or that this one replaced.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<String>,
    /// `observation`, `summary`, `prompt`, `answer` or `commit`.
    pub kind: String,
    /// Of an observation: `bugfix`, …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub of_type: Option<String>,
    /// One line.
    pub title: String,
    /// Where the words stand, one line; empty when the title says it all.
    pub snippet: String,
    /// When it happened.
    pub at: i64,
    /// Name of its project.
    pub project: String,
    /// Where its project lies, as much as tells it apart; only where another one bears the same name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// The agent's id of its session.
    pub session: String,
    /// The branch that was checked out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branch: Option<String>,
    /// The first file it changed, else read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// What reading it in full takes, in tokens, about.
    pub tokens: u32,
    /// How well it fits; comparable within one search only.
    pub score: f64,
    /// Why it stands where it does; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reasons: Vec<Reason>,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The leg or the prior.
    pub of: String,
    /// Its place in that leg, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rank: Option<usize>,
    /// What it adds to the score.
    pub adds: f64,
    /// The words that were found, or what the prior rests on.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub with: String,
}
