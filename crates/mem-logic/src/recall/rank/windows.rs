//! The best window of a session: a passage with its neighbours, which count less the further they are.

use super::Weights;
use super::scope::{Scope, Shelf};
use super::sums::{Postings, okapi, passage_idf};

/// Passages of one session, and which terms stand in them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Matched<'a> {
    /// Places of all passages of the session, in the order of the index.
    pub places: &'a [u32],
    /// Term, place, and whether it stands there more than once; one term after the other.
    pub terms: &'a [(u16, u32, bool)],
}

impl Matched<'_> {
    /// Which of the places this is.
    fn at(&self, place: u32) -> Option<usize> {
        // passages of a session mostly follow each other
        let guess = place.checked_sub(*self.places.first()?)? as usize;
        match self.places.get(guess) {
            Some(there) if *there == place => Some(guess),
            _ => self.places.binary_search(&place).ok(),
        }
    }
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
    session: Matched<'_>,
    shelf: Shelf<'_>,
    scope: &Scope,
    worth: &[f32],
    weights: &Weights,
) -> Best {
    let mut best = Best::default();
    if session.terms.is_empty() {
        return best;
    }
    let falls: Vec<f32> = (0..=weights.reach).map(|far| weights.fall.powi(far as i32)).collect();
    let mut middles = middles(session, shelf, scope, &falls, weights);
    // what a term comes to in each window; terms come one after the other, so that this is cleared after each
    let mut amounts = vec![0.0_f32; middles.len()];
    let mut touched = Vec::with_capacity(middles.len());
    for of_term in session.terms.chunk_by(|a, b| a.0 == b.0) {
        let idf = worth[usize::from(of_term[0].0)];
        for (_, place, often) in of_term {
            let Some(at) = session.at(*place) else { continue };
            let times = if *often { 2.0 } else { 1.0 };
            for_each_near(at, middles.len(), &falls, |near, share| {
                if amounts[near] == 0.0 {
                    touched.push(near);
                }
                amounts[near] += share * times;
            });
            let middle = &mut middles[at];
            let words = f32::from(shelf.words[*place as usize]);
            middle.own += idf * saturated(times, slowness(words / scope.mean_passage(), weights), weights);
        }
        for at in touched.drain(..) {
            let middle = &mut middles[at];
            middle.score += idf * saturated(amounts[at], middle.slowness, weights);
            middle.holds = true;
            amounts[at] = 0.0;
        }
    }
    best.first = middles[0].score;
    best.windows.reserve_exact(middles.iter().filter(|middle| middle.holds).count());
    for (at, middle) in middles.into_iter().enumerate().filter(|(_, middle)| middle.holds) {
        best.windows.push(OfMiddle { at, score: middle.score, own: middle.own });
        if middle.score > best.score {
            (best.score, best.middle) = (middle.score, at);
        }
    }
    best
}

/// A window in the making, by its middle.
#[derive(Debug, Clone, Copy, Default)]
struct Middle {
    score: f32,
    own: f32,
    /// See [`slowness`].
    slowness: f32,
    /// Whether any term stands in it.
    holds: bool,
}

/// The windows of a session, each with how slowly it saturates.
fn middles(
    session: Matched<'_>,
    shelf: Shelf<'_>,
    scope: &Scope,
    falls: &[f32],
    weights: &Weights,
) -> Vec<Middle> {
    let count = session.places.len();
    let mut lengths = vec![0.0_f32; count];
    for (at, place) in session.places.iter().enumerate() {
        let words = f32::from(shelf.words[*place as usize]);
        for_each_near(at, count, falls, |near, share| lengths[near] += share * words);
    }
    let mean = lengths_mean(scope, falls);
    let of = |length| Middle { slowness: slowness(length / mean, weights), ..Middle::default() };
    lengths.into_iter().map(of).collect()
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

fn saturated(amount: f32, slowness: f32, weights: &Weights) -> f32 {
    amount * (weights.saturation + 1.0) / (amount + slowness)
}

/// How much of a term it takes to come to half of the most, in a text so long beside the mean.
fn slowness(length: f32, weights: &Weights) -> f32 {
    weights.saturation * (1.0 - weights.window_length + weights.window_length * length)
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
