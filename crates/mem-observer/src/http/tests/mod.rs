//! The models over HTTP against a real server on loopback: every answer, every fault, every way there.

mod addresses;
mod answers;
mod faults;
mod fetching;
mod scene;
mod trust;
mod vectors;
mod ways;
