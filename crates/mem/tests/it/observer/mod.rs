//! The observer end to end: the real binary and its daemon, real stores, children that misbehave, the real client.

mod api_faults;
mod distilling;
mod economics;
mod holds;
mod http;
mod leaving;
mod looking;
mod modes;
mod money;
mod parts;
mod scripted;
mod stage;
mod strain;
