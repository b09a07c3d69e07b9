//! Asking memory for someone: the command line and the MCP server wish for the same things in their own words.
//!
//! `wish` is what can be wished for, still as text; `search` answers it as a document. Must not print.

pub(crate) mod search;
pub(crate) mod wish;
