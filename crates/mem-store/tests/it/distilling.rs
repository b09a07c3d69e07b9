//! What a distiller made: kept in place, found, listed.

use mem_core::id::{ObservationId, TurnId};
use mem_core::observation::{Distilled, Distiller, Observation, Summary};
use mem_core::recall::DocId;
use mem_store::Store;

use crate::desk::{Desk, NOW, answered, found, observation, project, prompted, put};

/// What the local distiller made of a turn: titles by slot.
fn distil(store: &mut Store, turn: TurnId, slots: &[(&str, &str)]) -> Vec<ObservationId> {
    let observations = slots.iter().map(|(slot, title)| ((*slot).to_owned(), observation(title))).collect();
    let made = Distilled { observations, ..Distilled::default() };
    store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, NOW, NOW)).unwrap()
}

fn titles(store: &mut Store) -> Vec<String> {
    let project = project(store);
    store.observations(project, 10).unwrap().into_iter().map(|row| row.observation.title).collect()
}

#[test]
fn distilling_again_updates_the_same_rows() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "make it faster")).1.unwrap();
    put(&mut store, &answered(5, "p1"));
    let mut made = Distilled {
        observations: vec![("work".to_owned(), observation("made parsing faster"))],
        summary: Some(Summary { request: "speed".to_owned(), ..Summary::default() }),
        commits: Vec::new(),
    };
    let by = Distiller::Local;
    let first = store.write(|tx| tx.put_distilled(turn, &by, &made, NOW, NOW)).unwrap();
    made.observations[0].1.title = "made lexing faster".to_owned();
    made.observations.push(("more".to_owned(), observation("wrote a bench")));
    let second = store.write(|tx| tx.put_distilled(turn, &by, &made, NOW, NOW)).unwrap();
    assert_eq!(first[0], second[0]);
    let project = project(&mut store);
    assert_eq!(store.observations(project, 10).unwrap().len(), 2);
    assert_eq!(store.summaries(project, 10).unwrap().len(), 1);
    assert!(store.turns_to_distil(NOW, 10).unwrap().is_empty());
    assert_eq!(found(&mut store, "lexing", Some(project)), [DocId::Observation(first[0])]);
    assert_eq!(found(&mut store, "parsing", None), []);
}

#[test]
fn an_observation_comes_back_as_it_was_made() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (source, turn) = put(&mut store, &prompted(0, "p1", "make it faster"));
    let said = Observation {
        kind: "bugfix".to_owned(),
        title: "a \"title\" – with ünicode".to_owned(),
        subtitle: "second".to_owned(),
        facts: vec!["one".to_owned(), String::new(), "three\nlines".to_owned()],
        narrative: "story".to_owned(),
        concepts: vec!["problem-solution".to_owned()],
        files_read: vec!["b.rs".to_owned(), "a.rs".to_owned(), "b.rs".to_owned()],
        files_modified: vec!["a.rs".to_owned()],
        sources: vec![source],
    };
    let summary = Summary {
        request: "r".to_owned(),
        investigated: "i".to_owned(),
        learned: "l".to_owned(),
        completed: "c".to_owned(),
        next_steps: "n".to_owned(),
        notes: "o".to_owned(),
    };
    let made = Distilled {
        observations: vec![("work".to_owned(), said.clone())],
        summary: Some(summary.clone()),
        ..Distilled::default()
    };
    let by = Distiller::Model("some-model".to_owned());
    let at = NOW.plus_ms(7);
    let ids = store.write(|tx| tx.put_distilled(turn.unwrap(), &by, &made, at, NOW)).unwrap();
    let row = store.observation(ids[0]).unwrap().unwrap();
    assert_eq!((&row.observation, &row.by, row.at), (&said, &by, at));
    assert_eq!((row.branch.as_deref(), row.session.0.as_str()), (Some("main"), "s1"));
    assert_eq!(row.uuid.len(), 36);
    assert_eq!(store.sources_of(ids[0]).unwrap()[0].event, prompted(0, "p1", "make it faster"));
    let project = project(&mut store);
    let summaries = store.summaries(project, 5).unwrap();
    assert_eq!((&summaries[0].summary, summaries[0].at), (&summary, at));
    assert_eq!(store.summary(summaries[0].id).unwrap().as_ref(), Some(&summaries[0]));
    assert_eq!(store.observations_of_file(project, "a.rs", 5).unwrap(), [row]);
    assert_eq!(store.observations_of_file(project, "c.rs", 5).unwrap(), []);
}

#[test]
fn what_is_no_longer_made_goes_unless_it_is_pinned() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    let ids = distil(&mut store, turn, &[("a", "first"), ("b", "second"), ("c", "third")]);
    store.write(|tx| tx.pin(ids[1], true)).unwrap();
    let again = distil(&mut store, turn, &[("c", "third"), ("d", "fourth")]);
    assert_eq!(again[0], ids[2], "the row of its slot");
    assert_eq!(titles(&mut store), ["fourth", "third", "second"]);
    assert!(store.observation(ids[1]).unwrap().unwrap().pinned);
    assert_eq!(found(&mut store, "first", None), []);
    assert_eq!(found(&mut store, "second", None).len(), 1);
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_id_that_was_given_never_names_anything_else() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    let first = distil(&mut store, turn, &[("a", "first")]);
    distil(&mut store, turn, &[]);
    assert_eq!(store.observation(first[0]).unwrap(), None);
    let second = distil(&mut store, turn, &[("a", "another")]);
    assert!(second[0] > first[0]);
}

#[test]
fn saying_the_same_again_touches_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    let ids = distil(&mut store, turn, &[("a", "first")]);
    let read = || {
        let conn = rusqlite::Connection::open(desk.path()).unwrap();
        conn.query_row("SELECT written_at FROM observations", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let made = |title: &str| Distilled {
        observations: vec![("a".to_owned(), observation(title))],
        ..Distilled::default()
    };
    let later = NOW.plus_ms(500);
    let local = Distiller::Local;
    let again = store.write(|tx| tx.put_distilled(turn, &local, &made("first"), NOW, later)).unwrap();
    assert_eq!((again, read()), (ids.clone(), NOW.0));
    store.write(|tx| tx.put_distilled(turn, &local, &made("changed"), NOW, later)).unwrap();
    assert_eq!(read(), later.0);
}

#[test]
fn distillers_do_not_touch_each_other_and_the_better_one_may_supersede() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "one")).1.unwrap();
    let local = distil(&mut store, turn, &[("a", "by rules")]);
    let made =
        Distilled { observations: vec![("a".to_owned(), observation("by a model"))], ..Distilled::default() };
    let by = Distiller::Model("m".to_owned());
    let model = store.write(|tx| tx.put_distilled(turn, &by, &made, NOW, NOW)).unwrap();
    assert_eq!(titles(&mut store).len(), 2);
    store.write(|tx| tx.supersede(local[0], model[0])).unwrap();
    assert_eq!(titles(&mut store), ["by a model"]);
    let stands = [DocId::Observation(model[0])];
    assert_eq!(found(&mut store, "rules", None), stands, "what was replaced leads to what replaced it");
    assert_eq!(store.observation(local[0]).unwrap().unwrap().superseded_by, Some(model[0]));
    distil(&mut store, turn, &[("a", "by other rules")]);
    assert_eq!(found(&mut store, "rules", None), stands);
}

#[test]
fn a_turn_that_does_not_exist_makes_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    assert_eq!(distil(&mut store, TurnId(99), &[("a", "first")]), []);
}
