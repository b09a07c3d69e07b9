//! Vectors of what is remembered: a model in a folder, a thread that embeds, and the rows that come of it.
//!
//! The thread computes and reports; what is next, and what is written, is the business of whoever owns the store. Without a
//! model in the folder nothing here does anything. Why so: docs/design/013-embedding.md.
//!
//! Files may use those listed before them.

mod look;
mod trouble;

mod embedder;

mod standing;
mod work;

pub use embedder::News;
pub(crate) use look::Look;
pub use standing::{Standing, standing};
pub use trouble::remedy;
pub use work::{Meaning, Stepped};
