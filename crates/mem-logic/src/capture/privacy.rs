//! Takes out what the user marked private and what the host put in between: text between certain tags.
//!
//! `<private>` is the user's wish: what it holds must never be written, so an unclosed one takes the rest of
//! the text with it (better lose words than leak them). The other tags are machinery of hosts; an unclosed
//! one of those is taken for prose and stays.
//!
//! This is also what keeps our own brief from being captured back: the host injects it inside a
//! `<system-reminder>` block (and the original system used `<claude-mem-context>`), and both are taken out
//! here. So the brief needs no marker of its own.
//!
//! Works on plain text and inside JSON text alike, where `<` may be written `\u003c`. Must not look at
//! anything but tags: what a secret is, `secrets` decides.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// How many blocks were taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stripped {
    /// Blocks the user marked private.
    pub private: u32,
    /// Blocks of a host or of a memory system: reminders, injected context, persisted output.
    pub host: u32,
}

impl std::ops::AddAssign for Stripped {
    fn add_assign(&mut self, other: Self) {
        self.private += other.private;
        self.host += other.host;
    }
}

/// Removes every private and host block from `text`; the ends are trimmed if anything went.
///
/// Names of tags are read without regard to case, and may carry attributes. Blocks of the same name may be
/// nested.
pub fn strip(text: &mut String) -> Stripped {
    let mut stripped = Stripped::default();
    // Private blocks first: a host block that ends inside one must not leave its second half behind.
    let tags = tags_in(text);
    if tags.is_empty() {
        return stripped;
    }
    let spans = private_spans(&tags, text.len());
    if !spans.is_empty() {
        stripped.private = spans.len() as u32;
        cut_out(text, &spans);
    }
    let tags = if spans.is_empty() { tags } else { tags_in(text) };
    let spans = host_spans(&tags);
    if !spans.is_empty() {
        stripped.host = spans.len() as u32;
        cut_out(text, &spans);
    }
    if stripped != Stripped::default() {
        let kept = text.trim();
        if kept.len() != text.len() {
            *text = kept.to_owned();
        }
    }
    stripped
}

/// The names; the first is the user's own.
const NAMES: [&str; 6] = [
    "private",
    "claude-mem-context",
    "system_instruction",
    "system-instruction",
    "persisted-output",
    "system-reminder",
];
const PRIVATE: usize = 0;

/// Longest run of attributes in a tag, in bytes; more is no tag.
const LONGEST_ATTRIBUTES: usize = 512;

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(NAMES)
        .expect("six short names make an automaton")
});

#[derive(Clone, Copy)]
struct Tag {
    name: usize,
    closes: bool,
    start: usize,
    end: usize,
}

fn tags_in(text: &str) -> Vec<Tag> {
    FINDER
        .find_iter(text)
        .filter_map(|hit| {
            let (start, closes) = opening_before(&text[..hit.start()])?;
            let end = closing_after(text, hit.end())?;
            Some(Tag { name: hit.pattern().as_usize(), closes, start, end })
        })
        .collect()
}

/// Where the tag begins whose name follows `before`, and whether it is a closing one.
fn opening_before(before: &str) -> Option<(usize, bool)> {
    let (rest, closes) = match before.strip_suffix('/') {
        Some(rest) => (rest.strip_suffix('\\').unwrap_or(rest), true), // JSON may write "<\/"
        None => (before, false),
    };
    if let Some(rest) = rest.strip_suffix('<') {
        return Some((rest.len(), closes));
    }
    let bytes = rest.as_bytes();
    let at = bytes.len().checked_sub(6)?;
    if !bytes[at..].eq_ignore_ascii_case(br"\u003c") {
        return None;
    }
    // The escape itself may be escaped again, once or more, where JSON is carried in JSON.
    let start = bytes[..at].iter().rposition(|byte| *byte != b'\\').map_or(0, |last| last + 1);
    Some((start, closes))
}

/// Where the tag ends whose name ends at `from`; `None` when the name goes on or the tag never ends.
fn closing_after(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(from + LONGEST_ATTRIBUTES);
    let next = *bytes.get(from)?;
    if next.is_ascii_alphanumeric() || matches!(next, b'_' | b'-' | b'.') {
        return None;
    }
    let mut at = from;
    while at < limit {
        match bytes[at] {
            // A tag that closes itself holds nothing: it is neither begin nor end.
            b'>' => return (at == from || bytes[at - 1] != b'/').then_some(at + 1),
            b'<' => return None,
            b'\\' if bytes[at..].len() >= 6 && bytes[at..at + 6].eq_ignore_ascii_case(br"\u003e") => {
                return (bytes[at - 1] != b'/').then_some(at + 6);
            }
            b'\\' if bytes[at..].len() >= 6 && bytes[at..at + 6].eq_ignore_ascii_case(br"\u003c") => {
                return None;
            }
            _ => at += 1,
        }
    }
    None
}

fn private_spans(tags: &[Tag], len: usize) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut open: Option<(usize, u32)> = None;
    for tag in tags.iter().filter(|tag| tag.name == PRIVATE) {
        open = match (open, tag.closes) {
            (None, true) => None,
            (None, false) => Some((tag.start, 1)),
            (Some((start, depth)), false) => Some((start, depth + 1)),
            (Some((start, 1)), true) => {
                spans.push((start, tag.end));
                None
            }
            (Some((start, depth)), true) => Some((start, depth - 1)),
        };
    }
    if let Some((start, _)) = open {
        spans.push((start, len));
    }
    spans
}

fn host_spans(tags: &[Tag]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut last_close = [None; NAMES.len()];
    for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| tag.closes) {
        last_close[tag.name] = Some(at);
    }
    let mut at = 0;
    while at < tags.len() {
        let tag = tags[at];
        let closable = last_close[tag.name].is_some_and(|last| last > at);
        if tag.name == PRIVATE || tag.closes || !closable {
            at += 1;
            continue;
        }
        let Some(close) = close_of(tags, at) else { break };
        spans.push((tag.start, tags[close].end));
        at = close + 1;
    }
    spans
}

/// How many tags a balanced end is looked for in, once the first end was seen.
const FARTHEST_BALANCE: usize = 256;

/// The tag that closes the block opened by `tags[open]`: the balanced one, else the first of its name.
fn close_of(tags: &[Tag], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut first: Option<usize> = None;
    for (at, tag) in tags.iter().enumerate().skip(open).filter(|(_, tag)| tag.name == tags[open].name) {
        if first.is_some_and(|first| at > first + FARTHEST_BALANCE) {
            break;
        }
        if !tag.closes {
            depth += 1;
            continue;
        }
        first = first.or(Some(at));
        depth -= 1;
        if depth == 0 {
            return Some(at);
        }
    }
    first
}

fn cut_out(text: &mut String, spans: &[(usize, usize)]) {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in spans {
        kept.push_str(&text[from..*start]);
        from = *end;
    }
    kept.push_str(&text[from..]);
    *text = kept;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(text: &str) -> (String, u32, u32) {
        let mut text = text.to_owned();
        let Stripped { private, host } = strip(&mut text);
        (text, private, host)
    }

    #[test]
    fn blocks_go_and_the_rest_stays() {
        for (given, wanted, private, host) in [
            ("no tags at all < private >", "no tags at all < private >", 0, 0),
            ("a <private>x</private> b", "a  b", 1, 0),
            ("<private>x</private>", "", 1, 0),
            ("<private reason=\"why\">x\ny</private>z", "z", 1, 0),
            ("a<PRIVATE>x</Private>b", "ab", 1, 0),
            ("a<private>x</private>b<private>y</private>c", "abc", 2, 0),
            ("a<private>x<private>y</private>z</private>b", "ab", 1, 0),
            ("a<private>x<private>y</private>z", "a", 1, 0),
            ("keep <private>lost to the end", "keep", 1, 0),
            ("a</private>b", "a</private>b", 0, 0),
            ("a<private/>b", "a<private/>b", 0, 0),
            ("privately <privates>x</privates>", "privately <privates>x</privates>", 0, 0),
            ("<system-reminder>x</system-reminder>hello", "hello", 0, 1),
            ("<system-reminder>unclosed", "<system-reminder>unclosed", 0, 0),
            ("<system-reminder>a<system-reminder>b</system-reminder>c", "c", 0, 1),
            (
                "<system_instruction>x</system_instruction><system-instruction>y</system-instruction>",
                "",
                0,
                2,
            ),
            ("<persisted-output>p</persisted-output>q<claude-mem-context>c</claude-mem-context>", "q", 0, 2),
            ("<system-reminder> <private> </system-reminder> s </private> t", "<system-reminder>  t", 1, 0),
        ] {
            assert_eq!(after(given), (wanted.to_owned(), private, host), "{given}");
        }
    }

    #[test]
    fn tags_inside_json_text_are_found() {
        for given in [
            r#"{"a":"x<private>planted<\/private>y"}"#,
            r#"{"a":"x\u003cprivate\u003eplanted\u003c/private\u003ey"}"#,
            r#"{"a":"x\u003Cprivate why=\"b\"\u003Eplanted\u003C\/private\u003Ey"}"#,
        ] {
            assert_eq!(after(given), (r#"{"a":"xy"}"#.to_owned(), 1, 0), "{given}");
        }
        let twice = r#"{"a":"{\"b\":\"x\\u003cprivate\\u003eplanted\\u003c/private\\u003ey\"}"}"#;
        assert_eq!(after(twice).0, r#"{"a":"{\"b\":\"xy\"}"}"#);
    }

    proptest! {
        #[test]
        fn never_panics_and_never_leaks(before in "\\PC{0,40}", between in "[^<\\\\]{0,40}", behind in "\\PC{0,40}") {
            let mut text = format!("{before}<private>{between}PLANTED</private>{behind}");
            strip(&mut text);
            prop_assert!(!text.contains("PLANTED"), "{}", text);
        }

        #[test]
        fn tag_soup_is_survived(soup in proptest::collection::vec(
            prop_oneof![
                Just("<private>"), Just("</private>"), Just("<system-reminder>"), Just("</system-reminder>"),
                Just("\\u003cprivate\\u003e"), Just("<private"), Just("é"), Just("text"), Just("\\"), Just(">"),
            ], 0..30)
        ) {
            let mut text = soup.concat();
            let before = text.len();
            strip(&mut text);
            prop_assert!(text.len() <= before);
        }
    }
}
