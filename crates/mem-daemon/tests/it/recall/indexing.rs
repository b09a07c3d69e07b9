//! The index follows the store: changed, removed, merged, late, and killed in between.

use std::sync::atomic::AtomicBool;

use mem_core::observation::{Distilled, Distiller};
use mem_core::project::Facts;
use mem_core::recall::{DocId, Filter};
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain::Until;
use mem_daemon::recall::{Ask, Recall, index};

use super::shelf::{DAY, NOW, Shelf, Turn, ask, ids, observation, turn};

#[test]
fn a_changed_document_is_found_by_its_new_words_and_a_removed_one_not_at_all() {
    let mut shelf = Shelf::new();
    let told =
        shelf.tell(&Turn { observations: vec![observation("Before", "walrus")], ..turn("a", 1, "do") });
    shelf.index();
    assert_eq!(shelf.found("walrus"), [told.observation(0)]);

    let again = |observations| Distilled { observations, ..Distilled::default() };
    let made = again(vec![("o0".to_owned(), observation("After", "pelican"))]);
    let kept = |shelf: &mut Shelf, made: &Distilled| {
        shelf.store.write(|tx| tx.put_distilled(told.turn, &Distiller::Local, made, NOW, NOW)).unwrap();
        assert!(shelf.store.index_waiting().unwrap() > 0);
        shelf.index();
    };
    kept(&mut shelf, &made);
    assert_eq!(shelf.found("walrus"), []);
    assert_eq!(shelf.found("pelican"), [told.observation(0)]);

    kept(&mut shelf, &again(Vec::new()));
    assert_eq!(shelf.found("pelican"), []);
    assert_eq!(shelf.found(""), [told.prompt()]);
}

#[test]
fn a_project_merged_into_another_is_found_under_it() {
    let mut shelf = Shelf::new();
    let one = shelf.tell(&turn("a", 2, "umlauts vanish"));
    let other = shelf.tell(&Turn { project: "q".to_owned(), ..turn("b", 1, "umlauts survive") });
    shelf.index();
    let of = |shelf: &Shelf, project| {
        let filter = Filter { projects: vec![project], ..Filter::default() };
        let mut found = ids(&shelf.search(&Ask { filter, ..ask("umlauts") }));
        found.sort();
        found
    };
    assert_eq!(of(&shelf, one.project), [one.prompt()]);
    assert_eq!(of(&shelf, other.project), [other.prompt()]);
    // both turn out to be checkouts of one repository
    let remote = Some("https://example.org/r.git".to_owned());
    let mut project = one.project;
    for top in ["/w/p", "/w/q"] {
        let facts = Facts { top: top.to_owned(), remote: remote.clone(), ..Facts::default() };
        project = shelf.store.write(|tx| tx.project_for(&facts, top, NOW)).unwrap();
    }
    assert_eq!(shelf.store.projects().unwrap().len(), 1, "they are one now");
    shelf.index();
    assert_eq!(of(&shelf, project), [one.prompt(), other.prompt()]);
}

#[test]
fn what_was_not_indexed_in_time_is_still_due() {
    let mut shelf = Shelf::new();
    shelf.tell_all(&[turn("a", 2, "umlauts vanish"), turn("b", 1, "umlauts survive")]);
    let stop = AtomicBool::new(true);
    let done = index(&mut shelf.store, Until { stop: Some(&stop), ..Until::DONE }).unwrap();
    assert!(done.left, "{done:?}");
    assert_eq!(shelf.found("umlauts"), []);

    shelf.index();
    shelf.tell(&turn("c", 0, "umlauts again"));
    // killed before it was committed
    let mut killed = mem_store::Store::open(&shelf.path(), NOW, shelf.path().parent().unwrap()).unwrap();
    let cut: Result<(), mem_store::StoreError> = killed.write(|tx| {
        let due = tx.index_due(1)?;
        tx.unindex(due[0])?;
        Err(tx.index_is_damaged())
    });
    assert!(cut.is_err());
    drop(killed);
    assert_eq!(shelf.search(&ask("umlauts")).coverage.waiting, 1);
    assert_eq!(shelf.found("umlauts").len(), 2);
    shelf.index();
    assert_eq!(shelf.found("umlauts").len(), 3);
    assert_eq!(shelf.index().documents, 0, "nothing is indexed twice");
}

#[test]
fn what_happened_early_and_came_late_is_found_by_its_date() {
    let mut shelf = Shelf::new();
    shelf.tell_all(&[turn("a", 2, "umlauts vanish"), turn("b", 1, "umlauts survive")]);
    shelf.index();
    let late = shelf.tell(&turn("c", 400, "umlauts of old"));
    shelf.index();
    let (from, until) = (Timestamp(NOW.0 - 401 * DAY), Timestamp(NOW.0 - 399 * DAY));
    let filter = Filter { from: Some(from), until: Some(until), ..Filter::default() };
    for text in ["umlauts", "", "old"] {
        let found: Vec<DocId> = ids(&shelf.search(&Ask { filter: filter.clone(), ..ask(text) }));
        assert_eq!(found, [late.prompt()], "{text:?}");
    }
    assert_eq!(shelf.found("").last(), Some(&late.prompt()), "in its place in time, not of arrival");
    // reversed dates meet nothing, and are no error
    let filter = Filter { from: Some(until), until: Some(from), ..Filter::default() };
    assert_eq!(ids(&shelf.search(&Ask { filter, ..ask("umlauts") })), []);
}

#[test]
fn what_is_kept_from_one_question_to_the_next_changes_no_answer() {
    let mut shelf = Shelf::new();
    let mut recall = Recall::default();
    let words = ["umlaut", "lexer", "vanish", "config", "daemon", "socket", "retry", "budget"];
    // by chance, though always the same: which words, which session, what is changed
    let mut seed = 7_usize;
    let mut chance = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 0..12 {
        let turns: Vec<_> = (0..250)
            .map(|_| {
                let said: Vec<&str> = (0..5).map(|_| words[chance(8)]).collect();
                let mut turn = turn(&format!("s{}", chance(40)), 30 - round, &said.join(" "));
                turn.project = format!("p{}", chance(30));
                turn
            })
            .collect();
        shelf.tell_all(&turns);
        shelf.index();
        for _ in 0..8 {
            // some of these are in sealed blocks, some are the last rows
            let newest = shelf.count("SELECT max(id) FROM turns");
            let id = newest - chance(usize::try_from(newest).unwrap() / 2) as i64;
            let said = words[chance(8)];
            shelf.damage(&format!(
                "UPDATE turns SET prompt = '{said} {said}' WHERE id = {id};
                 INSERT OR REPLACE INTO index_due VALUES (8 * {id} + 2, 0)"
            ));
        }
        for last in 0..3 {
            let newest = shelf.count("SELECT max(id) FROM turns") - last;
            shelf.damage(&format!(
                "UPDATE turns SET prompt = '' WHERE id = {newest};
                 INSERT OR REPLACE INTO index_due VALUES (8 * {newest} + 2, 0)"
            ));
        }
        shelf.index();
        let projects = shelf.store.projects().unwrap();
        for text in ["umlaut", "lexer vanish", "config daemon socket retry", "umlaut lexer \"retry budget\""]
        {
            let mut question = ask(text);
            for filtered in [false, true] {
                if filtered {
                    question.filter.projects = vec![projects[chance(projects.len())].id];
                }
                let kept = recall.search(&shelf.store, &question).unwrap();
                assert_eq!(kept, shelf.search(&question), "round {round}, {text}, {filtered}");
            }
        }
    }
    assert!(shelf.store.index_state().unwrap().passages > 2048, "blocks were sealed on the way");
}
