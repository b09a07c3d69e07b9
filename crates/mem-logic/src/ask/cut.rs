//! Cutting a field: head and tail stay, a mark says how much went.

use crate::distil::tells;

/// Which end of a text says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// The head, 60 to 30: a file, a page, an output that went well.
    Head,
    /// The tail, 60 to 30: an output that ended badly.
    Tail,
}

/// Most lines of a test runner that are saved from what is cut, and characters of each.
const SAVED: usize = 10;
const SAVED_CHARS: usize = 160;

/// `text` in about `limit` characters: nine tenths of them are kept, 60 at the end that says more and 30 at the other,
/// and the mark takes the rest.
pub(super) fn cut(text: &str, limit: usize, keep: Keep) -> String {
    match split(text, limit, keep) {
        None => text.to_owned(),
        Some((head, gone, tail)) => format!("{head}\n{}\n{tail}", mark(gone)),
    }
}

/// As [`cut`], but lines of the middle in which a test runner says how it went are saved, in half the limit at most.
pub(super) fn cut_output(text: &str, limit: usize, keep: Keep) -> String {
    let Some((head, gone, tail)) = split(text, limit, keep) else { return text.to_owned() };
    let (mut saved, mut room) = (Vec::new(), limit / 2);
    for line in gone.lines().filter(|line| tells(line)).take(SAVED) {
        let mut line: String = line.chars().take(SAVED_CHARS).collect();
        let chars = line.chars().count();
        if chars > room {
            break;
        }
        room -= chars;
        line.push('\n');
        saved.push(line);
    }
    format!("{head}\n{}\n{}{tail}", mark(gone), saved.concat())
}

fn mark(gone: &str) -> String {
    format!("… [{} characters left out] …", gone.chars().count())
}

/// Head, middle that goes, tail; none when all of it may stay. The cuts fall on line ends where one is near.
fn split(text: &str, limit: usize, keep: Keep) -> Option<(&str, &str, &str)> {
    let chars = text.chars().count();
    if chars <= limit {
        return None;
    }
    let (head, tail) = match keep {
        Keep::Head => (limit * 6 / 10, limit * 3 / 10),
        Keep::Tail => (limit * 3 / 10, limit * 6 / 10),
    };
    let place = |nth: usize| text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at);
    let (mut from, mut to) = (place(head), place(chars - tail));
    if let Some(end) = text[..from].rfind('\n').filter(|end| end * 5 >= from * 4) {
        from = end;
    }
    from = text[..from].trim_end().len();
    if let Some(start) = text[to..].find('\n').filter(|start| start * 5 <= text.len() - to) {
        to += start + 1;
    }
    Some((&text[..from], &text[from..to], &text[to..]))
}
