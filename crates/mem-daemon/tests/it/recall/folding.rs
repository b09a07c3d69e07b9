//! One hit for one happening, and what was replaced leads to what replaced it.

use mem_core::recall::{DocId, DocKind, Filter};
use mem_daemon::recall::Ask;

use super::shelf::{Shelf, Turn, ask, ids, observation, turn};

#[test]
fn what_was_replaced_leads_to_what_replaced_it() {
    let mut shelf = Shelf::new();
    let old =
        Turn { observations: vec![observation("Cache in Redis", "dates parse")], ..turn("a", 9, "where") };
    let new = Turn { observations: vec![observation("Cache on disk", "simpler")], ..turn("b", 3, "again") };
    let last = Turn { observations: vec![observation("Cache in memory", "last")], ..turn("c", 1, "finally") };
    let told = shelf.tell_all(&[old, new, last]);
    let [old, new, last] = [0, 1, 2].map(|at: usize| told[at].observations[0]);
    shelf.store.write(|tx| tx.supersede(old, new).and_then(|()| tx.supersede(new, last))).unwrap();
    shelf.index();

    // a word that only the first one has
    let answer = shelf.search(&ask("redis"));
    assert_eq!(ids(&answer), [DocId::Observation(last)]);
    assert_eq!(answer.hits[0].also, [DocId::Observation(old)]);
    assert_eq!(answer.hits[0].title, "Cache in memory");

    // a word that all of them have: one hit, that holds
    let answer = shelf.search(&ask("cache"));
    assert_eq!(ids(&answer), [DocId::Observation(last)]);
    let mut also = answer.hits[0].also.clone();
    also.sort();
    assert_eq!(also, [DocId::Observation(old), DocId::Observation(new)]);
    assert_eq!(answer.total, 1);

    // without words
    let observations = Filter { kinds: vec![DocKind::Observation], ..Filter::default() };
    let answer = shelf.search(&Ask { filter: observations, ..ask("") });
    assert_eq!(ids(&answer), [DocId::Observation(last)]);
}

#[test]
fn a_turn_that_says_one_thing_three_times_is_one_hit() {
    let mut shelf = Shelf::new();
    let said = Turn {
        answer: "Umlauts survive the lexer now".to_owned(),
        summary: "Keep umlauts in the lexer".to_owned(),
        ..turn("a", 2, "Umlauts vanish in the lexer")
    };
    let other = turn("b", 1, "The lexer is slow");
    let told = shelf.tell_all(&[said, other]);
    shelf.index();
    let answer = shelf.search(&ask("umlauts lexer"));
    assert_eq!(answer.hits.len(), 2);
    assert_eq!(answer.total, 2);
    let hit = &answer.hits[0];
    let mut all = hit.also.clone();
    all.push(hit.id);
    all.sort();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.contains(&told[0].prompt()) && all.contains(&told[0].answer.unwrap()));
    assert!(all.iter().any(|id| id.kind() == DocKind::Summary));
    assert_eq!(answer.hits[1].id, told[1].prompt());

    let filter = Filter { kinds: vec![DocKind::Answer], ..Filter::default() };
    let answer = shelf.search(&Ask { filter, ..ask("umlauts lexer") });
    assert_eq!(ids(&answer), [told[0].answer.unwrap()]);
    assert_eq!(answer.hits[0].also, [], "what a filter leaves out is not folded in either");
}

#[test]
fn a_commit_is_one_with_what_was_observed_of_its_event() {
    let mut shelf = Shelf::new();
    let committed = Turn {
        answer: "done".to_owned(),
        observations: vec![
            observation("Fix the loop bound", "off by one"),
            observation("Loop bound tests", "from nothing in particular"),
        ],
        commits: vec!["Fix the loop bound".to_owned()],
        ..turn("a", 2, "please")
    };
    let told = shelf.tell(&committed);
    shelf.index();
    let answer = shelf.search(&ask("loop bound"));
    assert_eq!(answer.hits.len(), 2, "{:?}", ids(&answer));
    let of_commit = |id: &DocId| id.kind() == DocKind::Commit;
    let hit = answer.hits.iter().find(|hit| of_commit(&hit.id) || hit.also.iter().any(of_commit)).unwrap();
    assert!(hit.id == told.observation(0) || hit.also == [told.observation(0)], "{hit:?}");
    assert!(ids(&answer).contains(&told.observation(1)));
}

/// Twelve turns of three sessions, in the order of time, all of which hold one word.
fn twelve() -> (Shelf, Vec<DocId>) {
    let mut shelf = Shelf::new();
    let turns: Vec<Turn> = (0..12)
        .map(|at| turn(["a", "b", "c"][at % 3], 20 - at as i64, &format!("umlauts and matter {at}")))
        .collect();
    let told = shelf.tell_all(&turns);
    shelf.index();
    (shelf, told.iter().map(super::shelf::Told::prompt).collect())
}

#[test]
fn no_session_crowds_out_the_others() {
    let (shelf, _) = twelve();
    for text in ["umlauts", ""] {
        let answer = shelf.search(&Ask { per_session: 2, ..ask(text) });
        assert_eq!(answer.hits.len(), 6);
        for session in ["a", "b", "c"] {
            assert_eq!(answer.hits.iter().filter(|hit| hit.session.0 == session).count(), 2, "{text:?}");
        }
    }
    assert_eq!(shelf.search(&ask("umlauts")).hits.len(), 12);
}

#[test]
fn pages_follow_each_other() {
    let (shelf, _) = twelve();
    for text in ["umlauts", ""] {
        let all = shelf.found(text);
        let mut paged = Vec::new();
        for offset in (0..15).step_by(5) {
            paged.extend(ids(&shelf.search(&Ask { offset, limit: 5, ..ask(text) })));
        }
        assert_eq!(paged, all, "{text:?}");
        assert_eq!(shelf.search(&Ask { offset: 100, ..ask(text) }).hits, []);
        assert_eq!(shelf.search(&Ask { limit: 0, ..ask(text) }).hits, []);
    }
}

#[test]
fn the_newest_and_the_oldest_first() {
    use mem_daemon::recall::Order;
    let (shelf, mut told) = twelve();
    for text in ["umlauts", ""] {
        assert_eq!(ids(&shelf.search(&Ask { order: Order::Oldest, ..ask(text) })), told, "{text:?}");
        told.reverse();
        assert_eq!(ids(&shelf.search(&Ask { order: Order::Newest, ..ask(text) })), told, "{text:?}");
        told.reverse();
    }
    told.reverse();
    assert_eq!(shelf.found(""), told, "without words, the newest is the best");
}

#[test]
fn a_hit_never_leaves_the_filter_for_what_replaced_it() {
    let mut shelf = Shelf::new();
    let here = Turn { observations: vec![observation("Cache in Redis", "")], ..turn("a", 9, "where") };
    let there = Turn {
        project: "q".to_owned(),
        observations: vec![observation("Cache on disk", "")],
        ..turn("b", 3, "again")
    };
    let told = shelf.tell_all(&[here, there]);
    let [old, new] = [0, 1].map(|at: usize| told[at].observations[0]);
    shelf.store.write(|tx| tx.supersede(old, new)).unwrap();
    shelf.index();
    let filter = Filter { projects: vec![told[0].project], ..Filter::default() };
    for text in ["redis", "", "cache"] {
        let answer = shelf.search(&Ask { filter: filter.clone(), ..ask(text) });
        for hit in &answer.hits {
            assert_eq!(hit.project, told[0].project, "{text:?} led to {}", hit.title);
        }
    }
}

#[test]
fn what_is_held_back_of_a_session_is_counted_where_it_would_have_been_shown() {
    let (shelf, _) = twelve();
    for text in ["umlauts", ""] {
        let held_back = |per_session, limit, offset| {
            shelf.search(&Ask { per_session, limit, offset, ..ask(text) }).held_back
        };
        assert_eq!(held_back(2, 20, 0), 6, "{text:?}");
        assert_eq!(held_back(4, 20, 0), 0, "{text:?}: all of each are shown");
        assert_eq!(held_back(0, 20, 0), 0, "{text:?}: there is no limit");
        assert_eq!(held_back(2, 20, 6), 0, "{text:?}: who goes on is shown them");
    }
    // the newest three are of three sessions
    assert_eq!(shelf.search(&Ask { per_session: 1, limit: 3, ..ask("") }).held_back, 0);
}
