//! What is asked of memory, and the shape of an answer.

use jiff::tz::TimeZone;
use mem_core::id::{ProjectId, SessionId};
use mem_core::recall::{DocId, Filter};
use mem_core::time::Timestamp;

/// A question to memory.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What to look for, as typed: words, `"phrases"`, `prefixes*`, words of time. Empty asks for all that meets the filter.
    pub text: String,
    /// Conditions that every hit meets.
    pub filter: Filter,
    /// The project of who asks; its own memories stand a little higher.
    pub here: Option<ProjectId>,
    /// Files at hand; memories of them stand a little higher.
    pub files: Vec<String>,
    /// Asks as if it were that moment: only sessions that had ended by then count, and what was new then stands higher.
    pub as_of: Option<Timestamp>,
    /// In which order.
    pub order: Order,
    /// Most hits.
    pub limit: usize,
    /// Hits that are passed over.
    pub offset: usize,
    /// Most hits of one session; 0 is no limit.
    pub per_session: usize,
    /// Whether each hit says why it stands where it does.
    pub explain: bool,
    /// This moment, and where the user lives: "last week" is a matter of both.
    pub now: Timestamp,
    /// The user's zone.
    pub zone: TimeZone,
}

impl Ask {
    /// A question about everything, at `now` and in the zone of this machine: to be narrowed by the caller.
    pub fn now(now: Timestamp) -> Self {
        Self {
            text: String::new(),
            filter: Filter::default(),
            here: None,
            files: Vec::new(),
            as_of: None,
            order: Order::Best,
            limit: 20,
            offset: 0,
            per_session: 0,
            explain: false,
            now,
            zone: TimeZone::system(),
        }
    }
}

/// In which order hits are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The best first; where there is no word to look for, the newest.
    #[default]
    Best,
    /// The newest first, of those that fit best.
    Newest,
    /// The oldest first, of those that fit best.
    Oldest,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The hits, in the order that was asked for.
    pub hits: Vec<Hit>,
    /// Documents that fit, as far as they were counted.
    pub total: usize,
    /// How many of them would stand among the hits, but for others of their session.
    pub held_back: usize,
    /// What was looked through.
    pub coverage: Coverage,
    /// How it was found.
    pub how: How,
}

/// What was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Passages in the index.
    pub passages: u64,
    /// Documents that are not indexed yet.
    pub waiting: u64,
    /// Whether the index is being built anew.
    pub rebuilding: bool,
    /// Passages that have a vector, where there is a model and not all have one.
    pub meaning: Option<u64>,
}

/// How it was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct How {
    /// The legs that took part.
    pub legs: Vec<&'static str>,
    /// The words that were looked for, as they were written.
    pub words: Vec<String>,
    /// Words that stand almost everywhere, or were too many.
    pub left_out: Vec<String>,
    /// Words that stand nowhere, with what was looked for in their place.
    pub corrected: Vec<(String, String)>,
    /// The language of a question that was read as English too, and what it was read as.
    pub gloss: Option<(&'static str, String)>,
    /// Words that stand nowhere.
    pub unknown: Vec<String>,
    /// Words that stand only where the conditions are not met.
    pub elsewhere: Vec<String>,
    /// Words with a star that are too short for one, star included; they were looked for as they are.
    pub too_short: Vec<String>,
    /// What elsewhere leaves a word out, `NOT` and `-word`; it was read as a word.
    pub operators: Vec<String>,
    /// The time that the words name: the words, its begin and its end.
    pub window: Option<(String, Timestamp, Timestamp)>,
    /// How many of what fits happened in that time, as far as it was counted.
    pub in_window: usize,
    /// Whether the work was bounded.
    pub bounded: bool,
    /// Whether nothing has a word of it and nothing is near in meaning: then the hits are what is nearest, however far.
    pub unsure: bool,
    /// Whether meaning was left out, since the embedding model reads no such letters.
    pub unread: bool,
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What was found.
    pub id: DocId,
    /// Other ids of the same happening, or that this one replaced.
    pub also: Vec<DocId>,
    /// Of an observation: its type.
    pub of_type: Option<String>,
    /// One line.
    pub title: String,
    /// Where the words stand, one line; empty when the title says it all.
    pub snippet: String,
    /// When it happened.
    pub at: Timestamp,
    /// Where it belongs.
    pub project: ProjectId,
    /// The agent's id of its session.
    pub session: SessionId,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// The first file it changed, else read.
    pub file: Option<String>,
    /// What reading it in full takes, in tokens, about.
    pub tokens: u32,
    /// How well it fits; larger is better, comparable within one search only.
    pub score: f64,
    /// Why it stands where it does; only when asked for.
    pub reasons: Vec<Reason>,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The leg or the prior.
    pub of: &'static str,
    /// Its place in that leg, from 1.
    pub rank: Option<usize>,
    /// What it adds to the score.
    pub adds: f64,
    /// The words that were found, or what the prior rests on.
    pub with: String,
}
