//! Folding: capitals, widths, ligatures and accents are no difference between words.
//!
//! Vowel signs of Indic scripts are marks too, and stay: without them another word is left. Must not use other modules:
//! the dictionaries of glosses are folded by this same file when the program is built (`build.rs`).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Appends `text` folded. What is no letter, digit, mark or kept joint is left out, so that a term never holds a space.
pub(super) fn fold(text: &str, into: &mut String) {
    if text.is_ascii() {
        let from = into.len();
        into.push_str(text);
        into[from..].make_ascii_lowercase();
        return;
    }
    let plain = text.nfkd().flat_map(char::to_lowercase).nfkd().filter(|c| !is_accent(*c) && !is_silent(*c));
    let mut pair = [None; 2];
    let folded = plain.flat_map(|c| {
        pair = spelt(c);
        pair.into_iter().flatten()
    });
    // what goes is gone before: marks that come together are put in order
    into.extend(folded.filter(|c| stays(*c)).nfc());
}

/// `text` folded, as terms are, but not stemmed.
pub fn folded(text: &str) -> String {
    let mut into = String::with_capacity(text.len());
    fold(text, &mut into);
    into
}

fn stays(c: char) -> bool {
    c.is_alphanumeric()
        || "_./:-#@+".contains(c)
        || !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
}

/// Characters that are not seen: soft hyphen, joiner and non-joiner.
pub(super) fn is_silent(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}')
}

/// Accents and points, by combining class: 10 to 36 are those of Hebrew, Arabic and Syriac, 200 to 240 the general ones.
fn is_accent(c: char) -> bool {
    c >= '\u{300}' && matches!(canonical_combining_class(c), 10..=36 | 200..=240)
}

/// Letters that do not decompose, and how they are spelt by whoever lacks them.
fn spelt(c: char) -> [Option<char>; 2] {
    match c {
        'ß' => [Some('s'), Some('s')],
        'æ' => [Some('a'), Some('e')],
        'œ' => [Some('o'), Some('e')],
        'þ' => [Some('t'), Some('h')],
        'ø' => [Some('o'), None],
        'ł' => [Some('l'), None],
        'đ' | 'ð' => [Some('d'), None],
        'ħ' => [Some('h'), None],
        'ı' => [Some('i'), None],
        'ς' => [Some('σ'), None],
        other => [Some(other), None],
    }
}
