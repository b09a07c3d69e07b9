//! The observer end to end: the real binary and its daemon, real stores, children that misbehave, the real client.

mod distilling;
mod dying;
mod life;
mod looking;
mod matrix;
mod money;
mod soak;
mod stage;
