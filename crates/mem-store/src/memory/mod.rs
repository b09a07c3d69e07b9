//! What is remembered: observations, summaries, and the text index over both and over prompts.
//!
//! Files may use those listed before them.

mod text;

mod observations;
mod summaries;

mod distilled;
mod moving;
mod observed;

mod met;
mod timeline;

pub use met::Condition;
pub(crate) use moving::move_all;
pub(crate) use text::index_prompt;
pub use text::{Hit, HitId};
pub use timeline::TimelineRow;
