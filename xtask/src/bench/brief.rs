//! How long the brief takes, rendered and from its cache.

use crate::house::Outcome;

/// Measures it.
///
/// # Errors
/// What kept it from measuring.
pub(crate) fn run(_args: &[&str]) -> Outcome {
    Err("brief is not measured yet".to_owned())
}
