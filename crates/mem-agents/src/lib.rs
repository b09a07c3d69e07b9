//! Whom we listen to: one folder per coding agent.
//!
//! A folder turns the agent's own JSON into core events, says what the agent's contract lets a hook print, and
//! knows how to register with that agent and how to take every trace of it back. Must not judge events (that is
//! `mem-logic`), open the store or read the environment: paths and bytes are handed in. Files are touched only
//! in `claude_code::install` and `edit`; `claude_code::transcripts` looks at folders, never into files.

pub mod claude_code;
pub mod spec;

mod edit;
