//! Every question and every answer comes back from its line, and whatever else a line may hold is no panic.

use mem_core::recall::{DocId, DocKind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Answer, Conditions, Hit, Order, Question, Reply};
use crate::search::{Coverage, Gloss, How, Meaning, Reason, Window};

const PROGRAM: &str = "0.1.0";

/// Any text, line ends, NUL and all.
fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..3)
}

fn rows() -> impl Strategy<Value = Vec<i64>> {
    vec(any::<i64>(), 0..3)
}

fn doc() -> impl Strategy<Value = DocId> {
    (0..DocKind::ALL.len(), any::<i32>()).prop_map(|(kind, row)| DocId::of(DocKind::ALL[kind], row.into()))
}

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

prop_compose! {
    fn conditions()(
        (projects, sessions, not_sessions) in (rows(), rows(), rows()),
        (agents, worktrees, branches, kinds) in (texts(), texts(), texts(), texts()),
        (types, concepts, files, folders) in (texts(), texts(), texts(), texts()),
        (from, until) in any::<(Option<i64>, Option<i64>)>(),
    ) -> Conditions {
        Conditions {
            projects, sessions, not_sessions, agents, worktrees, branches, kinds, types, concepts, files, folders,
            from, until,
        }
    }
}

prop_compose! {
    fn question()(
        (store, text, files, zone) in (text(), text(), texts(), option::of(text())),
        conditions in conditions(),
        (here, as_of, explain, now) in any::<(Option<i64>, Option<i64>, bool, i64)>(),
        (limit, offset, per_session) in any::<(usize, usize, usize)>(),
        order in prop_oneof![Just(Order::Best), Just(Order::Newest), Just(Order::Oldest)],
    ) -> Question {
        Question {
            store, text, conditions, here, files, as_of, order, limit, offset, per_session, explain, now, zone,
        }
    }
}

prop_compose! {
    fn hit()(
        (id, also, score) in (doc(), vec(doc(), 0..3), number()),
        (title, snippet, session) in (text(), text(), text()),
        (of_type, branch, file) in (option::of(text()), option::of(text()), option::of(text())),
        (at, project, tokens) in any::<(i64, i64, u32)>(),
        reasons in vec((text(), any::<Option<usize>>(), number(), text()), 0..2),
    ) -> Hit {
        let reason = |(of, rank, adds, with)| Reason { of, rank, adds, with };
        let reasons = reasons.into_iter().map(reason).collect();
        Hit { id, also, of_type, title, snippet, at, project, session, branch, file, tokens, score, reasons }
    }
}

prop_compose! {
    fn answer()(
        (legs, words, left_out, unknown, too_short, elsewhere, operators) in
            (texts(), texts(), texts(), texts(), texts(), texts(), texts()),
        (corrected, gloss) in (vec((text(), text()), 0..2), option::of((text(), text()))),
        window in option::of((text(), any::<(i64, i64, usize)>())),
        ((bounded, unsure, unread), rebuilding, passages, waiting, total) in any::<((bool, bool, bool), bool, u64, u64, usize)>(),
        (meaning, held_back) in any::<(Option<u64>, usize)>(),
        hits in vec(hit(), 0..3),
    ) -> Answer {
        let window = window.map(|(said, (from, until, found))| Window { said, from, until, found });
        let gloss = gloss.map(|(language, english)| Gloss { language, english });
        let how = How { legs, words, left_out, corrected, gloss, unknown, elsewhere, too_short, operators, window, bounded, unsure, unread };
        let meaning = meaning.map(|passages| Meaning { passages });
        Answer { how, coverage: Coverage { passages, waiting, rebuilding, meaning }, total, held_back, hits }
    }
}

proptest! {
    #[test]
    fn a_question_is_one_line_and_comes_back(question in question()) {
        let line = question.line(PROGRAM);
        prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
        prop_assert_eq!(Question::read(line.as_bytes(), PROGRAM), Ok(question.clone()));
        prop_assert_eq!(Question::read(line.as_bytes(), "0.1.1"), Err("another version asks".to_owned()));
    }

    #[test]
    fn an_answer_is_one_line_and_comes_back_to_the_last_bit(answer in answer()) {
        let line = Reply::Found(Box::new(answer.clone())).line(PROGRAM);
        prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
        prop_assert_eq!(Reply::read(line.as_bytes(), PROGRAM), Reply::Found(Box::new(answer)));
        prop_assert!(matches!(Reply::read(line.as_bytes(), "0.1"), Reply::Refused(_)));
    }

    #[test]
    fn what_is_cut_or_changed_is_no_panic(question in question(), answer in answer(), at: prop::sample::Index, to: u8) {
        for line in [question.line(PROGRAM), Reply::Found(Box::new(answer)).line(PROGRAM)] {
            let mut bytes = line.into_bytes();
            let at = at.index(bytes.len());
            let _whatever = (Question::read(&bytes[..at], PROGRAM), Reply::read(&bytes[..at], PROGRAM));
            bytes[at] = to;
            let _whatever = (Question::read(&bytes, PROGRAM), Reply::read(&bytes, PROGRAM));
        }
    }
}

#[test]
fn what_others_say_is_refused() {
    let refused = |line: &str| match Reply::read(line.as_bytes(), PROGRAM) {
        Reply::Refused(why) => why,
        Reply::Found(answer) => panic!("{answer:?}"),
    };
    // what daemons said before there was such a question
    assert_eq!(refused("what?\n"), "another version answers");
    assert_eq!(refused("found 2/0.1.0 {}\n"), "another version answers");
    assert_eq!(refused("found 1/0.1.01 {}\n"), "another version answers");
    assert_eq!(refused(""), "another version answers");
    assert!(refused("found 1/0.1.0 {}\n").starts_with("the answer cannot be read"));
    assert_eq!(refused(&Reply::Refused("two\nlines".into()).line(PROGRAM)), "two lines");
    for deep in [String::new(), "{\"more\":".to_owned(), "{\"conditions\":".to_owned()] {
        let deep = format!("search 1/0.1.0 {deep}{}", "[".repeat(200_000));
        assert!(
            Question::read(deep.as_bytes(), PROGRAM).unwrap_err().starts_with("the question cannot be read")
        );
    }
    let strange = Reply::Found(Box::default()).line(PROGRAM).replace("\"hits\":[]", "\"hits\":[{\"id\":13}]");
    assert!(refused(&strange).contains("13 is no document"));
}
