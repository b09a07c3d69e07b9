//! The small questions about characters that every redaction rule asks: runs, borders, what looks random.
//!
//! ASCII only: no known key holds anything else. Must not know what a secret is; callers do.

/// What the body of a key is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `0-9a-fA-F`.
    Hex,
    /// `0-9A-Z`.
    Upper,
    /// `0-9A-Za-z`.
    Plain,
    /// `0-9A-Za-z_-`, as in base64 for addresses.
    Url,
    /// `0-9A-Za-z_.-`.
    Dotted,
    /// `0-9A-Za-z+/=`, and `-_`.
    Base64,
    /// `0-9A-Za-z+/=`, as in the lines of a key file.
    Block,
    /// What the value of a header or of a query parameter may hold: base64, dots, tildes, percent signs.
    Value,
}

impl Alphabet {
    /// Whether the byte belongs to it.
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Plain => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='),
            Self::Block => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Self::Value => {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b'|' | b':' | b'!'
                    )
            }
        }
    }

    /// Where the run of this alphabet that begins at `from` ends.
    pub(super) fn run(self, bytes: &[u8], from: usize) -> usize {
        bytes[from..].iter().position(|byte| !self.has(*byte)).map_or(bytes.len(), |len| from + len)
    }

    /// Where the run of this alphabet that ends at `to` begins, looking back no farther than `most` bytes.
    pub(super) fn run_back(self, bytes: &[u8], to: usize, most: usize) -> usize {
        let lowest = to.saturating_sub(most);
        bytes[lowest..to].iter().rposition(|byte| !self.has(*byte)).map_or(lowest, |at| lowest + at + 1)
    }
}

/// Whether a word can begin at `at`: nothing alphanumeric stands before it, unless it is the tail of an
/// escape (`\n`, `\u001b`) or of a colour code (`[31m`).
pub(super) fn begins_word(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| bytes[before]) else { return true };
    if !(before.is_ascii_alphanumeric() || before == b'_' || before == b'-') {
        return true;
    }
    after_escape(bytes, at)
}

/// Whether the bytes right before `at` are an escape or a colour code, so that letters there are no word.
pub(super) fn after_escape(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'f' | b'b'] => true,
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit),
        [rest @ .., b'm'] => {
            let codes = rest.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
            rest.len() > codes && rest[rest.len() - codes - 1] == b'['
        }
        _ => false,
    }
}

/// Whether the text is one that nobody types: letters and digits mixed, with many changes between them.
///
/// A change is a step between small letters, capitals and digits, wherever they stand; `sha256_digest_1` has
/// three, a random text of sixteen characters about ten.
pub(super) fn looks_random(text: &[u8]) -> bool {
    let mut changes = 0_u32;
    let (mut digits, mut letters) = (0_u32, 0_u32);
    let mut last = 0_u8;
    for byte in text {
        let class = match byte {
            b'0'..=b'9' => 1,
            b'a'..=b'z' => 2,
            b'A'..=b'Z' => 3,
            _ => continue,
        };
        if class == 1 {
            digits += 1;
        } else {
            letters += 1;
        }
        if last != 0 && class != last {
            changes += 1;
        }
        last = class;
    }
    digits >= 2 && letters >= 2 && changes >= 4 && text.len() >= 12
}

/// Least length of what is a key by its letters alone.
const LEAST_KEY: usize = 20;
/// Least changes in it; the secret keys of AWS, forty characters long, have twenty-odd.
const LEAST_CHANGES: usize = 8;

/// Whether the text is base64 that nobody types, with few digits or none: [`looks_random`] asks for two, and
/// of keys of forty characters one in a hundred has less. Names of code change case too, but hold no `/`, `+`
/// or digit in the midst of that many changes.
pub(super) fn looks_like_key(text: &[u8]) -> bool {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    text.len() >= LEAST_KEY
        && text.iter().all(|byte| Alphabet::Block.has(*byte))
        && text.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'/'))
        && text.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count() >= LEAST_CHANGES
}

/// Whether any digit is there.
pub(super) fn has_digit(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit)
}

/// Most backslashes before a quote: JSON in JSON six times over has sixty-three.
const MOST_SLASHES: usize = 63;

/// How many bytes a backslash-run and the quote that follows it take at `at`, and which quote; plain quotes
/// take one byte, quotes inside JSON text two or more.
pub(super) fn quote_at(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let slashes =
        bytes[at.min(bytes.len())..].iter().take(MOST_SLASHES).take_while(|byte| **byte == b'\\').count();
    match bytes.get(at + slashes) {
        Some(quote @ (b'"' | b'\'' | b'`')) => Some((slashes + 1, *quote)),
        Some(b'u') if slashes > 0 => {
            let code = bytes.get(at + slashes + 1..at + slashes + 5)?;
            match code {
                b"0022" => Some((slashes + 5, b'"')),
                b"0027" => Some((slashes + 5, b'\'')),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The first place at or after `at` that is no blank.
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    bytes[at.min(bytes.len())..]
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t'))
        .map_or(bytes.len(), |len| at + len)
}

/// Whether what stands at `at` was redacted before.
pub(super) fn is_redacted(bytes: &[u8], at: usize) -> bool {
    bytes[at.min(bytes.len())..].starts_with(b"[redacted:")
}
