//! The text of a term: folded, bounded, stemmed.

use mem_core::text::floor_boundary;

use super::fold::fold;
use super::scan::{Term, View};
use super::stem::shorten;

/// Bytes of a term's text; what is longer is known by its beginning. An SHA-256 in hexadecimal fits.
pub(super) const MOST: usize = 64;
/// Bytes of source that are looked at for one term: marks and invisible signs may take most of them.
const LOOKED_AT: usize = 4 * MOST;

/// The word in `text[start..end]`, and `more` letters that belong to it.
pub(super) fn word(found: &mut Vec<Term>, text: &str, (start, end): (usize, usize), more: &str) {
    let slice = &text[start..floor_boundary(text, end.min(start + LOOKED_AT))];
    let mut word = String::with_capacity(slice.len().min(MOST) + more.len());
    fold(slice, &mut word);
    word.push_str(more);
    finish(found, word, start, end);
}

/// The word that a compound's parts make when they are written together.
pub(super) fn joined(found: &mut Vec<Term>, text: &str, (start, end): (usize, usize)) {
    let mut word = String::with_capacity(end - start);
    fold(&text[start..end], &mut word);
    word.retain(|c| !matches!(c, '-' | '_'));
    finish(found, word, start, end);
}

fn finish(found: &mut Vec<Term>, mut word: String, start: usize, end: usize) {
    if word.len() > MOST {
        word.truncate(floor_boundary(&word, MOST));
    } else {
        shorten(&mut word);
    }
    if !word.is_empty() {
        found.push(Term { view: View::Word, text: word, start, end });
    }
}

/// What stands in `text[start..end]`, for the code view.
pub(super) fn code(found: &mut Vec<Term>, text: &str, (start, end): (usize, usize)) {
    let slice = &text[start..floor_boundary(text, end.min(start + LOOKED_AT))];
    let mut code = String::with_capacity(slice.len().min(MOST));
    fold(slice, &mut code);
    code.truncate(floor_boundary(&code, MOST));
    if !code.is_empty() {
        found.push(Term { view: View::Code, text: code, start, end });
    }
}
