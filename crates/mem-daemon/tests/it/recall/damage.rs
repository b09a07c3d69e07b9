//! A damaged index is told as such, never as an empty answer, and begun anew.

use mem_daemon::inbox::drain::Until;
use mem_daemon::recall::index;
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
