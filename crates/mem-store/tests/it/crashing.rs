//! An end of the process between any two steps of a request: nothing is lost, nothing is kept or paid for twice.

use mem_core::id::{BatchId, EventId, RequestId, TurnId};
use mem_core::observation::Distiller;
use mem_store::{Next, Store};

use crate::desk::{Desk, NOW, lease, made, project, record, whole_turn};

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
