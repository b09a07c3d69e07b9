//! The daemon's parts on a real data directory with a real store: draining, dying in between, answering, recall.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod answers;
mod draining;
mod dying;
mod meaning;
mod recall;
mod secrets;
mod world;
