//! Searching: finds what is there, and takes any text for words.

use mem_core::observation::{Distilled, Distiller, Observation, Summary};
use mem_store::{HitId, Store};
use proptest::prelude::*;

use crate::desk::{Desk, NOW, observation, place, project, prompted, put};

fn shelf() -> (Desk, Store) {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "why does the tokenizer drop umlauts?")).1.unwrap();
    let observation = Observation {
        narrative: "The lexer compared bytes. It compares characters now.".to_owned(),
        facts: vec!["tests fail before, pass after".to_owned()],
        concepts: vec!["problem-solution".to_owned()],
        files_modified: vec!["src/lex_umlauts.rs".to_owned()],
        ..observation("umlauts survive the lexer")
    };
    let summary = Summary { request: "keep umlauts".to_owned(), ..Summary::default() };
    let made = Distilled { observations: vec![("work".to_owned(), observation)], summary: Some(summary) };
    store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, NOW, NOW)).unwrap();
    (desk, store)
}

#[test]
fn all_three_kinds_are_found_with_the_title_first() {
    let (_desk, mut store) = shelf();
    let hits = store.search("umlauts", None, 10).unwrap();
    let mut kinds: Vec<&str> = hits.iter().map(|hit| hit.id.kind()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["observation", "prompt", "summary"]);
    assert!(!matches!(hits[2].id, HitId::Observation(_)), "a title weighs more than a prompt");
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    let project = project(&mut store);
    let elsewhere = store.write(|tx| tx.project_for(&place("/w/b"), "/w/b", NOW)).unwrap();
    assert_eq!(store.search("umlauts", Some(project), 10).unwrap(), hits);
    assert_eq!(store.search("umlauts", Some(elsewhere), 10).unwrap(), []);
    assert_eq!(store.search("umlauts", None, 1).unwrap().len(), 1);
}

#[test]
fn what_is_shown_is_where_the_word_stands() {
    let (_desk, store) = shelf();
    let hit = &store.search("comparing characters", None, 1).unwrap()[0];
    assert_eq!(hit.title, "umlauts survive the lexer");
    assert!(hit.snippet.contains("compares characters now"), "{}", hit.snippet);
    let prompt = &store.search("tokenizer", None, 1).unwrap()[0];
    assert_eq!(
        (prompt.title.as_str(), prompt.snippet.as_str()),
        ("why does the tokenizer drop umlauts?", "")
    );
    assert_eq!(store.search("src/lex_umlauts.rs", None, 5).unwrap()[0].id.kind(), "observation");
    assert_eq!(store.search("p1", None, 5).unwrap(), [], "the project's word is not the user's");
}

#[test]
fn no_words_find_nothing() {
    let (_desk, store) = shelf();
    for nothing in ["", "   ", "?!*^\"\"", "\0\0", "- + ( )", "\u{200b}"] {
        assert_eq!(store.search(nothing, None, 10).unwrap(), [], "{nothing:?}");
    }
}

#[test]
fn the_query_language_is_not_spoken() {
    let (_desk, store) = shelf();
    for words in ["umlauts OR", "NOT umlauts", "title:umlauts\"", "umlauts*", "NEAR(umlauts", "{umlauts} : x"]
    {
        assert!(!store.search(words, None, 10).unwrap().is_empty(), "{words:?}");
    }
    let long = "umlauts ".repeat(20_000) + &"x".repeat(100_000);
    assert_eq!(store.search(&long, None, 10).unwrap().len(), 3);
    let many: Vec<String> = (0..500).map(|n| format!("word{n}")).collect();
    assert_eq!(store.search(&many.join(" "), None, 10).unwrap(), []);
}

#[test]
fn the_index_can_be_built_anew() {
    let (_desk, mut store) = shelf();
    let before = store.search("umlauts lexer", None, 10).unwrap();
    assert_eq!(store.write(|tx| tx.rebuild_text()).unwrap(), 3);
    assert_eq!(store.search("umlauts lexer", None, 10).unwrap(), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_searched_for_and_in(text in any::<String>(), words in any::<String>()) {
        let desk = Desk::new();
        let mut store = desk.open();
        put(&mut store, &prompted(0, "p1", &text));
        prop_assert!(store.search(&words, None, 10).is_ok());
        prop_assert!(store.search(&text, None, 10).is_ok());
    }
}
