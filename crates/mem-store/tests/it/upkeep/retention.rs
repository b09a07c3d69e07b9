//! Letting go of raw events: only what is old or too much, and never what memory was made of.

use mem_core::observation::{Distilled, Distiller, Observation};
use mem_core::time::Timestamp;

use crate::desk::{Desk, NOW, answered, observation, of_prompt, project, prompted, put, ran};

const ALL: u64 = u64::MAX;
const LATER: Timestamp = Timestamp(NOW.0 + 1_000_000);

#[test]
fn the_oldest_go_first_and_memories_stay() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    let (source, _) = put(&mut store, &of_prompt("p1", ran(1, "t1")));
    put(&mut store, &answered(2, "p1"));
    let prune = |store: &mut mem_store::Store, older: Timestamp, bytes, limit| {
        store.write(|tx| tx.prune_events(older, bytes, limit, NOW)).unwrap()
    };
    assert_eq!(prune(&mut store, LATER, 0, 10).events, 0, "not distilled yet: it stays");
    let work = Observation { sources: vec![source], ..observation("did it") };
    let made = Distilled { observations: vec![("work".to_owned(), work)], ..Distilled::default() };
    let distil = |store: &mut mem_store::Store, made: &Distilled| {
        store.write(|tx| tx.put_distilled(turn, &Distiller::Local, made, NOW, NOW)).unwrap()
    };
    let ids = distil(&mut store, &made);
    assert_eq!(prune(&mut store, NOW, ALL, 10).events, 0, "none is older");
    let step = prune(&mut store, NOW.plus_ms(2), ALL, 1);
    assert_eq!((step.events, step.more), (1, true), "in steps");
    let step = prune(&mut store, NOW.plus_ms(2), ALL, 10);
    assert_eq!((step.events, step.more), (1, false));
    assert_eq!(store.event(source).unwrap(), None);
    assert_eq!(store.turn_prompt(turn).unwrap().as_deref(), Some("one"));
    let counts = store.counts().unwrap();
    assert_eq!((counts.events, counts.observations), (1, 1));
    let kept = store.observation(ids[0]).unwrap().unwrap();
    assert_eq!(kept.observation.sources, [source], "where it came from stays on record");
    assert!(store.sources_of(ids[0]).unwrap().is_empty());

    put(&mut store, &of_prompt("p1", ran(9, "t2")));
    assert!(store.turns_to_distil(LATER, 10).unwrap().is_empty(), "half a turn is not distilled again");
    distil(&mut store, &Distilled::default());
    assert!(store.observation(ids[0]).unwrap().is_some(), "and would take nothing away");
}

#[test]
fn too_many_bytes_make_room() {
    let desk = Desk::new();
    let mut store = desk.open();
    for n in 0..10 {
        put(&mut store, &ran(n, &format!("t{n}")));
    }
    let bytes = store.counts().unwrap().event_bytes;
    let pruned = store.write(|tx| tx.prune_events(NOW, bytes / 2, 100, NOW)).unwrap();
    let left = store.counts().unwrap();
    assert!(left.event_bytes <= bytes / 2 && left.events == 5, "{left:?}");
    assert_eq!(pruned.bytes + left.event_bytes, bytes);
    let project = project(&mut store);
    assert_eq!(store.last_event_at(Some(project)).unwrap(), Some(NOW.plus_ms(9)));
}
