//! A chunk taken apart: the compound whole, the ends of its path, its segments, its words, their humps.

use super::brand::is_brand;
use super::chars::{Kind, kind};
use super::push;
use super::scan::{Term, View};

/// Bytes of a compound whose words are also known written together: longer ones are sentences with hyphens.
const JOINED: usize = 32;
/// Words of such a compound.
const JOINED_WORDS: usize = 3;
/// From this length on a word that changes its case all the time is no name but data (base64).
const NAME: usize = 12;

/// Room to take chunks apart in, used again for each.
#[derive(Default)]
pub(super) struct Split {
    units: Vec<Unit>,
    spans: Vec<Span>,
    cuts: Vec<usize>,
}

/// One character with its marks.
#[derive(Clone, Copy)]
struct Unit {
    at: usize,
    kind: Kind,
    /// The character, when it is ASCII.
    byte: u8,
}

impl Unit {
    fn is_letter(self) -> bool {
        matches!(self.kind, Kind::Lower | Kind::Upper)
    }

    fn joins(self) -> bool {
        matches!(self.kind, Kind::Joint | Kind::Under)
    }
}

/// A term to be; places in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    start: usize,
    /// The longest first.
    end: std::cmp::Reverse<usize>,
    view: View,
    joined: bool,
}

impl Split {
    /// Takes the terms of `text[start..end]`, a chunk without spaces; those of code where they are wanted.
    pub(super) fn chunk(
        &mut self,
        found: &mut Vec<Term>,
        text: &str,
        (start, end): (usize, usize),
        code: bool,
    ) {
        self.read(text, start, end);
        let Some(edges) = self.edges() else { return };
        self.spans.clear();
        if self.is_compound(text, edges) {
            self.compound(text, edges);
        } else {
            self.add(View::Word, edges.body, edges.end);
        }
        self.spans.sort_unstable();
        self.spans.dedup();
        for span in &self.spans {
            let place = (span.start, span.end.0);
            match span.view {
                View::Word if span.joined => push::joined(found, text, place),
                View::Word => push::word(found, text, place, ""),
                View::Code if code => push::code(found, text, place),
                View::Code => {}
            }
        }
    }

    fn read(&mut self, text: &str, start: usize, end: usize) {
        self.units.clear();
        for (at, c) in text[start..end].char_indices() {
            let kind = kind(c);
            if kind != Kind::Mark {
                self.units.push(Unit { at: start + at, kind, byte: if c.is_ascii() { c as u8 } else { 0 } });
            }
        }
        // so that every unit has an end
        self.units.push(Unit { at: end, kind: Kind::Break, byte: 0 });
    }

    /// The chunk without the punctuation around it; none when it is nothing else.
    fn edges(&self) -> Option<Edges> {
        let units = &self.units[..self.units.len() - 1];
        let body = units.iter().position(|unit| unit.kind != Kind::Joint)?;
        let end = units.iter().rposition(|unit| unit.kind != Kind::Joint)? + 1;
        units[body..end].iter().find(|unit| !unit.joins())?;
        let named = units[body].is_letter() || units[body].kind == Kind::Under;
        let lead = match body {
            2 if named && units[0].byte == b'-' && units[1].byte == b'-' => 2,
            1 if matches!(units[0].byte, b'#' | b'/') => 1,
            1 if named && matches!(units[0].byte, b'-' | b'.' | b'@') => 1,
            _ => 0,
        };
        let letter = units[end - 1].is_letter();
        let tail = match &units[end..] {
            [plus, more] if letter && plus.byte == b'+' && more.byte == b'+' => 2,
            [sharp] if letter && end - body == 1 && sharp.byte == b'#' => 1,
            _ => 0,
        };
        Some(Edges { lead: body - lead, body, end, tail: end + tail })
    }

    fn is_compound(&mut self, text: &str, edges: Edges) -> bool {
        let body = &self.units[edges.body..edges.end];
        let digit = body.iter().any(|unit| unit.kind == Kind::Digit);
        if edges.lead < edges.body
            || edges.end < edges.tail
            || body.iter().any(|unit| unit.joins())
            || digit && body.iter().any(|unit| unit.is_letter())
        {
            return true;
        }
        self.humps(text, edges.body, edges.end);
        !self.cuts.is_empty()
    }

    fn compound(&mut self, text: &str, Edges { lead, body, end, tail }: Edges) {
        self.add(View::Code, lead, tail);
        if self.units[tail].at - self.units[lead].at <= push::MOST {
            self.add(View::Code, body, tail);
        }
        let path = self.before_line(body, end);
        if path < end {
            self.add(View::Code, lead, path);
        }
        self.ends(body, path);
        self.version(body, end);
        for joints in [&b"/:#@+"[..], b"/:#@+.", b"/:#@+.-"] {
            self.segments(body, end, joints);
        }
        self.words(text, body, end);
    }

    /// Where a path ends that has a line (and a column) behind it: `src/lex.rs:42:7`.
    fn before_line(&self, body: usize, end: usize) -> usize {
        let mut path = end;
        for _ in 0..2 {
            let digits =
                self.units[body..path].iter().rev().take_while(|unit| unit.kind == Kind::Digit).count();
            let colon = path - digits;
            if digits == 0 || colon < body + 2 || self.units[colon - 1].byte != b':' {
                break;
            }
            path = colon - 1;
        }
        let is_path = self.units[body..path].iter().any(|unit| matches!(unit.byte, b'.' | b'/'));
        if is_path { path } else { end }
    }

    /// Every end of a path that begins behind a `/` or a `::`, and the name of its file without the ending.
    fn ends(&mut self, body: usize, end: usize) {
        let mut name = body;
        for at in body..end - 1 {
            let pair = self.units[at].byte == b':' && at > body && self.units[at - 1].byte == b':';
            if (self.units[at].byte == b'/' || pair) && self.units[at + 1].kind != Kind::Joint {
                if self.units[end].at - self.units[at + 1].at <= push::MOST {
                    self.add(View::Code, at + 1, end);
                }
                name = at + 1;
            }
        }
        let dot = self.units[name..end].iter().rposition(|unit| unit.byte == b'.').map(|dot| name + dot);
        if let Some(dot) = dot.filter(|dot| *dot > name && self.units[dot + 1].is_letter()) {
            self.add(View::Code, name, dot);
        }
    }

    /// `v1.2.3` is also `1.2.3`.
    fn version(&mut self, body: usize, end: usize) {
        let dotted = self.units[body..end].iter().any(|unit| unit.byte == b'.');
        if dotted && matches!(self.units[body].byte, b'v' | b'V') && self.units[body + 1].kind == Kind::Digit
        {
            self.add(View::Code, body + 1, end);
        }
    }

    /// What stands between these joints, when it is more than one character.
    fn segments(&mut self, body: usize, end: usize, joints: &[u8]) {
        let mut from = body;
        for at in body..=end {
            if at == end || joints.contains(&self.units[at].byte) {
                if at > from + 1 && self.units[from..at].iter().any(|unit| !unit.joins()) {
                    self.add(View::Code, from, at);
                }
                from = at + 1;
            }
        }
    }

    /// The runs of letters and digits, and what they are made of.
    fn words(&mut self, text: &str, body: usize, end: usize) {
        let mut from = body;
        let mut runs = 0;
        let mut place = (self.units[end].at, self.units[body].at);
        for at in body..=end {
            if at == end || self.units[at].joins() {
                if at > from {
                    runs += 1;
                    place = (place.0.min(self.units[from].at), self.units[at].at);
                    self.run(text, from, at);
                }
                from = at + 1;
            }
        }
        let mild = self.units[body..end].iter().all(|unit| !unit.joins() || matches!(unit.byte, b'-' | b'_'));
        if mild && (2..=JOINED_WORDS).contains(&runs) && place.1 - place.0 <= JOINED {
            let end = std::cmp::Reverse(place.1);
            self.spans.push(Span { start: place.0, end, view: View::Word, joined: true });
        }
    }

    fn run(&mut self, text: &str, from: usize, end: usize) {
        self.both(from, end);
        self.humps(text, from, end);
        let cuts = std::mem::take(&mut self.cuts);
        let mut start = from;
        for cut in cuts.iter().copied().chain([end]) {
            self.both(start, cut);
            // sha256, utf8: letters and a number
            let letters = self.units[start..cut].iter().take_while(|unit| unit.is_letter()).count();
            let number = start + letters;
            if letters >= 2
                && number < cut
                && self.units[number..cut].iter().all(|unit| unit.kind == Kind::Digit)
            {
                self.both(start, number);
                self.both(number, cut);
            }
            start = cut;
        }
        self.cuts = cuts;
    }

    /// Finds where the case says that another word begins.
    fn humps(&mut self, text: &str, from: usize, end: usize) {
        self.cuts.clear();
        let kinds = |at: usize| if at < end { self.units[at].kind } else { Kind::Break };
        for at in from + 1..end {
            let next = kinds(at + 1);
            // IDs and URLs are words with an s
            let plural = at + 2 == end && self.units[at + 1].byte == b's';
            let cut = match (kinds(at - 1), kinds(at)) {
                (Kind::Lower, Kind::Upper) => true,
                (Kind::Upper, Kind::Upper) => next == Kind::Lower && !plural,
                (Kind::Digit, Kind::Upper) => next == Kind::Lower,
                _ => false,
            };
            if cut {
                self.cuts.push(at);
            }
        }
        let length = end - from;
        // a hump of a name has more than two and a half letters on average
        let data = length > NAME && (self.cuts.len() + 1) * 5 > length * 2;
        let brand = !self.cuts.is_empty() && {
            let word = &text[self.units[from].at..self.units[end].at];
            word.is_ascii() && is_brand(&word.to_ascii_lowercase())
        };
        if data || brand {
            self.cuts.clear();
        }
    }

    fn both(&mut self, from: usize, end: usize) {
        self.add(View::Word, from, end);
        if end > from + 1 {
            self.add(View::Code, from, end);
        }
    }

    fn add(&mut self, view: View, from: usize, end: usize) {
        let end = std::cmp::Reverse(self.units[end].at);
        self.spans.push(Span { start: self.units[from].at, end, view, joined: false });
    }
}

/// Where a chunk begins and ends, as units: with what may stand before a name, without it, and with a `++` behind it.
#[derive(Clone, Copy)]
struct Edges {
    lead: usize,
    body: usize,
    end: usize,
    tail: usize,
}
