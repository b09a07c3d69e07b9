//! Supervision: which run of the observer is started, asked and ended, and what becomes of each batch meanwhile.
//!
//! One machine (`machine`) is told what happened and when, and says what is to be done; `queue` holds who waits, `runs`
//! which processes live, `guard` and `breaker` when it is enough. Must not start a process, read a clock or know a
//! model: time is an argument, so that hours of trouble are a table in a test. The numbers are the and stand in
//! `words`.

mod breaker;
mod guard;
mod machine;
mod queue;
mod runs;
#[cfg(test)]
mod tests;
mod words;

pub use machine::Supervisor;
pub use words::{Departure, Effect, EndReason, GiveBack, HARD_CAP, Happening, Limits, Notice, RunView};
