//! What tests stand on: a home of their own, the real client, a scripted model, honest waiting.
//!
//! Development only; nothing shipped depends on it. Everything here is real (a real repository, a real process, a
//! real socket) except the model, whose answers a test must choose. It must not fake our own types, read the
//! environment or wait by sleeping; whatever goes wrong panics with what to do, since its callers are tests.

pub mod claude_code;
pub mod fake_claude;
pub mod file_server;
pub mod leftovers;
pub mod model_api;
pub mod proxy;
pub mod run;
pub mod test_env;
pub mod tools;
pub mod wait;

pub use claude_code::{ClaudeCode, Recorder, Session};
pub use fake_claude::FakeClaude;
pub use file_server::{FileServer, Serve};
pub use model_api::{Block, Gate, ModelApi, Reply, Request};
pub use proxy::Proxy;
pub use run::{Finished, run};
pub use test_env::TestEnv;
