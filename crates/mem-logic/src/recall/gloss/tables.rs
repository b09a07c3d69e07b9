//! The tables that words are looked up in, made of the dictionaries when the program is built (`build.rs`).
//!
//! A table is text, a line for each word and what is known of it, sorted by the bytes of the words. It is searched as it
//! is, so nothing is made of it in a process, and it has no addresses in it that every process would have to mend.

use std::collections::{BTreeMap, BTreeSet};

use super::language::{Language, plainly};

/// The languages that there are dictionaries of, in their order.
pub(super) const ALL: [Language; 4] =
    [Language::German, Language::French, Language::Spanish, Language::Chinese];
/// The expressions of several words, a section for each language.
const EXPRESSIONS: &str = "expressions.txt";
/// The section whose words are grammar.
const GRAMMAR: &str = "# function words";
/// Letters of the shortest stem that words are found by: shorter ones are beginnings of anything.
const STEM: usize = 3;
/// Words of the longest English for one word: what needs more is explained and not named.
const ENGLISH: usize = 3;

/// A line of a dictionary.
#[derive(Clone)]
struct Line<'a> {
    forms: Vec<&'a str>,
    /// Empty for a word of grammar that English has no use for.
    english: Vec<&'a str>,
    is_grammar: bool,
}

/// The tables by the names of their files; or what `read` says of a source, or which line of it is no entry.
pub(crate) fn tables(
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let mut tables = BTreeMap::new();
    let (mut english, mut longest) = (BTreeSet::new(), Vec::new());
    let together = read(EXPRESSIONS)?;
    let together = expressions(&together)?;
    for language in ALL {
        let name = language.name().to_lowercase();
        let source = format!("{name}.txt");
        let text = read(&source)?;
        let mut entries = words(&source, &text)?;
        for entry in &entries {
            let words = entry.english.iter().flat_map(|english| english.split(' '));
            english.extend(words.map(|word| format!("{word}\n")));
        }
        let own = together.iter().filter(|(of, _)| *of == language);
        entries.extend(own.map(|(_, entry)| entry.clone()));
        longest.push(lengths(&entries));
        let forms = forms(language, &entries);
        if Language::LATIN.contains(&language) {
            tables.insert(format!("{name}.stems"), written(&entries, &stems(language, &entries, &forms)));
        }
        tables.insert(format!("{name}.forms"), written(&entries, &forms));
    }
    tables.insert("english".to_owned(), english.into_iter().collect());
    tables.insert("longest.rs".to_owned(), format!("{longest:?}"));
    Ok(tables)
}

/// The entries of a dictionary, one for each word.
fn words<'a>(file: &str, text: &'a str) -> Result<Vec<Line<'a>>, String> {
    let mut is_grammar = false;
    let mut entries: Vec<Line<'_>> = Vec::new();
    let mut known = BTreeSet::new();
    for (line, at) in text.lines().zip(1..) {
        if line.starts_with('#') {
            is_grammar = line == GRAMMAR;
        } else if !line.is_empty() {
            let entry = entry(line, is_grammar).filter(|entry| is_grammar || !entry.english.is_empty());
            let entry = entry.ok_or_else(|| no_entry(file, at, line))?;
            if !known.insert(entry.forms[0]) {
                return Err(format!("{file}:{at}: stands further up already: {line}"));
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The expressions, and the languages they are of. One that English has no use for is grammar.
fn expressions(text: &str) -> Result<Vec<(Language, Line<'_>)>, String> {
    let mut own = None;
    let mut entries = Vec::new();
    for (line, at) in text.lines().zip(1..) {
        if let Some(head) = line.strip_prefix('#') {
            own = ALL.into_iter().find(|language| language.name() == head.trim());
        } else if !line.is_empty() {
            let entry = own.zip(entry(line, false));
            let (language, entry) = entry.ok_or_else(|| no_entry(EXPRESSIONS, at, line))?;
            entries.push((language, Line { is_grammar: entry.english.is_empty(), ..entry }));
        }
    }
    Ok(entries)
}

fn no_entry(file: &str, at: usize, line: &str) -> String {
    format!("{file}:{at}: no entry, which is `word, other form = english, second english`: {line}")
}

/// What a line says, where it is `form, other form = english, second english`.
fn entry(line: &str, is_grammar: bool) -> Option<Line<'_>> {
    let (forms, english) = line.split_once('=')?;
    let (forms, english) = (listed(forms), listed(english));
    let is_small = |form: &&str| !form.contains(char::is_control) && form.to_lowercase() == **form;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-' .".contains(c);
    let is_one = !forms.is_empty()
        && forms.iter().all(is_small)
        && english
            .iter()
            .all(|english| english.chars().all(is_plain) && english.split(' ').count() <= ENGLISH);
    is_one.then_some(Line { forms, english, is_grammar })
}

fn listed(words: &str) -> Vec<&str> {
    words.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// Words of the longest form, and its letters.
fn lengths(entries: &[Line<'_>]) -> (usize, usize) {
    let forms = || entries.iter().flat_map(|entry| &entry.forms);
    let words = forms().map(|form| form.split(' ').count()).max();
    let letters = forms().map(|form| form.chars().count()).max();
    (words.unwrap_or_default(), letters.unwrap_or_default())
}

/// The forms as they are written and as they are folded, and the place of the entry that each is of.
fn forms(language: Language, entries: &[Line<'_>]) -> BTreeMap<String, usize> {
    let mut forms = BTreeMap::new();
    let all =
        || entries.iter().enumerate().flat_map(|(at, entry)| entry.forms.iter().map(move |form| (form, at)));
    // of two entries with one form, the one that stands further up
    for (form, at) in all() {
        forms.entry((*form).to_owned()).or_insert(at);
    }
    // what is written so is meant before what is folded so
    for (form, at) in all().filter(|(form, _)| Language::LATIN.contains(&language) && !form.is_ascii()) {
        forms.entry(plainly(form)).or_insert(at);
    }
    forms
}

/// The stems of words that are no grammar, folded, and the place of the entry that each is of.
fn stems(
    language: Language,
    entries: &[Line<'_>],
    forms: &BTreeMap<String, usize>,
) -> BTreeMap<String, usize> {
    let mut stems = BTreeMap::new();
    let mut forms: Vec<(usize, &str)> = forms.iter().map(|(form, at)| (*at, form.as_str())).collect();
    forms.retain(|(at, form)| !entries[*at].is_grammar && !form.contains(' '));
    // of two words with one stem, the one that stands further up
    forms.sort_unstable();
    for (at, form) in forms {
        let stem = language.stem(form);
        if stem.chars().count() >= STEM {
            stems.entry(stem).or_insert(at);
        }
    }
    stems
}

/// A table of what stands at the places of `words`: a line has the word, `#` if it is grammar, its English.
fn written(entries: &[Line<'_>], words: &BTreeMap<String, usize>) -> String {
    let line = |(word, at): (&String, &usize)| {
        let Line { english, is_grammar, .. } = &entries[*at];
        format!("{word}\t{}{}\n", if *is_grammar { "#" } else { "" }, english.join(","))
    };
    words.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of a German dictionary and of expressions, without others.
    fn made(german: &str, expressions: &str) -> Result<BTreeMap<String, String>, String> {
        tables(|file| match file {
            "german.txt" => Ok(german.to_owned()),
            EXPRESSIONS => Ok(expressions.to_owned()),
            _ => Ok(String::new()),
        })
    }

    #[test]
    fn a_table_has_a_line_for_each_word_in_the_order_of_bytes() {
        let german = "# Words\n# function words\nwo = where\nob =\n\n# verbs\nprüfen, geprüft = check, test\n\
                      prufen = other\n";
        let made = made(german, "# About these.\n# German\nzum beispiel = for example\n").unwrap();
        let forms = "geprüft\tcheck,test\ngepruft\tcheck,test\nob\t#\nprufen\tother\nprüfen\tcheck,test\nwo\t#where\n\
                     zum beispiel\tfor example\n";
        let mut sorted: Vec<&str> = forms.lines().collect();
        sorted.sort_unstable();
        assert_eq!(made["german.forms"], sorted.join("\n") + "\n");
        assert_eq!(made["german.stems"], "gepruft\tcheck,test\npruf\tcheck,test\n");
        assert_eq!(made["english"], "check\nother\ntest\nwhere\n");
        assert_eq!(made["longest.rs"], "[(2, 12), (0, 0), (0, 0), (0, 0)]");
        assert!(made["french.forms"].is_empty() && !made.contains_key("chinese.stems"));
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        for (german, expressions, wanted) in [
            ("# verbs\nprüfen check", "", "german.txt:2"),
            ("prüfen = check\n\n= check", "", "german.txt:3"),
            (", = check", "", "german.txt:1"),
            ("prüfen =", "", "german.txt:1"),
            ("Datenbank = database", "", "german.txt:1"),
            ("prüfen = Check", "", "german.txt:1"),
            ("prüfen = check = test", "", "german.txt:1"),
            ("prüfen = have a look at", "", "german.txt:1"),
            ("prü\tfen = check", "", "german.txt:1"),
            ("  ", "", "german.txt:1"),
            ("", "zum beispiel = example", "expressions.txt:1"),
            ("", "# German\nzum beispiel", "expressions.txt:2"),
            ("", "# German\n# Of nowhere\nzum beispiel = example", "expressions.txt:3"),
        ] {
            let why = made(german, expressions).unwrap_err();
            assert!(why.starts_with(&format!("{wanted}: no entry")), "{german:?} {expressions:?}: {why}");
        }
        let twice = made("# verbs\nprüfen = check\n# more\nprüfen, prüft = test", "").unwrap_err();
        assert!(twice.starts_with("german.txt:4: stands further up already"), "{twice}");
        // a form may be of two words
        assert!(made("suchen, sucht = search\nsucht = addiction", "").is_ok());
        assert_eq!(tables(|file| Err(format!("{file} is away"))), Err("expressions.txt is away".to_owned()));
    }
}
