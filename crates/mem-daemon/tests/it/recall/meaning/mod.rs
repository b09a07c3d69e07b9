//! Meaning as a leg: on real stores, with the real model.

mod broken;
mod finding;
mod following;
pub(super) mod library;
mod properties;
