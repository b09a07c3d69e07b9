//! From postings to ranked documents: the legs, their sum, the priors, and what the texts of the best add.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use mem_core::id::SessionRow;
use mem_core::recall::DocId;
use mem_logic::recall::rank::{
    Best, COMPARED, MAY_MOVE, Matched, Matter, Postings, Said, Shelf, Sums, Weights, best_window, expansions,
    largest, most, newer_first, number, pairs, sessions, shared_files, speaks_of_change, worth,
};
use mem_logic::recall::{Query, View, tokens, words};
use mem_store::{Columns, Reader, Sought, StoreError};

use super::allowed::Allowed;
use super::ask::{Ask, How, Reason};
use super::explain;
use super::gather::{Among, Gathered, Leg, Wanted, gather_more};
use super::hits::Ranked;
use super::near::Near;

/// Sessions that are looked at closely.
const CANDIDATES: usize = 72;
/// Sessions that are looked at for being near in meaning alone.
const MEANT: usize = 16;
/// Those first ones that what the best texts say is looked for in.
const FED_BACK: usize = 40;
/// Words that are looked up for feedback, of which the most telling are taken.
const LOOKED_UP: usize = 20;
/// Single letters among them, which lead nowhere and are passed over.
const LETTERS: usize = 6;
/// Sessions of which the text of the best place is read, and those first ones of which its neighbours are read too.
const READ: usize = 12;
const READ_ROUND: usize = 8;
/// Passages on each side of the best that tell what a session is about.
const ROUND: usize = 3;
/// Sessions whose files are looked at, and as many where one is asked as of a moment, which is about work at hand.
const SHARING: usize = 20;
const SHARING_AS_OF: usize = 40;
/// Files at hand that count, and newest places of each.
const AT_HAND: usize = 16;
const AT_HAND_PLACES: usize = 500;
/// Files of each.
const FILES: usize = 48;
/// Fewest words of a question about which the best texts can tell more than it says itself.
const TELLING: usize = 2;

/// The leg that meaning knows better than the words do.
const BEGINNING: &str = "beginning";

/// What ranking works on.
pub(super) struct Ranking<'a> {
    pub(super) store: &'a Reader,
    pub(super) among: &'a Among<'a>,
    /// What is said at places that were looked at.
    pub(super) looked_at: RefCell<HashMap<u32, Said>>,
    pub(super) columns: &'a Columns,
    pub(super) shelf: Shelf<'a>,
    pub(super) allowed: &'a Allowed,
    pub(super) weights: &'a Weights,
    /// Those that count once meaning has joined the words.
    pub(super) with_meaning: &'a Weights,
    pub(super) query: &'a Query,
    pub(super) ask: &'a Ask,
}

/// A session that is looked at closely.
struct Candidate {
    session: u32,
    /// Its passages: those that were said, in the order of the index, then those that tell them again.
    places: Vec<u32>,
    /// How many of them were said.
    said: usize,
    score: f32,
    best: Best,
    /// What the best window of words added.
    window: f32,
    /// The window round its first passage, as a share of the most that is possible.
    beginning: f32,
    /// The place that is nearest in meaning, among `places`, and what it added.
    nearest: Option<(usize, f32)>,
    reasons: Vec<Reason>,
}

impl Candidate {
    fn add(&mut self, of: &'static str, adds: f32, with: String) {
        if adds > 0.0 {
            self.score += adds;
            self.reasons.push(Reason { of, rank: None, adds: f64::from(adds), with });
        }
    }

    /// Weighs its beginning, perhaps once more.
    fn weigh_beginning(&mut self, weight: f32) {
        if let Some(at) = self.reasons.iter().position(|reason| reason.of == BEGINNING) {
            self.score -= self.reasons.remove(at).adds as f32;
        }
        self.add(BEGINNING, weight * self.beginning, String::new());
    }

    fn place(&self) -> u32 {
        self.places[self.best.middle]
    }
}

/// Documents, the best first. `near` is waited for once the words have said what they can: a vector takes as long to make and
/// to compare.
pub(super) fn rank<'a>(
    on: &mut Ranking<'_>,
    gathered: &Gathered,
    [words, codes]: &mut [Sums; 2],
    near: impl FnOnce() -> Result<Option<Near<'a>>, StoreError>,
    how: &mut How,
) -> Result<Vec<Ranked>, StoreError> {
    let worth = [on.worth(&gathered.words, words), on.worth(&gathered.codes, codes)];
    // identifiers find sessions too that share no word with the question
    let sessions: Vec<u32> =
        largest(words, codes, CANDIDATES).into_iter().map(|(session, _)| session).collect();
    let mut candidates = on.candidates(&sessions);
    on.add_postings(&mut candidates, gathered, &worth, words);
    order(&mut candidates);
    let tells = gathered.words.wanted.len() >= TELLING;
    let fed_back = tells && !candidates.is_empty();
    if fed_back {
        let texts = on.texts(&candidates)?;
        on.add_pairs(&mut candidates, gathered, &texts);
    }
    let fed_back = fed_back && on.add_feedback(&mut candidates, codes)?;
    let near = near()?;
    if let Some(near) = &near {
        on.weights = on.with_meaning;
        let mut meant = on.meant(near, &sessions);
        on.add_postings(&mut meant, gathered, &worth, words);
        candidates.append(&mut meant);
        on.add_meaning(&mut candidates, near)?;
    }
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    how.legs.extend(["sessions", "passages"]);
    let beside = [
        (!gathered.codes.postings.is_empty(), "identifiers"),
        (fed_back, "feedback"),
        (near.is_some(), "meaning"),
    ];
    how.legs.extend(beside.into_iter().filter(|(is_there, _)| *is_there).map(|(_, leg)| leg));
    order(&mut candidates);
    if tells {
        on.add_shared_files(&mut candidates)?;
    }
    on.add_priors(&mut candidates)?;
    order(&mut candidates);
    if tells {
        on.put_newer_first(&mut candidates)?;
    }
    if on.ask.explain {
        number_reasons(&mut candidates);
    }
    Ok(on.documents(&candidates))
}

/// Notes each candidate's place in every leg.
fn number_reasons(candidates: &mut [Candidate]) {
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

fn order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.place().cmp(&a.place())));
}

/// The middles of the best windows of all candidates, the best first, each with its share of the best one's score.
fn best_windows(candidates: &[Candidate], count: usize) -> Vec<(u32, f32)> {
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
    /// How much each term of a leg counts; the sums of its sessions are reckoned for it.
    fn worth(&self, leg: &Leg, sums: &mut Sums) -> Vec<f32> {
        let scope = &self.allowed.scope;
        let frequencies = sessions(sums, self.shelf, scope, &leg.postings, self.weights);
        worth(scope, &leg.postings, &frequencies)
    }

    /// Sessions beside those that the words found in which something is said that is near in meaning.
    fn meant(&self, near: &Near<'_>, found: &[u32]) -> Vec<Candidate> {
        let mut sessions: Vec<u32> = Vec::new();
        for (place, likeness) in near.nearest() {
            let session = self.columns.session[*place as usize];
            if *likeness < self.weights.alike || sessions.len() == MEANT {
                break;
            }
            if !found.contains(&session) && !sessions.contains(&session) {
                sessions.push(session);
            }
        }
        self.candidates(&sessions)
    }

    /// How near in meaning what each candidate says is. Where the words found none, it says where to look.
    fn add_meaning(&self, candidates: &mut [Candidate], near: &Near<'_>) -> Result<(), StoreError> {
        let weights = self.weights;
        let mut said = best_windows(candidates, weights.moved_by);
        said.extend(near.nearest().iter().take(weights.moved_by));
        let point = near.towards(&said, weights.moved)?;
        for candidate in candidates {
            candidate.weigh_beginning(weights.first);
            let (mut nearest, mut all) = ((0, f32::MIN), 0.0);
            for (at, place) in candidate.places.iter().enumerate() {
                let likeness = near.likeness(&point, *place)?;
                all += likeness;
                if likeness > nearest.1 {
                    nearest = (at, likeness);
                }
            }
            let mean = all / candidate.places.len() as f32;
            let likeness = nearest.1 + weights.breadth * (mean - nearest.1);
            let share = ((likeness - weights.unlike) / (1.0 - weights.unlike)).max(0.0);
            let with = if self.ask.explain { format!("{likeness:.2} alike") } else { String::new() };
            candidate.add("meaning", weights.meaning * share, with);
            if candidate.best.windows.is_empty() {
                candidate.best.middle = nearest.0;
            }
            candidate.nearest = Some((nearest.0, weights.meaning * share));
        }
        Ok(())
    }

    /// The given sessions, each with all its passages that are allowed.
    fn candidates(&self, sessions: &[u32]) -> Vec<Candidate> {
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

    /// What the passages of each candidate come to for a leg, as shares of the most that is possible.
    fn windows(&self, candidates: &[Candidate], leg: &Leg, worth: &[f32]) -> Vec<Best> {
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
    fn found_in(&self, slots: &[u16], leg: &Leg) -> Vec<(u16, u16, u32, bool)> {
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

    /// What stands in the candidates of the words and of the identifiers of the question.
    fn add_postings(
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

    fn add_words(&self, candidates: &mut [Candidate], leg: &Leg, worth: &[f32], sums: &Sums) {
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
    fn add_leg(
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

    /// The words of a leg that stand round a window, where that is asked for.
    fn said_in(&self, leg: &Leg, candidate: &Candidate, best: &Best) -> String {
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

    /// What is said at the best place of the best sessions, and round it in the first few.
    fn texts(&self, candidates: &[Candidate]) -> Result<Vec<Said>, StoreError> {
        let reach = |place: usize| if place < READ_ROUND { self.weights.reach } else { 0 };
        let best = candidates.iter().take(READ).enumerate();
        best.map(|(place, candidate)| self.said_round(candidate, reach(place))).collect()
    }

    fn said_round(&self, candidate: &Candidate, reach: usize) -> Result<Said, StoreError> {
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
    fn said_at(&self, place: u32, said: &mut Said) -> Result<(), StoreError> {
        let mut looked_at = self.looked_at.borrow_mut();
        let here = match looked_at.entry(place) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Said { words: self.store.passage_said(i64::from(place) + 1)? }),
        };
        said.words.extend_from_slice(&here.words);
        Ok(())
    }

    /// Words of the question that stand side by side where a session is best.
    fn add_pairs(&self, candidates: &mut [Candidate], gathered: &Gathered, texts: &[Said]) {
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
    fn add_feedback(&self, candidates: &mut [Candidate], sums: &mut Sums) -> Result<bool, StoreError> {
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
    fn spelt(&self, places: &[u32], mut found: Vec<(u32, f32)>) -> Result<Vec<Wanted>, StoreError> {
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

    /// Files shared with the best sessions.
    fn add_shared_files(&self, candidates: &mut [Candidate]) -> Result<(), StoreError> {
        let among = if self.ask.as_of.is_some() { SHARING_AS_OF } else { SHARING };
        if self.weights.files <= 0.0 {
            return Ok(());
        }
        let mut ranked = Vec::with_capacity(among);
        for candidate in candidates.iter().take(among) {
            let session = SessionRow(i64::from(candidate.session));
            ranked.push((candidate.score, self.store.files_of_session(session, FILES)?));
        }
        let largest = ranked.iter().map(|(score, _)| *score).fold(0.0, f32::max);
        for (candidate, share) in candidates.iter_mut().zip(shared_files(&ranked)) {
            candidate.add("files", self.weights.files * share * largest, String::new());
        }
        Ok(())
    }

    /// What is at hand, the time that the question names, and what was new when it was asked.
    fn add_priors(&self, candidates: &mut [Candidate]) -> Result<(), StoreError> {
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
    fn sessions_at_hand(&self) -> Result<HashSet<u32>, StoreError> {
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
    fn put_newer_first(&self, candidates: &mut Vec<Candidate>) -> Result<(), StoreError> {
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

    /// The documents of the ranked sessions. The best of a session stands by the session's score, the others by their
    /// share of what the best says.
    fn documents(&self, candidates: &[Candidate]) -> Vec<Ranked> {
        let mut found: Vec<Found> = Vec::new();
        for (of, candidate) in candidates.iter().enumerate() {
            let shares = self.shares(candidate).into_iter();
            found.extend(shares.map(|(_, share, place)| Found {
                score: candidate.score * (0.3 + 0.7 * share),
                share,
                place,
                of,
            }));
        }
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(b.place.cmp(&a.place)));
        let ranked = found.into_iter().filter_map(|Found { score, share, place, of }| {
            let (at, candidate) = (place as usize, &candidates[of]);
            let mut reasons = Vec::new();
            if self.ask.explain {
                reasons.clone_from(&candidate.reasons);
                reasons.push(explain::of_session(share, candidate.score, score));
            }
            Some(Ranked {
                doc: DocId::of_number(self.columns.doc[at])?,
                at: self.columns.at[at],
                session: candidate.session,
                turn: self.columns.turn[at],
                row: i64::from(place) + 1,
                score: f64::from(score),
                reasons,
            })
        });
        ranked.collect()
    }

    /// The numbers of a candidate's documents, each with its share of what the best says, and where it says it.
    fn shares(&self, candidate: &Candidate) -> Vec<(i64, f32, u32)> {
        // a neighbour that holds no word itself is no hit
        let own = candidate.best.windows.iter().filter(|window| window.own > 0.0);
        let mut docs: Vec<(i64, f32, u32)> = own
            .map(|window| {
                let place = candidate.places[window.at];
                (self.columns.doc[place as usize], window.own + 0.25 * window.score, place)
            })
            .collect();
        // of each document its best place
        docs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        docs.dedup_by_key(|one| one.0);
        let largest = docs.iter().map(|(_, score, _)| *score).fold(f32::EPSILON, f32::max);
        for (_, score, _) in &mut docs {
            *score /= largest;
        }
        if let Some((at, adds)) = candidate.nearest.filter(|(_, adds)| *adds > 0.0) {
            // as much of the session's score as it brought, beside the best words
            let place = candidate.places[at];
            let (doc, share) = (self.columns.doc[place as usize], adds / candidate.window.max(adds));
            match docs.iter_mut().find(|(known, _, _)| *known == doc) {
                Some(known) => known.1 = known.1.max(share),
                None => docs.push((doc, share, place)),
            }
        }
        docs
    }
}

/// A document of a candidate.
struct Found {
    score: f32,
    /// Its share of what the best of its session says.
    share: f32,
    place: u32,
    /// Which candidate.
    of: usize,
}
