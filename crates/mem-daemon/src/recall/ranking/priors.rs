//! What speaks for a session beside what it says: its files, its time and place, and being the newer of two.

use std::collections::HashSet;
use std::collections::hash_map::Entry;

use mem_core::id::SessionRow;
use mem_logic::recall::rank::{COMPARED, MAY_MOVE, Matter, newer_first, shared_files, speaks_of_change};
use mem_logic::recall::tokens;
use mem_store::{Sought, StoreError};

use super::Ranking;
use super::candidate::{Candidate, order};

/// Sessions whose files are looked at, and as many where one is asked as of a moment, which is about work at hand.
const SHARING: usize = 20;
const SHARING_AS_OF: usize = 40;
/// Files of each.
const FILES: usize = 48;
/// Files at hand that count, and newest places of each.
const AT_HAND: usize = 16;
const AT_HAND_PLACES: usize = 500;
/// Passages on each side of the best that tell what a session is about.
const ROUND: usize = 3;

impl Ranking<'_> {
    /// Reads what is looked at once meaning has joined, so that it is read while that is waited for.
    pub(super) fn read_ahead(&self, candidates: &mut [Candidate]) -> Result<(), StoreError> {
        order(candidates);
        for candidate in candidates.iter().take(self.sharing()) {
            self.with_files_of(candidate.session, |_| ())?;
        }
        for candidate in candidates.iter().take(MAY_MOVE) {
            self.said_round(candidate, ROUND)?;
        }
        Ok(())
    }

    /// How many sessions share files.
    fn sharing(&self) -> usize {
        match (self.weights.files > 0.0, self.ask.as_of) {
            (false, _) => 0,
            (true, Some(_)) => SHARING_AS_OF,
            (true, None) => SHARING,
        }
    }

    fn with_files_of<T>(&self, session: u32, of: impl FnOnce(&[String]) -> T) -> Result<T, StoreError> {
        let mut files = self.files.borrow_mut();
        let files = match files.entry(session) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                new.insert(self.store.files_of_session(SessionRow(i64::from(session)), FILES)?)
            }
        };
        Ok(of(files))
    }

    /// Files shared with the best sessions.
    pub(super) fn add_shared_files(&self, candidates: &mut [Candidate]) -> Result<(), StoreError> {
        let mut ranked = Vec::with_capacity(self.sharing());
        for candidate in candidates.iter().take(self.sharing()) {
            ranked.push((candidate.score, self.with_files_of(candidate.session, <[String]>::to_vec)?));
        }
        let largest = ranked.iter().map(|(score, _)| *score).fold(0.0, f32::max);
        for (candidate, share) in candidates.iter_mut().zip(shared_files(&ranked)) {
            candidate.add("files", self.weights.files * share * largest, String::new());
        }
        Ok(())
    }

    /// What is at hand, the time that the question names, and what was new when it was asked.
    pub(super) fn add_priors(&self, candidates: &mut [Candidate]) -> Result<(), StoreError> {
        let at_hand = self.sessions_at_hand()?;
        let weights = self.weights;
        let moments: Vec<i64> = candidates
            .iter()
            .map(|one| self.columns.at[*one.places.last().expect("not empty") as usize])
            .collect();
        let mut newest_first = moments.clone();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        for (candidate, last) in candidates.iter_mut().zip(moments) {
            if let Some(window) = &self.query.window {
                let at = self.columns.at[candidate.place() as usize];
                if at >= window.from.0 && at < window.until.0 {
                    candidate.add("time", weights.time * candidate.score, window.said.clone());
                }
            }
            if let Some(here) = self.ask.here
                && i64::from(self.columns.project[candidate.place() as usize]) == here.0
                && self.ask.filter.projects != [here]
            {
                candidate.add("here", weights.here * candidate.score, String::new());
            }
            if at_hand.contains(&candidate.session) {
                candidate.add("at hand", weights.at_hand * candidate.score, self.ask.files.join(" "));
            }
            if self.ask.as_of.is_some() {
                let later = newest_first.partition_point(|moment| *moment > last);
                let share = 0.5_f32.powf(later as f32 / weights.recent_half);
                candidate.add("new", weights.recent * share * candidate.score, String::new());
            }
        }
        Ok(())
    }

    /// Sessions in which an observation names one of the files at hand.
    pub(super) fn sessions_at_hand(&self) -> Result<HashSet<u32>, StoreError> {
        let mut sessions = HashSet::new();
        for path in self.ask.files.iter().take(AT_HAND) {
            let mark = tokens::file(path);
            self.store.postings(Sought::Term(&mark), None, self.allowed.rows, AT_HAND_PLACES, |row| {
                sessions.extend(self.columns.session.get((row - 1) as usize));
            })?;
        }
        Ok(sessions)
    }

    /// Of two that are about the same matter, the newer stands above the older.
    pub(super) fn put_newer_first(&self, candidates: &mut Vec<Candidate>) -> Result<(), StoreError> {
        let mut matters = Vec::new();
        for candidate in candidates.iter().take(COMPARED) {
            matters.push(Matter {
                at: self.columns.at[candidate.place() as usize],
                score: candidate.score,
                said: self.said_round(candidate, ROUND)?,
            });
            // nothing moves where none of those that may speaks of a change: then the rest need not be read
            if matters.len() == MAY_MOVE && !matters.iter().any(|matter| speaks_of_change(&matter.said)) {
                return Ok(());
            }
        }
        let order = newer_first(&matters);
        let scores: Vec<f32> = candidates.iter().take(order.len()).map(|candidate| candidate.score).collect();
        let mut rest = candidates.split_off(order.len());
        let mut taken: Vec<Option<Candidate>> = std::mem::take(candidates).into_iter().map(Some).collect();
        for (place, at) in order.iter().enumerate() {
            let mut candidate = taken[*at].take().expect("an order of all");
            if *at > place {
                candidate.add("newer", scores[place] - candidate.score, String::new());
            }
            candidate.score = scores[place];
            candidates.push(candidate);
        }
        candidates.append(&mut rest);
        Ok(())
    }
}
