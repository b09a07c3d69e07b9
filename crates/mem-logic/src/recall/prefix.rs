//! `config*`: words of which only the beginning is typed.

use super::terms::{View, folded, in_chunk, is_unspaced, stem, terms};

/// Characters before the star; fewer begin half the words there are.
const LEAST: usize = 2;
/// Endings that a stem loses: with them a beginning becomes a word, of which the index may hold less than was typed.
const ENDINGS: [&str; 20] = [
    "e", "s", "es", "ed", "ing", "ion", "ions", "ation", "or", "er", "ly", "al", "ity", "ment", "ive",
    "able", "ance", "ness", "y", "ies",
];

/// A beginning of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// As typed, without the star.
    pub written: String,
    /// In which view.
    pub view: View,
    /// What the terms begin with: folded, not stemmed.
    pub term: String,
    /// Whole terms that do not begin so, but whose words do: `configur` for `configurat`.
    pub stems: Vec<String>,
}

/// What stands before a star.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Starred {
    /// The beginning of terms.
    Beginning(Prefix),
    /// A word of too few characters to begin others, with its star.
    TooShort(String),
}

impl Prefix {
    /// What is typed before the star at `star`, and where it begins; none when the star is an ordinary one: `*bold*`, `**`,
    /// `2*3`, `*.rs`.
    pub(super) fn at(text: &str, star: usize) -> Option<(Starred, usize)> {
        let (before, behind) = (&text[..star], &text[star + 1..]);
        let mut start = before.char_indices().rev().take_while(|(_, c)| in_chunk(*c)).last()?.0;
        let ends_in_name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let stops = behind.chars().next().is_none_or(|c| !in_chunk(c) && !is_unspaced(c) && c != '*');
        // what stands on the left may be the other half of the marks around a word
        let free = before[..start].chars().next_back().is_none_or(|c| c != '*' && !is_unspaced(c));
        if !ends_in_name || !stops || !free {
            return None;
        }
        start += field(&before[start..]);
        let written = &before[start..];
        let starred = match Self::of(written) {
            Some(prefix) => Starred::Beginning(prefix),
            None if terms(written).is_empty() => return None,
            None => Starred::TooShort(format!("{written}*")),
        };
        Some((starred, start))
    }

    /// The prefix that is typed as `written`; none where it is too short or no one word.
    pub fn of(written: &str) -> Option<Self> {
        let found = terms(written);
        let whole = found.iter().find(|term| term.view == View::Code);
        let (view, term) = match whole {
            Some(whole) => (View::Code, whole.text.clone()),
            None => (View::Word, folded(written)),
        };
        let known = !found.is_empty() && term.chars().count() >= LEAST;
        known.then(|| {
            let stems = if view == View::Word { shorter(&term) } else { Vec::new() };
            Self { written: written.to_owned(), view, term, stems }
        })
    }

    /// A lone letter of a script without spaces, which begins pairs.
    pub(super) fn letter(written: &str, term: &str) -> Self {
        Self { written: written.to_owned(), view: View::Word, term: term.to_owned(), stems: Vec::new() }
    }
}

/// Bytes of a field in front of a word, as other search languages have them: `title:` of `title:word`. No text names such a
/// field, so what is meant is the word.
fn field(written: &str) -> usize {
    let Some((name, word)) = written.split_once(':') else { return 0 };
    let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if named && word.starts_with(char::is_alphanumeric) { name.len() + 1 } else { 0 }
}

/// Stems of words that begin with `beginning` and do not themselves: every ending is tried, also one that is half typed.
fn shorter(beginning: &str) -> Vec<String> {
    let mut stems = vec![stem(beginning)];
    for ending in ENDINGS {
        let typed = (0..ending.len()).filter(|typed| beginning.ends_with(&ending[..*typed]));
        stems.extend(typed.map(|typed| stem(&format!("{beginning}{}", &ending[typed..]))));
    }
    stems.retain(|stem| !stem.starts_with(beginning));
    stems.sort();
    stems.dedup();
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<(View, String)> {
        match Prefix::at(text, text.rfind('*').unwrap())?.0 {
            Starred::Beginning(prefix) => Some((prefix.view, prefix.term)),
            Starred::TooShort(_) => None,
        }
    }

    #[test]
    fn stars_that_mean_a_prefix() {
        for (text, view, term) in [
            ("conf*", View::Word, "conf"),
            ("the Conf* of", View::Word, "conf"),
            ("(Prüf*)", View::Word, "pruf"),
            ("src/rec*", View::Code, "src/rec"),
            ("foo_*", View::Code, "foo_"),
            ("fooBa*", View::Code, "fooba"),
            ("E03*", View::Code, "e03"),
            ("title:Word*", View::Word, "word"),
            ("obs_type:E03*", View::Code, "e03"),
            ("std::ve*", View::Code, "std::ve"),
            ("src/a.rs:12*", View::Code, "src/a.rs:12"),
        ] {
            assert_eq!(at(text), Some((view, term.to_owned())), "{text:?}");
        }
        for text in [
            "*", "a*", "a *", "*bold*", "**bold**", "2*3", "aa*b", "*.rs", "src/*", "検索*", "foo**", "__*",
            "fn(*",
        ] {
            assert_eq!(at(text), None, "{text:?}");
        }
    }

    #[test]
    fn stems_shorter_than_what_was_typed_are_named() {
        assert!(shorter("configurat").contains(&"configur".to_owned()));
        assert!(shorter("running").contains(&"run".to_owned()));
        assert!(shorter("happy").contains(&"happi".to_owned()));
        assert!(shorter("conf").is_empty());
    }

    #[test]
    fn whatever_is_cut_off_a_word_its_stem_is_reached() {
        for word in [
            "configuration",
            "running",
            "happiness",
            "databases",
            "authentication",
            "queries",
            "migrated",
            "settings",
        ] {
            let stem = stem(word);
            for cut in LEAST..=word.len() {
                let prefix = Prefix::of(&word[..cut]).unwrap();
                assert!(
                    stem.starts_with(&prefix.term) || prefix.stems.contains(&stem),
                    "{word} from {prefix:?}"
                );
            }
        }
    }
}
