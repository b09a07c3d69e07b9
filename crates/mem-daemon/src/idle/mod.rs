//! What becomes of memory while nothing happens: when it is let go, and how the system gets it back.
//!
//! `heap` is one of the two files of the project with `unsafe`.

pub(crate) mod heap;
mod quiet;

pub(crate) use quiet::Quiet;
