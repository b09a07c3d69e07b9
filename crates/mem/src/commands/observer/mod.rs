//! `observer`: who distils, what it costs, and choosing another.
//!
//! `candidate` says what each choice would mean with the settings there are; `gather` makes the document, `text` words
//! of it; `choose` changes the settings after saying what that costs and what leaves the machine. Nothing is asked of
//! any model here.

mod candidate;
mod choose;
mod gather;
mod text;

#[cfg(test)]
mod tests;

use candidate::{Candidate, OBSERVER};

pub(crate) use choose::run;
