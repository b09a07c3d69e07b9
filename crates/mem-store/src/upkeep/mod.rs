//! Looking after the file: how large it is, and what is let go of.

mod letting_go;
mod retention;
mod sizes;

#[cfg(test)]
pub(crate) use retention::OLDEST;
pub use retention::Pruned;
pub use sizes::{Counts, Sizes};
