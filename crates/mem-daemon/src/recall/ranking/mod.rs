//! From postings to ranked documents.
//!
//! The words say what they can first (`postings`, `texts`); then meaning joins (`meaning`), which takes as long to be made; then
//! what speaks for a session beside what it says (`priors`); then its documents stand by it (`documents`). How much anything
//! counts is the business of `mem-logic::recall::rank`; must not decide it here.

mod candidate;
mod documents;
mod meaning;
mod postings;
mod priors;
mod stages;
mod texts;

pub(super) use stages::{Ranking, rank};
