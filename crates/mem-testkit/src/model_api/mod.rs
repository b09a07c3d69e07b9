//! A scripted model on loopback: the Anthropic Messages API that the real client talks to in tests, and the
//! `chat/completions` and `embeddings` of everybody else, at the paths of OpenAI, OpenRouter and Google.
//!
//! Owns the protocols (streaming and not), the script (which request gets which answer, faults among them) and the
//! log of what the client sent. It must not know our product: a test reads the log and judges.

mod chat;
mod embeddings;
mod gate;
mod http;
mod reply;
mod request;
mod script;
mod server;

#[cfg(test)]
mod tests;

pub use embeddings::{embedding, embeddings};
pub use gate::Gate;
pub use reply::{Block, Reply};
pub use request::Request;
pub use server::ModelApi;
