//! `bench recall`: how well memory finds what was said, on sets of sessions and questions with known answers.
//!
//! `set` reads a folder of such a set, `hooks` turns its sessions into what an agent's hooks would have sent, `load` has
//! the real daemon take that in, `ask` asks the real program, `metrics` judges the answers and `report` shows it. Sets
//! are people's work under licences of their own: none is part of the project, and nothing of one is written into it.

mod ask;
mod hooks;
mod load;
mod metrics;
mod report;
mod run;
mod set;

pub(crate) use run::run;
