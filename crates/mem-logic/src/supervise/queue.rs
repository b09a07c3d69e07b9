//! Who waits: batches by session, oldest first, with the session's age and how long it has had no run.
//!
//! Sessions stand in the order of their oldest batch, so that one which was sent away unserved keeps its place when it
//! comes again. Must not know which runs there are; it is told who is served.

use std::collections::{BTreeMap, BTreeSet};

use mem_core::id::{BatchId, SessionRow};
use mem_core::time::Timestamp;

use super::words::{SLOT_WAIT_MS, WALL_CLOCK_MS};

/// A batch that waits.
#[derive(Debug)]
struct Waiting {
    session: SessionRow,
    asked: bool,
}

/// What is known of a session that waits or has a run.
#[derive(Debug)]
struct Seat {
    begun_at: Timestamp,
    /// Since when it waits without a run.
    unserved_since: Option<Timestamp>,
}

/// All that waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: BTreeMap<BatchId, Waiting>,
    seats: BTreeMap<SessionRow, Seat>,
}

impl Queue {
    /// Adds a batch, or learns what is new of one that waits already.
    pub(super) fn want(&mut self, session: SessionRow, batch: BatchId, asked: bool) {
        let waiting = self.waiting.entry(batch).or_insert(Waiting { session, asked });
        waiting.asked |= asked;
    }

    /// Learns when a session was last started or resumed; the newest is right.
    pub(super) fn begun(&mut self, session: SessionRow, begun_at: Timestamp) {
        let seat = self.seats.entry(session).or_insert(Seat { begun_at, unserved_since: None });
        seat.begun_at = seat.begun_at.max(begun_at);
    }

    /// Takes a batch out; whether it was there.
    pub(super) fn take(&mut self, batch: BatchId) -> bool {
        self.waiting.remove(&batch).is_some()
    }

    /// Takes out and lists the batches of which `gone` is true, oldest first.
    pub(super) fn take_where(&mut self, mut gone: impl FnMut(BatchId, SessionRow) -> bool) -> Vec<BatchId> {
        self.take_if(|batch, waiting, _| gone(batch, waiting.session))
    }

    /// Takes out and lists the batches whose session is too old, unless they were asked for.
    pub(super) fn take_expired(&mut self, now: Timestamp) -> Vec<BatchId> {
        self.take_if(|_, waiting, seat| !waiting.asked && seat.is_some_and(|seat| seat.is_past(now)))
    }

    /// Takes out and lists the batches whose session had no run for too long.
    pub(super) fn take_unserved(&mut self, now: Timestamp) -> Vec<BatchId> {
        self.take_if(|_, _, seat| seat.and_then(Seat::patience).is_some_and(|end| end <= now))
    }

    fn take_if(&mut self, mut gone: impl FnMut(BatchId, &Waiting, Option<&Seat>) -> bool) -> Vec<BatchId> {
        let mut taken = Vec::new();
        self.waiting.retain(|&batch, waiting| {
            let goes = gone(batch, waiting, self.seats.get(&waiting.session));
            if goes {
                taken.push(batch);
            }
            !goes
        });
        taken
    }

    /// Whether the batch waits.
    pub(super) fn contains(&self, batch: BatchId) -> bool {
        self.waiting.contains_key(&batch)
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The oldest batch.
    pub(super) fn first(&self) -> Option<BatchId> {
        self.waiting.keys().next().copied()
    }

    /// The oldest batch of a session.
    pub(super) fn first_of(&self, session: SessionRow) -> Option<BatchId> {
        self.waiting.iter().find(|(_, w)| w.session == session).map(|(&batch, _)| batch)
    }

    /// The sessions that wait, each once, by their oldest batch.
    pub(super) fn sessions(&self) -> Vec<SessionRow> {
        let mut seen = BTreeSet::new();
        self.waiting.values().map(|w| w.session).filter(|&session| seen.insert(session)).collect()
    }

    /// Whether the session is too old for a model.
    pub(super) fn is_past(&self, session: SessionRow, now: Timestamp) -> bool {
        self.seats.get(&session).is_some_and(|seat| seat.is_past(now))
    }

    /// When the session becomes too old, in the first millisecond in which it is.
    pub(super) fn past_at(&self, session: SessionRow) -> Option<Timestamp> {
        self.seats.get(&session).map(Seat::past_at)
    }

    /// Notes which sessions wait unserved from now on, and forgets those that neither wait nor have a run.
    pub(super) fn note_served(
        &mut self,
        now: Timestamp,
        served: impl Fn(SessionRow) -> bool,
        has_run: impl Fn(SessionRow) -> bool,
    ) {
        let waiting: BTreeSet<_> = self.waiting.values().map(|w| w.session).collect();
        self.seats.retain(|session, _| waiting.contains(session) || has_run(*session));
        for (session, seat) in &mut self.seats {
            let unserved = waiting.contains(session) && !served(*session);
            seat.unserved_since = unserved.then(|| seat.unserved_since.unwrap_or(now));
        }
    }

    /// When the first of those that wait has to be looked at: it is too old, or has waited long enough.
    pub(super) fn next(&self) -> Option<Timestamp> {
        let patience = self.seats.values().filter_map(Seat::patience);
        let ages = self.waiting.values().filter(|w| !w.asked).filter_map(|w| self.past_at(w.session));
        patience.chain(ages).min()
    }

    /// The clock was set by `ms`. What is stored about sessions stays.
    pub(super) fn shift(&mut self, ms: i64) {
        for seat in self.seats.values_mut() {
            seat.unserved_since = seat.unserved_since.map(|since| since.plus_ms(ms));
        }
    }
}

impl Seat {
    fn past_at(&self) -> Timestamp {
        self.begun_at.plus_ms(WALL_CLOCK_MS + 1)
    }

    fn is_past(&self, now: Timestamp) -> bool {
        self.past_at() <= now
    }

    /// When it has waited long enough.
    fn patience(&self) -> Option<Timestamp> {
        self.unserved_since.map(|since| since.plus_ms(SLOT_WAIT_MS))
    }
}
