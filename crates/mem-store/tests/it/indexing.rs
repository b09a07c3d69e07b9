//! The index: what is put in is found, its arrays say what its rows say, and damage to it is no damage to memory.

use mem_core::id::EventId;
use mem_core::observation::{Commit, Distilled, Distiller, Observation, Summary};
use mem_core::recall::{DocId, DocKind, Filter};
use mem_store::{Columns, Passage, Sought, Store, StoreError};
use proptest::prelude::*;

use crate::desk::{
    Desk, NOW, answered, found, index, index_anew, observation, place, project, prompted, put,
};

/// A turn with a document of every kind, all of which hold the word `umlauts`.
fn shelf() -> (Desk, Store) {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "why do umlauts vanish")).1.unwrap();
    let answer = put(&mut store, &answered(9, "p1")).0;
    let observation = Observation {
        narrative: "umlauts survive".to_owned(),
        concepts: vec!["problem-solution".to_owned()],
        files_read: vec!["docs/a.md".to_owned()],
        files_modified: vec!["src/lex.rs".to_owned()],
        ..observation("lexer")
    };
    let made = Distilled {
        observations: vec![("work".to_owned(), observation)],
        summary: Some(Summary { request: "keep umlauts".to_owned(), ..Summary::default() }),
        commits: vec![Commit {
            event: answer,
            subject: "fix umlauts".to_owned(),
            why: "They vanished.".to_owned(),
            hash: "3f2a91c".to_owned(),
            branch: String::new(),
        }],
    };
    store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, NOW, NOW)).unwrap();
    (desk, store)
}

#[test]
fn every_kind_of_document_is_found_as_it_stands() {
    let (_desk, mut store) = shelf();
    let docs = found(&mut store, "umlauts", None);
    let kinds: Vec<DocKind> = docs.iter().map(|doc| doc.kind()).collect();
    assert_eq!(kinds, [DocKind::Observation, DocKind::Summary, DocKind::Prompt, DocKind::Commit]);
    let document = store.document(docs[0]).unwrap().unwrap();
    assert_eq!(document.title, "lexer");
    assert_eq!(document.text, "lexer\numlauts survive\nproblem-solution\nsrc/lex.rs\ndocs/a.md");
    assert_eq!(document.files, ["src/lex.rs", "docs/a.md"]);
    assert_eq!(document.branch.as_deref(), Some("main"));
    assert_eq!((document.agent.as_str(), document.agent_session.0.as_str()), ("claude-code", "s1"));
    let commit = store.document(docs[3]).unwrap().unwrap();
    assert_eq!(
        (commit.title.as_str(), commit.text.as_str()),
        ("fix umlauts", "fix umlauts\nThey vanished.\n3f2a91c")
    );
    let project = project(&mut store);
    let elsewhere = store.write(|tx| tx.project_for(&place("/w/b"), "/w/b", NOW)).unwrap();
    assert_eq!(found(&mut store, "umlauts", Some(project)), docs);
    assert_eq!(found(&mut store, "umlauts", Some(elsewhere)), []);
}

#[test]
fn commits_keep_their_rows_and_go_when_they_are_no_longer_told_of() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "commit")).1.unwrap();
    let commit = |subject: &str, hash: &str| Commit {
        event: EventId(1),
        subject: subject.to_owned(),
        why: String::new(),
        hash: hash.to_owned(),
        branch: "work".to_owned(),
    };
    let mut tell = |commits: Vec<Commit>| {
        let made = Distilled { commits, ..Distilled::default() };
        store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, NOW, NOW)).unwrap();
        (found(&mut store, "one", None), found(&mut store, "two", None))
    };
    let (one, two) = tell(vec![commit("one", ""), commit("two", "")]);
    assert_eq!((one.len(), two.len()), (1, 1));
    assert_eq!(tell(vec![commit("one", "abc1234"), commit("two", "")]), (one.clone(), two));
    assert_eq!(tell(vec![commit("one", "abc1234")]), (one.clone(), vec![]));
    let DocId::Commit(id) = one[0] else { panic!("{one:?}") };
    let record = store.commit(id).unwrap().unwrap();
    assert_eq!((record.commit.hash.as_str(), record.commit.branch.as_str()), ("abc1234", "work"));
}

#[test]
fn phrases_and_prefixes_are_found_and_no_term_is_a_query() {
    let (_desk, mut store) = shelf();
    index(&mut store);
    let count = |sought: Sought, beside: Option<&str>| {
        store.postings(sought, beside, (1, i64::MAX), 99, |_| {}).unwrap()
    };
    let phrase = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert_eq!(count(Sought::Phrase(&phrase(&["umlauts", "survive"])), None), 1);
    assert_eq!(count(Sought::Phrase(&phrase(&["survive", "umlauts"])), None), 0);
    assert_eq!(count(Sought::Prefix("uml"), None), 4);
    assert_eq!(count(Sought::Prefix("vanish"), None), 2);
    assert_eq!(count(Sought::Term("umlauts"), Some("survive")), 1);
    for hostile in
        ["", "\"", "umlauts OR lexer", "NEAR(umlauts lexer)", "terms:umlauts", "*", "^umlauts", "\0", "-"]
    {
        count(Sought::Term(hostile), None);
        count(Sought::Prefix(hostile), Some(hostile));
        count(Sought::Phrase(&phrase(&[hostile, hostile])), None);
    }
    store.write(|tx| tx.index_words(["survive", "lexer", "surface", "sure", "survive"])).unwrap();
    store.write(|tx| tx.index_words(["lexer"])).unwrap();
    assert_eq!(store.vocabulary("su", 2).unwrap(), ["sure", "surface"]);
    assert_eq!(store.vocabulary("surv", 10).unwrap(), ["survive"]);
    assert_eq!(store.vocabulary("", 10).unwrap().len(), 4);
}

#[test]
fn labels_tell_agents_branches_and_types_apart() {
    let (_desk, mut store) = shelf();
    index(&mut store);
    let labels = |filter: &Filter| store.labels(filter).unwrap().map(|ids| ids.len());
    assert_eq!(labels(&Filter::default()), None);
    assert_eq!(labels(&Filter { branches: vec!["main".to_owned()], ..Filter::default() }), Some(2));
    assert_eq!(labels(&Filter { types: vec!["change".to_owned()], ..Filter::default() }), Some(1));
    assert_eq!(labels(&Filter { branches: vec!["other".to_owned()], ..Filter::default() }), Some(0));
}

#[test]
fn the_arrays_say_what_the_rows_say_however_they_were_read() {
    let desk = Desk::new();
    let mut store = desk.open();
    store.write(|tx| tx.begin_index(1)).unwrap();
    let mut warm = Columns::default();
    let mut docs = Vec::new();
    for number in 0..40 {
        put(&mut store, &prompted(number, &format!("p{number}"), &format!("word{number} text")));
        for doc in store.index_due(99).unwrap() {
            docs.push(doc);
            // every other one is indexed twice, which leaves a gap
            for _time in 0..=number % 2 {
                let document = store.document(doc).unwrap().unwrap();
                let passages: Vec<Passage> = (0..97)
                    .map(|start| Passage {
                        start,
                        length: 1,
                        words: 3,
                        terms: format!("word{number} every"),
                        said: vec![number as u32, 7],
                    })
                    .collect();
                store.write(|tx| tx.index_document(&document, &passages)).unwrap();
            }
        }
        store.read_columns(&mut warm).unwrap();
    }
    let mut cold = Columns::default();
    store.read_columns(&mut cold).unwrap();
    assert_eq!((&cold.session, &cold.turn, &cold.words), (&warm.session, &warm.turn, &warm.words));
    let mut seen = Vec::new();
    store
        .postings(Sought::Term("every"), None, (1, i64::MAX), 10_000, |row| seen.push(row as usize - 1))
        .unwrap();
    assert_eq!(seen.len() as u64, store.index_state().unwrap().passages);
    let (first, last) = (seen[seen.len() - 40], seen[40]);
    let (mut newest_first, mut oldest_first) = (Vec::new(), Vec::new());
    let rows = (first as i64 + 1, last as i64 + 1);
    store.postings(Sought::Term("every"), None, rows, 10_000, |row| newest_first.push(row)).unwrap();
    store.all_postings(Sought::Term("every"), None, rows, |row| oldest_first.push(row)).unwrap();
    newest_first.reverse();
    assert_eq!(oldest_first, newest_first);
    assert_eq!(oldest_first.len(), seen.len() - 79);
    let (of_cold, of_warm) = (cold.doc.iter(), warm.doc.iter());
    assert_eq!(of_cold.filter(|doc| **doc != 0).count(), seen.len(), "what is gone is a gap, in blocks too");
    assert_eq!(of_warm.filter(|doc| **doc != 0).count(), seen.len());
    for (at, doc) in cold.doc.iter().enumerate() {
        let said = store.passage_said(at as i64 + 1).unwrap();
        assert_eq!(said.len(), if *doc == 0 { 0 } else { 2 }, "what was said goes with its passage");
        assert!(said.is_empty() || said[1] == 7);
    }
    for at in seen {
        assert_eq!((cold.doc[at], cold.at[at]), (warm.doc[at], warm.at[at]));
        assert!(docs.contains(&DocId::of_number(cold.doc[at]).unwrap()));
    }
    store.write(|tx| tx.begin_index(1)).unwrap();
    index(&mut store);
    store.read_columns(&mut warm).unwrap();
    assert_eq!(warm.len(), 40, "read anew with the new generation");
}

#[test]
fn nothing_is_held_up_where_nothing_can_be_noted_as_due() {
    let (desk, store) = shelf();
    store.close().unwrap();
    rusqlite::Connection::open(desk.path()).unwrap().execute_batch("DROP TABLE index_due").unwrap();
    let mut store = desk.open();
    put(&mut store, &prompted(70, "p7", "kept all the same"));
    assert!(matches!(store.index_due(9), Err(StoreError::Index { .. })));
    store.write(|tx| tx.begin_index(1)).unwrap();
    assert_eq!(found(&mut store, "same", None).len(), 1);
}

/// What may become of the tables of the index.
const DAMAGE: [&str; 15] = [
    "DROP TABLE index_due",
    "DROP TABLE index_state",
    "DELETE FROM index_state",
    "UPDATE passages SET session_id = 4294967294",
    "UPDATE passages SET row = 300000000 WHERE row = 1",
    "INSERT INTO passage_blocks VALUES (1, randomblob(1024 * 34))",
    "INSERT INTO passage_blocks VALUES (1048577025, zeroblob(1024 * 34))",
    "DELETE FROM passage_terms_data WHERE id > 10",
    "UPDATE passage_terms_data SET block = x'00ff00ff00ff' WHERE id > 10",
    "DROP TABLE passage_terms",
    "DROP TABLE passages",
    "DELETE FROM passages",
    "DROP TABLE passage_blocks",
    "DELETE FROM passage_terms_config",
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'passage_terms_data';",
];

#[test]
fn damage_to_the_index_is_told_apart_and_it_is_begun_anew() {
    for damage in DAMAGE {
        let (desk, mut store) = shelf();
        let docs = found(&mut store, "umlauts", None);
        store.close().unwrap();
        rusqlite::Connection::open(desk.path()).unwrap().execute_batch(damage).unwrap();
        let mut store = desk.open();
        let read = |store: &Store| -> Result<usize, StoreError> {
            store.index_due(1)?;
            store.read_columns(&mut Columns::default())?;
            store.passage(1)?;
            store.postings(Sought::Term("umlauts"), None, (1, i64::MAX), 99, |_| {})
        };
        match read(&store) {
            Err(StoreError::Index { .. }) => {}
            other => panic!("{damage}: {other:?}"),
        }
        let project = project(&mut store);
        assert_eq!(store.observations(project, 9).unwrap().len(), 1, "{damage}");
        store.write(|tx| tx.begin_index(1)).unwrap_or_else(|error| panic!("{damage}: {error:?}"));
        assert_eq!(found(&mut store, "umlauts", None), docs, "{damage}");
        assert_eq!(store.check_index().unwrap(), None, "{damage}");
    }
}

#[test]
fn the_check_counts_what_is_there_against_what_can_be_looked_for() {
    let (desk, mut store) = shelf();
    assert_eq!(store.check_index().unwrap(), None, "there is none");
    index(&mut store);
    assert_eq!(store.check_index().unwrap(), None);
    assert_eq!(store.indexed_documents().unwrap(), 5);
    for damage in ["DELETE FROM passages WHERE row = 2", "DELETE FROM passage_terms WHERE rowid = 3"] {
        rusqlite::Connection::open(desk.path()).unwrap().execute_batch(damage).unwrap();
        let found = store.check_index().unwrap().unwrap_or_default();
        assert!(found.starts_with("5 passages were counted, "), "{damage}: {found}");
        index_anew(&mut store);
    }
}

#[test]
fn it_is_being_built_until_it_held_everything_once() {
    let (_desk, mut store) = shelf();
    assert!(store.index_state().unwrap().is_rebuilding(1));
    index(&mut store);
    store.write(|tx| tx.index_is_built()).unwrap();
    put(&mut store, &prompted(50, "p2", "another"));
    let state = store.index_state().unwrap();
    assert_eq!(
        (store.index_waiting().unwrap(), state.is_rebuilding(1), state.is_rebuilding(2)),
        (1, false, true)
    );
    store.write(|tx| tx.begin_index(1)).unwrap();
    assert!(store.index_state().unwrap().is_rebuilding(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_text_it_can_be_indexed_and_sought(text in "\\PC{0,60}", word in "\\PC{0,9}") {
        let desk = Desk::new();
        let mut store = desk.open();
        put(&mut store, &prompted(0, "p1", &text));
        index(&mut store);
        for (sought, beside) in [(Sought::Term(&word), None), (Sought::Prefix(&word), Some(text.as_str()))] {
            store.postings(sought, beside, (1, i64::MAX), 9, |_| ()).unwrap();
        }
        store.vocabulary(&word, 9).unwrap();
        prop_assert_eq!(store.index_waiting().unwrap(), 0);
    }
}
