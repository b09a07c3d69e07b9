//! What is remembered: observations, summaries and commits.
//!
//! Files may use those listed before them.

mod commits;
mod observations;
mod summaries;

mod distilled;
mod moving;
mod observed;

mod met;
mod timeline;

pub use met::Condition;
pub(crate) use moving::move_all;
pub use timeline::TimelineRow;
