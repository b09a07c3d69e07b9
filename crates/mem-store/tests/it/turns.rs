//! Which turn an event belongs to, when a turn ends, and when it waits for the distiller.

use mem_core::event::{Body, Event, StartSource, Subagent};
use mem_core::id::{SessionId, TurnId};
use mem_core::observation::{Distilled, Distiller};
use mem_core::time::Timestamp;
use mem_store::{Store, TurnRow};

use crate::desk::{Desk, NOW, answered, event, of_prompt, prompted, put, ran, started};

/// Later than everything.
const LATER: Timestamp = Timestamp(NOW.0 + 1_000_000);

fn turn(store: &Store, id: TurnId) -> TurnRow {
    store.turn(id).unwrap().unwrap()
}

fn ended(at: i64) -> Event {
    event(at, &format!("end:{at}"), Body::SessionEnded { reason: "clear".to_owned() })
}

fn waiting(store: &Store, quiet_before: Timestamp) -> Vec<TurnId> {
    store.turns_to_distil(quiet_before, 10).unwrap().iter().map(|turn| turn.id).collect()
}

fn distil(store: &mut Store, id: TurnId) {
    let nothing = Distilled::default();
    store.write(|tx| tx.put_distilled(id, &Distiller::Local, &nothing, NOW, NOW)).unwrap();
}

#[test]
fn what_comes_before_the_first_prompt_has_no_turn() {
    let desk = Desk::new();
    let mut store = desk.open();
    assert_eq!(put(&mut store, &started(0, StartSource::Startup)).1, None);
    assert_eq!(put(&mut store, &ran(5, "t0")).1, None);
}

#[test]
fn a_prompt_closes_the_turn_before_it() {
    let desk = Desk::new();
    let mut store = desk.open();
    let first = put(&mut store, &prompted(10, "p1", "one")).1.unwrap();
    assert_eq!(put(&mut store, &ran(20, "t1")).1, Some(first), "without a prompt id: the open one");
    let second = put(&mut store, &prompted(30, "p2", "two")).1.unwrap();
    assert_eq!(turn(&store, first).closed_at, Some(NOW.plus_ms(30)));
    assert_eq!(turn(&store, second).closed_at, None);
    assert_eq!((turn(&store, first).ordinal, turn(&store, second).ordinal), (1, 2));
    let open: Vec<TurnId> = store.open_turns().unwrap().iter().map(|turn| turn.id).collect();
    assert_eq!(open, [second]);
    assert_eq!(store.turn_prompt(second).unwrap().as_deref(), Some("two"));
}

#[test]
fn late_events_go_to_their_own_turn() {
    let desk = Desk::new();
    let mut store = desk.open();
    let first = put(&mut store, &prompted(10, "p1", "one")).1.unwrap();
    put(&mut store, &answered(20, "p1"));
    let second = put(&mut store, &prompted(30, "p2", "two")).1.unwrap();
    distil(&mut store, first);
    assert_eq!(put(&mut store, &of_prompt("p1", ran(35, "t9"))).1, Some(first), "by its prompt");
    assert_eq!(put(&mut store, &ran(15, "t8")).1, Some(first), "by its time");
    assert_eq!(put(&mut store, &ran(36, "t7")).1, Some(second));
    assert_eq!(waiting(&store, NOW), [first], "closed and changed: once more");
    assert_eq!(turn(&store, first).closed_at, Some(NOW.plus_ms(20)), "what closed it stays");
}

#[test]
fn a_late_prompt_opens_a_turn_that_is_over() {
    let desk = Desk::new();
    let mut store = desk.open();
    let newer = put(&mut store, &prompted(30, "p2", "two")).1.unwrap();
    let late = put(&mut store, &prompted(10, "p1", "one")).1.unwrap();
    assert!(turn(&store, late).closed_at.is_some());
    assert_eq!(turn(&store, newer).closed_at, None);
    assert_eq!(put(&mut store, &ran(40, "t1")).1, Some(newer));
}

#[test]
fn answers_close_a_turn_but_not_those_of_subagents() {
    let desk = Desk::new();
    let mut store = desk.open();
    let id = put(&mut store, &prompted(10, "p1", "one")).1.unwrap();
    let subagent = Some(Subagent { id: "a1".to_owned(), kind: "explore".to_owned() });
    let inner = Event { subagent, key: mem_core::event::NaturalKey::Fixed("x".into()), ..answered(15, "p1") };
    put(&mut store, &inner);
    assert_eq!(turn(&store, id).closed_at, None);
    let failed =
        Body::AnswerFailed { error: "rate_limit".to_owned(), details: String::new(), said: String::new() };
    put(&mut store, &of_prompt("p1", event(20, "f", failed)));
    assert_eq!(turn(&store, id).closed_at, Some(NOW.plus_ms(20)));
}

#[test]
fn starts_and_ends_close_a_turn_but_compaction_does_not() {
    let desk = Desk::new();
    let mut store = desk.open();
    let first = put(&mut store, &prompted(10, "p1", "one")).1.unwrap();
    assert_eq!(put(&mut store, &started(20, StartSource::Compact)).1, Some(first));
    assert_eq!(turn(&store, first).closed_at, None);
    assert_eq!(put(&mut store, &ended(30)).1, Some(first));
    assert_eq!(turn(&store, first).closed_at, Some(NOW.plus_ms(30)));
    assert_eq!(store.sessions(None, 1).unwrap()[0].end_reason.as_deref(), Some("clear"));
    assert_eq!(put(&mut store, &started(40, StartSource::Resume)).1, None);
    assert_eq!(store.sessions(None, 1).unwrap()[0].ended_at, None, "it goes on");
    let second = put(&mut store, &prompted(50, "p2", "two")).1.unwrap();
    put(&mut store, &started(60, StartSource::Startup));
    assert_eq!(turn(&store, second).closed_at, Some(NOW.plus_ms(60)));
    put(&mut store, &ended(70));
    assert_eq!(turn(&store, second).last_at, NOW.plus_ms(50), "an end after the end changes no turn");
}

#[test]
fn an_open_turn_waits_until_it_is_quiet() {
    let desk = Desk::new();
    let mut store = desk.open();
    let id = put(&mut store, &prompted(10, "p1", "one")).1.unwrap();
    assert_eq!(waiting(&store, NOW.plus_ms(10)), []);
    assert_eq!(waiting(&store, LATER), [id]);
    distil(&mut store, id);
    assert_eq!(waiting(&store, LATER), [], "nothing new since");
    assert!(!turn(&store, id).changed);
    put(&mut store, &of_prompt("p1", ran(20, "t1")));
    assert_eq!(waiting(&store, LATER), [id]);
    assert_eq!(store.counts().unwrap().waiting, 1);
}

#[test]
fn sessions_do_not_mix() {
    let desk = Desk::new();
    let mut store = desk.open();
    let other = |event: Event| Event { session: SessionId("s2".to_owned()), ..event };
    let first = put(&mut store, &prompted(10, "p1", "one")).1;
    let second = put(&mut store, &other(prompted(20, "p1", "two"))).1;
    assert_ne!(first, second);
    assert_eq!(put(&mut store, &other(ran(30, "t1"))).1, second);
    assert_eq!(put(&mut store, &ran(30, "t1")).1, first);
    let sessions = store.sessions(None, 10).unwrap();
    assert_eq!(
        sessions.iter().map(|s| s.first_prompt.as_deref()).collect::<Vec<_>>(),
        [Some("two"), Some("one")]
    );
}
