//! What a client and the daemon say to each other about a search: a question and an answer, a line each.
//!
//! `line` is how both are written and read, `shape` what stands in them. Must not be printed: what people's programs read is
//! [`crate::search`].

mod line;
mod shape;
#[cfg(test)]
mod tests;

pub use line::{LONGEST_ANSWER, LONGEST_QUESTION, SEARCH, VERSION};
pub use shape::{Answer, Conditions, Hit, Order, Question, Reply};
