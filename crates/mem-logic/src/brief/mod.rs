//! The brief: what a starting session is told, in few tokens, and the long form of one memory.
//!
//! A pure function of the records it is given: no clock, no statistics, the same bytes for the same sources.
//! States what happened, in the past tense, and gives no orders. Must not exceed its budget: a line that does
//! not fit is left out, never cut in the middle.

mod budget;
mod item;
mod open;
mod render;
mod rows;
#[cfg(test)]
mod tests;

pub use budget::estimate_tokens;
pub use item::{render_item, render_summary};
pub use render::{Brief, Limits, Sources, render};
pub use rows::sign;
