//! Asking memory, on real stores with a real index.

mod asking;
mod damage;
mod filters;
mod folding;
mod indexing;
mod meaning;
mod peers;
mod set;
mod shelf;
