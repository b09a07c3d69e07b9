//! The search: reads what the question asks for, ranks sessions and what is said in them, and looks at the texts of the
//! best.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use mem_core::recall::{DocId, Filter};
use mem_core::time::Timestamp;
use mem_logic::recall::rank::{Shelf, Sums, Weights};
use mem_logic::recall::{Query, VERSION, Window, gloss, is_stop, query};
use mem_store::{Columns, Reader, StoreError, Which};

use super::allowed::{Allowed, Kept};
use super::ask::{Answer, Ask, Coverage, How};
use super::check::glance;
use super::gather::{Among, Gathered, gather};
use super::hits::{self, Ranked};
use super::near::{Beside, Meanings};
use super::phrases::keep_phrases;
use super::places::Places;
use super::ranking::{Ranking, rank};
use crate::home::Home;
use crate::meaning::Asker;

/// Asks memory; keeps what is worth keeping from one question to the next.
#[derive(Debug, Default)]
pub struct Recall {
    /// The file that the rest was read from.
    of: Option<Which>,
    columns: Columns,
    allowed: Kept,
    places: RefCell<Places>,
    /// Of the words and of the identifiers of a question.
    sums: [Sums; 2],
    /// What makes vectors of questions, where meaning is a leg.
    meanings: Option<Meanings>,
    /// For measuring: other weights than those we ship, for the words and once meaning has joined them.
    weights: Option<[Weights; 2]>,
}

impl Recall {
    /// One that goes by meaning too, where an embedding model lies in `home`. Vectors are read for every question, in tenths of
    /// a second for 100,000 passages, unless they are kept: 388 bytes for each passage.
    pub fn with_meaning(home: &Home, keeps_vectors: bool) -> Self {
        let meanings = Meanings::of(home, keeps_vectors);
        Self { meanings: Some(meanings), ..Self::default() }
    }

    /// The same, with questions embedded by a service where its vectors serve.
    #[must_use]
    pub fn asking(mut self, asker: Asker) -> Self {
        if let Some(meanings) = &mut self.meanings {
            meanings.ask_of(asker);
        }
        self
    }

    /// The same, weighing otherwise, to measure what a weight is worth: for the words, and once meaning has joined them.
    #[must_use]
    pub fn weighing(mut self, words: Weights, with_meaning: Weights) -> Self {
        self.weights = Some([words, with_meaning]);
        self
    }

    /// Lets go of what is large and quickly made again: nobody has asked for a moment.
    pub fn rest(&mut self) {
        if let Some(meanings) = &mut self.meanings {
            meanings.rest();
        }
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn search(&mut self, store: &Reader, ask: &Ask) -> Result<Answer, StoreError> {
        store.at_one_moment(|| self.search_now(store, ask))
    }

    fn search_now(&mut self, store: &Reader, ask: &Ask) -> Result<Answer, StoreError> {
        if self.of != store.which() {
            // another file bears the name: what was kept is of the one before
            let mut meanings = self.meanings.take();
            if let Some(meanings) = &mut meanings {
                meanings.forget_vectors();
            }
            *self = Self { of: store.which(), meanings, weights: self.weights.take(), ..Self::default() };
        }
        let state = store.index_state()?;
        store.read_columns(&mut self.columns)?;
        let coverage = Coverage {
            passages: state.passages,
            waiting: store.index_waiting()?,
            rebuilding: state.is_rebuilding(VERSION),
            meaning: match &self.meanings {
                Some(meanings) => meanings.so_far(store, state.passages)?,
                None => None,
            },
        };
        let mut answer = Answer { coverage, ..Answer::default() };
        if self.columns.is_empty() {
            return Ok(answer);
        }
        let mut query = query(&ask.text, ask.now, &ask.zone);
        answer.how.too_short.clone_from(&query.too_short);
        answer.how.operators.clone_from(&query.operators);
        let mut filter = as_of(store, ask)?;
        let asks = asks(&ask.text, &query);
        if asks == Asks::Time
            && let Some(window) = &query.window
        {
            narrow(&mut filter, window);
            answer.how.window = Some((window.said.clone(), window.from, window.until));
        }
        let mut allowed = self.allowed.of(store, &self.columns, &filter)?;
        if !query.phrases.is_empty() {
            keep_phrases(store, &self.columns, &query, Arc::make_mut(&mut allowed), &mut answer.how)?;
        }
        let gloss = if asks == Asks::Words { gloss(&ask.text) } else { None };
        if let Some(gloss) = gloss {
            query.read_as(&gloss);
            answer.how.gloss = Some((gloss.language.name(), gloss.english));
        }
        let mut ranked = match asks {
            // signs only
            Asks::Nothing => return Ok(answer),
            Asks::Words => self.ranked(store, ask, &query, &allowed, &mut answer.how)?,
            Asks::Conditions | Asks::Time => {
                answer.how.legs.push("conditions");
                self.newest(&allowed)
            }
        };
        if let (Asks::Words, true, Some(window)) = (asks, ranked.is_empty(), &query.window)
            && query.phrases.is_empty()
        {
            // where the words stand nowhere, what happened then is what there is to say
            narrow(&mut filter, window);
            answer.how.legs = vec!["conditions"];
            let then = self.allowed.of(store, &self.columns, &filter)?;
            ranked = self.newest(&then);
        }
        if ranked.is_empty() || asks == Asks::Words && answer.how.words.is_empty() {
            // an index in which no word stands shall show that it can find something, whatever meaning or a time found
            glance(store)?;
        }
        hits::fill(store, ask, &filter, &query, ranked, &mut answer)?;
        Ok(answer)
    }

    fn ranked(
        &mut self,
        store: &Reader,
        ask: &Ask,
        query: &Query,
        allowed: &Allowed,
        how: &mut How,
    ) -> Result<Vec<Ranked>, StoreError> {
        let among = Among { store, columns: &self.columns, allowed, places: &self.places };
        let ready = match &mut self.meanings {
            Some(meanings) => meanings.ready(store, &self.columns, query)?,
            None => None,
        };
        let shipped = &[Weights::SHIPPED, Weights::WITH_MEANING];
        let [weights, with_meaning] = self.weights.as_ref().unwrap_or(shipped);
        let glossed = how.gloss.as_ref().map(|(_, english)| english.clone());
        let text = glossed.as_deref().unwrap_or(&ask.text);
        let waiting = ready.is_some();
        let ready = ready.filter(|ready| ready.reads(text));
        // signs and numbers alone are in no language
        how.unread = waiting && ready.is_none() && text.chars().any(char::is_alphabetic);
        let beside = ready.map(|ready| Beside::of(ready, (&ask.text, glossed.as_deref()), allowed));
        std::thread::scope(|scope| {
            let awaited = beside.as_ref().map(|beside| beside.begin(scope));
            let gathered = gather(&among, query)?;
            describe(query, &gathered, how);
            let near = || awaited.map_or(Ok(None), |awaited| awaited.near(store, &self.columns));
            let mut ranking = Ranking {
                store,
                among: &among,
                looked_at: RefCell::default(),
                files: RefCell::default(),
                columns: &self.columns,
                shelf: Shelf {
                    doc: &self.columns.doc,
                    session: &self.columns.session,
                    words: &self.columns.words,
                },
                allowed,
                weights,
                with_meaning,
                query,
                ask,
            };
            rank(&mut ranking, &gathered, &mut self.sums, near, how)
        })
    }

    /// All that is allowed, the newest first.
    fn newest(&self, allowed: &Allowed) -> Vec<Ranked> {
        let mut seen = HashSet::new();
        let mut ranked: Vec<Ranked> = allowed
            .newest_first()
            .filter_map(|row| {
                let at = (row - 1) as usize;
                let doc = DocId::of_number(self.columns.doc[at]).filter(|_| self.columns.doc[at] != 0)?;
                seen.insert(doc).then(|| Ranked {
                    doc,
                    at: self.columns.at[at],
                    session: self.columns.session[at],
                    turn: self.columns.turn[at],
                    row,
                    score: 0.0,
                    reasons: Vec::new(),
                })
            })
            .collect();
        ranked.sort_by_key(|one| std::cmp::Reverse((one.at, one.row)));
        ranked
    }
}

/// What a text asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Nothing that could be looked for.
    Nothing,
    /// Whatever meets the conditions: there is no text.
    Conditions,
    /// Whatever happened at a time.
    Time,
    /// Words.
    Words,
}

/// Whether a text has words to look for; without them, what meets the conditions or happened at a time is listed.
pub fn has_words(text: &str, now: Timestamp, zone: &TimeZone) -> bool {
    !matches!(asks(text, &query(text, now, zone)), Asks::Conditions | Asks::Time)
}

fn asks(text: &str, query: &Query) -> Asks {
    if text.trim().is_empty() {
        return Asks::Conditions;
    }
    if query.words.is_empty() && query.prefixes.is_empty() {
        return Asks::Nothing;
    }
    let Some(window) = &query.window else { return Asks::Words };
    let of_time = |written: &str| is_stop(&written.to_lowercase()) || window.names(written);
    let words = query.words.iter().all(|asked| asked.stop || of_time(&asked.written));
    if words && query.prefixes.is_empty() && query.phrases.is_empty() { Asks::Time } else { Asks::Words }
}

/// Leaves of a filter what lies in a window of time.
fn narrow(filter: &mut Filter, window: &Window) {
    filter.from = filter.from.max(Some(window.from));
    filter.until = Some(filter.until.map_or(window.until, |until| until.min(window.until)));
}

/// The filter, with the sessions left out that had not ended at the moment that is asked about.
fn as_of(store: &Reader, ask: &Ask) -> Result<Filter, StoreError> {
    let mut filter = ask.filter.clone();
    if let Some(moment) = ask.as_of {
        filter.not_sessions.extend(store.sessions_open_at(moment)?);
    }
    Ok(filter)
}

/// What is said of how it was found.
fn describe(query: &Query, gathered: &Gathered, how: &mut How) {
    let mut words: Vec<String> = Vec::new();
    for wanted in gathered.words.wanted.iter().chain(&gathered.codes.wanted) {
        if !words.contains(&wanted.written) {
            words.push(wanted.written.clone());
        }
    }
    how.words = words;
    how.left_out.clone_from(&gathered.left_out);
    how.corrected.extend(gathered.corrected.iter().cloned());
    how.unknown.clone_from(&gathered.unknown);
    how.elsewhere.clone_from(&gathered.elsewhere);
    how.bounded |= gathered.bounded;
    how.window = query.window.as_ref().map(|window| (window.said.clone(), window.from, window.until));
}
