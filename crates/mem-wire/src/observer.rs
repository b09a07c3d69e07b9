//! `observer --json`: who distils, what that may cost and did cost, and what the others would.

use serde::{Deserialize, Serialize};

use crate::config::Origin;

/// The version of this document.
pub const VERSION: u32 = 1;

/// Who distils, and within which bounds. Money is in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observer {
    /// See [`VERSION`].
    pub version: u32,
    /// Who distils now.
    pub chosen: Choice,
    /// Where that choice comes from.
    pub from: Origin,
    /// Where its events go; absent where nothing leaves this machine, where Claude Code decides, and mostly while
    /// there is an obstacle.
    pub address: Option<String>,
    /// Where the key comes from, in words; never the key.
    pub key_from: Option<String>,
    /// Why it cannot be asked as things stand, with the remedy.
    pub obstacle: Option<String>,
    /// Whether the choice was written; null where none was made, false where it was only worked out.
    pub written: Option<bool>,
    /// Ordered turns that wait for a model.
    pub orders: u64,
    /// The mode: what a model looks for.
    pub mode: String,
    /// Spent since the day began here, and how much may be.
    pub day: Spending,
    /// Spent since the month began here, and how much may be.
    pub month: Spending,
    /// What a turn is taken for in all estimates.
    pub turn: Turn,
    /// Everything that can be chosen.
    pub choices: Vec<Choice>,
    /// What the original system's settings had chosen, which is no choice here.
    pub suggestion: Option<String>,
}

/// Somebody who distils.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The value of `CLAUDE_MEM_OBSERVER`.
    pub observer: String,
    /// The model that would be asked; absent where there is none or the user has to name one.
    pub model: Option<String>,
    /// Estimated price of a turn; absent without a model.
    pub turn_micro_usd: Option<u64>,
    /// Where that price comes from: `own`, `free`, `table` or `guess`.
    pub priced: Option<String>,
    /// Such turns in a day before a ceiling is reached; absent where there is no ceiling to reach.
    pub turns_a_day: Option<u64>,
}

/// What was spent in a stretch of time, and its ceilings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// Input tokens.
    pub tokens: u64,
    /// Most input tokens.
    pub most_tokens: u64,
    /// Money.
    pub micro_usd: u64,
    /// Most money.
    pub most_micro_usd: u64,
}

/// The size of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Tokens a model reads for it.
    pub input_tokens: u64,
    /// Tokens it writes.
    pub output_tokens: u64,
    /// How many requests of the last 30 days that is the average of; none for our estimate.
    pub requests: u64,
}
