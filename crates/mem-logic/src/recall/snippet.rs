//! One line of a text, around the place where what was asked for stands densest.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use mem_core::text::floor_boundary;
use unicode_normalization::char::is_combining_mark;

use super::terms::{Term, terms};

/// Bytes of a text that are looked through; a passage has a hundredth of it.
const LOOKED_AT: usize = 128 << 10;
/// Of the room around the finds, this part stands in front of them; what follows says more.
const BEFORE: usize = 3;
/// Where the text goes on.
const MORE: char = '…';

/// A line of a text, and where in it the finds stand, in bytes, in order, without overlap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    /// The line.
    pub line: String,
    /// The finds.
    pub marks: Vec<Range<usize>>,
}

/// The line of [`marked`].
pub fn snippet(text: &str, words: &Words, chars: usize) -> String {
    marked(text, words, chars).line
}

/// What is looked for in texts: words as written, or terms of either view. They are found as the index finds them, not as
/// parts of other words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(HashMap<String, usize>);

impl Words {
    /// Of these.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut wanted: HashMap<String, usize> = HashMap::new();
        for (at, word) in words.into_iter().enumerate() {
            for term in terms(word).into_iter().map(|term| term.text).chain([word.to_owned()]) {
                wanted.entry(term).or_insert(at);
            }
        }
        Self(wanted)
    }
}

/// At most `chars` characters of `text` in one line, around its densest spot of `words`. The text's beginning when there
/// are none.
pub fn marked(text: &str, words: &Words, chars: usize) -> Snippet {
    let line = one_line(&text[..floor_boundary(text, LOOKED_AT)]);
    let finds = finds(&line, words);
    if line.char_indices().nth(chars).is_none() {
        let whole = 0..line.len();
        return Snippet { marks: marks(&finds, &whole, 0), line };
    }
    // an ellipsis on either side
    let room = chars.saturating_sub(2);
    let cut = cut(&line, densest(&line, &finds, room), room);
    let (head, tail) = (cut.start > 0, cut.end < line.len());
    let mut found = String::with_capacity(cut.len() + 2 * MORE.len_utf8());
    // where not even the ellipses have room
    found.extend(std::iter::repeat_n(MORE, usize::from(head && chars > 1)));
    let marks = marks(&finds, &cut, found.len());
    found.push_str(&line[cut]);
    found.extend(std::iter::repeat_n(MORE, usize::from(tail && chars > 0)));
    Snippet { line: found, marks }
}

/// `text` with one space wherever it has space or control characters, none around it.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

/// A find: where it stands, and which of the words it is.
struct Find {
    place: Range<usize>,
    word: usize,
}

fn finds(line: &str, words: &Words) -> Vec<Find> {
    let find = |term: Term| Some(Find { word: *words.0.get(&term.text)?, place: term.start..term.end });
    terms(line).into_iter().filter_map(find).collect()
}

/// From the first to the last find of the best spot: that with most different words, then most finds, then the
/// shortest, then the first.
fn densest(line: &str, finds: &[Find], room: usize) -> Range<usize> {
    let (mut best, mut found) = ((0, 0, Reverse(0)), 0..0);
    let mut counts: HashMap<usize, usize> = HashMap::new();
    let mut places = Places { line, byte: 0, chars: 0 };
    // of the finds of the spot, how many characters stand in front of each
    let mut starts = Vec::with_capacity(finds.len());
    let mut first = 0;
    for (last, find) in finds.iter().enumerate() {
        let start = places.chars_before(find.place.start);
        starts.push(start);
        let end = start + line[find.place.clone()].chars().count();
        *counts.entry(find.word).or_default() += 1;
        while first < last && end - starts[first] > room {
            let count = counts.entry(finds[first].word).or_default();
            *count -= 1;
            if *count == 0 {
                counts.remove(&finds[first].word);
            }
            first += 1;
        }
        let value = (counts.len(), last - first + 1, Reverse(start - starts[first]));
        if value > best {
            best = value;
            found = finds[first].place.start..find.place.end.max(finds[first].place.end);
        }
    }
    found
}

/// Counts the characters in front of places that only ever move on.
struct Places<'a> {
    line: &'a str,
    byte: usize,
    chars: usize,
}

impl Places<'_> {
    fn chars_before(&mut self, byte: usize) -> usize {
        self.chars += self.line[self.byte..byte].chars().count();
        self.byte = byte;
        self.chars
    }
}

/// `spot` with what stands around it, `room` characters at most: whole words where there are spaces, whole signs anyway.
fn cut(line: &str, spot: Range<usize>, room: usize) -> Range<usize> {
    let left = room.saturating_sub(line[spot.clone()].chars().count());
    let behind = line[spot.end..].chars().take(left).count();
    let before = (left / BEFORE).max(left - behind);
    let reach = line[..spot.start].char_indices().rev().take(before).last().map_or(spot.start, |(at, _)| at);
    let start = if reach == 0 { 0 } else { begin(line, reach, spot.start) };
    let limit = line[start..].char_indices().nth(room).map_or(line.len(), |(at, _)| start + at);
    let end = if limit == line.len() { limit } else { finish(line, limit, spot.end.clamp(start, limit)) };
    start..end
}

/// The first good place to begin in `from..to`.
fn begin(line: &str, from: usize, to: usize) -> usize {
    if line[..from].ends_with(' ') {
        return from;
    }
    let after_space = line[from..to].find(' ').map(|at| from + at + 1);
    let whole = || line[from..to].char_indices().map(|(at, _)| from + at).find(|at| is_edge(line, *at));
    after_space.or_else(whole).unwrap_or(to)
}

/// The last good place to end in `from..=to`; `to` is one where there is none.
fn finish(line: &str, to: usize, from: usize) -> usize {
    if line[to..].starts_with(' ') {
        return to;
    }
    let space = line[from..to].rfind(' ').map(|at| from + at);
    let mut edges = line[from..to].char_indices().rev().map(|(at, _)| from + at);
    space
        .or_else(|| if is_edge(line, to) { Some(to) } else { edges.find(|at| is_edge(line, *at)) })
        .unwrap_or(to)
}

/// Whether a sign that people see ends at `at`: no accent, joiner or half of a flag is torn off.
fn is_edge(line: &str, at: usize) -> bool {
    let grown = |c: char| {
        is_combining_mark(c)
            || matches!(c, '\u{200d}' | '\u{1160}'..='\u{11ff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
    };
    let flag = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let (before, behind) = (line[..at].chars().next_back(), line[at..].chars().next());
    let torn = before.is_some_and(flag) && behind.is_some_and(flag);
    !torn && !behind.is_some_and(grown) && before != Some('\u{200d}')
}

/// The finds within `cut`, in a line that begins `ahead` bytes before it; of those in each other the first and longest.
fn marks(finds: &[Find], cut: &Range<usize>, ahead: usize) -> Vec<Range<usize>> {
    let mut marks: Vec<Range<usize>> = Vec::new();
    for find in finds.iter().filter(|find| cut.start <= find.place.start && find.place.end <= cut.end) {
        let place = find.place.start - cut.start + ahead..find.place.end - cut.start + ahead;
        match marks.last_mut() {
            // pairs of letters run into each other
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => marks.push(place),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str, words: &[&str], chars: usize) -> String {
        let Snippet { mut line, marks } = marked(text, &Words::of(words.iter().copied()), chars);
        for mark in marks.into_iter().rev() {
            line.insert(mark.end, ']');
            line.insert(mark.start, '[');
        }
        line
    }

    #[test]
    fn the_densest_spot_in_one_line() {
        let text = "The build was red.\nWe looked at caches first, and found nothing in them.\n\n\
            Then the cache of the build turned out to hold stale objects, which broke linking.";
        for (words, chars, wanted) in [
            (&["build", "cache"][..], 60, "…Then the [cache] of the [build] turned out to hold stale…"),
            (&["caching"], 40, "…looked at [caches] first, and found…"),
            (
                &["stale", "linking"],
                200,
                "The build was red. We looked at caches first, and found nothing in them. Then the cache of the build turned out to hold [stale] objects, which broke [linking].",
            ),
            (&["absent"], 30, "The build was red. We looked…"),
            (&[], 20, "The build was red.…"),
            (&["uil", "ache"], 20, "The build was red.…"),
            (&["linking"], 31, "…objects, which broke [linking]."),
            (&["build"], 1, "…"),
            (&["build"], 0, ""),
        ] {
            assert_eq!(show(text, words, chars), wanted, "{words:?}");
        }
    }

    #[test]
    fn identifiers_and_other_scripts() {
        assert_eq!(show("see src/lex.rs:42 now", &["lex.rs"], 80), "see src/[lex.rs]:42 now");
        assert_eq!(show("call parseGitUrl()", &["git"], 80), "call parse[Git]Url()");
        assert_eq!(show("call parseGitUrl()", &["parseGitUrl", "url"], 80), "call [parseGitUrl]()");
        assert_eq!(show("日本語の全文検索です", &["検索"], 80), "日本語の全文[検索]です");
        assert_eq!(show(&"日本語".repeat(9), &["語日"], 9), "…[語日]本[語日]本語…");
        assert_eq!(show("a\0b\tc \r\n d", &[], 80), "a b c d");
        assert_eq!(show("die Größe zählt", &["grosse"], 80), "die [Größe] zählt");
        assert_eq!(show(" \n", &["x"], 80), "");
    }

    proptest! {
        #[test]
        fn whatever_it_is_asked_for_it_is_short_and_its_marks_fit(
            text in r"([a-d]{1,6}[ \n./_]|検索|é|e\u{301}|👩\u{200d}👧|🇩🇪|\PC){0,60}", words in proptest::collection::vec("[a-d]{1,3}|検|é", 0..4),
            chars in 0_usize..50,
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let Snippet { line, marks } = marked(&text, &Words::of(words), chars);
            prop_assert!(line.chars().count() <= chars && !line.contains('\n'), "{line:?}");
            let mut last = 0;
            for mark in marks {
                prop_assert!(last <= mark.start && mark.start < mark.end && line.get(mark.clone()).is_some());
                last = mark.end;
            }
            let bare = line.trim_matches(MORE).trim();
            prop_assert!(one_line(&text).contains(bare));
        }
    }
}
