//! The timeline: every document has its one place in it, and what was replaced leads to what replaced it.

use mem_core::id::{ProjectId, SessionId};
use mem_core::observation::{Distilled, Distiller, Summary};
use mem_core::recall::{DocId, DocKind};
use mem_core::time::Timestamp;
use mem_store::{Condition, Put, Spot, Store, TimelineRow};
use proptest::prelude::*;

use crate::desk::{Desk, NOW, answered, observation, observe, of_prompt, place, prompted, ran};

/// A turn at `at` in a session of one of a few projects: a prompt, a command, an answer, what the local distiller made of
/// it, and for every other one what a model put in its place.
#[derive(Debug, Clone)]
struct Told {
    at: i64,
    project: usize,
    session: usize,
    observations: usize,
    observed: bool,
}

fn told() -> impl Strategy<Value = Told> {
    // few moments, so that many things happen at the same one
    (0..6i64, 0..3usize, 0..3usize, 0..3usize, any::<bool>()).prop_map(
        |(at, project, session, observations, observed)| Told {
            at,
            project,
            session,
            observations,
            observed,
        },
    )
}

fn tell(store: &mut Store, number: usize, told: &Told) -> ProjectId {
    let top = format!("/w/{}", told.project);
    let project = store.write(|tx| tx.project_for(&place(&top), &top, NOW)).unwrap();
    let spot = Spot { project, branch: Some("main".to_owned()), worktree: None };
    let prompt = format!("p{number}");
    let mut turn = None;
    let mut newest = None;
    for event in [
        prompted(told.at, &prompt, &format!("question {number}")),
        of_prompt(&prompt, ran(told.at, &format!("{prompt}:ran"))),
        answered(told.at + 1, &prompt),
    ] {
        let event = mem_core::event::Event { session: SessionId(format!("s{}", told.session)), ..event };
        match store.write(|tx| tx.put_event(&event, &spot, NOW)).unwrap() {
            Put::Stored { event, turn: of, .. } => (newest, turn) = (Some(event), of.or(turn)),
            Put::Duplicate => panic!("stored before"),
        }
    }
    let made = Distilled {
        observations: (0..told.observations).map(|n| (format!("o{n}"), observation("seen"))).collect(),
        summary: Some(Summary { request: format!("question {number}"), ..Summary::default() }),
    };
    let turn = turn.unwrap();
    let at = NOW.plus_ms(told.at);
    store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, at, NOW)).unwrap();
    if told.observed {
        observe(store, turn, newest.unwrap(), "claude/haiku", &made);
    }
    project
}

/// Every document that nothing replaced, by other ways than the timeline's, in the timeline's order.
fn all(store: &Store, projects: &[ProjectId], kinds: &[DocKind]) -> Vec<DocId> {
    let mut found = Vec::new();
    for project in store.projects().unwrap() {
        let observations = store.observations(project.id, 1000).unwrap();
        found.extend(observations.iter().map(|row| (row.at, DocId::Observation(row.id), row.project)));
        let summaries = store.summaries(project.id, 1000).unwrap();
        found.extend(summaries.iter().map(|row| (row.at, DocId::Summary(row.id), row.project)));
    }
    for session in store.sessions(None, 1000).unwrap() {
        for turn in store.session_turns(session.id).unwrap() {
            found.push((turn.started_at, DocId::Prompt(turn.id), turn.project));
            let answers = store.turn_events(turn.id).unwrap();
            let answers = answers.iter().filter(|(_, event)| event.body.kind() == "answered");
            found.extend(answers.map(|(id, event)| (event.at, DocId::Answer(*id), turn.project)));
        }
    }
    found.retain(|(_, id, project)| {
        (projects.is_empty() || projects.contains(project))
            && (kinds.is_empty() || kinds.contains(&id.kind()))
    });
    found.sort_by_key(|(at, id, _)| (*at, id.kind(), id.row()));
    found.into_iter().map(|(_, id, _)| id).collect()
}

fn ids(rows: &[TimelineRow]) -> Vec<DocId> {
    rows.iter().map(|row| row.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_walk_meets_every_document_once(
        tellings in prop::collection::vec(told(), 1..10),
        step in 1..5usize,
        kinds in prop::sample::subsequence(DocKind::ALL.to_vec(), 0..=5),
        narrow in any::<bool>(),
    ) {
        let desk = Desk::new();
        let mut store = desk.open();
        let mut projects: Vec<ProjectId> =
            tellings.iter().enumerate().map(|(number, told)| tell(&mut store, number, told)).collect();
        projects.truncate(usize::from(narrow));
        let wanted = all(&store, &projects, &kinds);

        let first = Timestamp(i64::MIN);
        let mut met = ids(&store.around(&projects, &kinds, first, None, 3, step).unwrap());
        while let Some(last) = met.last().copied() {
            let rows = store.around(&projects, &kinds, first, Some(last), 0, step).unwrap();
            prop_assert_eq!((rows[0].id, rows[0].anchor), (last, true));
            prop_assert!(rows[1..].iter().all(|row| !row.anchor));
            if rows.len() == 1 {
                break;
            }
            met.extend(ids(&rows[1..]));
        }
        prop_assert_eq!(&met, &wanted);

        let end = Timestamp(i64::MAX);
        let mut met = ids(&store.around(&projects, &kinds, end, None, step, 3).unwrap());
        while let Some(first) = met.first().copied() {
            let mut rows = ids(&store.around(&projects, &kinds, end, Some(first), step, 0).unwrap());
            prop_assert_eq!(rows.pop(), Some(first));
            if rows.is_empty() {
                break;
            }
            rows.append(&mut met);
            met = rows;
        }
        prop_assert_eq!(&met, &wanted);

        // around any one: its neighbours
        for (at, id) in wanted.iter().enumerate() {
            let rows = ids(&store.around(&projects, &kinds, first, Some(*id), step, step).unwrap());
            let near = &wanted[at.saturating_sub(step)..(at + step + 1).min(wanted.len())];
            prop_assert_eq!(rows.as_slice(), near);
        }
    }
}

#[test]
fn a_moment_lies_between_what_was_before_and_what_was_then() {
    let desk = Desk::new();
    let mut store = desk.open();
    for (number, at) in [0, 10, 20].into_iter().enumerate() {
        tell(&mut store, number, &Told { at, project: 0, session: 0, observations: 0, observed: false });
    }
    let kinds = [DocKind::Prompt];
    let titles = |at: i64, before, after| -> Vec<String> {
        let rows = store.around(&[], &kinds, NOW.plus_ms(at), None, before, after).unwrap();
        assert!(rows.iter().all(|row| !row.anchor));
        rows.into_iter().map(|row| row.title).collect()
    };
    assert_eq!(titles(10, 5, 0), ["question 0"]);
    assert_eq!(titles(10, 0, 5), ["question 1", "question 2"]);
    assert_eq!(titles(15, 1, 1), ["question 1", "question 2"]);
    assert_eq!(titles(15, 0, 0), [""; 0]);
    assert_eq!(titles(99, usize::MAX, usize::MAX).len(), 3);
}

#[test]
fn what_was_replaced_leads_to_what_replaced_it() {
    let desk = Desk::new();
    let mut store = desk.open();
    let told = Told { at: 0, project: 0, session: 0, observations: 1, observed: false };
    let project = tell(&mut store, 0, &told);
    let old = store.observations(project, 5).unwrap()[0].id;
    let summary = store.summaries(project, 5).unwrap()[0].id;
    let turn = store.open_turns().unwrap().first().map(|turn| turn.id);
    assert_eq!(turn, None, "it was answered");
    tell(&mut store, 1, &Told { observed: true, ..told.clone() });
    let new = store.observations(project, 5).unwrap().iter().map(|row| row.id).find(|id| *id != old).unwrap();
    store.write(|tx| tx.supersede(old, new)).unwrap();
    let rows = store.around(&[project], &[], NOW, Some(DocId::Observation(old)), 5, 5).unwrap();
    let anchors: Vec<DocId> = rows.iter().filter(|row| row.anchor).map(|row| row.id).collect();
    assert_eq!(anchors, [DocId::Observation(new)]);
    assert!(!ids(&rows).contains(&DocId::Observation(old)));
    assert_eq!(store.in_timeline(DocId::Summary(summary)).unwrap().unwrap().title, "question 0");
    // in a ring nobody is live: better one of them than none
    store.write(|tx| tx.supersede(new, old)).unwrap();
    assert!(store.in_timeline(DocId::Observation(old)).unwrap().is_some());
    // what is not there is passed over, and the moment counts
    let gone =
        store.around(&[project], &[], NOW.plus_ms(50), Some(DocId::Prompt(mem_core::id::TurnId(77))), 1, 1);
    assert_eq!(gone.unwrap().iter().map(|row| row.anchor).collect::<Vec<_>>(), [false]);
    assert_eq!(
        store.in_timeline(DocId::Answer(mem_core::id::EventId(2))).unwrap(),
        None,
        "a command is no answer"
    );
}

#[test]
fn a_condition_that_nothing_meets_is_known_as_such() {
    let desk = Desk::new();
    let mut store = desk.open();
    let told = Told { at: 0, project: 0, session: 0, observations: 0, observed: false };
    let project = tell(&mut store, 0, &told);
    let elsewhere = tell(&mut store, 1, &Told { project: 1, ..told });
    let turn = store.session_turns(store.sessions(None, 1).unwrap()[0].id).unwrap()[0].id;
    let said = mem_core::observation::Observation {
        concepts: vec!["gotcha".to_owned()],
        files_read: vec!["src/parse/lex.rs".to_owned()],
        ..observation("umlauts survive")
    };
    let made = Distilled { observations: vec![("work".to_owned(), said)], summary: None };
    store.write(|tx| tx.put_distilled(turn, &Distiller::Local, &made, NOW, NOW)).unwrap();
    let table = [
        (Condition::Type("change"), true),
        (Condition::Type("bugfix"), false),
        (Condition::Concept("gotcha"), true),
        (Condition::Concept("got"), false),
        (Condition::File("lex.rs"), true),
        (Condition::File("parse/lex.rs"), true),
        (Condition::File("src/parse/lex.rs"), true),
        (Condition::File("ex.rs"), false),
        (Condition::File("_ex.rs"), false),
        (Condition::Folder("src/parse"), true),
        (Condition::Folder("parse"), true),
        (Condition::Folder("src"), false),
        (Condition::Branch("main"), true),
        (Condition::Branch("m%"), false),
        (Condition::Worktree("main"), false),
    ];
    for (condition, met) in table {
        assert_eq!(store.is_met(condition, &[]).unwrap(), met, "{condition:?}");
        assert_eq!(store.is_met(condition, &[elsewhere, project]).unwrap(), met, "{condition:?}");
    }
    assert!(!store.is_met(Condition::File("lex.rs"), &[elsewhere]).unwrap());
    assert_eq!(store.types().unwrap(), ["change"]);
    let begin = |text: &str| store.sessions_beginning(text).unwrap().len();
    assert_eq!((begin("s"), begin("s0"), begin("%"), begin("s00")), (1, 1, 0, 0));
}
