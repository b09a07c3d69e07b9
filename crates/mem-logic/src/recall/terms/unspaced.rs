//! Scripts without spaces: overlapping pairs of letters, and the last letter alone.
//!
//! So any two letters in a row are a term, and any single one begins a term. A letter is one with its marks; widths and
//! composed forms are folded as a whole, because a Japanese voicing mark is no accent.

use mem_core::text::floor_boundary;
use unicode_normalization::UnicodeNormalization;

use super::chars::{is_unspaced, unspaced_start};
use super::fold::is_silent;
use super::push::MOST;
use super::scan::{Term, View};

/// Characters that one letter may be made of; more marks begin another.
const CLUSTER: usize = 8;

/// A letter and where it stands.
struct Letter {
    text: String,
    start: usize,
    end: usize,
}

/// Takes the run that begins at `start`; gives its end.
pub(super) fn run(found: &mut Vec<Term>, text: &str, start: usize) -> usize {
    let first = found.len();
    let mut last: Option<Letter> = None;
    let mut at = start;
    while let Some(end) = cluster(&text[at..]).map(|length| at + length) {
        for letter in letters(&text[at..end]) {
            let letter = Letter { text: letter, start: at, end };
            if let Some(last) = &last {
                push(found, last.text.clone() + &letter.text, last.start, end);
            }
            last = Some(letter);
        }
        at = end;
    }
    if let Some(last) = last {
        push(found, last.text, last.start, last.end);
    }
    // but for signs of several letters, which all begin where the sign does, it is sorted already
    found[first..].sort_by_key(|term| (term.start, std::cmp::Reverse(term.end)));
    at
}

/// The length of the letter that `text` begins with; none when it begins with something else.
fn cluster(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let first = chars.next().filter(|c| is_unspaced(*c))?;
    let grown = chars.take(CLUSTER).take_while(|c| is_silent(*c) || !unspaced_start(*c)).map(char::len_utf8);
    Some(first.len_utf8() + grown.sum::<usize>())
}

/// A cluster folded; a sign for a whole word gives several letters.
fn letters(cluster: &str) -> Vec<String> {
    let mut letters: Vec<String> = Vec::with_capacity(1);
    for c in cluster.nfkc().flat_map(char::to_lowercase).filter(|c| !is_silent(*c) && !c.is_whitespace()) {
        match letters.last_mut() {
            Some(letter) if !unspaced_start(c) => letter.push(c),
            _ => letters.push(String::from(c)),
        }
    }
    letters
}

fn push(found: &mut Vec<Term>, mut text: String, start: usize, end: usize) {
    text.truncate(floor_boundary(&text, MOST));
    found.push(Term { view: View::Word, text, start, end });
}
