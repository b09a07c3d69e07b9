//! How long a service is left alone after it failed, and when that is said: pure, time is handed in.
//!
//! What passes by itself is tried again soon, and told only when it did not pass; what somebody has to mend is told at
//! once. Whatever it is, a service that goes on failing is asked ever more seldom: it may be paid for each time.

use mem_core::fault::{Fault, FaultKind};
use mem_core::time::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
/// Failures in a row that are still taken for a hiccup.
const HICCUPS: u32 = 2;
/// The longest rest that nobody asked for: longer than the daemon stays without work, or trying would keep it up for ever.
const LONGEST: i64 = 45 * MINUTE;
/// How long what somebody has to mend is left alone.
const MENDING: i64 = 10 * MINUTE;
/// How long a quota is left alone by default.
const QUOTA: i64 = 60 * MINUTE;

/// The rest of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rest {
    failures: u32,
    until: Option<Timestamp>,
}

impl Rest {
    /// Whether it may be asked.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now >= until)
    }

    /// When it may be asked again, where it may not now.
    pub(super) fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| *until > now)
    }

    /// It failed; whether that is to be told.
    pub(super) fn failed(&mut self, fault: &Fault, now: Timestamp) -> bool {
        self.failures = self.failures.saturating_add(1);
        let told_in = fault.retry_at.map(|at| at.since(now).max(0));
        let (wait, told) = sentence(fault.kind, self.failures, told_in);
        self.until = Some(now.plus_ms(wait));
        told
    }

    /// It is not asked before that moment, by no fault of its own.
    pub(super) fn hold(&mut self, until: Timestamp) {
        self.until = Some(until);
    }

    /// It answered as it should.
    pub(super) fn well(&mut self) {
        *self = Self::default();
    }
}

/// How long to wait in ms, and whether it is told, after the so manieth failure in a row.
fn sentence(kind: FaultKind, failures: u32, told_in: Option<i64>) -> (i64, bool) {
    let doubled = |first: i64, times: u32| first.saturating_mul(1 << times.min(20)).min(LONGEST);
    match kind {
        FaultKind::Ended => (0, false),
        FaultKind::Setup | FaultKind::Auth | FaultKind::Refused | FaultKind::Overflow => (MENDING, true),
        FaultKind::Quota => (told_in.unwrap_or(QUOTA), true),
        FaultKind::Misbehaved => (doubled(MINUTE, failures.saturating_sub(1)), true),
        FaultKind::Rate | FaultKind::Transport => {
            let own = match failures {
                0..=HICCUPS => doubled(SECOND, failures),
                _ => doubled(MINUTE, failures - HICCUPS - 1),
            };
            (own.max(told_in.unwrap_or(0)), failures > HICCUPS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_tried_soon_and_what_stays_is_told_and_left_alone() {
        use FaultKind::{Auth, Ended, Misbehaved, Quota, Rate, Transport};
        for (kind, failures, told_in, wanted) in [
            (Transport, 1, None, (2 * SECOND, false)),
            (Transport, 2, None, (4 * SECOND, false)),
            (Transport, 3, None, (MINUTE, true)),
            (Transport, 5, None, (4 * MINUTE, true)),
            (Transport, u32::MAX, None, (LONGEST, true)),
            (Rate, 1, Some(90 * SECOND), (90 * SECOND, false)),
            (Rate, 4, Some(SECOND), (2 * MINUTE, true)),
            (Quota, 1, None, (QUOTA, true)),
            (Quota, 1, Some(MINUTE), (MINUTE, true)),
            (Auth, 1, None, (MENDING, true)),
            (Misbehaved, 1, None, (MINUTE, true)),
            (Misbehaved, 3, None, (4 * MINUTE, true)),
            (Ended, 1, None, (0, false)),
        ] {
            assert_eq!(sentence(kind, failures, told_in), wanted, "{kind:?} {failures} {told_in:?}");
        }
    }

    #[test]
    fn an_answer_forgets_all_failures() {
        let now = Timestamp(1_763_700_000_000);
        let fault = Fault::free(FaultKind::Transport, "gone");
        let mut rest = Rest::default();
        assert!(rest.is_over(now));
        let told: Vec<bool> = (0..4).map(|_| rest.failed(&fault, now)).collect();
        assert_eq!(told, [false, false, true, true]);
        assert!(!rest.is_over(now.plus_ms(MINUTE)) && rest.is_over(now.plus_ms(2 * MINUTE)));
        rest.well();
        assert!(rest.is_over(now) && !rest.failed(&fault, now));
        assert_eq!(rest.until(now), Some(now.plus_ms(2 * SECOND)));
        assert_eq!(rest.until(now.plus_ms(2 * SECOND)), None);
    }
}
