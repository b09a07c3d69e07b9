//! How we decide: pure judgement, no I/O, no clock, no environment.
//!
//! Owns what is kept and redacted (`capture`), what a turn amounts to (`distil`), what a session is told
//! (`brief`) and which setting wins (`layers`). Must not open a file, a socket or a clock: everything comes as
//! an argument, so that every rule can be tested as a table.

pub mod brief;
pub mod capture;
pub mod distil;
pub mod layers;
pub mod outcome;
pub mod proof;
pub mod reply;
pub mod spend;
