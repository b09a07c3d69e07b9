//! Meaning as a leg: on real stores, with the real model.

mod finding;
mod following;
pub(super) mod library;
