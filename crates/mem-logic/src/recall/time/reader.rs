//! Reads the words of a text one after the other.

use std::cell::OnceCell;

use super::super::gloss::{Language, spoken};
use super::super::terms::folded;

/// A word: letters and digits, folded.
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

/// A text in words.
pub(super) struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    language: OnceCell<Option<Language>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        let mut begun: Option<usize> = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            let inside = c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
            match (inside, begun) {
                (true, None) => begun = Some(at),
                (false, Some(start)) => {
                    tokens.push(Token { start, end: at, text: folded(&text[start..at]) });
                    begun = None;
                }
                _ => {}
            }
        }
        Self { text, tokens, language: OnceCell::new() }
    }

    /// The language of the text, where it is surely one; judged once.
    pub(super) fn language(&self) -> Option<Language> {
        *self.language.get_or_init(|| spoken(self.text))
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The word at `at`, when it follows the one before like a word of the same clause; empty otherwise.
    pub(super) fn next(&self, at: usize) -> &str {
        let Some(before) = at.checked_sub(1).and_then(|before| self.tokens.get(before)) else {
            return self.word(at);
        };
        let Some(here) = self.tokens.get(at) else { return "" };
        let gap = &self.text[before.end..here.start];
        let spaced = gap.chars().all(char::is_whitespace);
        // `5. Mai`, `May 5, 2026`
        let dotted = before.text.bytes().all(|byte| byte.is_ascii_digit()) && gap.trim() == ".";
        let listed = super::tables::year(&here.text).is_some() && gap.trim() == ",";
        if spaced || dotted || listed { &here.text } else { "" }
    }

    /// The word at `at`.
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    /// What the words from `from` to before `end` say, as written.
    pub(super) fn said(&self, from: usize, end: usize) -> &'a str {
        match (self.tokens.get(from), end.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if first.start < last.end => &self.text[first.start..last.end],
            _ => "",
        }
    }

    /// The text from the word at `at` on, and the character before it.
    pub(super) fn rest(&self, at: usize) -> Option<(Option<char>, &'a str)> {
        let start = self.tokens.get(at)?.start;
        Some((self.text[..start].chars().next_back(), &self.text[start..]))
    }

    /// The first word behind the `length` bytes that begin with the word at `at`.
    pub(super) fn behind(&self, at: usize, length: usize) -> usize {
        let end = self.tokens.get(at).map_or(self.text.len(), |token| token.start + length);
        at + self.tokens[at.min(self.tokens.len())..].iter().take_while(|token| token.start < end).count()
    }
}
