//! Of two sessions that are about the same matter, the newer stands above the older.
//!
//! That they are about the same is seen from where they come nearest to the question: those two places are more alike than
//! places of hits are as a rule, and the newer one speaks of changing something. A fixed bound of likeness alone does
//! harm, since the sessions of one project are all somewhat alike.

use std::collections::HashMap;

use super::feedback::Said;

/// How alike two places must be at least.
const ALIKE: f32 = 0.2;
/// How much more alike than the hits are as a rule.
const UNUSUAL: f32 = 3.0;
/// The score that the newer must have, of the older's.
const SCORE: f32 = 0.4;
/// Hits among which likeness is judged, and hits that may move.
pub const AMONG: usize = 8;
const MAY_MOVE: usize = 5;

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

/// The order in which ranked sessions stand once newer ones were put above the older they are like: places in `ranked`.
pub fn newer_first(ranked: &[Matter]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    let among = ranked.len().min(AMONG);
    if among < 2 {
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
        let changes = |word: &String| CHANGES.contains(&word.as_str());
        if !ranked[newer].said.words.iter().any(changes) {
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

/// Words of each, weighed by how few of the others have them, to length one.
fn vectors(ranked: &[Matter]) -> Vec<HashMap<&str, f32>> {
    let mut counts: Vec<HashMap<&str, f32>> = Vec::with_capacity(ranked.len());
    let mut frequency: HashMap<&str, f32> = HashMap::new();
    for matter in ranked {
        let mut count: HashMap<&str, f32> = HashMap::new();
        for word in &matter.said.words {
            *count.entry(word).or_default() += 1.0;
        }
        for word in count.keys() {
            *frequency.entry(word).or_default() += 1.0;
        }
        counts.push(count);
    }
    let all = ranked.len() as f32;
    for count in &mut counts {
        for (word, times) in count.iter_mut() {
            *times = (1.0 + times.ln()) * (all / frequency[word]).ln_1p();
        }
        let length = count.values().map(|weight| weight * weight).sum::<f32>().sqrt().max(f32::EPSILON);
        for weight in count.values_mut() {
            *weight /= length;
        }
    }
    counts
}

fn cosine(one: &HashMap<&str, f32>, other: &HashMap<&str, f32>) -> f32 {
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    few.iter().map(|(word, weight)| weight * many.get(word).unwrap_or(&0.0)).sum()
}
