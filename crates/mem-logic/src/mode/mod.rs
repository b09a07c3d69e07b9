//! Modes: which types and concepts memory knows, and in whose words a model is asked.
//!
//! A mode is a JSON file; ours are built in, users bring their own, and `parent--override` changes a few texts of a
//! parent. Must not look for files (the caller hands in what it found) and must not fail: whatever is wrong with a file
//! is a problem to tell, and the next best mode is taken.

mod bundled;
mod load;
mod read;
#[cfg(test)]
mod tests;
mod words;

pub use bundled::bundled;
pub use load::load;
pub use words::{Concept, Kind, Mode, ModeProblem};
