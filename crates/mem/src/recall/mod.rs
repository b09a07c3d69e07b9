//! Asking memory for someone: the command line and the MCP server wish for the same things in their own words.
//!
//! `wish` is what can be wished for, still as text; `among` (projects), `sorts` (kinds and types) and `when` (dates) say
//! what the words mean, and refuse those that mean nothing. `search` and `timeline` answer as documents, `observations`
//! hands out what ids lead to, `unmet` says why there is nothing, and `apart` which of two projects
//! of one name is meant. Must not print.

pub(crate) mod among;
mod apart;
pub(crate) mod observations;
pub(crate) mod search;
mod sorts;
#[cfg(test)]
mod tests;
pub(crate) mod timeline;
mod unmet;
pub(crate) mod when;
pub(crate) mod wish;
