//! Where an answer of JSON is whole: at the brace that closes its first one.
//!
//! What a service sends beyond that has no meaning, and may have no end. Must not judge what is in it; text that begins
//! in another way is never whole.

/// Follows the braces of a text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Braces {
    open: usize,
    in_string: bool,
    escaped: bool,
    /// It does not begin with a brace.
    foreign: bool,
}

impl Braces {
    /// Takes the next piece; gives how many bytes of it belong to the whole, once that is whole.
    pub(super) fn close_in(&mut self, piece: &[u8]) -> Option<usize> {
        if self.foreign {
            return None;
        }
        for (at, byte) in piece.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' if self.open > 0 => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' => self.open += 1,
                b'}' if self.open == 1 => return Some(at + 1),
                b'}' if self.open > 0 => self.open -= 1,
                byte if self.open == 0 && !byte.is_ascii_whitespace() => {
                    self.foreign = true;
                    return None;
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_however_the_text_is_cut() {
        for (text, whole) in [
            ("{}", Some(2)),
            (" \n{\"a\":{\"b\":[{}]}}\r\n", Some(18)),
            (r#"{"a":"}\"}\\"}tail}"#, Some(14)),
            (r#"{"a":"{"#, None),
            ("<html>{}</html>", None),
            ("[{}]", None),
            ("}{}", None),
            ("", None),
        ] {
            for size in 1..=text.len().max(1) {
                let mut braces = Braces::default();
                let mut before = 0;
                let mut found = None;
                for piece in text.as_bytes().chunks(size) {
                    found = braces.close_in(piece).map(|end| before + end);
                    if found.is_some() {
                        break;
                    }
                    before += piece.len();
                }
                assert_eq!(found, whole, "{text} in pieces of {size}");
            }
        }
    }
}
