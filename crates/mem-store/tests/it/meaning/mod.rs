//! Vectors: each text has one of each model, they outlive the index, and they go with the text they belong to.

mod library;

mod killed;
mod progress;
mod vectors;
