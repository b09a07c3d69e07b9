//! Whatever happened: a request stays within its size, and a turn gets to its end.

use mem_core::event::{Action, Body, Outcome};
use mem_core::id::EventId;
use mem_core::model::Ask;
use proptest::prelude::*;

use super::turn::Turn;
use crate::ask::{Bounds, Composed, Earlier};

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z<>/ _.\n]{0,60}",
        1 => "\\PC{0,80}",
        1 => ("[a-z \n]{1,12}", 0_usize..3_000).prop_map(|(word, times)| word.repeat(times)),
        1 => ("[一-龥é]{1,6}", 0_usize..3_000).prop_map(|(word, times)| word.repeat(times)),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => Just(Outcome::Succeeded),
        1 => words().prop_map(|error| Outcome::Failed { error }),
        1 => Just(Outcome::Interrupted),
    ]
}

fn actions() -> impl Strategy<Value = Action> {
    let code = prop_oneof![Just(None), Just(Some(0)), Just(Some(101))];
    prop_oneof![
        (words(), words(), code, words()).prop_map(|(command, description, exit_code, output)| Action::Ran {
            command,
            description,
            exit_code,
            output
        }),
        (words(), any::<bool>(), words(), any::<u32>(), any::<u32>()).prop_map(
            |(path, created, patch, added, removed)| Action::Changed { path, created, patch, added, removed }
        ),
        (words(), words()).prop_map(|(path, content)| Action::Read { path, content }),
        (words(), words(), words()).prop_map(|(query, place, found)| Action::Searched {
            query,
            place,
            found
        }),
        (words(), words()).prop_map(|(target, content)| Action::Fetched { target, content }),
        (words(), words()).prop_map(|(path, text)| Action::Noted { path, text }),
        (proptest::option::of("[ab]"), words(), words(), words())
            .prop_map(|(subagent, kind, task, said)| { Action::Delegated { subagent, kind, task, said } }),
        (words(), words()).prop_map(|(input, output)| Action::Other { input, output }),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Used(String, Action, Outcome),
    Happened(Body),
    Subagent(Option<String>),
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (words(), actions(), outcomes()).prop_map(|(tool, action, outcome)| Step::Used(tool, action, outcome)),
        2 => proptest::option::of("[ab]").prop_map(Step::Subagent),
        1 => words().prop_map(|said| Step::Happened(Body::Answered { said })),
        1 => words().prop_map(|said| Step::Happened(Body::SubagentStopped { said })),
        1 => Just(Step::Happened(Body::SubagentStarted)),
        1 => words().prop_map(|prompt| Step::Happened(Body::Prompted { prompt })),
        1 => (words(), words(), words())
            .prop_map(|(error, details, said)| Step::Happened(Body::AnswerFailed { error, details, said })),
        1 => words().prop_map(|reason| Step::Happened(Body::SessionEnded { reason })),
    ]
}

fn turn(prompt: &str, steps: Vec<Step>) -> Turn {
    steps.into_iter().fold(Turn::asked(prompt), |turn, step| match step {
        Step::Used(tool, action, outcome) => turn.used(&tool, action, outcome),
        Step::Happened(body) => turn.happened(body),
        Step::Subagent(Some(id)) => turn.by_subagent(&id),
        Step::Subagent(None) => turn.by_agent(),
    })
}

/// Characters of a request that are no events: tags and closing words, prompt, digest, project, part, marks of cuts.
const FRAME: usize = 900 + 4_100 + 2_500 + 120 + 300;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_turn_is_asked_about_within_bounds_and_to_its_end(
        prompt in words(),
        steps in proptest::collection::vec(steps(), 0..24),
        titles in proptest::collection::vec(words(), 0..4),
        tokens in 0_u64..9_000,
        smaller in 0_u32..40,
    ) {
        let mut turn = turn(&prompt, steps);
        turn.earlier = Earlier { titles, ..Earlier::default() };
        let end = turn.events.last().unwrap().0;
        let bounds = Bounds { tokens, smaller };
        let (mut after, mut covered) = (EventId(0), Vec::new());
        while after < end {
            match turn.compose_after(after, bounds) {
                Composed::Trivial { through } => {
                    prop_assert!(through > after);
                    after = through;
                }
                Composed::Asked(asked) => {
                    prop_assert!(asked.through > after && asked.through <= end);
                    prop_assert_eq!(asked.whole, asked.through == end);
                    prop_assert!(asked.ask.text.starts_with('<'));
                    prop_assert!(asked.proof.sources.iter().all(|id| *id > after && *id <= asked.through));
                    let (before, happened) = asked.ask.text.split_once("<happened>\n").unwrap();
                    let (happened, behind) = happened.split_once("</happened>").unwrap();
                    let size = |text: &str| Ask { system: String::new(), text: text.into(), most_output: 0 }.tokens();
                    prop_assert!(!happened.is_empty());
                    prop_assert!(size(happened) <= (tokens >> smaller.min(32)).max(600), "{}", size(happened));
                    prop_assert!(before.chars().count() + behind.chars().count() <= FRAME);
                    covered.extend(asked.proof.sources);
                    after = asked.through;
                }
            }
            turn.part += 1;
        }
        prop_assert!(covered.is_sorted_by(|a, b| a < b), "no event is sent twice");
    }
}

#[test]
fn one_event_that_is_too_large_is_cut_to_fit() {
    let huge = "字".repeat(60_000);
    let turn = Turn::asked("Show it.").failed(&huge, 1, &huge).answered(&huge);
    for smaller in 0..6 {
        let Composed::Asked(asked) = turn.compose_after(EventId(0), Bounds { tokens: 1_000, smaller }) else {
            panic!("a failure is worth asking about");
        };
        assert!(asked.through >= EventId(2));
        assert!(asked.ask.text.contains("characters left out"));
    }
}

#[test]
fn each_step_smaller_asks_for_less() {
    let mut turn = Turn::asked(&"Do all of it. ".repeat(1_000));
    for at in 0..40 {
        turn = turn.failed(&format!("make {at}"), 2, &"error: something went wrong here\n".repeat(300));
    }
    let sizes: Vec<usize> = (0..4)
        .map(|smaller| match turn.compose_after(EventId(0), Bounds { tokens: 8_000, smaller }) {
            Composed::Asked(asked) => asked.ask.text.len(),
            Composed::Trivial { .. } => panic!("failures are worth asking about"),
        })
        .collect();
    assert!(sizes.windows(2).all(|pair| pair[1] * 10 < pair[0] * 7), "{sizes:?}");
}

#[test]
fn thousands_of_events_go_in_parts_too() {
    let mut turn = Turn::asked("Read everything.");
    for at in 0..2_500 {
        turn = turn.read(&format!("src/file_{at}.rs"), 1);
    }
    let turn = turn.answered("Everything was read.\nAll is well.");
    let Composed::Asked(asked) = turn.compose_after(EventId(0), Bounds { tokens: 200_000, smaller: 0 })
    else {
        panic!("an answer of two lines is worth asking about");
    };
    assert_eq!((asked.through, asked.whole), (EventId(1_024), false));
}

#[test]
fn nothing_is_settled_for_nothing() {
    let turn = Turn::asked("x");
    assert_eq!(
        turn.compose_after(EventId(1), super::turn::NORMAL),
        Composed::Trivial { through: EventId(0) }
    );
}
