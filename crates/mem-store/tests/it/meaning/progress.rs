//! What is embedded next, whatever comes and goes meanwhile.

use mem_store::{Stretch, text_hash};
use proptest::prelude::*;

use super::library::{ask, embed, hashes, library, model, put_all, take_away};
use crate::desk::{Desk, index, index_anew};

#[test]
fn what_is_new_comes_before_what_is_old() {
    let (_desk, mut store) = library(6);
    let model = model(&mut store, "a");
    let some = store.write(|tx| tx.texts_to_embed(model.id, 2)).unwrap();
    assert_eq!(some.texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["text 5", "text 4"]);
    let asked: Vec<i64> = some.texts.iter().map(|text| text.hash).collect();
    store.write(|tx| put_all(tx, model.id, &asked)).unwrap();
    assert_eq!(store.vector_stretch(model.id).unwrap(), Stretch { embedded: 2, passages: 6 });
    ask(&mut store, 10, "news");
    ask(&mut store, 11, "more news");
    index(&mut store);
    let order = embed(&mut store, model.id, 3);
    assert_eq!(order, ["more news", "news", "text 3", "text 2", "text 1", "text 0"]);
}

#[test]
fn a_text_that_changed_since_it_was_indexed_waits_for_the_index() {
    let (desk, mut store) = library(2);
    let model = model(&mut store, "a");
    let conn = rusqlite::Connection::open(desk.path()).unwrap();
    conn.execute_batch(
        "UPDATE turns SET prompt = 'other words' WHERE id = 2; INSERT INTO index_due VALUES (18, 0);",
    )
    .unwrap();
    let next = store.write(|tx| tx.texts_to_embed(model.id, 9)).unwrap();
    assert_eq!(next.texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["text 0"]);
    // what the index will never learn of has no meaning, and holds up nobody
    conn.execute_batch("DELETE FROM index_due").unwrap();
    let next = store.write(|tx| tx.texts_to_embed(model.id, 9)).unwrap();
    assert_eq!((next.texts[0].text.as_str(), next.texts[0].hash), ("", text_hash("text 1")));
    store.write(|tx| put_all(tx, model.id, &[text_hash("text 1"), text_hash("text 0")])).unwrap();
    assert!(!store.write(|tx| tx.texts_to_embed(model.id, 9)).unwrap().left);
}

#[test]
fn more_rows_than_are_looked_at_in_one_step_are_all_embedded() {
    let (_desk, mut store) = library(1);
    let model = model(&mut store, "a");
    embed(&mut store, model.id, 16);
    // thousands of passages of one document, which come at once: its words in pieces
    let turn = ask(&mut store, 10, &"0123456789".repeat(2000));
    let document = store.document(mem_core::recall::DocId::Prompt(turn)).unwrap().unwrap();
    let passages: Vec<mem_store::Passage> = (0..9000)
        .map(|start| mem_store::Passage {
            start,
            length: start + 1,
            words: 1,
            terms: "piece".to_owned(),
            said: Vec::new(),
        })
        .collect();
    store.write(|tx| tx.index_document(&document, &passages)).unwrap();
    let order = embed(&mut store, model.id, 700);
    assert_eq!(order.len(), 9000);
    assert_eq!(order[0].len(), 9000, "the last of them first");
    let stretch = store.vector_stretch(model.id).unwrap();
    assert_eq!((stretch.embedded, hashes(&store, &model).len()), (9001, 9001));
}

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// A text is said, one of few.
    Say(u8),
    /// The prompt that was said so many before the last is taken away.
    TakeAway(usize),
    /// A batch is asked for and comes back after the next step.
    Embed(usize),
    /// The index is begun anew.
    Rebuild,
    /// The process dies.
    Die,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..12_u8).prop_map(Step::Say),
        4 => (0..4_usize).prop_map(Step::TakeAway),
        6 => (1..4_usize).prop_map(Step::Embed),
        1 => Just(Step::Rebuild),
        1 => Just(Step::Die),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_the_end_each_text_that_is_there_has_its_vector_and_no_other(steps in prop::collection::vec(step(), 1..40)) {
        let desk = Desk::new();
        let mut store = desk.open();
        store.write(|tx| tx.begin_index(1)).unwrap();
        store.write(|tx| tx.index_is_built()).unwrap();
        let model = model(&mut store, "a");
        let mut said = Vec::new();
        let mut out: Vec<i64> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let back = std::mem::take(&mut out);
            match step {
                Step::Say(text) => {
                    let text = format!("text {text}");
                    said.push((ask(&mut store, number as i64, &text), text));
                    index(&mut store);
                }
                Step::TakeAway(before) => {
                    if let Some(at) = said.len().checked_sub(before + 1) {
                        let (turn, _) = said.remove(at);
                        take_away(&desk, &mut store, turn);
                    }
                }
                Step::Embed(most) => {
                    let next = store.write(|tx| tx.texts_to_embed(model.id, most)).unwrap();
                    out = next.texts.iter().map(|text| text.hash).collect();
                }
                Step::Rebuild => {
                    index_anew(&mut store);
                    store.write(|tx| tx.index_is_built()).unwrap();
                }
                Step::Die => {
                    std::mem::forget(store);
                    store = desk.open();
                    continue;
                }
            }
            store.write(|tx| put_all(tx, model.id, &back)).unwrap();
        }
        embed(&mut store, model.id, 3);
        let mut wanted: Vec<i64> = said.iter().map(|(_, text)| text_hash(text)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        prop_assert_eq!(hashes(&store, &model), wanted);
        prop_assert_eq!(store.vector_stretch(model.id).unwrap().embedded, said.len() as u64);
    }
}
