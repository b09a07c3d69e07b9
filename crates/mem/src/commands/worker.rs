//! `worker`: the daemon by hand. It is optional: everything works without it, some of it later.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_core::time::Timestamp;
use mem_daemon::answer;
use mem_daemon::boot::{self, Context, Ended};
use mem_daemon::clock::Clock;
use mem_daemon::home::{Home, at};
use mem_daemon::inbox::{self, drain};
use mem_daemon::meaning::Endpoint;
use mem_daemon::presence::{self, Portrait, State, Stopped};
use mem_wire::status::DaemonState;
use mem_wire::worker::{VERSION as DOCUMENT, Worker};

use super::desk::{self, Desk, VERSION};
use super::ledger::runs;
use super::print;
use crate::cli::WorkerCommand;
use crate::env;
use crate::failure::Failure;
use crate::hook::{self, Daemon};

/// How long a start may take.
const START: Duration = Duration::from_secs(3);
/// How long each way of stopping it may take.
const STOP: Duration = Duration::from_secs(3);
/// How long building the index anew waits for whoever moves events along.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two lines about how far that is.
const BETWEEN_NEWS: Duration = Duration::from_secs(2);
/// How often a starting daemon is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Runs the command.
pub(crate) fn run(desk: &Desk, command: WorkerCommand) -> Result<(), Failure> {
    match command {
        WorkerCommand::Run => foreground(desk),
        WorkerCommand::Start => {
            let done = start(desk.home())?;
            tell(desk, Some(done))
        }
        WorkerCommand::Stop => {
            let done = stop(desk.home())?;
            tell(desk, Some(done))
        }
        WorkerCommand::Restart => {
            let stopped = stop(desk.home())?;
            let started = start(desk.home())?;
            tell(desk, Some(format!("{stopped}\n{started}")))
        }
        WorkerCommand::Status => status(desk),
        WorkerCommand::Retry => retry(desk),
        WorkerCommand::Discard { yes } => discard(desk, yes),
        WorkerCommand::Reindex => reindex(desk),
    }
}

/// Who the daemon is, without leaving a trace where there never was one.
pub(super) fn state(home: &Home) -> State {
    if home.path(layout::DAEMON_LOCK).exists() { presence::state(home) } else { State::Absent }
}

/// Brings the daemon to leave; what was done, in words.
pub(super) fn stop(home: &Home) -> Result<String, Failure> {
    if state(home) == State::Absent {
        return Ok("There was no worker to stop.".to_owned());
    }
    match presence::stop(home, STOP) {
        Stopped::WasAbsent => Ok("There was no worker to stop.".to_owned()),
        Stopped::Left => Ok("The worker has left.".to_owned()),
        Stopped::Killed => {
            Ok("The worker did not answer and was killed; nothing is lost by that.".to_owned())
        }
        Stopped::Remains => Err(Failure::environment("the worker cannot be stopped")
            .hint("It may belong to another user; `claude-mem worker status` names its process.")),
    }
}

fn foreground(desk: &Desk) -> Result<(), Failure> {
    let context = context(desk)?;
    let mut ours = |name: &str| desk.theirs.setting(name);
    let ended = boot::run(&context, &mut ours)?;
    print::note(match ended {
        Ended::AlreadyRuns => "A worker runs already.",
        Ended::Idle => "Nothing came for a while; the worker leaves.",
        Ended::ToldToStop => "The worker was told to leave.",
        Ended::Homeless => "The data directory was removed; the worker leaves.",
        Ended::Replaced => "The program was replaced; the next worker will be the new one.",
    });
    Ok(())
}

/// All that a daemon is given; none of it comes from a variable that a project set.
pub(super) fn context(desk: &Desk) -> Result<Context, Failure> {
    let theirs = &desk.theirs;
    Ok(Context {
        home: desk.home().clone(),
        config_dir: env::config_dir_if(theirs.is_ours(env::CONFIG_DIR)),
        user_home: env::home(),
        exe: desk::program()?,
        environment: theirs.without(env::for_children()),
        model_environment: theirs.without(env::for_models()),
        may_ask: !theirs.chose_place(desk.home().dir()),
        version: VERSION.to_owned(),
        clock: Clock::new(if theirs.is_ours(env::CLOCK_RATE) { env::clock_rate() } else { 1 }),
        // a mode is words to a model
        modes_dir: env::modes_dir().filter(|_| theirs.is_ours(env::MODES_DIR)),
        die_at: env::die_at().filter(|_| theirs.is_ours(env::DIE_AT)),
    })
}

/// The endpoint that makes vectors, where one is set and may be asked from here.
pub(crate) fn endpoint(desk: &Desk) -> Option<Endpoint> {
    Endpoint::of(&context(desk).ok()?, &desk.layers())
}

/// Has a worker look for work: one that lives is nudged, else one is started.
pub(super) fn wake(home: &Home) -> Result<(), Failure> {
    match hook::nudge(home.dir()) {
        Daemon::Lives => Ok(()),
        Daemon::Absent | Daemon::Unreachable => start(home).map(drop),
    }
}

/// Starts a daemon and waits until it answers; what was done, in words.
pub(super) fn start(home: &Home) -> Result<String, Failure> {
    if let State::Lives(portrait) = state(home) {
        return Ok(format!("A worker runs already (process {}).", portrait.pid));
    }
    home.create()?;
    let mut child = spawn(home)?;
    let deadline = Instant::now() + START;
    loop {
        if let Some(portrait) = presence::lives_by(home, (Instant::now() + GLANCE).min(deadline)) {
            return Ok(format!("The worker runs (process {}).", portrait.pid));
        }
        // one that leaves content has met another, which is about to answer
        let ended = child.try_wait()?.filter(|status| !status.success());
        if ended.is_some() || Instant::now() >= deadline {
            let what = match ended {
                Some(status) => format!("the worker ended at once ({status})"),
                None => format!("the worker does not answer after {} s", START.as_secs()),
            };
            return Err(Failure::environment(what).hint(format!(
                "`claude-mem worker run` shows what it says; its log is {}.",
                home.path(layout::DAEMON_LOG).display()
            )));
        }
    }
}

/// A daemon that holds nothing of ours: it makes its own session, and gets an environment of its own.
fn spawn(home: &Home) -> Result<Child, Failure> {
    Ok(Command::new(desk::program()?)
        .arg0("claude-mem")
        .args(["worker", "run"])
        .env_clear()
        .envs(env::for_daemon(home.dir()))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?)
}

fn retry(desk: &Desk) -> Result<(), Failure> {
    let again = inbox::unpark(desk.home())?;
    if again == 0 {
        return tell(desk, Some("Nothing was set aside.".to_owned()));
    }
    let read = desk.memory()?.map(|fresh| fresh.drained.parked);
    let aside = inbox::parked(desk.home())?;
    let mut done = format!(
        "{} tried again, {} set aside once more.",
        print::count(again as u64, "frame was", "frames were"),
        aside.len()
    );
    if read.is_none() || !inbox::is_empty(desk.home()) {
        done.push_str(" Some still wait; the worker reads them.");
    }
    for parked in &aside {
        done.push_str(&format!("\n  {}: {}", parked.frame, parked.why));
    }
    tell(desk, Some(done))
}

/// Deletes what was set aside: a frame that no version can read would be told of for ever.
fn discard(desk: &Desk, yes: bool) -> Result<(), Failure> {
    let aside = inbox::parked(desk.home())?;
    if aside.is_empty() {
        return tell(desk, Some("Nothing was set aside.".to_owned()));
    }
    let counted = print::count(aside.len() as u64, "frame", "frames");
    if !yes {
        print::note(&format!("{counted} will be deleted, and cannot be brought back:"));
        for parked in &aside {
            print::note(&format!("  {}: {}", parked.frame, parked.why));
        }
        if !print::go_ahead(false)? {
            return Ok(());
        }
    }
    let folder = desk.home().path(layout::PARKED);
    for entry in fs::read_dir(&folder).map_err(|error| at(&folder, &error))?.flatten() {
        let path = entry.path();
        // the frame and its note; one that was set aside since was not asked about
        let asked =
            aside.iter().any(|parked| path.file_stem().is_some_and(|stem| stem == parked.frame.0.as_str()));
        if asked {
            fs::remove_file(&path).map_err(|error| at(&path, &error))?;
        }
    }
    tell(desk, Some(format!("{counted} deleted.")))
}

/// Builds the search index anew, whether a worker lives or not.
fn reindex(desk: &Desk) -> Result<(), Failure> {
    if !desk.has_begun() {
        return tell(desk, Some("Nothing is remembered yet, so there is nothing to index.".to_owned()));
    }
    let mut told = Instant::now();
    let done = answer::reindex(desk.home(), PATIENCE, |state, waiting| {
        if !desk.json && told.elapsed() >= BETWEEN_NEWS {
            told = Instant::now();
            print::note(&format!(
                "{} indexed, {} to go.",
                print::counted(state.passages, "passage", "passages"),
                print::counted(waiting, "document", "documents")
            ));
        }
    })?;
    let Some(state) = done else {
        return Err(Failure::environment("somebody else moves events along and does not let go")
            .hint("Try again; if it stays so, `claude-mem worker restart` ends whoever holds it."));
    };
    let passages = print::counted(state.passages, "passage", "passages");
    tell(desk, Some(format!("The search index was built anew: {passages}.")))
}

/// The daemon and the runs of the observer.
fn status(desk: &Desk) -> Result<(), Failure> {
    tell(desk, None)?;
    if desk.json {
        return Ok(());
    }
    let listed = runs::listed(&runs::runs(desk.home()), slots(desk), drain::now());
    listed.map_or(Ok(()), |listed| print::text(&listed))
}

/// Most runs at the same time; none without a model.
fn slots(desk: &Desk) -> usize {
    let observer = desk.layers().settings.observer;
    if observer.model.is_some() { observer.pool } else { 0 }
}

/// The daemon as it stands, after what was done.
fn tell(desk: &Desk, done: Option<String>) -> Result<(), Failure> {
    let state = state(desk.home());
    let mut worker = document(&state, done);
    if desk.json {
        (worker.runs, worker.slots) = (runs::runs(desk.home()), slots(desk));
        return print::json(&worker);
    }
    print::text(&worker.done.unwrap_or_else(|| words(&state, drain::now())))
}

fn document(state: &State, done: Option<String>) -> Worker {
    let portrait = portrait(state);
    Worker {
        version: DOCUMENT,
        state: wire(state),
        pid: pid(state),
        program: portrait.map(|portrait| portrait.version.clone()),
        since: portrait.map(|portrait| portrait.since.0),
        runs: Vec::new(),
        slots: 0,
        done,
    }
}

/// The state as documents name it.
pub(super) fn wire(state: &State) -> DaemonState {
    match state {
        State::Lives(_) => DaemonState::Running,
        State::Hung(_) => DaemonState::Hung,
        State::Absent => DaemonState::Absent,
    }
}

/// The process behind it, where that is known.
pub(super) fn pid(state: &State) -> Option<i32> {
    match state {
        State::Lives(portrait) => Some(portrait.pid),
        State::Hung(pid) => *pid,
        State::Absent => None,
    }
}

/// What it says of itself, when it answers.
pub(super) fn portrait(state: &State) -> Option<&Portrait> {
    match state {
        State::Lives(portrait) => Some(portrait),
        State::Hung(_) | State::Absent => None,
    }
}

fn words(state: &State, now: Timestamp) -> String {
    match state {
        State::Lives(portrait) => format!(
            "The worker runs: process {}, version {}, began {}.",
            portrait.pid,
            portrait.version,
            print::ago(portrait.since, now)
        ),
        State::Hung(Some(pid)) => {
            format!("The worker (process {pid}) does not answer; `claude-mem worker restart` replaces it.")
        }
        State::Hung(None) => "A worker does not answer; `claude-mem worker restart` replaces it.".to_owned(),
        State::Absent => "No worker runs. It starts by itself when there is work.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_words() {
        let portrait = Portrait { pid: 7, version: "0.1.0".into(), since: Timestamp(0) };
        let told: Vec<String> =
            [State::Lives(portrait), State::Hung(Some(7)), State::Hung(None), State::Absent]
                .iter()
                .map(|state| words(state, Timestamp(60_000)))
                .collect();
        insta::assert_snapshot!(told.join("\n"), @"
        The worker runs: process 7, version 0.1.0, began 60 s ago.
        The worker (process 7) does not answer; `claude-mem worker restart` replaces it.
        A worker does not answer; `claude-mem worker restart` replaces it.
        No worker runs. It starts by itself when there is work.
        ");
    }

    #[test]
    fn looking_for_a_worker_leaves_no_trace() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path());
        assert_eq!(state(&home), State::Absent);
        assert_eq!(std::fs::read_dir(tmp.path()).unwrap().count(), 0);
    }
}
