//! A store with texts in its index, and vectors that tell which text they are of.

use mem_core::id::TurnId;
use mem_core::recall::DocId;
use mem_store::{NewVector, Store, StoreError, Tx, VectorModel, VectorModelId, text_hash};

use crate::desk::{Desk, index, prompted, put};

/// Numbers of a vector here.
pub(crate) const DIM: usize = 4;

/// A store with the index of so many prompts, each with a text of its own.
pub(crate) fn library(prompts: i64) -> (Desk, Store) {
    let desk = Desk::new();
    let mut store = desk.open();
    for number in 0..prompts {
        ask(&mut store, number, &format!("text {number}"));
    }
    index(&mut store);
    store.write(|tx| tx.index_is_built()).unwrap();
    (desk, store)
}

/// A prompt, which is a passage of its own once it is indexed.
pub(crate) fn ask(store: &mut Store, number: i64, text: &str) -> TurnId {
    put(store, &prompted(number, &format!("p{number}"), text)).1.unwrap()
}

/// Takes a prompt away, as the index learns of it.
pub(crate) fn take_away(desk: &Desk, store: &mut Store, turn: TurnId) {
    let conn = rusqlite::Connection::open(desk.path()).unwrap();
    conn.execute_batch(&format!(
        "UPDATE turns SET prompt = '' WHERE id = {0}; INSERT OR REPLACE INTO index_due VALUES (8 * {0} + 2, 0)",
        turn.0
    ))
    .unwrap();
    let doc = DocId::Prompt(turn);
    store.write(|tx| tx.unindex(doc)).unwrap();
}

pub(crate) fn model(store: &mut Store, fingerprint: &str) -> VectorModel {
    store.write(|tx| tx.vector_model("a model", DIM, fingerprint)).unwrap()
}

/// A vector that tells which text it is of.
pub(crate) fn values(hash: i64) -> [i8; DIM] {
    let bytes = hash.to_le_bytes();
    [bytes[0], bytes[1], bytes[2], bytes[3]].map(u8::cast_signed)
}

pub(crate) fn put_all(tx: &Tx<'_>, model: VectorModelId, hashes: &[i64]) -> Result<usize, StoreError> {
    let values: Vec<[i8; DIM]> = hashes.iter().map(|hash| values(*hash)).collect();
    let vectors: Vec<NewVector> = hashes
        .iter()
        .zip(&values)
        .map(|(hash, values)| NewVector { hash: *hash, scale: 0.5, values })
        .collect();
    tx.put_vectors(model, &vectors)
}

/// Embeds what is to be embedded, `most` texts at a time; the texts in the order they came.
pub(crate) fn embed(store: &mut Store, model: VectorModelId, most: usize) -> Vec<String> {
    let mut order = Vec::new();
    loop {
        let next = store.write(|tx| tx.texts_to_embed(model, most)).unwrap();
        if !next.left {
            assert_eq!(next.texts, []);
            return order;
        }
        let hashes: Vec<i64> = next.texts.iter().map(|text| text.hash).collect();
        store.write(|tx| put_all(tx, model, &hashes)).unwrap();
        order.extend(next.texts.into_iter().map(|text| text.text));
    }
}

/// The texts of a model's vectors, by their hashes, each checked to hold what was put.
pub(crate) fn hashes(store: &Store, model: &VectorModel) -> Vec<i64> {
    let mut found = Vec::new();
    let read = store
        .read_vectors(model, 0, |hash, scale, bytes| {
            assert_eq!((scale, bytes), (0.5, values(hash).map(i8::cast_unsigned).as_slice()));
            found.push(hash);
        })
        .unwrap();
    assert_eq!((read.vectors, read.defects), (found.len() as u64, 0));
    found.sort_unstable();
    found
}

/// The hashes of texts, sorted.
pub(crate) fn of(texts: &[&str]) -> Vec<i64> {
    let mut hashes: Vec<i64> = texts.iter().map(|text| text_hash(text)).collect();
    hashes.sort_unstable();
    hashes
}

/// How many vectors stand in the table, and how many are counted.
pub(crate) fn counted(desk: &Desk, store: &Store) -> (u64, u64) {
    let conn = rusqlite::Connection::open(desk.path()).unwrap();
    let rows = conn.query_row("SELECT count(*) FROM vectors", [], |row| row.get::<_, i64>(0)).unwrap();
    (rows as u64, store.vector_models().unwrap().iter().map(|model| model.vectors).sum())
}
