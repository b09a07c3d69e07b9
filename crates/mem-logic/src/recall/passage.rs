//! A document cut into passages: pieces short enough that one matter fills them.

use std::ops::Range;

use super::terms::is_unspaced;

/// Words of a passage at most: about what an observation or a long paragraph has.
pub const WORDS: usize = 120;
/// A rest of fewer words joins its predecessor.
pub const REST: usize = 20;
/// Passages of one document; what is beyond them is not searched. Some 7,000 words, which nobody says in one go.
pub const MOST: usize = 64;

/// The fewest words in front of a cut, so that a heading stays with what it is over.
const LEAST: usize = WORDS / 3;
/// Bytes that count as a word where no space comes: nothing readable has longer ones.
const LONG: usize = 32;
/// Letters that make a word in scripts without spaces, about.
const LETTERS: usize = 2;

/// How good a place is to cut at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    Anywhere,
    Space,
    Sentence,
    Line,
    Paragraph,
}

/// A word and what comes behind it.
struct Piece {
    start: usize,
    end: usize,
    behind: Break,
}

/// The passages of `text`, in its order, without the space around them. They cover all that is not blank, but for what
/// lies behind the [`MOST`]th.
pub fn passages(text: &str) -> Vec<Range<usize>> {
    let pieces = pieces(text);
    let mut passages = Vec::new();
    let mut from = 0;
    while from < pieces.len() && passages.len() < MOST {
        let end = if pieces.len() - from < WORDS + REST {
            pieces.len()
        } else {
            from + cut(&pieces[from..from + WORDS])
        };
        let end = if pieces.len() - end < REST { pieces.len() } else { end };
        passages.push(pieces[from].start..pieces[end - 1].end);
        from = end;
    }
    passages
}

/// Behind how many of these pieces to cut: at the best break, and of those at the last.
fn cut(pieces: &[Piece]) -> usize {
    let best = pieces.iter().enumerate().skip(LEAST - 1).max_by_key(|(at, piece)| (piece.behind, *at));
    best.map_or(pieces.len(), |(at, _)| at + 1)
}

/// The words of `text`, as many as passages can take.
fn pieces(text: &str) -> Vec<Piece> {
    // one more passage than is given, so that the last one does not believe it ends the text
    const ENOUGH: usize = (MOST + 1) * WORDS + REST;
    let mut pieces: Vec<Piece> = Vec::with_capacity((text.len() / 6).min(ENOUGH));
    let mut begun: Option<usize> = None;
    let mut letters = 0;
    let mut lines = 0;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            if let Some(start) = begun.take() {
                pieces.push(Piece { start, end: at, behind: ending(&text[start..at]).max(Break::Space) });
                lines = 0;
            }
            lines += usize::from(c == '\n');
            if let (Some(last), 1..) = (pieces.last_mut(), lines) {
                last.behind = if lines > 1 { Break::Paragraph } else { Break::Line };
            }
            continue;
        }
        if pieces.len() >= ENOUGH {
            return pieces;
        }
        let start = *begun.get_or_insert_with(|| {
            letters = 0;
            at
        });
        letters += usize::from(is_unspaced(c));
        let end = at + c.len_utf8();
        let stop = matches!(c, '。' | '！' | '？' | '｡');
        if stop || letters >= LETTERS || end - start >= LONG {
            let behind = if stop { Break::Sentence } else { Break::Anywhere };
            // marks of the last letter, and a stop behind it, are better where it is
            if !text[end..].starts_with(grown_on) {
                pieces.push(Piece { start, end, behind });
                begun = None;
                lines = 0;
            }
        }
    }
    if let Some(start) = begun {
        pieces.push(Piece { start, end: text.len(), behind: Break::Paragraph });
    }
    pieces
}

fn grown_on(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
        || matches!(c, '\u{200d}' | '。' | '！' | '？' | '｡' | '、' | '，')
}

/// Whether a word ends a sentence. An abbreviation does now and then; a cut there does no harm.
fn ending(word: &str) -> Break {
    let bare = word.trim_end_matches(['"', '\'', ')', ']', '*', '_', '`', '”', '’', '»']);
    let ends = bare.ends_with(['.', '!', '?', '…', '؟', '।']) && bare.chars().any(char::is_alphanumeric);
    if ends { Break::Sentence } else { Break::Space }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(count: usize) -> String {
        (0..count).map(|at| format!("w{at}")).collect::<Vec<_>>().join(" ")
    }

    fn sizes(text: &str) -> Vec<usize> {
        passages(text).into_iter().map(|range| text[range].split_whitespace().count()).collect()
    }

    #[test]
    fn small_texts_are_one_passage() {
        for text in ["", " \n\t ", "\u{3000}"] {
            assert!(passages(text).is_empty(), "{text:?}");
        }
        assert_eq!(passages("  one word \n"), vec![2..10]);
        assert_eq!(sizes(&words(139)), [139]);
        assert_eq!(sizes(&words(140)), [120, 20]);
        assert_eq!(sizes(&words(250)), [120, 130]);
    }

    #[test]
    fn cuts_where_it_reads_best() {
        let (a, b, c) = (words(60), words(50), words(70));
        assert_eq!(sizes(&format!("{a}\n\n{b}\n{c}")), [60, 120]);
        assert_eq!(sizes(&format!("{a}\n{b}. {c}")), [60, 120]);
        assert_eq!(sizes(&format!("{a} \n \n{b}\n\n{c}")), [110, 70]);
        assert_eq!(sizes(&format!("{a} {b}. {c}")), [110, 70]);
        assert_eq!(sizes(&format!("# Heading\n\n{} {b}", words(100))), [120, 32]);
        assert_eq!(sizes(&format!("{a} {b}.) {c}")), [110, 70]);
    }

    #[test]
    fn texts_without_spaces_are_cut_too() {
        let chinese = "这是一个很长的句子没有空格。".repeat(40);
        let found = passages(&chinese);
        assert!(
            found.len() > 1 && found.iter().all(|range| chinese[range.clone()].ends_with('。')),
            "{found:?}"
        );
        let data = "x".repeat(100_000);
        let found = passages(&data);
        assert!(found.iter().all(|range| range.len() <= (WORDS + REST) * LONG));
        assert_eq!(found.last().map(|range| range.end), Some(100_000));
    }

    #[test]
    fn a_giant_text_ends_somewhere() {
        let text = words(200_000);
        let found = passages(&text);
        assert_eq!(found.len(), MOST);
        assert!(found.iter().all(|range| text[range.clone()].split(' ').count() == WORDS));
    }

    proptest! {
        #[test]
        fn everything_is_covered_once_and_in_order(text in r"(\PC{0,9}|[a-z]{1,40}|检索。|[.!] |[ \n]{1,3}){0,400}") {
            let found = passages(&text);
            let mut last = 0;
            for range in &found {
                prop_assert!(text[last..range.start].trim().is_empty());
                prop_assert_eq!(text[range.clone()].trim(), &text[range.clone()]);
                prop_assert!(!range.is_empty());
                last = range.end;
            }
            prop_assert!(found.len() == MOST || text[last..].trim().is_empty());
            prop_assert_eq!(passages(&text), found);
        }
    }
}
