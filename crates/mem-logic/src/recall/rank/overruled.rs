//! Of two sessions that are about the same matter, the newer stands above the older.
//!
//! That they are about the same is seen from where they come nearest to the question: those two places are more alike than
//! places of hits are as a rule, and the newer one speaks of changing something. A fixed bound of likeness alone does
//! harm, since the sessions of one project are all somewhat alike.

use std::collections::HashMap;

use super::feedback::{Said, number};

/// How alike two places must be at least.
const ALIKE: f32 = 0.2;
/// How much more alike than the hits are as a rule.
const UNUSUAL: f32 = 3.0;
/// The score that the newer must have, of the older's.
const SCORE: f32 = 0.4;
/// Hits among which likeness is judged.
pub const AMONG: usize = 8;
/// Hits that may move.
pub const MAY_MOVE: usize = 5;

/// Stems of words by which a text says that something was changed.
const CHANGES: [&str; 23] = [
    "amend",
    "anymor",
    "chang",
    "deprec",
    "longer",
    "obsolet",
    "outdat",
    "overrid",
    "overrul",
    "overturn",
    "replac",
    "rescind",
    "retract",
    "revers",
    "revert",
    "revis",
    "supersed",
    "undo",
    "undon",
    "withdraw",
    "withdrawn",
    "ersetzt",
    "statt",
];

/// Where a session comes nearest to the question.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// When it was.
    pub at: i64,
    /// Its score.
    pub score: f32,
    /// What is said there.
    pub said: Said,
}

/// Whether a text says that something was changed.
pub fn speaks_of_change(said: &Said) -> bool {
    let changes = CHANGES.map(number);
    said.words.iter().any(|word| changes.contains(word))
}

/// The order in which ranked sessions stand once newer ones were put above the older they are like: places in `ranked`.
pub fn newer_first(ranked: &[Matter]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    let among = ranked.len().min(AMONG);
    let may_move = &ranked[..among.min(MAY_MOVE)];
    if among < 2 || !may_move.iter().any(|matter| speaks_of_change(&matter.said)) {
        return order;
    }
    let vectors = vectors(&ranked[..among]);
    let mut alike = Vec::new();
    for one in 0..among {
        alike.extend((one + 1..among).map(|other| cosine(&vectors[one], &vectors[other])));
    }
    alike.sort_unstable_by(f32::total_cmp);
    let usual = alike[alike.len() / 2];
    let mut newest_last: Vec<usize> = (0..among.min(MAY_MOVE)).collect();
    newest_last.sort_by_key(|at| ranked[*at].at);
    for newer in newest_last {
        if !speaks_of_change(&ranked[newer].said) {
            continue;
        }
        let place = order.iter().position(|at| *at == newer).expect("an order of all");
        let overruled = order[..place].iter().position(|older| {
            let (old, new) = (&ranked[*older], &ranked[newer]);
            let like = cosine(&vectors[*older], &vectors[newer]);
            old.at < new.at && new.score >= SCORE * old.score && like >= ALIKE && like >= UNUSUAL * usual
        });
        if let Some(above) = overruled {
            order.remove(place);
            order.insert(above, newer);
        }
    }
    order
}

/// Words of each, weighed by how few of the others have them, to length one: by word, a weight.
fn vectors(ranked: &[Matter]) -> Vec<Vec<(u32, f32)>> {
    let mut frequency = HashMap::<u32, f32>::new();
    let mut vectors = Vec::with_capacity(ranked.len());
    for matter in ranked {
        let mut sorted = matter.said.words.clone();
        sorted.sort_unstable();
        let counts = sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f32));
        let counts: Vec<(u32, f32)> = counts.collect();
        for (word, _) in &counts {
            *frequency.entry(*word).or_default() += 1.0;
        }
        vectors.push(counts);
    }
    let all = ranked.len() as f32;
    for vector in &mut vectors {
        for (word, times) in vector.iter_mut() {
            *times = (1.0 + times.ln()) * (all / frequency[word]).ln_1p();
        }
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::EPSILON);
        for (_, weight) in vector {
            *weight /= length;
        }
    }
    vectors
}

/// How alike two are; both in the order of their words.
fn cosine(one: &[(u32, f32)], other: &[(u32, f32)]) -> f32 {
    let (mut a, mut b, mut alike) = (0, 0, 0.0);
    while let (Some(left), Some(right)) = (one.get(a), other.get(b)) {
        if left.0 == right.0 {
            alike += left.1 * right.1;
        }
        a += usize::from(left.0 <= right.0);
        b += usize::from(right.0 <= left.0);
    }
    alike
}
