//! Looking after the file: what is let go of, and what is folded into it.

mod folding;
mod retention;
