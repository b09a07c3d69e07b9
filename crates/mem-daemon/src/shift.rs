//! One shift of the daemon's work: its state, and what it does each time it wakes.
//!
//! Owns the store's write connection, the rules compiled from the settings, and the list of directories whose briefs
//! are kept ready. Everything runs under a guard: a bug in here is logged and costs one round, not the daemon.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_core::project::Facts;
use mem_core::time::Timestamp;
use mem_logic::capture::Capture;
use mem_logic::layers::Layers;
use mem_store::Store;

use crate::asker::{Asker, Lookup};
use crate::clock::Clock;
use crate::distil::{self, Which};
use crate::event::Wake;
use crate::home::{Home, Lock};
use crate::idle::heap;
use crate::inbox::drain::{self, Until, now};
use crate::log::{Level, Log};
use crate::meaning::{self, Endpoint, Meaning};
use crate::observer::{Desk, News, Observer, Stepped};
use crate::{briefs, damage, place, recall, settings};

/// Directories whose briefs are kept ready.
const HOT: usize = 8;
/// One round of work, after which questions are answered before the next.
const SLICE: Duration = Duration::from_millis(250);
/// How long to wait for a hook that drains for itself; its own limit is shorter.
const HOOKS_TURN: Duration = Duration::from_millis(400);
/// Old events removed in one step, and time between two looks for such.
const PRUNED_AT_ONCE: usize = 500;
const BETWEEN_PRUNES: Duration = Duration::from_secs(3600);
/// A session in which nothing happened for this long, and of which nothing waits, is taken to have ended.
const SESSION_IDLE_MS: i64 = 15 * 60 * 1000;
/// Time between two looks for such.
const BETWEEN_CLOSINGS: Duration = Duration::from_secs(60);

/// All the daemon is given, since it reads no environment.
#[derive(Debug, Clone)]
pub struct Context {
    /// The data directory.
    pub home: Home,
    /// Claude Code's folder.
    pub config_dir: Option<PathBuf>,
    /// The user's home directory.
    pub user_home: Option<PathBuf>,
    /// Our own executable.
    pub exe: PathBuf,
    /// The environment of our children.
    pub environment: Vec<(OsString, OsString)>,
    /// What models may see of the environment: addresses, keys, proxies, certificates.
    pub model_environment: Vec<(OsString, OsString)>,
    /// Whether models may be asked at all: not where a project chose the place of our settings and memories.
    pub may_ask: bool,
    /// Our version.
    pub version: String,
    /// The observer's clock.
    pub clock: Clock,
    /// A folder of the user's own modes.
    pub modes_dir: Option<PathBuf>,
    /// For tests: the step of the observer at which this process kills itself.
    pub die_at: Option<String>,
}

/// The kind of fault that tells of a worker that cannot go on.
const FAULT: &str = "worker";

/// What a round of work came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether anything was done that counts against idleness.
    pub moved: bool,
    /// Whether something is left to do soon.
    pub again: bool,
    /// Whether that is frames that only waited for their turn, so that there is no need to pause.
    pub at_once: bool,
    /// Whether a run of the observer lives or is waited for, or there is something to embed.
    pub busy: bool,
    /// When to work again at the latest, for the observer and for a service that makes vectors.
    pub next: Option<Timestamp>,
    /// Repositories that were seen: git's common directory and the directory it was seen from.
    pub repositories: Vec<(String, String)>,
}

/// The daemon's working state.
pub struct Shift<'a> {
    context: &'a Context,
    lookup: Lookup<'a>,
    stop: Arc<AtomicBool>,
    log: Log,
    layers: Layers,
    settings_text: Option<String>,
    capture: Capture,
    store: Option<Store>,
    hot: Vec<(PathBuf, Option<String>)>,
    stale: bool,
    next_prune: Instant,
    next_closing: Instant,
    last_trouble: String,
    observer: Observer,
    meaning: Meaning,
}

impl<'a> Shift<'a> {
    /// Reads the settings and opens the log; the store is opened with the first work.
    ///
    /// Runs of the observer and the thread that embeds report into `wakes`.
    pub fn begin(
        context: &'a Context,
        lookup: Lookup<'a>,
        stop: Arc<AtomicBool>,
        wakes: SyncSender<Wake>,
    ) -> Self {
        let layers = settings::load(&context.home, lookup);
        let capture = asker(context, Path::new(""), None).capture(&layers);
        let mut log = Log::open(&context.home, Level::parse(&layers.settings.log_level));
        log.line(
            Level::Info,
            &format!("daemon {} begins in {}", context.version, context.home.dir().display()),
        );
        let mut meaning = Meaning::new(&context.home, wakes.clone());
        meaning.choose(Endpoint::of(context, &layers));
        Self {
            context,
            lookup,
            stop,
            log,
            settings_text: settings::text(&context.home),
            layers,
            capture,
            store: None,
            hot: Vec::new(),
            stale: false,
            next_prune: Instant::now(),
            next_closing: Instant::now(),
            last_trouble: String::new(),
            observer: Observer::new(wakes),
            meaning,
        }
    }

    /// Takes news of a run of the observer, for the next round of work.
    pub fn hear(&mut self, news: News) {
        self.observer.hear(news);
    }

    /// Takes news of the thread that embeds, for the next round of work.
    pub fn hear_of_meaning(&mut self, news: meaning::News) {
        self.meaning.hear(news);
    }

    /// What embeds questions where a service does.
    pub fn asker(&self) -> meaning::Asker {
        self.meaning.asker()
    }

    /// Somebody changed something: mostly the inbox, now and then the model that embeds.
    pub fn nudged(&mut self) {
        self.meaning.look_soon();
    }

    /// Ends all runs of the observer; how many there were, each of which tells when it is gone.
    pub fn stop_runs(&mut self) -> usize {
        let Some((observer, mut desk)) = self.observer() else { return 0 };
        // an error leaves open requests, which the next daemon counts as perhaps paid for
        observer.stop(&mut desk).unwrap_or_default()
    }

    /// Drains, distils, indexes and prunes what is due.
    pub fn work(&mut self) -> Outcome {
        let worked = catch_unwind(AssertUnwindSafe(|| self.work_unguarded()));
        match worked {
            Ok(Ok(outcome)) => {
                self.trouble_is_over();
                outcome
            }
            Ok(Err(trouble)) => {
                self.trouble(&trouble);
                Outcome::default()
            }
            Err(_panic) => {
                self.store = None;
                self.trouble("a bug in the daemon cost one round of work");
                Outcome::default()
            }
        }
    }

    /// How long the daemon stays without work.
    pub fn idle_limit(&self) -> Duration {
        Duration::from_secs(self.layers.settings.idle_minutes * 60)
    }

    /// Whether the store changed since the ready briefs were rendered.
    pub fn briefs_are_stale(&self) -> bool {
        self.stale && !self.hot.is_empty()
    }

    /// Renders the ready briefs of the directories seen last.
    pub fn refresh_briefs(&mut self) {
        self.stale = false;
        let Some(store) = &self.store else { return };
        for (cwd, over) in &self.hot {
            let asker = asker(self.context, cwd, over.clone());
            let Some(stamp) = briefs::stamp(&self.context.home) else { return };
            let rendered =
                catch_unwind(AssertUnwindSafe(|| briefs::render(store, &asker, &self.layers, None)));
            if let Ok(Ok(rendered)) = rendered {
                briefs::keep(&asker, &stamp, &rendered);
            }
        }
    }

    /// A repository's root commit is known: its project may now be known by a stronger key.
    pub fn found_root(&mut self, cwd: &str, root: String) {
        let facts = Facts { root_commit: Some(root), ..place::facts(Path::new(cwd), None) };
        // aliases decide what a brief shows, so they change only under the lock that rendering trusts
        let Ok(Some(_lock)) = self.inbox_lock() else { return };
        let Some(store) = &mut self.store else { return };
        match store.write(|tx| tx.project_for(&facts, cwd, now())) {
            Ok(_) => self.stale = true,
            Err(error) => self.trouble(&error.to_string()),
        }
    }

    /// Writes a line into the log.
    pub fn note(&mut self, text: &str) {
        self.log.line(Level::Info, text);
    }

    /// Folds what waits in the log. What it costs must not cost what the round came to, nor what was read of it.
    fn fold_log(&mut self) {
        match self.store.as_ref().map(|store| store.fold_log()) {
            // briefs know the file by its stamp, which this changes
            Some(Ok(folded)) => self.stale |= folded,
            Some(Err(error)) => self.log.line(Level::Warn, &format!("the log cannot be folded yet: {error}")),
            None => {}
        }
    }

    /// Lets go of what is kept for the next work: there was none for a while. A reader may have been in the way of folding.
    pub fn let_go(&mut self) {
        self.fold_log();
        if let Some(store) = &self.store {
            let _whatever_is_wrong_shows_when_it_works = store.let_go();
        }
        heap::give_back();
    }

    /// Closes the store; the ready briefs stay good, since closing changes no memory.
    pub fn end(mut self) {
        if self.briefs_are_stale() {
            self.refresh_briefs();
        }
        let Some(mut store) = self.store.take() else { return };
        let home = &self.context.home;
        // alone with the store, or another's commit would be stamped as seen
        let Ok(Some(_alone)) = home.try_lock(layout::INBOX_LOCK) else { return };
        let before = briefs::stamp(home);
        // what cannot be written down now, the next daemon finds open
        let _found_by_the_next = self.meaning.end(&mut store);
        if let Err(error) = store.close() {
            self.log.line(Level::Warn, &format!("closing the store: {error}"));
        }
        if let (Some(before), Some(after)) = (before, briefs::stamp(home)) {
            briefs::restamp(home, &before, &after);
        }
    }

    fn work_unguarded(&mut self) -> Result<Outcome, String> {
        self.reread_settings();
        let Some(_lock) = self.inbox_lock()? else {
            return Ok(Outcome { again: true, ..Outcome::default() });
        };
        self.leave_what_is_gone();
        if self.store.is_none() {
            self.open_store()?;
        }
        let Some(store) = &mut self.store else { return Ok(Outcome::default()) };
        if store.newer().is_some() {
            return Ok(Outcome::default());
        }
        let until = Until { deadline: Some(Instant::now() + SLICE), stop: Some(&self.stop) };
        let drained = drain::drain(&self.context.home, store, &self.capture, until)
            .map_err(|error| error.to_string())?;
        let quiet = i64::try_from(self.layers.settings.quiet_minutes * 60_000).unwrap_or(i64::MAX);
        let settled = Which::Settled { quiet_before: now().plus_ms(-quiet) };
        let distilled = distil::distil(store, settled, until).map_err(|error| error.to_string())?;
        let indexed = recall::index(store, until).map_err(|error| error.to_string())?;
        let left =
            drained.left || indexed.left || recall::merge(store, until).map_err(|error| error.to_string())?;
        let mut outcome = Outcome {
            moved: drained.frames > 0 || distilled > 0 || indexed.documents > 0,
            at_once: left,
            ..Outcome::default()
        };
        if indexed.anew {
            self.log.line(Level::Info, "the search index is built anew");
        }
        if drained.frames + drained.parked + distilled > 0 {
            self.log.line(
                Level::Debug,
                &format!(
                    "{} frames in, {} stored, {} parked, {distilled} turns distilled",
                    drained.frames, drained.stored, drained.parked
                ),
            );
        }
        for (cwd, facts) in drained.places {
            if let (Some(git_dir), None) = (&facts.git_dir, &facts.over) {
                outcome.repositories.push((git_dir.clone(), cwd.clone()));
            }
            self.heat(PathBuf::from(cwd), facts.over);
        }
        let stepped = self.observe()?;
        outcome.moved |= stepped.moved;
        (outcome.busy, outcome.next) = (stepped.busy, stepped.next);
        self.stale |= outcome.moved;
        self.prune_if_due();
        self.mean(!left, &mut outcome)?;
        self.fold_log();
        Ok(outcome)
    }

    /// A step of embedding, when nothing else is left to do in this round. The ready briefs stay good: no memory changes.
    fn mean(&mut self, free: bool, outcome: &mut Outcome) -> Result<(), String> {
        let home = &self.context.home;
        let Some(store) = &mut self.store else { return Ok(()) };
        let before = briefs::stamp(home);
        let stepped =
            self.meaning.step(store, &mut self.log, now(), free).map_err(|error| error.to_string())?;
        if let (Some(before), Some(after)) = (before, briefs::stamp(home))
            && before != after
            && !self.stale
        {
            briefs::restamp(home, &before, &after);
        }
        self.stale |= stepped.told;
        outcome.busy |= stepped.busy;
        outcome.at_once |= stepped.again;
        outcome.next = outcome.next.into_iter().chain(stepped.next).min();
        Ok(())
    }

    /// The observer, and what it works with; none while there is no store.
    fn observer(&mut self) -> Option<(&mut Observer, Desk<'_>)> {
        let desk = Desk {
            context: self.context,
            store: self.store.as_mut()?,
            layers: &self.layers,
            capture: &self.capture,
            log: &mut self.log,
            now: self.context.clock.now(),
        };
        Some((&mut self.observer, desk))
    }

    /// One step of the observer, and the ends of sessions that nobody announced.
    fn observe(&mut self) -> Result<Stepped, String> {
        let Some((observer, mut desk)) = self.observer() else { return Ok(Stepped::default()) };
        let stepped = observer.step(&mut desk).map_err(|error| error.to_string())?;
        if let Some(store) = &mut self.store
            && Instant::now() >= self.next_closing
        {
            self.next_closing = Instant::now() + BETWEEN_CLOSINGS;
            store
                // a turn that a model is to see has its batch by now, which keeps its session open
                .write(|tx| tx.close_idle_sessions(now().plus_ms(-SESSION_IDLE_MS), false))
                .map_err(|error| error.to_string())?;
        }
        Ok(stepped)
    }

    /// Closes a store whose file was removed, replaced or emptied since: what lies there now is looked at anew.
    fn leave_what_is_gone(&mut self) {
        let Some(why) = self.store.as_ref().and_then(|store| store.in_place().err()) else { return };
        self.log.line(Level::Warn, &damage::chain(&why));
        self.close_store();
    }

    /// Closes a store that may be opened anew. Its log is folded where that does no harm: if another file was put in its
    /// place, the log would be taken for that one's.
    fn close_store(&mut self) {
        if let Some(Err(error)) = self.store.take().map(Store::close) {
            self.log.line(Level::Warn, &format!("closing the store: {}", damage::chain(&error)));
        }
    }

    fn open_store(&mut self) -> Result<(), String> {
        let home = &self.context.home;
        let store = Store::open(&home.store(), now(), &home.path(layout::BACKUPS))
            .map_err(|error| damage::chain(&error))?;
        if let Some(newer) = store.newer() {
            self.log.line(Level::Warn, &format!("the store is of a newer schema ({newer}): only read"));
        }
        self.store = Some(store);
        Ok(())
    }

    fn inbox_lock(&self) -> Result<Option<Lock>, String> {
        let give_up = Instant::now() + HOOKS_TURN;
        loop {
            match self.context.home.try_lock(layout::INBOX_LOCK) {
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) if Instant::now() < give_up => std::thread::park_timeout(Duration::from_millis(5)),
                Ok(None) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Takes up changed settings; compiling the rules anew is not for every wake.
    fn reread_settings(&mut self) {
        let text = settings::text(&self.context.home);
        if text == self.settings_text {
            return;
        }
        self.settings_text = text;
        self.layers = settings::load(&self.context.home, self.lookup);
        self.capture = asker(self.context, Path::new(""), None).capture(&self.layers);
        self.stale = true;
        self.observer.settings_changed();
        self.meaning.choose(Endpoint::of(self.context, &self.layers));
        self.log.line(Level::Info, "settings changed");
    }

    fn heat(&mut self, cwd: PathBuf, over: Option<String>) {
        self.hot.retain(|known| *known != (cwd.clone(), over.clone()));
        self.hot.insert(0, (cwd, over));
        self.hot.truncate(HOT);
    }

    /// Removes raw events that are past their days or over the limit, a bounded number at a time.
    fn prune_if_due(&mut self) {
        let Some(store) = &mut self.store else { return };
        if Instant::now() < self.next_prune {
            return;
        }
        let days = i64::try_from(self.layers.settings.event_days).unwrap_or(i64::MAX);
        let older_than = Timestamp(now().0.saturating_sub(days.saturating_mul(24 * 3600 * 1000)));
        let most = self.layers.settings.event_bytes;
        match store.write(|tx| tx.prune_events(older_than, most, PRUNED_AT_ONCE, now())) {
            Ok(pruned) if pruned.events == 0 => self.next_prune = Instant::now() + BETWEEN_PRUNES,
            Ok(pruned) => self.log.line(Level::Info, &format!("{} old events removed", pruned.events)),
            Err(error) => self.trouble(&error.to_string()),
        }
    }

    fn trouble_is_over(&mut self) {
        if std::mem::take(&mut self.last_trouble).is_empty() {
            return;
        }
        if let Some(store) = &mut self.store {
            let _told_once_more = store.write(|tx| tx.clear_fault(FAULT));
        }
    }

    /// Logs trouble, once for as long as it stays the same, and leaves it in the store for `status`, where it can.
    fn trouble(&mut self, text: &str) {
        if self.last_trouble != text {
            text.clone_into(&mut self.last_trouble);
            self.log.line(Level::Error, text);
            if let Some(store) = &mut self.store {
                let said = format!("the worker cannot go on ({text})");
                let _the_store_may_be_the_trouble = store.write(|tx| tx.fault(FAULT, &said, now()));
            }
        }
        // a connection that failed is opened anew, whatever was wrong with it
        self.close_store();
    }
}

fn asker(context: &Context, cwd: &Path, over: Option<String>) -> Asker {
    Asker {
        home: context.home.clone(),
        cwd: cwd.to_path_buf(),
        over,
        config_dir: context.config_dir.clone(),
        user_home: context.user_home.clone(),
    }
}
