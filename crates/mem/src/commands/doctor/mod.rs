//! `doctor`: tries everything out and says what does not work, and what to do about it.
//!
//! `checks` looks at what is there, `round_trip` takes an event through the whole program in a temporary place, `model`
//! asks the chosen model once, `run` is the command. Each check is made whatever came of those before it.

mod checks;
mod endpoint;
mod model;
mod round_trip;
mod run;

pub(crate) use run::run;
