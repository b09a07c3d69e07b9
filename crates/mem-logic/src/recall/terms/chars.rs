//! What a character is to the analysis.

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::fold::is_silent;

/// Kinds of characters; as bits, so that a chunk's kinds are one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ends a chunk.
    Break = 0,
    /// A letter: small, or of a script without capitals.
    Lower = 1,
    /// A capital.
    Upper = 2,
    /// A digit or another number.
    Digit = 4,
    /// `_`: joins words, and is part of a name on its edges too.
    Under = 8,
    /// Joins words inside a compound: `. / : - # @ +`.
    Joint = 16,
    /// Stands inside words: don't.
    Apostrophe = 32,
    /// Belongs to the letter before it.
    Mark = 64,
    /// A letter of a script that puts no spaces between words.
    Unspaced = 128,
}

/// The kinds of the first 128 characters.
pub(super) const ASCII: [Kind; 128] = {
    let mut table = [Kind::Break; 128];
    let mut at = 0;
    while at < 128 {
        table[at] = match at as u8 {
            b'a'..=b'z' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            b'0'..=b'9' => Kind::Digit,
            b'_' => Kind::Under,
            b'.' | b'/' | b':' | b'-' | b'#' | b'@' | b'+' => Kind::Joint,
            b'\'' => Kind::Apostrophe,
            _ => Kind::Break,
        };
        at += 1;
    }
    table
};

/// The kind of any character.
pub(super) fn kind(c: char) -> Kind {
    if c.is_ascii() {
        return ASCII[c as usize];
    }
    if c == '\u{2019}' {
        return Kind::Apostrophe;
    }
    if is_unspaced(c) {
        return Kind::Unspaced;
    }
    if is_combining_mark(c) || is_silent(c) {
        return Kind::Mark;
    }
    if c.is_uppercase() {
        Kind::Upper
    } else if c.is_alphabetic() {
        Kind::Lower
    } else if c.is_numeric() {
        Kind::Digit
    } else {
        Kind::Break
    }
}

/// Whether `c` may stand inside a chunk of a spaced script.
pub(in crate::recall) fn in_chunk(c: char) -> bool {
    !matches!(kind(c), Kind::Break | Kind::Apostrophe | Kind::Unspaced)
}

/// Whether `c` is a letter of a script that puts no spaces between words, or (Korean) few and with endings grown on.
pub fn is_unspaced(c: char) -> bool {
    let at = u32::from(c);
    if at < 0x0e00 {
        return false;
    }
    let script = matches!(at,
        0x0e00..=0x0eff // Thai, Lao
        | 0x1000..=0x109f | 0x1780..=0x17ff // Burmese, Khmer
        | 0x1100..=0x11ff | 0x3130..=0x318f | 0xa960..=0xa97f | 0xac00..=0xd7ff | 0xffa0..=0xffdc // Hangul
        | 0x2e80..=0x2fdf | 0x3005..=0x3007 | 0x3021..=0x3029 // Han radicals, iteration mark, numerals
        | 0x3041..=0x309f | 0x30a1..=0x30fa | 0x30fc..=0x30ff | 0x31f0..=0x31ff | 0xff66..=0xff9f // Kana
        | 0x3100..=0x312f | 0x31a0..=0x31bf // Bopomofo
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff); // Han
    script && (c.is_alphanumeric() || is_combining_mark(c) || at < 0x30a0)
}

/// Whether `c` begins a unit of an unspaced script: a letter, not a mark or a jamo that completes the one before.
pub(in crate::recall) fn unspaced_start(c: char) -> bool {
    let grown = matches!(u32::from(c), 0x1160..=0x11ff | 0xd7b0..=0xd7ff | 0xff9e | 0xff9f);
    !grown && !is_combining_mark(c) && canonical_combining_class(c) == 0
}
