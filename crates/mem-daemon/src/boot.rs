//! The daemon from start to stop, on one page: claim, listen, work, leave.
//!
//! One thread owns all state and wakes for one closed list of reasons; other threads only listen and report. Work is
//! bounded: between two batches the wish to stop is looked at, so a signal is obeyed within the time of one batch.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_observer::child::Launcher;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::asker::Lookup;
use crate::event::Wake;
use crate::idle::Quiet;
use crate::inbox::{drain, losses};
use crate::observer::News;
use crate::presence::{HELLO, Portrait, Presence, STOP};
use crate::questions::listen::listen;
use crate::questions::search::Searching;
pub use crate::shift::Context;
use crate::shift::{Outcome, Shift};

/// How often we look around when nothing wakes us.
const ROUND: Duration = Duration::from_secs(60);
/// After this much quiet, the ready briefs are brought up to date.
const LULL: Duration = Duration::from_millis(150);
/// How long the runs of the observer get to be gone when the daemon leaves.
const RUNS_LEAVE: Duration = Duration::from_secs(1);
/// Reasons to wake that may queue up. Nudges beyond it are dropped: one is as good as many.
const QUEUE: usize = 64;

/// Why the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Somebody else is the daemon.
    AlreadyRuns,
    /// Nothing came for a while.
    Idle,
    /// A signal or a request.
    ToldToStop,
    /// The data directory was removed or replaced under us.
    Homeless,
    /// The executable was replaced or removed: the next one will be of the new version.
    Replaced,
}

/// Runs the daemon until it ends.
///
/// # Errors
/// When it cannot even begin: no data directory, no lock, no sockets.
pub fn run(context: &Context, lookup: Lookup<'_>) -> io::Result<Ended> {
    // fails only where we lead a session already, which is as good
    let _already_leading = rustix::process::setsid();
    let home = &context.home;
    home.create()?;
    let Some(presence) = Presence::claim(home)? else { return Ok(Ended::AlreadyRuns) };
    let _no_hook_started_us = std::fs::remove_file(home.path(layout::DAEMON_START));
    losses::lay_out(home);

    let stop = Arc::new(AtomicBool::new(false));
    let (wakes, woken) = mpsc::sync_channel(QUEUE);
    listen_for_signals(wakes.clone(), Arc::clone(&stop))?;
    listen_for_nudges(presence.nudges.try_clone()?, wakes.clone());
    let mut shift = Shift::begin(context, lookup, Arc::clone(&stop), wakes.clone());
    let searching = Searching::begin(home.clone(), &context.version, wakes.clone(), shift.asker());
    listen(presence.questions.try_clone()?, wakes.clone(), searching.searches.clone());

    let portrait = Portrait {
        pid: i32::try_from(std::process::id()).unwrap_or_default(),
        version: context.version.clone(),
        since: drain::now(),
    };
    let launcher = Launcher { exe: context.exe.clone(), environment: context.environment.clone() };
    let exe_then = look(&context.exe);
    let mut patience = Patience::new(Instant::now());
    let mut quiet = Quiet::new(Instant::now());
    let mut asked = Asked::default();

    let ended = loop {
        let outcome = shift.work();
        if outcome.moved || outcome.busy {
            patience.worked(Instant::now());
        }
        if outcome.moved || outcome.busy || outcome.at_once {
            quiet.ends(Instant::now());
        }
        for cwd in asked.due(&outcome.repositories, Instant::now()) {
            walk_history(launcher.clone(), cwd, wakes.clone());
        }
        if stop.load(Ordering::Relaxed) {
            break Ended::ToldToStop;
        }
        if look(&context.exe) != exe_then {
            break Ended::Replaced;
        }
        if !presence.still_stands(home) {
            break Ended::Homeless;
        }
        if let Some(then) = searching.last() {
            // whoever asks will ask again, and be answered from what is warm
            patience.worked(then);
        }
        if patience.over(Instant::now(), shift.idle_limit()) {
            break Ended::Idle;
        }
        if quiet.is_time(Instant::now()) {
            shift.let_go();
        }
        let wait = match &outcome {
            Outcome { at_once: true, .. } => Duration::ZERO,
            Outcome { again: true, .. } => LULL,
            _ => ROUND
                .min(patience.left(Instant::now(), shift.idle_limit()))
                .min(quiet.left(Instant::now()).unwrap_or(ROUND))
                .min(outcome.next.map_or(ROUND, |next| context.clock.until(next))),
        };
        let first = wait_for(&woken, wait, &mut shift);
        // all that has come by now is heard before the next round: a question behind a flood of nudges would wait a round
        // for each of them
        let waiting = std::iter::from_fn(|| woken.try_recv().ok()).take(QUEUE);
        let mut heard = first.into_iter().chain(waiting);
        if let Some(ended) = heard.find_map(|wake| hear(wake, &mut shift, &mut asked, &portrait)) {
            break ended;
        }
    };
    shift.note(&format!("leaving: {ended:?}"));
    see_runs_off(&mut shift, &woken);
    // before the store is closed, which folds all of its log only when nobody else has it open
    searching.end();
    shift.end();
    presence.leave(home);
    Ok(ended)
}

/// Takes a reason to wake; whether it is one to leave.
fn hear(wake: Wake, shift: &mut Shift<'_>, asked: &mut Asked, portrait: &Portrait) -> Option<Ended> {
    match wake {
        Wake::Nudged => shift.nudged(),
        Wake::Meaning(news) => shift.hear_of_meaning(news),
        Wake::ToldToStop { why } => {
            shift.note(&format!("told to stop: {why}"));
            return Some(Ended::ToldToStop);
        }
        Wake::SearchStumbled => shift.note("a bug in the search cost one question"),
        Wake::Run(news) => shift.hear(news),
        Wake::HistoryWalked { cwd, root } => {
            asked.answered(&cwd, root.is_some());
            if let Some(root) = root {
                shift.found_root(&cwd, root);
            }
        }
        Wake::Asked { question, reply } => {
            let stopping = question == STOP;
            answer(&question, reply, portrait);
            return stopping.then_some(Ended::ToldToStop);
        }
    }
    None
}

/// Waits for a reason to wake; in the first lull the ready briefs are brought up to date.
fn wait_for(woken: &mpsc::Receiver<Wake>, wait: Duration, shift: &mut Shift<'_>) -> Option<Wake> {
    let first = if shift.briefs_are_stale() { LULL.min(wait) } else { wait };
    match woken.recv_timeout(first) {
        Ok(wake) => return Some(wake),
        Err(RecvTimeoutError::Disconnected) => return None,
        Err(RecvTimeoutError::Timeout) => {}
    }
    if shift.briefs_are_stale() {
        shift.refresh_briefs();
        return woken.recv_timeout(wait.saturating_sub(first)).ok();
    }
    None
}

/// Ends the runs of the observer and waits until they are gone, for as long as leaving may take.
fn see_runs_off(shift: &mut Shift<'_>, woken: &mpsc::Receiver<Wake>) {
    let deadline = Instant::now() + RUNS_LEAVE;
    let mut left = shift.stop_runs();
    while left > 0 {
        match woken.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Wake::Run(News::Gone { .. })) => left -= 1,
            Ok(_) => {}
            // what is still there dies with the pipes we hold
            Err(_) => return,
        }
    }
}

fn answer(question: &str, mut reply: UnixStream, portrait: &Portrait) {
    let line = match question {
        HELLO => portrait.line(),
        STOP => "leaving\n".to_owned(),
        _ => "what?\n".to_owned(),
    };
    let _asker_is_gone = reply.write_all(line.as_bytes());
}

fn listen_for_signals(wakes: SyncSender<Wake>, stop: Arc<AtomicBool>) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            stop.store(true, Ordering::Relaxed);
            let why = match signal {
                SIGTERM => "SIGTERM",
                SIGINT => "SIGINT",
                _ => "SIGHUP",
            };
            let _queue_is_full_of_other_reasons = wakes.try_send(Wake::ToldToStop { why });
        }
    });
    Ok(())
}

fn listen_for_nudges(nudges: UnixDatagram, wakes: SyncSender<Wake>) {
    std::thread::spawn(move || {
        let mut byte = [0; 8];
        while nudges.recv(&mut byte).is_ok() {
            let _one_is_as_good_as_many = wakes.try_send(Wake::Nudged);
        }
    });
}

fn walk_history(launcher: Launcher, cwd: String, wakes: SyncSender<Wake>) {
    std::thread::spawn(move || {
        let root = crate::place::root_commit(&launcher, Path::new(&cwd));
        let _daemon_is_leaving = wakes.send(Wake::HistoryWalked { cwd, root });
    });
}

/// What a file looks like, to see that it was replaced.
fn look(path: &Path) -> Option<(u64, u64, i64)> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.ino(), found.len(), found.mtime()))
}

/// How long nothing has come. Time is handed in.
#[derive(Debug)]
struct Patience {
    since: Instant,
}

impl Patience {
    fn new(now: Instant) -> Self {
        Self { since: now }
    }

    fn worked(&mut self, then: Instant) {
        self.since = self.since.max(then);
    }

    fn left(&self, now: Instant, limit: Duration) -> Duration {
        limit.saturating_sub(now.saturating_duration_since(self.since))
    }

    fn over(&self, now: Instant, limit: Duration) -> bool {
        self.left(now, limit).is_zero()
    }
}

/// Which repositories were asked for their root commit. One without an answer (no commit yet) is asked again, but not
/// at once.
#[derive(Debug, Default)]
struct Asked {
    repositories: BTreeMap<String, Asking>,
}

#[derive(Debug)]
struct Asking {
    cwd: String,
    answered: bool,
    not_before: Instant,
}

/// Pause before a repository without a root commit is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(30);

impl Asked {
    /// The directories to ask now, of `(git directory, working directory)` pairs that were just seen.
    fn due(&mut self, seen: &[(String, String)], now: Instant) -> Vec<String> {
        let mut due = Vec::new();
        for (git_dir, cwd) in seen {
            let known = self.repositories.get(git_dir);
            if known.is_some_and(|asking| asking.answered || now < asking.not_before) {
                continue;
            }
            due.push(cwd.clone());
            self.repositories.insert(
                git_dir.clone(),
                Asking { cwd: cwd.clone(), answered: false, not_before: now + ASK_AGAIN },
            );
        }
        due
    }

    fn answered(&mut self, cwd: &str, found: bool) {
        for asking in self.repositories.values_mut().filter(|asking| asking.cwd == cwd) {
            asking.answered = found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_after_the_limit_without_work() {
        let start = Instant::now();
        let limit = Duration::from_secs(60);
        let mut patience = Patience::new(start);
        assert!(!patience.over(start + Duration::from_secs(59), limit));
        assert!(patience.over(start + limit, limit));
        patience.worked(start + limit);
        assert!(!patience.over(start + limit, limit));
        patience.worked(start);
        assert!(!patience.over(start + limit, limit), "what was earlier is no news");
        assert_eq!(patience.left(start + limit * 2, limit), Duration::ZERO);
    }

    #[test]
    fn a_repository_is_asked_once_unless_it_had_no_answer() {
        let start = Instant::now();
        let seen = [("/w/.git".to_owned(), "/w".to_owned())];
        let mut asked = Asked::default();
        assert_eq!(asked.due(&seen, start), ["/w"]);
        assert!(asked.due(&seen, start).is_empty(), "still being asked");
        asked.answered("/w", false);
        assert_eq!(asked.due(&seen, start + ASK_AGAIN), ["/w"], "no commit yet");
        asked.answered("/w", true);
        assert!(asked.due(&seen, start + ASK_AGAIN * 9).is_empty());
    }
}
