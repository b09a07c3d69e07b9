//! The MCP server over pipes, driven as clients drive it, politely and not.

mod begin;
mod client;
mod hostile;
mod leaving;
mod tools;
