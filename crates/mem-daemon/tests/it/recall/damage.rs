//! A damaged index is told as such, never as an empty answer, and begun anew.

use mem_daemon::inbox::drain::Until;
use mem_daemon::recall::{check, index};
use mem_store::StoreError;

use super::shelf::{Shelf, ask, turn};

fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    shelf.tell_all(&[turn("a", 2, "umlauts vanish"), turn("b", 1, "umlauts survive")]);
    shelf.index();
    shelf
}

const DAMAGE: [(&str, &str); 6] = [
    ("the postings are gone", "DELETE FROM passage_terms_data"),
    ("the structure record is empty", "UPDATE passage_terms_data SET block = x'' WHERE id = 10"),
    ("the postings are nonsense", "UPDATE passage_terms_data SET block = x'deadbeef' WHERE id > 10"),
    ("the passages are gone", "DELETE FROM passages"),
    ("a table is gone", "DROP TABLE passages"),
    ("the labels are gone", "DROP TABLE passage_labels"),
];

#[test]
fn damage_is_told_and_cured() {
    for (what, sql) in DAMAGE {
        let mut shelf = shelf();
        shelf.damage(sql);
        let mut question = ask("umlauts");
        // labels are looked at for such a filter only
        question.filter.branches = if sql.contains("labels") { vec!["main".into()] } else { Vec::new() };
        let found = shelf.try_search(&question);
        assert!(matches!(found, Err(StoreError::Index { .. })), "{what}: {found:?}");
        // whoever meets it has it begun anew, as the daemon does
        mem_daemon::recall::begin_anew(&mut shelf.store).unwrap();
        index(&mut shelf.store, Until::DONE).unwrap();
        assert_eq!(shelf.found("umlauts").len(), 2, "{what}");
    }
}

#[test]
fn a_word_that_was_not_asked_before_is_no_silent_empty_either() {
    let shelf = shelf();
    shelf.damage("UPDATE passage_terms_data SET block = x'' WHERE id = 10");
    for text in ["absent", "\"umlauts vanish\"", "uml*"] {
        let found = shelf.try_search(&ask(text));
        assert!(matches!(found, Err(StoreError::Index { .. })), "{text:?}: {found:?}");
    }
}

#[test]
fn indexing_that_meets_damage_begins_anew_by_itself() {
    let mut shelf = shelf();
    shelf.damage("DROP TABLE passages");
    shelf.tell(&turn("c", 0, "umlauts again"));
    let done = shelf.index();
    assert!(done.anew && !done.left, "{done:?}");
    assert_eq!(shelf.found("umlauts").len(), 3);
}

#[test]
fn damage_that_contradicts_nothing_is_found_by_what_should_be_there() {
    for (what, sql) in [
        ("is said to belong elsewhere", "UPDATE passage_labels SET branch = 'elsewhere'"),
        ("is said to belong elsewhere", "UPDATE passages SET project_id = 0"),
        ("leads to nothing", "UPDATE passages SET doc = 8002 WHERE row = 1"),
        ("is of another text", "UPDATE passages SET length = length - 1 WHERE row = 2"),
        ("is of another text", "UPDATE turns SET prompt = 'something else was said'"),
        ("has words that are not in the vocabulary", "DELETE FROM passage_words"),
        ("no such table: passage_words", "DROP TABLE passage_words"),
    ] {
        let mut shelf = shelf();
        assert_eq!(check(&shelf.store).unwrap(), None);
        shelf.damage(sql);
        let told = check(&shelf.store).unwrap().unwrap_or_default();
        assert!(told.contains(what), "{sql}: {told}");
        mem_daemon::recall::begin_anew(&mut shelf.store).unwrap();
        index(&mut shelf.store, Until::DONE).unwrap();
        assert_eq!(check(&shelf.store).unwrap(), None, "{sql}");
    }
}

#[test]
fn postings_to_which_the_way_is_lost_are_found_out() {
    let mut shelf = Shelf::new();
    // more than one page of them
    let words =
        |at: usize| (0..40).map(|word| format!("word{} ", at * 40 + word)).collect::<Vec<_>>().concat();
    let turns: Vec<_> = (0..20).map(words).collect();
    let turns: Vec<_> = turns.iter().map(|said| turn("a", 1, said)).collect();
    shelf.tell_all(&turns);
    shelf.index();
    assert_eq!(check(&shelf.store).unwrap(), None);
    shelf.damage("DELETE FROM passage_terms_idx");
    assert!(check(&shelf.store).unwrap().is_some_and(|told| told.ends_with("is not found by its words")));
}

#[test]
fn postings_are_merged_once_enough_has_changed_and_say_the_same() {
    let mut shelf = shelf();
    let merge = |shelf: &mut Shelf| mem_daemon::recall::merge(&mut shelf.store, Until::DONE).unwrap();
    for at in 0..70 {
        shelf.tell(&turn(&format!("s{at}"), 1, "umlauts come one at a time"));
        shelf.index();
    }
    let pieces = |shelf: &Shelf| shelf.count("SELECT count(DISTINCT segid) FROM passage_terms_idx");
    let found = shelf.found("umlauts");
    assert!(pieces(&shelf) > 1);
    assert!(shelf.store.index_unmerged().unwrap() > 64);
    assert!(!merge(&mut shelf));
    assert_eq!(pieces(&shelf), 1);
    assert_eq!(shelf.store.index_unmerged().unwrap(), 0);
    assert_eq!(shelf.found("umlauts"), found);
    assert_eq!(check(&shelf.store).unwrap(), None);
    // a little more is left as it is
    shelf.tell(&turn("later", 0, "umlauts again"));
    shelf.index();
    assert!(!merge(&mut shelf));
    assert!(shelf.store.index_unmerged().unwrap() > 0);
}

#[test]
fn a_damaged_index_is_begun_anew_by_who_merges_it() {
    let mut shelf = shelf();
    shelf.damage("DROP TABLE passage_merges");
    assert!(mem_daemon::recall::merge(&mut shelf.store, Until::DONE).unwrap());
    index(&mut shelf.store, Until::DONE).unwrap();
    assert_eq!(shelf.found("umlauts").len(), 2);
}

#[test]
fn whatever_was_laid_in_its_place_indexing_ends_with_a_sound_index() {
    for sql in [
        "DROP TABLE index_due; CREATE TABLE index_due (x)",
        "DROP TABLE index_state; CREATE TABLE index_state (x)",
        "DROP TABLE index_state; CREATE TABLE index_state (one PRIMARY KEY, version, generation, changes, gaps, passages, building);
         INSERT INTO index_state VALUES (1, 'two', x'00', 1.5, NULL, 'five', 'no')",
        "UPDATE index_state SET changes = 9223372036854775807",
        "UPDATE index_state SET generation = 9223372036854775807, version = 77",
        "UPDATE index_state SET gaps = 9223372036854775807",
        "DROP TABLE passage_words; CREATE INDEX passage_words ON turns (id)",
        "DROP TABLE passage_words; CREATE VIEW passage_words AS SELECT 1 AS word",
        "DROP TABLE passages; CREATE VIEW passages AS SELECT 1 AS row",
        "CREATE TRIGGER ours AFTER INSERT ON passages BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER ours AFTER INSERT ON passage_words BEGIN SELECT raise(ABORT, 'no'); END",
        "UPDATE passage_merges SET changes = 9223372036854775807",
        "UPDATE passage_merges SET changes = -9223372036854775807",
        "DELETE FROM passage_merges",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
         INSERT INTO index_due SELECT -1 - 8 * i, -1 FROM n",
        "INSERT INTO index_due VALUES (8005, 0), (8006, 0), (8007, 0)",
    ] {
        let mut shelf = shelf();
        shelf.damage(sql);
        let _told = check(&shelf.store).unwrap();
        shelf.tell(&turn("c", 0, "umlauts with bilbies"));
        let _left = mem_daemon::recall::merge(&mut shelf.store, Until::DONE).unwrap();
        let done = index(&mut shelf.store, Until::DONE).unwrap();
        assert!(!done.left, "{sql}");
        assert_eq!(shelf.found("bilbies").len(), 1, "{sql}");
        assert_eq!(shelf.found("umlauts").len(), 3, "{sql}");
        assert_eq!(shelf.store.index_waiting().unwrap(), 0, "{sql}");
        if check(&shelf.store).unwrap().is_some() {
            mem_daemon::recall::begin_anew(&mut shelf.store).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            index(&mut shelf.store, Until::DONE).unwrap();
            assert_eq!(check(&shelf.store).unwrap(), None, "{sql}");
        }
    }
}

#[test]
fn what_was_kept_of_one_store_is_not_believed_of_another() {
    let words = ["walrus", "bilby", "quokka", "wombat"];
    let of = |seed: usize| {
        let mut shelf = Shelf::new();
        let said = |at: usize| format!("{} and {}", words[(at * seed) % 4], words[(at + seed) % 3]);
        let said: Vec<String> = (0..1100).map(said).collect();
        let turns: Vec<_> = said
            .iter()
            .enumerate()
            .map(|(at, said)| turn(&format!("s{}", at * seed % 90), 1, said))
            .collect();
        shelf.tell_all(&turns);
        shelf.index();
        shelf
    };
    let (one, other) = (of(1), of(3));
    let mut kept = mem_daemon::recall::Recall::default();
    for shelf in [&one, &other, &one] {
        for word in words {
            assert_eq!(kept.search(&shelf.store, &ask(word)).unwrap(), shelf.search(&ask(word)), "{word}");
        }
    }
    // nor of one whose state was lost meanwhile
    let mut one = one;
    for days in [5, 9] {
        one.damage("DELETE FROM index_state");
        one.damage(&format!("UPDATE turns SET started_at = started_at - {}", days * 86_400_000_i64));
        let _anew = index(&mut one.store, Until::DONE).unwrap();
        for word in words {
            let mut question = ask(word);
            question.order = mem_daemon::recall::Order::Newest;
            assert_eq!(kept.search(&one.store, &question).unwrap(), one.search(&question), "{word}");
        }
    }
}
