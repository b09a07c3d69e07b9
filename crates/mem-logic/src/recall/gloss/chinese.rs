//! Chinese, which puts no spaces between words: the longest known word first.

use super::dictionary::{Dictionary, Found};
use super::language::{Language, is_han};

/// A span of a Chinese text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Span<'a> {
    /// A word, and what it is in English.
    Known(&'a str, Found),
    /// Signs that no word is known of.
    Unknown(&'a str),
    /// What stands there in other letters.
    Named(&'a str),
}

/// Most spans of a text.
const SPANS: usize = 60;

/// The first spans of a text.
pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let dictionary = Dictionary::of(Language::Chinese);
    let mut found: Vec<Span<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() && found.len() < SPANS {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { break };
        if is_han(first) {
            let known =
                longest(rest, dictionary.longest.1).find_map(|word| Some((word, dictionary.form(word)?)));
            let span = match known {
                Some((word, entry)) => Span::Known(word, entry.into()),
                None => Span::Unknown(&rest[..first.len_utf8()]),
            };
            at += known.map_or(first.len_utf8(), |(word, _)| word.len());
            found.push(span);
            continue;
        }
        let ends = |c: char| c.is_whitespace() || is_han(c) || !c.is_ascii() && !c.is_alphanumeric();
        let chunk = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let named = chunk.trim_matches(|c: char| ",;:!?\"'()[]{}".contains(c)).trim_end_matches('.');
        if named.chars().any(char::is_alphanumeric) {
            found.push(Span::Named(named));
        }
        at += chunk.len().max(first.len_utf8());
    }
    found
}

/// The beginnings of a text that are all Chinese signs, from the longest to one sign.
fn longest(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = text
        .char_indices()
        .take(most)
        .take_while(|(_, c)| is_han(*c))
        .map(|(at, c)| at + c.len_utf8())
        .collect();
    ends.into_iter().rev().map(|end| &text[..end])
}
