//! The long-lived shell: what the daemon does, and what others do in its place while there is none.
//!
//! Owns everything that moves an event along on this machine: reading frames, finding the project, writing
//! the store, distilling, rendering briefs, presence. Judgement lives in `mem-logic`, tables in `mem-store`,
//! foreign formats in `mem-agents`. Must not read the environment: the binary hands every value in.
//! Listed from the ground up; a module uses those above it.

pub mod answer;
pub mod asker;
pub mod boot;
pub mod briefs;
pub mod clock;
pub mod damage;
pub mod distil;
pub mod embedding_model;
pub mod event;
pub mod health;
pub mod home;
mod idle;
pub mod inbox;
pub mod log;
pub mod meaning;
pub mod observer;
pub mod place;
pub mod presence;
pub mod questions;
pub mod recall;
pub mod settings;
pub mod shift;
