//! Embedding by the daemon's work, with the real model: what is written, what a bad model comes to, and what is never done
//! twice.

mod bench;

mod endpoint;
mod models;
mod questions;
mod rounds;
mod steps;
