//! A text as words: what is no sign dropped, capitals and accents gone, punctuation and signs of CJK words of their own.
//!
//! Character by character, so that no input makes it keep more than one word. The order of combining marks is not
//! restored as NFD wants it: all that could tell is dropped with the accents, and the rest is no word of the model's.

use unicode_normalization::char::decompose_canonical;

use super::tables::{DROPPED, PUNCTUATION};

/// A word of more characters than this is unknown, whatever it is made of.
const LONGEST_WORD: usize = 100;

/// Collects words from characters and hands each on when it ends.
pub(super) struct Words<F> {
    word: String,
    characters: usize,
    each: F,
    /// Whether more words are.
    pub(super) wanted: bool,
}

impl<F: FnMut(Option<&str>) -> bool> Words<F> {
    /// Hands every word to `each`, which says whether it wants more; those that are too long as `None`.
    pub(super) fn new(each: F) -> Self {
        Self { word: String::new(), characters: 0, each, wanted: true }
    }

    /// Takes the next character of the text.
    pub(super) fn take(&mut self, c: char) {
        if c.is_ascii_alphanumeric() {
            self.push(c.to_ascii_lowercase());
        } else if among(&DROPPED, c) {
            // as if it were not there
        } else if c.is_whitespace() {
            self.end();
        } else if is_cjk(c) {
            self.end();
            self.take_folded(c);
            self.end();
        } else {
            self.take_folded(c);
        }
    }

    /// The word is over, if one has begun.
    pub(super) fn end(&mut self) {
        if self.characters > 0 {
            self.wanted = (self.each)((self.characters <= LONGEST_WORD).then_some(self.word.as_str()));
            self.word.clear();
            self.characters = 0;
        }
    }

    fn take_folded(&mut self, c: char) {
        decompose_canonical(c, |part| {
            if !among(&DROPPED, part) {
                for c in part.to_lowercase() {
                    self.settle(c);
                }
            }
        });
    }

    fn settle(&mut self, c: char) {
        if c.is_whitespace() {
            self.end();
        } else if c.is_ascii_punctuation() || among(&PUNCTUATION, c) {
            self.end();
            self.push(c);
            self.end();
        } else {
            self.push(c);
        }
    }

    fn push(&mut self, c: char) {
        self.characters += 1;
        if self.characters <= LONGEST_WORD {
            self.word.push(c);
        }
    }
}

/// The ideographs that stand for themselves, as the original has them.
fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2A6DF | 0x2A700..=0x2B73F
        | 0x2B740..=0x2B81F | 0x2B920..=0x2CEAF | 0x2F800..=0x2FA1F)
}

fn among(ranges: &[(u32, u32)], c: char) -> bool {
    let c = u32::from(c);
    let at = ranges.partition_point(|&(_, last)| last < c);
    ranges.get(at).is_some_and(|&(first, _)| first <= c)
}
