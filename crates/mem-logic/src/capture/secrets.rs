//! Redacts secrets: finds them by what stands around them and puts `[redacted:<kind>]` in their place.
//!
//! One pass of one automaton finds the anchors (beginnings of keys, names of variables, headers, `://`); only
//! there a hand-written check looks closer. So ordinary text costs one table walk, and no rule can backtrack.
//! Only values go: names, hosts and users stay, since a memory of what was done needs them.
//!
//! What is hidden by colour codes, invisible characters or escapes is looked for in a view without them.
//!
//! The result holds no further secret by the same rules: redacting again changes nothing.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use mem_core::settings::Settings;

use super::alphabet::{begins_word, looks_random};
use super::assignments;
use super::commands;
use super::headers;
use super::pairs;
use super::patterns::{PATTERNS, Pattern, Sure};
use super::spans::{Span, Spans, merged};

/// How many secrets of each kind were redacted.
pub type Counts = BTreeMap<&'static str, u32>;

/// Finds and replaces secrets; made once, used for every text.
#[derive(Debug)]
pub struct Redactor {
    finder: AhoCorasick,
}

/// A closer look at an anchor: the text, where the anchor begins and ends, and where to put what was found.
type Look = fn(&[u8], usize, usize, &mut Spans);

/// The anchors that are no beginnings of keys, and who looks closer.
const LOOKS: &[(&str, Look)] = &[
    ("password", assignments::look),
    ("passwd", assignments::look),
    ("passphrase", assignments::look),
    ("passwort", assignments::look),
    ("pass", assignments::look),
    ("pwd", assignments::look),
    ("secret", assignments::look),
    ("token", assignments::look),
    ("credential", assignments::look),
    ("auth", assignments::look),
    ("dsn", assignments::look),
    ("pw", assignments::look),
    ("session", assignments::look),
    ("connection", assignments::look),
    ("key", assignments::look),
    ("value", pairs::look),
    ("default", pairs::look),
    ("://", headers::connection_url),
    ("authorization", headers::authorization),
    ("bearer ", headers::bearer),
    ("cookie", headers::cookies),
    ("-u", headers::basic_user),
    ("--user", headers::basic_user),
    ("sshpass -p", headers::flag_value),
    ("--with-token", commands::piped),
    ("secret put", commands::piped),
    ("secret set", commands::piped),
    ("--password-stdin", commands::piped),
    ("sig=", headers::signature),
    ("X-Amz-Signature=", headers::long_signature),
    ("machine ", headers::netrc),
    (":5432:", headers::pgpass),
    ("$2a$", headers::password_hash),
    ("$2b$", headers::password_hash),
    ("$2y$", headers::password_hash),
    ("$1$", headers::password_hash),
    ("$5$", headers::password_hash),
    ("$6$", headers::password_hash),
    ("$y$", headers::password_hash),
    ("$apr1$", headers::password_hash),
    ("$argon2", headers::password_hash),
    (":APA91b", headers::firebase),
    ("-----BEGIN", headers::private_key),
    ("Private-Lines:", headers::putty_lines),
    ("eyJ", headers::json_web_token),
    (":AA", headers::telegram_token),
    (".", headers::discord_token),
];

/// The anchors of looks that read far and find one whole thing, in which the same anchor finds no more.
const READ_FAR: [&str; 4] = ["-----BEGIN", "Private-Lines:", "eyJ", "authorization"];

/// Passes over one text at most: each takes out what the one before laid bare, and one is nearly always all.
const MOST_PASSES: usize = 8;

/// How much of a value is read to tell whether it is a secret, in bytes; of a secret, all is replaced.
pub(super) const LONGEST_PROBE: usize = 512;

impl Redactor {
    /// Compiles the anchors. No setting changes what a secret is yet; they are taken so that one may.
    pub fn new(_settings: &Settings) -> Self {
        let anchors = PATTERNS
            .iter()
            .map(|pattern| pattern.anchor)
            .chain(commands::anchors())
            .chain(LOOKS.iter().map(|(anchor, _)| *anchor));
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(anchors)
            .expect("a fixed table of short anchors makes an automaton");
        Self { finder }
    }

    /// Replaces every secret in `text` by a visible placeholder and says how many of each kind there were.
    pub fn redact(&self, text: &mut String) -> Counts {
        let mut counts = Counts::new();
        for _ in 0..MOST_PASSES {
            let mut spans = self.spans(text.as_bytes());
            // Both before anything is replaced: the half of a key that the text shows must not be taken
            // away from the view that shows all of it.
            if let Some(view) = View::of(text) {
                let seen = self.spans(&view.bytes).into_iter().map(|span| view.placed(span));
                spans = merged(spans.into_iter().chain(seen).collect());
            }
            if spans.is_empty() {
                break;
            }
            for span in &spans {
                *counts.entry(span.kind).or_default() += 1;
            }
            *text = replaced(text, &spans);
        }
        counts
    }

    /// What is to be replaced in `bytes`, sorted, none overlapping.
    fn spans(&self, bytes: &[u8]) -> Vec<Span> {
        let mut spans = Spans::default();
        // How far each anchor's own finds reach.
        let mut reached = vec![0_usize; self.finder.patterns_len()];
        for hit in self.finder.find_overlapping_iter(bytes) {
            let at = hit.pattern().as_usize();
            // What other rules found says nothing about this one: its secret may reach beyond theirs. But an
            // anchor inside what the same anchor found would find the same end again; not to look there keeps
            // rules that read far ahead from reading the same text again and again.
            if hit.end() <= reached[at] {
                continue;
            }
            let before = spans.len();
            let nests = match PATTERNS.get(at) {
                Some(pattern) => {
                    key(pattern, bytes, hit.start(), &mut spans);
                    false
                }
                None if at < PATTERNS.len() + commands::ANCHORS => {
                    commands::look(at - PATTERNS.len(), bytes, hit.start(), hit.end(), &mut spans);
                    true
                }
                None => {
                    let (anchor, look) = LOOKS[at - PATTERNS.len() - commands::ANCHORS];
                    look(bytes, hit.start(), hit.end(), &mut spans);
                    !READ_FAR.contains(&anchor)
                }
            };
            if !nests {
                reached[at] = reached[at].max(spans.reach(before));
            }
        }
        spans.merged()
    }
}

/// A text as people see it: without colour codes and characters of no width, with `\u0061` as the letter.
///
/// Such things stand in the middle of a key when a search paints what it found, or when a program escapes
/// more than it must. Quotes and backslashes stay escaped: what is a quote to whom is for the rules to tell.
struct View {
    bytes: Vec<u8>,
    /// Where each of the bytes stands in the text: where it begins and where it ends.
    places: Vec<(usize, usize)>,
}

/// Longest colour code, in bytes.
const LONGEST_CODE: usize = 32;

impl View {
    /// The view of `text`; none where it shows nothing else than the text.
    fn of(text: &str) -> Option<Self> {
        let invisible = || text.bytes().any(|byte| matches!(byte, 0xE2 | 0xEF | 0xC2));
        if !(text.contains('\u{1b}') || text.contains("\\u") || invisible()) {
            return None;
        }
        let bytes = text.as_bytes();
        let mut view = Self { bytes: Vec::new(), places: Vec::new() };
        let mut at = 0;
        while at < bytes.len() {
            let (len, shown) = shown_at(bytes, at);
            match shown {
                Shown::Itself => (at..at + len).for_each(|at| view.show(bytes[at], at, at + 1)),
                Shown::Letter(letter) => view.show(letter, at, at + len),
                Shown::Nothing => {}
            }
            at += len;
        }
        (view.bytes.len() < bytes.len()).then_some(view)
    }

    fn show(&mut self, byte: u8, start: usize, end: usize) {
        self.bytes.push(byte);
        self.places.push((start, end));
    }

    /// A span of the view, as it stands in the text.
    fn placed(&self, span: Span) -> Span {
        Span { start: self.places[span.start].0, end: self.places[span.end - 1].1, ..span }
    }
}

/// What is seen of a piece of text.
enum Shown {
    Itself,
    Letter(u8),
    Nothing,
}

/// How many bytes belong together at `at`, and what is seen of them.
fn shown_at(bytes: &[u8], at: usize) -> (usize, Shown) {
    match bytes[at..] {
        [0x1b, b'[', ..] => match code_end(bytes, at + 2) {
            Some(end) => (end - at, Shown::Nothing),
            None => (1, Shown::Itself),
        },
        // Zero-width space and joiners, marks of direction, word joiner, byte order mark, soft hyphen.
        [0xE2, 0x80, 0x8B..=0x8F, ..] | [0xE2, 0x81, 0xA0, ..] | [0xEF, 0xBB, 0xBF, ..] => {
            (3, Shown::Nothing)
        }
        [0xC2, 0xAD, ..] => (2, Shown::Nothing),
        [b'\\', ..] => {
            let slashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
            let digits = at + slashes + 1;
            let code = bytes
                .get(digits..digits + 4)
                .filter(|_| bytes[digits - 1] == b'u')
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let end = digits + 4;
            match code {
                Some(0x1b) if bytes.get(end) == Some(&b'[') => match code_end(bytes, end + 1) {
                    Some(end) => (end - at, Shown::Nothing),
                    None => (slashes, Shown::Itself),
                },
                Some(0x200B..=0x200F | 0x2060 | 0xFEFF | 0xAD) => (end - at, Shown::Nothing),
                Some(code @ 0x21..0x7F) if !matches!(code, 0x22 | 0x27 | 0x5C | 0x60) => {
                    (end - at, Shown::Letter(code as u8))
                }
                _ => (slashes, Shown::Itself),
            }
        }
        _ => (1, Shown::Itself),
    }
}

/// Where the colour code ends whose numbers begin at `from`.
fn code_end(bytes: &[u8], from: usize) -> Option<usize> {
    let limit = bytes.len().min(from + LONGEST_CODE);
    let last = (from..limit).find(|at| !matches!(bytes[*at], 0x20..=0x3F))?;
    matches!(bytes[last], 0x40..=0x7E).then_some(last + 1)
}

/// Adds `more` to `counts`.
pub(super) fn add(counts: &mut Counts, more: Counts) {
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
}

fn key(pattern: &Pattern, bytes: &[u8], start: usize, spans: &mut Spans) {
    let from = start + pattern.anchor.len();
    if !bytes[start..].starts_with(pattern.anchor.as_bytes()) {
        return;
    }
    let probe = bytes.len().min(from + LONGEST_PROBE);
    let mut end = pattern.body.run(&bytes[..probe], from);
    while end > from && bytes[end - 1] == b'.' {
        end -= 1; // the end of a sentence
    }
    if end < from + pattern.least
        || (pattern.sure != Sure::Anywhere && !begins_word(bytes, start))
        || (pattern.sure == Sure::Random && !looks_random(&bytes[from..end]))
    {
        return;
    }
    if end == probe {
        end = pattern.body.run(bytes, end);
    }
    spans.push(Span { start, end, kind: pattern.kind });
}

fn replaced(text: &str, spans: &[Span]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        kept.push_str(&text[from..span.start]);
        kept.push_str("[redacted:");
        kept.push_str(span.kind);
        kept.push(']');
        from = span.end;
    }
    kept.push_str(&text[from..]);
    kept
}
