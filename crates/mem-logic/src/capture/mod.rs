//! What is kept of an event: the skip rules, the secret files, the private tags, the redaction, the bounds.
//!
//! Everything here acts before the first write, so nothing it removes can be found on disk. Pure: an event
//! and the settings go in, a judgement and a cleaner event come out. Must not know who stores the result or
//! which agent sent it.
//! `judge` is the entry and uses all others; `secrets` calls `assignments`, `pairs`, `commands` and `headers` at its anchors,
//! which put what they find into `spans`.

mod alphabet;
mod assignments;
mod commands;
mod headers;
mod judge;
mod names;
mod pairs;
mod paths;
mod patterns;
mod privacy;
mod rules;
mod secrets;
mod spans;
#[cfg(test)]
mod tests;

pub use judge::{Capture, Judged, WITHHELD};
pub use paths::{is_secret_path, mentions_secret_path};
pub use privacy::{Stripped, strip};
pub use rules::{Rule, Verdict};
pub use secrets::{Counts, Redactor};
