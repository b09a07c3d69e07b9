//! The words of recall: what a text is found by, and what a typed text asks for.
//!
//! Pure judgement over text: terms, passages, queries, words of time, snippets and typing errors. The same analysis
//! reads what is indexed and what is asked. Must not know the index or a clock.
//! `query` is the entry for what is typed and uses `phrase`, `prefix`, `quotes` and `time`; all of them stand on `terms`. `tokens`
//! is the form of a term in the index; `rank` weighs what was found.

mod gloss;
mod near;
pub mod passage;
mod phrase;
mod prefix;
mod query;
mod quotes;
pub mod rank;
mod snippet;
mod terms;
#[cfg(test)]
mod tests;
mod time;
pub mod tokens;

pub use gloss::{Gloss, Glossed, Language, gloss, is_english};
pub use near::{can_be_meant, nearest};
pub use passage::passages;
pub use phrase::Phrase;
pub use prefix::Prefix;
pub use query::{Asked, Query, query};
pub use snippet::{Snippet, Words, marked, snippet};
pub use terms::{Term, VERSION, View, folded, is_stop, is_unspaced, stem, terms, words};
pub use time::{Window, moment, window};
