//! Quoted text: which words must stand in a row, and whether they do.

use super::terms::{Term, View, is_unspaced, terms, unspaced_start};

/// Words of a phrase; a longer quotation is looked for by its first.
const MOST: usize = 32;

/// Words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// What stands between the quotes.
    pub written: String,
    /// The terms of the word view, in order; never empty.
    pub terms: Vec<String>,
}

impl Phrase {
    /// What `written` asks for; none when it holds no word. Compounds count by their smallest words, so that the phrase
    /// is found however they are spelt.
    pub fn of(written: &str) -> Option<Self> {
        let found = terms(written);
        let words: Vec<&Term> = found.iter().filter(|term| term.view == View::Word).collect();
        let small = smallest(&words).zip(&words).filter(|(small, _)| *small);
        let terms: Vec<String> = small.map(|(_, word)| word.text.clone()).take(MOST).collect();
        (!terms.is_empty()).then(|| Self { written: written.trim().to_owned(), terms })
    }

    /// Whether the index has its terms in a row wherever it stands, but for where a compound is quoted in one word. A lone
    /// letter of a script without spaces is wanted with anything behind it, which the index holds as pairs.
    pub fn is_in_a_row(&self) -> bool {
        !self.terms.iter().any(|term| is_lone(term))
    }

    /// Whether these terms, all of one text in its order, hold the phrase.
    pub fn stands_in(&self, terms: &[Term]) -> bool {
        let words: Vec<&Term> = terms.iter().filter(|term| term.view == View::Word).collect();
        (0..words.len()).any(|at| meets(words[at], &self.terms[0]) && self.goes_on(&words, at))
    }

    /// Whether the phrase stands with its first term at `at`. A compound and its first part may be the same term, so that
    /// there may be several ways to go on.
    fn goes_on(&self, words: &[&Term], at: usize) -> bool {
        let mut places = vec![at];
        for wanted in &self.terms[1..] {
            let mut further: Vec<usize> = places.iter().flat_map(|at| next(words, *at, wanted)).collect();
            further.sort_unstable();
            further.dedup();
            places = further;
        }
        !places.is_empty()
    }
}

/// Of the words of a text, in order: whether each is one of the smallest that the text is made of, neither a compound of
/// those behind it nor a letter that the pair before it holds.
pub(super) fn smallest(words: &[&Term]) -> impl Iterator<Item = bool> {
    words.iter().enumerate().map(|(at, word)| {
        let holds_next =
            words.get(at + 1).is_some_and(|next| next.start == word.start && next.end < word.end);
        !holds_next && !is_tail(&words[..at], word)
    })
}

/// The words that are `wanted` and come next after the one at `at`.
fn next<'a>(words: &'a [&Term], at: usize, wanted: &'a str) -> impl Iterator<Item = usize> + 'a {
    let reach = reach(words[at]);
    let mut next =
        words[at + 1..].iter().position(|word| word.start >= reach).map_or(words.len(), |next| at + 1 + next);
    if next + 1 < words.len() && is_tail(&words[..next], words[next]) {
        next += 1;
    }
    let start = words.get(next).map(|word| word.start);
    (next..words.len())
        .take_while(move |at| Some(words[*at].start) == start)
        .filter(move |at| meets(words[*at], wanted))
}

/// Whether this is the term that is wanted; a lone letter of a script without spaces is wanted with anything behind it.
fn meets(word: &Term, wanted: &str) -> bool {
    word.text == wanted || is_lone(wanted) && word.text.starts_with(wanted)
}

/// Whether this term is one letter of a script without spaces.
pub(super) fn is_lone(term: &str) -> bool {
    let mut chars = term.chars();
    chars.next().is_some_and(is_unspaced) && chars.all(|c| !unspaced_start(c))
}

/// Where the next word in a row may begin: behind this one, or at the second letter of a pair.
fn reach(word: &Term) -> usize {
    // the pair after a pair begins at its second letter, and no other term begins before
    let pair = word.text.chars().next().is_some_and(is_unspaced) && !is_lone(&word.text);
    if pair { word.start + 1 } else { word.end }
}

/// Whether `word` is the last letter of a run that the pair before it holds already: of use in an index, not in a query.
pub(super) fn is_tail(before: &[&Term], word: &Term) -> bool {
    is_lone(&word.text) && before.last().is_some_and(|last| last.end == word.end && last.start < word.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_words() {
        for (phrase, text, stands) in [
            ("disk full", "The disk was full. Disk full!", true),
            ("disk full", "full disk, disk is full", false),
            ("disk full", "disk - full", true),
            ("Full Disks", "a full disk", true),
            ("session start", "on sessionStart we", true),
            ("session start hook", "the session_start-hook ran", true),
            ("start hook", "session_start hook", true),
            ("sessionStart hook", "the session start hook", true),
            ("session hook", "session_start hook", false),
            ("lex.rs", "in src/lex.rs:42", true),
            ("全文検索", "日本語の全文検索です", true),
            ("全文索引", "全文検索の索引", false),
            ("検索", "全文検索", true),
            ("don't stop", "We don’t stop here", true),
            ("検索 foo", "全文検索 foo bar", true),
            ("検索foo", "全文検索とfoo", false),
            ("foo 中", "foo 中文", true),
            ("索", "全文検索", true),
            ("文", "全文検索", true),
            ("edze_mem", "an edzeE edze_mem", true),
            ("edz e mem", "an edzE_mem", true),
            ("one", "none one", true),
        ] {
            assert_eq!(Phrase::of(phrase).unwrap().stands_in(&terms(text)), stands, "{phrase:?} in {text:?}");
        }
        for nothing in ["", " ", "...", "\0", "😀"] {
            assert_eq!(Phrase::of(nothing), None);
        }
        assert_eq!(Phrase::of(&"word ".repeat(100)).unwrap().terms.len(), MOST);
    }

    proptest::proptest! {
        #[test]
        fn a_text_holds_any_part_of_itself(before in "[a-zB-D_ ]{0,20}", part in "[a-z_]{1,8}( [a-zß]{1,8}|[检索全文]{1,4}){0,4}", after in " [a-z ]{0,20}") {
            let Some(phrase) = Phrase::of(&part) else { return Ok(()) };
            let text = format!("{before} {part}{after}");
            proptest::prop_assert!(phrase.stands_in(&terms(&text)), "{phrase:?} in {text:?}");
        }

        #[test]
        fn the_index_has_in_a_row_what_stands_in_a_row(
            words in proptest::collection::vec("[a-c]{1,3}|[a-c]{1,2}[A-C][a-c]|[a-c]{1,2}[_-][a-c]{1,2}|[检索全]{1,3}", 1..8),
            part in proptest::collection::vec("[a-c]{1,3}|[a-c]{1,2}[A-C][a-c]|[检索全]{2,3}", 1..3),
            own in proptest::bool::ANY, from in 0_usize..8, length in 1_usize..4,
        ) {
            let text = words.join(" ");
            let of_text = || words[from.min(words.len() - 1)..(from + length).min(words.len()).max(1)].join(" ");
            let Some(phrase) = Phrase::of(&if own { of_text() } else { part.join(" ") }) else { return Ok(()) };
            let line = super::super::tokens::of_passage(&terms(&text), &[]);
            let tokens: Vec<&str> = line.split(' ').collect();
            let in_a_row = tokens.windows(phrase.terms.len()).any(|row| row.iter().eq(&phrase.terms));
            let stands = phrase.stands_in(&terms(&text));
            let plain = !text.contains(|c: char| c.is_ascii_uppercase() || "_-".contains(c));
            if phrase.is_in_a_row() && (in_a_row || plain) {
                proptest::prop_assert_eq!(in_a_row, stands, "{:?} in {:?}: {}", phrase, text, line);
            }
        }
    }
}
