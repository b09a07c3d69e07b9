//! What is quoted in a text: it is meant to the letter, in a question as in its gloss.

use std::ops::Range;

/// What stands between quotes, in order. A quote opens where a word may begin and closes where one may end: those of
/// code, which stand anywhere, are none.
pub(super) fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut open: Option<usize> = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let behind = at + c.len_utf8();
        if c == '\n' {
            open = None;
        }
        if is_quote(c) {
            let next = text[behind..].chars().next();
            let closes = next.is_none_or(|next| next.is_whitespace() || ".,;!?)".contains(next));
            match open {
                Some(start) if closes => {
                    ranges.push(start..at);
                    open = None;
                }
                None if before.is_whitespace() || before == '(' => open = Some(behind),
                _ => {}
            }
        }
        before = c;
    }
    ranges
}

/// The quotes of keyboards and of word processors.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_prose_are_told_from_those_of_code() {
        for (text, wanted) in [
            ("say \"a b\", then “c”", &["a b", "c"][..]),
            ("(\"a b\") „c d“ «e f»", &["a b", "c d", "e f"]),
            ("f\"{x}\" let s=\"a b\";", &[]),
            ("\"a\"b c\" d", &["a\"b c"]),
            ("\"open to the end", &[]),
            ("\"not over\na line\" x", &[]),
            ("", &[]),
        ] {
            let found: Vec<&str> = quoted(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}
