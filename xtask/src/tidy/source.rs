//! One Rust file, seen well enough to hold the rules: what is code, what is a test, where functions lie.
//!
//! A lexer, not a parser: comments, strings and characters are blanked so that the rules can look for words,
//! and braces are matched to find where an item ends. What cannot be told this way is left to clippy.

use std::ops::Range;

/// A Rust file with its words, strings and comments told apart.
pub(crate) struct Source {
    /// The text with the inside of comments, strings and characters blanked; same lines, same bytes.
    pub(crate) code: String,
    /// Byte offsets of line starts.
    starts: Vec<usize>,
    /// Lines (from 1) that belong to tests.
    tests: Vec<Range<usize>>,
    /// Whether all of it is test code.
    pub(crate) all_tests: bool,
}

/// A named item.
pub(crate) struct Item<'a> {
    /// `fn`, `struct`, …
    pub(crate) kind: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
    /// The line of its keyword, from 1.
    pub(crate) line: usize,
    /// Lines from its keyword to its closing brace; 1 when it has no body.
    pub(crate) lines: usize,
}

const KINDS: [&str; 7] = ["fn", "struct", "enum", "trait", "type", "mod", "union"];

impl Source {
    /// Reads one file; its path tells whether all of it is a test.
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let code = blank(text);
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        let name = path.rsplit('/').next().unwrap_or(path);
        let all_tests =
            path.split('/').any(|part| part == "tests") || name == "tests.rs" || name.ends_with("_tests.rs");
        let mut source = Self { code, starts, tests: Vec::new(), all_tests };
        source.tests = source.test_blocks();
        source
    }

    /// The line of a byte offset, from 1.
    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// Whether a line is test code.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.all_tests || self.tests.iter().any(|range| range.contains(&line))
    }

    /// Lines in all, and of them those inside test modules.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let all = self.starts.len().saturating_sub(1);
        (all, self.tests.iter().map(Range::len).sum())
    }

    /// Every function, type and module that has a name.
    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        let words = words(&self.code);
        let mut items = Vec::new();
        for pair in words.windows(2) {
            let (kind, name) = (&self.code[pair[0].clone()], &self.code[pair[1].clone()]);
            if !KINDS.contains(&kind) || !self.code[pair[0].end..pair[1].start].trim().is_empty() {
                continue;
            }
            let line = self.line_of(pair[0].start);
            let end = self.end_of_item(pair[1].end);
            items.push(Item { kind, name, line, lines: self.line_of(end) + 1 - line });
        }
        items
    }

    /// Whether this file says `mod NAME;`.
    pub(crate) fn declares(&self, module: &str) -> bool {
        self.items().iter().any(|item| item.kind == "mod" && item.name == module)
    }

    /// Byte offsets where `needle` stands in the code, as a whole word at its ends.
    pub(crate) fn find(&self, needle: &str) -> Vec<usize> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let hits = self.code.match_indices(needle);
        hits.map(|(at, _)| at)
            .filter(|at| {
                let before = self.code[..*at].chars().next_back();
                let after = self.code[at + needle.len()..].chars().next();
                let starts = !needle.starts_with(is_word) || !before.is_some_and(is_word);
                let ends = !needle.ends_with(is_word) || !after.is_some_and(is_word);
                starts && ends
            })
            .collect()
    }

    /// The offset of the brace or semicolon that ends an item whose name ended at `from`.
    fn end_of_item(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        let mut round = 0_isize;
        for (at, byte) in self.code.bytes().enumerate().skip(from) {
            match byte {
                b'(' | b'[' => round += 1,
                b')' | b']' => round -= 1,
                b'{' => depth += 1,
                b'}' if depth <= 1 => return at,
                b'}' => depth -= 1,
                b';' if depth == 0 && round == 0 => return at,
                _ => {}
            }
        }
        self.code.len()
    }

    fn test_blocks(&self) -> Vec<Range<usize>> {
        let heads = self.code.match_indices("#[cfg(test)]");
        heads
            .map(|(at, head)| {
                let end = self.end_of_item(at + head.len());
                self.line_of(at)..self.line_of(end) + 1
            })
            .collect()
    }
}

/// The words of some code: runs of letters, digits and `_`.
fn words(code: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        let is_word = c.is_alphanumeric() || c == '_';
        match (start, is_word) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Replaces the inside of comments, strings and characters by spaces, byte for byte.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(bytes, at);
        if end == at {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.extend(bytes[at..end].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
            at = end;
        }
    }
    String::from_utf8(out).expect("what is not blanked is whole characters")
}

/// Where the comment, string or character that starts at `at` ends; `at` itself when none starts there.
fn literal_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let after_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
    } else if rest.starts_with(b"/*") {
        at + block_comment(rest)
    } else if let Some(hashes) = raw_string(rest).filter(|_| !after_word) {
        let close: Vec<u8> = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
        let open = rest.iter().position(|byte| *byte == b'"').expect("a raw string has its quote") + 1;
        let inside = rest[open..].windows(close.len()).position(|window| window == close);
        inside.map_or(bytes.len(), |length| at + open + length + close.len())
    } else if rest[0] == b'"' {
        at + quoted(rest, b'"')
    } else if rest[0] == b'\'' && is_character(rest) {
        at + quoted(rest, b'\'')
    } else {
        at
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The number of hashes when a raw string starts here.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let rest = rest.strip_prefix(b"b").unwrap_or(rest).strip_prefix(b"r")?;
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    (rest.get(hashes) == Some(&b'"')).then_some(hashes)
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Tells `'x'` and `'\n'` from the lifetime `'a`.
fn is_character(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'\\') => true,
        Some(first) if first.is_ascii() => rest.get(2) == Some(&b'\''),
        Some(_) => rest.iter().skip(2).take(4).any(|byte| *byte == b'\''),
        None => false,
    }
}
