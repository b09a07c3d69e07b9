//! One pass over a text: finds its chunks, and takes plain words out at once.

use super::chars::{ASCII, Kind, kind};
use super::push;
use super::split::Split;
use super::unspaced;

/// The version of the analysis. What was indexed with another one does not meet what is asked now: it grows with any
/// change of what [`terms`] gives or of how the index holds it, and the index is built anew.
pub const VERSION: u32 = 3;

/// Bytes of a chunk that is looked at closely; a longer one is data in some encoding.
const CHUNK: usize = 256;

/// For whom a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Language: folded and stemmed.
    Word,
    /// Identifiers, paths and the like, as written but for capitals, and their parts.
    Code,
}

/// One thing that can be looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// In which view.
    pub view: View,
    /// What the index holds; at most 64 bytes, never empty, no space in it.
    pub text: String,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The terms of any text, in its order; where several begin at one place, the longest first, the word before the code.
pub fn terms(text: &str) -> Vec<Term> {
    scan(text, true)
}

/// Those of [`terms`] that are words.
pub fn words(text: &str) -> Vec<Term> {
    scan(text, false)
}

fn scan(text: &str, code: bool) -> Vec<Term> {
    // a word of English and its space
    let found = Vec::with_capacity(text.len() / 6 + 1);
    let mut scan = Scan { text, found, code, split: Split::default() };
    let mut at = 0;
    while at < text.len() {
        at = scan.step(at);
    }
    scan.found
}

struct Scan<'a> {
    text: &'a str,
    found: Vec<Term>,
    /// Whether terms of code are wanted too.
    code: bool,
    split: Split,
}

impl Scan<'_> {
    /// Takes what begins at `at`; gives where to go on.
    fn step(&mut self, at: usize) -> usize {
        let (first, width) = self.kind_at(at);
        match first {
            Kind::Break | Kind::Apostrophe | Kind::Mark => at + width,
            Kind::Unspaced => unspaced::run(&mut self.found, self.text, at),
            Kind::Lower | Kind::Upper => match self.plain(at) {
                Some(end) => {
                    push::word(&mut self.found, self.text, (at, end), "");
                    end
                }
                None => self.chunk(at),
            },
            Kind::Digit | Kind::Under | Kind::Joint => self.chunk(at),
        }
    }

    fn kind_at(&self, at: usize) -> (Kind, usize) {
        match self.text.as_bytes()[at] {
            byte if byte.is_ascii() => (ASCII[usize::from(byte)], 1),
            _ => self.text[at..].chars().next().map_or((Kind::Break, 1), |c| (kind(c), c.len_utf8())),
        }
    }

    /// The end of a plain ASCII word that begins at `at` and has nothing grown on: most of most texts.
    fn plain(&self, at: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[at..];
        let length = 1 + rest[1..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let after = |at: usize| {
            rest.get(at)
                .map_or(Kind::Break, |byte| ASCII.get(usize::from(*byte)).copied().unwrap_or(Kind::Mark))
        };
        let ends = match after(length) {
            Kind::Break => true,
            // the full stop of a sentence, not of a file name; `C#` keeps its sign
            Kind::Joint => rest[length] != b'#' && after(length + 1) == Kind::Break,
            _ => false,
        };
        (ends && rest[0].is_ascii()).then_some(at + length)
    }

    /// Takes the chunk that begins at `start`: all up to a space, a bracket, another script.
    fn chunk(&mut self, start: usize) -> usize {
        let mut end = start;
        let mut letters = true;
        let mut last = Kind::Break;
        while end < self.text.len() {
            let (kind, width) = self.kind_at(end);
            if matches!(kind, Kind::Break | Kind::Apostrophe | Kind::Unspaced) {
                last = kind;
                break;
            }
            letters &= matches!(kind, Kind::Lower | Kind::Upper | Kind::Mark);
            end += width;
        }
        let (grown, next) =
            if last == Kind::Apostrophe { self.suffix(start, end, letters) } else { ("", end) };
        if !grown.is_empty() {
            push::word(&mut self.found, self.text, (start, end), grown);
            if let Some(word) = self.found.last_mut() {
                word.end = next;
            }
        } else if end - start > CHUNK {
            self.data(start, end);
        } else {
            self.split.chunk(&mut self.found, self.text, (start, end), self.code);
        }
        next
    }

    /// What follows an apostrophe after the chunk: letters that belong to it (don't is one word), and where to go on.
    /// The other English endings are passed over; anything else (l'ami, O'Brien) is a word of its own.
    fn suffix(&self, start: usize, end: usize, letters: bool) -> (&'static str, usize) {
        let quote = self.text[end..].chars().next().map_or(0, char::len_utf8);
        let rest = &self.text[end + quote..];
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let ended =
            rest[length..].chars().next().is_none_or(|c| matches!(kind(c), Kind::Break | Kind::Joint));
        let is = |ending: &str| ended && rest[..length].eq_ignore_ascii_case(ending);
        let next = end + quote + length;
        if is("t") && letters && self.text[start..end].ends_with(['n', 'N']) {
            ("t", next)
        } else if ["s", "m", "d", "ll", "re", "ve"].into_iter().any(is) {
            ("", next)
        } else {
            ("", end)
        }
    }

    /// A chunk that nobody typed: its runs of letters and digits, unsplit, and its beginning.
    fn data(&mut self, start: usize, end: usize) {
        if self.code && self.text[start..end].starts_with(char::is_alphanumeric) {
            push::code(&mut self.found, self.text, (start, end));
        }
        let mut begun = None;
        for (at, c) in self.text[start..end].char_indices().map(|(at, c)| (start + at, c)).chain([(end, ' ')])
        {
            let inside = matches!(kind(c), Kind::Lower | Kind::Upper | Kind::Digit | Kind::Mark);
            match (inside, begun) {
                (true, None) => begun = Some(at),
                (false, Some(from)) => {
                    push::word(&mut self.found, self.text, (from, at), "");
                    begun = None;
                }
                _ => {}
            }
        }
    }
}
