//! What becomes of vectors: put once, kept through a rebuilding, gone with their text, never mixed.

use mem_core::recall::DocId;
use mem_store::{NewVector, Stretch, text_hash};

use super::library::{DIM, ask, counted, embed, hashes, library, model, of, put_all, take_away};
use crate::desk::{found, index, index_anew};

#[test]
fn a_text_has_one_vector_however_often_it_is_said() {
    let (desk, mut store) = library(2);
    for number in 10..15 {
        ask(&mut store, number, "said often");
    }
    index(&mut store);
    let model = model(&mut store, "a");
    let embedded = embed(&mut store, model.id, 3);
    assert_eq!(embedded, ["said often", "text 1", "text 0"], "the newest first");
    assert_eq!(hashes(&store, &model), of(&["said often", "text 0", "text 1"]));
    ask(&mut store, 20, "said often");
    index(&mut store);
    assert_eq!(embed(&mut store, model.id, 3), [""; 0]);
    assert_eq!(store.write(|tx| put_all(tx, model.id, &of(&["text 0", "text 1"]))).unwrap(), 0);
    assert_eq!(counted(&desk, &store), (3, 3));
    let stretch = store.vector_stretch(model.id).unwrap();
    assert_eq!(stretch, Stretch { embedded: 8, passages: 8 });
}

#[test]
fn vectors_outlive_the_index_and_damage_to_it() {
    let (_desk, mut store) = library(9);
    let model = model(&mut store, "a");
    embed(&mut store, model.id, 4);
    let before = hashes(&store, &model);
    assert_eq!(before.len(), 9);
    index_anew(&mut store);
    assert_eq!(store.vector_stretch(model.id).unwrap().embedded, 0, "it has to be looked at");
    assert_eq!(embed(&mut store, model.id, 4), [""; 0], "and nothing embedded");
    assert_eq!(store.vector_stretch(model.id).unwrap().embedded, 9);
    assert_eq!(hashes(&store, &model), before);
}

#[test]
fn what_is_forgotten_leaves_no_vector_and_what_is_said_elsewhere_keeps_it() {
    let (desk, mut store) = library(3);
    let twice = [ask(&mut store, 10, "said twice"), ask(&mut store, 11, "said twice")];
    let once = ask(&mut store, 12, "said once");
    index(&mut store);
    let [one, other] = ["a", "b"].map(|fingerprint| model(&mut store, fingerprint));
    for model in [&one, &other] {
        embed(&mut store, model.id, 16);
    }
    take_away(&desk, &mut store, once);
    take_away(&desk, &mut store, twice[0]);
    let left = of(&["text 0", "text 1", "text 2", "said twice"]);
    assert_eq!([hashes(&store, &one), hashes(&store, &other)], [left.clone(), left.clone()]);
    // indexed again with the same text, then without any
    let document = store.document(DocId::Prompt(twice[1])).unwrap().unwrap();
    store.write(|tx| tx.index_document(&document, &[passage(&document.text)])).unwrap();
    assert_eq!(hashes(&store, &one), left);
    store.write(|tx| tx.index_document(&document, &[])).unwrap();
    assert_eq!(hashes(&store, &one), of(&["text 0", "text 1", "text 2"]));
    // under the number of the row that went
    store.write(|tx| tx.index_document(&document, &[passage(&document.text)])).unwrap();
    assert_eq!(embed(&mut store, one.id, 16), ["said twice"]);
    let (rows, counted) = counted(&desk, &store);
    assert_eq!(rows, counted);
}

fn passage(text: &str) -> mem_store::Passage {
    mem_store::Passage { start: 0, length: text.len(), words: 2, terms: text.to_owned(), said: Vec::new() }
}

#[test]
fn what_is_forgotten_while_the_index_is_built_is_swept_once_it_stands() {
    let (desk, mut store) = library(5);
    let gone = ask(&mut store, 10, "forgotten");
    index(&mut store);
    let model = model(&mut store, "a");
    embed(&mut store, model.id, 16);
    store.write(|tx| tx.begin_index(1)).unwrap();
    take_away(&desk, &mut store, gone);
    // what comes back meanwhile is kept, since nothing tells yet that its text is gone
    assert_eq!(store.write(|tx| put_all(tx, model.id, &[77])).unwrap(), 1);
    assert_eq!(store.write(|tx| tx.sweep_vectors(0, 2)).unwrap(), None, "not while it is built");
    index(&mut store);
    store.write(|tx| tx.index_is_built()).unwrap();
    assert_eq!(hashes(&store, &model).len(), 7);
    let (mut after, mut steps) = (Some(0), 0);
    while let Some(from) = after {
        after = store.write(|tx| tx.sweep_vectors(from, 2)).unwrap();
        steps += 1;
    }
    assert_eq!(hashes(&store, &model), of(&["text 0", "text 1", "text 2", "text 3", "text 4"]));
    assert_eq!(steps, 5, "two at a time");
    assert_eq!(store.write(|tx| tx.sweep_vectors(0, 2)).unwrap(), None, "once");
    assert_eq!(counted(&desk, &store), (5, 5));
}

#[test]
fn a_vector_that_comes_back_too_late_is_dropped() {
    let (desk, mut store) = library(2);
    let gone = ask(&mut store, 10, "forgotten");
    index(&mut store);
    let model = model(&mut store, "a");
    let next = store.write(|tx| tx.texts_to_embed(model.id, 16)).unwrap();
    assert_eq!(next.texts.len(), 3);
    take_away(&desk, &mut store, gone);
    let asked: Vec<i64> = next.texts.iter().map(|text| text.hash).collect();
    assert_eq!(store.write(|tx| put_all(tx, model.id, &asked)).unwrap(), 2);
    assert_eq!(hashes(&store, &model), of(&["text 0", "text 1"]));
    while store.write(|tx| tx.forget_vectors(model.id, 1)).unwrap() {}
    assert_eq!(store.write(|tx| put_all(tx, model.id, &asked)).unwrap(), 0, "the model is gone");
    assert_eq!(store.vector_models().unwrap(), []);
}

#[test]
fn two_models_are_never_mixed_and_the_one_that_knows_most_serves() {
    let (desk, mut store) = library(6);
    let old = model(&mut store, "old");
    assert_eq!(store.serving_model().unwrap(), None, "none has a vector");
    embed(&mut store, old.id, 16);
    let new = model(&mut store, "new");
    assert_ne!(old.id, new.id);
    assert_eq!(model(&mut store, "old").id, old.id, "known again");
    let serving = |store: &mem_store::Store| store.serving_model().unwrap().unwrap().fingerprint;
    let mut done = 0;
    loop {
        let next = store.write(|tx| tx.texts_to_embed(new.id, 2)).unwrap();
        if !next.left {
            break;
        }
        assert_eq!(serving(&store), "old");
        let values = [9_i8; DIM];
        let vectors: Vec<NewVector> = next
            .texts
            .iter()
            .map(|text| NewVector { hash: text.hash, scale: 0.25, values: &values })
            .collect();
        done += store.write(|tx| tx.put_vectors(new.id, &vectors)).unwrap();
    }
    assert_eq!((done, serving(&store).as_str()), (6, "new"));
    assert_eq!(hashes(&store, &old).len(), 6, "the old ones say what they said");
    store
        .read_vectors(&new, 0, |_, scale, bytes| assert_eq!((scale, bytes), (0.25, [9; DIM].as_slice())))
        .unwrap();
    let mut steps = 1;
    while store.write(|tx| tx.forget_vectors(old.id, 4)).unwrap() {
        assert_eq!(serving(&store), "new");
        steps += 1;
    }
    assert_eq!((steps, counted(&desk, &store)), (2, (6, 6)));
}

#[test]
fn vectors_are_read_on_from_where_one_stopped_and_defects_are_counted() {
    let (desk, mut store) = library(3);
    let model = model(&mut store, "a");
    embed(&mut store, model.id, 16);
    let all = store.read_vectors(&model, 0, |_, _, _| {}).unwrap();
    // the last one goes and another comes: its id must not be the same
    let conn = rusqlite::Connection::open(desk.path()).unwrap();
    conn.execute_batch("DELETE FROM vectors WHERE id = (SELECT max(id) FROM vectors)").unwrap();
    ask(&mut store, 10, "later");
    ask(&mut store, 11, "  ");
    index(&mut store);
    store.write(|tx| put_all(tx, model.id, &of(&["later"]))).unwrap();
    let nothing = NewVector { hash: text_hash("  "), scale: f32::NAN, values: &[0; DIM] };
    assert_eq!(store.write(|tx| tx.put_vectors(model.id, &[nothing])).unwrap(), 1);
    let mut came = Vec::new();
    let read = store.read_vectors(&model, all.last, |hash, _, _| came.push(hash)).unwrap();
    assert_eq!((came, read.vectors, read.defects), (of(&["later"]), 1, 0));
    conn.execute_batch(
        "UPDATE vectors SET vals = x'0102' WHERE id = 1; UPDATE vectors SET scale = -1.0 WHERE id = 2;",
    )
    .unwrap();
    let read = store.read_vectors(&model, 0, |_, _, _| {}).unwrap();
    assert_eq!((read.vectors, read.defects), (1, 2));
}

#[test]
fn tables_that_are_damaged_or_gone_are_laid_out_anew_with_the_index() {
    for damage in [
        "DROP TABLE vectors",
        "DROP TABLE vectors; DROP TABLE vector_models",
        "ALTER TABLE vector_models DROP COLUMN swept",
        "ALTER TABLE vectors RENAME COLUMN vals TO numbers",
    ] {
        let (desk, mut store) = library(3);
        let before = model(&mut store, "a");
        embed(&mut store, before.id, 16);
        store.close().unwrap();
        rusqlite::Connection::open(desk.path()).unwrap().execute_batch(damage).unwrap();
        let mut store = desk.open();
        store.write(|tx| tx.begin_index(1)).unwrap_or_else(|error| panic!("{damage}: {error:?}"));
        assert_eq!(found(&mut store, "text", None).len(), 3, "{damage}");
        let model = model(&mut store, "a");
        assert_eq!(embed(&mut store, model.id, 16).len(), 3, "{damage}");
        assert_eq!(counted(&desk, &store), (3, 3), "{damage}");
        // a count that is wrong is no reason to lose any
        let conn = rusqlite::Connection::open(desk.path()).unwrap();
        conn.execute_batch("UPDATE vector_models SET vectors = 99").unwrap();
        index_anew(&mut store);
        assert_eq!(embed(&mut store, model.id, 16).len(), 0, "{damage}");
        assert_eq!(counted(&desk, &store), (3, 3), "{damage}");
    }
}
