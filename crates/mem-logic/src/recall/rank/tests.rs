//! The parts of the ranking, on arrays that one can reckon with.

use super::super::{terms, words};
use super::*;

const W: Weights = Weights::SHIPPED;
/// Numbers of a prompt and of an observation.
const PROMPT: i64 = 8 + 2;
const OBSERVATION: i64 = 8;

/// Passages by session, kind of document and number of words.
struct Rows {
    doc: Vec<i64>,
    session: Vec<u32>,
    words: Vec<u16>,
    scope: Scope,
}

impl Rows {
    fn of(rows: &[(u32, i64, u16)]) -> Self {
        let mut scope = Scope::default();
        for (place, (session, _, words)) in (0..).zip(rows) {
            scope.add(place, *session, *words);
        }
        Self {
            doc: rows.iter().map(|row| row.1).collect(),
            session: rows.iter().map(|row| row.0).collect(),
            words: rows.iter().map(|row| row.2).collect(),
            scope,
        }
    }

    fn shelf(&self) -> Shelf<'_> {
        Shelf { doc: &self.doc, session: &self.session, words: &self.words }
    }

    fn sums(&self, terms: &[Postings]) -> (Vec<(u32, f32)>, Vec<f32>) {
        let mut sums = Sums::default();
        let frequencies = sessions(&mut sums, self.shelf(), &self.scope, terms, &W);
        (largest(&sums, &Sums::default(), 10), frequencies)
    }

    fn best(&self, places: &[u32], terms: &[(u16, u32, bool)], worth: &[f32]) -> Best {
        best_window(Matched { places, terms }, self.shelf(), &self.scope, worth, &W)
    }
}

fn at(places: &[u32]) -> Postings {
    let places: Vec<(u32, bool)> = places.iter().map(|place| (*place, false)).collect();
    Postings { frequency: places.len() as f32, places, weight: 1.0 }
}

fn order(largest: &[(u32, f32)]) -> Vec<u32> {
    largest.iter().map(|(session, _)| *session).collect()
}

#[test]
fn a_scope_counts_passages_words_and_sessions() {
    let rows = Rows::of(&[(3, PROMPT, 10), (3, PROMPT, 0), (5, PROMPT, 19)]);
    let scope = &rows.scope;
    assert_eq!((scope.passages, scope.words, scope.sessions), (3, 30, 2));
    let of_session = |words, first, last| OfSession { words, first, last };
    assert_eq!(scope.of(3), of_session(11, 0, 1));
    assert_eq!(scope.of(5), of_session(19, 2, 2));
    assert_eq!((scope.of(4), scope.of(99)), (OfSession::default(), OfSession::default()));
    assert_eq!((scope.mean_passage(), scope.mean_session()), (10.0, 15.0));
    let none = Scope::default();
    assert_eq!((none.mean_passage(), none.mean_session()), (1.0, 1.0), "nothing is divided by nothing");
}

#[test]
fn observations_and_summaries_tell_again() {
    let rows = Rows::of(&[(1, 8, 1), (1, 9, 1), (1, 10, 1), (1, 11, 1), (1, 12, 1)]);
    let retold: Vec<bool> = (0..5).map(|place| rows.shelf().is_retold(place)).collect();
    assert_eq!(retold, [true, true, false, false, false]);
}

#[test]
fn sums_of_sessions() {
    let even = |rows: &[(u32, i64)]| -> Vec<(u32, i64, u16)> {
        rows.iter().map(|(session, doc)| (*session, *doc, 10)).collect()
    };
    let prompts = even(&[(1, PROMPT), (2, PROMPT), (3, PROMPT), (4, PROMPT)]);
    let often = Postings { places: vec![(0, false), (1, true)], frequency: 2.0, weight: 1.0 };
    let heavy = Postings { weight: 3.0, ..at(&[1]) };
    for (what, rows, terms, wanted) in [
        ("both words before one", &prompts, vec![at(&[0, 1]), at(&[1])], vec![2, 1]),
        ("a rare word before a common one", &prompts, vec![at(&[0, 1, 2]), at(&[3])], vec![4, 3, 2, 1]),
        ("twice before once", &prompts, vec![often], vec![2, 1]),
        ("a heavy word before a light one", &prompts, vec![at(&[0]), heavy], vec![2, 1]),
        ("said before told again", &even(&[(1, PROMPT), (2, OBSERVATION)]), vec![at(&[0, 1])], vec![1, 2]),
        ("short before long", &vec![(1, PROMPT, 10), (2, PROMPT, 90)], vec![at(&[0, 1])], vec![1, 2]),
        ("the later row of equals", &prompts, vec![at(&[0, 1])], vec![2, 1]),
        ("no word", &prompts, vec![], vec![]),
    ] {
        assert_eq!(order(&Rows::of(rows).sums(&terms).0), wanted, "{what}");
    }
}

#[test]
fn what_was_not_read_makes_a_word_less_telling() {
    let rows = Rows::of(&[(1, PROMPT, 10), (2, PROMPT, 10), (3, PROMPT, 10), (4, PROMPT, 10)]);
    let (read, frequencies) = rows.sums(&[at(&[0])]);
    assert_eq!(frequencies, [1.0]);
    let (bounded, frequencies) = rows.sums(&[Postings { frequency: 4.0, ..at(&[0]) }]);
    assert_eq!(frequencies, [2.0], "the root of what is unread");
    assert!(bounded[0].1 < read[0].1);
}

#[test]
fn sums_begin_at_nothing_each_time_and_give_as_many_as_asked_for() {
    let rows = Rows::of(&[(1, PROMPT, 10), (2, PROMPT, 10), (3, PROMPT, 10)]);
    let mut sums = Sums::default();
    let mut reckon = |terms: &[Postings]| {
        sessions(&mut sums, rows.shelf(), &rows.scope, terms, &W);
        (largest(&sums, &Sums::default(), 2).len(), sums.touched().count(), sums.of(1), sums.of(99))
    };
    let first = reckon(&[at(&[0, 1, 2])]);
    assert_eq!((first.0, first.1, first.3), (2, 3, 0.0));
    assert!(first.2 > 0.0);
    assert_eq!(reckon(&[at(&[2])]), (1, 1, 0.0, 0.0));
    assert_eq!(reckon(&[]), (0, 0, 0.0, 0.0));
}

#[test]
fn sums_of_two_legs_are_taken_together() {
    let rows = Rows::of(&[(1, PROMPT, 10), (2, PROMPT, 10), (3, PROMPT, 10)]);
    let of = |terms: &[Postings]| {
        let mut sums = Sums::default();
        sessions(&mut sums, rows.shelf(), &rows.scope, terms, &W);
        sums
    };
    let (words, codes) = (of(&[at(&[0, 1])]), of(&[at(&[1, 2])]));
    let both = largest(&words, &codes, 10);
    assert_eq!(order(&both), [2, 3, 1], "what both know first, and each once");
    assert!((both[0].1 - words.of(2) - codes.of(2)).abs() < 1e-6);
    assert_eq!(order(&largest(&words, &codes, 1)), [2]);
    assert!(largest(&Sums::default(), &Sums::default(), 9).is_empty());
}

#[test]
fn the_best_window_is_where_the_words_stand_together() {
    let rows = Rows::of(&[(1, PROMPT, 10); 9]);
    let all: Vec<u32> = (0..9).collect();
    // both words, two passages apart at the end, and one of them at the begin
    let best = rows.best(&all, &[(0, 0, false), (0, 6, false), (1, 8, false)], &[1.0, 1.0]);
    assert!((6..=8).contains(&best.middle), "{best:?}");
    assert!(best.first > 0.0 && best.first < best.score);
    let middles: Vec<usize> = best.windows.iter().map(|window| window.at).collect();
    assert_eq!(middles, [0, 1, 2, 4, 5, 6, 7, 8], "two on each side of a word");
    let own: Vec<usize> =
        best.windows.iter().filter(|window| window.own > 0.0).map(|window| window.at).collect();
    assert_eq!(own, [0, 6, 8], "a neighbour has nothing of its own");

    let one = rows.best(&all, &[(0, 4, false)], &[1.0]);
    assert_eq!((one.middle, one.first), (4, 0.0));
    let twice = rows.best(&all, &[(0, 4, true)], &[1.0]);
    assert!(twice.score > one.score && twice.score < 2.0 * one.score, "what comes again adds less");
    assert!(twice.score <= most(&[1.0], &W));
    assert_eq!(rows.best(&all, &[], &[]), Best::default());
    assert_eq!(rows.best(&[0, 1], &[(0, 7, false)], &[1.0]), Best::default(), "of another session");
}

#[test]
fn halves_are_joined_by_place() {
    let window = |at: usize, score: f32| OfMiddle { at, score, own: score };
    let half = |middle: usize, score: f32, first: f32| Best {
        score,
        middle,
        first,
        windows: vec![window(middle, score)],
    };
    let joined = half(2, 1.0, 0.5).and(half(1, 3.0, 0.2), 10, &W);
    assert_eq!((joined.score, joined.middle, joined.first), (3.0 * W.retold_window, 11, 0.5));
    assert_eq!(joined.windows, [window(2, 1.0), window(11, 3.0)]);
    let joined = half(2, 3.0, 0.0).and(half(1, 1.0, 0.2), 10, &W);
    assert_eq!((joined.score, joined.middle, joined.first), (3.0, 2, 0.2));
    let joined = half(2, 3.0, 0.0).and(half(1, 3.2, 0.0), 10, &W);
    assert_eq!((joined.score, joined.middle), (3.0, 2), "what was said wins where it says nearly as much");
}

#[test]
fn rare_words_are_worth_more() {
    let rows = Rows::of(&[(1, PROMPT, 10), (2, PROMPT, 10), (3, PROMPT, 10), (4, PROMPT, 10)]);
    let postings = [at(&[0]), at(&[0, 1, 2]), Postings { weight: 2.0, ..at(&[0]) }];
    let worth = worth(&rows.scope, &postings, &[1.0, 3.0, 1.0]);
    assert!(worth[0] > worth[1] && worth[1] > 0.0, "{worth:?}");
    assert!((worth[2] - 2.0 * worth[0]).abs() < 1e-6, "{worth:?}");
    assert!(most(&[], &W) > 0.0, "it is divided by");
}

fn said(text: &str) -> Said {
    Said { words: numbers(text) }
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(' ').map(number).collect()
}

#[test]
fn words_are_numbered_for_good() {
    // the published values of FNV-1a in 32 bits
    for (word, wanted) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
        assert_eq!(number(word), wanted, "{word:?}");
    }
}

#[test]
fn what_is_said_is_its_words_without_those_that_say_nothing() {
    let text = "The Builds and the parse_header failed";
    let wanted = said("build parsehead pars header fail");
    assert_eq!(Said::of(text, &terms(text)), wanted, "of all terms");
    assert_eq!(Said::of(text, &words(text)), wanted, "of the words alone");
    assert_eq!(Said::of("", &[]), Said::default());
}

#[test]
fn pairs_stand_side_by_side() {
    let asked = numbers("disk full error");
    for (text, wanted) in [
        ("a disk full of error", &[0, 1][..]),
        ("disk quite full", &[0]),
        ("disk quite very full", &[]),
        ("full disk", &[0]),
        ("full of disk", &[]),
        ("full x disk y z disk full", &[0]),
        ("error full", &[1]),
        ("", &[]),
    ] {
        assert_eq!(pairs(&asked, &said(text)), wanted, "{text:?}");
    }
    assert_eq!(pairs(&[], &said("disk full")), [] as [usize; 0]);
    assert_eq!(pairs(&asked[..1], &said("disk full")), [] as [usize; 0]);
    let same = numbers("disk disk");
    assert_eq!(pairs(&same, &said("disk disk")), [] as [usize; 0], "a word is no neighbour of itself");
}

#[test]
fn expansions_are_what_the_best_share() {
    let best = [(2.0, said("disk quota user quota")), (1.0, said("disk user")), (0.5, said("yes no"))];
    let found = expansions(&best, &numbers("disk"));
    let mut first = vec![(number("quota"), 1.0), (number("user"), 1.0)];
    first.sort_unstable_by_key(|(word, _)| *word);
    assert_eq!(found[..2], first, "equals in the order of their numbers");
    assert_eq!(found.len(), 4, "nothing that was asked: {found:?}");
    assert_eq!(expansions(&[], &[]), []);
}

#[test]
fn files_are_shared_with_the_best() {
    let files = |paths: &[&str]| -> Vec<String> { paths.iter().map(|path| (*path).to_owned()).collect() };
    let ranked = [
        (1.0, files(&["a.rs", "b.rs"])),
        (0.5, files(&["z.rs"])),
        (0.4, files(&["a.rs", "b.rs"])),
        (0.3, files(&["a.rs", "c.rs", "d.rs"])),
        (0.2, files(&[])),
    ];
    let shared = shared_files(&ranked);
    assert!((shared[2] - 1.0).abs() < 1e-6, "the most there is: {shared:?}");
    assert!(shared[3] > 0.0 && shared[3] < 1.0, "{shared:?}");
    assert_eq!((shared[1], shared[4]), (0.0, 0.0));
    assert_eq!(shared_files(&[]), [] as [f32; 0]);
    assert_eq!(shared_files(&ranked[..2]), [0.0, 0.0], "nothing is shared");
}

#[test]
fn files_shared_with_those_far_behind_count_nothing() {
    let mut ranked: Vec<(f32, Vec<String>)> = (0..15).map(|at| (1.0, vec![format!("{at}.rs")])).collect();
    ranked.extend([(0.1, vec!["x.rs".to_owned()]), (0.1, vec!["x.rs".to_owned()])]);
    assert_eq!(shared_files(&ranked), [0.0; 17]);
}

fn matter(at: i64, score: f32, text: &str) -> Matter {
    Matter { at, score, said: said(text) }
}

#[test]
fn the_newer_moves_only_with_a_word_of_change_and_likeness() {
    let old = matter(1, 1.0, "session redi custom lifetim");
    let others = [
        matter(5, 0.9, "lexer umlaut token"),
        matter(6, 0.8, "docker imag layer"),
        matter(7, 0.7, "parser tree node"),
    ];
    let cue = "session custom postgr replac redi";
    for (what, newer, moves) in [
        ("a cue, likeness, later", matter(9, 0.6, cue), true),
        ("no cue", matter(9, 0.6, "session custom postgr redi"), false),
        ("no likeness", matter(9, 0.6, "umbrella replac rain"), false),
        ("earlier", matter(0, 0.6, cue), false),
        ("at the same moment", matter(1, 0.6, cue), false),
        ("far behind", matter(9, 0.39, cue), false),
    ] {
        let mut ranked = vec![old.clone()];
        ranked.extend(others.clone());
        ranked.push(newer);
        let wanted: &[usize] = if moves { &[4, 0, 1, 2, 3] } else { &[0, 1, 2, 3, 4] };
        assert_eq!(newer_first(&ranked), wanted, "{what}");
    }
}

#[test]
fn where_everything_is_alike_nothing_moves() {
    let same = "session custom postgr instead redi";
    let ranked: Vec<Matter> = (0..5).map(|at| matter(at, 1.0, same)).collect();
    assert_eq!(newer_first(&ranked), [0, 1, 2, 3, 4]);
    assert_eq!(newer_first(&[]), [] as [usize; 0]);
    assert_eq!(newer_first(&ranked[..1]), [0]);
}

#[test]
fn only_the_first_five_move() {
    let mut ranked = vec![matter(1, 1.0, "session redi custom")];
    for (at, text) in ["lexer umlaut", "docker imag", "parser tree", "editor photo"].iter().enumerate() {
        ranked.push(matter(5 + at as i64, 0.9, text));
    }
    ranked.push(matter(99, 0.8, "session custom instead redi"));
    assert_eq!(newer_first(&ranked), [0, 1, 2, 3, 4, 5]);
}
