//! A question in other words than English, and what they are in English.

use mem_core::text::{begin, floor_boundary};

use super::chinese;
use super::compound::Letters;
use super::dictionary::{Dictionary, Found};
use super::evidence::{is_chinese, of_latin};
use super::language::{Language, plainly};
use super::latin::{look_up, with_particle};
use super::pieces::{Piece, pieces};
use crate::recall::terms::folded;

/// Bytes of a text that are looked at; a question has a twentieth of it.
const TEXT: usize = 4 << 10;
/// Bytes of a gloss. Sixty words come to a quarter of it, so that what is named in between, such as a path, has room too;
/// a hundredth is embedded.
const MOST: usize = 2 << 10;

/// What a question says in English, word by word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gloss {
    /// The language it is in.
    pub language: Language,
    /// Its words in English, in their order; what has no English stands as it was typed.
    pub english: String,
    /// Its words that are known.
    pub words: Vec<Glossed>,
}

/// One word of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glossed {
    /// As typed.
    pub written: String,
    /// What each of its parts is in English, the likeliest first; none for a word of grammar that English has no use for.
    pub english: Vec<Vec<String>>,
    /// Whether it is a word of grammar, which says nothing.
    pub is_grammar: bool,
}

impl Gloss {
    /// Its words of grammar, as typed.
    pub fn of_grammar(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter(|word| word.is_grammar).map(|word| word.written.as_str())
    }

    /// What its other words are in English: in which place among what the word may be, for which word, the English.
    pub fn english_words(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.words.iter().filter(|word| !word.is_grammar).flat_map(|word| {
            let english = word.english.iter().flat_map(|part| part.iter().enumerate());
            english.map(|(place, english)| (place, word.written.as_str(), english.as_str()))
        })
    }
}

/// The language in Latin letters that `text` is in, if it is surely one of those that are glossed.
pub(in crate::recall) fn spoken(text: &str) -> Option<Language> {
    of_latin(&pieces(&text[..floor_boundary(text, TEXT)]))
}

/// What `text` says in English; nothing where it is English already, in no language that is glossed, or where that is in
/// doubt.
pub fn gloss(text: &str) -> Option<Gloss> {
    let text = &text[..floor_boundary(text, TEXT)];
    if is_chinese(text) {
        return of_chinese(text);
    }
    let pieces = pieces(text);
    let language = of_latin(&pieces)?;
    let mut made = Making::default();
    let mut at = 0;
    let taken = particles(language, &pieces);
    while at < pieces.len() {
        let piece = pieces[at];
        if !piece.is_word {
            made.keep(piece.text);
            at += 1;
            continue;
        }
        if let Some((whole, found)) = together(language, &pieces[at..]) {
            for piece in &pieces[at..at + whole] {
                made.words.push(known(piece.text, &found));
            }
            made.say(&found);
            at += whole;
            continue;
        }
        match taken.iter().find(|(verb, particle, _)| *verb == at || *particle == at) {
            Some((verb, _, found)) if *verb == at => made.take(piece.text, found),
            // it was said with the verb
            Some(_) => made.words.push(Glossed {
                written: piece.text.to_owned(),
                english: Vec::new(),
                is_grammar: true,
            }),
            None => made.word(language, piece.text),
        }
        at += 1;
    }
    made.gloss(language)
}

fn of_chinese(text: &str) -> Option<Gloss> {
    let mut made = Making::default();
    let (mut known, mut unknown) = (0, 0);
    for span in chinese::spans(text) {
        match span {
            chinese::Span::Known(word, found) => {
                known += word.chars().count();
                made.take(word, &found);
            }
            // the model has no use for it
            chinese::Span::Unknown(_) => unknown += 1,
            chinese::Span::Named(text) => made.keep(text),
        }
    }
    // Japanese may be in Chinese signs alone
    if unknown >= known { None } else { made.gloss(Language::Chinese) }
}

/// The verbs that have a particle behind them or at the end of their clause: where both stand, and what they are together.
fn particles(language: Language, pieces: &[Piece<'_>]) -> Vec<(usize, usize, Found)> {
    let mut found = Vec::new();
    if language != Language::German {
        return found;
    }
    let mut begin = 0;
    for end in 0..pieces.len() {
        let is_last = pieces[end].ends || end + 1 == pieces.len();
        let first = if is_last { begin } else { end.saturating_sub(1).max(begin) };
        if pieces[end].is_word {
            let verb =
                |at: usize| Some((at, end, with_particle(pieces[at].text, pieces[end].text, is_last)?));
            found.extend((first..end).filter(|at| pieces[*at].is_word).find_map(verb));
        }
        if is_last {
            begin = end + 1;
        }
    }
    found
}

/// What the next pieces are together, where they are an entry of several words, and how many they are.
fn together(language: Language, pieces: &[Piece<'_>]) -> Option<(usize, Found)> {
    let dictionary = Dictionary::of(language);
    (2..=dictionary.longest.0.min(pieces.len())).rev().find_map(|count| {
        let pieces = &pieces[..count];
        if pieces.iter().any(|piece| !piece.is_word) || pieces[..count - 1].iter().any(|piece| piece.ends) {
            return None;
        }
        let words = pieces.iter().map(|piece| piece.text.to_lowercase()).collect::<Vec<_>>().join(" ");
        let words = words.replace('’', "'");
        let entry = dictionary.form(&words).or_else(|| dictionary.form(&plainly(&words)))?;
        Some((count, entry.into()))
    })
}

fn known(written: &str, found: &Found) -> Glossed {
    Glossed { written: written.to_owned(), english: found.parts.clone(), is_grammar: found.is_grammar }
}

/// A gloss in the making.
#[derive(Default)]
struct Making {
    /// At most [`MOST`] bytes.
    english: String,
    words: Vec<Glossed>,
    /// What may still be taken apart.
    letters: Letters,
    /// Whether there is more than grammar.
    says_something: bool,
}

impl Making {
    /// Takes a word of a language in Latin letters: as it is, or its parts, which apostrophes and hyphens join.
    fn word(&mut self, language: Language, text: &str) {
        if let Some(found) = look_up(language, text, &mut self.letters) {
            return self.take(text, &found);
        }
        let parts: Vec<&str> = text.split(['\'', '’', '-']).collect();
        for (at, part) in parts.iter().enumerate() {
            let elided = at + 1 < parts.len() && is_elided(language, part);
            match look_up(language, part, &mut self.letters).filter(|_| parts.len() > 1 && !elided) {
                Some(found) => self.take(part, &found),
                None if elided => self.take(part, &Found { parts: Vec::new(), is_grammar: true }),
                // what stands between hyphens in French: a-t-il
                None if parts.len() > 1 && part.chars().count() < 2 => {}
                None => self.keep(part),
            }
        }
    }

    fn take(&mut self, written: &str, found: &Found) {
        self.say(found);
        self.words.push(known(written, found));
    }

    fn say(&mut self, found: &Found) {
        self.says_something |= !found.is_grammar && !found.parts.is_empty();
        for english in found.parts.iter().filter_map(|part| part.first()) {
            self.write(english);
        }
    }

    fn keep(&mut self, text: &str) {
        self.says_something = true;
        self.write(text);
    }

    /// Writes what there is room for.
    fn write(&mut self, text: &str) {
        if !self.english.is_empty() && self.english.len() < MOST {
            self.english.push(' ');
        }
        self.english.push_str(begin(text, MOST - self.english.len()));
    }

    fn gloss(self, language: Language) -> Option<Gloss> {
        let english = self.english.trim_end().to_owned();
        self.says_something.then_some(Gloss { language, english, words: self.words })
    }
}

/// Whether a word is one that French or the like leaves the vowel of before another.
fn is_elided(language: Language, part: &str) -> bool {
    const ELIDED: [&str; 13] =
        ["c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t"];
    language == Language::French && ELIDED.binary_search(&folded(part).as_str()).is_ok()
}
