//! What the words and the identifiers of a question come to in each candidate: the best window of its passages.

use mem_logic::recall::rank::{Best, Matched, Postings, Sums, best_window, most, sessions, worth};

use super::Ranking;
use super::candidate::Candidate;
use crate::recall::gather::{Gathered, Leg};

impl Ranking<'_> {
    /// How much each term of a leg counts; the sums of its sessions are reckoned for it.
    pub(super) fn worth(&self, leg: &Leg, sums: &mut Sums) -> Vec<f32> {
        let scope = &self.allowed.scope;
        let frequencies = sessions(sums, self.shelf, scope, &leg.postings, self.weights);
        worth(scope, &leg.postings, &frequencies)
    }

    /// What stands in the candidates of the words and of the identifiers of the question.
    pub(super) fn add_postings(
        &self,
        candidates: &mut [Candidate],
        gathered: &Gathered,
        [of_words, of_codes]: &[Vec<f32>; 2],
        sums: &Sums,
    ) {
        if candidates.is_empty() {
            return;
        }
        self.add_words(candidates, &gathered.words, of_words, sums);
        if !gathered.codes.postings.is_empty() {
            self.add_leg(candidates, &gathered.codes, of_codes, "identifiers", self.weights.code, true);
        }
    }

    pub(super) fn add_words(&self, candidates: &mut [Candidate], leg: &Leg, worth: &[f32], sums: &Sums) {
        let weights = self.weights;
        let most = most(worth, weights);
        let bests = self.windows(candidates, leg, worth);
        for (candidate, best) in candidates.iter_mut().zip(bests) {
            let with = self.said_in(leg, candidate, &best);
            candidate.window = best.score / most;
            candidate.add("passages", candidate.window, with);
            candidate.add("sessions", weights.session * sums.of(candidate.session) / most, String::new());
            candidate.beginning = best.first / most;
            candidate.weigh_beginning(weights.first);
            candidate.best = best;
        }
    }

    /// A leg beside the words: its best window in each session. Where the words found none, it says where to look.
    pub(super) fn add_leg(
        &self,
        candidates: &mut [Candidate],
        leg: &Leg,
        worth: &[f32],
        name: &'static str,
        weight: f32,
        leads: bool,
    ) {
        let most = most(worth, self.weights);
        let bests = self.windows(candidates, leg, worth);
        for (candidate, best) in candidates.iter_mut().zip(bests) {
            let with = self.said_in(leg, candidate, &best);
            candidate.add(name, weight * best.score / most, with);
            if leads && candidate.best.windows.is_empty() {
                candidate.best = best;
            }
        }
    }

    /// What the passages of each candidate come to for a leg, as shares of the most that is possible.
    pub(super) fn windows(&self, candidates: &[Candidate], leg: &Leg, worth: &[f32]) -> Vec<Best> {
        // a number for each session: there are far more places to look up than candidates
        let mut slots = vec![u16::MAX; self.allowed.scope.of_session.len()];
        for (slot, candidate) in candidates.iter().enumerate() {
            slots[candidate.session as usize] = slot as u16;
        }
        let holds = self.found_in(&slots, leg);
        let mut ends = vec![0; 2 * candidates.len()];
        for (half, ..) in &holds {
            ends[usize::from(*half)] += 1;
        }
        let mut all = 0;
        for end in &mut ends {
            // where the next of it goes, which is its end once all are there
            (all, *end) = (all + *end, all);
        }
        let mut terms = vec![(0, 0, false); all];
        for (half, term, place, often) in holds {
            let end = &mut ends[usize::from(half)];
            terms[*end] = (term, place, often);
            *end += 1;
        }
        let scope = &self.allowed.scope;
        let best = |places: &[u32], half: usize| {
            let from = if half == 0 { 0 } else { ends[half - 1] };
            let matched = Matched { places, terms: &terms[from..ends[half]] };
            best_window(matched, self.shelf, scope, worth, self.weights)
        };
        let both = |(slot, candidate): (usize, &Candidate)| {
            let (said, retold) = candidate.places.split_at(candidate.said);
            best(said, 2 * slot).and(best(retold, 2 * slot + 1), said.len(), self.weights)
        };
        candidates.iter().enumerate().map(both).collect()
    }

    /// What of a leg stands in candidates, by their slots: in what was said in them, or in what tells it again, which are no
    /// neighbours; term, place, and whether it stands there more than once, one term after the other.
    pub(super) fn found_in(&self, slots: &[u16], leg: &Leg) -> Vec<(u16, u16, u32, bool)> {
        let mut found = Vec::with_capacity(leg.postings.iter().map(|postings| postings.places.len()).sum());
        for (term, postings) in leg.postings.iter().enumerate() {
            for (place, often) in &postings.places {
                let slot = slots[self.columns.session[*place as usize] as usize];
                if slot != u16::MAX {
                    let half = 2 * slot + u16::from(self.shelf.is_retold(*place));
                    found.push((half, term as u16, *place, *often));
                }
            }
        }
        found
    }

    /// The words of a leg that stand round a window, where that is asked for.
    pub(super) fn said_in(&self, leg: &Leg, candidate: &Candidate, best: &Best) -> String {
        if !self.ask.explain || best.windows.is_empty() {
            return String::new();
        }
        let from = best.middle.saturating_sub(self.weights.reach);
        let to = (best.middle + self.weights.reach).min(candidate.places.len() - 1);
        let near = &candidate.places[from..=to];
        let stands = |postings: &Postings| {
            near.iter().any(|place| postings.places.binary_search_by_key(place, |(place, _)| *place).is_ok())
        };
        let words: Vec<&str> = leg
            .wanted
            .iter()
            .zip(&leg.postings)
            .filter(|(_, postings)| stands(postings))
            .map(|(wanted, _)| wanted.written.as_str())
            .collect();
        words.join(" ")
    }
}
