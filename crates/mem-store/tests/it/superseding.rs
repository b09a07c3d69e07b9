//! What stands in whose place when several distillers speak of the same turn.

use mem_core::id::{EventId, ObservationId, TurnId};
use mem_core::observation::{Distilled, Distiller, Summary};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use mem_store::{Again, Store};

use crate::desk::{
    Desk, NOW, answered, distil, found, index_anew, lease, made, observe, of_prompt, project, put, ran,
    record, whole_turn,
};

const HAIKU: &str = "claude/haiku";
const BIG: &str = "openai/big";

/// Titles in sight, and of those that the index finds by the word all of them hold.
fn titles(store: &mut Store) -> Vec<String> {
    let project = project(store);
    let listed = store.observations(project, 20).unwrap();
    let mut ids: Vec<DocId> = listed.iter().map(|row| DocId::Observation(row.id)).collect();
    ids.sort();
    assert_eq!(found(store, "thing", Some(project)), ids, "what is listed is what is found");
    let mut titles: Vec<String> = listed.into_iter().map(|row| row.observation.title).collect();
    titles.sort();
    titles
}

fn replaced_by(store: &Store, id: ObservationId) -> Option<ObservationId> {
    store.observation(id).unwrap().unwrap().superseded_by
}

/// A turn of six events with three observations by the local distiller: of the events 1 and 2, 3, and 4.
fn told_locally(store: &mut Store) -> (TurnId, Vec<EventId>, Vec<ObservationId>) {
    let (turn, e) = whole_turn(store, 0, 4);
    let local: [(&str, &str, &[EventId]); 3] = [
        ("a", "local thing one", &[e[1], e[2]]),
        ("b", "local thing two", &[e[3]]),
        ("c", "local thing three", &[e[4]]),
    ];
    let ids = distil(store, turn, &Distiller::Local, &local);
    (turn, e, ids)
}

#[test]
fn a_model_stands_in_the_place_of_what_it_covered() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, local) = told_locally(&mut store);
    store.write(|tx| tx.pin(local[1], true)).unwrap();
    let said = made(&[("1", "model thing one", &[e[1]]), ("2", "model thing two", &[e[2], e[3], e[1]])]);
    let model = observe(&mut store, turn, e[3], HAIKU, &said);
    assert_eq!(replaced_by(&store, local[0]), Some(model[1]), "that shares most with it");
    assert_eq!(replaced_by(&store, local[1]), None, "pinned");
    assert_eq!(replaced_by(&store, local[2]), None, "of events the model has not seen");
    assert_eq!(
        titles(&mut store),
        ["local thing three", "local thing two", "model thing one", "model thing two"]
    );

    let said = made(&[("1", "model thing three", &[])]);
    let second = observe(&mut store, turn, e[5], HAIKU, &said);
    assert_ne!(second[0], model[0], "the slots of another part");
    assert_eq!(replaced_by(&store, local[2]), Some(second[0]), "the first, when none shares anything");
    assert_eq!(store.counts().unwrap().replaced, 2);
    index_anew(&mut store);
    titles(&mut store);
}

#[test]
fn ties_go_to_the_first() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, local) = told_locally(&mut store);
    let said = made(&[("1", "model thing one", &[e[2]]), ("2", "model thing two", &[e[1]])]);
    let model = observe(&mut store, turn, e[5], HAIKU, &said);
    assert_eq!(replaced_by(&store, local[0]), Some(model[0]));
}

#[test]
fn a_model_that_found_nothing_replaces_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, local) = told_locally(&mut store);
    observe(&mut store, turn, e[2], HAIKU, &made(&[]));
    assert_eq!(titles(&mut store).len(), 3);
    let second = observe(&mut store, turn, e[5], HAIKU, &made(&[("1", "model thing", &[e[3]])]));
    assert_eq!(replaced_by(&store, local[0]), None, "another part found nothing in its events");
    assert_eq!(replaced_by(&store, local[1]), Some(second[0]));
}

#[test]
fn what_is_news_is_back_in_sight_until_the_model_has_seen_it() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, local) = told_locally(&mut store);
    let model = observe(&mut store, turn, e[5], HAIKU, &made(&[("1", "model thing", &[e[1]])]));
    assert_eq!(titles(&mut store), ["model thing"]);
    let late = put(&mut store, &of_prompt("p0", ran(9, "t9"))).0;
    let again: [(&str, &str, &[EventId]); 3] = [
        ("a", "local thing one", &[e[1], e[2]]),
        ("b", "local thing two, put otherwise", &[e[3]]),
        ("c", "local thing three, and more", &[e[4], late]),
    ];
    assert_eq!(distil(&mut store, turn, &Distiller::Local, &again), local);
    assert_eq!(titles(&mut store), ["local thing three, and more", "model thing"]);
    assert_eq!(replaced_by(&store, local[0]), Some(model[0]), "unchanged");
    assert_eq!(replaced_by(&store, local[1]), Some(model[0]), "no news");
    let second = observe(&mut store, turn, late, HAIKU, &made(&[("1", "model thing, later", &[late])]));
    assert_eq!(replaced_by(&store, local[2]), Some(second[0]));
    assert_eq!(titles(&mut store), ["model thing", "model thing, later"]);
    distil(&mut store, turn, &Distiller::Local, &[]);
    assert_eq!(titles(&mut store).len(), 2, "the local distiller removes nothing of a model");
}

fn order(store: &mut Store, model: Option<&str>) {
    assert_eq!(store.write(|tx| tx.order_again(&Again::default(), model, NOW)).unwrap(), 1);
}

#[test]
fn the_same_model_asked_again_updates_its_rows() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, local) = told_locally(&mut store);
    let first = observe(
        &mut store,
        turn,
        e[3],
        HAIKU,
        &made(&[("1", "thing A", &[e[1]]), ("2", "thing B", &[e[2]])]),
    );
    let tail = observe(&mut store, turn, e[5], HAIKU, &made(&[("1", "thing C", &[e[4]])]));
    assert_eq!(titles(&mut store), ["thing A", "thing B", "thing C"]);

    order(&mut store, None);
    let again = observe(&mut store, turn, e[5], HAIKU, &made(&[("p1:1", "thing A, again", &[e[1]])]));
    assert_eq!(again, [first[0]], "the row of its slot");
    assert_eq!(titles(&mut store), ["thing A, again"]);
    assert_eq!(store.observation(tail[0]).unwrap(), None, "a later part of the older order, covered by now");
    assert!(local.iter().all(|id| replaced_by(&store, *id) == Some(first[0])));

    order(&mut store, None);
    observe(&mut store, turn, e[5], HAIKU, &made(&[]));
    assert_eq!(titles(&mut store).len(), 3, "it finds nothing any more: the local memory is back");
    order(&mut store, None);
    let last = observe(&mut store, turn, e[5], HAIKU, &made(&[("1", "thing A", &[e[1]])]));
    assert!(last[0] > first[0], "an id that was given never names anything else");
    assert_eq!(titles(&mut store), ["thing A"]);
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
}

#[test]
fn another_model_stands_in_the_place_of_an_older_one_and_back() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, local) = told_locally(&mut store);
    let small = observe(&mut store, turn, e[5], HAIKU, &made(&[("1", "small thing", &[e[1]])]));
    order(&mut store, Some(BIG));
    let big = observe(
        &mut store,
        turn,
        e[5],
        BIG,
        &made(&[("1", "big thing", &[e[1]]), ("2", "big thing two", &[])]),
    );
    assert_eq!(replaced_by(&store, small[0]), Some(big[0]));
    assert_eq!(replaced_by(&store, local[0]), Some(small[0]), "who replaced it then");
    assert_eq!(titles(&mut store), ["big thing", "big thing two"]);

    order(&mut store, Some(HAIKU));
    let back = observe(&mut store, turn, e[5], HAIKU, &made(&[("1", "small thing", &[e[1]])]));
    assert_eq!(back, small);
    assert_eq!(replaced_by(&store, small[0]), None);
    assert!(big.iter().all(|id| replaced_by(&store, *id) == Some(small[0])));
    assert_eq!(titles(&mut store), ["small thing"]);

    order(&mut store, Some(BIG));
    observe(&mut store, turn, e[5], BIG, &made(&[("1", "big thing", &[e[1]])]));
    order(&mut store, Some(HAIKU));
    observe(&mut store, turn, e[5], HAIKU, &made(&[]));
    assert_eq!(titles(&mut store), ["big thing"], "what it had replaced stays behind what replaced it");
}

#[test]
fn an_older_order_that_is_late_writes_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, _) = told_locally(&mut store);
    let batch = store.write(|tx| tx.add_batch(turn, NOW)).unwrap().unwrap();
    let slow = lease(&mut store, batch, e[5]);
    order(&mut store, Some(BIG));
    let ordered = store.unsettled_batches_of(turn).unwrap()[1].id;
    let request = lease(&mut store, ordered, e[5]);
    record(&mut store, slow);
    record(&mut store, request);
    let settle = |store: &mut Store, request, by: &str, title| {
        let by = Distiller::Model(by.to_owned());
        let said = made(&[("1", title, &[])]);
        store.write(|tx| tx.settle_observed(request, &by, &said, "observed", NOW, NOW)).unwrap()
    };
    assert_eq!(settle(&mut store, request, BIG, "big thing").map(|ids| ids.len()), Some(1));
    assert_eq!(settle(&mut store, slow, HAIKU, "small thing"), Some(Vec::new()));
    assert_eq!(titles(&mut store), ["big thing"]);
    assert_eq!(store.batch_counts().unwrap()["done"], 2);
}

fn summed(request: &str) -> Distilled {
    let summary = Some(Summary { request: request.to_owned(), ..Summary::default() });
    Distilled { summary, ..Distilled::default() }
}

#[test]
fn a_turn_shows_one_summary() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e) = whole_turn(&mut store, 0, 4);
    let project = project(&mut store);
    let local = |store: &mut Store, said: &Distilled| {
        store.write(|tx| tx.put_distilled(turn, &Distiller::Local, said, NOW, NOW)).unwrap();
    };
    let shown = |store: &mut Store| -> Vec<String> {
        let rows = store.summaries(project, 9).unwrap();
        let found = found(store, "goal", Some(project));
        assert_eq!(rows.len(), found.len(), "what is listed is what is found");
        rows.into_iter().map(|row| row.summary.request).collect()
    };
    local(&mut store, &summed("goal by rule"));
    let old = store.summaries(project, 1).unwrap()[0].id;
    assert_eq!(store.summary_replaced_by(old).unwrap(), None);
    observe(&mut store, turn, e[2], HAIKU, &made(&[]));
    assert_eq!(shown(&mut store), ["goal by rule"], "the reply had none");
    observe(&mut store, turn, e[5], HAIKU, &summed("goal by model"));
    assert_eq!(shown(&mut store), ["goal by model"]);
    let new = store.summaries(project, 1).unwrap()[0].id;
    assert_eq!(store.summary_replaced_by(old).unwrap(), Some(new));
    assert_eq!(store.summary(old).unwrap().unwrap().summary.request, "goal by rule", "still on record");
    local(&mut store, &summed("goal by better rule"));
    assert_eq!(shown(&mut store), ["goal by model"], "no news");
    let late = put(&mut store, &answered(50, "p0x")).0;
    local(&mut store, &summed("goal by rule, and more"));
    assert_eq!(shown(&mut store).len(), 2, "news, until the model has seen it");
    observe(&mut store, turn, late, HAIKU, &made(&[("1", "thing", &[late])]));
    local(&mut store, &summed("goal"));
    order(&mut store, Some(BIG));
    observe(&mut store, turn, late, BIG, &summed("goal by a big model"));
    assert_eq!(shown(&mut store), ["goal by a big model"]);
    order(&mut store, Some(HAIKU));
    observe(&mut store, turn, late, HAIKU, &summed("goal by model"));
    assert_eq!(shown(&mut store), ["goal by model"]);
    index_anew(&mut store);
    assert_eq!(shown(&mut store), ["goal by model"]);
}

#[test]
fn what_came_before_a_turn_is_told_oldest_first() {
    let desk = Desk::new();
    let mut store = desk.open();
    for n in 0..3 {
        let (turn, e) = whole_turn(&mut store, n * 100, 1);
        let mut said = made(&[("a", &format!("rule {n}"), &[e[1]])]);
        said.summary = summed(&format!("by rule {n}")).summary;
        store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &said, NOW, NOW)).unwrap();
        if n == 1 {
            let mut said = made(&[("1", "model\n1", &[e[1]]), ("2", "model 2", &[])]);
            said.summary = summed("by model").summary;
            observe(&mut store, turn, e[2], HAIKU, &said);
        }
    }
    let session = store.turns_to_observe(Timestamp(0), NOW.plus_ms(999), 1).unwrap()[0].session;
    let (summaries, titles) = store.earlier(session, 3, 9).unwrap();
    let requests: Vec<&str> = summaries.iter().map(|summary| summary.request.as_str()).collect();
    assert_eq!(requests, ["by rule 0", "by model"]);
    assert_eq!(titles, ["rule 0", "model 1", "model 2"]);
    let (summaries, titles) = store.earlier(session, 3, 1).unwrap();
    assert_eq!((summaries.len(), titles), (1, vec!["model 2".to_owned()]));
    assert_eq!(store.earlier(session, 1, 9).unwrap(), (Vec::new(), Vec::new()));
}

#[test]
fn events_of_a_turn_with_an_unsettled_batch_are_kept() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (turn, e, _) = told_locally(&mut store);
    let batch = store.write(|tx| tx.add_batch(turn, NOW)).unwrap().unwrap();
    let prune =
        |store: &mut Store| store.write(|tx| tx.prune_events(NOW.plus_ms(999), 0, 99, NOW)).unwrap().events;
    assert_eq!(prune(&mut store), 0);
    let request = lease(&mut store, batch, e[5]);
    record(&mut store, request);
    assert_eq!(prune(&mut store), 0);
    let by = Distiller::Model(HAIKU.to_owned());
    store.write(|tx| tx.settle_observed(request, &by, &made(&[]), "skip", NOW, NOW)).unwrap();
    assert_eq!(prune(&mut store), 5, "all but what the agent said");
}
