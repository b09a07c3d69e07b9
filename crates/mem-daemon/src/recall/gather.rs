//! Reads the postings of what is asked, within a bound on the work that does not grow with the question.
//!
//! Every term is sampled first, its newest places; rare ones are complete by that. The rest are read the rarest first until
//! the bound is spent. Words that stand almost everywhere are left out where there are others.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use mem_logic::recall::rank::Postings;
use mem_logic::recall::{
    Asked, Prefix, Query, View, folded, is_english, is_unspaced, nearest, stem, terms, tokens,
};
use mem_store::{Columns, Reader, Sought, StoreError};

use super::allowed::Allowed;
use super::places::Places;

/// Places that are read of every term, and of every term of a long question.
const SAMPLE: usize = 256;
const SMALL_SAMPLE: usize = 128;
/// A question of more terms is long.
const LONG: usize = 24;
/// Bounds of the places that are read in all, and the share of the index that lies between.
const LEAST: usize = 24_000;
const MOST: usize = 160_000;
const SHARE: usize = 5;
/// Words that are looked up; of more, the longest.
const SAMPLED: usize = 48;
/// Terms that are looked for; of more, the rarest.
const TERMS: usize = 32;
/// Identifiers, paths and numbers that are looked for, the first ones.
const CODES: usize = 12;
/// Terms for which it is looked up where they stand more than once.
const COUNTED: usize = 24;
/// Most such places that are looked up of a term.
const MARKS: usize = 4_096;
/// Words of a question that is not long that are corrected where they stand nowhere, and most words of the vocabulary that are looked at
/// for a beginning of one.
const CORRECTED: usize = 3;
const VOCABULARY: usize = 20_000;
/// Letters from which on a word that stands nowhere is taken for the beginning of another.
const BEGUN: usize = 4;
/// The same of a word that is glossed: it is no English word misspelt, but it may stand with an ending of its language. Of
/// fewer letters many begin English words by chance: `Auto` begins `automatic`.
const GROWN: usize = 6;
/// Such words that are tried, since each reads what begins with it.
const LONGER: usize = 6;
/// A word in more than this share of the passages says nothing, where there are many passages and another word.
const EVERYWHERE: f32 = 0.3;
const MANY: usize = 4_000;
/// How much English for a word counts beside words that were typed, which are surer: the likeliest, and what it may be
/// otherwise.
const GLOSSED: [f32; 2] = [0.8, 0.4];

/// A term of the question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// As typed.
    pub(super) written: String,
    /// As the index holds it.
    pub(super) token: String,
    /// How much it counts beside the others of its leg.
    pub(super) weight: f32,
}

impl Wanted {
    /// A term that nobody typed.
    fn untyped(term: &str) -> Self {
        Self { written: term.to_owned(), token: tokens::token(View::Word, term), weight: 0.0 }
    }
}

/// Terms with their places.
#[derive(Debug, Default)]
pub(super) struct Leg {
    /// The terms.
    pub(super) wanted: Vec<Wanted>,
    /// Their places, in the same order.
    pub(super) postings: Vec<Postings>,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Words of the question, and beginnings that were typed.
    pub(super) words: Leg,
    /// Its identifiers, paths and numbers.
    pub(super) codes: Leg,
    /// Words that stand almost everywhere, or were too many.
    pub(super) left_out: Vec<String>,
    /// Words that stand nowhere, each with the one that was looked for in its place.
    pub(super) corrected: Vec<(String, String)>,
    /// Words that stand only where the conditions are not met.
    pub(super) elsewhere: Vec<String>,
    /// Words that stand nowhere, without one that could be meant.
    pub(super) unknown: Vec<String>,
    /// Whether something was not read to its end.
    pub(super) bounded: bool,
}

/// What is read, and among which rows.
pub(super) struct Among<'a> {
    pub(super) store: &'a Reader,
    pub(super) columns: &'a Columns,
    pub(super) allowed: &'a Allowed,
    /// What was read before.
    pub(super) places: &'a RefCell<Places>,
}

impl Among<'_> {
    /// Whether a term stands somewhere, as a word or as an identifier, though not where it may.
    fn stands_elsewhere(&self, wanted: &Wanted) -> Result<bool, StoreError> {
        if self.allowed.bits().is_none() {
            return Ok(false);
        }
        let all = (1, self.columns.len() as i64);
        let stands = |token: &str| Ok(self.store.postings(Sought::Term(token), None, all, 1, |_| {})? > 0);
        Ok(stands(&wanted.token)? || stands(&identifier(wanted))?)
    }

    /// Calls `each` for the rows where something stands, the newest first, at most `limit`; how many there were. `rows` that
    /// end with the newest may be followed by others, which are not meant.
    fn read(
        &self,
        sought: Sought<'_>,
        rows: (i64, i64),
        limit: usize,
        each: impl FnMut(i64),
    ) -> Result<usize, StoreError> {
        let beside = self.allowed.beside.as_deref();
        match sought {
            // what ends long before the newest would have all that is newer read first
            Sought::Term(token) if beside.is_some() || rows.1 as usize >= self.columns.len() / 4 * 3 => {
                let mut places = self.places.borrow_mut();
                places.read(self.store, self.columns, (token, beside), (rows.0, limit), each)
            }
            _ => self.store.postings(sought, beside, rows, limit, each),
        }
    }
}

/// Reads what a question asks for among the rows that are allowed.
pub(super) fn gather(on: &Among<'_>, query: &Query) -> Result<Gathered, StoreError> {
    let left = (on.columns.len() / SHARE).clamp(LEAST, MOST);
    let mut reading = Reading { on, left, bounded: query.cut };
    let mut gathered = Gathered::default();
    let of_time = |asked: &Asked| query.window.as_ref().is_some_and(|window| window.names(&asked.written));
    // a time says when, and nothing of what
    let says = |asked: &Asked| !asked.stop && !of_time(asked);
    let says_something = query.words.iter().any(says);
    let of = |view: View| {
        query.words.iter().filter(move |asked| asked.view == view && (says(asked) || !says_something)).map(
            move |asked| Wanted {
                written: asked.written.clone(),
                token: tokens::token(view, &asked.term),
                weight: match &asked.gloss_place {
                    None => (asked.times as f32).sqrt(),
                    Some(place) => GLOSSED[(*place).min(GLOSSED.len() - 1)],
                },
            },
        )
    };
    let typed = query.words.iter().filter(|asked| asked.gloss_place.is_none()).count();
    let size = if query.words.len() > LONG { SMALL_SAMPLE } else { SAMPLE };
    let (asked, too_many) = longest(of(View::Word).collect());
    gathered.left_out.extend(too_many);
    let mut words = reading.sample(asked, size)?;
    // a piece that looks like a word is looked for as one
    let compound = |wanted: &Wanted| !wanted.token[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    let codes = reading.sample(of(View::Code).filter(compound).take(CODES).collect(), size)?;
    for prefix in &query.prefixes {
        words.push(reading.beginning(prefix)?);
    }
    let found: HashSet<String> = words.iter().chain(&codes).filter_map(Sampled::token_where_found).collect();
    let glosses = Glosses::of(query, &found);
    let mut tried_longer = 0;
    for word in words.iter_mut().filter(|word| word.places.is_empty()) {
        let is_glossed = glosses.has(&word.wanted.written);
        if is_glossed && tried_longer < LONGER && typed <= LONG {
            tried_longer += 1;
            if let Some(longer) = reading.longer_than(&word.wanted, GROWN)? {
                gathered.corrected.push((word.wanted.written.clone(), longer.wanted.written.clone()));
                *word = longer;
                continue;
            }
        }
        if glosses.speak_for(&word.wanted.written) {
            continue;
        }
        // a path has the pieces of a name and not the word that they make: what is found by one is not missing
        if found.contains(&identifier(&word.wanted)) {
            continue;
        }
        if on.stands_elsewhere(&word.wanted)? || glosses.stand_elsewhere(&word.wanted.written, on)? {
            gathered.elsewhere.push(word.wanted.written.clone());
            continue;
        }
        let tried = gathered.corrected.len() + gathered.unknown.len();
        let looked = tried < CORRECTED && typed <= LONG && !is_glossed;
        let instead = if looked { reading.instead_of(&word.wanted)? } else { None };
        if let Some(instead) = instead {
            gathered.corrected.push((word.wanted.written.clone(), instead.wanted.written.clone()));
            *word = instead;
        } else if !is_of_time(&word.wanted, query) && !stands_in_pieces(&word.wanted, &found) {
            gathered.unknown.push(word.wanted.written.clone());
        }
    }
    gathered.words = reading.all(words, &mut gathered.left_out)?;
    gathered.codes = reading.all(codes, &mut Vec::new())?;
    gathered.bounded = reading.bounded;
    Ok(gathered)
}

/// What English words of a gloss say of the words that they are for.
struct Glosses {
    /// Words that were typed, in small letters; the terms that English for them has, and whether one of these stands where it
    /// may.
    of: HashMap<String, (Vec<String>, bool)>,
    /// English that was not typed.
    english: HashSet<String>,
}

impl Glosses {
    fn of(query: &Query, found: &HashSet<String>) -> Self {
        let mut of: HashMap<String, (Vec<String>, bool)> = HashMap::new();
        for (typed, term) in &query.english {
            let (terms, stands) = of.entry(typed.clone()).or_default();
            *stands |= found.contains(&tokens::token(View::Word, term));
            terms.push(term.clone());
        }
        let english = query.words.iter().filter(|asked| asked.gloss_place.is_some());
        Self { of, english: english.map(|asked| asked.written.clone()).collect() }
    }

    /// Whether a word has English that is looked for.
    fn has(&self, written: &str) -> bool {
        !self.of.is_empty() && parts(written).any(|part| self.of.contains_key(&part))
    }

    /// Whether it is no news that a word stands nowhere: it was not typed, or English for it stands somewhere.
    fn speak_for(&self, written: &str) -> bool {
        let finds = |part: String| self.of.get(&part).is_some_and(|(_, stands)| *stands);
        !self.of.is_empty() && (self.english.contains(written) || parts(written).any(finds))
    }

    /// Whether English for a word stands somewhere, though not where it may.
    fn stand_elsewhere(&self, written: &str, among: &Among<'_>) -> Result<bool, StoreError> {
        for (terms, _) in parts(written).filter_map(|part| self.of.get(&part)) {
            for term in terms {
                if among.stands_elsewhere(&Wanted::untyped(term))? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// A word and what hyphens join in it, in small letters.
fn parts(written: &str) -> impl Iterator<Item = String> {
    [written].into_iter().chain(written.split('-')).map(str::to_lowercase)
}

/// The longest words, which tend to be the rarest, in their order; and the others as they were written.
fn longest(words: Vec<Wanted>) -> (Vec<Wanted>, Vec<String>) {
    if words.len() <= SAMPLED {
        return (words, Vec::new());
    }
    let mut lengths: Vec<usize> = words.iter().map(|wanted| wanted.token.chars().count()).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let least = lengths[SAMPLED - 1];
    let longer = lengths.partition_point(|length| *length > least);
    let mut as_long = SAMPLED - longer;
    let (mut kept, mut others) = (Vec::with_capacity(SAMPLED), Vec::new());
    for wanted in words {
        let length = wanted.token.chars().count();
        if length > least || length == least && as_long > 0 {
            as_long -= usize::from(length == least);
            kept.push(wanted);
        } else {
            others.push(wanted.written);
        }
    }
    (kept, others)
}

/// Whether a word is one of those that name a time, or two letters of a text without spaces: that it stands nowhere is
/// no news.
fn is_of_time(wanted: &Wanted, query: &Query) -> bool {
    let of_window = query.window.as_ref().is_some_and(|window| window.names(&wanted.written));
    of_window || wanted.token.chars().next().is_some_and(is_unspaced)
}

/// A word as the index holds an identifier.
fn identifier(wanted: &Wanted) -> String {
    tokens::token(View::Code, &wanted.written.to_lowercase())
}

/// Whether a word is made of pieces of which one was found; those that were not are words of their own.
fn stands_in_pieces(wanted: &Wanted, found: &HashSet<String>) -> bool {
    let pieces = terms(&wanted.written);
    pieces.iter().map(|piece| tokens::token(piece.view, &piece.text)).any(|token| found.contains(&token))
}

/// With what the word that was meant may begin: the first letter stands as typed, or the first two were swapped.
fn beginnings(word: &str) -> Vec<String> {
    let mut letters = word.chars();
    let (Some(first), Some(second)) = (letters.next(), letters.next()) else { return Vec::new() };
    let mut beginnings = vec![first.to_string()];
    if first != second {
        beginnings.push([second, first].iter().collect());
    }
    beginnings
}

/// Reads words that were not typed, such as those of feedback: their newest places.
pub(super) fn gather_more(on: &Among<'_>, wanted: Vec<Wanted>) -> Result<Leg, StoreError> {
    let mut reading = Reading { on, left: 0, bounded: false };
    let sampled = reading.sample(wanted, SMALL_SAMPLE)?;
    let mut leg = Leg::default();
    for one in sampled {
        leg.push(one);
    }
    Ok(leg)
}

/// A term whose newest places were read.
struct Sampled {
    wanted: Wanted,
    /// The newest first.
    places: Vec<u32>,
    frequency: f32,
    complete: bool,
    /// Places that were read for it, also those that are not meant.
    read: usize,
    /// Beginnings are not read on.
    beginning: bool,
}

impl Sampled {
    fn token_where_found(&self) -> Option<String> {
        (!self.places.is_empty()).then(|| self.wanted.token.clone())
    }
}

impl Leg {
    fn push(&mut self, sampled: Sampled) {
        let mut places: Vec<(u32, bool)> = sampled.places.into_iter().map(|place| (place, false)).collect();
        places.reverse();
        let weight = sampled.wanted.weight;
        self.postings.push(Postings { places, frequency: sampled.frequency, weight });
        self.wanted.push(sampled.wanted);
    }
}

struct Reading<'a> {
    on: &'a Among<'a>,
    /// Places that may still be read.
    left: usize,
    bounded: bool,
}

impl Reading<'_> {
    fn sample(&mut self, wanted: Vec<Wanted>, size: usize) -> Result<Vec<Sampled>, StoreError> {
        let mut sampled = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let token = wanted.token.clone();
            sampled.push(self.newest(wanted, Sought::Term(&token), size)?);
        }
        Ok(sampled)
    }

    /// What was probably meant by a word that stands nowhere: a longer one that begins so, else of those nearest to it the
    /// most frequent.
    fn instead_of(&mut self, wanted: &Wanted) -> Result<Option<Sampled>, StoreError> {
        if let Some(longer) = self.longer_than(wanted, BEGUN)? {
            return Ok(Some(longer));
        }
        let typed = folded(&wanted.written);
        if is_english(&typed) {
            // it is spelt as it should be: who asks for protection is not led to production
            return Ok(None);
        }
        let mut vocabulary = Vec::new();
        for start in beginnings(&typed) {
            vocabulary.extend(self.on.store.vocabulary(&start, VOCABULARY)?);
        }
        let mut best: Option<Sampled> = None;
        for word in nearest(&typed, vocabulary.iter().map(String::as_str)) {
            let token = stem(word);
            let instead = Wanted { written: word.to_owned(), token: token.clone(), weight: wanted.weight };
            let found = self.newest(instead, Sought::Term(&token), SAMPLE)?;
            if found.frequency > best.as_ref().map_or(0.0, |best| best.frequency) {
                best = Some(found);
            }
        }
        Ok(best)
    }

    /// What begins with a word of `least` letters.
    fn longer_than(&mut self, wanted: &Wanted, least: usize) -> Result<Option<Sampled>, StoreError> {
        let is_long = folded(&wanted.written).chars().count() >= least;
        let prefix = Prefix::of(&wanted.written).filter(|prefix| is_long && prefix.view == View::Word);
        let Some(prefix) = prefix else { return Ok(None) };
        let mut found = self.beginning(&prefix)?;
        found.wanted.written = format!("{}*", wanted.written);
        Ok((!found.places.is_empty()).then_some(found))
    }

    /// The places of everything that begins as typed, or is a form of it.
    fn beginning(&mut self, prefix: &Prefix) -> Result<Sampled, StoreError> {
        let wanted = Wanted {
            written: prefix.written.clone(),
            token: tokens::token(prefix.view, &prefix.term),
            weight: 1.0,
        };
        let token = wanted.token.clone();
        let mut all = self.newest(wanted, Sought::Prefix(&token), LEAST / 4)?;
        for stem in &prefix.stems {
            let stem = tokens::token(prefix.view, stem);
            let more = Wanted { written: String::new(), token: stem.clone(), weight: 1.0 };
            all.places.extend(self.newest(more, Sought::Term(&stem), SAMPLE)?.places);
        }
        all.places.sort_unstable_by(|a, b| b.cmp(a));
        all.places.dedup();
        all.frequency = all.frequency.max(all.places.len() as f32);
        all.beginning = true;
        Ok(all)
    }

    fn newest(&mut self, wanted: Wanted, sought: Sought<'_>, limit: usize) -> Result<Sampled, StoreError> {
        let allowed = self.on.allowed;
        let mut places = Vec::with_capacity(limit.min(SAMPLE));
        let mut lowest = 0;
        let read = self.on.read(sought, allowed.rows, limit, |row| {
            lowest = row;
            if allowed.holds(row) {
                places.push((row - 1) as u32);
            }
        })?;
        let complete = read < limit;
        // as dense in what was not read as in what was
        let (first, last) = allowed.rows;
        let seen = (last - lowest + 1).max(1) as f32 / (last - first + 1).max(1) as f32;
        let frequency =
            if complete { places.len() as f32 } else { places.len() as f32 / seen.clamp(1e-6, 1.0) };
        Ok(Sampled { wanted, places, frequency, complete, read, beginning: false })
    }

    /// Reads on, the rarest first, until the bound is spent.
    fn all(&mut self, mut sampled: Vec<Sampled>, left_out: &mut Vec<String>) -> Result<Leg, StoreError> {
        sampled.retain(|one| !one.places.is_empty());
        sampled.sort_by(|a, b| a.frequency.total_cmp(&b.frequency));
        let passages = self.on.allowed.scope.passages;
        let mut leg = Leg::default();
        for (at, mut one) in sampled.into_iter().enumerate() {
            let everywhere = passages > MANY && one.frequency > EVERYWHERE * passages as f32 && at > 0;
            if everywhere || at >= TERMS {
                left_out.push(one.wanted.written);
                self.bounded |= !everywhere;
                continue;
            }
            if !one.complete && !one.beginning {
                let limit = self.left.max(SAMPLE);
                let token = one.wanted.token.clone();
                one = self.newest(one.wanted, Sought::Term(&token), limit)?;
                self.bounded |= !one.complete;
            }
            self.left = self.left.saturating_sub(one.read);
            leg.push(one);
        }
        self.count(&mut leg)?;
        Ok(leg)
    }

    /// Looks up where the terms stand more than once.
    fn count(&mut self, leg: &mut Leg) -> Result<(), StoreError> {
        for (wanted, postings) in leg.wanted.iter().zip(&mut leg.postings).take(COUNTED) {
            let Some((first, _)) = postings.places.first().copied() else { continue };
            let mark = tokens::often(&wanted.token);
            let rows = (i64::from(first) + 1, self.on.allowed.rows.1);
            let limit = postings.places.len().min(MARKS);
            self.on.read(Sought::Term(&mark), rows, limit, |row| {
                let found = postings.places.binary_search_by_key(&((row - 1) as u32), |(place, _)| *place);
                if let Ok(at) = found {
                    postings.places[at].1 = true;
                }
            })?;
        }
        Ok(())
    }
}
