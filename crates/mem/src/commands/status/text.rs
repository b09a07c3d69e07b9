//! The document in few lines for people: outcomes first, problems with their remedies last.

use mem_core::time::Timestamp;
use mem_daemon::health;
use mem_wire::search::Coverage;
use mem_wire::status::{DaemonState, Meaning, MeaningEndpoint, Status, StoreState};

use super::super::ask::covered;
use super::super::desk::EXCLUDED;
use super::super::ledger::standing;
use super::super::print::{self, ago, bold, by_name, bytes, count, counted, grouped, moment, yellow};

/// The whole text.
pub(super) fn text(status: &Status, now: Timestamp) -> String {
    let mut lines = vec![bold(&events(status, now))];
    if !status.events.balanced {
        lines.push("The books do not agree with that sum; please report it.".to_owned());
    }
    if !status.redacted.is_empty() {
        let all = status.redacted.values().sum();
        lines.push(format!("{} taken out: {}.", count(all, "secret", "secrets"), by_name(&status.redacted)));
    }
    if status.store.state == StoreState::Missing {
        lines.push("Nothing is remembered yet.".to_owned());
    } else {
        lines.push(memory(status));
    }
    lines.extend(status.search.and_then(search));
    lines.extend(status.meaning.as_ref().map(meaning));
    let works = status.daemon.state == DaemonState::Running;
    lines.extend(status.observer.as_ref().and_then(|observer| standing::line(observer, works)));
    lines.push(place(status, now));
    if let Some(line) = hooks(status) {
        lines.push(line);
    }
    if status.excluded {
        lines.push(EXCLUDED.to_owned());
    }
    // what is wrong with a model, of either kind, stands below, with its remedy
    for fault in status.faults.iter().filter(|fault| health::remedy(&fault.kind).is_none()) {
        lines.push(format!(
            "Recorded: {} ({}, last {}).",
            fault.said,
            count(fault.count, "time", "times"),
            moment(Timestamp(fault.at))
        ));
    }
    for problem in &status.problems {
        lines.push(String::new());
        lines.push(format!("{} {}.", yellow("problem:"), problem.what));
        lines.push(format!("  {}.", problem.remedy));
    }
    lines.join("\n")
}

fn events(status: &Status, now: Timestamp) -> String {
    let events = &status.events;
    let rules =
        if events.filtered.is_empty() { String::new() } else { format!(" ({})", by_name(&events.filtered)) };
    let last =
        status.last_event_at.map(|at| format!("; last {}", ago(Timestamp(at), now))).unwrap_or_default();
    format!(
        "{} in: {} stored, {} filtered{rules}, {} pending, {} parked{last}",
        count(events.received, "event", "events"),
        events.stored,
        events.filtered_in_all(),
        events.pending,
        events.parked
    )
}

fn memory(status: &Status) -> String {
    let memory = &status.memory;
    format!(
        "{} and {} from {} in {} of {}.",
        count(memory.observations, "observation", "observations"),
        count(memory.summaries, "summary", "summaries"),
        count(memory.turns, "turn", "turns"),
        count(memory.sessions, "session", "sessions"),
        count(memory.projects, "project", "projects"),
    )
}

/// Only said while searches do not see everything.
fn search(coverage: Coverage) -> Option<String> {
    let behind = coverage.waiting > 0 || coverage.rebuilding;
    behind.then(|| format!("Searches look through {}.", covered(coverage)))
}

/// How far the embedding model has come.
fn meaning(meaning: &Meaning) -> String {
    if let Some(endpoint) = &meaning.endpoint {
        return by_endpoint(meaning, endpoint);
    }
    if !meaning.installed {
        return "Meaning: no model installed (`claude-mem model install`).".to_owned();
    }
    let Some(model) = &meaning.model else {
        return "Meaning: a model is installed and has embedded nothing yet.".to_owned();
    };
    format!("Meaning: {model}, {}.", come_so_far(meaning))
}

/// The same of an endpoint, and what it sees where that is not this machine's affair alone.
fn by_endpoint(meaning: &Meaning, endpoint: &MeaningEndpoint) -> String {
    let sees = if endpoint.local { "" } else { ", to which what is remembered and asked is sent" };
    let (model, address) = (print::tame(&endpoint.model), print::tame(&endpoint.address));
    let head = format!("Meaning: {model} at {address}{sees}");
    match meaning.model {
        None => format!("{head}; it has embedded nothing yet."),
        Some(_) => format!("{head}; {}.", come_so_far(meaning)),
    }
}

fn come_so_far(meaning: &Meaning) -> String {
    let done = if meaning.embedded == meaning.passages {
        counted(meaning.passages, "passage", "passages")
    } else {
        format!("{} of {}", grouped(meaning.embedded), counted(meaning.passages, "passage", "passages"))
    };
    let until =
        if meaning.replaces { "; until all have theirs, searches go by the model before it" } else { "" };
    format!("{done}{until}")
}

fn place(status: &Status, now: Timestamp) -> String {
    let worker = match (status.daemon.state, status.daemon.pid) {
        (DaemonState::Running, Some(pid)) => {
            let since = status
                .daemon
                .since
                .map(|at| format!(" since {}", ago(Timestamp(at), now).replace(" ago", "")));
            format!("worker running (process {pid}{})", since.unwrap_or_default())
        }
        (DaemonState::Running, None) => "worker running".to_owned(),
        (DaemonState::Hung, _) => "worker not answering".to_owned(),
        (DaemonState::Absent, _) => "no worker running, which is fine".to_owned(),
    };
    format!("{}, {}; {worker}.", status.data_dir, bytes(status.store.bytes))
}

/// Only said when something is to be said: hooks that fire need no words, silent ones are a problem with its own.
fn hooks(status: &Status) -> Option<String> {
    let hooks = &status.hooks;
    if hooks.firing.is_some() || hooks.obstacles.is_empty() {
        return None;
    }
    let plugin = hooks.obstacles.iter().any(|obstacle| obstacle.starts_with("the plugin"));
    let remedy = if plugin { " `claude-mem install claude-code` sees to that." } else { "" };
    Some(format!("Claude Code: {}.{remedy}", hooks.obstacles.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_wire::status::{Daemon, Events, Fault, Hooks, Memory, Observer, Problem, Store, VERSION};
    use std::collections::BTreeMap;

    fn status() -> Status {
        Status {
            version: VERSION,
            program: "0.1.0".into(),
            data_dir: "/h/.claude-mem".into(),
            excluded: false,
            events: Events {
                stored: 30,
                filtered: BTreeMap::from([("duplicate".into(), 1)]),
                balanced: true,
                ..Events::default()
            }
            .summed(),
            redacted: BTreeMap::from([("github-token".into(), 1), ("jwt".into(), 2)]),
            memory: Memory { projects: 1, sessions: 3, turns: 9, events: 30, observations: 12, summaries: 8 },
            search: Some(Coverage { passages: 90, waiting: 0, rebuilding: false, meaning: None }),
            meaning: None,
            last_event_at: Some(1_000_000),
            daemon: Daemon { state: DaemonState::Running, pid: Some(7), version: None, since: Some(0) },
            store: Store {
                path: "/h/.claude-mem/memory.db".into(),
                state: StoreState::Good,
                bytes: 3_200_000,
                schema: Some(1),
                newer: false,
            },
            parked: vec![],
            lost: None,
            faults: vec![],
            hooks: Hooks { installed: true, enabled: true, firing: Some(true), obstacles: vec![] },
            observer: None,
            problems: vec![],
        }
    }

    fn plain(status: &Status) -> String {
        let text = text(status, Timestamp(1_014_000));
        ["\x1b[1m", "\x1b[33m", "\x1b[0m"].iter().fold(text, |text, code| text.replace(code, ""))
    }

    #[test]
    fn all_is_well_in_few_lines() {
        insta::assert_snapshot!(plain(&status()), @"
        31 events in: 30 stored, 1 filtered (duplicate 1), 0 pending, 0 parked; last 14 s ago
        3 secrets taken out: github-token 1, jwt 2.
        12 observations and 8 summaries from 9 turns in 3 sessions of 1 project.
        /h/.claude-mem, 3.2 MB; worker running (process 7 since 16 min).
        ");
    }

    #[test]
    fn what_searches_do_not_see_yet_has_its_line() {
        let said =
            |waiting, rebuilding| search(Coverage { passages: 12_311, waiting, rebuilding, meaning: None });
        insta::assert_snapshot!(said(14, false).unwrap(), @"Searches look through 12,311 passages of text (all projects together; 14 more entries cannot be found yet).");
        insta::assert_snapshot!(said(1400, true).unwrap(), @"Searches look through 12,311 passages of text (all projects together; the search index is being rebuilt; 1,400 more entries cannot be found yet).");
        assert_eq!(said(0, false), None);
    }

    #[test]
    fn meaning_has_its_line() {
        let said = |installed, model: Option<&str>, embedded, replaces| {
            let model = model.map(ToOwned::to_owned);
            let endpoint = None;
            meaning(&Meaning { installed, model, embedded, passages: 1203, replaces, endpoint })
        };
        let by = |address: &str, local, model: Option<&str>, embedded, replaces| {
            let endpoint = Some(MeaningEndpoint {
                address: address.to_owned(),
                model: "small".to_owned(),
                local,
                dimension: None,
            });
            let model = model.map(ToOwned::to_owned);
            meaning(&Meaning { installed: true, model, embedded, passages: 1203, replaces, endpoint })
        };
        let (here, far) = ("http://127.0.0.1:11434/v1", "https://far.example/v1");
        let name = Some("all-MiniLM-L6-v2");
        let lines = [
            said(false, name, 812, false),
            said(true, None, 0, false),
            said(true, name, 812, false),
            said(true, name, 812, true),
            said(true, name, 1203, false),
            by(here, true, None, 0, false),
            by(here, true, Some("small"), 812, true),
            by(far, false, Some("small"), 1203, false),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        Meaning: no model installed (`claude-mem model install`).
        Meaning: a model is installed and has embedded nothing yet.
        Meaning: all-MiniLM-L6-v2, 812 of 1,203 passages.
        Meaning: all-MiniLM-L6-v2, 812 of 1,203 passages; until all have theirs, searches go by the model before it.
        Meaning: all-MiniLM-L6-v2, 1,203 passages.
        Meaning: small at http://127.0.0.1:11434/v1; it has embedded nothing yet.
        Meaning: small at http://127.0.0.1:11434/v1; 812 of 1,203 passages; until all have theirs, searches go by the model before it.
        Meaning: small at https://far.example/v1, to which what is remembered and asked is sent; 1,203 passages.
        ");
    }

    #[test]
    fn a_model_has_its_line_and_its_trouble_is_said_once() {
        let mut status = status();
        status.observer = Some(Observer {
            model: Some("claude/haiku".into()),
            requests_today: 12,
            tokens_today: 31_400,
            micro_usd_today: 40_900,
            waiting: 2,
            ..Observer::default()
        });
        status.faults = vec![Fault {
            kind: "model:auth".into(),
            said: "no model memory is written".into(),
            first_at: 0,
            at: 0,
            count: 3,
        }];
        status.problems =
            vec![Problem { what: "no model memory is written".into(), remedy: "Log in".into() }];
        insta::assert_snapshot!(plain(&status), @"
        31 events in: 30 stored, 1 filtered (duplicate 1), 0 pending, 0 parked; last 14 s ago
        3 secrets taken out: github-token 1, jwt 2.
        12 observations and 8 summaries from 9 turns in 3 sessions of 1 project.
        claude/haiku: 12 requests, 31k tokens, $0.0409 today; 2 waiting.
        /h/.claude-mem, 3.2 MB; worker running (process 7 since 16 min).

        problem: no model memory is written.
          Log in.
        ");
    }

    #[test]
    fn what_is_wrong_comes_with_its_remedy() {
        let mut status = status();
        status.events.parked = 1;
        status.events = status.events.clone().summed();
        status.store.state = StoreState::Missing;
        status.daemon = Daemon { state: DaemonState::Absent, pid: None, version: None, since: None };
        status.hooks = Hooks { obstacles: vec!["the plugin is not installed".into()], ..Hooks::default() };
        status.problems = vec![Problem {
            what: "1 event could not be read".into(),
            remedy: "Run `claude-mem worker retry`".into(),
        }];
        insta::assert_snapshot!(plain(&status), @"
        32 events in: 30 stored, 1 filtered (duplicate 1), 0 pending, 1 parked; last 14 s ago
        3 secrets taken out: github-token 1, jwt 2.
        Nothing is remembered yet.
        /h/.claude-mem, 3.2 MB; no worker running, which is fine.
        Claude Code: the plugin is not installed. `claude-mem install claude-code` sees to that.

        problem: 1 event could not be read.
          Run `claude-mem worker retry`.
        ");
    }
}
