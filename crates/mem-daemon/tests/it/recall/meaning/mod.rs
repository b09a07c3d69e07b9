//! Meaning as a leg: on real stores, with the real model.

mod finding;
pub(super) mod library;
