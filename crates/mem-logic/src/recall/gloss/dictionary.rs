//! The dictionaries: what words of other languages are in English.
//!
//! Text files of our own, a line for each word, and one of expressions of several words: `base, other form = english,
//! second english`. They were written from knowledge of the languages, by who had not seen the questions that the
//! effect is measured with; the expressions after first counts of it were seen. What is looked up here are the tables
//! that `tables` makes of them when the program is built. They are searched where they lie: a process that asks one
//! question would pay more for anything made of them than for its search.

use super::language::Language;

/// A table, as it was made.
macro_rules! table {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// What stands before the English of a word of grammar.
const GRAMMAR: char = '#';
/// Words of the longest form of each language, and its letters.
const LONGEST: [(usize, usize); 4] = include!(concat!(env!("OUT_DIR"), "/longest.rs"));

/// What a word is in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it may be, the likeliest first, with commas between; empty for a word of grammar that English has no use
    /// for.
    english: &'static str,
    /// Whether it is a word of grammar, which is known but says nothing.
    pub(super) is_grammar: bool,
}

impl Entry {
    /// What it may be, the likeliest first.
    pub(super) fn english(self) -> Vec<String> {
        self.english.split(',').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    }

    /// Whether it is a word that says something.
    pub(super) fn says_something(self) -> bool {
        !self.is_grammar && !self.english.is_empty()
    }
}

/// What is known of a word of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What its parts are in English, one for most words; each the likeliest first. Empty where English has no use for it.
    pub(super) parts: Vec<Vec<String>>,
    /// Whether it is a word of grammar.
    pub(super) is_grammar: bool,
}

impl From<Entry> for Found {
    fn from(entry: Entry) -> Self {
        let english = entry.english();
        let parts = if english.is_empty() { Vec::new() } else { vec![english] };
        Self { parts, is_grammar: entry.is_grammar }
    }
}

/// The words of a language.
#[derive(Clone, Copy)]
pub(super) struct Dictionary {
    language: Language,
    /// Forms as they are written and as they are folded, in small letters.
    forms: &'static str,
    /// Stems of words that are no grammar, folded; none where words have no endings.
    stems: &'static str,
    /// English words that any of the dictionaries leads to.
    english: &'static str,
    /// Words of the longest form, and its letters.
    pub(super) longest: (usize, usize),
}

impl Dictionary {
    /// That of a language.
    pub(super) fn of(language: Language) -> Self {
        let (forms, stems) = match language {
            Language::German => (table!("german.forms"), table!("german.stems")),
            Language::French => (table!("french.forms"), table!("french.stems")),
            Language::Spanish => (table!("spanish.forms"), table!("spanish.stems")),
            Language::Chinese => (table!("chinese.forms"), ""),
        };
        Self { language, forms, stems, english: table!("english"), longest: LONGEST[language as usize] }
    }

    /// The word that is written so, in small letters.
    pub(super) fn form(self, word: &str) -> Option<Entry> {
        entry(self.forms, word)
    }

    /// The word that has this stem.
    pub(super) fn stemmed(self, stem: &str) -> Option<Entry> {
        entry(self.stems, stem)
    }

    /// The stem of a word in small letters, folded.
    pub(super) fn stem(self, word: &str) -> String {
        self.language.stem(word)
    }

    /// The same for what begins with `letters` only, which is quicker to look through.
    pub(super) fn beginning(self, letters: &str) -> Self {
        let [forms, stems, english] = [self.forms, self.stems, self.english].map(|it| beginning(it, letters));
        Self { forms, stems, english, ..self }
    }

    /// Whether a word is one that the dictionaries lead to, or a regular form of it: then it may be English.
    pub(super) fn is_led_to(self, word: &str) -> bool {
        const ENDINGS: [&str; 9] = ["s", "es", "d", "ed", "r", "er", "ing", "ly", "ion"];
        /// Letters that stay of any form.
        const STEM: usize = 3;
        let near = word.get(..STEM).map_or(self.english, |letters| beginning(self.english, letters));
        let is_english = |word: &str| find(near, word).is_some();
        let is_form = |ending: &str| {
            let bare = word.strip_suffix(ending).filter(|bare| bare.len() > STEM)?;
            let mut letters = bare.chars().rev();
            let is_doubled = letters.next() == letters.next();
            let single = if is_doubled { &bare[..bare.len() - 1] } else { bare };
            Some(is_english(bare) || is_english(&format!("{bare}e")) || is_english(single))
        };
        !near.is_empty()
            && (is_english(word)
                || word.is_ascii() && ENDINGS.iter().any(|ending| is_form(ending).unwrap_or_default()))
    }
}

/// What a table has of a word.
fn entry(table: &'static str, word: &str) -> Option<Entry> {
    let known = find(table, word)?.strip_prefix('\t')?;
    let is_grammar = known.starts_with(GRAMMAR);
    Some(Entry { english: known.strip_prefix(GRAMMAR).unwrap_or(known), is_grammar })
}

/// What stands behind a word in a table.
fn find(table: &'static str, word: &str) -> Option<&'static str> {
    let line = &table[place(table, |line| own(line).cmp(word.as_bytes()).is_lt())..];
    let is_own = !line.is_empty() && own(line.as_bytes()).eq(word.as_bytes());
    is_own.then(|| line[word.len()..].split('\n').next()).flatten()
}

/// The lines of a table whose words begin with `letters`.
fn beginning(table: &'static str, letters: &str) -> &'static str {
    let table = &table[place(table, |line| own(line).cmp(letters.as_bytes()).is_lt())..];
    &table[..place(table, |line| own(line).take(letters.len()).cmp(letters.as_bytes()).is_le())]
}

/// Where the lines of a table begin that are not `before` what is looked for.
fn place(table: &str, before: impl Fn(&[u8]) -> bool) -> usize {
    let table = table.as_bytes();
    // both are borders of lines
    let (mut from, mut to) = (0, table.len());
    while from < to {
        let middle = from.midpoint(to);
        let start = table[from..middle].iter().rposition(|byte| *byte == b'\n');
        let start = start.map_or(from, |at| from + at + 1);
        if before(&table[start..to]) {
            let end = table[middle..to].iter().position(|byte| *byte == b'\n');
            from = end.map_or(to, |at| middle + at + 1);
        } else {
            to = start;
        }
    }
    from
}

/// The bytes of the word that a line begins with.
fn own(line: &[u8]) -> impl Iterator<Item = &u8> {
    line.iter().take_while(|byte| !byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::language::plainly;
    use super::super::tables::ALL;
    use super::*;

    #[test]
    fn the_tables_know_what_the_dictionaries_say_and_no_more() {
        for language in ALL {
            let read = Plain::read(language);
            let asked = read.forms.keys().chain(read.stems.keys()).chain(&read.english);
            for (word, at) in asked.zip(0..) {
                read.agrees_on(word).unwrap();
                read.agrees_on(&altered(word)[at % 4]).unwrap();
            }
            let count = |table: &str| table.lines().count();
            let dictionary = read.dictionary;
            assert_eq!(count(dictionary.forms), read.forms.len());
            assert_eq!(count(dictionary.stems), read.stems.len());
            assert_eq!(count(dictionary.english), read.english.len());
            assert_eq!(dictionary.longest, read.longest);
        }
    }

    proptest! {
        #[test]
        fn the_tables_know_of_any_text_what_the_dictionaries_say(
            words in prop::collection::vec(r"[a-zäöüßéèñ' -]{0,5}|[\PC\t\n\r#,=]{0,8}|(#\n\t)?(wo|qui|por|表)\t?#?[a-z]*\n?", 1..50)
        ) {
            static READ: LazyLock<[Plain; 4]> = LazyLock::new(|| ALL.map(Plain::read));
            for (read, word) in READ.iter().flat_map(|read| words.iter().map(move |word| (read, word))) {
                prop_assert_eq!(read.agrees_on(word), Ok(()));
                prop_assert_eq!(read.dictionary.is_led_to(word), read.may_be_english(word), "{}", word);
            }
        }
    }

    #[test]
    fn a_regular_form_of_what_is_led_to_is_led_to() {
        let read = Plain::read(Language::German);
        for (word, at) in read.english.iter().zip(0..) {
            let endings = ["", "s", "es", "d", "ed", "r", "er", "ing", "ly", "ion", "x", "é"];
            let (head, ending) = (&word[..word.len() - 1], endings[at % endings.len()]);
            let last = &word[head.len()..];
            for word in [
                word,
                head,
                &format!("{word}{ending}"),
                &format!("{head}{ending}"),
                &format!("{word}{last}ing"),
            ] {
                assert_eq!(read.dictionary.is_led_to(word), read.may_be_english(word), "{word}");
            }
        }
    }

    /// The word with a letter less, more, or another.
    fn altered(word: &str) -> [String; 4] {
        let first = word.chars().next().map_or(0, char::len_utf8);
        let last = word.chars().next_back().map_or(0, char::len_utf8);
        let (tail, head) = (&word[first..], &word[..word.len() - last]);
        [head.to_owned(), format!("{word}s"), format!("z{tail}"), format!("{word}\t")]
    }

    /// A dictionary as it is read without tables.
    struct Plain {
        dictionary: Dictionary,
        forms: HashMap<String, Entry>,
        stems: HashMap<String, Entry>,
        english: BTreeSet<String>,
        longest: (usize, usize),
    }

    impl Plain {
        fn read(language: Language) -> Self {
            let all = lines(text(language)).chain(lines(expressions(language)));
            let all: Vec<(Vec<&str>, Entry)> = all
                .map(|(forms, english, is_grammar)| {
                    let english = listed(english).collect::<Vec<_>>().join(",").leak();
                    let is_grammar = is_grammar || english.is_empty();
                    (listed(forms).collect(), Entry { english, is_grammar })
                })
                .collect();
            let each = || {
                all.iter().enumerate().flat_map(|(at, (forms, _))| forms.iter().map(move |form| (*form, at)))
            };
            let has_endings = language != Language::Chinese;
            let mut places: HashMap<String, usize> = HashMap::new();
            for (form, at) in each() {
                places.entry(form.to_owned()).or_insert(at);
            }
            for (form, at) in each().filter(|(form, _)| has_endings && !form.is_ascii()) {
                places.entry(plainly(form)).or_insert(at);
            }
            let mut in_order: Vec<(usize, &String)> = places.iter().map(|(form, at)| (*at, form)).collect();
            in_order.sort();
            let mut stems = HashMap::new();
            for (at, form) in in_order.into_iter().filter(|_| has_endings) {
                let (entry, stem) = (all[at].1, language.stem(form));
                if !entry.is_grammar && !form.contains(' ') && stem.chars().count() >= 3 {
                    stems.entry(stem).or_insert(entry);
                }
            }
            let english = ALL.into_iter().flat_map(|language| lines(text(language)));
            let english =
                english.flat_map(|(_, english, _)| listed(english)).flat_map(|english| english.split(' '));
            let longest = |length: fn(&str) -> usize| each().map(|(form, _)| length(form)).max().unwrap();
            Self {
                dictionary: Dictionary::of(language),
                stems,
                english: english.map(ToOwned::to_owned).collect(),
                longest: (longest(|form| form.split(' ').count()), longest(|form| form.chars().count())),
                forms: places.into_iter().map(|(form, at)| (form, all[at].1)).collect(),
            }
        }

        /// Whether the tables say the same of a word, and which of them does not.
        fn agrees_on(&self, word: &str) -> Result<(), String> {
            let tables = self.dictionary;
            let near = tables.beginning(word.get(..3).unwrap_or_default());
            let (form, stem) = (self.forms.get(word).copied(), self.stems.get(word).copied());
            let is_english = self.english.contains(word);
            for tables in [tables, near] {
                let found = (tables.form(word), tables.stemmed(word), find(tables.english, word).is_some());
                if found != (form, stem, is_english) {
                    return Err(format!(
                        "{:?} {word:?}: {found:?}, not {form:?} {stem:?} {is_english}",
                        self.dictionary.language
                    ));
                }
            }
            Ok(())
        }

        /// Whether a word without an ending of English, as it is, with an `e` or with one consonant for two, is English.
        fn may_be_english(&self, word: &str) -> bool {
            let endings = ["s", "es", "d", "ed", "r", "er", "ing", "ly", "ion"];
            let bare =
                endings.iter().filter(|_| word.is_ascii()).filter_map(|ending| word.strip_suffix(ending));
            let forms = bare.filter(|bare| bare.len() > 3).flat_map(|bare| {
                let letters = bare.as_bytes();
                let is_doubled = letters[letters.len() - 1] == letters[letters.len() - 2];
                let single = if is_doubled { &bare[..bare.len() - 1] } else { bare };
                [bare.to_owned(), format!("{bare}e"), single.to_owned()]
            });
            forms.chain([word.to_owned()]).any(|form| self.english.contains(&form))
        }
    }

    fn text(language: Language) -> &'static str {
        match language {
            Language::German => include_str!("german.txt"),
            Language::French => include_str!("french.txt"),
            Language::Spanish => include_str!("spanish.txt"),
            Language::Chinese => include_str!("chinese.txt"),
        }
    }

    fn expressions(language: Language) -> &'static str {
        let all = include_str!("expressions.txt");
        let head = format!("# {}\n", language.name());
        let own = all.split_once(head.as_str()).map_or("", |(_, own)| own);
        own.split_once("\n#").map_or(own, |(own, _)| own)
    }

    /// The lines of a dictionary: forms, English, whether it is grammar.
    fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let mut is_grammar = false;
        text.lines().filter_map(move |line| {
            if line.starts_with('#') {
                is_grammar = line == "# function words";
                return None;
            }
            let (forms, english) = line.split_once('=')?;
            Some((forms.trim(), english.trim(), is_grammar))
        })
    }

    fn listed(words: &'static str) -> impl Iterator<Item = &'static str> {
        words.split(',').map(str::trim).filter(|word| !word.is_empty())
    }
}
