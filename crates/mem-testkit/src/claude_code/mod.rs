//! Drives the real Claude Code against the scripted model: one-shot prompts, long sessions, faults, plugins.
//!
//! Owns how the client is called and what it prints. It must not know our product; how to make the client quiet
//! and offline is measured, not guessed (its environment is in `launch.rs`).

mod launch;
mod recorder;
mod session;

pub use launch::{Answer, ClaudeCode};
pub use recorder::Recorder;
pub use session::Session;
