//! Claude Code: its hook payloads, the replies it takes, its plugin, its transcripts.
//!
//! What is written here was measured with versions 2.1.197 and 2.1.329; recorded payloads of both are the
//! fixtures. Must not leak a name of Claude Code's into the core vocabulary.

pub mod install;
pub mod payload;
pub mod project_settings;
pub mod reply;
pub mod transcripts;

mod fields;
mod keys;
mod patch;
mod tools;
mod words;

#[cfg(test)]
mod payload_tests;
