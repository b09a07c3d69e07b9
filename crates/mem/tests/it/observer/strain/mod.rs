//! The observer under strain: children that misbehave, a daemon that dies, long lives and many sessions.

mod dying;
mod life;
mod matrix;
mod soak;
