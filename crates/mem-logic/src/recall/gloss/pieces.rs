//! A question in pieces: words of language, and what is left as it is.
//!
//! Identifiers, paths, flags, numbers, acronyms, beginnings with a star and quotations are named and not said: they are
//! the same in any language.

use crate::recall::quotes::quoted;

/// Pieces of a text: what is embedded of a question is shorter yet.
const PIECES: usize = 60;
/// Bytes of the longest piece that is a word; longer ones are data in some encoding.
const WORD: usize = 64;

/// One piece of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// As typed, without the signs of punctuation around it.
    pub(super) text: &'a str,
    /// Whether it is a word of language, letters with apostrophes and hyphens in it.
    pub(super) is_word: bool,
    /// Whether a clause ends behind it.
    pub(super) ends: bool,
}

/// The first pieces of a text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    // where nothing is in small letters, capitals are no sign of a name
    let shouts = !text.chars().any(char::is_lowercase);
    let mut pieces = Vec::new();
    let mut last = 0;
    for range in quoted(text) {
        spoken(&text[last..range.start], shouts, &mut pieces);
        let named = text[range.clone()].trim();
        if !named.is_empty() {
            pieces.push(Piece { text: named, is_word: false, ends: false });
        }
        last = range.end;
    }
    spoken(&text[last..], shouts, &mut pieces);
    pieces.truncate(PIECES);
    pieces
}

fn spoken<'a>(text: &'a str, shouts: bool, pieces: &mut Vec<Piece<'a>>) {
    for chunk in text.split_whitespace().take(PIECES) {
        let ended = chunk.trim_end_matches(|c: char| ".,;:!?…)]}\"'’»“”".contains(c));
        let ends = ended.len() < chunk.len();
        let named = ended.trim_start_matches(|c: char| "([{\"'‘«„“¿¡".contains(c));
        if named.chars().any(char::is_alphanumeric) {
            pieces.push(Piece { text: named, is_word: is_word(named, shouts), ends });
        } else if let Some(last) = pieces.last_mut() {
            last.ends = true;
        }
    }
}

/// Letters, small ones but for the first, in parts that hyphens and apostrophes join.
fn is_word(text: &str, shouts: bool) -> bool {
    let of_letters = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_alphabetic)
            && letters.all(|c| is_letter(c) && (shouts || !c.is_uppercase()))
    };
    text.len() <= WORD && text.split(['-', '\'', '’']).all(of_letters)
}

/// A letter, or an accent that is typed for itself.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_words() {
        for (text, words, named) in [
            ("Warum ist foo_bar so langsam?", "Warum ist so langsam", "foo_bar"),
            ("¿Dónde está src/lexer.rs:42, por favor?", "Dónde está por favor", "src/lexer.rs:42"),
            ("l'erreur d’import E0308", "l'erreur d’import", "E0308"),
            ("die \"rote Liste\" und --no-verify", "die und", "rote Liste --no-verify"),
            ("HTTP-Anfrage parseUrl C++ daten* #12", "", "HTTP-Anfrage parseUrl C++ daten* #12"),
            ("E-Mail Docker-Container", "E-Mail Docker-Container", ""),
            ("FEHLER BEIM LADEN", "FEHLER BEIM LADEN", ""),
            ("... ?! — 42", "", "42"),
            ("", "", ""),
        ] {
            let of = |is_word: bool| {
                let found = pieces(text).into_iter().filter(|piece| piece.is_word == is_word);
                found.map(|piece| piece.text).collect::<Vec<_>>().join(" ")
            };
            assert_eq!((of(true).as_str(), of(false).as_str()), (words, named), "{text}");
        }
    }
}
