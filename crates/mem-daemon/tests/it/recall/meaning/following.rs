//! What is kept of vectors from one question to the next follows the store, whatever happens to it.

use mem_daemon::recall::{Recall, begin_anew};
use mem_embed::DIM;
use mem_store::NewVector;

use super::library::Embedding;
use crate::recall::shelf::{Shelf, Turn, ask, turn};

const WORDS: [&str; 8] =
    ["battery", "lawyer", "invoice", "kernel", "garden", "violin", "airport", "database"];
/// None of these words is said anywhere, so that only meaning leads somewhere; then some that are.
const ASKED: [&str; 8] = [
    "an empty power cell",
    "who represents me in court",
    "a bill that must be paid",
    "core of an operating system",
    "flowers and trees",
    "string instrument",
    "where planes land",
    "battery and violin",
];

/// By chance, though always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn said(&mut self) -> String {
        let said: Vec<&str> = (0..=self.below(4)).map(|_| WORDS[self.below(8)]).collect();
        said.join(" ")
    }

    fn turns(&mut self, count: usize) -> Vec<Turn> {
        (0..count)
            .map(|_| Turn {
                project: format!("p{}", self.below(4)),
                ..turn(&format!("s{}", self.below(60)), self.below(90) as i64, &self.said())
            })
            .collect()
    }
}

/// Asks all of it of what was kept, and of what is made for this question alone; they are the same.
fn same(kept: &mut Recall, stored: &mut Recall, shelf: &Shelf, when: &str) -> usize {
    let mut fresh = Recall::with_meaning(&shelf.home(), true);
    let projects = shelf.store.projects().unwrap();
    let mut by_meaning = 0;
    for (at, text) in ASKED.into_iter().enumerate() {
        let mut question = ask(text);
        question.explain = true;
        if at % 3 == 1 {
            question.filter.projects = vec![projects[at % projects.len()].id];
        }
        let found = kept.search(&shelf.store, &question).unwrap();
        assert_eq!(found, fresh.search(&shelf.store, &question).unwrap(), "{when}: {text}, kept now");
        assert_eq!(found, stored.search(&shelf.store, &question).unwrap(), "{when}: {text}, read for it");
        by_meaning += usize::from(found.how.legs.contains(&"meaning"));
    }
    by_meaning
}

/// Has a prompt say something else, or nothing.
fn rewrite(shelf: &Shelf, id: i64, said: &str) {
    shelf.damage(&format!(
        "UPDATE turns SET prompt = '{said}' WHERE id = {id};
         INSERT OR REPLACE INTO index_due VALUES (8 * {id} + 2, 0)"
    ));
}

fn forget(shelf: &mut Shelf, embedding: &Embedding) {
    let Some(model) = shelf.store.known_vector_model(&embedding.fingerprint()).unwrap() else { return };
    while shelf.store.write(|tx| tx.forget_vectors(model.id, 500)).unwrap() {}
}

/// Vectors of another model, which lead anywhere.
fn embed_by_another(shelf: &mut Shelf, chance: &mut Chance) {
    let fingerprint = format!("another {}", chance.below(3));
    let model = shelf.store.write(|tx| tx.vector_model("another", DIM, &fingerprint)).unwrap();
    let texts = shelf.store.write(|tx| tx.texts_to_embed(model.id, 200)).unwrap().texts;
    let values: Vec<i8> = (0..DIM).map(|_| chance.below(255) as u8 as i8).collect();
    let vectors: Vec<NewVector<'_>> =
        texts.iter().map(|one| NewVector { hash: one.hash, scale: 0.001, values: &values }).collect();
    shelf.store.write(|tx| tx.put_vectors(model.id, &vectors)).unwrap();
}

/// One thing that happens to a store.
fn happens(shelf: &mut Shelf, embedding: &mut Embedding, chance: &mut Chance) -> &'static str {
    let newest = shelf.count("SELECT max(id) FROM turns");
    let any = |chance: &mut Chance| newest - chance.below(newest as usize) as i64;
    match chance.below(12) {
        0..=2 => {
            let count = chance.below(80);
            shelf.tell_all(&chance.turns(count));
            shelf.index();
            "something was said"
        }
        3..=5 => {
            embedding.embed(&mut shelf.store, 1 + chance.below(300));
            "some was embedded"
        }
        6 => {
            for _ in 0..6 {
                rewrite(shelf, any(chance), &chance.said());
            }
            shelf.index();
            "something was changed"
        }
        7 => {
            for _ in 0..6 {
                rewrite(shelf, any(chance), "");
            }
            for last in 0..chance.below(4) as i64 {
                rewrite(shelf, newest - last, "");
            }
            shelf.index();
            "something was removed"
        }
        8 => {
            begin_anew(&mut shelf.store).unwrap();
            rewrite(shelf, any(chance), &chance.said());
            if chance.below(2) == 0 {
                shelf.index();
            }
            "the index was begun anew"
        }
        9 => {
            let _more = shelf.store.write(|tx| tx.sweep_vectors(0, 5000)).unwrap();
            "what is left over was swept"
        }
        10 => {
            embed_by_another(shelf, chance);
            "another model embedded"
        }
        _ => {
            forget(shelf, embedding);
            embedding.embed(&mut shelf.store, 2000);
            "the model was forgotten and came back"
        }
    }
}

#[test]
fn what_is_kept_follows_whatever_happens() {
    let mut embedding = Embedding::new();
    for seed in [1, 2] {
        let mut chance = Chance(seed);
        let mut shelf = Shelf::new();
        shelf.install();
        shelf.tell_all(&chance.turns(1100));
        shelf.index();
        let mut kept = Recall::with_meaning(&shelf.home(), true);
        let mut stored = Recall::with_meaning(&shelf.home(), false);
        assert_eq!(same(&mut kept, &mut stored, &shelf, "nothing is embedded"), 0);
        let mut by_meaning = 0;
        for step in 0..24 {
            let what = happens(&mut shelf, &mut embedding, &mut chance);
            by_meaning += same(&mut kept, &mut stored, &shelf, &format!("seed {seed}, step {step}: {what}"));
        }
        assert!(by_meaning > 60, "meaning took part: {by_meaning}");
        assert!(shelf.count("SELECT count(*) FROM passage_blocks") > 0, "blocks were sealed");
    }
}

#[test]
fn a_vector_that_comes_as_another_goes_is_seen() {
    let mut shelf = Shelf::new();
    shelf.install();
    let told = shelf.tell(&turn("a", 1, "the garden"));
    shelf.tell(&turn("b", 1, "the lawyer"));
    shelf.index();
    let mut embedding = Embedding::new();
    embedding.embed_all(&mut shelf);
    let (mut kept, mut stored) =
        (Recall::with_meaning(&shelf.home(), true), Recall::with_meaning(&shelf.home(), false));
    // what is left over of before stays until it is swept
    begin_anew(&mut shelf.store).unwrap();
    rewrite(&shelf, told.turn.0, "the violin");
    shelf.index();
    assert!(same(&mut kept, &mut stored, &shelf, "one is not embedded") > 0);
    let many = embedding.of(&mut shelf.store).vectors;
    let _more = shelf.store.write(|tx| tx.sweep_vectors(0, 1000)).unwrap();
    embedding.embed_all(&mut shelf);
    assert_eq!(embedding.of(&mut shelf.store).vectors, many, "one went, one came");
    assert!(same(&mut kept, &mut stored, &shelf, "it is embedded") > 0);
}

#[test]
fn what_is_gone_hides_nothing_that_is_there() {
    let mut shelf = Shelf::new();
    shelf.install();
    let about: Vec<Turn> =
        (0..300).map(|at| turn(&format!("s{at}"), 2, &format!("string instrument {at}"))).collect();
    let told = shelf.tell_all(&about);
    shelf.index();
    let mut chance = Chance(3);
    shelf.tell_all(&chance.turns(1100));
    shelf.index();
    let mut embedding = Embedding::new();
    embedding.embed_all(&mut shelf);
    let (mut kept, mut stored) =
        (Recall::with_meaning(&shelf.home(), true), Recall::with_meaning(&shelf.home(), false));
    same(&mut kept, &mut stored, &shelf, "all is there");
    for one in told {
        rewrite(&shelf, one.turn.0, "");
    }
    shelf.index();
    let found = kept.search(&shelf.store, &ask("string instrument")).unwrap();
    assert!(!found.hits.is_empty(), "violins are left");
    same(&mut kept, &mut stored, &shelf, "three hundred are gone");
}

#[test]
fn what_was_kept_of_one_store_is_not_compared_in_another() {
    let mut embedding = Embedding::new();
    let mut shelves: Vec<Shelf> = Vec::new();
    for seed in [5, 6] {
        let mut shelf = Shelf::new();
        shelf.install();
        shelf.tell_all(&Chance(seed).turns(60));
        shelf.index();
        embedding.embed_all(&mut shelf);
        shelves.push(shelf);
    }
    let mut kept = Recall::with_meaning(&shelves[0].home(), true);
    let mut stored = Recall::with_meaning(&shelves[0].home(), false);
    for at in [0, 1, 0, 1] {
        assert!(same(&mut kept, &mut stored, &shelves[at], "another file") > 0);
    }
}

#[test]
fn how_far_meaning_goes_is_told_until_every_passage_has_its_vector() {
    let mut shelf = Shelf::new();
    // two say the same, and have one vector
    shelf.tell_all(&["battery", "lawyer", "garden", "garden"].map(|said| turn("s", 3, said)));
    shelf.index();
    let told = |shelf: &Shelf| {
        let coverage = ["battery", ""].map(|text| shelf.meant(&ask(text)).coverage);
        assert_eq!(coverage[0], coverage[1], "with words and without");
        coverage[0].meaning
    };
    assert_eq!(told(&shelf), None, "there is no model");
    shelf.install();
    assert_eq!(told(&shelf), Some(0), "no vector was made yet");
    let mut embedding = Embedding::new();
    assert_eq!(embedding.embed(&mut shelf.store, 1), 1);
    assert_eq!(told(&shelf), Some(1));
    embedding.embed_all(&mut shelf);
    assert_eq!(told(&shelf), None, "all of them");
    shelf.tell_all(&[turn("s", 2, "violin")]);
    shelf.index();
    assert_ne!(told(&shelf), None, "one came since");
    assert_eq!(shelf.search(&ask("battery")).coverage.meaning, None, "a search by words alone");
}
