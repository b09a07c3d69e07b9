//! Models that are reached over HTTP with the user's own key: Anthropic's API and everything compatible with OpenAI's;
//! and the one file that is ever fetched, without a key.
//!
//! `endpoint` says where a model is and with which key, from settings and [`Keys`]; `client` carries one request there
//! and back, `fetch` reads a large file, both over the `road` that the user's proxy and certificates make; `anthropic`
//! and `openai` are the two dialects; `vectors` asks for vectors;
//! `refusal` is the one place that makes a fault of an answer that is none. Nothing here is read from the process's
//! environment or from a project's directory, and no key is ever in a text.

mod anthropic;
mod client;
mod dotenv;
mod endpoint;
mod fetch;
mod keys;
mod model;
mod openai;
mod proxy;
mod refusal;
mod reset;
mod road;
mod roots;
mod vectors;
mod whole;

#[cfg(test)]
mod tests;

pub use endpoint::{Dialect, Endpoint, OWN_SERVICE, endpoint, is_local};
pub use fetch::{FetchError, Remote};
pub use keys::{KeySource, Keys};
pub use model::{HttpModel, open};
pub use vectors::{Embedded, Embeddings, VectorPlace, vector_place};
