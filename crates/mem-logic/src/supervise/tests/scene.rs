//! A machine and its clock, with effects as short words, so that a test reads like a log.

use mem_core::id::{BatchId, RunId, SessionRow};
use mem_core::time::Timestamp;

use crate::supervise::{Departure, Effect, Happening, Limits, Notice, Supervisor};

/// Noon of some day, when every scene begins.
const NOON: i64 = 1_760_000_000_000;

pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;

pub(super) struct Scene {
    pub(super) machine: Supervisor,
    pub(super) now: Timestamp,
}

impl Scene {
    pub(super) fn new(pool: usize, warm: bool) -> Self {
        Self { machine: Supervisor::new(Limits { pool, warm }), now: Timestamp(NOON) }
    }

    pub(super) fn on(&mut self, what: Happening) -> Vec<String> {
        words(&self.machine.on(self.now, what))
    }

    /// Lets time pass in one go.
    pub(super) fn after(&mut self, ms: i64) -> Vec<String> {
        self.now = self.now.plus_ms(ms);
        words(&self.machine.tick(self.now))
    }

    /// Milliseconds from now until the machine wants to be called.
    pub(super) fn next(&self) -> Option<i64> {
        self.machine.next().map(|at| at.since(self.now))
    }

    pub(super) fn want(&mut self, session: i64, batch: i64) -> Vec<String> {
        self.want_of(session, batch, 0, false)
    }

    /// A batch of a session that was begun `age` milliseconds ago.
    pub(super) fn want_of(&mut self, session: i64, batch: i64, age: i64, asked: bool) -> Vec<String> {
        let begun_at = self.now.plus_ms(-age);
        self.on(Happening::Wanted { session: SessionRow(session), batch: BatchId(batch), begun_at, asked })
    }

    pub(super) fn started(&mut self, run: i64) -> Vec<String> {
        self.on(Happening::Started { run: RunId(run) })
    }

    pub(super) fn answered(&mut self, run: i64) -> Vec<String> {
        self.on(Happening::Answered { run: RunId(run), well: true })
    }

    pub(super) fn failed(&mut self, run: i64) -> Vec<String> {
        self.on(Happening::Failed { run: RunId(run), well_behaved: true, counts: true })
    }

    pub(super) fn gone(&mut self, run: i64, how: Departure) -> Vec<String> {
        self.on(Happening::Gone { run: RunId(run), how })
    }

    pub(super) fn ended(&mut self, run: i64) -> Vec<String> {
        self.gone(run, Departure::Wanted)
    }

    /// The notices, with their times from now.
    pub(super) fn notices(&self) -> Vec<String> {
        let word = |notice: &Notice| match notice {
            Notice::GuardClosed { until } => format!("guard {}", until.since(self.now)),
            Notice::BreakerOpen { until, trying: false } => format!("breaker {}", until.since(self.now)),
            Notice::BreakerOpen { trying: true, .. } => "breaker trying".to_owned(),
        };
        self.machine.notices(self.now).iter().map(word).collect()
    }

    pub(super) fn runs(&self) -> Vec<String> {
        let word = |view: crate::supervise::RunView| {
            let batch = view.batch.map(|batch| format!(" b{}", batch.0)).unwrap_or_default();
            format!("r{} s{} {}{batch}", view.run.0, view.session.0, view.state)
        };
        self.machine.runs().map(word).collect()
    }
}

fn words(effects: &[Effect]) -> Vec<String> {
    let word = |effect: &Effect| match effect {
        Effect::Start { run, session } => format!("start r{} s{}", run.0, session.0),
        Effect::Send { run, batch } => format!("send r{} b{}", run.0, batch.0),
        Effect::End { run, why } => format!("end r{} {why:?}", run.0),
        Effect::Kill { run, why } => format!("kill r{} {why:?}", run.0),
        Effect::GiveBack { batch, why } => format!("back b{} {why:?}", batch.0),
        Effect::Expire { batch } => format!("expire b{}", batch.0),
    };
    effects.iter().map(word).collect()
}
