//! What meaning finds, and what it must not: a likeness that is none.

use std::collections::BTreeSet;

use mem_core::id::SessionId;
use mem_daemon::recall::{Answer, Ask, Recall};

use super::library::Embedding;
use crate::recall::set::{SESSIONS, lines, session};
use crate::recall::shelf::{Shelf, Turn, ask};

const UNRELATED: &str = include_str!("unrelated.txt");

fn library() -> Shelf {
    let mut shelf = Shelf::new();
    let told: Vec<Turn> = lines(SESSIONS).map(|line| session(&line)).collect();
    shelf.tell_all(&told);
    shelf.index();
    shelf.install();
    Embedding::new().embed_all(&mut shelf);
    shelf
}

fn sessions(answer: &Answer) -> BTreeSet<SessionId> {
    answer.hits.iter().map(|hit| hit.session.clone()).collect()
}

#[test]
fn what_was_said_in_no_word_of_the_question_is_found_and_says_why() {
    let shelf = library();
    let question = Ask { explain: true, ..ask("laggy conversation overview while swiping") };
    assert_eq!(shelf.search(&question).hits, [], "not by words");
    for keeps in [true, false] {
        let mut recall = Recall::with_meaning(&shelf.home(), keeps);
        let found = recall.search(&shelf.store, &question).unwrap();
        let first = found.hits.first().expect("something is found");
        assert_eq!(first.session, SessionId("s21".to_owned()));
        assert_eq!(first.title, "The list of chats stutters when scrolling");
        let reason = first.reasons.iter().find(|reason| reason.of == "meaning").expect("it says by what");
        assert!(reason.adds > 0.0 && reason.rank == Some(1) && reason.with.ends_with(" alike"), "{reason:?}");
        assert!(found.how.legs.contains(&"meaning"), "{:?}", found.how);
        assert_eq!(found.coverage.waiting, 0);
    }
}

#[test]
fn a_word_that_stands_somewhere_by_chance_is_not_trusted_more_than_a_clear_meaning() {
    let shelf = library();
    let mut recall = Recall::with_meaning(&shelf.home(), true);
    let mut first = |question: &str| {
        let found = recall.search(&shelf.store, &Ask { explain: true, ..ask(question) }).unwrap();
        let hit = found.hits.first().expect("something is found");
        (hit.session.0.clone(), hit.reasons.iter().map(|reason| reason.of).collect::<BTreeSet<_>>())
    };
    // of these only "pages" stands anywhere, in sessions about something else
    let (session, by) = first("sluggish pages of conversations while swiping through");
    assert_eq!(session, "s21", "{by:?}");
    // one word of two is not by chance, nor is an identifier among words that stand nowhere
    assert_eq!(first("deadlock zorgly").0, "s13");
    let (session, by) = first("frobnicate the zorgly ERR_CART_STALE whimsically");
    assert!(session == "s07" && by.contains("identifiers"), "{session} {by:?}");
}

#[test]
fn a_question_in_letters_that_the_model_does_not_know_is_said_to_be_left_uncompared() {
    let shelf = library();
    let mut recall = Recall::with_meaning(&shelf.home(), true);
    let mut unread = |question: &str| recall.search(&shelf.store, &ask(question)).unwrap().how.unread;
    for (question, wanted) in [
        ("データベースのロックを直した", true),
        ("почему падает тест", true),
        ("数据库备份要一整夜", false),
        ("warum stürzt der Editor ab", false),
        ("why does the editor crash", false),
        ("12345 🎉", false),
    ] {
        assert_eq!(unread(question), wanted, "{question}");
    }
    assert!(!shelf.search(&ask("почему падает тест")).how.unread, "without a model there is nothing to say");
}

/// How many questions of a kind there are, and those for which meaning leads to sessions that no word leads to: only where the
/// answer is `sure`, or else unsure ones too.
fn misled(shelf: &Shelf, of: &str, sure: bool) -> (usize, Vec<String>) {
    let mut recall = Recall::with_meaning(&shelf.home(), true);
    let questions: Vec<_> = lines(UNRELATED).filter(|line| line[0] == of).collect();
    let led = questions.iter().filter(|line| {
        let by_words = sessions(&shelf.search(&ask(line[1])));
        let found = recall.search(&shelf.store, &ask(line[1])).unwrap();
        let by_meaning = sessions(&found);
        if found.how.unsure {
            assert!(by_words.is_empty() && by_meaning.len() <= 3, "{}: where there is nothing else", line[1]);
            return !sure;
        }
        assert!(by_words.is_subset(&by_meaning), "{}: what words find is found", line[1]);
        by_words != by_meaning
    });
    let led = led.map(|line| line[1].to_owned()).collect();
    (questions.len(), led)
}

#[test]
fn what_nobody_spoke_of_is_not_found() {
    let shelf = library();
    for (kind, asked) in [("english", 20), ("scripts", 9)] {
        assert_eq!(misled(&shelf, kind, false), (asked, Vec::new()), "{kind}");
    }
    // what is no language, and what of another one stands in no dictionary, is alike to whatever else is foreign to the model
    for (kind, asked, most, most_unsure) in [("nonsense", 7, 2, 4), ("neighbours", 10, 4, 5)] {
        for (sure, most) in [(true, most), (false, most_unsure)] {
            let (all, led) = misled(&shelf, kind, sure);
            println!("{kind}, sure {sure}: {led:?}");
            assert!(all == asked && led.len() <= most, "{kind}, sure {sure}: {led:?}");
        }
    }
}
