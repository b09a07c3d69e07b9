//! Events: exact round trips, idempotency, and which turn they belong to.

use mem_core::event::{Action, Agent, Body, Event, NaturalKey, Outcome, StartSource, Subagent, ToolUse};
use mem_core::id::SessionId;
use mem_core::time::Timestamp;
use mem_store::Put;
use proptest::prelude::*;

use crate::desk::{Desk, NOW, answered, event, of_prompt, project, prompted, put, ran, spot, started};

#[test]
fn a_session_goes_in_and_comes_out() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &started(0, StartSource::Startup));
    let (_, turn) = put(&mut store, &prompted(10, "p1", "fix the parser"));
    let turn = turn.unwrap();
    put(&mut store, &of_prompt("p1", ran(20, "t1")));
    put(&mut store, &answered(30, "p1"));
    let events: Vec<Event> = store.turn_events(turn).unwrap().into_iter().map(|(_, event)| event).collect();
    assert_eq!(
        events,
        [prompted(10, "p1", "fix the parser"), of_prompt("p1", ran(20, "t1")), answered(30, "p1")]
    );
    let project = project(&mut store);
    let sessions = store.sessions(Some(project), 10).unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!((sessions[0].turns, sessions[0].events), (1, 4));
    assert_eq!(sessions[0].first_prompt.as_deref(), Some("fix the parser"));
    assert_eq!(store.turns_to_distil(NOW, 10).unwrap()[0].id, turn);
}

#[test]
fn a_fixed_key_is_stored_once_and_a_counted_one_each_time() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    let project = project(&mut store);
    let again = store.write(|tx| tx.put_event(&ran(5, "t1"), &spot(project), NOW)).unwrap();
    assert_eq!(again, Put::Duplicate);
    let raw = Body::Raw { name: "Odd".to_owned(), json: "{}".to_owned() };
    let counted = Event { key: NaturalKey::Counted("abc".to_owned()), ..event(6, "", raw) };
    let (first, _) = put(&mut store, &counted);
    let (second, _) = put(&mut store, &counted);
    assert_ne!(first, second);
    assert_eq!(store.event(second).unwrap().unwrap().event, counted);
}

#[test]
fn a_payload_that_cannot_be_read_is_raw_and_stops_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (first, _) = put(&mut store, &ran(0, "t1"));
    let (second, _) = put(&mut store, &ran(1, "t2"));
    let conn = rusqlite::Connection::open(desk.path()).unwrap();
    conn.execute("UPDATE events SET payload = x'00112233' WHERE id = ?1", [first.0]).unwrap();
    conn.execute("UPDATE events SET kind = 'from_the_future' WHERE id = ?1", [second.0]).unwrap();
    let damaged = store.event(first).unwrap().unwrap().event;
    assert_eq!(damaged.body, Body::Raw { name: "tool_used".to_owned(), json: String::new() });
    match store.event(second).unwrap().unwrap().event.body {
        Body::Raw { name, json } => {
            assert_eq!(name, "from_the_future");
            assert!(json.contains("cargo test"), "{json}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ordinal_is_not_given_twice_after_pruning() {
    let desk = Desk::new();
    let mut store = desk.open();
    let counted = |at| Event {
        key: NaturalKey::Counted("abc".to_owned()),
        ..event(at, "", Body::Raw { name: "Odd".to_owned(), json: "{}".to_owned() })
    };
    put(&mut store, &counted(0));
    put(&mut store, &counted(10));
    store.write(|tx| tx.prune_events(NOW.plus_ms(5), u64::MAX, 10, NOW)).unwrap();
    put(&mut store, &counted(20));
    assert_eq!(store.counts().unwrap().events, 2);
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "\\PC{0,300}", Just(String::new()), Just("a\0b\n\u{feff}".to_owned())]
}

fn actions() -> impl Strategy<Value = Action> {
    let maybe = proptest::option::of(texts());
    prop_oneof![
        (texts(), texts(), any::<Option<i32>>(), texts()).prop_map(
            |(command, description, exit_code, output)| Action::Ran {
                command,
                description,
                exit_code,
                output
            }
        ),
        (texts(), any::<bool>(), texts(), any::<u32>(), any::<u32>()).prop_map(
            |(path, created, patch, added, removed)| Action::Changed { path, created, patch, added, removed }
        ),
        (texts(), texts()).prop_map(|(path, content)| Action::Read { path, content }),
        (texts(), texts(), texts()).prop_map(|(query, place, found)| Action::Searched {
            query,
            place,
            found
        }),
        (texts(), texts()).prop_map(|(target, content)| Action::Fetched { target, content }),
        (texts(), texts()).prop_map(|(path, text)| Action::Noted { path, text }),
        (maybe, texts(), texts(), texts()).prop_map(|(subagent, kind, task, said)| Action::Delegated {
            subagent,
            kind,
            task,
            said
        }),
        (texts(), texts()).prop_map(|(input, output)| Action::Other { input, output }),
    ]
}

fn calls() -> impl Strategy<Value = ToolUse> {
    let outcome = prop_oneof![
        Just(Outcome::Succeeded),
        Just(Outcome::Interrupted),
        texts().prop_map(|error| Outcome::Failed { error })
    ];
    (proptest::option::of(texts()), texts(), actions(), outcome, any::<Option<u64>>()).prop_map(
        |(id, tool, action, outcome, duration_ms)| ToolUse { id, tool, action, outcome, duration_ms },
    )
}

fn bodies() -> impl Strategy<Value = Body> {
    use StartSource::{Clear, Compact, Fork, Other, Resume, Startup};
    let source = proptest::sample::select(vec![Startup, Resume, Fork, Clear, Compact, Other]);
    prop_oneof![
        (source, proptest::option::of(texts()))
            .prop_map(|(source, model)| Body::SessionStarted { source, model }),
        texts().prop_map(|prompt| Body::Prompted { prompt }),
        calls().prop_map(Body::ToolUsed),
        proptest::collection::vec(calls(), 0..3).prop_map(|calls| Body::ToolsBatched { calls }),
        Just(Body::SubagentStarted),
        texts().prop_map(|said| Body::SubagentStopped { said }),
        texts().prop_map(|said| Body::Answered { said }),
        (texts(), texts(), texts()).prop_map(|(error, details, said)| Body::AnswerFailed {
            error,
            details,
            said
        }),
        texts().prop_map(|trigger| Body::Compacting { trigger }),
        (texts(), texts()).prop_map(|(trigger, summary)| Body::Compacted { trigger, summary }),
        (texts(), texts()).prop_map(|(from, to)| Body::Moved { from, to }),
        texts().prop_map(|reason| Body::SessionEnded { reason }),
        (texts(), texts()).prop_map(|(name, json)| Body::Raw { name, json }),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let key = prop_oneof![texts().prop_map(NaturalKey::Fixed), texts().prop_map(NaturalKey::Counted)];
    let maybe = || proptest::option::of(texts());
    let subagent = proptest::option::of((texts(), texts()).prop_map(|(id, kind)| Subagent { id, kind }));
    (bodies(), key, texts(), texts(), any::<i64>(), maybe(), maybe(), subagent).prop_map(
        |(body, key, session, cwd, at, transcript, prompt_id, subagent)| Event {
            agent: Agent::ClaudeCode,
            session: SessionId(session),
            at: Timestamp(at),
            cwd,
            transcript,
            prompt_id,
            subagent,
            key,
            body,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_comes_back_exactly(events in proptest::collection::vec(events(), 1..12)) {
        let desk = Desk::new();
        let mut store = desk.open();
        let project = project(&mut store);
        let mut stored = 0;
        for event in &events {
            match store.write(|tx| tx.put_event(event, &spot(project), NOW)).unwrap() {
                Put::Stored { event: id, turn, session } => {
                    stored += 1;
                    let row = store.event(id).unwrap().unwrap();
                    prop_assert_eq!(&row.event, event);
                    prop_assert_eq!((row.turn, row.session, row.spot), (turn, session, spot(project)));
                }
                Put::Duplicate => prop_assert!(matches!(event.key, NaturalKey::Fixed(_))),
            }
        }
        prop_assert_eq!(store.counts().unwrap().events, stored);
    }
}
