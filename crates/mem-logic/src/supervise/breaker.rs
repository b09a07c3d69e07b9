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

    /// Whether it holds requests back.
    pub(super) fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    /// The one batch that may pass while it is open. `in_flight` is whether any request is out, which then is the trial,
    /// though it may have been sent before; `waits` and `first` are the queue's. A trial that neither waits nor is out
    /// any more was settled without a word about the model, and the next may be.
    pub(super) fn trial(
        &mut self,
        now: Timestamp,
        in_flight: bool,
        waits: impl Fn(BatchId) -> bool,
        first: Option<BatchId>,
    ) -> Option<BatchId> {
        if !in_flight && !self.trial.is_some_and(waits) {
            self.trial = first.filter(|_| self.open_until.is_some_and(|until| until <= now));
        }
        self.trial
    }

    /// When the next trial may begin, if that is still to come.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.open_until.filter(|&until| now < until)
    }

    /// What is to be said about it; `in_flight` and `waits` as above.
    pub(super) fn notice(&self, in_flight: bool, waits: impl Fn(BatchId) -> bool) -> Option<Notice> {
        let trying = in_flight || self.trial.is_some_and(waits);
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
        let trial = |breaker: &mut Breaker, minute, in_flight, waiting: &[i64]| {
            let waits = |batch: BatchId| waiting.contains(&batch.0);
            breaker.trial(at(minute), in_flight, waits, waiting.first().copied().map(BatchId)).map(|b| b.0)
        };
        assert_eq!(trial(&mut breaker, 33, false, &[7]), None);
        assert_eq!(trial(&mut breaker, 34, true, &[7]), None, "one is out still");
        assert_eq!(trial(&mut breaker, 34, false, &[7, 8]), Some(7));
        assert_eq!(trial(&mut breaker, 35, false, &[6, 7]), Some(7), "it stays the one");
        assert_eq!(trial(&mut breaker, 35, true, &[6]), Some(7));
        breaker.failed(at(36));
        assert_eq!(trial(&mut breaker, 65, false, &[7]), None);
        assert_eq!(trial(&mut breaker, 66, false, &[7]), Some(7));
        assert_eq!(trial(&mut breaker, 66, false, &[]), None);
        assert_eq!(trial(&mut breaker, 66, false, &[8]), Some(8));
        breaker.succeeded();
        assert!(!breaker.is_open());
        breaker.failed(at(70));
        assert!(!breaker.is_open(), "counting begins anew");
    }
}
