//! Looking after the file: how large it is, and what is let go of.

mod folding;
mod letting_go;
mod retention;
mod sizes;

/// Pages of the log from which on SQLite folds it within a commit: sixteen megabytes, to which the log is cut back.
pub(crate) const FOLDED_IN_COMMIT: i64 = 4000;

#[cfg(test)]
pub(crate) use retention::OLDEST;
pub use retention::Pruned;
pub use sizes::{Counts, Sizes};
