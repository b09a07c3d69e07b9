//! The shapes of a question and an answer: numbers, names and texts, since the core vocabulary has no form in JSON.
//!
//! Must not mean anything: what rows and names stand for is looked up by whoever answers.

use mem_core::recall::DocId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::search::{Coverage, How, Reason};

/// What is asked of memory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Question {
    /// Which store is meant.
    pub store: String,
    /// What to look for, as typed.
    pub text: String,
    /// Conditions that every hit meets.
    pub conditions: Conditions,
    /// The project of who asks.
    pub here: Option<i64>,
    /// Files at hand.
    pub files: Vec<String>,
    /// The moment as of which is asked.
    pub as_of: Option<i64>,
    /// In which order.
    pub order: Order,
    /// Most hits.
    pub limit: usize,
    /// Hits that are passed over.
    pub offset: usize,
    /// Most hits of one session; 0 is no limit.
    pub per_session: usize,
    /// Whether hits say why they stand where they do.
    pub explain: bool,
    /// The moment of who asks.
    pub now: i64,
    /// The zone of who asks, by its name, its offset or its rule; none for the nameless one of this machine.
    pub zone: Option<String>,
}

/// In which order hits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The best first.
    #[default]
    Best,
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// Conditions, by rows and names; see [`mem_core::recall::Filter`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// Rows of projects.
    pub projects: Vec<i64>,
    /// Rows of sessions.
    pub sessions: Vec<i64>,
    /// Rows of sessions that are left out.
    pub not_sessions: Vec<i64>,
    /// Names of agents.
    pub agents: Vec<String>,
    /// Linked worktrees.
    pub worktrees: Vec<String>,
    /// Branches.
    pub branches: Vec<String>,
    /// Names of kinds.
    pub kinds: Vec<String>,
    /// Types of observations.
    pub types: Vec<String>,
    /// Concepts.
    pub concepts: Vec<String>,
    /// Files.
    pub files: Vec<String>,
    /// Folders.
    pub folders: Vec<String>,
    /// Not before this moment.
    pub from: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
}

/// What memory answers, before rows have become names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// How it was found.
    pub how: How,
    /// What was looked through.
    pub coverage: Coverage,
    /// Documents that fit, as far as they were counted.
    pub total: usize,
    /// How many of them would stand among the hits, but for others of their session.
    pub held_back: usize,
    /// The hits, in the order that was asked for.
    pub hits: Vec<Hit>,
}

/// One hit; see [`crate::search::Hit`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What was found.
    #[serde(serialize_with = "number", deserialize_with = "document")]
    pub id: DocId,
    /// Other ids of the same happening.
    #[serde(serialize_with = "numbers", deserialize_with = "documents")]
    pub also: Vec<DocId>,
    /// Of an observation: its type.
    pub of_type: Option<String>,
    /// One line.
    pub title: String,
    /// Where the words stand.
    pub snippet: String,
    /// When it happened.
    pub at: i64,
    /// The row of its project.
    pub project: i64,
    /// The agent's id of its session.
    pub session: String,
    /// The branch.
    pub branch: Option<String>,
    /// The first file it changed, else read.
    pub file: Option<String>,
    /// What reading it in full takes, in tokens, about.
    pub tokens: u32,
    /// How well it fits.
    pub score: f64,
    /// Why it stands where it does.
    pub reasons: Vec<Reason>,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The answer.
    Found(Box<Answer>),
    /// There is none, and why.
    Refused(String),
}

fn number<S: Serializer>(id: &DocId, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(id.number())
}

fn numbers<S: Serializer>(ids: &[DocId], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(ids.iter().map(|id| id.number()))
}

fn document<'a, D: Deserializer<'a>>(from: D) -> Result<DocId, D::Error> {
    of_number(i64::deserialize(from)?)
}

fn documents<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<DocId>, D::Error> {
    Vec::<i64>::deserialize(from)?.into_iter().map(of_number).collect()
}

fn of_number<E: serde::de::Error>(number: i64) -> Result<DocId, E> {
    DocId::of_number(number).ok_or_else(|| E::custom(format_args!("{number} is no document")))
}
