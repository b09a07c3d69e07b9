//! The best window of a session: a passage with its neighbours, which count less the further they are.

use super::Weights;
use super::scope::{Scope, Shelf};
use super::sums::{Postings, okapi, passage_idf};

/// Passages of one session, and which terms stand in them.
#[derive(Debug, Clone, Default)]
pub struct Matched<'a> {
    /// Places of all passages of the session, in the order of the index.
    pub places: &'a [u32],
    /// Term, place, and whether it stands there more than once; one term after the other.
    pub terms: Vec<(u16, u32, bool)>,
}

/// A window by its middle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OfMiddle {
    /// The middle, among the session's places.
    pub at: usize,
    /// The score of the window.
    pub score: f32,
    /// The score of the middle alone.
    pub own: f32,
}

/// What the passages of a session come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Best {
    /// The score of the best window.
    pub score: f32,
    /// Its middle, among the session's places.
    pub middle: usize,
    /// The score of the window round the first passage.
    pub first: f32,
    /// Each window whose middle or a neighbour of it holds any term.
    pub windows: Vec<OfMiddle>,
}

impl Best {
    /// The better of what was said in a session and of what tells it again, which begins at place `at`. The latter holds
    /// question and answer in few words, so that it would win by being short: its best window counts a little less.
    #[must_use]
    pub fn and(mut self, retold: Self, at: usize, weights: &Weights) -> Self {
        let score = retold.score * weights.retold_window;
        if score > self.score {
            (self.score, self.middle) = (score, retold.middle + at);
        }
        self.first = self.first.max(retold.first);
        self.windows
            .extend(retold.windows.into_iter().map(|window| OfMiddle { at: window.at + at, ..window }));
        self
    }
}

/// The best window of a session. `worth` says how much each term counts, all told: see [`worth`].
pub fn best_window(
    session: &Matched<'_>,
    shelf: Shelf<'_>,
    scope: &Scope,
    worth: &[f32],
    weights: &Weights,
) -> Best {
    let count = session.places.len();
    let falls: Vec<f32> = (0..=weights.reach).map(|far| weights.fall.powi(far as i32)).collect();
    let mut lengths = vec![0.0_f32; count];
    for (at, place) in session.places.iter().enumerate() {
        let words = f32::from(shelf.words[*place as usize]);
        for_each_near(at, count, &falls, |near, share| lengths[near] += share * words);
    }
    let (amounts, ends) = amounts(session, &falls);
    let mean = lengths_mean(scope, &falls);
    let mean_passage = scope.mean_passage();
    let mut best = Best::default();
    let mut start = 0;
    for (middle, end) in ends.into_iter().enumerate() {
        let of_middle = &amounts[start..end];
        start = end;
        if of_middle.is_empty() {
            continue;
        }
        let mut score = 0.0;
        let mut own = 0.0;
        for of_term in of_middle.chunk_by(|a, b| a.term == b.term) {
            let idf = worth[usize::from(of_term[0].term)];
            let amount: f32 = of_term.iter().map(|one| one.times).sum();
            score += idf * saturated(amount, lengths[middle] / mean, weights);
            let here: f32 = of_term.iter().filter(|one| one.here).map(|one| one.times).sum();
            if here > 0.0 {
                let words = f32::from(shelf.words[session.places[middle] as usize]);
                own += idf * saturated(here, words / mean_passage, weights);
            }
        }
        best.windows.push(OfMiddle { at: middle, score, own });
        if middle == 0 {
            best.first = score;
        }
        if score > best.score {
            (best.score, best.middle) = (score, middle);
        }
    }
    best
}

/// What a passage brings to a window.
#[derive(Debug, Clone, Copy, Default)]
struct Amount {
    term: u16,
    /// Whether it is the middle.
    here: bool,
    times: f32,
}

/// What stands in the window of each middle, by terms, and where each middle's end. Terms come in their order, so counting
/// how many each middle gets is all the sorting there is.
fn amounts(session: &Matched<'_>, falls: &[f32]) -> (Vec<Amount>, Vec<usize>) {
    let count = session.places.len();
    let found: Vec<(u16, usize, bool)> = session
        .terms
        .iter()
        .filter_map(|(term, place, often)| Some((*term, session.places.binary_search(place).ok()?, *often)))
        .collect();
    let mut ends = vec![0; count];
    for (_, at, _) in &found {
        for_each_near(*at, count, falls, |near, _| ends[near] += 1);
    }
    let mut all = 0;
    for end in &mut ends {
        // where the next of it goes, which is its end once all are there
        (all, *end) = (all + *end, all);
    }
    let mut amounts = vec![Amount::default(); all];
    for (term, at, often) in found {
        let times = if often { 2.0 } else { 1.0 };
        for_each_near(at, count, falls, |near, share| {
            amounts[ends[near]] = Amount { term, here: near == at, times: share * times };
            ends[near] += 1;
        });
    }
    (amounts, ends)
}

/// How telling a term is that stands in so many passages and in so many sessions.
fn idf(scope: &Scope, passages: f32, sessions: f32) -> f32 {
    f32::midpoint(passage_idf(scope, passages), okapi(scope.sessions as f32, sessions))
}

/// How much each term counts: its weight, and how telling it is. `frequencies` says in how many sessions each stands.
pub fn worth(scope: &Scope, postings: &[Postings], frequencies: &[f32]) -> Vec<f32> {
    let of = |(term, sessions): (&Postings, &f32)| term.weight * idf(scope, term.frequency, *sessions);
    postings.iter().zip(frequencies).map(of).collect()
}

/// The most that windows can come to: every term, again and again.
pub fn most(worth: &[f32], weights: &Weights) -> f32 {
    (worth.iter().sum::<f32>() * (weights.saturation + 1.0)).max(f32::EPSILON)
}

fn saturated(amount: f32, length: f32, weights: &Weights) -> f32 {
    let k = weights.saturation * (1.0 - weights.window_length + weights.window_length * length);
    amount * (weights.saturation + 1.0) / (amount + k)
}

fn lengths_mean(scope: &Scope, falls: &[f32]) -> f32 {
    scope.mean_passage() * (falls.iter().sum::<f32>() * 2.0 - 1.0)
}

fn for_each_near(at: usize, count: usize, falls: &[f32], mut each: impl FnMut(usize, f32)) {
    for (far, share) in falls.iter().enumerate() {
        if at + far < count {
            each(at + far, *share);
        }
        if far > 0 && at >= far {
            each(at - far, *share);
        }
    }
}
