//! Events: exact round trips, idempotency, and which turn they belong to.

use mem_core::event::{Body, Event, NaturalKey, StartSource};
use mem_store::Put;

use crate::desk::{Desk, NOW, answered, event, of_prompt, project, prompted, put, ran, spot, started};

#[test]
fn a_session_goes_in_and_comes_out() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &started(0, StartSource::Startup));
    let (_, turn) = put(&mut store, &prompted(10, "p1", "fix the parser"));
    let turn = turn.unwrap();
    put(&mut store, &of_prompt("p1", ran(20, "t1")));
    put(&mut store, &answered(30, "p1"));
    let events: Vec<Event> = store.turn_events(turn).unwrap().into_iter().map(|(_, event)| event).collect();
    assert_eq!(
        events,
        [prompted(10, "p1", "fix the parser"), of_prompt("p1", ran(20, "t1")), answered(30, "p1")]
    );
    let project = project(&mut store);
    let sessions = store.sessions(Some(project), 10).unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!((sessions[0].turns, sessions[0].events), (1, 4));
    assert_eq!(sessions[0].first_prompt.as_deref(), Some("fix the parser"));
    assert_eq!(store.turns_to_distil(NOW, 10).unwrap()[0].id, turn);
}

#[test]
fn a_fixed_key_is_stored_once_and_a_counted_one_each_time() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    let project = project(&mut store);
    let again = store.write(|tx| tx.put_event(&ran(5, "t1"), &spot(project), NOW)).unwrap();
    assert_eq!(again, Put::Duplicate);
    let raw = Body::Raw { name: "Odd".to_owned(), json: "{}".to_owned() };
    let counted = Event { key: NaturalKey::Counted("abc".to_owned()), ..event(6, "", raw) };
    let (first, _) = put(&mut store, &counted);
    let (second, _) = put(&mut store, &counted);
    assert_ne!(first, second);
    assert_eq!(store.event(second).unwrap().unwrap().event, counted);
}
