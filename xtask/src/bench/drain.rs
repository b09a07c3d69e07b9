//! How many frames a second go from the inbox into the store.

use crate::house::Outcome;

/// Measures it.
///
/// # Errors
/// What kept it from measuring.
pub(crate) fn run(_args: &[&str]) -> Outcome {
    Err("drain is not measured yet".to_owned())
}
