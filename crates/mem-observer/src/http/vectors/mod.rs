//! Vectors from a service that speaks `embeddings`, as OpenAI, Ollama, LM Studio, llama.cpp and others do.
//!
//! `place` says where it is and with which key; `asking` asks once; `answer` reads what came, and takes nothing that is
//! not exactly what was asked for: numbers that are wrong are found by nobody afterwards.

mod answer;
mod place;

mod asking;

pub use answer::Embedded;
pub use asking::Embeddings;
pub use place::{VectorPlace, vector_place};
