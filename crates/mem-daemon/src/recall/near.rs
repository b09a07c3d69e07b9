//! Meaning as a leg of the search: how near what a passage says is to what is asked, whatever words it is said in.
//!
//! Only vectors of one model are ever compared, the one that embeds the question. Where there is no model, or it cannot be
//! used, the search goes by words; saying so is the business of `status`. Must not judge how much nearness counts.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use mem_core::text::begin;
use mem_embed::{Flat, Hit, Model, PUBLISHED, Stretches, quantise, scan_part, similarities};
use mem_logic::recall::{Query, is_stop};
use mem_store::{Columns, Reader, StoreError, VectorModel};

use super::allowed::Allowed;
use super::vectors::{Places, Vectors};
use crate::embedding_model;
use crate::home::Home;
use crate::meaning::{Asker, Look, open, serves, so_far};

/// Passages that are looked at for being the nearest.
const NEAREST: usize = 256;
/// Bytes up to which a question is embedded as it is: some thirty tokens, which take less than three milliseconds.
const ASKED: usize = 140;
/// Bytes that are embedded of a longer one, words that say nothing left out: what a sentence of [`ASKED`] says. Its first 160
/// bytes as they are cost a decision its place.
const SAYS_IT: usize = 100;

/// How many times as many vectors as are wanted are read where they lie together.
const SPREAD: usize = 3;

/// How long a service is waited for; what comes later is of use when the same is asked again.
const WAITS: Duration = Duration::from_millis(250);

/// What makes vectors of questions, and what they are compared with.
#[derive(Debug)]
pub(super) struct Meanings {
    home: Home,
    /// The service, where one is chosen.
    asker: Asker,
    model: Option<Model>,
    /// What the folder looked like when the model was last read, for good or ill.
    look: Look,
    /// The vectors of all passages, where they are kept.
    held: Option<Vectors>,
}

impl Meanings {
    /// By the model of a home, if there is one. Vectors are kept in memory, or read for every question.
    pub(super) fn of(home: &Home, keeps_vectors: bool) -> Self {
        let held = keeps_vectors.then(Vectors::default);
        Self { home: home.clone(), asker: Asker::default(), model: None, look: Look::Unknown, held }
    }

    /// Has questions embedded by a service, where its vectors serve.
    pub(super) fn ask_of(&mut self, asker: Asker) {
        self.asker = asker;
    }

    /// Makes ready to compare; nothing where there is no model or no vector of it, or nothing to compare with.
    pub(super) fn ready(
        &mut self,
        store: &Reader,
        columns: &Columns,
        query: &Query,
    ) -> Result<Option<Ready<'_>>, StoreError> {
        // beginnings and phrases are meant to the letter; and a model costs more to read than to find out that it is of no use
        if query.words.iter().all(|asked| asked.stop) || store.vector_models()?.is_empty() {
            return Ok(None);
        }
        let mut sources = self.asker.sources(&self.home);
        let mut known = serves(store, &sources)?;
        if known.as_ref().is_some_and(|known| known.fingerprint == PUBLISHED) && !self.open() {
            let is_ours = |source: &String| source == PUBLISHED;
            sources.installed = None;
            sources.chosen = sources.chosen.filter(|chosen| !is_ours(chosen));
            known = serves(store, &sources)?;
        }
        let Some(known) = known else { return Ok(None) };
        if let Some(vectors) = &mut self.held {
            vectors.renew(store, columns, &known)?;
        }
        let by = match &mut self.model {
            Some(model) if known.fingerprint == PUBLISHED => By::Model(model),
            _ => By::Service(self.asker.clone()),
        };
        Ok(Some(Ready { by, known, held: self.held.as_ref() }))
    }

    /// How many of all passages have a vector, where they are made and not all have one.
    pub(super) fn so_far(&self, store: &Reader, passages: u64) -> Result<Option<u64>, StoreError> {
        so_far(store, &self.asker.sources(&self.home), passages)
    }

    /// Forgets the vectors: the file they were read from is another one.
    pub(super) fn forget_vectors(&mut self) {
        if let Some(vectors) = &mut self.held {
            *vectors = Vectors::default();
        }
    }

    /// Lets go of the model, which is needed for new questions only.
    pub(super) fn rest(&mut self) {
        (self.model, self.look) = (None, Look::Unknown);
    }

    /// Whether the model of the folder can be used; reads it where it is new there.
    fn open(&mut self) -> bool {
        let folder = embedding_model::folder(&self.home);
        let look = Look::at(&folder);
        if look != self.look {
            // two at once would be twice the memory
            self.model = None;
            // what is wrong with it is told by the thread that embeds
            self.model = open(&folder).ok();
            self.look = look;
        }
        self.model.is_some()
    }
}

/// What embeds a question.
enum By<'a> {
    Model(&'a mut Model),
    Service(Asker),
}

/// A model and its vectors.
pub(super) struct Ready<'a> {
    by: By<'a>,
    known: VectorModel,
    held: Option<&'a Vectors>,
}

/// A question that has its vector.
pub(super) struct Asked<'a> {
    point: Point,
    known: VectorModel,
    /// The vectors, where they are kept.
    held: Option<(&'a Vectors, Flat<'a>)>,
}

impl<'a> Ready<'a> {
    /// The question's vector. Needs no store, so that it can be made beside what does. The model of this process learned English,
    /// so it is asked in English where the question is `glossed`; a service may know any language, and is asked as the user asks.
    pub(super) fn ask(self, text: &str, glossed: Option<&str>) -> Option<Asked<'a>> {
        let point = match self.by {
            By::Model(model) => {
                let text = glossed.unwrap_or(text);
                let text = Some(condensed(text.trim())).filter(|text| is_of_its_letters(text))?;
                let vector = model.embed_one(&text);
                Point { values: vector.values.to_vec(), scale: vector.scale }
            }
            By::Service(mut asker) => {
                // another one may have been chosen since
                if asker.fingerprint().as_ref() != Some(&self.known.fingerprint) {
                    return None;
                }
                let (values, scale) = asker.embed(text, WAITS)?;
                Point { values, scale }
            }
        };
        let held = self.held.and_then(|vectors| Some((vectors, vectors.flat()?)));
        let can_be_compared = point.scale != 0.0 && point.values.len() == self.known.dimension;
        can_be_compared.then_some(Asked { point, known: self.known, held })
    }
}

/// What of a question is embedded.
fn condensed(text: &str) -> Cow<'_, str> {
    if text.len() <= ASKED {
        return Cow::Borrowed(text);
    }
    let says_nothing = |word: &str| {
        let letters = word.trim_matches(|c: char| !c.is_alphanumeric());
        letters.is_empty() || is_stop(&letters.to_lowercase())
    };
    let mut kept = String::with_capacity(SAYS_IT);
    for word in text.split_whitespace().filter(|word| !says_nothing(word)) {
        if !kept.is_empty() {
            kept.push(' ');
        }
        if kept.len() + word.len() > SAYS_IT {
            kept.push_str(begin(word, SAYS_IT - kept.len()));
            break;
        }
        kept.push_str(word);
    }
    // where all of it says nothing, or its first word is no word
    if kept.trim().is_empty() { Cow::Borrowed(begin(text, SAYS_IT)) } else { Cow::Owned(kept) }
}

/// Whether a question is written in the letters of the languages that the model learned. Whatever is written in others is
/// alike to it by being so: any two texts in Chinese by .56 to .99, "🎉🎉🎉" and such a text by .65, where what means the
/// same in English comes to .42.
fn is_of_its_letters(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (latin, others): (Vec<char>, Vec<char>) = letters.partition(|c| *c < '\u{250}');
    latin.len() > others.len()
}

impl<'a> Asked<'a> {
    /// The nearest of the vectors that are kept, among the stretches that nobody else takes. Needs no store.
    pub(super) fn compared(&self, allowed: &Allowed, stretches: &Stretches) -> Vec<Hit> {
        let (query, bits) = (self.point.parts(), allowed.bits());
        self.held.map_or_else(Vec::new, |(_, flat)| scan_part(query, flat, bits, NEAREST, stretches))
    }

    /// What is near, by what all who compared have found; nothing where none of what is allowed has a vector. Reads all vectors
    /// where they are not kept.
    pub(super) fn near(
        &self,
        found: Vec<Hit>,
        store: &'a Reader,
        columns: &Columns,
        allowed: &Allowed,
    ) -> Result<Option<Near<'a>>, StoreError> {
        let (among, mut nearest) = match self.held {
            Some((vectors, _)) => {
                let mut nearest = found.into_iter().map(|hit| (hit.index as u32, hit.similarity)).collect();
                keep_nearest(&mut nearest);
                (Among::Held(vectors), nearest)
            }
            None => Stored::read(store, columns, allowed, self.known.clone(), &self.point)?,
        };
        nearest.sort_unstable_by(|a, b| nearer(*a, *b));
        // what is gone leaves its vector in the array
        nearest.retain(|(place, _)| columns.doc[*place as usize] != 0);
        Ok((!nearest.is_empty()).then(|| Near { point: self.point.clone(), nearest, among }))
    }
}

/// A vector to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    values: Vec<i8>,
    scale: f32,
}

impl Point {
    fn parts(&self) -> (&[i8], f32) {
        (&self.values, self.scale)
    }
}

/// How near what passages say is to a question.
pub(super) struct Near<'a> {
    point: Point,
    /// Places of passages, the nearest first, each with its likeness.
    nearest: Vec<(u32, f32)>,
    among: Among<'a>,
}

enum Among<'a> {
    Held(&'a Vectors),
    Stored(Stored<'a>),
}

impl Near<'_> {
    /// Places of the passages that are allowed and nearest to the question, the nearest first, each with its likeness.
    pub(super) fn nearest(&self) -> &[(u32, f32)] {
        &self.nearest
    }

    /// The question moved towards what is said at some places: by `share` of the way to their mean, each weighed.
    pub(super) fn towards(&self, places: &[(u32, f32)], share: f32) -> Result<Point, StoreError> {
        let mut sum: Vec<f32> =
            self.point.values.iter().map(|value| f32::from(*value) * self.point.scale).collect();
        let all: f32 = places.iter().map(|(_, weight)| weight).sum();
        for (place, weight) in places {
            self.among.at(*place, |values, scale| {
                let factor = share * weight / all * scale;
                for (number, value) in sum.iter_mut().zip(values) {
                    *number += factor * f32::from(*value);
                }
            })?;
        }
        let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
        for number in &mut sum {
            *number /= length;
        }
        let mut point = Point { values: vec![0; sum.len()], scale: 0.0 };
        match quantise(&sum, &mut point.values) {
            Some(scale) => point.scale = scale,
            None => point = self.point.clone(),
        }
        Ok(point)
    }

    /// How like a point what is said at each of these places is, from -1 to 1; 0 where it has no vector.
    pub(super) fn likenesses(&self, point: &Point, places: &[u32]) -> Result<Vec<f32>, StoreError> {
        let mut alike = Vec::with_capacity(places.len());
        match &self.among {
            Among::Held(vectors) => {
                // places of a session lie close together, in no order: reading some too many in one go beats picking
                let lie = places.iter().min().zip(places.iter().max());
                let span = lie.map_or(0..0, |(first, last)| *first as usize..*last as usize + 1);
                let close = span.len() <= places.len().saturating_mul(SPREAD);
                match vectors.flat().and_then(|flat| flat.run(span.start, span.len())).filter(|_| close) {
                    Some(flat) => {
                        let mut all = Vec::with_capacity(span.len());
                        similarities(point.parts(), flat, &mut all);
                        alike.extend(places.iter().map(|place| all[*place as usize - span.start]));
                    }
                    None => {
                        for place in places {
                            let one = vectors.flat().and_then(|flat| flat.run(*place as usize, 1));
                            match one {
                                Some(flat) => similarities(point.parts(), flat, &mut alike),
                                None => alike.push(0.0),
                            }
                        }
                    }
                }
            }
            Among::Stored(stored) => {
                for place in places {
                    let before = alike.len();
                    stored.at(*place, |values, scale| {
                        let scales = [scale];
                        if let Some(flat) = Flat::new(values, &scales, point.values.len()) {
                            similarities(point.parts(), flat, &mut alike);
                        }
                    })?;
                    alike.resize(before + 1, 0.0);
                }
            }
        }
        Ok(alike)
    }
}

impl Among<'_> {
    /// Calls `each` with the vector at a place, if there is one.
    fn at(&self, place: u32, each: impl FnOnce(&[i8], f32)) -> Result<(), StoreError> {
        match self {
            Self::Held(vectors) => vectors.at(place as usize, each),
            Self::Stored(stored) => return stored.at(place, each),
        }
        Ok(())
    }
}

/// Vectors that are read when they are wanted.
struct Stored<'a> {
    store: &'a Reader,
    model: VectorModel,
    hashes: Vec<i64>,
    /// Those that were wanted before.
    read: RefCell<HashMap<u32, (Vec<i8>, f32)>>,
}

impl<'a> Stored<'a> {
    /// Compares all with a point, and keeps the nearest.
    fn read(
        store: &'a Reader,
        columns: &Columns,
        allowed: &Allowed,
        model: VectorModel,
        point: &Point,
    ) -> Result<(Among<'a>, Vec<(u32, f32)>), StoreError> {
        let places = Places::of(store)?;
        let mut near: Vec<(u32, f32)> = Vec::new();
        let (mut numbers, mut likeness) = (Vec::new(), Vec::new());
        store.read_vectors(&model, 0, |hash, scale, values| {
            let meant = |place: &usize| *place < columns.len() && allowed.holds(*place as i64 + 1);
            let mut meant = places.with(hash).filter(meant).peekable();
            if meant.peek().is_none() {
                return;
            }
            numbers.clear();
            numbers.extend(values.iter().map(|byte| byte.cast_signed()));
            let scales = [scale];
            let Some(flat) = Flat::new(&numbers, &scales, model.dimension) else { return };
            likeness.clear();
            similarities(point.parts(), flat, &mut likeness);
            near.extend(meant.map(|place| (place as u32, likeness[0])));
            if near.len() >= 16 * NEAREST {
                keep_nearest(&mut near);
            }
        })?;
        keep_nearest(&mut near);
        let hashes = places.hashes(columns.len());
        Ok((Among::Stored(Self { store, model, hashes, read: RefCell::default() }), near))
    }

    fn at(&self, place: u32, each: impl FnOnce(&[i8], f32)) -> Result<(), StoreError> {
        let mut read = self.read.borrow_mut();
        if let Entry::Vacant(new) = read.entry(place) {
            let mut found = (Vec::new(), 0.0);
            let hash = self.hashes.get(place as usize).copied().unwrap_or_default();
            self.store.vector_of(&self.model, hash, |scale, values| {
                found = (values.iter().map(|byte| byte.cast_signed()).collect(), scale);
            })?;
            new.insert(found);
        }
        if let Some((values, scale)) = read.get(&place).filter(|(values, _)| !values.is_empty()) {
            each(values, *scale);
        }
        Ok(())
    }
}

/// The nearest first; of equals the older, as the scan has it.
fn nearer((one, its): (u32, f32), (other, others): (u32, f32)) -> Ordering {
    others.total_cmp(&its).then(one.cmp(&other))
}

fn keep_nearest(near: &mut Vec<(u32, f32)>) {
    if near.len() > NEAREST {
        near.select_nth_unstable_by(NEAREST - 1, |a, b| nearer(*a, *b));
        near.truncate(NEAREST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_question_what_says_something_is_embedded() {
        assert_eq!(condensed("why is the sky blue?"), "why is the sky blue?");
        let long = "Could you please have a look at the parser, which does not close what it has opened when it is at \
            the end of a file -- I think that it was broken by the change of last week, or the one before it was.";
        let kept = condensed(long);
        assert!(kept.starts_with("look parser, close opened"), "{kept}");
        assert!(kept.len() <= SAYS_IT && kept.contains("broke"), "{kept}");
        for odd in ["the ".repeat(90), "x".repeat(500), "日本".repeat(90), "- ".repeat(90), "é".repeat(99)]
        {
            let kept = condensed(&odd);
            assert!(!kept.is_empty() && kept.len() <= SAYS_IT && odd.starts_with(kept.trim()), "{kept}");
        }
    }

    #[test]
    fn the_nearest_are_kept() {
        let mut near: Vec<(u32, f32)> = (0..2000).map(|at| (at, (at % 700) as f32)).collect();
        keep_nearest(&mut near);
        assert_eq!(near.len(), NEAREST);
        near.sort_unstable_by(|a, b| nearer(*a, *b));
        assert_eq!(near[..3], [(699, 699.0), (1399, 699.0), (698, 698.0)]);
    }
}
