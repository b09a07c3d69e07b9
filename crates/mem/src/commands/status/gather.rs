//! Makes the document: counts that add up, and everything that is wrong, the gravest first.
//!
//! While this process holds the inbox lock nobody moves a frame, so the sum is exact. Without it (a daemon that does
//! not let go, a place that cannot be written) a frame that is just being moved may count twice.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_daemon::damage;
use mem_daemon::embedding_model;
use mem_daemon::health::{self, Problem};
use mem_daemon::inbox::{self, drain, losses};
use mem_daemon::meaning;
use mem_daemon::observer;
use mem_daemon::presence::State;
use mem_logic::layers::Layers;
use mem_logic::mode::ModeProblem;
use mem_store::{Reader, Store, StoreError};
use mem_wire::search::Coverage;
use mem_wire::status::{
    Daemon, Events, Fault, Lost, Meaning, MeaningEndpoint, Memory, Parked, Problem as Told, Status,
    Store as StoreDocument, StoreState, VERSION,
};

use super::super::desk::{self, Desk};
use super::super::ledger::standing;
use super::super::observer::Around;
use super::super::print;
use super::super::worker;
use super::hooks;
use crate::env;

/// How long what waits for the search index is indexed.
const INDEXING: Duration = Duration::from_secs(1);
/// An answer of a model as old as this says that it can be asked.
const LATELY_MS: i64 = 24 * 3600 * 1000;

/// How it stands. Never fails: what cannot be found out is a problem too.
pub(super) fn gather(desk: &Desk) -> Status {
    let home = desk.home();
    let layers = desk.layers();
    let mut memory = desk.memory();
    if let Ok(Some(fresh)) = &mut memory {
        // what waits after that has waited for a while
        fresh.index(Instant::now() + INDEXING);
    }
    let memory = memory.and_then(|fresh| match fresh {
        Some(fresh) => read_over(&fresh.store).map(|()| Some(fresh)),
        None => Ok(None),
    });
    let store = memory.as_ref().ok().and_then(Option::as_ref).map(|fresh| &fresh.store);

    let pending =
        inbox::waiting(home).map_or(0, |frames| frames.len() as u64) + inbox::unfinished(home) as u64;
    let parked = inbox::parked(home).unwrap_or_default();
    let tallies = store.and_then(|store| store.tallies().ok()).unwrap_or_default();
    let faults = store.and_then(|store| store.faults().ok()).unwrap_or_default();
    let standing = standing::look(store.map(|store| &**store), &layers.settings.observer, drain::now());
    let waiting = standing.as_ref().map_or(0, |observer| observer.waiting + observer.busy);
    let events = events(&tallies, pending, parked.len() as u64, waiting);
    let state = worker::state(home);
    let seen = hooks::look(desk, &layers, store, events.pending > 0);

    let mut problems = Vec::new();
    if let Err(error) = &memory {
        problems.push(match error {
            StoreError::Older { .. } => {
                Problem::new(error.to_string(), "Run `claude-mem worker start`, which upgrades it")
            }
            _ => damage::unreadable(error),
        });
    }
    // what is wrong with a model ends by itself or by its own remedy, and is no record to be forgotten
    let recorded: Vec<&str> = faults
        .iter()
        .filter(|fault| health::remedy(&fault.kind).is_none())
        .map(|fault| fault.said.as_str())
        .collect();
    let aside = standing.as_ref().and_then(standing::problem);
    let refused = |problem: &Problem| {
        faults.iter().any(|fault| fault.kind == "model:refused" && fault.said == problem.what)
    };
    // what the worker has not looked at yet is told, and what it has not seen to be mended is not
    let model = worker::endpoint(desk).is_none().then(|| embedding_model::look(home));
    let mended = matches!(model, Some(embedding_model::Standing::Whole));
    let is_mended = |problem: &Problem| {
        mended && faults.iter().any(|fault| meaning::is_of_files(&fault.kind) && fault.said == problem.what)
    };
    if let Some(embedding_model::Standing::Faulty(error)) = &model
        && !faults.iter().any(|fault| meaning::is_of_files(&fault.kind))
    {
        problems.push(meaning::of_installed(error));
    }
    for mut problem in health::problems(home, store, &layers, None).into_iter().filter(|one| !is_mended(one))
    {
        // told below, with the turns it is about
        if aside.is_some() && refused(&problem) {
            continue;
        }
        if recorded.contains(&problem.what.as_str()) {
            "`claude-mem status --clear` forgets it".clone_into(&mut problem.remedy);
        }
        if problem.remedy.contains("worker retry") {
            problem.remedy.push_str(", `claude-mem worker discard` deletes them for good");
        }
        problems.push(problem);
    }
    problems.extend(of_the_daemon(&state));
    problems.extend(seen.problem);
    problems.extend(aside);
    let told = faults.iter().any(|fault| ["model:setup", "model:auth"].contains(&fault.kind.as_str()));
    problems.extend(of_the_model(desk, &layers, store.map(|store| &**store), told));
    problems.extend(of_the_mode(desk, &layers));

    Status {
        version: VERSION,
        program: desk::VERSION.to_owned(),
        data_dir: desk::text(home.dir()),
        excluded: desk.is_excluded(),
        redacted: prefixed(&tallies, drain::REDACTED),
        memory: store.map(rows).unwrap_or_default(),
        search: store.and_then(coverage),
        meaning: store.and_then(|store| meaning(desk, store)),
        last_event_at: store.and_then(|store| store.last_event_at(None).ok().flatten()).map(|at| at.0),
        daemon: daemon(&state),
        store: store_document(desk, memory.as_ref().map(|fresh| fresh.as_ref().map(|fresh| &fresh.store))),
        parked: parked.into_iter().map(|parked| Parked { frame: parked.frame.0, why: parked.why }).collect(),
        lost: losses::read(home).map(|lost| Lost {
            count: lost.count,
            last_at: lost.last_at.0,
            reason: lost.reason,
        }),
        faults: faults
            .into_iter()
            .map(|fault| Fault {
                kind: fault.kind,
                said: fault.said,
                first_at: fault.first_at.0,
                at: fault.at.0,
                count: fault.count,
            })
            .collect(),
        hooks: seen.hooks,
        observer: standing,
        problems: problems
            .into_iter()
            .map(|problem| Told { what: problem.what, remedy: problem.remedy })
            .collect(),
        events,
    }
}

/// Whether what is told below can be read: a store may open and be damaged all the same.
fn read_over(store: &Store) -> Result<(), StoreError> {
    store.tallies()?;
    store.faults()?;
    store.counts()?;
    store.last_event_at(None)?;
    Ok(())
}

fn events(tallies: &BTreeMap<String, u64>, pending: u64, parked: u64, waiting_for_model: u64) -> Events {
    let tally = |name: &str| tallies.get(name).copied().unwrap_or_default();
    let filtered = prefixed(tallies, drain::FILTERED);
    let read = tally(drain::STORED) + filtered.values().sum::<u64>();
    Events {
        stored: tally(drain::STORED),
        filtered,
        pending,
        parked,
        waiting_for_model,
        balanced: read == tally(drain::RECEIVED),
        ..Events::default()
    }
    .summed()
}

fn prefixed(tallies: &BTreeMap<String, u64>, prefix: &str) -> BTreeMap<String, u64> {
    tallies.iter().filter_map(|(name, n)| Some((name.strip_prefix(prefix)?.to_owned(), *n))).collect()
}

fn rows(store: &Store) -> Memory {
    let counts = store.counts().unwrap_or_default();
    Memory {
        projects: counts.projects,
        sessions: counts.sessions,
        turns: counts.turns,
        events: counts.events,
        observations: counts.observations,
        summaries: counts.summaries,
    }
}

fn coverage(store: &Store) -> Option<Coverage> {
    let state = store.index_state().ok()?;
    let rebuilding = state.is_rebuilding(mem_logic::recall::VERSION);
    Some(Coverage {
        passages: state.passages,
        waiting: store.index_waiting().ok()?,
        rebuilding,
        meaning: None,
    })
}

fn meaning(desk: &Desk, store: &Store) -> Option<Meaning> {
    let standing = meaning::standing(desk.home(), store, worker::endpoint(desk).as_ref()).ok()?;
    Some(Meaning {
        installed: standing.installed,
        model: standing.model,
        embedded: standing.stretch.embedded,
        passages: standing.stretch.passages,
        replaces: standing.replaces,
        endpoint: standing.endpoint.map(|endpoint| MeaningEndpoint {
            address: endpoint.address,
            model: endpoint.model,
            local: endpoint.local,
            dimension: endpoint.dimension,
        }),
    })
}

fn daemon(state: &State) -> Daemon {
    let portrait = worker::portrait(state);
    Daemon {
        state: worker::wire(state),
        pid: worker::pid(state),
        version: portrait.map(|portrait| portrait.version.clone()),
        since: portrait.map(|portrait| portrait.since.0),
    }
}

fn store_document(desk: &Desk, opened: Result<Option<&Store>, &StoreError>) -> StoreDocument {
    let path = desk.home().store();
    let bytes = |name: &str| std::fs::metadata(desk.home().path(name)).map_or(0, |found| found.len());
    let newer = opened.ok().flatten().and_then(|store| store.newer());
    let state = match opened {
        Ok(None) => StoreState::Missing,
        Ok(Some(_)) if newer.is_some() => StoreState::Newer,
        Ok(Some(store)) if store.frozen() => StoreState::ReadOnly,
        Ok(Some(_)) => StoreState::Good,
        Err(_) => StoreState::Unreadable,
    };
    StoreDocument {
        path: desk::text(&path),
        state,
        bytes: bytes(layout::STORE) + bytes(&format!("{}-wal", layout::STORE)),
        schema: newer.or_else(|| opened.ok().flatten().map(|_| mem_store::KNOWN)),
        newer: newer.is_some(),
    }
}

/// Why the chosen model cannot be asked as things stand here. Silent where it is `told` already, and where it answered
/// lately: the worker may know a key that this shell does not.
fn of_the_model(desk: &Desk, layers: &Layers, store: Option<&Reader>, told: bool) -> Option<Problem> {
    let settings = &layers.settings.observer;
    let model = settings.model.as_ref()?.to_string();
    let obstacle = Around::of(desk).reached(settings).obstacle?;
    let since = drain::now().plus_ms(-LATELY_MS);
    let costs = store.and_then(|store| store.costs(since).ok()).unwrap_or_default();
    let answered = costs.iter().any(|row| row.model == model && row.requests > row.failed);
    if told || answered {
        return None;
    }
    let (what, remedy) = print::remedied(&obstacle);
    let remedy = remedy.unwrap_or_else(|| "`claude-mem observer` shows what is used".to_owned());
    Some(Problem::new(format!("{model} is chosen and cannot be asked ({what})"), remedy))
}

/// What could not be used of the mode, where a model is asked in its words.
fn of_the_mode(desk: &Desk, layers: &Layers) -> Vec<Problem> {
    if layers.settings.observer.model.is_none() {
        return Vec::new();
    }
    let folders = observer::mode_folders(desk.home(), env::modes_dir().as_deref());
    let (_, problems) = observer::load_mode(&folders, &layers.settings.observer.mode);
    let told = |problem: ModeProblem| {
        Problem::new(format!("mode {}: {}", problem.mode, problem.what), problem.remedy)
    };
    problems.into_iter().map(told).collect()
}

fn of_the_daemon(state: &State) -> Option<Problem> {
    let State::Hung(pid) = state else { return None };
    let which = pid.map(|pid| format!(" (process {pid})")).unwrap_or_default();
    Some(Problem::new(
        format!("the worker{which} does not answer; events wait in the inbox meanwhile"),
        "Run `claude-mem worker restart`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tallies(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        counts.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
    }

    #[test]
    fn the_sum_is_held_against_the_books() {
        let books =
            tallies(&[("received", 31), ("stored", 30), ("filtered:duplicate", 1), ("redacted:jwt", 2)]);
        let told = events(&books, 2, 1, 0);
        assert_eq!((told.received, told.balanced), (34, true));
        assert_eq!(prefixed(&books, drain::REDACTED), tallies(&[("jwt", 2)]));
        let told = events(&tallies(&[("received", 31), ("stored", 30)]), 0, 0, 0);
        assert!(!told.balanced);
    }
}
