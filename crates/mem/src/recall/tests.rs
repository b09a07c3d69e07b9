//! What wishes come to on a real store: every condition, every mistake.

use mem_core::event::{Agent, Body, Event, NaturalKey};
use mem_core::id::{ProjectId, SessionId, TurnId};
use mem_core::observation::{Distilled, Distiller, Observation, Summary};
use mem_core::project::Facts;
use mem_core::recall::{DocKind, Filter};
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain::Until;
use mem_daemon::questions::Searcher;
use mem_daemon::recall::Order;
use mem_logic::brief::estimate_tokens;
use mem_store::{Put, Spot, Store};
use mem_wire::memory::Item;

use super::among::Among;
use super::observations::observations;
use super::search::search;
use super::timeline::{Around, Asked, timeline};
use super::unmet;
use super::wish::Wish;
use crate::cli::{Color, Options};
use crate::commands::desk::Desk;

const NOW: Timestamp = Timestamp(1_763_700_000_000);

/// A memory of widgets and gadgets, a turn each, and of a second project that is called widgets.
struct Bench {
    _folder: tempfile::TempDir,
    desk: Desk,
    store: Store,
    widgets: ProjectId,
    gadgets: ProjectId,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let options =
            Options { json: false, color: Color::Never, data_dir: Some(folder.path().to_path_buf()) };
        let desk = Desk::open(&options).unwrap();
        let mut store =
            Store::open(&desk.home().store(), NOW, &folder.path().join("memory-backups")).unwrap();
        let remote = |name: &str| Some(format!("git@github.com:acme/{name}.git"));
        let widgets = Facts { remote: remote("widgets"), top: "/w/widgets".into(), ..Facts::default() };
        let gadgets = Facts { remote: remote("gadgets"), top: "/w/gadgets".into(), ..Facts::default() };
        let widgets = turn(&mut store, &widgets, "383770b4-a", "main", 0);
        let gadgets = turn(&mut store, &gadgets, "383770b4-b", "next", 60_000);
        mem_daemon::recall::index(&mut store, Until::DONE).unwrap();
        Self { _folder: folder, desk, store, widgets, gadgets }
    }

    fn filter(&self, wish: Wish) -> Filter {
        wish.resolve(&self.desk, &self.store).unwrap().ask.filter
    }

    fn refusal(&self, wish: Wish) -> String {
        wish.resolve(&self.desk, &self.store).unwrap_err().to_string()
    }

    fn timeline(&self, asked: Asked, projects: &[&str], all: bool) -> mem_wire::timeline::Timeline {
        let around = Around { asked, projects: list(projects), all, kinds: Vec::new(), before: 9, after: 9 };
        timeline(&self.desk, &self.store, &mut Searcher::default(), &around).unwrap().0
    }
}

/// A prompt, an answer, an observation and a summary.
fn turn(store: &mut Store, facts: &Facts, session: &str, branch: &str, at: i64) -> ProjectId {
    let project = store.write(|tx| tx.project_for(facts, &facts.top, NOW)).unwrap();
    let spot = Spot { project, branch: Some(branch.to_owned()), worktree: None };
    let mut turn: Option<TurnId> = None;
    for (key, after, body) in [
        ("p", 0, Body::Prompted { prompt: "why does the lexer drop umlauts?".to_owned() }),
        ("a", 9, Body::Answered { said: "It compared bytes.".to_owned() }),
        ("e", 10, Body::SessionEnded { reason: "clear".to_owned() }),
    ] {
        let event = Event {
            agent: Agent::ClaudeCode,
            session: SessionId(session.to_owned()),
            at: NOW.plus_ms(at + after),
            cwd: facts.top.clone(),
            transcript: None,
            prompt_id: Some(format!("{session}:p")),
            subagent: None,
            key: NaturalKey::Fixed(format!("{session}:{key}")),
            body,
        };
        match store.write(|tx| tx.put_event(&event, &spot, NOW)).unwrap() {
            Put::Stored { turn: Some(of), .. } => turn = Some(of),
            Put::Stored { turn: None, .. } => {}
            Put::Duplicate => panic!("stored before"),
        }
    }
    let said = Observation {
        kind: "bugfix".to_owned(),
        title: "umlauts survive the lexer".to_owned(),
        concepts: vec!["gotcha".to_owned()],
        files_modified: vec!["src/lex.rs".to_owned()],
        ..Observation::default()
    };
    let summary = Summary { request: "keep umlauts".to_owned(), ..Summary::default() };
    let made = Distilled {
        observations: vec![("work".to_owned(), said)],
        summary: Some(summary),
        ..Distilled::default()
    };
    let ended = NOW.plus_ms(at + 10);
    store.write(|tx| tx.put_distilled(turn.unwrap(), &Distiller::Local, &made, ended, NOW)).unwrap();
    project
}

fn list(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn wish() -> Wish {
    Wish { query: "umlauts".into(), all: true, ..Wish::default() }
}

#[test]
fn every_condition_becomes_part_of_the_filter() {
    let bench = Bench::new();
    assert_eq!(bench.filter(wish()), Filter::default());
    let filter = bench.filter(Wish {
        all: false,
        projects: list(&["widgets", "https://github.com/acme/gadgets", "acme/widgets"]),
        kinds: list(&["observations", "Bugfix"]),
        types: list(&["DECISION"]),
        concepts: list(&["gotcha"]),
        files: list(&["./src/lex.rs"]),
        from: Some("2026-11-01".into()),
        to: Some("2026-11-02T10:00:00Z".into()),
        sessions: list(&["383770b4-a"]),
        not_sessions: list(&["383770b4-b"]),
        agents: list(&["claude"]),
        branches: list(&["main"]),
        worktrees: list(&["fix"]),
        ..wish()
    });
    assert_eq!(filter.projects, [bench.widgets, bench.gadgets]);
    assert_eq!(filter.kinds, [DocKind::Observation]);
    assert_eq!(filter.types, ["bugfix", "decision"]);
    assert_eq!((filter.files.as_slice(), filter.folders.len()), (["src/lex.rs".to_owned()].as_slice(), 0));
    assert_eq!(filter.until, Some(Timestamp(1_793_613_600_000)));
    assert!(filter.from < filter.until);
    assert_eq!((filter.sessions.len(), filter.not_sessions.len()), (1, 1));
    assert_ne!(filter.sessions, filter.not_sessions);
    assert_eq!(filter.agents, [Agent::ClaudeCode]);
    let rest = (filter.concepts, filter.branches, filter.worktrees);
    assert_eq!(rest, (list(&["gotcha"]), list(&["main"]), list(&["fix"])));
    let filter = bench.filter(Wish { files: list(&["src/"]), folders: true, ..wish() });
    assert_eq!((filter.files.len(), filter.folders), (0, list(&["src"])));
    let filter = bench.filter(Wish { kinds: list(&["sessions", "prompts", "prompt"]), ..wish() });
    assert_eq!(filter.kinds, [DocKind::Summary, DocKind::Prompt]);
}

#[test]
fn a_project_is_known_by_its_name_its_keys_and_its_directory() {
    let bench = Bench::new();
    for name in ["widgets", "WIDGETS", "github.com/acme/widgets", "path:/w/widgets", "/w/widgets"] {
        let filter = bench.filter(Wish { all: false, projects: list(&[name]), ..wish() });
        assert_eq!(filter.projects, [bench.widgets], "{name}");
    }
    let mut bench = bench;
    let other = Facts { top: "/w/other/widgets".into(), ..Facts::default() };
    let other = turn(&mut bench.store, &other, "5", "main", 0);
    let filter = bench.filter(Wish { projects: list(&["widgets"]), ..wish() });
    assert_eq!(filter.projects.len(), 2, "both are called so");
    assert!(filter.projects.contains(&other));
}

#[test]
fn projects_of_one_name_are_told_apart_in_hits_and_only_they() {
    let mut bench = Bench::new();
    let other = Facts { top: "/w/other/widgets".into(), ..Facts::default() };
    turn(&mut bench.store, &other, "5", "main", 0);
    mem_daemon::recall::index(&mut bench.store, Until::DONE).unwrap();
    let places = |wish: Wish| {
        let (found, among) = search(&bench.desk, &bench.store, &mut Searcher::default(), &wish).unwrap();
        let mut places: Vec<Option<String>> = found.hits.into_iter().map(|hit| hit.place).collect();
        places.sort();
        places.dedup();
        (places.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join(" "), among.words())
    };
    let limit = 50;
    assert_eq!(places(Wish { limit, ..wish() }), (" other/widgets w/widgets".into(), None));
    let named = |name: &str| Wish { all: false, projects: list(&[name]), limit, ..wish() };
    assert_eq!(
        places(named("widgets")),
        ("other/widgets w/widgets".into(), Some("widgets (2 projects)".into()))
    );
    // what tells them apart also names them
    assert_eq!(places(named("other/widgets")), ("other/widgets".into(), Some("widgets".into())));
    assert_eq!(places(named("w/widgets")), ("w/widgets".into(), Some("widgets".into())));
    let ids = list(&["1", "3"]);
    let (read, missing) =
        observations(&bench.desk, &bench.store, &ids, Order::Best, None, Some("other/widgets")).unwrap();
    assert_eq!((read.len(), missing), (1, list(&["1"])), "ids of the other one are none of this");
    let around = bench.timeline(Asked::Words("umlauts".into()), &["widgets"], false);
    assert!(around.items.iter().all(|item| item.place.is_some()), "{around:#?}");
}

#[test]
fn what_is_unknown_is_refused_with_what_is_known() {
    let bench = Bench::new();
    let mistakes = [
        Wish { projects: list(&["widgts"]), ..wish() },
        Wish { projects: list(&["/nowhere"]), ..wish() },
        Wish { kinds: list(&["bugfx"]), ..wish() },
        Wish { types: list(&["zzz"]), ..wish() },
        Wish { kinds: list(&["prompts", "bugfix"]), ..wish() },
        Wish { sessions: list(&["383770b4"]), ..wish() },
        Wish { not_sessions: list(&["none"]), ..wish() },
        Wish { agents: list(&["copilot"]), ..wish() },
        Wish { from: Some("2026-01-02".into()), to: Some("2026-01-01".into()), ..wish() },
        Wish { files: list(&["/"]), ..wish() },
    ];
    let told: Vec<String> = mistakes.into_iter().map(|wish| bench.refusal(wish)).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn an_empty_answer_names_what_nothing_meets() {
    let bench = Bench::new();
    let widgets = Among::These(vec![(bench.widgets, "widgets".into())]);
    let told = |among: &Among, wish: Wish| {
        let filter = Filter { projects: among.ids(), ..bench.filter(wish) };
        unmet::sentences(&bench.store, &filter, among).unwrap().join("\n")
    };
    assert_eq!(told(&widgets, Wish { files: list(&["lex.rs", "no.rs"]), ..wish() }), "");
    assert_eq!(told(&widgets, Wish { branches: list(&["main"]), concepts: list(&["gotcha"]), ..wish() }), "");
    let nothing = Wish {
        types: list(&["decision"]),
        concepts: list(&["what", "why"]),
        files: list(&["src/x.rs"]),
        branches: list(&["next"]),
        worktrees: list(&["fix"]),
        ..wish()
    };
    insta::assert_snapshot!(told(&widgets, nothing.clone()), @"
    No observation of widgets has the type decision.
    No observation of widgets has the concept what or why.
    No observation of widgets names a file src/x.rs.
    Nothing of widgets happened on a branch next.
    Nothing of widgets happened in a worktree fix.
    ");
    let during = |from: Option<&str>, to: Option<&str>| {
        let time = Wish { from: from.map(Into::into), to: to.map(Into::into), ..wish() };
        told(&widgets, time)
    };
    // the memory is of 21 November 2025
    assert_eq!(during(Some("2025-11-20"), Some("2025-11-22")), "");
    assert_eq!(during(None, Some("2025-11-19")), "Nothing of widgets happened before 2025-11-20 00:00.");
    assert_eq!(during(Some("2025-11-23"), None), "Nothing of widgets happened from 2025-11-23 00:00 on.");
    assert_eq!(
        during(Some("2025-11-01"), Some("2025-11-02")),
        "Nothing of widgets happened from 2025-11-01 00:00 to before 2025-11-03 00:00."
    );
    let folder = Wish { files: list(&["src/x"]), folders: true, branches: Vec::new(), ..nothing };
    insta::assert_snapshot!(told(&Among::All, folder), @"
    No observation has the type decision.
    No observation has the concept what or why.
    No observation names a file directly in src/x.
    Nothing happened in a worktree fix.
    ");
}

#[test]
fn a_timeline_is_looked_at_in_the_project_of_what_was_named() {
    let bench = Bench::new();
    let ids = |timeline: &mem_wire::timeline::Timeline| -> Vec<String> {
        timeline.items.iter().map(|item| item.id.clone()).collect()
    };
    let of_one = bench.timeline(Asked::Anchor("#1".into()), &[], false);
    assert_eq!(ids(&of_one), ["T1", "#1", "S1"]);
    assert_eq!((of_one.before, of_one.after, of_one.anchor.as_deref()), (1, 1, Some("#1")));
    assert_eq!(
        (of_one.projects.as_slice(), of_one.items[1].file.as_deref()),
        (list(&["widgets"]).as_slice(), Some("src/lex.rs"))
    );
    let all = bench.timeline(Asked::Anchor("1".into()), &[], true);
    assert_eq!(ids(&all), ["T1", "#1", "S1", "T2", "#2", "S2"]);
    let answer = bench.timeline(Asked::Anything("E2".into()), &[], false);
    assert_eq!(ids(&answer), ["T1", "E2", "#1", "S1"], "answers are shown when they were named");
    // an event that is nothing to read is a moment
    let end = bench.timeline(Asked::Anything("E3".into()), &[], false);
    assert_eq!((ids(&end), end.anchor, end.before), (list(&["T1", "#1", "S1"]), None, 1));
    let moment = bench.timeline(Asked::Anchor((NOW.0 + 30_000).to_string()), &["gadgets", "widgets"], false);
    assert_eq!((moment.before, moment.after, moment.anchor), (3, 3, None));
    let elsewhere = bench.timeline(Asked::Anchor("#1".into()), &["gadgets"], false);
    assert_eq!(ids(&elsewhere), ["#1", "T2", "#2", "S2"], "the anchor stands whatever else is meant");
    let searched = bench.timeline(Asked::Words("umlauts".into()), &["gadgets"], false);
    assert!(searched.searched && searched.before + searched.after == 2, "{searched:#?}");
}

#[test]
fn whatever_is_listed_costs_what_the_brief_estimates_for_it() {
    let bench = Bench::new();
    let around = bench.timeline(Asked::Anything("E2".into()), &[], false);
    let prompt = estimate_tokens("why does the lexer drop umlauts?") as u32;
    let answer = estimate_tokens("It compared bytes.") as u32;
    let of = |id: &str| around.items.iter().find(|item| item.id == id).unwrap().tokens;
    assert_eq!((of("T1"), of("E2")), (prompt, answer));
    assert!(of("S1") > 0 && of("#1") > 0, "{around:#?}");
    let one = Wish { kinds: list(&["prompts"]), limit: 9, ..wish() };
    let (found, _) = search(&bench.desk, &bench.store, &mut Searcher::default(), &one).unwrap();
    assert!(!found.hits.is_empty() && found.hits.iter().all(|hit| hit.tokens == prompt), "{found:#?}");
}

#[test]
fn programs_name_many_ids_and_miss_few() {
    let bench = Bench::new();
    let get = |ids: &[&str], order, limit, project| {
        let (items, missing) =
            observations(&bench.desk, &bench.store, &list(ids), order, limit, project).unwrap();
        let ids: Vec<String> = items
            .iter()
            .map(|item| match item {
                Item::Observation(item) => item.id.clone(),
                Item::Summary(item) => item.id.clone(),
                Item::Commit(item) => item.id.clone(),
                Item::Event(item) => item.id.clone(),
                Item::Turn(item) => item.id.clone(),
                Item::Session(_) => panic!("no id leads to a session"),
            })
            .collect();
        (ids.join(" "), missing.join(" "))
    };
    let told = |ids: &str, missing: &str| (ids.to_owned(), missing.to_owned());
    assert_eq!(
        get(&["2", "#1", "S1", "T1", "E2", "#2"], Order::Best, None, None),
        told("#2 #1 S1 T1 E2", "")
    );
    assert_eq!(get(&["2", "x", "99", "C1", ""], Order::Best, None, None), told("#2", "x 99 C1 "));
    assert_eq!(get(&["T1", "2", "1"], Order::Newest, Some(2), None), told("#2 #1", ""));
    assert_eq!(get(&["2", "1"], Order::Oldest, None, None), told("#1 #2", ""));
    assert_eq!(get(&["1", "2"], Order::Best, None, Some("gadgets")), told("#2", "1"));
    assert!(observations(&bench.desk, &bench.store, &[], Order::Best, None, Some("nobody")).is_err());
    assert_eq!(get(&[], Order::Best, None, None), told("", ""));
}
