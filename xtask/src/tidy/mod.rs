//! The house rules, held by reading files: `cargo xtask tidy`, and a test of the same name.
//!
//! Each rule is a function from the files to violations, with no state and no order. A rule belongs here when
//! it can be stated in a sentence, and nowhere when the compiler or clippy already holds it.

mod check;
mod layers;
mod names;
mod shape;
mod source;
mod tree;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use check::run;
