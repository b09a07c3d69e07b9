//! The breaker: requests that fail one after another are not paid for for ever.
//!
//! Closed, it counts failures in a row over all sessions. Open, it lets one request through every half hour, whose
//! outcome decides. Must not know why something failed: who reports it says whether it counts.

use mem_core::id::BatchId;
use mem_core::time::Timestamp;

use super::words::{BREAKER_FAILURES, BREAKER_REST_MS, Notice};

/// Failures in a row and what followed.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// From when on one request is let through; none while closed.
    open_until: Option<Timestamp>,
    /// The request that is let through.
    trial: Option<BatchId>,
}

impl Breaker {
    /// A request did what it should.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A request failed.
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.trial = None;
        self.failures = self.failures.saturating_add(1);
        if self.failures >= BREAKER_FAILURES {
            self.open_until = Some(now.plus_ms(BREAKER_REST_MS));
        }
    }

    /// A batch is settled and says nothing about the model; if it was the trial, the next may be.
    pub(super) fn says_nothing(&mut self, batch: BatchId) {
        if self.trial == Some(batch) {
            self.trial = None;
        }
    }

    /// Whether it holds requests back.
    pub(super) fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    /// The one batch of those waiting that may pass the open breaker; `in_flight` is whether any request is out, which
    /// then is the trial, though it was sent before.
    pub(super) fn trial(
        &mut self,
        now: Timestamp,
        in_flight: bool,
        first: impl FnOnce() -> Option<BatchId>,
    ) -> Option<BatchId> {
        let due = self.open_until.is_some_and(|until| until <= now);
        if due && self.trial.is_none() && !in_flight {
            self.trial = first();
        }
        self.trial
    }

    /// When the next trial may begin, if that is still to come.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.open_until.filter(|&until| now < until)
    }

    /// What is to be said about it; `in_flight` as above.
    pub(super) fn notice(&self, in_flight: bool) -> Option<Notice> {
        let trying = self.trial.is_some() || in_flight;
        self.open_until.map(|until| Notice::BreakerOpen { until, trying })
    }

    /// The clock was set by `ms`.
    pub(super) fn shift(&mut self, ms: i64) {
        self.open_until = self.open_until.map(|until| until.plus_ms(ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row_open_it_and_one_success_closes_it() {
        let at = |minute: i64| Timestamp(minute * 60_000);
        let mut breaker = Breaker::default();
        for minute in [0, 1] {
            breaker.failed(at(minute));
        }
        breaker.succeeded();
        for minute in [2, 3] {
            breaker.failed(at(minute));
            assert!(!breaker.is_open());
        }
        breaker.failed(at(4));
        assert_eq!(breaker.next(at(5)), Some(at(34)));
        let first = || Some(BatchId(7));
        assert_eq!(breaker.trial(at(33), false, first), None);
        assert_eq!(breaker.trial(at(34), true, first), None);
        assert_eq!(breaker.trial(at(34), false, first), Some(BatchId(7)));
        assert_eq!(breaker.trial(at(35), false, || Some(BatchId(8))), Some(BatchId(7)));
        breaker.failed(at(36));
        assert_eq!(breaker.trial(at(65), false, first), None);
        assert_eq!(breaker.trial(at(66), false, first), Some(BatchId(7)));
        breaker.says_nothing(BatchId(7));
        assert_eq!(breaker.trial(at(66), false, || Some(BatchId(8))), Some(BatchId(8)));
        breaker.succeeded();
        assert!(!breaker.is_open());
        breaker.failed(at(70));
        assert!(!breaker.is_open(), "counting begins anew");
    }
}
