//! The MCP server over pipes, driven as clients drive it, politely and not; and by the real client.

mod begin;
pub(crate) mod client;
mod hostile;
mod leaving;
mod real;
mod tools;
