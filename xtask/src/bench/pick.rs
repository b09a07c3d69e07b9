//! Finds the bench of a name.

use crate::house::Outcome;

/// Runs the bench called `name`; `args` are its own.
///
/// # Errors
/// What kept it from measuring, or the names there are.
pub(crate) fn run(name: &str, args: &[&str]) -> Outcome {
    match name {
        "hook" => super::hook::run(args),
        "drain" => super::drain::run(args),
        "brief" => super::brief::run(args),
        "recall" => super::recall::run(args),
        "embed" => super::embed::run(args),
        "search" => super::search::run(args),
        _ => Err(format!("there is no bench {name:?}: hook, drain, brief, recall, search or embed")),
    }
}
