//! A vector for every passage of the store, made up: to embed a million passages would take hours.
//!
//! Some passages are really embedded; every text has the vector of one of those, moved by chance, and of length 1. By chance
//! alone nothing would be near enough to any question for a session to be looked at for its meaning, so that a part of
//! the work would be missing. Who is near to what is nonsense all the same: what is found says nothing.

use std::time::{Duration, Instant};

use mem_core::layout;
use mem_embed::{DIM, Model, NAME, PUBLISHED, Vector};
use mem_store::{NewVector, Reader, Store, StoreError};

use super::chance::Chance;
use super::fill;
use crate::bench::model;
use crate::bench::subject::Subject;

/// Passages that are embedded.
const REAL: usize = 256;
/// Vectors in a transaction: what it looks at to see how far the model has come stays within one step.
const PER_WRITE: usize = 2048;

/// What was put.
pub(super) struct Made {
    /// Vectors: a text that stands twice has one.
    pub(super) vectors: u64,
    /// Bytes of their table.
    pub(super) bytes: u64,
    /// How long it took.
    pub(super) took: Duration,
}

/// Puts them, with no daemon about.
///
/// # Errors
/// What the store or the model said.
pub(super) fn put(subject: &Subject) -> Result<Made, String> {
    let start = Instant::now();
    let mut store = fill::open(subject)?;
    let real = real(&store)?;
    let said = |why: StoreError| why.to_string();
    let mut texts = Vec::new();
    store.passage_texts(1, |_, hash| texts.push(hash)).map_err(said)?;
    // the newest first, as the daemon goes: it looks no further down than to the first text without a vector
    texts.reverse();
    let id = store.write(|tx| tx.vector_model(NAME, DIM, PUBLISHED)).map_err(said)?.id;
    let mut chance = Chance::of(23);
    for (number, some) in texts.chunks(PER_WRITE).enumerate() {
        let made: Vec<Vector> = some.iter().map(|_| near(*chance.one(&real), &mut chance)).collect();
        let new: Vec<NewVector<'_>> = some
            .iter()
            .zip(&made)
            .map(|(hash, vector)| NewVector { hash: *hash, scale: vector.scale, values: &vector.values })
            .collect();
        store.write(|tx| tx.put_vectors(id, &new)).map_err(said)?;
        if number.is_multiple_of(100) {
            eprintln!("{} of {} vectors made up", number * PER_WRITE, texts.len());
        }
    }
    store.close().map_err(said)?;
    let store = Store::open_read(&subject.data().join(layout::STORE)).map_err(said)?;
    let (vectors, bytes) = model::kept(&store).map_err(said)?;
    Ok(Made { vectors, bytes, took: start.elapsed() })
}

/// What passages spread over the whole store really mean.
fn real(store: &Reader) -> Result<Vec<[f32; DIM]>, String> {
    let mut model = Model::load(&mem_testkit::tools::model_folder()).map_err(|why| why.to_string())?;
    if model.fingerprint() != PUBLISHED {
        return Err("the model is not the one that its makers published".to_owned());
    }
    let passages = store.index_state().map_err(|why| why.to_string())?.passages as usize;
    let mut found = Vec::with_capacity(REAL);
    for row in (1..=passages).step_by((passages / REAL).max(1)) {
        let text = store.passage_text(row as i64).map_err(|why| why.to_string())?;
        found.extend(text.and_then(|text| model.numbers(&text)));
    }
    if found.is_empty() { Err("no passage has a meaning".to_owned()) } else { Ok(found) }
}

/// A vector between alike (1) and somewhat like (.7) another of length 1.
fn near(mut numbers: [f32; DIM], chance: &mut Chance) -> Vector {
    // numbers from -1 to 1, evenly: DIM / 3 is the square of their length
    let far = chance.share() as f32 / (DIM as f32 / 3.0).sqrt();
    for two in numbers.chunks_mut(2) {
        let drawn = chance.number();
        for (number, drawn) in two.iter_mut().zip([drawn as u32, (drawn >> 32) as u32]) {
            *number += far * (drawn as f32 / 2_147_483_648.0 - 1.0);
        }
    }
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    for number in &mut numbers {
        *number /= length;
    }
    Vector::of(&numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_up_has_length_1_and_is_like_what_it_was_made_of() {
        let mut chance = Chance::of(1);
        let mut numbers = [0.0; DIM];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = if at % 3 == 0 { 1.0 } else { -0.5 };
        }
        let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
        let numbers = numbers.map(|number| number / length);
        let of = Vector::of(&numbers);
        let made: Vec<Vector> = (0..200).map(|_| near(numbers, &mut chance)).collect();
        assert!(made.iter().all(|vector| (vector.similarity(vector) - 1.0).abs() < 0.02));
        let like: Vec<f32> = made.iter().map(|vector| vector.similarity(&of)).collect();
        assert!(like.iter().all(|like| (0.6..1.02).contains(like)), "{like:?}");
        assert!(like.iter().any(|like| *like < 0.75) && like.iter().any(|like| *like > 0.98));
        assert_ne!(made[0], made[1]);
    }
}
