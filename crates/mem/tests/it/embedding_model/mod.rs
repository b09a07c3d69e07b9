//! The embedding model as people install it: from a disk, and over networks that break, with the real files and the real
//! program.
#![expect(clippy::unwrap_used, reason = "a test may fail wherever something is not as it was laid out")]

mod broken;
mod fetched;
mod from_disk;
mod place;
