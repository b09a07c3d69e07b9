//! What is computed with instructions that not every machine has: the products that nearly all time goes into.
//!
//! `kernels` is the only file of the crate with `unsafe`, and one of two of the project.

mod kernels;
#[cfg(test)]
mod tests;

pub use kernels::Kernel;
pub(crate) use kernels::{LANES, Machine, Product, ROWS, dots, run, signed};
#[cfg(test)]
pub(crate) use kernels::{Plain, Tile};
