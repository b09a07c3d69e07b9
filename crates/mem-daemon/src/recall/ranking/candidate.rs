//! A session that is looked at closely, and what the legs add to it.

use std::collections::HashMap;

use mem_logic::recall::rank::Best;

use super::Ranking;
use crate::recall::ask::Reason;

/// The leg that meaning knows better than the words do.
const BEGINNING: &str = "beginning";

/// A session that is looked at closely.
pub(super) struct Candidate {
    pub(super) session: u32,
    /// Its passages: those that were said, in the order of the index, then those that tell them again.
    pub(super) places: Vec<u32>,
    /// How many of them were said.
    pub(super) said: usize,
    pub(super) score: f32,
    pub(super) best: Best,
    /// What the best window of words added.
    pub(super) window: f32,
    /// The window round its first passage, as a share of the most that is possible.
    pub(super) beginning: f32,
    /// The place that is nearest in meaning, among `places`, and what it added.
    pub(super) nearest: Option<(usize, f32)>,
    pub(super) reasons: Vec<Reason>,
}

impl Candidate {
    pub(super) fn add(&mut self, of: &'static str, adds: f32, with: String) {
        if adds > 0.0 {
            self.score += adds;
            self.reasons.push(Reason { of, rank: None, adds: f64::from(adds), with });
        }
    }

    /// Weighs its beginning, perhaps once more.
    pub(super) fn weigh_beginning(&mut self, weight: f32) {
        if let Some(at) = self.reasons.iter().position(|reason| reason.of == BEGINNING) {
            self.score -= self.reasons.remove(at).adds as f32;
        }
        self.add(BEGINNING, weight * self.beginning, String::new());
    }

    /// Weighs all that was added so far.
    pub(super) fn weigh_all(&mut self, factor: f32) {
        self.score *= factor;
        for reason in &mut self.reasons {
            reason.adds *= f64::from(factor);
        }
    }

    pub(super) fn place(&self) -> u32 {
        self.places[self.best.middle]
    }
}

/// Notes each candidate's place in every leg.
pub(super) fn number_reasons(candidates: &mut [Candidate]) {
    let mut of_leg: HashMap<&'static str, Vec<(f64, usize, usize)>> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        for (reason, Reason { of, adds, .. }) in candidate.reasons.iter().enumerate() {
            of_leg.entry(of).or_default().push((*adds, at, reason));
        }
    }
    for mut leg in of_leg.into_values() {
        leg.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (place, (_, at, reason)) in leg.into_iter().enumerate() {
            candidates[at].reasons[reason].rank = Some(place + 1);
        }
    }
}

pub(super) fn order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.place().cmp(&a.place())));
}

/// The middles of the best windows of all candidates, the best first, each with its share of the best one's score.
pub(super) fn best_windows(candidates: &[Candidate], count: usize) -> Vec<(u32, f32)> {
    let of = |candidate: &Candidate| -> Vec<(u32, f32)> {
        candidate.best.windows.iter().map(|window| (candidate.places[window.at], window.score)).collect()
    };
    let mut windows: Vec<(u32, f32)> = candidates.iter().flat_map(of).collect();
    let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
    if windows.len() > count && count > 0 {
        windows.select_nth_unstable_by(count - 1, better);
        windows.truncate(count);
    }
    windows.sort_unstable_by(better);
    let largest = windows.first().map_or(1.0, |(_, score)| score.max(f32::EPSILON));
    for (_, score) in &mut windows {
        *score /= largest;
    }
    windows
}

impl Ranking<'_> {
    /// The given sessions, each with all its passages that are allowed.
    pub(super) fn candidates(&self, sessions: &[u32]) -> Vec<Candidate> {
        let candidates = sessions.iter().map(|session| {
            let span = self.allowed.scope.of(*session);
            let of_session = |place: &u32| {
                let at = *place as usize;
                self.columns.session[at] == *session
                    && self.columns.doc[at] != 0
                    && self.allowed.holds(i64::from(*place) + 1)
            };
            let (retold, mut places): (Vec<u32>, Vec<u32>) =
                (span.first..=span.last).filter(of_session).partition(|place| self.shelf.is_retold(*place));
            let said = places.len();
            places.extend(retold);
            Candidate {
                session: *session,
                places,
                said,
                score: 0.0,
                best: Best::default(),
                window: 0.0,
                beginning: 0.0,
                nearest: None,
                reasons: Vec::new(),
            }
        });
        candidates.filter(|candidate| !candidate.places.is_empty()).collect()
    }
}
