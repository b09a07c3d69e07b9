//! `demo`: a recorded session through the real hook and the real daemon, in a temporary place that is gone afterwards.
//!
//! `session.jsonl` holds real hook inputs, one a line, with `{{project}}` for the directory; replacing that file is
//! all it takes to tell another story. `recording` reads it, `stage` is the temporary place, `run` plays it.

mod recording;
mod run;
mod stage;

pub(crate) use run::run;
pub(crate) use stage::Stage;
