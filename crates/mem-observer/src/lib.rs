//! Who distils beside the local distiller: models, and the child processes that some of them are.
//!
//! The only crate that starts a program or calls a service. Each way to reach a model turns what went wrong there into
//! one [`mem_core::fault::Fault`] and lets nothing else out. Must not know what is asked or why, must not read the
//! environment (it is handed in) and keeps nothing.

pub mod child;
pub mod claude;
pub mod environment;
pub mod http;
pub mod model;
pub mod regular;
pub mod strays;
