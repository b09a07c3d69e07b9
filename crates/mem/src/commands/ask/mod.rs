//! Asking memory: `search` and `timeline`.
//!
//! `args` is what they take, `told` the words about an answer; the answer itself is `crate::recall`'s.

mod args;
mod told;

pub(crate) mod search;
#[cfg(test)]
mod tests;
pub(crate) mod timeline;

pub(crate) use args::{SEARCH, SearchArgs, TIMELINE, TimelineArgs};
