//! Batches: when a turn waits for the observer, every step and where it may not be taken, orders of the user.

use mem_core::event::{Event, StartSource};
use mem_core::id::{BatchId, EventId, RequestId, SessionId, TurnId};
use mem_core::observation::Distiller;
use mem_core::time::Timestamp;
use mem_store::{Again, BatchState, Next, Store, Volume};

use crate::desk::{
    Desk, NOW, answered, distil, lease, made, observe, of_prompt, prompted, put, ran, record, started,
    try_lease, whole_turn,
};

/// Later than everything.
const LATER: Timestamp = Timestamp(NOW.0 + 1_000_000);
const AGAIN: Next = Next::Again { due_at: LATER, smaller: true, counts: true };

fn to_observe(store: &Store, quiet_before: Timestamp) -> Vec<TurnId> {
    store.turns_to_observe(Timestamp(0), quiet_before, 10).unwrap().iter().map(|turn| turn.id).collect()
}

fn plan(store: &mut Store, turn: TurnId) -> Option<BatchId> {
    store.write(|tx| tx.add_batch(turn, NOW)).unwrap()
}

fn settle(store: &mut Store, request: RequestId) -> bool {
    let by = Distiller::Model("claude/haiku".to_owned());
    store.write(|tx| tx.settle_observed(request, &by, &made(&[]), "skip", NOW, NOW)).unwrap().is_some()
}

#[test]
fn a_turn_waits_for_the_observer_once_it_is_distilled_and_over() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    assert_eq!(to_observe(&store, LATER), [], "the local distiller comes first");
    distil(&mut store, turn, &Distiller::Local, &[]);
    assert_eq!(to_observe(&store, NOW), [], "open and not quiet");
    assert_eq!(to_observe(&store, LATER), [turn]);
    let last = put(&mut store, &answered(5, "p1")).0;
    assert_eq!(to_observe(&store, LATER), [], "changed");
    distil(&mut store, turn, &Distiller::Local, &[]);
    assert_eq!(to_observe(&store, NOW), [turn], "over");
    let row = store.turn(turn).unwrap().unwrap();
    assert_eq!((row.newest_event, row.model_through), (last, EventId(0)));

    let batch = plan(&mut store, turn).unwrap();
    assert_eq!(to_observe(&store, LATER), [], "it is in a batch");
    assert_eq!(plan(&mut store, turn), None, "one at a time");
    let row = store.batch(batch).unwrap().unwrap();
    assert_eq!((row.turn, row.part, row.after, row.through), (turn, 1, EventId(0), None));
    assert_eq!((row.asked, row.ordered_model, row.state), (false, None, BatchState::Waiting));
    assert_eq!((row.due_at, row.created_at, row.settled_at, row.begun_at), (NOW, NOW, None, NOW));

    let request = lease(&mut store, batch, last);
    record(&mut store, request);
    assert!(settle(&mut store, request));
    assert_eq!(to_observe(&store, LATER), [], "observed");
    assert_eq!(store.turn(turn).unwrap().unwrap().model_through, last);
    assert_eq!(plan(&mut store, turn), None, "nothing left");
    let late = put(&mut store, &of_prompt("p1", ran(9, "t9"))).0;
    distil(&mut store, turn, &Distiller::Local, &[]);
    assert_eq!(to_observe(&store, LATER), [turn], "there is more");
    let next = plan(&mut store, turn).unwrap();
    let row = store.batch(next).unwrap().unwrap();
    assert_eq!((row.part, row.after), (2, last));
    let events: Vec<EventId> =
        store.turn_events_after(turn, last).unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(events, [late]);
    assert_eq!(plan(&mut store, TurnId(99)), None);
}

#[test]
fn the_longest_silent_turn_comes_first() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turns: Vec<TurnId> = [50, 10, 30].map(|at| whole_turn(&mut store, at, 1).0).into();
    assert_eq!(to_observe(&store, LATER), [turns[1], turns[2], turns[0]]);
    assert_eq!(store.turns_to_observe(Timestamp(0), LATER, 2).unwrap().len(), 2);
}

/// The states a batch can be brought to, and the request that led there.
fn bring(store: &mut Store, state: BatchState) -> (BatchId, EventId, Option<RequestId>) {
    let (turn, events) = whole_turn(store, 0, 1);
    let (batch, last) = (plan(store, turn).unwrap(), events[2]);
    let mut request = None;
    if matches!(state, BatchState::Leased | BatchState::Answered | BatchState::Done) {
        request = Some(lease(store, batch, last));
    }
    if let Some(request) = request.filter(|_| state != BatchState::Leased) {
        assert!(record(store, request));
        assert!(state != BatchState::Done || settle(store, request));
    }
    match state {
        BatchState::Skipped => assert!(store.write(|tx| tx.skip_batch(batch, "trivial", last, NOW)).unwrap()),
        BatchState::Parked => assert!(store.write(|tx| tx.park_batch(batch, "refused", NOW)).unwrap()),
        _ => {}
    }
    assert_eq!(store.batch(batch).unwrap().unwrap().state, state);
    (batch, last, request)
}

#[test]
fn every_step_is_taken_only_from_where_it_may_be_taken() {
    type Step = fn(&mut Store, BatchId, EventId, RequestId) -> bool;
    let steps: [(&str, Step, &[BatchState], BatchState); 9] = [
        ("lease", |s, b, e, _| try_lease(s, b, e).is_some(), &[BatchState::Waiting], BatchState::Leased),
        ("record", |s, _, _, r| record(s, r), &[BatchState::Leased], BatchState::Answered),
        ("settle", |s, _, _, r| settle(s, r), &[BatchState::Answered], BatchState::Done),
        (
            "again",
            |s, _, _, r| s.write(|tx| tx.fail(r, "prose", "", true, AGAIN, NOW)).unwrap(),
            &[BatchState::Leased, BatchState::Answered],
            BatchState::Waiting,
        ),
        (
            "give up",
            |s, _, _, r| s.write(|tx| tx.fail(r, "refused", "no", false, Next::Park, NOW)).unwrap(),
            &[BatchState::Leased, BatchState::Answered],
            BatchState::Parked,
        ),
        (
            "skip",
            |s, b, e, _| s.write(|tx| tx.skip_batch(b, "late", e, NOW)).unwrap(),
            &[BatchState::Waiting],
            BatchState::Skipped,
        ),
        (
            "park",
            |s, b, _, _| s.write(|tx| tx.park_batch(b, "no", NOW)).unwrap(),
            &[BatchState::Waiting],
            BatchState::Parked,
        ),
        (
            "give back",
            |s, b, _, _| s.write(|tx| tx.give_back(b, LATER, None)).unwrap(),
            &[BatchState::Waiting],
            BatchState::Waiting,
        ),
        (
            "recover",
            |s, _, _, _| s.write(|tx| tx.recover(NOW)).unwrap().lost == 1,
            &[BatchState::Leased],
            BatchState::Waiting,
        ),
    ];
    for (name, step, from, to) in steps {
        for state in BatchState::ALL {
            let desk = Desk::new();
            let mut store = desk.open();
            let (batch, last, request) = bring(&mut store, state);
            let before = store.batch(batch).unwrap().unwrap();
            let through = store.turn(before.turn).unwrap().unwrap().model_through;
            let taken = step(&mut store, batch, last, request.unwrap_or(RequestId(99)));
            assert_eq!(taken, from.contains(&state), "{name} from {state:?}");
            let after = store.batch(batch).unwrap().unwrap();
            if !taken {
                assert_eq!(after, before, "{name} from {state:?} changes nothing");
                continue;
            }
            assert_eq!(after.state, to, "{name} from {state:?}");
            let ends = matches!(to, BatchState::Done | BatchState::Skipped | BatchState::Parked);
            assert_eq!(after.settled_at.is_some(), ends, "{name}");
            let covered = store.turn(before.turn).unwrap().unwrap().model_through;
            assert_eq!(
                covered,
                if ends { last } else { through },
                "{name}: what is ended is not planned again"
            );
            assert_eq!(to_observe(&store, LATER), [], "{name}");
        }
    }
}

#[test]
fn what_waits_is_given_when_it_is_due() {
    let desk = Desk::new();
    let mut store = desk.open();
    assert_eq!(store.next_due(NOW).unwrap(), None);
    let batches: Vec<BatchId> = [0, 10, 20]
        .map(|at| {
            let turn = whole_turn(&mut store, at, 0).0;
            plan(&mut store, turn).unwrap()
        })
        .into();
    store.write(|tx| tx.give_back(batches[0], NOW.plus_ms(500), None)).unwrap();
    store.write(|tx| tx.give_back(batches[1], NOW.plus_ms(100), None)).unwrap();
    let due = |store: &Store, at: i64| -> Vec<BatchId> {
        store.due_batches(NOW.plus_ms(at), 10).unwrap().iter().map(|batch| batch.id).collect()
    };
    assert_eq!(due(&store, 99), [batches[2]]);
    assert_eq!(due(&store, 500), [batches[2], batches[1], batches[0]]);
    assert_eq!(store.next_due(NOW.plus_ms(-1)).unwrap(), Some(NOW));
    lease(&mut store, batches[2], EventId(6));
    assert_eq!(store.next_due(NOW).unwrap(), Some(NOW.plus_ms(100)));
    assert_eq!(
        store.next_due(NOW.plus_ms(100)).unwrap(),
        Some(NOW.plus_ms(500)),
        "what is due already is no later moment"
    );
    let counts: Vec<(String, u64)> = store.batch_counts().unwrap().into_iter().collect();
    assert_eq!(counts, [("leased".to_owned(), 1), ("waiting".to_owned(), 2)]);
    assert_eq!(store.counts().unwrap().batches, 3);
}

#[test]
fn a_retry_remembers_what_was_tried() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (batch, last, request) = bring(&mut store, BatchState::Answered);
    store.write(|tx| tx.fail(request.unwrap(), "prose", "Sure!", true, AGAIN, NOW)).unwrap();
    let row = store.batch(batch).unwrap().unwrap();
    assert_eq!((row.attempts, row.paid, row.smaller, row.due_at), (1, 1, 1, LATER));
    assert_eq!(row.reason.as_deref(), Some("prose: Sure!"));
    let request = lease(&mut store, batch, last);
    let free = Next::Again { due_at: NOW, smaller: false, counts: false };
    store.write(|tx| tx.fail(request, "rate", "", false, free, NOW)).unwrap();
    let row = store.batch(batch).unwrap().unwrap();
    assert_eq!((row.attempts, row.paid, row.smaller, row.due_at), (1, 1, 1, NOW));
    let request = lease(&mut store, batch, last);
    store.write(|tx| tx.fail(request, "refused", "no such model", false, Next::Park, NOW)).unwrap();
    let parked = store.parked_batches(5).unwrap();
    assert_eq!((parked[0].id, parked[0].reason.as_deref()), (batch, Some("refused: no such model")));
    assert_eq!((parked[0].attempts, parked[0].settled_at), (2, Some(NOW)));
}

fn again(store: &mut Store, scope: Again, model: Option<&str>) -> u64 {
    store.write(|tx| tx.order_again(&scope, model, NOW)).unwrap()
}

#[test]
fn an_order_starts_over_and_goes_on_in_parts() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, events) = whole_turn(&mut store, 0, 4);
    observe(&mut store, turn, events[5], "claude/haiku", &made(&[]));
    assert_eq!(again(&mut store, Again::default(), Some("openai/big")), 1);
    assert_eq!(again(&mut store, Again::default(), Some("openai/bigger")), 1, "the last word counts");
    let unsettled = store.unsettled_batches_of(turn).unwrap();
    assert_eq!(unsettled.len(), 1);
    let first = &unsettled[0];
    assert_eq!((first.part, first.after, first.asked), (1, EventId(0), true));
    assert_eq!(first.ordered_model.as_deref(), Some("openai/bigger"));
    assert_eq!(store.batch_counts().unwrap()["skipped"], 1);

    let late = put(&mut store, &of_prompt("p0", ran(9, "t9"))).0;
    distil(&mut store, turn, &Distiller::Local, &[]);
    observe(&mut store, turn, events[2], "openai/bigger", &made(&[]));
    assert_eq!(to_observe(&store, LATER), [turn]);
    let second = plan(&mut store, turn).unwrap();
    let row = store.batch(second).unwrap().unwrap();
    assert_eq!((row.part, row.after, row.asked), (2, events[2], true), "the same order");
    assert_eq!(row.ordered_model.as_deref(), Some("openai/bigger"));
    observe(&mut store, turn, events[5], "openai/bigger", &made(&[]));
    let third = plan(&mut store, turn).unwrap();
    let row = store.batch(third).unwrap().unwrap();
    assert_eq!((row.part, row.asked, row.ordered_model), (3, false, None), "what came after the order");
    observe(&mut store, turn, late, "claude/haiku", &made(&[]));
    assert_eq!(to_observe(&store, LATER), []);
}

#[test]
fn an_order_does_not_waste_what_is_on_its_way() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (batch, last, request) = bring(&mut store, BatchState::Leased);
    let turn = store.batch(batch).unwrap().unwrap().turn;
    assert_eq!(again(&mut store, Again::default(), None), 1);
    assert_eq!(store.unsettled_batches_of(turn).unwrap().len(), 2);
    record(&mut store, request.unwrap());
    assert!(settle(&mut store, request.unwrap()));
    assert_eq!(store.turn(turn).unwrap().unwrap().model_through, EventId(0), "the order starts over");
    let ordered = store.unsettled_batches_of(turn).unwrap()[0].id;

    let request = lease(&mut store, ordered, last);
    assert_eq!(again(&mut store, Again::default(), None), 1);
    store.write(|tx| tx.fail(request, "prose", "", true, AGAIN, NOW)).unwrap();
    let row = store.batch(ordered).unwrap().unwrap();
    assert_eq!(row.state, BatchState::Skipped, "a failed one is not asked again beside a newer order");
    assert_eq!(store.due_batches(LATER, 9).unwrap().len(), 1);
}

#[test]
fn an_order_settles_what_was_given_up() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (batch, _, _) = bring(&mut store, BatchState::Parked);
    assert_eq!(again(&mut store, Again::default(), None), 1);
    assert_eq!(store.parked_batches(9).unwrap(), []);
    let row = store.batch(batch).unwrap().unwrap();
    assert_eq!((row.state, row.reason.as_deref()), (BatchState::Skipped, Some("ordered anew")));
    assert_eq!(store.unsettled_batches_of(row.turn).unwrap().len(), 1);
}

#[test]
fn an_order_is_about_the_turns_it_names() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (one, _) = whole_turn(&mut store, 0, 1);
    let (two, _) = whole_turn(&mut store, 100, 2);
    let other = |event: Event| Event { session: SessionId("s2".to_owned()), ..event };
    let three = put(&mut store, &other(prompted(200, "q", "third"))).1.unwrap();
    let session = store.turn(one).unwrap().unwrap().session;
    let of_session = Again { session: Some(session), ..Again::default() };
    let since = Again { since: Some(NOW.plus_ms(50)), ..Again::default() };
    let elsewhere = Again { project: Some(mem_core::id::ProjectId(77)), ..Again::default() };
    let volume = |scope: &Again| store.redistill_estimate(scope).unwrap();
    let all = volume(&Again::default());
    assert_eq!((all.turns, all.events), (3, 8));
    assert!(all.bytes > 100, "{all:?}");
    assert_eq!((volume(&of_session).turns, volume(&of_session).events), (2, 7));
    assert_eq!((volume(&since).turns, volume(&since).events), (2, 5));
    assert_eq!(volume(&elsewhere), Volume::default());
    assert_eq!(again(&mut store, elsewhere, None), 0);
    assert_eq!(again(&mut store, Again { session: Some(session), ..since }, None), 1);
    let ordered = |store: &Store, turn| store.unsettled_batches_of(turn).unwrap().len();
    assert_eq!([one, two, three].map(|turn| ordered(&store, turn)), [0, 1, 0]);
    distil(&mut store, three, &Distiller::Local, &[]);
    store.write(|tx| tx.prune_events(LATER, 0, 100, NOW)).unwrap();
    assert_eq!(volume_of(&store).turns, 1, "only that with a batch kept its events");
    assert_eq!(again(&mut store, Again::default(), None), 1);
}

fn volume_of(store: &Store) -> Volume {
    store.redistill_estimate(&Again::default()).unwrap()
}

#[test]
fn a_session_begins_anew_when_it_is_resumed_but_not_when_it_is_compacted() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, _) = whole_turn(&mut store, 0, 1);
    let batch = plan(&mut store, turn).unwrap();
    let begun = |store: &Store| store.batch(batch).unwrap().unwrap().begun_at;
    assert_eq!(begun(&store), NOW, "without a start: its first event");
    put(&mut store, &started(100, StartSource::Compact));
    assert_eq!(begun(&store), NOW);
    put(&mut store, &started(300, StartSource::Resume));
    put(&mut store, &started(200, StartSource::Clear));
    assert_eq!(begun(&store), NOW.plus_ms(300));
}

#[test]
fn idle_sessions_are_closed_and_open_again() {
    let desk = Desk::new();
    let mut store = desk.open();
    let close = |store: &mut Store, at: i64, observing: bool| {
        store.write(|tx| tx.close_idle_sessions(NOW.plus_ms(at), observing)).unwrap()
    };
    let end = |store: &Store| {
        let session = store.sessions(None, 1).unwrap().remove(0);
        (session.ended_at, session.end_reason)
    };
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    assert_eq!(close(&mut store, 500, false), 0, "the local distiller has work");
    distil(&mut store, turn, &Distiller::Local, &[]);
    assert_eq!(close(&mut store, 0, false), 0, "not silent for long");
    assert_eq!(close(&mut store, 500, true), 0, "the observer has work");
    let batch = plan(&mut store, turn).unwrap();
    assert_eq!(close(&mut store, 500, false), 0, "there is a batch");
    store.write(|tx| tx.park_batch(batch, "no", NOW)).unwrap();
    assert_eq!(close(&mut store, 500, true), 1);
    assert_eq!(end(&store), (Some(NOW), Some("idle".to_owned())));
    assert_eq!(close(&mut store, 500, true), 0, "once");
    put(&mut store, &of_prompt("p1", ran(600, "t1")));
    assert_eq!(end(&store), (None, None), "it goes on");
}

/// A store with one distilled turn whose batch was given up.
fn given_up(desk: &Desk) -> Store {
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "Lex faster")).1.unwrap();
    store
        .write(|tx| {
            let batch = tx.add_batch(turn, NOW)?.expect("the turn has an event");
            tx.park_batch(batch, "refused: no", NOW)
        })
        .unwrap();
    store
}

#[test]
fn what_was_given_up_can_be_ordered_anew_and_is_not_told_of_then() {
    let desk = Desk::new();
    let mut store = given_up(&desk);
    let again = Again { parked: true, ..Again::default() };
    assert_eq!(store.redistill_estimate(&again).unwrap().turns, 1);
    assert_eq!(store.write(|tx| tx.order_again(&again, None, NOW)).unwrap(), 1);
    assert_eq!(store.parked_batches(9).unwrap(), []);
    assert_eq!(store.due_batches(NOW, 9).unwrap().len(), 1);
    assert_eq!(store.redistill_estimate(&again).unwrap().turns, 0);
}

#[test]
fn an_order_can_be_taken_back_and_is_not_planned_again() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, events) = whole_turn(&mut store, 0, 4);
    observe(&mut store, turn, events[2], "claude/haiku", &made(&[]));
    assert_eq!(store.write(|tx| tx.cancel_orders(NOW)).unwrap(), 0, "what is not ordered stays");
    assert_eq!(to_observe(&store, LATER), [turn]);
    assert_eq!(again(&mut store, Again::default(), Some("openai/big")), 1);
    assert_eq!(store.orders_waiting().unwrap(), 1);
    assert_eq!(store.write(|tx| tx.cancel_orders(NOW)).unwrap(), 1);
    assert_eq!(store.orders_waiting().unwrap(), 0);
    assert_eq!(store.due_batches(LATER, 9).unwrap(), []);
    assert_eq!(to_observe(&store, LATER), []);

    assert_eq!(again(&mut store, Again::default(), None), 1);
    observe(&mut store, turn, events[2], "openai/big", &made(&[]));
    assert_eq!(to_observe(&store, LATER), [turn], "between two parts");
    assert_eq!(store.write(|tx| tx.cancel_orders(NOW)).unwrap(), 0);
    assert_eq!(to_observe(&store, LATER), []);

    let _late = put(&mut store, &of_prompt("p0", ran(9, "t9"))).0;
    distil(&mut store, turn, &Distiller::Local, &[]);
    assert_eq!(to_observe(&store, LATER), [turn], "what comes later is planned as ever");
    let next = plan(&mut store, turn).unwrap();
    let row = store.batch(next).unwrap().unwrap();
    assert_eq!((row.after, row.asked), (events[5], false));
}

#[test]
fn an_order_taken_back_while_it_is_asked_does_not_come_back_when_that_fails() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, events) = whole_turn(&mut store, 0, 4);
    assert_eq!(again(&mut store, Again::default(), Some("openai/big")), 1);
    let batch = store.due_batches(NOW, 9).unwrap()[0].id;
    let request = lease(&mut store, batch, events[5]);
    assert_eq!(store.write(|tx| tx.cancel_orders(NOW)).unwrap(), 0, "it is out");
    store.write(|tx| tx.fail(request, "transport", "gone", false, AGAIN, NOW)).unwrap();
    let row = store.batch(batch).unwrap().unwrap();
    assert_eq!((row.state, row.reason.as_deref()), (BatchState::Skipped, Some("cancelled")));
    assert_eq!(to_observe(&store, LATER), []);

    assert_eq!(again(&mut store, Again::default(), None), 1);
    let batch = store.due_batches(NOW, 9).unwrap()[0].id;
    let request = lease(&mut store, batch, events[5]);
    store.write(|tx| tx.fail(request, "transport", "gone", false, AGAIN, NOW)).unwrap();
    let row = store.batch(batch).unwrap().unwrap();
    assert_eq!(
        (row.turn, row.state),
        (turn, BatchState::Waiting),
        "one that nobody took back is tried again"
    );
}

#[test]
fn what_was_given_up_can_be_accepted() {
    let desk = Desk::new();
    let mut store = given_up(&desk);
    assert_eq!(store.write(|tx| tx.accept_parked(NOW)).unwrap(), 1);
    assert_eq!(store.parked_batches(9).unwrap(), []);
    assert_eq!(store.due_batches(NOW, 9).unwrap(), []);
}

#[test]
fn the_local_distiller_can_be_sent_over_a_turn_again() {
    let desk = Desk::new();
    let mut store = given_up(&desk);
    let turn = store.open_turns().unwrap()[0].id;
    let made = made(&[]);
    store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, NOW, NOW)).unwrap();
    let later = NOW.plus_ms(1_000_000);
    assert_eq!(store.turns_to_distil(later, 9).unwrap(), []);
    let none = Again { since: Some(later), ..Again::default() };
    assert_eq!(store.write(|tx| tx.distil_again(&none)).unwrap(), 0);
    assert_eq!(store.write(|tx| tx.distil_again(&Again::default())).unwrap(), 1);
    assert_eq!(store.turns_to_distil(later, 9).unwrap().len(), 1);
}

#[test]
fn what_waits_can_be_hurried() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, _) = whole_turn(&mut store, 0, 1);
    let batch = plan(&mut store, turn).unwrap();
    store.write(|tx| tx.give_back(batch, LATER, Some("auth"))).unwrap();
    assert_eq!(store.due_batches(NOW, 9).unwrap(), []);
    assert_eq!(store.write(|tx| tx.hurry(NOW)).unwrap(), 1);
    assert_eq!(store.due_batches(NOW, 9).unwrap().len(), 1);
    assert_eq!(store.write(|tx| tx.hurry(NOW)).unwrap(), 0);
}
