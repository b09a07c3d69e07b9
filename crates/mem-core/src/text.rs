//! Bounding text without breaking it: head and tail by bytes, clips by UTF-16 units, one-line forms.
//!
//! Every text that is kept or shown passes through one of these, so nothing grows without a limit.

/// Keeps the head and the tail of `text` when it is longer than `limit` bytes.
///
/// Two thirds of the limit go to the head; a line in between says how many bytes were left out.
/// Cuts fall on character boundaries. Returns whether anything was left out.
pub fn bound(text: &mut String, limit: usize) -> bool {
    if text.len() <= limit {
        return false;
    }
    let mark_room = 48; // "\n[… 12345678901 bytes left out …]\n" and a little air
    let room = limit.saturating_sub(mark_room);
    let head_end = floor_boundary(text, room * 2 / 3);
    let tail_start = ceil_boundary(text, text.len() - (room - room * 2 / 3).min(text.len()));
    let left_out = tail_start - head_end;
    let bounded = format!("{}\n[… {left_out} bytes left out …]\n{}", &text[..head_end], &text[tail_start..]);
    *text = bounded;
    true
}

/// The largest character boundary at or below `at`.
pub fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The begin of a text, of at most so many bytes, up to a space where there is one.
pub fn begin(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let begun = &text[..floor_boundary(text, bytes)];
    begun.rfind(char::is_whitespace).map_or(begun, |space| &begun[..space])
}

fn ceil_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Length in UTF-16 code units, which is how Claude Code counts.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest prefix of `text` of at most `units` UTF-16 code units.
pub fn clip_utf16(text: &str, units: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > units {
            return &text[..at];
        }
    }
    text
}

/// One line of at most `chars` characters: white space folded, an ellipsis where it was cut,
/// cut at a word where one is near.
pub fn one_line(text: &str, chars: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > chars * 4 + 8 {
            break; // enough to cut from, whatever the characters weigh
        }
    }
    if line.chars().count() <= chars {
        return line;
    }
    let cut: String = line.chars().take(chars.saturating_sub(1)).collect();
    let at = cut.rfind(' ').filter(|at| *at * 4 >= cut.len() * 3).unwrap_or(cut.len());
    format!("{}…", cut[..at].trim_end_matches([' ', ',', ';', ':', '.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_begin_of_a_text_ends_at_a_space() {
        assert_eq!(begin("short text", 64), "short text");
        assert_eq!(begin("wörd wörd", 8), "wörd");
        assert_eq!(begin(&"ä".repeat(400), 301).len(), 300);
    }

    #[test]
    fn short_text_is_left_alone() {
        let mut text = "short".to_owned();
        assert!(!bound(&mut text, 64));
        assert_eq!(text, "short");
    }

    #[test]
    fn long_text_keeps_both_ends() {
        let mut text = format!("HEAD{}TAIL", "x".repeat(1000));
        assert!(bound(&mut text, 200));
        assert!(text.starts_with("HEAD") && text.ends_with("TAIL"), "{text}");
        assert!(text.len() <= 200);
    }

    #[test]
    fn one_line_cuts_at_a_word() {
        assert_eq!(one_line("a  b\n c", 10), "a b c");
        assert_eq!(one_line("fix the parser of headers", 16), "fix the parser…");
    }

    proptest! {
        #[test]
        fn bound_never_exceeds_its_limit(mut text in "\\PC{0,400}", limit in 64usize..200) {
            bound(&mut text, limit);
            prop_assert!(text.len() <= limit);
        }

        #[test]
        fn clip_counts_like_utf16(text in "\\PC{0,80}", units in 0usize..60) {
            let clipped = clip_utf16(&text, units);
            prop_assert!(clipped.encode_utf16().count() <= units);
            prop_assert_eq!(utf16_len(clipped), clipped.encode_utf16().count());
        }
    }
}
