//! The observer's shell: carries out what `mem_logic::supervise` decides, with the store on one side and models on the
//! other.
//!
//! Turns are planned into batches (`plan`), a batch becomes one request with a ledger row before it (`send`), its
//! answer is recorded and then settled (`settle`), a run is one thread with one model (`runs`), and what keeps all of
//! them from being asked is a hold (`hold`). Must not judge replies, prices or life cycles: those are pure and stand in
//! `mem-logic`. Everything here happens under the inbox lock, in the daemon's one owner thread.
//! Listed from the ground up; a file uses those above it.

mod desk;
mod hold;
mod models;
mod proof;
mod runs;

mod plan;
mod send;
mod settle;

mod drive;

pub use desk::Desk;
pub use drive::{Observer, Stepped};
pub(crate) use hold::moment;
pub use hold::{TROUBLES, WELL, remedy};
pub use models::{Chosen, Maker, Models, load_mode, mode_folders};
pub use runs::News;
