//! Embedding by the daemon's work, with the real model: what is written, what a bad model comes to, and what is never done
//! twice.

mod bench;

mod models;
mod rounds;
mod steps;
