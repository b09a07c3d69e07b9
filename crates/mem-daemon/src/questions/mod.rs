//! Questions over the answer socket: who the daemon is, that it shall leave, and searches of memory.
//!
//! `line` reads and writes within bounds of size and time, `listen` takes questions in and brings answers out, `search` is
//! the thread that searches, and `shape` turns questions and answers into what is sent. `ask` is the other side: whoever
//! wants something found asks the daemon first and searches in its own process where that is no answer.

pub mod ask;
pub(crate) mod line;
pub(crate) mod listen;
pub(crate) mod search;
mod shape;

pub use ask::{By, Searcher};
