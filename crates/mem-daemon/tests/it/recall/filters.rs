//! What a filter lets through is what it should, in every leg: `filter(results) = results(filter)`.

use std::collections::BTreeSet;

use mem_core::event::Agent;
use mem_core::id::{ProjectId, SessionRow};
use mem_core::observation::Observation;
use mem_core::recall::{DocId, DocKind, Filter};
use mem_core::time::Timestamp;
use mem_daemon::recall::{Answer, Ask};
use mem_store::Document;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::shelf::{NOW, Shelf, Told, Turn, ask, ids, turn};

/// No two are a typing error apart, nor of one stem: a filter must not change what a word is taken for.
pub(super) const WORDS: [&str; 12] = [
    "anchor", "bridge", "candle", "dolphin", "ember", "falcon", "glacier", "harbour", "island", "jungle",
    "kettle", "lantern",
];
const PROJECTS: [&str; 3] = ["one", "two", "three"];
const TYPES: [&str; 3] = ["bugfix", "feature", "decision"];
const CONCEPTS: [&str; 3] = ["gotcha", "trade-off", "how-it-works"];
const FILES: [&str; 5] = ["src/lex.rs", "src/parse/lex.rs", "docs/lex.md", "Makefile", "src/parse/tree.rs"];
const ASKED_FILES: [&str; 5] = ["lex.rs", "parse/lex.rs", "docs/lex.md", "Makefile", "ex.rs"];
const FOLDERS: [&str; 4] = ["src", "parse", "src/parse", "docs"];
const BRANCHES: [&str; 2] = ["main", "next"];
const HOUR: i64 = 3_600_000;

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&WORDS[..]), 1..5).prop_map(|words| words.join(" "))
}

fn seldom(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::option::of(text).prop_map(Option::unwrap_or_default)
}

fn observation() -> impl Strategy<Value = Observation> {
    let files = || subsequence(FILES.to_vec(), 0..3);
    (text(), text(), select(&TYPES[..]), subsequence(CONCEPTS.to_vec(), 0..3), files(), files()).prop_map(
        |(title, narrative, kind, concepts, read, modified)| Observation {
            kind: kind.to_owned(),
            title,
            narrative,
            concepts: owned(concepts),
            files_read: owned(read),
            files_modified: owned(modified),
            ..Observation::default()
        },
    )
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(ToOwned::to_owned).collect()
}

pub(super) fn told() -> impl Strategy<Value = Turn> {
    let place = (0..3_usize, 0..4_usize, select(&BRANCHES[..]), any::<bool>(), -8..0_i64);
    let says = (text(), seldom(text()), prop::collection::vec(observation(), 0..3), seldom(text()));
    (place, says, prop::option::of(text())).prop_map(
        |((project, session, branch, tree, hours), (prompt, answer, observations, summary), commit)| Turn {
            project: PROJECTS[project].to_owned(),
            // a session may wander from project to project
            session: format!("s{session}"),
            branch: Some(branch.to_owned()),
            worktree: tree.then(|| "tree".to_owned()),
            at: NOW.0 + hours * HOUR,
            prompt,
            answer,
            observations,
            summary,
            commits: commit.into_iter().collect(),
        },
    )
}

/// Conditions in terms of the world, whose rows are not known yet.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    projects: Vec<usize>,
    sessions: Vec<usize>,
    not_sessions: Vec<usize>,
    filter: Filter,
}

pub(super) fn conditions() -> impl Strategy<Value = Conditions> {
    // most conditions are absent most of the time, else next to nothing is ever found
    fn few<T: Clone + std::fmt::Debug + 'static>(all: &[T]) -> impl Strategy<Value = Vec<T>> + use<T> {
        prop_oneof![4 => Just(Vec::new()), 1 => subsequence(all.to_vec(), 1..3)]
    }
    let rows = (few(&[0, 1, 2]), few(&[0, 1, 2, 3]), few(&[0, 1, 2, 3]));
    let names = (few(&TYPES), few(&CONCEPTS), few(&ASKED_FILES), few(&FOLDERS), few(&BRANCHES), any::<u8>());
    let time = (prop::option::weighted(0.2, -8..0_i64), prop::option::weighted(0.2, -8..0_i64));
    (rows, names, time, few(&DocKind::ALL)).prop_map(|(rows, names, (from, until), kinds)| {
        let (types, concepts, files, folders, branches, more) = names;
        let hours = |at: Option<i64>| at.map(|hours| Timestamp(NOW.0 + hours * HOUR));
        Conditions {
            projects: rows.0,
            sessions: rows.1,
            not_sessions: rows.2,
            filter: Filter {
                types: owned(types),
                concepts: owned(concepts),
                files: owned(files),
                folders: owned(folders),
                branches: owned(branches),
                worktrees: if more < 40 { vec!["tree".to_owned()] } else { Vec::new() },
                agents: if more % 2 == 0 { vec![Agent::ClaudeCode] } else { Vec::new() },
                kinds,
                from: hours(from),
                until: hours(until),
                ..Filter::default()
            },
        }
    })
}

impl Conditions {
    pub(super) fn filter(&self, turns: &[Turn], told: &[Told]) -> Filter {
        let mut filter = self.filter.clone();
        for (turn, told) in turns.iter().zip(told) {
            if self.projects.iter().any(|at| PROJECTS[*at] == turn.project) {
                filter.projects.push(told.project);
            }
            let is = |sessions: &[usize]| sessions.iter().any(|at| format!("s{at}") == turn.session);
            if is(&self.sessions) {
                filter.sessions.push(told.session);
            }
            if is(&self.not_sessions) {
                filter.not_sessions.push(told.session);
            }
        }
        filter
    }
}

fn is_file(path: &str, asked: &str) -> bool {
    path == asked || path.ends_with(&format!("/{asked}"))
}

fn is_in(path: &str, folder: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(parent, _)| is_file(parent, folder))
}

/// Whether a document meets a filter, by what the document says of itself and, as to files, the observations of its turn.
pub(super) fn meets(document: &Document, filter: &Filter, all: &[Document]) -> bool {
    fn one_of<T: PartialEq>(wanted: &[T], is: &T) -> bool {
        wanted.is_empty() || wanted.contains(is)
    }
    let is_observation = document.id.kind() == DocKind::Observation;
    let files: Vec<&String> = if is_observation {
        document.files.iter().collect()
    } else {
        let of_turn = |other: &&Document| {
            other.id.kind() == DocKind::Observation && other.turn.is_some() && other.turn == document.turn
        };
        all.iter().filter(of_turn).flat_map(|other| &other.files).collect()
    };
    let by_file = filter.files.is_empty() && filter.folders.is_empty()
        || files.iter().any(|path| filter.files.iter().any(|asked| is_file(path, asked)))
        || files.iter().any(|path| filter.folders.iter().any(|asked| is_in(path, asked)));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    one_of(&filter.projects, &document.project)
        && one_of(&filter.sessions, &document.session)
        && !filter.not_sessions.contains(&document.session)
        && (filter.agents.is_empty() || filter.agents.iter().any(|agent| agent.as_str() == document.agent))
        && one_of(&filter.worktrees, &text(&document.worktree))
        && one_of(&filter.branches, &text(&document.branch))
        && one_of(&filter.kinds, &document.id.kind())
        && one_of(&filter.types, &text(&document.of_type))
        && (filter.concepts.is_empty() || document.concepts.iter().any(|tag| filter.concepts.contains(tag)))
        && by_file
        && filter.from.is_none_or(|from| document.at >= from)
        && filter.until.is_none_or(|until| document.at < until)
}

/// Every document there is, read past the index.
pub(super) fn documents(shelf: &Shelf, told: &[Told]) -> Vec<Document> {
    let mut ids = Vec::new();
    for told in told {
        ids.push(told.prompt());
        ids.extend(told.answer);
        ids.extend(told.observations.iter().map(|id| DocId::Observation(*id)));
        ids.extend(shelf.store.turn_commits(told.turn).unwrap().iter().map(|row| DocId::Commit(row.id)));
    }
    for project in shelf.store.projects().unwrap() {
        let summaries = shelf.store.summaries(project.id, 1000).unwrap();
        ids.extend(summaries.iter().map(|row| DocId::Summary(row.id)));
    }
    ids.into_iter().map(|id| shelf.store.document(id).unwrap().unwrap()).collect()
}

/// Every document that an answer leads to: each hit, and what was folded into it.
pub(super) fn all_of(answer: &Answer) -> BTreeSet<DocId> {
    answer.hits.iter().flat_map(|hit| std::iter::once(hit.id).chain(hit.also.iter().copied())).collect()
}

#[test]
fn values_that_nothing_has_are_met_by_nothing_and_are_no_error() {
    let mut shelf = Shelf::new();
    let made = Observation {
        kind: "bugfix".to_owned(),
        title: "anchor".to_owned(),
        concepts: vec!["trade off \"so\"".to_owned()],
        files_read: vec!["src/it's here.rs".to_owned()],
        ..Observation::default()
    };
    let told = shelf.tell(&Turn { observations: vec![made], ..turn("a", 1, "candle") });
    shelf.index();
    let none = Filter::default();
    let strange = || ["nonsense", "", "\" OR *", "\0", "@p1", "anchor"].map(ToOwned::to_owned);
    for value in strange() {
        let one = vec![value];
        for filter in [
            Filter { types: one.clone(), ..none.clone() },
            Filter { concepts: one.clone(), ..none.clone() },
            Filter { files: one.clone(), ..none.clone() },
            Filter { folders: one.clone(), ..none.clone() },
            Filter { branches: one.clone(), ..none.clone() },
            Filter { worktrees: one.clone(), ..none.clone() },
        ] {
            // no branch and no worktree is what "" stands for
            let absent = filter.branches == [""] || filter.worktrees == [""];
            for text in ["anchor candle", ""] {
                let found = shelf.search(&Ask { filter: filter.clone(), ..ask(text) });
                assert_eq!(found.hits.is_empty(), !absent, "{text:?} {filter:?}");
            }
        }
    }
    for filter in [
        Filter { projects: vec![ProjectId(i64::MAX)], ..none.clone() },
        Filter { sessions: vec![SessionRow(-1)], ..none.clone() },
        Filter { from: Some(Timestamp(i64::MAX)), ..none.clone() },
        Filter { until: Some(Timestamp(i64::MIN)), ..none.clone() },
    ] {
        assert_eq!(shelf.search(&Ask { filter, ..ask("anchor") }).hits, []);
    }
    for filter in [
        Filter { concepts: vec!["trade off \"so\"".to_owned()], ..none.clone() },
        Filter { files: vec!["it's here.rs".to_owned()], ..none.clone() },
        Filter { not_sessions: vec![SessionRow(i64::MAX)], ..none.clone() },
    ] {
        assert_eq!(ids(&shelf.search(&Ask { filter, ..ask("anchor") })), [told.observation(0)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Folding puts documents of one happening into one hit, whose id is the best of those that were found; so the sets
    /// are compared with what was folded in taken out again. Nothing is folded in that was not itself found: a folded
    /// id has to meet the filter as any hit has to. Nothing is replaced in these worlds: what a replaced document leads
    /// to may itself not meet the filter, and which of the two is then meant is another question.
    #[test]
    fn what_is_found_with_a_filter_is_what_is_found_and_meets_it(
        turns in prop::collection::vec(told(), 1..14),
        words in prop::collection::vec(select(&WORDS[..]), 0..4),
        conditions in conditions(),
    ) {
        let mut shelf = Shelf::new();
        let told = shelf.tell_all(&turns);
        shelf.index();
        let filter = conditions.filter(&turns, &told);
        let question = Ask { limit: 1000, ..ask(&words.join(" ")) };
        let without = all_of(&shelf.search(&question));
        let with = shelf.search(&Ask { filter: filter.clone(), ..question.clone() });
        let documents = documents(&shelf, &told);
        let meeting: BTreeSet<DocId> =
            documents.iter().filter(|one| meets(one, &filter, &documents)).map(|one| one.id).collect();
        for hit in &with.hits {
            prop_assert!(meeting.contains(&hit.id), "{} does not meet {filter:?}", hit.id);
        }
        let wanted: BTreeSet<DocId> = without.intersection(&meeting).copied().collect();
        prop_assert_eq!(all_of(&with), wanted);
        if words.is_empty() {
            prop_assert_eq!(without.len(), documents.len(), "without words, everything");
        } else {
            let holds = |one: &&Document| words.iter().any(|word| one.text.contains(word));
            let holding: BTreeSet<DocId> = documents.iter().filter(holds).map(|one| one.id).collect();
            prop_assert_eq!(without, holding, "every document with a word of the question");
        }
    }
}
