//! The form of a term in the index, where the two views, marks of frequency and conditions share one list of terms.
//!
//! A word stands as it is; everything else begins with a sign that no word has. The index parts its terms at white space
//! and quotes, so neither may be in one.

use mem_core::id::ProjectId;

use super::phrase::smallest;
use super::{Term, View};

/// A term as the index holds it.
pub fn token(view: View, term: &str) -> String {
    match view {
        View::Word => term.to_owned(),
        View::Code => format!("={term}"),
    }
}

/// The mark of a term that stands in a passage at least twice.
pub fn often(token: &str) -> String {
    format!("2:{token}")
}

/// The mark of passages of a project.
pub fn project(id: ProjectId) -> String {
    format!("@p{}", id.0)
}

/// The mark of observations with a concept.
pub fn concept(name: &str) -> String {
    format!("&c:{}", tame(name))
}

/// The mark of observations that read or changed a file, by its path or the end of one.
pub fn file(path: &str) -> String {
    format!("&f:{}", tame(path))
}

/// The mark of observations that read or changed a direct child of a folder, by its path or the end of one.
pub fn folder(path: &str) -> String {
    format!("&d:{}", tame(path.trim_end_matches('/')))
}

/// The marks of one file: its path and every end of it at a `/`, and the same of its folder.
pub fn marks_of_file(path: &str) -> Vec<String> {
    let path = path.trim_end_matches('/');
    let mut marks: Vec<String> = ends(path).map(file).collect();
    if let Some((parent, _)) = path.rsplit_once('/') {
        marks.extend(ends(parent).map(folder));
    }
    marks
}

fn ends(path: &str) -> impl Iterator<Item = &str> {
    let path = path.trim_start_matches('/');
    let after = path.match_indices('/').map(move |(at, _)| &path[at + 1..]);
    std::iter::once(path).chain(after).filter(|end| !end.is_empty())
}

/// Text without what parts terms. Letters of ASCII are folded by the index itself.
fn tame(text: &str) -> String {
    let text = text.trim().trim_start_matches('/');
    text.chars()
        .map(|c| if c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'') { '_' } else { c })
        .collect()
}

/// Stands before each term of which a phrase shall not be made together with the one before.
const APART: &str = "~";

/// All that a passage is found by: its smallest words in their order, so that phrases are rows of them; then compounds, each
/// apart, the terms of code, and the marks.
pub fn of_passage(terms: &[Term], marks: &[String]) -> String {
    let words: Vec<&Term> = terms.iter().filter(|term| term.view == View::Word).collect();
    let mut line = String::with_capacity(terms.len() * 8);
    let mut add = |token: &str| {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(token);
    };
    let (small, others): (Vec<_>, Vec<_>) = words.iter().zip(smallest(&words)).partition(|(_, small)| *small);
    for (word, _) in small {
        add(&word.text);
    }
    for (word, _) in others {
        add(APART);
        add(&word.text);
    }
    for term in terms.iter().filter(|term| term.view == View::Code) {
        add(&token(View::Code, &term.text));
    }
    let mut times = std::collections::HashMap::<(View, &str), u32>::new();
    for term in terms {
        let times = times.entry((term.view, term.text.as_str())).or_default();
        *times += 1;
        if *times == 2 {
            add(&often(&token(term.view, &term.text)));
        }
    }
    for mark in marks {
        add(mark);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::terms;
    use super::*;

    #[test]
    fn no_sign_is_a_word_and_none_is_parted() {
        for (made, wanted) in [
            (token(View::Word, "build"), "build"),
            (token(View::Code, "src/lex.rs"), "=src/lex.rs"),
            (often("=lex"), "2:=lex"),
            (project(ProjectId(12)), "@p12"),
            (concept("how it\tworks"), "&c:how_it_works"),
            (concept(" it's \"so\"\0 "), "&c:it_s__so__"),
            (file("/src/a b.rs"), "&f:src/a_b.rs"),
            (folder("src/recall/"), "&d:src/recall"),
            (folder("/src"), "&d:src"),
        ] {
            assert_eq!(made, wanted);
        }
    }

    #[test]
    fn a_file_is_known_by_every_end_of_its_path() {
        for (path, wanted) in [
            ("src/parse/lex.rs", "&f:src/parse/lex.rs &f:parse/lex.rs &f:lex.rs &d:src/parse &d:parse"),
            ("/w/a.rs", "&f:w/a.rs &f:a.rs &d:w"),
            ("Makefile", "&f:Makefile"),
            ("/Makefile", "&f:Makefile"),
            ("docs/", "&f:docs"),
            ("", ""),
            ("/", ""),
        ] {
            assert_eq!(marks_of_file(path).join(" "), wanted, "{path:?}");
        }
    }

    #[test]
    fn what_is_asked_for_is_what_is_marked() {
        for (path, asked) in [("src/a b/lex.rs", "a b/lex.rs"), ("/src/it's.rs", "it's.rs"), ("x/y", "/x/y")]
        {
            assert!(marks_of_file(path).contains(&file(asked)), "{path:?} {asked:?}");
        }
        assert!(marks_of_file("src/a b/lex.rs").contains(&folder("a b/")));
    }

    #[test]
    fn a_passage_is_its_words_its_identifiers_and_its_marks() {
        let text = "Builds of fooBar build fooBar";
        let line = of_passage(&terms(text), &[project(ProjectId(3))]);
        let [words, rest] = line.split_once(" =").map(|(words, rest)| [words, rest]).unwrap();
        assert_eq!(words, "build of foo bar build foo bar ~ foobar ~ foobar");
        assert!(rest.ends_with(" @p3"), "{line}");
        let often: Vec<&str> = line.split(' ').filter(|token| token.starts_with("2:")).collect();
        assert!(often.contains(&"2:build") && often.contains(&"2:=foobar"), "{line}");
        assert!(!often.contains(&"2:of"));
        assert_eq!(of_passage(&[], &[]), "");
    }
}
