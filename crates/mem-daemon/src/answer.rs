//! Answers without a daemon: whoever needs one and finds the inbox free drains it first, within a deadline.
//!
//! So a brief, a search or a status is as fresh as can be with the daemon stopped, hung or never started. The
//! daemon's own lock is never touched here: only the inbox lock, which is held for the moment of draining.

use std::time::{Duration, Instant};

use mem_core::layout;
use mem_core::time::Timestamp;
use mem_logic::layers::Layers;
use mem_store::{IndexState, Store, StoreError};

use crate::asker::{Asker, Lookup};
use crate::briefs::{self, Rendered};
use crate::distil::{self, Which};
use crate::health::Problem;
use crate::home::{Home, Lock};
use crate::inbox::drain::{self, Drained, Until};
use crate::{damage, health, inbox, recall, settings};

/// Kept free at the end of a deadline for reading and rendering.
const RESERVE: Duration = Duration::from_millis(100);
/// How long a search waits for whoever drains at the moment.
const OTHERS_TURN: Duration = Duration::from_millis(120);
/// So many frames are drained in a moment, so that waiting for them is worth it: what just happened is what is asked for.
const FEW: usize = 64;
/// How long a search waits for whoever drains so few.
const FEW_TURN: Duration = Duration::from_secs(1);
/// How long the inbox is held for one step of building the index anew.
const STEP: Duration = Duration::from_millis(250);
/// Pause between two tries of the lock.
const BREATH: Duration = Duration::from_millis(4);

/// The brief for `asker`, as fresh as can be had before `deadline`; empty when there is nothing to say.
///
/// Never fails: what is wrong becomes a line of the brief.
pub fn brief(asker: &Asker, lookup: Lookup<'_>, refused: Option<String>, deadline: Instant) -> String {
    let layers = settings::load(&asker.home, lookup);
    let rendered = match catch_up(asker, &layers, deadline) {
        Ok(fresh) => render_and_keep(asker, &layers, fresh, refused.as_deref()),
        Err(error) => Err(error),
    };
    match rendered {
        Ok(rendered) => rendered.text,
        // nothing yet, or nothing until the daemon has upgraded the tables
        Err(StoreError::Missing { .. } | StoreError::Older { .. }) if refused.is_none() => String::new(),
        Err(error) => {
            let mut problems = health::problems(&asker.home, None, &layers, refused.as_deref());
            problems.push(damage::unreadable(&error));
            problems.first().map(Problem::line).unwrap_or_default()
        }
    }
}

/// A store to answer from.
pub struct Fresh {
    /// The store; may be open for reading only.
    pub store: Store,
    /// Held while this process is the one that moves things along.
    lock: Option<Lock>,
    /// What was drained on the way.
    pub drained: Drained,
}

impl Fresh {
    /// Indexes what waits, as far as that can be done before `deadline`, where this process is the one that moves things
    /// along.
    pub fn index(&mut self, deadline: Instant) {
        if self.lock.is_some() {
            // what is not indexed is counted as waiting, and is the next one's to do
            let _waits = recall::index(&mut self.store, Until { deadline: Some(deadline), stop: None });
        }
    }
}

/// Opens the store, after draining and distilling what waits where that can be done before `deadline`.
///
/// # Errors
/// [`StoreError`] when there is no store that can be read.
pub fn catch_up(asker: &Asker, layers: &Layers, deadline: Instant) -> Result<Fresh, StoreError> {
    catch_up_within(asker, layers, deadline, deadline)
}

/// The same, waiting for the inbox until `patience` at the latest.
fn catch_up_within(
    asker: &Asker,
    layers: &Layers,
    patience: Instant,
    deadline: Instant,
) -> Result<Fresh, StoreError> {
    let home = &asker.home;
    let enough = deadline.checked_sub(RESERVE).unwrap_or(deadline);
    let patience = patience.min(enough);
    let read_only = |drained| Ok(Fresh { store: Store::open_read(&home.store())?, lock: None, drained });
    let Some(lock) = wait_for_inbox(home, patience) else { return read_only(Drained::default()) };
    // an upgrade of the tables may take minutes, which is the daemon's time and not a hook's
    let Ok(mut store) = open_current(home) else { return read_only(Drained::default()) };
    let until = Until { deadline: Some(enough), stop: None };
    let capture = asker.capture(layers);
    let drained = drain::drain(home, &mut store, &capture, until).unwrap_or_default();
    // an error here leaves turns undistilled, which the next reader or the daemon makes up for
    let _later = distil::distil(&mut store, Which::All, until);
    Ok(Fresh { store, lock: Some(lock), drained })
}

/// Opens the store for a search: what waits is drained, distilled and indexed first, as far as that can be done before
/// `deadline`.
///
/// Where nothing waits, nobody is waited for. Where somebody else is at it, they are given a moment; what they have not
/// done by then is counted as waiting. The inbox is free again when this returns.
///
/// `kept` is a store that was searched before, whose pages are warm; it is gone on with where that can be.
///
/// # Errors
/// [`StoreError`] when there is no store that can be read.
pub fn catch_up_to_search(
    asker: &Asker,
    layers: impl FnOnce() -> Layers,
    deadline: Instant,
    kept: Option<Store>,
) -> Result<Fresh, StoreError> {
    if let Some(store) = nothing_waits(&asker.home, kept) {
        return Ok(Fresh { store, lock: None, drained: Drained::default() });
    }
    let patience = Instant::now().checked_add(others_turn(&asker.home)).unwrap_or(deadline).min(deadline);
    let mut fresh = catch_up_within(asker, &layers(), patience, deadline)?;
    fresh.index(deadline);
    fresh.lock = None;
    Ok(fresh)
}

/// How long whoever moves things along is waited for: as long as it may take where they are about to be done.
fn others_turn(home: &Home) -> Duration {
    let frames = inbox::waiting(home).map_or(usize::MAX, |frames| frames.len());
    if !home.store().exists() {
        Duration::MAX
    } else if frames <= FEW {
        FEW_TURN
    } else {
        OTHERS_TURN
    }
}

/// Begins the index anew and builds it to its end, telling after each step how it stands and how many documents wait. The inbox is free between two
/// steps, so that whoever has news is not held up; what others index meanwhile need not be indexed here. None when
/// somebody else does not let go of the inbox for as long as `patience`.
///
/// # Errors
/// [`StoreError`] when the store cannot be written.
pub fn reindex(
    home: &Home,
    patience: Duration,
    mut tell: impl FnMut(&IndexState, u64),
) -> Result<Option<IndexState>, StoreError> {
    let mut begun = false;
    loop {
        let Some(lock) = wait_for_inbox(home, Instant::now() + patience) else {
            // where nothing can be written, that is why
            return open_current(home).map(|_store| None);
        };
        let mut store = open_current(home)?;
        if !begun {
            recall::begin_anew(&mut store)?;
            begun = true;
        }
        let until = Until { deadline: Some(Instant::now() + STEP), stop: None };
        let indexed = recall::index(&mut store, until)?;
        let left = indexed.left || recall::merge(&mut store, until)?;
        let (state, waiting) = (store.index_state()?, store.index_waiting()?);
        drop((store, lock));
        tell(&state, waiting);
        if !left && !state.is_rebuilding(mem_logic::recall::VERSION) {
            return Ok(Some(state));
        }
    }
}

/// Begins an index that was found damaged anew and builds it as far as that can be done before `deadline`. `generation` is
/// what was looked at: where somebody else has begun another since, only the building is left. Where somebody else holds
/// the inbox for longer, it is for them to find.
///
/// # Errors
/// [`StoreError`] when the store cannot be written.
pub fn mend_index(home: &Home, generation: u64, deadline: Instant) -> Result<(), StoreError> {
    let Some(_lock) = wait_for_inbox(home, deadline) else { return Ok(()) };
    let mut store = open_current(home)?;
    if store.index_state()?.generation == generation {
        recall::begin_anew(&mut store)?;
    }
    recall::index(&mut store, Until { deadline: Some(deadline), stop: None })?;
    store.close()
}

/// The store, when there is nothing that would have to be done before a search.
fn nothing_waits(home: &Home, kept: Option<Store>) -> Option<Store> {
    if inbox::waiting(home).is_ok_and(|frames| !frames.is_empty()) {
        return None;
    }
    let store = match kept.filter(Store::can_go_on) {
        Some(store) => store,
        None => Store::open_read(&home.store()).ok()?,
    };
    let state = store.index_state().ok()?;
    let due = store.index_due(1).ok()?;
    let turns = store.turns_to_distil(Timestamp(i64::MAX), 1).ok()?;
    (due.is_empty() && state.version == mem_logic::recall::VERSION && turns.is_empty()).then_some(store)
}

fn open_current(home: &Home) -> Result<Store, StoreError> {
    let path = home.store();
    if path.exists() {
        drop(Store::open_read(&path)?); // refuses one that is older
    }
    Store::open_within(&path, drain::now(), &home.path(layout::BACKUPS), RESERVE)
}

/// The inbox lock, if it comes free in time and can be taken at all.
fn wait_for_inbox(home: &Home, until: Instant) -> Option<Lock> {
    loop {
        match home.try_lock(layout::INBOX_LOCK) {
            Ok(Some(lock)) => return Some(lock),
            Ok(None) if Instant::now() < until => std::thread::park_timeout(BREATH),
            Ok(None) | Err(_) => return None,
        }
    }
}

fn render_and_keep(
    asker: &Asker,
    layers: &Layers,
    fresh: Fresh,
    refused: Option<&str>,
) -> Result<Rendered, StoreError> {
    let before = briefs::stamp(&asker.home);
    let rendered = briefs::render(&fresh.store, asker, layers, refused)?;
    let unchanged = before.is_some() && before == briefs::stamp(&asker.home);
    let Fresh { store, lock: Some(_lock), .. } = fresh else { return Ok(rendered) };
    // closing may fold the log into the database, which changes the files but no memory; whoever else writes
    // memory holds the lock that we hold
    if store.close().is_ok()
        && unchanged
        && refused.is_none()
        && let Some(stamp) = briefs::stamp(&asker.home)
    {
        briefs::keep(asker, &stamp, &rendered);
    }
    Ok(rendered)
}
