//! The runs of the observer that live: who is in the register on disk, and what the ledger has open.
//!
//! Only looks: a register entry of processes that are gone is the next worker's to clear.

use mem_core::id::SessionRow;
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_daemon::home::Home;
use mem_observer::strays::{self, Entry};
use mem_store::{OpenRequest, Reader, Store};
use mem_wire::worker::{Run, RunState};

use super::super::print::{self, ago};
use super::super::sessions::short;
use super::tokens;

/// The runs, oldest first. What cannot be read is passed over.
pub(crate) fn runs(home: &Home) -> Vec<Run> {
    let store = Store::open_read(&home.store()).ok();
    let open = store.as_ref().and_then(|store| store.open_requests().ok()).unwrap_or_default();
    let entries = strays::list(&home.path(layout::RUNS));
    let mut runs: Vec<Run> = entries.iter().map(|entry| of_entry(entry, store.as_deref())).collect();
    for request in open {
        // an endpoint for vectors has a row open for questions to come, and is no run
        if request.run == mem_daemon::meaning::RUN {
            continue;
        }
        // a model that is reached over the network is no process of ours
        if !runs.iter().any(|run| run.run == request.run) {
            runs.push(of_request(request, store.as_deref()));
        }
    }
    runs.sort_by_key(|run| run.since);
    runs
}

fn of_entry(entry: &Entry, store: Option<&Reader>) -> Run {
    let alive = [Some(entry.keeper), entry.child].into_iter().flatten().filter(|process| process.lives());
    // the register knows a session by its row, and a trial by its run
    let row = entry.session.parse().ok().map(SessionRow);
    let known = row.and_then(|row| store?.newest_run(row).ok()?);
    let run = Run {
        run: known.unwrap_or_else(|| row.map_or(&entry.session, |_| &entry.run).clone()),
        session: String::new(),
        model: entry.model.clone(),
        state: RunState::Idle,
        pids: alive.map(|process| process.pid).collect(),
        since: entry.since.0,
        requests: 0,
        input: 0,
        output: 0,
    };
    let run = counted(run, store);
    if run.pids.is_empty() { Run { state: RunState::Gone, ..run } } else { run }
}

fn of_request(request: OpenRequest, store: Option<&Reader>) -> Run {
    let run = Run {
        run: request.run,
        session: request.session.unwrap_or_default(),
        model: request.model,
        state: RunState::Busy,
        pids: Vec::new(),
        since: request.at.0,
        requests: 0,
        input: 0,
        output: 0,
    };
    counted(run, store)
}

/// The same, with what the ledger says of it.
fn counted(run: Run, store: Option<&Reader>) -> Run {
    let Some(total) = store.and_then(|store| store.run_total(&run.run).ok()) else { return run };
    Run {
        state: if total.busy { RunState::Busy } else { run.state },
        session: total.session.unwrap_or(run.session),
        requests: total.requests,
        input: total.input,
        output: total.output,
        ..run
    }
}

/// The list as people read it; nothing when there is none.
pub(crate) fn listed(runs: &[Run], slots: usize, now: Timestamp) -> Option<String> {
    if runs.is_empty() {
        return None;
    }
    let rows = runs.iter().map(|run| {
        let pids: Vec<String> = run.pids.iter().map(ToString::to_string).collect();
        vec![
            if run.session.is_empty() { "-".to_owned() } else { short(&run.session) },
            print::tame(&run.model),
            state(run.state).to_owned(),
            if pids.is_empty() { "-".to_owned() } else { pids.join(" ") },
            ago(Timestamp(run.since), now).trim_end_matches(" ago").to_owned(),
            run.requests.to_string(),
            tokens(run.input),
            tokens(run.output),
        ]
    });
    let headings = ["SESSION", "MODEL", "STATE", "PROCESSES", "AGE", "REQUESTS", "INPUT", "OUTPUT"];
    let table = print::table(&headings, rows.collect());
    let taken = runs.iter().filter(|run| run.state != RunState::Gone).count();
    let head = match slots {
        // no model is chosen any more, or an order named one
        0 => format!("{}:", print::count(taken as u64, "run", "runs")),
        _ => format!("{taken} of {slots} slots taken:"),
    };
    Some(format!("{head}\n{table}"))
}

fn state(state: RunState) -> &'static str {
    match state {
        RunState::Busy => "busy",
        RunState::Idle => "idle",
        RunState::Gone => "gone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_observer::strays::Process;

    fn run(state: RunState, pids: Vec<i32>) -> Run {
        Run {
            run: "r".into(),
            session: "383770b4-367f-4ad8".into(),
            model: "claude/haiku".into(),
            state,
            pids,
            since: 1_000_000,
            requests: 3,
            input: 21_400,
            output: 2100,
        }
    }

    #[test]
    fn runs_in_a_table() {
        let none =
            Run { session: String::new(), model: "openai/qwen3:8b".into(), ..run(RunState::Busy, vec![]) };
        let runs = [run(RunState::Busy, vec![71, 72]), run(RunState::Gone, vec![]), none];
        insta::assert_snapshot!(listed(&runs, 2, Timestamp(1_095_000)).unwrap(), @"
        2 of 2 slots taken:
        SESSION   MODEL            STATE  PROCESSES  AGE   REQUESTS  INPUT  OUTPUT
        383770b4  claude/haiku     busy   71 72      95 s  3         21k    2.1k
        383770b4  claude/haiku     gone   -          95 s  3         21k    2.1k
        -         openai/qwen3:8b  busy   -          95 s  3         21k    2.1k
        ");
        assert_eq!(listed(&[], 2, Timestamp(0)), None);
    }

    #[test]
    fn who_lives_is_looked_up_and_not_believed() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path());
        let folder = home.path(layout::RUNS);
        let own = Process::now(i32::try_from(std::process::id()).unwrap());
        let entry = |run: &str, keeper: Process, since: i64| Entry {
            run: run.into(),
            owner: None,
            keeper,
            child: None,
            session: run.into(),
            model: "claude/haiku".into(),
            since: Timestamp(since),
        };
        strays::register(&folder, &entry("lives", own, 2)).unwrap();
        let stranger = Process { started: own.started.map(|ticks| ticks + 1), ..own };
        strays::register(&folder, &entry("gone", stranger, 1)).unwrap();
        let found = runs(&home);
        let seen: Vec<(&str, RunState, usize)> =
            found.iter().map(|run| (run.run.as_str(), run.state, run.pids.len())).collect();
        assert_eq!(seen, [("gone", RunState::Gone, 0), ("lives", RunState::Idle, 1)]);
    }
}
