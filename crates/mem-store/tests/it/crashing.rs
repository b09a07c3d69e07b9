//! An end of the process between any two steps of a request: nothing is lost, nothing is kept or paid for twice.

use std::collections::BTreeMap;

use mem_core::id::{BatchId, EventId, RequestId, TurnId};
use mem_core::observation::Distiller;
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use mem_store::{Again, BatchState, Next, Store};
use proptest::prelude::*;

use crate::desk::{Desk, NOW, distil, found, lease, made, of_prompt, project, put, ran, record, whole_turn};

/// Steps of a life: planned, leased, answered, settled.
const STEPS: usize = 4;

fn plan(store: &mut Store) -> Option<(TurnId, BatchId)> {
    let turn = store.turns_to_observe(Timestamp(0), NOW.plus_ms(999), 1).unwrap().pop()?.id;
    Some((turn, store.write(|tx| tx.add_batch(turn, NOW)).unwrap()?))
}

fn settle(store: &mut Store, request: RequestId, source: EventId) -> bool {
    let by = Distiller::Model("claude/haiku".to_owned());
    let said = made(&[("1", "by a model", &[source])]);
    store.write(|tx| tx.settle_observed(request, &by, &said, "observed", NOW, NOW)).unwrap().is_some()
}

/// What a daemon does from its start, as far as `steps` let it; how many requests it sent.
fn live(store: &mut Store, last: EventId, mut steps: usize) -> usize {
    let mut sent = 0;
    let mut step = || {
        let left = steps > 0;
        steps = steps.saturating_sub(1);
        left
    };
    store.write(|tx| tx.recover(NOW)).unwrap();
    for row in store.answered_requests().unwrap() {
        if !step() {
            return sent;
        }
        assert!(settle(store, row.request, last));
    }
    if step() {
        plan(store);
    } else {
        return sent;
    }
    for batch in store.due_batches(NOW, 9).unwrap() {
        if !step() {
            return sent;
        }
        let request = lease(store, batch.id, last);
        sent += 1;
        if !step() {
            return sent;
        }
        assert!(record(store, request));
        if !step() {
            return sent;
        }
        assert!(settle(store, request, last));
    }
    sent
}

#[test]
fn whatever_step_it_dies_after_the_turn_is_observed_once() {
    for first in 0..=STEPS {
        for second in 0..=STEPS {
            let desk = Desk::new();
            let mut store = desk.open();
            let (turn, events) = whole_turn(&mut store, 0, 2);
            let last = events[3];
            let mut sent = 0;
            for steps in [first, second, STEPS + 1] {
                sent += live(&mut store, last, steps);
                // no orderly end: the file as a killed process leaves it
                std::mem::forget(store);
                store = desk.open();
            }
            let name = format!("died after {first}, then after {second}");
            let project = project(&mut store);
            assert_eq!(store.observations(project, 9).unwrap().len(), 1, "{name}");
            assert_eq!(store.turn(turn).unwrap().unwrap().model_through, last, "{name}");
            assert_eq!(store.batch_counts().unwrap().get("done"), Some(&1), "{name}");
            assert_eq!(store.counts().unwrap().batches, 0, "{name}");
            assert_eq!(store.counts().unwrap().requests, sent as u64, "{name}: each in the ledger");
            let answered = store.costs(NOW).unwrap().iter().map(|row| row.requests - row.failed).sum::<u64>();
            assert_eq!(answered, 1, "{name}: an answer on record is not asked for again");
            assert_eq!(store.quick_check().unwrap(), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn settling_twice_writes_once() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (_, events) = whole_turn(&mut store, 0, 2);
    let (_, batch) = plan(&mut store).unwrap();
    let request = lease(&mut store, batch, events[3]);
    assert!(!settle(&mut store, request, events[3]), "no answer yet");
    record(&mut store, request);
    assert!(settle(&mut store, request, events[3]));
    let before = store.counts().unwrap();
    assert!(!settle(&mut store, request, events[3]));
    let failed = store.write(|tx| tx.fail(request, "late", "", true, Next::Park, NOW)).unwrap();
    assert!(!failed, "and it cannot fail any more");
    assert!(!record(&mut store, request));
    assert_eq!(store.counts().unwrap(), before);
}

#[test]
fn an_answer_for_what_was_given_up_is_refused() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (_, events) = whole_turn(&mut store, 0, 2);
    let (_, batch) = plan(&mut store).unwrap();
    let first = lease(&mut store, batch, events[3]);
    store.write(|tx| tx.recover(NOW)).unwrap();
    assert!(!record(&mut store, first), "it was lost");
    let second = lease(&mut store, batch, events[3]);
    assert!(!settle(&mut store, first, events[3]));
    assert!(record(&mut store, second) && settle(&mut store, second, events[3]));
}

/// Who is asked in a random life; the first where nothing is ordered.
const MODELS: [&str; 2] = ["claude/haiku", "openai/big"];

/// A life at random: every step is a number, and what it may do depends on how things stand.
struct Life {
    desk: Desk,
    store: Store,
    turn: TurnId,
    events: Vec<EventId>,
    out: Vec<RequestId>,
    clock: i64,
}

impl Life {
    fn begin() -> Self {
        let desk = Desk::new();
        let mut store = desk.open();
        let (turn, events) = whole_turn(&mut store, 0, 3);
        Self { desk, store, turn, events, out: Vec::new(), clock: 100 }
    }

    fn step(&mut self, kind: u8, pick: u8) {
        let store = &mut self.store;
        let some = self.events[pick as usize % self.events.len()];
        match kind {
            0 => {
                self.clock += 1;
                let event = of_prompt("p0", ran(self.clock, &format!("u{}", self.clock)));
                self.events.push(put(store, &event).0);
            }
            1 => {
                let (title, slot) = (format!("local {pick}"), format!("s{}", pick % 3));
                distil(store, self.turn, &Distiller::Local, &[(&slot, &title, &[some])]);
            }
            2 => {
                store
                    .write(|tx| tx.order_again(&Again::default(), Some(MODELS[pick as usize % 2]), NOW))
                    .unwrap();
            }
            3 => {
                if let Some(row) = store.answered_requests().unwrap().pop() {
                    let again = Next::Again { due_at: NOW, smaller: false, counts: true };
                    let next = if pick < 200 { again } else { Next::Park };
                    assert!(store.write(|tx| tx.fail(row.request, "prose", "", true, next, NOW)).unwrap());
                }
            }
            4 => {
                self.out.clear();
                let fresh = self.desk.open();
                std::mem::forget(std::mem::replace(store, fresh));
                store.write(|tx| tx.recover(NOW)).unwrap();
            }
            _ => self.advance(some, pick),
        }
    }

    /// The next step of what is furthest.
    fn advance(&mut self, some: EventId, pick: u8) {
        let store = &mut self.store;
        if let Some(row) = store.answered_requests().unwrap().pop() {
            let all: [(&str, &str, &[EventId]); 2] = [("1", "model", &[some]), ("2", "model", &[])];
            let said = made(&all[..pick as usize % 3]);
            let by = Distiller::Model(row.batch.ordered_model.unwrap_or_else(|| MODELS[0].to_owned()));
            let settled =
                store.write(|tx| tx.settle_observed(row.request, &by, &said, "observed", NOW, NOW)).unwrap();
            assert!(settled.is_some());
        } else if let Some(request) = self.out.pop() {
            assert!(record(store, request));
        } else if let Some(batch) = store.due_batches(NOW, 1).unwrap().pop() {
            let last = *self.events.last().unwrap();
            let through = if pick < 128 { last } else { some.max(EventId(batch.after.0 + 1)).min(last) };
            self.out.push(lease(store, batch.id, through));
        } else {
            store.write(|tx| tx.add_batch(self.turn, NOW)).unwrap();
        }
    }

    fn check(&mut self) {
        let store = &mut self.store;
        let project = project(store);
        let (conn, mut replaced) = (rusqlite::Connection::open(self.desk.path()).unwrap(), BTreeMap::new());
        let mut rows = conn.prepare("SELECT id, superseded_by FROM observations").unwrap();
        for row in rows.query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?))).unwrap() {
            let (id, by): (i64, _) = row.unwrap();
            replaced.insert(id, by);
        }
        for start in replaced.keys() {
            let mut at = *start;
            for _ in 0..=replaced.len() {
                at = replaced[&at].unwrap_or(at);
            }
            assert_eq!(replaced[&at], None, "what stands in a place stands somewhere");
        }
        let mut listed: Vec<DocId> = store
            .observations(project, 99)
            .unwrap()
            .into_iter()
            .map(|row| DocId::Observation(row.id))
            .collect();
        listed.sort();
        let mut held = found(store, "local", Some(project));
        held.extend(found(store, "model", Some(project)));
        held.sort();
        held.dedup();
        assert_eq!(held, listed, "what is listed is what is found");
        let states: Vec<BatchState> =
            store.unsettled_batches_of(self.turn).unwrap().into_iter().map(|batch| batch.state).collect();
        assert!(states.iter().filter(|state| **state == BatchState::Waiting).count() <= 1, "{states:?}");
        let turn = store.turn(self.turn).unwrap().unwrap();
        assert!(turn.model_through <= turn.newest_event);
        let (tokens, _) = store.spent_since(NOW).unwrap();
        let costs = store.costs(NOW).unwrap();
        assert_eq!(costs.iter().map(|row| row.usage.all_input() + row.estimated).sum::<u64>(), tokens);
    }

    /// Lets everything come to its end, as a daemon that lives on would.
    fn finish(&mut self) {
        for _ in 0..40 {
            let (turn, last) = (self.turn, *self.events.last().unwrap());
            distil(&mut self.store, turn, &Distiller::Local, &[]);
            live(&mut self.store, last, 99);
        }
        let turn = self.store.turn(self.turn).unwrap().unwrap();
        assert_eq!(turn.model_through, turn.newest_event, "everything was settled in the end");
        assert_eq!(self.store.counts().unwrap().batches, 0);
        self.check();
        assert_eq!(self.store.quick_check().unwrap(), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_in_whatever_order_it_comes_out_right(
        steps in proptest::collection::vec((0_u8..16, any::<u8>()), 1..80)
    ) {
        let mut life = Life::begin();
        for (kind, pick) in steps {
            life.step(kind, pick);
            life.check();
        }
        life.finish();
    }
}
