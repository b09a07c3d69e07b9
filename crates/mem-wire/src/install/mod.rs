//! What was put on this machine and taken off again: our entries in an agent's files, and the embedding model.

mod agent;
pub mod model;

pub use agent::{Installed, Uninstalled, VERSION};
