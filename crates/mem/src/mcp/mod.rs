//! `claude-mem mcp`: the memory as tools of an MCP client, over stdin and stdout.
//!
//! `pipe` carries the messages, `server` is what the SDK drives, `tools` says what there is to call and when, `given` reads
//! arguments however they are spelled, `calls` does the work through the same `recall` as the command line, `layout` and
//! `rows` write the texts. Nothing here prints: stdout belongs to the protocol, and stderr stays quiet.

mod calls;
mod given;
mod layout;
mod pipe;
mod rows;
mod server;
mod tools;
mod unread;

#[cfg(test)]
mod tests;

pub(crate) use server::run;
pub(crate) use tools::page;
