//! What is there: the data directory, the store, the search index, the hooks, the worker, the embedding model.
//!
//! Only the worker is touched, by starting it where there is something to do for one, and the index, which is derived.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_daemon::home::write_whole;
use mem_daemon::inbox::drain::Until;
use mem_daemon::presence::State;
use mem_daemon::recall;
use mem_daemon::{damage, health};
use mem_store::{IndexState, Store, StoreError};
use mem_wire::doctor::{Check, Outcome};
use mem_wire::install::model::Standing;

use super::super::desk::{Desk, VERSION};
use super::super::model;
use super::super::status::hooks as seen;
use super::super::{print, worker};
use super::endpoint;
use crate::failure::Failure;

/// How long what waits for the search index is indexed.
const INDEXING: Duration = Duration::from_secs(3);

/// A check that went well.
pub(super) fn ok(name: &str, found: impl Into<String>) -> Check {
    Check { name: name.to_owned(), outcome: Outcome::Ok, found: found.into(), remedy: None, request: None }
}

/// One that had nothing to look at.
pub(super) fn skipped(name: &str, found: impl Into<String>) -> Check {
    Check { outcome: Outcome::Skipped, ..ok(name, found) }
}

/// One that did not go well.
pub(super) fn failed(name: &str, found: impl Into<String>, remedy: impl Into<String>) -> Check {
    Check { outcome: Outcome::Failed, remedy: Some(remedy.into()), ..ok(name, found) }
}

/// One that could not even be made.
pub(super) fn stumbled(name: &str, failure: &Failure) -> Check {
    let (what, remedy) = failure.parts();
    failed(name, what, remedy.unwrap_or("`claude-mem status` may know more.").trim_end_matches('.'))
}

/// Whether we can write where everything is kept, and nobody else can read there.
pub(super) fn data_dir(desk: &Desk) -> Check {
    const NAME: &str = "data directory";
    let home = desk.home();
    let dir = home.dir();
    let shown = dir.display();
    let Ok(found) = std::fs::metadata(dir) else {
        return skipped(NAME, format!("{shown} is not there yet; it is made when it is needed"));
    };
    if let Some(problem) = health::cannot_write(home) {
        return failed(NAME, problem.what, problem.remedy);
    }
    if !desk.has_begun() {
        return skipped(NAME, format!("nothing of ours is in {shown} yet"));
    }
    // a folder whose contents are derived, so that nothing is lost whenever we die
    let probe = home.path(layout::BRIEFS).join("doctor");
    if let Err(error) = home.create().and_then(|()| write_whole(&probe, b"")) {
        return failed(NAME, error.to_string(), format!("Make {shown} writable for this user"));
    }
    let _swept_with_the_briefs = std::fs::remove_file(&probe);
    // what the mode was before `create`, which mends it
    if found.permissions().mode() & 0o077 != 0 {
        return ok(NAME, format!("{shown} can be written; it was open to others, and is not any more"));
    }
    ok(NAME, format!("{shown} can be written, and is its owner's alone"))
}

/// Whether the memory opens and is sound.
pub(super) fn store(desk: &Desk) -> Check {
    const NAME: &str = "store";
    let path = desk.home().store();
    let broken = |error: StoreError| stumbled(NAME, &Failure::from(error));
    let store = match Store::open_read(&path) {
        Ok(store) => store,
        Err(StoreError::Missing { .. }) => return skipped(NAME, "nothing is remembered yet"),
        Err(error) => return broken(error),
    };
    if let Some(newer) = store.newer() {
        let what = format!("it has schema {newer}, written by a newer version, and is only read");
        return failed(NAME, what, "Update claude-mem");
    }
    let damage = match store.quick_check() {
        Ok(damage) => damage,
        Err(error) => return broken(error),
    };
    if let Some(first) = damage.first() {
        let remedy = format!("{}; new events wait in the inbox meanwhile", damage::replacing(&path));
        return failed(NAME, format!("{} is damaged: {first}", path.display()), remedy);
    }
    let counts = store.counts().unwrap_or_default();
    ok(
        NAME,
        format!(
            "sound; schema {}, {} and {}",
            mem_store::KNOWN,
            print::count(counts.events, "event", "events"),
            print::count(counts.observations, "observation", "observations"),
        ),
    )
}

/// Whether searches see everything, after what waits was indexed; an index that is damaged is built anew.
pub(super) fn index(desk: &Desk) -> Check {
    const NAME: &str = "search index";
    match Store::open_read(&desk.home().store()) {
        Ok(store) if store.frozen() || store.newer().is_some() => {
            return skipped(NAME, "it cannot be looked at where nothing can be written");
        }
        Ok(_) => {}
        // what waits in the inbox is about to be
        Err(StoreError::Missing { .. }) if desk.has_begun() => {}
        Err(StoreError::Missing { .. }) => return skipped(NAME, "nothing is remembered yet"),
        Err(_) => return skipped(NAME, "there is no store that can be read"),
    }
    match desk.write(look_over) {
        Ok(looked) => told_of_index(&looked),
        Err(failure) => stumbled(NAME, &failure),
    }
}

/// The index as it is left behind.
struct Looked {
    damage: Option<String>,
    state: IndexState,
    documents: u64,
    waiting: u64,
}

fn look_over(store: &mut Store) -> Result<Looked, StoreError> {
    let until = Until { deadline: Some(Instant::now() + INDEXING), stop: None };
    recall::index(store, until)?;
    let damage = recall::check(store)?;
    if damage.is_some() {
        recall::begin_anew(store)?;
        recall::index(store, until)?;
    }
    let (state, waiting) = (store.index_state()?, store.index_waiting()?);
    Ok(Looked { damage, state, waiting, documents: store.indexed_documents()? })
}

fn told_of_index(looked: &Looked) -> Check {
    const NAME: &str = "search index";
    let Looked { damage, state, waiting, documents } = looked;
    let damaged = damage
        .as_ref()
        .map(|what| format!("it was damaged ({what}) and is built anew; "))
        .unwrap_or_default();
    let waiting = match *waiting {
        0 => String::new(),
        due => format!("; {} not indexed yet", print::counted(due, "document", "documents")),
    };
    ok(
        NAME,
        format!(
            "{damaged}{} in {}{waiting}",
            print::counted(*documents, "document", "documents"),
            print::counted(state.passages, "passage", "passages")
        ),
    )
}

/// Whether the agent calls our hooks.
pub(super) fn hooks(desk: &Desk) -> Check {
    const NAME: &str = "hooks";
    let store = Store::open_read(&desk.home().store()).ok();
    let pending = !mem_daemon::inbox::is_empty(desk.home());
    let seen = seen::look(desk, &desk.layers(), store.as_ref(), pending);
    if let Some(problem) = seen.problem {
        return failed(NAME, problem.what, problem.remedy);
    }
    if !seen.hooks.obstacles.is_empty() {
        return failed(
            NAME,
            format!("Claude Code does not report: {}", seen.hooks.obstacles.join("; ")),
            "Mend that and restart Claude Code; `claude-mem install claude-code` sees to the plugin",
        );
    }
    match seen.hooks.firing {
        Some(_) => ok(NAME, "registered with Claude Code, and events of this directory come in"),
        None if seen.hooks.installed => {
            ok(NAME, "registered with Claude Code, which did nothing in this directory yet")
        }
        None => skipped(NAME, "nobody says where Claude Code's folder is"),
    }
}

/// Whether a worker answers, or can be started.
pub(super) fn the_worker(desk: &Desk) -> Check {
    const NAME: &str = "worker";
    match worker::state(desk.home()) {
        State::Lives(portrait) => {
            let other = portrait.version != VERSION;
            let version = if other { format!(", version {}", portrait.version) } else { String::new() };
            ok(NAME, format!("answers (process {}{version})", portrait.pid))
        }
        State::Hung(pid) => {
            let which = pid.map(|pid| format!(" (process {pid})")).unwrap_or_default();
            failed(NAME, format!("it does not answer{which}"), "Run `claude-mem worker restart`")
        }
        State::Absent if !desk.has_begun() => {
            skipped(NAME, "there is nothing to do for one yet; the round trip starts one of its own")
        }
        State::Absent => match worker::start(desk.home()) {
            Ok(_) => {
                let pid = worker::pid(&worker::state(desk.home()));
                let which = pid.map(|pid| format!(" (process {pid})")).unwrap_or_default();
                ok(NAME, format!("there was none; it was started and answers{which}"))
            }
            Err(failure) => stumbled(NAME, &failure),
        },
    }
}

/// Whether the embedding model is whole and loads, where there is one.
pub(super) fn embedding(desk: &Desk) -> Check {
    const NAME: &str = "embedding";
    if let Some(endpoint) = worker::endpoint(desk) {
        return endpoint::asked(desk, NAME, endpoint);
    }
    let model = model::look(desk);
    match (model.standing, model.fault) {
        (Standing::Absent, _) => {
            skipped(NAME, "no embedding model is installed; recall works by words alone")
        }
        (_, Some(fault)) => failed(NAME, fault.what, fault.remedy.trim_end_matches('.')),
        (_, None) => ok(
            NAME,
            format!("{}, as published; loads in {} ms", model.name, model.load_ms.unwrap_or_default()),
        ),
    }
}
