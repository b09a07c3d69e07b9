//! `cost --json`: what asking models has cost, by day, project and model, and how that stands against the ceilings.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// What was spent. Money is in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// See [`VERSION`].
    pub version: u32,
    /// The project it is about; absent for all.
    pub project: Option<String>,
    /// Since when `rows` tell: the beginning of a day in the user's zone.
    pub since_at: i64,
    /// What was spent, the newest day first.
    pub rows: Vec<Spent>,
    /// The sum of `rows`.
    pub total: Sums,
    /// What counts against the ceilings of today, whatever the project.
    pub today: Ceiling,
    /// What counts against the ceilings of this month, whatever the project.
    pub month: Ceiling,
    /// Requests that are out at this moment, whatever the project.
    pub open: u64,
}

/// What was spent on one day for one project on one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// The day in the user's zone: `2026-11-21`.
    pub day: String,
    /// The name of the project; absent for what belongs to none, such as the question of `doctor`.
    pub project: Option<String>,
    /// The model: `claude/haiku`.
    pub model: String,
    /// The numbers.
    #[serde(flatten)]
    pub sums: Sums,
}

/// Requests, tokens and money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Requests that were made.
    pub requests: u64,
    /// Requests among them that brought no memory.
    pub failed: u64,
    /// Requests among those that may have been paid for, without the questions of `doctor`.
    pub in_vain: u64,
    /// Input tokens that were neither read from a cache nor written to one.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Input tokens read from a cache.
    pub cache_read: u64,
    /// Input tokens written to a cache.
    pub cache_write: u64,
    /// Input tokens that are only estimated: of requests without an answer, still open or perhaps paid for.
    pub unsettled_input: u64,
    /// What it cost.
    pub micro_usd: u64,
    /// The part of `micro_usd` that rests on an estimate and not on what the service said or a price that is known.
    pub guessed_micro_usd: u64,
}

/// What is spent of a ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ceiling {
    /// Since when it counts: the beginning of the day or month in the user's zone.
    pub since_at: i64,
    /// Input tokens that count, of every sort.
    pub tokens: u64,
    /// Most input tokens.
    pub most_tokens: u64,
    /// Money that counts.
    pub micro_usd: u64,
    /// Most money.
    pub most_micro_usd: u64,
}
