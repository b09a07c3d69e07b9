//! The daemon's parts on a real data directory with a real store: draining, dying in between, answering.

mod answers;
mod draining;
mod dying;
mod secrets;
mod world;
