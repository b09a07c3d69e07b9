//! What is sent to a model about a batch of events: one request, folded, bounded, and safe to show.
//!
//! Events become pieces (`piece`), pieces fold into blocks (`fold`, `aside`), blocks become text (`tell`) that is cut
//! (`cut`) and cannot break out of its tags (`neutral`); `system` words the instructions from a mode, `digest` what the
//! session did before, `compose` fits all of it into the bounds. Must not send anything, must not read a clock, and the
//! same input gives the same bytes: the instructions of a mode are cached by the services that are asked.

mod aside;
mod compose;
mod cut;
mod digest;
mod fold;
mod limits;
mod material;
mod neutral;
mod piece;
mod proof;
mod system;
mod tell;
#[cfg(test)]
mod tests;
mod trivial;

pub use compose::compose;
pub use material::{Asked, Bounds, Composed, Earlier, Material};
