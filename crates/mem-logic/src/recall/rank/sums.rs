//! Sums over postings, term at a time: what every session comes to.

use super::Weights;
use super::scope::{Scope, Shelf};

/// Where a term stands, as far as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Postings {
    /// Places of passages, and whether it stands there more than once.
    pub places: Vec<(u32, bool)>,
    /// In how many passages it stands, all told; more than were read where reading was bounded.
    pub frequency: f32,
    /// How much it counts.
    pub weight: f32,
}

impl Postings {
    /// How many times more there are than were read.
    fn unread(&self) -> f32 {
        (self.frequency / self.places.len().max(1) as f32).max(1.0)
    }
}

/// Sums by place, kept from one question to the next so that nothing is laid out anew.
#[derive(Debug, Default)]
pub struct Sums {
    totals: Vec<f32>,
    times: Vec<f32>,
    touched: Vec<u32>,
}

impl Sums {
    fn begin(&mut self, places: usize) {
        for at in self.touched.drain(..) {
            self.totals[at as usize] = 0.0;
        }
        if self.totals.len() < places {
            self.totals.resize(places, 0.0);
            self.times.resize(places, 0.0);
        }
    }

    /// What has a sum, in no order.
    pub fn touched(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        self.touched.iter().map(|at| (*at, self.totals[*at as usize]))
    }

    /// The sum of a place.
    pub fn of(&self, at: u32) -> f32 {
        self.totals.get(at as usize).copied().unwrap_or_default()
    }
}

/// The `count` largest of two sums taken together, the largest first.
pub fn largest(one: &Sums, other: &Sums, count: usize) -> Vec<(u32, f32)> {
    let both = one.touched().map(|(at, sum)| (at, sum + other.of(at)));
    let rest = other.touched().filter(|(at, _)| one.of(*at) == 0.0);
    let mut all: Vec<(u32, f32)> = both.chain(rest).collect();
    let by = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
    if all.len() > count && count > 0 {
        all.select_nth_unstable_by(count - 1, by);
        all.truncate(count);
    }
    all.sort_unstable_by(by);
    all
}

/// Sums over sessions, by their rows: how often a term stands in it, on a logarithmic scale, over its length. Gives in
/// how many sessions each term stands.
pub fn sessions(
    sums: &mut Sums,
    shelf: Shelf<'_>,
    scope: &Scope,
    terms: &[Postings],
    weights: &Weights,
) -> Vec<f32> {
    sums.begin(scope.of_session.len());
    let mut frequencies = Vec::with_capacity(terms.len());
    let mean = scope.mean_session();
    let mut seen = Vec::new();
    for term in terms {
        seen.clear();
        for (place, often) in &term.places {
            let session = shelf.session[*place as usize] as usize;
            if sums.times[session] == 0.0 {
                seen.push(session as u32);
            }
            let times = if *often { 2.0 } else { 1.0 };
            let retold = shelf.is_retold(*place);
            sums.times[session] += if retold { weights.retold * times } else { times };
        }
        // the more is unread, the more of it is in sessions that were met
        let frequency = seen.len() as f32 * term.unread().sqrt();
        frequencies.push(frequency);
        let idf = term.weight * session_idf(scope, frequency);
        for row in &seen {
            let at = *row as usize;
            let length = scope.of_session[at].words as f32 / mean;
            let norm = 1.0 - weights.session_length + weights.session_length * length;
            if sums.totals[at] == 0.0 {
                sums.touched.push(*row);
            }
            // not ln_1p, which is exact for tiny numbers and takes twice as long; there are none
            sums.totals[at] += idf * (1.0 + sums.times[at] / norm).ln();
            sums.times[at] = 0.0;
        }
    }
    frequencies
}

/// How telling a term is that stands in so many sessions.
fn session_idf(scope: &Scope, frequency: f32) -> f32 {
    (scope.sessions as f32 / frequency.clamp(1.0, scope.sessions.max(1) as f32)).ln_1p()
}

/// How telling a term is that stands in so many passages.
pub(super) fn passage_idf(scope: &Scope, frequency: f32) -> f32 {
    okapi(scope.passages as f32, frequency)
}

pub(super) fn okapi(all: f32, frequency: f32) -> f32 {
    let frequency = frequency.clamp(0.0, all);
    ((all - frequency + 0.5) / (frequency + 0.5)).ln_1p()
}
