//! Who makes vectors of questions: the model of this process, or a service.
//!
//! Only vectors of one model are ever compared, the one that embeds the question. Where there is no model, or it cannot be
//! used, the search goes by words; saying so is the business of `status`.

use std::borrow::Cow;
use std::time::Duration;

use mem_core::text::begin;
use mem_embed::{Model, PUBLISHED};
use mem_logic::recall::{Query, is_stop};
use mem_store::{Columns, Reader, StoreError, VectorModel};

use super::nearest::{Asked, Point};
use super::vectors::Vectors;
use crate::embedding_model;
use crate::home::Home;
use crate::meaning::{Asker, Look, open, serves, so_far};

/// Bytes up to which a question is embedded as it is: some thirty tokens, which take less than three milliseconds.
const ASKED: usize = 140;
/// Bytes that are embedded of a longer one, words that say nothing left out: what a sentence of [`ASKED`] says. Its first 160
/// bytes as they are cost a decision its place.
const SAYS_IT: usize = 100;
/// How long a service is waited for; what comes later is of use when the same is asked again.
const WAITS: Duration = Duration::from_millis(250);

/// What makes vectors of questions, and what they are compared with.
#[derive(Debug)]
pub(in crate::recall) struct Meanings {
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
    pub(in crate::recall) fn of(home: &Home, keeps_vectors: bool) -> Self {
        let held = keeps_vectors.then(Vectors::default);
        Self { home: home.clone(), asker: Asker::default(), model: None, look: Look::Unknown, held }
    }

    /// Has questions embedded by a service, where its vectors serve.
    pub(in crate::recall) fn ask_of(&mut self, asker: Asker) {
        self.asker = asker;
    }

    /// Makes ready to compare; nothing where there is no model or no vector of it, or nothing to compare with.
    pub(in crate::recall) fn ready(
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
    pub(in crate::recall) fn so_far(&self, store: &Reader, passages: u64) -> Result<Option<u64>, StoreError> {
        so_far(store, &self.asker.sources(&self.home), passages)
    }

    /// Forgets the vectors: the file they were read from is another one.
    pub(in crate::recall) fn forget_vectors(&mut self) {
        if let Some(vectors) = &mut self.held {
            *vectors = Vectors::default();
        }
    }

    /// Lets go of the model, which is needed for new questions only.
    pub(in crate::recall) fn rest(&mut self) {
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
pub(in crate::recall) struct Ready<'a> {
    by: By<'a>,
    known: VectorModel,
    held: Option<&'a Vectors>,
}

impl<'a> Ready<'a> {
    /// Whether what is asked is written in letters that it knows. A service may know any.
    pub(in crate::recall) fn reads(&self, text: &str) -> bool {
        matches!(self.by, By::Service(_)) || is_of_its_letters(&condensed(text.trim()))
    }

    /// The question's vector. Needs no store, so that it can be made beside what does. The model of this process learned English,
    /// so it is asked in English where the question is `glossed`; a service may know any language, and is asked as the user asks.
    pub(super) fn ask(self, text: &str, glossed: Option<&str>) -> Option<Asked<'a>> {
        let point = match self.by {
            By::Model(model) => {
                let text = glossed.unwrap_or(text);
                let vector = model.embed_one(&condensed(text.trim()));
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
}
