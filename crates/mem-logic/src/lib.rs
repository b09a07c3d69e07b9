//! How we decide: pure judgement, no I/O, no clock, no environment.
//!
//! Owns what is kept and redacted (`capture`), what a turn amounts to (`distil`), what a model is asked about it (`ask`)
//! and in whose words (`mode`), what its reply says (`reply`) and what follows from it (`outcome`), what that costs
//! (`spend`), by which words memory is found (`recall`), which run of a model starts and ends (`supervise`), what a
//! session is told (`brief`) and which setting wins (`layers`). Must not open a file, a socket or a clock: everything
//! comes as an argument, so that every rule can be tested as a table.

pub mod ask;
pub mod brief;
pub mod capture;
pub mod distil;
pub mod layers;
pub mod mode;
pub mod outcome;
mod pattern;
pub mod proof;
pub mod recall;
pub mod reply;
pub mod spend;
pub mod supervise;
