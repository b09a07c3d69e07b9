//! Meaning as a leg of the search: how near what a passage says is to what is asked, whatever words it is said in.
//!
//! `question` makes the question's vector, `vectors` keeps those of all passages, `nearest` compares, and `beside` has it done while
//! the words are looked up. Must not judge how much nearness counts: that is the ranking's.

mod beside;
mod nearest;
mod question;
mod vectors;

pub(super) use beside::Beside;
pub(super) use nearest::Near;
pub(super) use question::Meanings;
