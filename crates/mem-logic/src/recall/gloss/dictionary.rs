//! The dictionaries: what words of other languages are in English.
//!
//! Text files of our own, a line for each word, and one of expressions of several words: `base, other form = english,
//! second english`. They were written from knowledge of the languages, by who had not seen the questions that the effect
//! is measured with, and are read when a question looks as if it needed them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::language::Language;
use crate::recall::terms::folded;

/// The section whose words are grammar.
const GRAMMAR: &str = "# function words";
/// Letters of the shortest stem that words are found by: shorter ones are beginnings of anything.
const STEM: usize = 3;

/// What a word is in English.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// As it stands in the dictionary; empty for a word of grammar that English has no use for.
    english: &'static str,
    /// Whether it is a word of grammar, which is known but says nothing.
    pub(super) is_grammar: bool,
}

impl Entry {
    /// What it may be, the likeliest first.
    pub(super) fn english(&self) -> Vec<String> {
        listed(self.english).map(ToOwned::to_owned).collect()
    }

    /// Whether it is a word that says something.
    pub(super) fn says_something(&self) -> bool {
        !self.is_grammar && !self.english.is_empty()
    }
}

/// The words of a language.
pub(super) struct Dictionary {
    entries: Vec<Entry>,
    /// Forms as they are written and as they are folded, in small letters.
    forms: HashMap<Cow<'static, str>, usize>,
    /// Stems of words that are no grammar, folded; made when a form is first looked for in vain.
    stems: OnceLock<HashMap<String, usize>>,
    algorithm: Option<Algorithm>,
    /// Words of the longest form, and its letters.
    pub(super) longest: (usize, usize),
}

impl Dictionary {
    /// That of a language, read once.
    pub(super) fn of(language: Language) -> &'static Self {
        static READ: [OnceLock<Dictionary>; 4] = [const { OnceLock::new() }; 4];
        READ[language as usize].get_or_init(|| Self::read(language))
    }

    fn read(language: Language) -> Self {
        let (text, algorithm) = (text(language), algorithm(language));
        let mut entries = Vec::with_capacity(text.len() / 32);
        let (mut forms, mut accented) = (HashMap::with_capacity(text.len() / 16), Vec::new());
        let mut longest = (1, 1);
        for (written, english, is_grammar) in lines(text).chain(lines(expressions(language))) {
            let at = entries.len();
            entries.push(Entry { is_grammar: is_grammar || english.is_empty(), english });
            for form in listed(written) {
                longest.0 = longest.0.max(form.split(' ').count());
                longest.1 = longest.1.max(form.chars().count());
                forms.entry(Cow::Borrowed(form)).or_insert(at);
                if algorithm.is_some() && !form.is_ascii() {
                    accented.push((form, at));
                }
            }
        }
        // what is written so is meant before what is folded so
        for (form, at) in accented {
            forms.entry(Cow::Owned(plainly(form))).or_insert(at);
        }
        Self { entries, forms, stems: OnceLock::new(), algorithm, longest }
    }

    /// The word that is written so, in small letters.
    pub(super) fn form(&self, word: &str) -> Option<&Entry> {
        self.forms.get(word).map(|at| &self.entries[*at])
    }

    /// The word that has this stem.
    pub(super) fn stemmed(&self, stem: &str) -> Option<&Entry> {
        self.stems().get(stem).map(|at| &self.entries[*at])
    }

    /// The stem of a word in small letters, folded.
    pub(super) fn stem(&self, word: &str) -> String {
        match self.algorithm {
            Some(algorithm) => folded(&Stemmer::create(algorithm).stem(word)),
            None => word.to_owned(),
        }
    }

    fn stems(&self) -> &HashMap<String, usize> {
        self.stems.get_or_init(|| {
            let mut stems = HashMap::with_capacity(self.forms.len());
            // of two words with one stem, the one that stands further up
            let mut forms: Vec<(&str, usize)> = self.forms.iter().map(|(form, at)| (&**form, *at)).collect();
            forms.sort_unstable_by_key(|(form, at)| (*at, *form));
            for (form, at) in forms {
                if self.entries[at].is_grammar || form.contains(' ') {
                    continue;
                }
                let stem = self.stem(form);
                if stem.chars().count() >= STEM {
                    stems.entry(stem).or_insert(at);
                }
            }
            stems
        })
    }
}

/// Whether a word is one that the dictionaries lead to, or a regular form of it: then it may be English.
pub(super) fn is_led_to(word: &str) -> bool {
    // their stems would be surer, and take ten times as long to be made as a search takes
    const ENDINGS: [&str; 9] = ["s", "es", "d", "ed", "r", "er", "ing", "ly", "ion"];
    static ENGLISH: OnceLock<HashSet<&str>> = OnceLock::new();
    let english = ENGLISH.get_or_init(|| {
        let all = Language::ALL.into_iter().flat_map(|language| lines(text(language)));
        all.flat_map(|(_, english, _)| listed(english)).flat_map(|english| english.split(' ')).collect()
    });
    let is_form = |ending: &str| {
        let bare = word.strip_suffix(ending).filter(|bare| bare.len() > STEM)?;
        let mut letters = bare.chars().rev();
        let is_doubled = letters.next() == letters.next();
        let single = if is_doubled { &bare[..bare.len() - 1] } else { bare };
        Some(
            english.contains(bare)
                || english.contains(format!("{bare}e").as_str())
                || english.contains(single),
        )
    };
    english.contains(word)
        || word.is_ascii() && ENDINGS.iter().any(|ending| is_form(ending).unwrap_or_default())
}

/// `word` folded, its spaces kept.
pub(super) fn plainly(word: &str) -> String {
    word.split(' ').map(folded).collect::<Vec<_>>().join(" ")
}

fn text(language: Language) -> &'static str {
    match language {
        Language::German => include_str!("german.txt"),
        Language::French => include_str!("french.txt"),
        Language::Spanish => include_str!("spanish.txt"),
        Language::Chinese => include_str!("chinese.txt"),
    }
}

/// The expressions of several words of a language.
fn expressions(language: Language) -> &'static str {
    let all = include_str!("expressions.txt");
    let head = format!("# {}\n", language.name());
    let own = all.split_once(head.as_str()).map_or("", |(_, own)| own);
    own.split_once("\n#").map_or(own, |(own, _)| own)
}

fn algorithm(language: Language) -> Option<Algorithm> {
    match language {
        Language::German => Some(Algorithm::German),
        Language::French => Some(Algorithm::French),
        Language::Spanish => Some(Algorithm::Spanish),
        Language::Chinese => None,
    }
}

/// The lines of a dictionary: forms, English, whether it is grammar.
fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let mut is_grammar = false;
    text.lines().filter_map(move |line| {
        if line.starts_with('#') {
            is_grammar = line == GRAMMAR;
            return None;
        }
        let (forms, english) = line.split_once('=')?;
        Some((forms.trim(), english.trim(), is_grammar))
    })
}

fn listed(words: &'static str) -> impl Iterator<Item = &'static str> {
    words.split(',').map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_word_and_its_english() {
        for language in Language::ALL {
            let mut known = HashSet::new();
            for line in text(language).lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
                let (forms, english) = line.split_once('=').unwrap_or_else(|| panic!("{language:?}: {line}"));
                assert!(listed(forms).next().is_some(), "{language:?}: {line}");
                let base = listed(forms).next();
                assert!(known.insert(base), "{language:?}: {line} twice");
                for form in listed(forms) {
                    assert_eq!(form, form.to_lowercase(), "{language:?}: {line}");
                }
                for word in listed(english) {
                    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-' .".contains(c);
                    assert!(word.chars().all(plain), "{language:?}: {line}");
                    assert!(word.split(' ').count() <= 3, "{language:?}: {line}");
                }
            }
        }
    }

    #[test]
    fn only_grammar_may_have_no_english() {
        for language in Language::ALL {
            for (forms, english, is_grammar) in lines(text(language)) {
                assert!(is_grammar || !english.is_empty(), "{language:?}: {forms}");
            }
        }
    }
}
