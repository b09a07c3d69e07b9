//! What the texts of the best add: words that stand side by side, and what else is said there.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mem_logic::recall::rank::{Said, Sums, expansions, number, pairs};
use mem_logic::recall::{View, words};
use mem_store::StoreError;

use super::Ranking;
use super::candidate::{Candidate, best_windows};
use crate::recall::explain;
use crate::recall::gather::{Gathered, Leg, Wanted, gather_more};

/// Those first ones that what the best texts say is looked for in.
const FED_BACK: usize = 40;
/// Words that are looked up for feedback, of which the most telling are taken.
const LOOKED_UP: usize = 20;
/// Single letters among them, which lead nowhere and are passed over.
const LETTERS: usize = 6;
/// Sessions of which the text of the best place is read, and those first ones of which its neighbours are read too.
const READ: usize = 12;
const READ_ROUND: usize = 8;

impl Ranking<'_> {
    /// What is said at the best place of the best sessions, and round it in the first few.
    pub(super) fn texts(&self, candidates: &[Candidate]) -> Result<Vec<Said>, StoreError> {
        let reach = |place: usize| if place < READ_ROUND { self.weights.reach } else { 0 };
        let best = candidates.iter().take(READ).enumerate();
        best.map(|(place, candidate)| self.said_round(candidate, reach(place))).collect()
    }

    pub(super) fn said_round(&self, candidate: &Candidate, reach: usize) -> Result<Said, StoreError> {
        let middle = candidate.best.middle;
        let half =
            if middle < candidate.said { 0..candidate.said } else { candidate.said..candidate.places.len() };
        let from = middle.saturating_sub(reach).max(half.start);
        let to = (middle + reach).min(half.end - 1);
        let mut said = Said::default();
        for place in &candidate.places[from..=to] {
            self.said_at(*place, &mut said)?;
        }
        Ok(said)
    }

    /// Adds what is said at a place.
    pub(super) fn said_at(&self, place: u32, said: &mut Said) -> Result<(), StoreError> {
        let mut looked_at = self.looked_at.borrow_mut();
        let here = match looked_at.entry(place) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Said { words: self.store.passage_said(i64::from(place) + 1)? }),
        };
        said.words.extend_from_slice(&here.words);
        Ok(())
    }

    /// Words of the question that stand side by side where a session is best.
    pub(super) fn add_pairs(&self, candidates: &mut [Candidate], gathered: &Gathered, texts: &[Said]) {
        let (asked, written): (Vec<&str>, Vec<&str>) = self
            .query
            .words
            .iter()
            .filter(|asked| asked.view == View::Word && !asked.stop)
            .map(|asked| (asked.term.as_str(), asked.written.as_str()))
            .unzip();
        let idf_of: HashMap<&str, f32> = gathered
            .words
            .wanted
            .iter()
            .zip(&gathered.words.postings)
            .map(|(wanted, postings)| {
                let all = self.allowed.scope.passages as f32;
                (wanted.token.as_str(), (all / postings.frequency.max(1.0)).ln_1p())
            })
            .collect();
        let worth: Vec<f32> = asked
            .windows(2)
            .map(|pair| match (idf_of.get(pair[0]), idf_of.get(pair[1])) {
                (Some(one), Some(other)) => one + other,
                _ => 0.0,
            })
            .collect();
        let all: f32 = worth.iter().sum();
        if all <= 0.0 {
            return;
        }
        let numbers: Vec<u32> = asked.iter().map(|word| number(word)).collect();
        for (candidate, said) in candidates.iter_mut().zip(texts) {
            let found = pairs(&numbers, said);
            let share: f32 = found.iter().map(|at| worth[*at]).sum::<f32>() / all;
            let with = found.iter().map(|at| format!("{} {}", written[*at], written[*at + 1]));
            let with = if self.ask.explain { with.collect::<Vec<_>>().join(", ") } else { String::new() };
            candidate.add("side by side", self.weights.pairs * share, with);
        }
    }

    /// What else is said where the best passages are; whether that leads anywhere.
    pub(super) fn add_feedback(
        &self,
        candidates: &mut [Candidate],
        sums: &mut Sums,
    ) -> Result<bool, StoreError> {
        let (from, count) = self.weights.feedback_from;
        if self.weights.feedback <= 0.0 {
            return Ok(false);
        }
        let windows = best_windows(candidates, from);
        let mut best = Vec::with_capacity(windows.len());
        let places: Vec<u32> = windows.iter().map(|(place, _)| *place).collect();
        for (place, score) in windows {
            let mut said = Said::default();
            self.said_at(place, &mut said)?;
            best.push((score, said));
        }
        let asked: Vec<u32> = self.query.words.iter().map(|asked| number(&asked.term)).collect();
        let wanted = self.spelt(&places, expansions(&best, &asked))?;
        let mut leg = gather_more(self.among, wanted)?;
        let passages = self.allowed.scope.passages as f32;
        for postings in &mut leg.postings {
            // a word that stands nowhere else leads nowhere
            let telling = (passages / postings.frequency.max(1.0)).ln().max(0.0);
            postings.weight *= if postings.frequency < 2.0 { 0.0 } else { telling };
        }
        let mut order: Vec<usize> = (0..leg.postings.len()).collect();
        order.sort_by(|a, b| leg.postings[*b].weight.total_cmp(&leg.postings[*a].weight));
        order.truncate(count);
        let largest = order.first().map_or(0.0, |at| leg.postings[*at].weight);
        if largest <= 0.0 {
            return Ok(false);
        }
        let mut chosen = Leg::default();
        for at in order {
            let mut postings = std::mem::take(&mut leg.postings[at]);
            postings.weight /= largest;
            chosen.postings.push(postings);
            chosen.wanted.push(leg.wanted[at].clone());
        }
        if self.ask.explain {
            explain::write_out(self.store, &places, &mut chosen.wanted)?;
        }
        let first = candidates.len().min(FED_BACK);
        let worth = self.worth(&chosen, sums);
        self.add_leg(&mut candidates[..first], &chosen, &worth, "feedback", self.weights.feedback, false);
        Ok(true)
    }

    /// The first of these words that lead on, as the index holds them: spelt from where they were found.
    pub(super) fn spelt(
        &self,
        places: &[u32],
        mut found: Vec<(u32, f32)>,
    ) -> Result<Vec<Wanted>, StoreError> {
        found.truncate(LOOKED_UP + LETTERS);
        let mut spelt: Vec<Option<String>> = vec![None; found.len()];
        for place in places {
            if spelt.iter().all(Option::is_some) {
                break;
            }
            let Some(text) = self.store.passage_text(i64::from(*place) + 1)? else { continue };
            for term in words(&text) {
                let number = number(&term.text);
                if let Some(at) = found.iter().position(|(word, _)| *word == number) {
                    spelt[at].get_or_insert(term.text);
                }
            }
        }
        let spelt = spelt.into_iter().zip(found).filter_map(|(word, (_, weight))| {
            let word = word.filter(|word| word.chars().nth(1).is_some())?;
            Some(Wanted { written: word.clone(), token: word, weight })
        });
        Ok(spelt.take(LOOKED_UP).collect())
    }
}
