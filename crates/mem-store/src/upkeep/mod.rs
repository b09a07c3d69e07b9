//! Looking after the file: how large it is, and what is let go of.

mod retention;
mod sizes;

pub use retention::Pruned;
pub use sizes::{Counts, Sizes};
