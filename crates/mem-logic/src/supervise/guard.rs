//! The guard against crash loops: how many runs crashed lately, and until when none is started.
//!
//! Only time heals: a good answer between two crashes does not, as a run that answers and then dies is a loop too.

use mem_core::time::Timestamp;

use super::words::{GUARD_CRASHES, GUARD_WINDOW_MS};

/// The latest crashes.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// The newest [`GUARD_CRASHES`] at most, oldest first.
    crashes: Vec<Timestamp>,
}

impl Guard {
    /// A run crashed.
    pub(super) fn crashed(&mut self, now: Timestamp) {
        if self.crashes.len() == GUARD_CRASHES {
            self.crashes.remove(0);
        }
        self.crashes.push(now);
    }

    /// Until when no run is started; none if one may be.
    pub(super) fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        if self.crashes.len() < GUARD_CRASHES {
            return None;
        }
        let until = self.crashes.first()?.plus_ms(GUARD_WINDOW_MS);
        (now < until).then_some(until)
    }

    /// The clock was set by `ms`.
    pub(super) fn shift(&mut self, ms: i64) {
        for crash in &mut self.crashes {
            *crash = crash.plus_ms(ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_is_closed_while_three_crashes_lie_in_the_window() {
        let minute = |m: i64| Timestamp(m * 60_000);
        let cases: [(&[i64], i64, Option<i64>); 6] = [
            (&[0, 1], 1, None),
            (&[0, 1, 2], 2, Some(10)),
            (&[0, 1, 2], 10, None),
            // the fourth came while it was closed: two of the old ones do not add up without the window
            (&[0, 1, 2, 3], 3, Some(11)),
            (&[0, 9, 11], 11, None),
            (&[0, 9, 11, 12], 12, Some(19)),
        ];
        for (crashes, now, until) in cases {
            let mut guard = Guard::default();
            for &at in crashes {
                guard.crashed(minute(at));
            }
            assert_eq!(guard.closed_until(minute(now)), until.map(minute), "{crashes:?} at {now}");
        }
    }
}
