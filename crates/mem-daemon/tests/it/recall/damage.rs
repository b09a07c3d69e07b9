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
