//! Meaning as vectors: a sentence model (all-MiniLM-L6-v2) in this process, and the search over what it made.
//!
//! Owns the model's files as they are read and judged, its tokeniser, its forward pass with weights in eight bits, and the
//! exact scan over vectors. Must not fetch a model, know the store, read a clock or the environment, or start a thread.
//! `unsafe` stands in `native/kernels.rs` alone. Why all this is our own: docs/design/013-embedding.md.

mod error;
mod flat;
mod math;
mod model;
mod native;
mod pack;
mod pass;
mod published;
mod room;
mod safetensors;
mod scan;
mod shape;
mod tokens;
mod vector;
mod weights;

pub use error::ModelError;
pub use flat::{Flat, FlatBuf, LARGEST_DIM};
pub use model::{Model, NAME, PUBLISHED};
pub use native::Kernel;
pub use published::{FILES, Published};
pub use scan::{Hit, Portions, scan, scan_on, scan_part, similarities};
pub use shape::{DIM, LONGEST};
pub use tokens::Tokens;
pub use vector::{Vector, quantise, similarity};
