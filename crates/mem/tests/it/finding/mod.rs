//! What is found, through the whole program: at once, from a damaged index, in a crowd, and where little can be done.
#![expect(clippy::unwrap_used, reason = "a test may fail wherever something is not as it was laid out")]

mod asked;
mod crowd;
mod damaged;
mod fresh;
mod places;
mod rude;
pub(crate) mod story;
