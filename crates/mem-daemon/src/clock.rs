//! The observer's clock: the real one, or for tests one that runs faster, so that four minutes of silence or an hour of
//! overload can be lived through in a second.
//!
//! Only the observer goes by it. What happened when, as events and memories carry it, is told by the real clock.

use std::time::Duration;

use mem_core::time::Timestamp;

use crate::inbox::drain;

/// A clock that starts with the real one.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Timestamp,
    rate: u32,
}

impl Clock {
    /// A clock that runs `rate` times as fast as the real one from now on; 1 is the real one.
    pub fn new(rate: u32) -> Self {
        Self { started: drain::now(), rate: rate.max(1) }
    }

    /// This moment.
    pub fn now(self) -> Timestamp {
        let passed = drain::now().since(self.started);
        self.started.plus_ms(passed.saturating_mul(i64::from(self.rate)))
    }

    /// The real time until that moment; none when it has passed.
    pub fn until(self, at: Timestamp) -> Duration {
        let left = at.since(self.now()).max(0).unsigned_abs();
        // rounded up, so that the moment has come when one wakes for it
        Duration::from_millis(left.div_ceil(u64::from(self.rate)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_is_waited_for_less() {
        let clock = Clock::new(1000);
        let at = clock.now().plus_ms(3_600_000);
        let wait = clock.until(at);
        assert!(wait <= Duration::from_millis(3600) && wait > Duration::from_secs(1), "{wait:?}");
        assert_eq!(clock.until(Timestamp(0)), Duration::ZERO);
    }
}
