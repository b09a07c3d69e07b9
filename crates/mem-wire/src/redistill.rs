//! `redistill --json`: which turns are made anew, and what that will cost.

use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// An order to make memories anew. Money is in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redistilled {
    /// See [`VERSION`].
    pub version: u32,
    /// The model that will be asked, such as `claude/haiku`; `local` for our own rules.
    pub model: String,
    /// Where the model is, where that has an address.
    pub address: Option<String>,
    /// What it will be about.
    pub estimate: Estimate,
    /// How many turns were ordered; 0 when there was nothing to do, null while nobody said yes (`--yes`).
    pub ordered: Option<u64>,
    /// How many turns that were ordered before are not asked about any more.
    pub cancelled: u64,
    /// Whether a worker runs that does it.
    pub worker: bool,
}

/// What an order is about, and what it costs: going by the average request of late, else an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Estimate {
    /// Turns.
    pub turns: u64,
    /// Their events.
    pub events: u64,
    /// Requests that will be made, about.
    pub requests: u64,
    /// Input tokens, about.
    pub input: u64,
    /// Output tokens, about.
    pub output: u64,
    /// Price of them.
    pub micro_usd: u64,
    /// How many requests of the last 30 days the sizes are the average of; 0 for an upper bound.
    pub averaged: u64,
    /// Whether the price of the model is not known and was put high on purpose.
    pub guessed: bool,
}
