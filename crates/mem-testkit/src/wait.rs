//! Waiting for something to become true, with a deadline: never longer than needed, never for ever.

use std::time::{Duration, Instant};

/// How long a test waits for what must happen soon. Generous, since it is only reached when a test fails.
pub const SOON: Duration = Duration::from_secs(20);

/// How often a condition is looked at that cannot announce itself, such as a file or another process.
const GLANCE: Duration = Duration::from_millis(5);

/// Waits until `found` gives something.
///
/// # Panics
/// After [`SOON`], naming `what` was waited for.
pub fn until<T>(what: &str, found: impl FnMut() -> Option<T>) -> T {
    within(SOON, found).unwrap_or_else(|| panic!("waited {} s in vain for {what}", SOON.as_secs()))
}

/// Waits until `found` gives something; `None` when it did not within `limit`.
pub fn within<T>(limit: Duration, mut found: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = found() {
            return Some(value);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::park_timeout(GLANCE);
    }
}
