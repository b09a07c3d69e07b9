//! German words that are made of others: into the fewest parts that are known.

use super::dictionary::{Dictionary, Entry, Found};

/// Letters of the shortest part: `Tag` and `Typ` are parts of many words, and no word of two letters says something.
const PART: usize = 3;
/// Letters of the shortest word that is taken apart, two parts of which one is longer than the shortest, and of the longest:
/// what people type is shorter, and the work grows with the square.
const SHORTEST: usize = 7;
const LONGEST: usize = 40;
/// Letters of the shortest part that is no German word but an English one: `server`, `cache`. Those of three, such as `ten`
/// and `end`, are endings of German ones.
const LOAN: usize = 4;
/// Letters of words that are taken apart in one question: thirty compounds of what is written as one, or ten of the longest.
/// Each letter of a long one is looked at as the end of a part with each before it.
const LETTERS: usize = 400;
/// What joins parts.
const LINKS: [&str; 7] = ["", "s", "n", "en", "es", "e", "er"];

/// Letters that may still be taken apart in a question.
#[derive(Debug)]
pub(super) struct Letters(usize);

impl Default for Letters {
    fn default() -> Self {
        Self(LETTERS)
    }
}

impl Letters {
    /// Takes so many, if they are left.
    fn take(&mut self, letters: usize) -> Option<()> {
        self.0 = self.0.checked_sub(letters)?;
        Some(())
    }
}

/// A part: where it ends, and what it is.
#[derive(Clone, Copy)]
struct Part {
    end: usize,
    next: usize,
    entry: Option<Entry>,
}

/// A way to go on from a letter: how many parts, and the first of them.
#[derive(Clone, Copy)]
struct Way {
    parts: usize,
    first: Part,
}

/// What a word in small letters, folded, is made of; nothing where it is not made of known parts, one of them German.
pub(super) fn compound(dictionary: Dictionary, word: &str, letters: &mut Letters) -> Option<Found> {
    let length = word.len();
    if !(SHORTEST..=LONGEST).contains(&length) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    letters.take(length)?;
    // the best way from each letter to the end
    let mut ways: Vec<Option<Way>> = vec![None; length];
    for start in (0..=length - PART).rev() {
        if let Some(part) = last(dictionary, &word[start..]).filter(|_| start > 0) {
            ways[start] = Some(Way { parts: 1, first: Part { end: length, next: length, ..part } });
            continue;
        }
        let near = dictionary.beginning(&word[start..start + PART]);
        // of as many parts, the one whose first is the longest
        for end in (start + PART..=length - PART).rev() {
            let Some(part) = inner(near, &word[start..end]) else { continue };
            for link in LINKS {
                let next = end + link.len();
                if next > length - PART || !word[end..].starts_with(link) {
                    continue;
                }
                let Some(rest) = ways[next] else { continue };
                if ways[start].is_none_or(|way| rest.parts + 1 < way.parts) {
                    let first = Part { end, next, ..part };
                    ways[start] = Some(Way { parts: rest.parts + 1, first });
                }
            }
        }
    }
    let (mut parts, mut at, mut is_german) = (Vec::new(), 0, false);
    while at < length {
        let first = ways[at]?.first;
        is_german |= first.entry.is_some();
        parts.push(match first.entry {
            Some(entry) => entry.english(),
            // it is called here what it is called in English
            None => vec![word[at..first.end].to_owned()],
        });
        at = first.next;
    }
    is_german.then_some(Found { parts, is_grammar: false })
}

/// The last part, which may be declined.
fn last(dictionary: Dictionary, word: &str) -> Option<Part> {
    let entry = dictionary.form(word).or_else(|| dictionary.stemmed(&dictionary.stem(word)));
    part(dictionary, entry, word)
}

/// A part before others: as it stands, or what is left of it there, which is its stem.
fn inner(dictionary: Dictionary, word: &str) -> Option<Part> {
    part(dictionary, dictionary.form(word).or_else(|| dictionary.stemmed(word)), word)
}

fn part(dictionary: Dictionary, entry: Option<Entry>, word: &str) -> Option<Part> {
    let entry = entry.filter(|entry| entry.says_something());
    let is_part = entry.is_some() || word.len() >= LOAN && dictionary.is_led_to(word);
    is_part.then_some(Part { end: 0, next: 0, entry })
}
