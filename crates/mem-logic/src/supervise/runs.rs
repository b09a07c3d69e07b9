//! The runs that live: whose they are, what they do, and the slots they hold.
//!
//! A run is here from the order to start it until its process is known to be gone, and holds a slot all that time; an
//! order to end it frees nothing. Must not decide what is started or ended.

use std::collections::BTreeMap;

use mem_core::id::{BatchId, RunId, SessionRow};
use mem_core::time::Timestamp;

use super::words::{EndReason, IDLE_MS, RunView, SILENCE_MS};

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Ordered, not there yet.
    Starting,
    /// There; busy while it has a request.
    Ready,
    /// Told to end.
    Ending(EndReason),
    /// Left by an earlier daemon and being ended.
    Stray,
}

/// A request in flight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    pub(super) batch: BatchId,
    /// False once the batch was dropped.
    pub(super) wanted: bool,
}

/// A run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) session: SessionRow,
    pub(super) state: State,
    pub(super) request: Option<Request>,
    /// Whether it has answered or failed a request.
    pub(super) served: bool,
    /// Whether the model or its settings are others by now.
    pub(super) outdated: bool,
    begun_at: Timestamp,
    state_at: Timestamp,
    /// When it last had work.
    pub(super) used_at: Timestamp,
    /// When it last gave a sign, or was given a request.
    heard_at: Timestamp,
}

impl Run {
    fn new(session: SessionRow, state: State, now: Timestamp) -> Self {
        Self {
            session,
            state,
            request: None,
            served: false,
            outdated: false,
            begun_at: now,
            state_at: now,
            used_at: now,
            heard_at: now,
        }
    }

    /// Whether it can be given a request.
    pub(super) fn is_free(&self) -> bool {
        self.state == State::Ready && self.request.is_none()
    }

    /// Whether nobody has told it to end.
    pub(super) fn stays(&self) -> bool {
        matches!(self.state, State::Starting | State::Ready)
    }

    /// Its process is there.
    pub(super) fn started(&mut self, now: Timestamp) {
        if self.state == State::Starting {
            (self.state, self.state_at, self.used_at) = (State::Ready, now, now);
        }
    }

    /// Output was seen.
    pub(super) fn spoke(&mut self, now: Timestamp) {
        self.heard_at = now;
    }

    /// It is given a request.
    pub(super) fn send(&mut self, now: Timestamp, batch: BatchId) {
        self.request = Some(Request { batch, wanted: true });
        (self.state_at, self.heard_at) = (now, now);
    }

    /// Its request is no longer in flight; whether one was. What was not really sent is no use of it.
    pub(super) fn free(&mut self, now: Timestamp, used: bool) -> bool {
        if self.request.take().is_none() {
            return false;
        }
        if self.state == State::Ready {
            self.state_at = now;
        }
        if used {
            (self.served, self.used_at) = (true, now);
        }
        true
    }

    /// It is told to end.
    pub(super) fn end(&mut self, now: Timestamp, why: EndReason) {
        (self.state, self.state_at) = (State::Ending(why), now);
    }

    /// When its silence becomes too long; none while nothing is expected of it.
    pub(super) fn silent_at(&self) -> Option<Timestamp> {
        let expected =
            self.state == State::Starting || (self.state == State::Ready && self.request.is_some());
        expected.then(|| self.heard_at.plus_ms(SILENCE_MS))
    }

    /// When it has been free for too long; none while it is not free.
    pub(super) fn idle_at(&self) -> Option<Timestamp> {
        self.is_free().then(|| self.used_at.plus_ms(IDLE_MS))
    }

    fn word(&self) -> &'static str {
        match self.state {
            State::Starting => "starting",
            State::Ready if self.request.is_some() => "busy",
            State::Ready => "idle",
            State::Ending(_) => "ending",
            State::Stray => "stray",
        }
    }
}

/// All runs that live.
#[derive(Debug, Default)]
pub(super) struct Runs {
    alive: BTreeMap<RunId, Run>,
    /// The last name given.
    last: i64,
}

impl Runs {
    /// A new run, being started.
    pub(super) fn start(&mut self, now: Timestamp, session: SessionRow) -> RunId {
        self.last += 1;
        let run = RunId(self.last);
        self.alive.insert(run, Run::new(session, State::Starting, now));
        run
    }

    /// A stray was found. A name that is taken is not heard twice; one that could be ours will not be given.
    pub(super) fn stray(&mut self, now: Timestamp, session: SessionRow, run: RunId) {
        self.last = self.last.max(run.0);
        self.alive.entry(run).or_insert(Run::new(session, State::Stray, now));
    }

    /// A run is gone.
    pub(super) fn remove(&mut self, run: RunId) -> Option<Run> {
        self.alive.remove(&run)
    }

    /// A run of ours that lives.
    pub(super) fn ours(&mut self, run: RunId) -> Option<&mut Run> {
        self.alive.get_mut(&run).filter(|run| run.state != State::Stray)
    }

    /// All that live, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (RunId, &mut Run)> {
        self.alive.iter_mut().map(|(&id, run)| (id, run))
    }

    /// All that live.
    pub(super) fn values(&self) -> impl Iterator<Item = &Run> {
        self.alive.values()
    }

    /// How many slots are held.
    pub(super) fn held(&self) -> usize {
        self.alive.len()
    }

    /// Whether any process of the session lives.
    pub(super) fn any_of(&self, session: SessionRow) -> bool {
        self.values().any(|run| run.session == session)
    }

    /// Whether the session has a run that stays.
    pub(super) fn has_staying(&self, session: SessionRow) -> bool {
        self.values().any(|run| run.session == session && run.stays())
    }

    /// Whether a stray of the session lives.
    pub(super) fn has_stray(&self, session: SessionRow) -> bool {
        self.values().any(|run| run.session == session && run.state == State::Stray)
    }

    /// The request in flight for a batch.
    pub(super) fn request_of(&mut self, batch: BatchId) -> Option<&mut Request> {
        self.alive.values_mut().filter_map(|run| run.request.as_mut()).find(|r| r.batch == batch && r.wanted)
    }

    /// Whether any request is in flight.
    pub(super) fn in_flight(&self) -> bool {
        self.values().any(|run| run.request.is_some())
    }

    /// What people see.
    pub(super) fn views(&self) -> impl Iterator<Item = RunView> {
        self.alive.iter().map(|(&id, run)| RunView {
            run: id,
            session: run.session,
            state: run.word(),
            since: run.state_at,
            begun_at: run.begun_at,
            batch: run.request.map(|request| request.batch),
        })
    }

    /// The clock was set by `ms`.
    pub(super) fn shift(&mut self, ms: i64) {
        for run in self.alive.values_mut() {
            for at in [&mut run.begun_at, &mut run.state_at, &mut run.used_at, &mut run.heard_at] {
                *at = at.plus_ms(ms);
            }
        }
    }
}
