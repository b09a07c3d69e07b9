//! `observer`: who distils, what it costs, and choosing another.
//!
//! `candidate` says what each choice would mean with the settings there are; `reach` where a model is and what opens it,
//! `bounds` which ceilings no turn fits under; `gather` makes the document, `text` words of it; `choose` changes the settings after saying what that costs and what leaves the machine. Nothing is asked of
//! any model here.

mod bounds;
mod candidate;
mod choose;
mod gather;
mod reach;
mod text;

#[cfg(test)]
mod tests;

use candidate::{Candidate, OBSERVER};

pub(crate) use bounds::too_low;
pub(crate) use choose::run;
pub(crate) use gather::turn;
pub(crate) use reach::{Around, Reached};
pub(crate) use text::FREE_HERE;
