//! What a model replied: the grammar of observations and summaries, read without ever failing.
//!
//! `read` takes any text and gives what it holds and what was odd about it; `weigh` holds that against what the events
//! prove. Must not trust a word of it: a reply is data, and what it claims about files counts only as far as an event
//! shows it.
//! `read` is the entry: `tags` finds the tags of the grammar, `blocks` makes blocks of them, `fields` turns a block into
//! an observation or a summary, `text` decodes and bounds what a field says.

mod blocks;
mod defect;
mod fields;
mod read;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod weigh;

pub use defect::Defect;
pub use read::{Grammar, Reply, read};
pub use weigh::weigh;
