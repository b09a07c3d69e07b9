//! What a typed text asks for: words, phrases, prefixes, a time.
//!
//! Nothing that is typed is an error. A quote without its other half, a star on its own and the operators of any search
//! language are text; what is too long is cut, and the query says so.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::tz::TimeZone;
use mem_core::text::floor_boundary;
use mem_core::time::Timestamp;

use super::gloss::Gloss;
use super::phrase::{self, Phrase};
use super::prefix::{Prefix, Starred};
use super::quotes::quoted;
use super::terms::{Term, View, is_english_stop, is_stop, terms};
use super::time::{Window, window};

/// Bytes of a text that are read: three pages.
const TEXT: usize = 16 << 10;
/// Different terms that are looked for.
const TERMS: usize = 256;
/// Phrases and prefixes, of each; what is beyond them is looked for as words.
const EXTRAS: usize = 16;
/// English words that are looked for beside those of a question in another language.
const ENGLISH: usize = 24;
/// Bytes of a text that is a question: in a longer one a word of time is about something else.
const QUESTION: usize = 400;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Terms, each once, in the order in which they first appear; those of phrases too, those of prefixes not.
    pub words: Vec<Asked>,
    /// Quoted texts.
    pub phrases: Vec<Phrase>,
    /// Beginnings of words: typed with a star, or a lone letter of a script without spaces.
    pub prefixes: Vec<Prefix>,
    /// Words with a star that are too short to begin others, star included; they are looked for as they are.
    pub too_short: Vec<String>,
    /// What elsewhere leaves a word out: `NOT`, `-word`. Here it is text, which gives the opposite.
    pub operators: Vec<String>,
    /// Words that were typed in another language, in small letters, each with a term of the word view that is English for it.
    pub english: Vec<(String, String)>,
    /// The time that the text names.
    pub window: Option<Window>,
    /// Whether something was left out: the end of a long text, terms beyond the bound.
    pub cut: bool,
}

/// One term that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// As typed, where it first appears.
    pub written: String,
    /// In which view.
    pub view: View,
    /// What the index holds for it.
    pub term: String,
    /// How often it appears.
    pub times: u32,
    /// Whether it is a word that says nothing.
    pub stop: bool,
    /// Where it was not typed, and is English for a word that was: its place among what that word may be.
    pub gloss_place: Option<usize>,
}

impl Query {
    /// Asks for the English words of a gloss too, beside those that were typed. Words of the grammar of its language say
    /// nothing, also where they are written as English words that do.
    pub fn read_as(&mut self, gloss: &Gloss) {
        let grammar: HashSet<String> = gloss.of_grammar().map(str::to_lowercase).collect();
        for asked in &mut self.words {
            asked.stop |= asked.view == View::Word && grammar.contains(&asked.written.to_lowercase());
        }
        // the likeliest of all stand side by side, as they would if they had been typed
        let mut english: Vec<(usize, &str, &str)> = gloss.english_words().collect();
        english.sort_by_key(|(place, ..)| *place);
        let mut at_most = ENGLISH.min(TERMS.saturating_sub(self.words.len()));
        for (place, typed, english) in english {
            if self.window.as_ref().is_some_and(|window| window.names(typed)) {
                continue;
            }
            for term in terms(english).into_iter().filter(|term| term.view == View::Word) {
                let written = &english[term.start..term.end];
                if says_nothing_in_english(written) {
                    continue;
                }
                let known = |asked: &&mut Asked| asked.view == View::Word && asked.term == term.text;
                let known = self.words.iter_mut().find(known);
                let is_new = known.as_ref().is_none_or(|known| known.stop);
                if is_new && at_most == 0 {
                    continue;
                }
                self.english.push((typed.to_lowercase(), term.text.clone()));
                let asked = Asked {
                    written: written.to_owned(),
                    view: View::Word,
                    term: term.text,
                    times: 1,
                    stop: false,
                    gloss_place: Some(place),
                };
                at_most -= usize::from(is_new);
                match known {
                    // grammar that is written so says nothing, and what is meant here does
                    Some(known) if known.stop => *known = asked,
                    Some(_) => {}
                    None => self.words.push(asked),
                }
            }
        }
    }
}

/// What `text` asks for.
pub fn query(text: &str, now: Timestamp, zone: &TimeZone) -> Query {
    let read = &text[..floor_boundary(text, TEXT)];
    let mut query = Query { cut: read.len() < text.len(), ..Query::default() };
    let quoted = quoted(read);
    for range in &quoted {
        match Phrase::of(&read[range.clone()]) {
            Some(phrase) if query.phrases.len() < EXTRAS => query.phrases.push(phrase),
            Some(_) => query.cut = true,
            None => {}
        }
    }
    let starred = starred(read, &quoted, &mut query);
    words(read, &starred, &mut query);
    if let Some(kind) = kind_of_commit(read) {
        query.words.iter_mut().filter(|asked| asked.written == kind).for_each(|asked| asked.stop = true);
    }
    if text.len() <= QUESTION {
        let unquoted = unquoted(read, &quoted);
        query.window = window(&unquoted, now, zone);
        query.operators = operators(&unquoted);
    }
    query
}

/// The words of a question by which something was to be left out, each once: a minus before a word, and `NOT` where no
/// command or message is quoted, such as `IF NOT EXISTS` and `NOT NULL`. `-rf` is a flag, as short as those are.
fn operators(text: &str) -> Vec<String> {
    const SHORTEST: usize = 3;
    let loud = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let written: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['(', ')'])).collect();
    let mut found: Vec<String> = Vec::new();
    for (at, word) in written.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| written[before]);
        let behind = written.get(at + 1).copied().unwrap_or_default();
        let is_not = *word == "NOT"
            && (!loud(before) || ["AND", "OR"].contains(&before))
            && !["", "NULL"].contains(&behind);
        let is_minus = word
            .strip_prefix('-')
            .is_some_and(|word| word.chars().count() >= SHORTEST && word.chars().all(char::is_alphabetic));
        if (is_not || is_minus) && found.len() < EXTRAS && !found.iter().any(|known| known == word) {
            found.push((*word).to_owned());
        }
    }
    found
}

/// The kind at the beginning of a commit's subject, such as `fix` in `fix(parser): …`: it says what was done, which texts
/// say in their own words.
fn kind_of_commit(text: &str) -> Option<&str> {
    const KINDS: [&str; 13] = [
        "build", "chore", "ci", "doc", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test",
        "tests",
    ];
    let text = text.trim_start();
    let kind = &text[..text.find(|c: char| !c.is_ascii_alphabetic())?];
    KINDS.binary_search(&kind.to_ascii_lowercase().as_str()).ok()?;
    let behind = &text[kind.len()..];
    let scoped = behind.strip_prefix('(').and_then(|scope| scope.split_once(')'));
    let behind = scoped.map_or(behind, |(_, behind)| behind);
    behind.strip_prefix('!').unwrap_or(behind).starts_with(':').then_some(kind)
}

/// `text` with what is quoted blotted out: a time in it is not meant.
fn unquoted(text: &str, quoted: &[Range<usize>]) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut last = 0;
    for range in quoted {
        rest.push_str(&text[last..range.start]);
        // a sign that joins nothing: the words on both sides do not become neighbours
        rest.push('"');
        last = range.end;
    }
    rest.push_str(&text[last..]);
    rest
}

/// Takes the prefixes; gives where they stand, star included.
fn starred(text: &str, quoted: &[Range<usize>], query: &mut Query) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (star, _) in text.match_indices('*') {
        let near = quoted.partition_point(|range| range.end <= star);
        if quoted.get(near).is_some_and(|range| range.contains(&star)) {
            continue;
        }
        let (prefix, start) = match Prefix::at(text, star) {
            Some((Starred::Beginning(prefix), start)) => (prefix, start),
            Some((Starred::TooShort(written), _)) => {
                if query.too_short.len() < EXTRAS && !query.too_short.contains(&written) {
                    query.too_short.push(written);
                }
                continue;
            }
            None => continue,
        };
        if query.prefixes.len() == EXTRAS {
            query.cut = true;
            break;
        }
        if !query.prefixes.iter().any(|known| known.term == prefix.term && known.view == prefix.view) {
            query.prefixes.push(prefix);
        }
        ranges.push(start..star + 1);
    }
    ranges
}

/// Takes the terms, but for those of prefixes.
fn words(text: &str, starred: &[Range<usize>], query: &mut Query) {
    let found = terms(text);
    let mut places: HashMap<(View, &str), usize> = HashMap::new();
    let mut starred = starred.iter().peekable();
    let mut before: Option<&Term> = None;
    for term in &found {
        while starred.next_if(|range| range.end <= term.start).is_some() {}
        if starred.peek().is_some_and(|range| range.start <= term.start) {
            continue;
        }
        let tail = term.view == View::Word && phrase::is_tail(before.as_slice(), term);
        if term.view == View::Word {
            before = Some(term);
        }
        if tail {
            continue;
        }
        let written = &text[term.start..term.end];
        let stop = term.view == View::Word && says_nothing(&written.to_lowercase());
        if !stop && phrase::is_lone(&term.text) {
            lone(written, &term.text, query);
            continue;
        }
        match places.get(&(term.view, term.text.as_str())) {
            Some(at) => query.words[*at].times += 1,
            None if query.words.len() == TERMS => query.cut = true,
            None => {
                places.insert((term.view, &term.text), query.words.len());
                let (written, term, view) = (written.to_owned(), term.text.clone(), term.view);
                query.words.push(Asked { written, view, term, times: 1, stop, gloss_place: None });
            }
        }
    }
}

/// A lone letter of a script without spaces: the pairs that it begins. One of the Japanese syllables is grammar.
fn lone(written: &str, term: &str, query: &mut Query) {
    let grammar = term.chars().all(|c| matches!(c, '\u{3041}'..='\u{309f}'));
    if grammar || query.prefixes.iter().any(|known| known.term == term) {
        return;
    }
    if query.prefixes.len() == EXTRAS {
        query.cut = true;
    } else {
        query.prefixes.push(Prefix::letter(written, term));
    }
}
/// Words by which people ask and which texts are full of, in small letters. They stand for nothing in a question, but a text is
/// not the worse for them, so they are no stop words.
const FILLERS: [&str; 40] = [
    "anything",
    "bitte",
    "check",
    "going",
    "help",
    "kind",
    "kindly",
    "let",
    "lets",
    "like",
    "likes",
    "look",
    "looking",
    "looks",
    "made",
    "make",
    "makes",
    "making",
    "need",
    "needed",
    "needs",
    "okay",
    "please",
    "pls",
    "right",
    "something",
    "sort",
    "sure",
    "thing",
    "things",
    "tried",
    "try",
    "trying",
    "type",
    "want",
    "wants",
    "way",
    "ways",
    "would",
    "yeah",
];

fn says_nothing(word: &str) -> bool {
    is_stop(word) || FILLERS.binary_search(&word).is_ok()
}

/// The same of a word that is surely English: what is grammar elsewhere is none in it, such as `comment` and `sea`.
fn says_nothing_in_english(word: &str) -> bool {
    is_english_stop(word) || FILLERS.binary_search(&word).is_ok()
}
