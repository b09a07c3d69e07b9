//! The observations of a turn, worded so that one is glad to find them a month later.
//!
//! Usually none to three: `work` (what was changed), `decision` (the user's own), `cure:n` (an error of the
//! machine and what put it right), `answer` (found out without a change). Reads and listings alone make none.

mod aside;
mod phrases;
mod slots;
mod title;
mod work;

pub(super) use phrases::{failures, given_up, lasting_files, packages, size, strand_words};
pub(super) use slots::observations;
pub(super) use title::set_back_words;
