//! The registry of runs on disk: who was started, so that the next daemon finds what the last one left behind.
//!
//! One small file a run, owner-only, whole or absent. A process is known by its id and its start time together, and by
//! the run's name in its environment, which its descendants inherit; a stranger that got the same id has neither. Several
//! programs of ours may keep runs at the same time, so each entry names its owner, and what another that lives owns is
//! left alone. Must not decide when to look.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mem_core::time::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::child::{holds_variable, processes, started_at};
use crate::environment::RUN;
use crate::regular;

/// Most bytes of an entry that are read: it has some hundred.
const LARGEST: u64 = 64 * 1024;

/// What a stray gets between being told and being killed: its keeper needs 0.3 s to end the rest.
const NOTICE: Duration = Duration::from_millis(600);
/// Within this a stray is gone, or the kernel holds it.
const LAST: Duration = Duration::from_secs(3);
/// How often a stray that is told to end is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// A process as it cannot be mistaken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// When it started, in clock ticks since the machine did; `None` where the system does not tell.
    pub started: Option<u64>,
}

impl Process {
    /// The process that has this id now.
    pub fn now(pid: i32) -> Self {
        Self { pid, started: started_at(pid) }
    }

    /// This process.
    pub fn own() -> Self {
        Self::now(rustix::process::getpid().as_raw_nonzero().get())
    }

    /// Whether it is still there.
    pub fn lives(self) -> bool {
        self.started.is_some() && started_at(self.pid) == self.started
    }
}

/// One run, as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The run's name, a UUID; also in the environment of its processes.
    pub run: String,
    /// Who started it and sees to its end: [`Process::own`] for one of ours. `None` where nobody does.
    pub owner: Option<Process>,
    /// Its keeper.
    pub keeper: Process,
    /// The program that is kept, once that said who it is.
    pub child: Option<Process>,
    /// The session it works for.
    pub session: String,
    /// The model, as its id is written.
    pub model: String,
    /// Since when.
    pub since: Timestamp,
}

impl Entry {
    /// Whether anything of it is known to live.
    pub fn lives(&self) -> bool {
        self.keeper.lives() || self.child.is_some_and(Process::lives)
    }

    /// Whether somebody else sees to its end.
    fn is_anothers(&self) -> bool {
        self.owner.is_some_and(|owner| owner != Process::own() && owner.lives())
    }
}

/// A run that an earlier daemon left, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    /// What was registered.
    pub entry: Entry,
    /// Processes that had to be ended.
    pub ended: usize,
    /// Processes that are still there: the kernel holds them. Their entry stays, too.
    pub left: usize,
}

/// Writes a run down; replaces what was known of it.
pub fn register(folder: &Path, entry: &Entry) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let of = |process: Process| json!({ "pid": process.pid, "started": process.started });
    let text = json!({
        "run": entry.run,
        "owner": entry.owner.map(of),
        "keeper": of(entry.keeper),
        "child": entry.child.map(of),
        "session": entry.session,
        "model": entry.model,
        "since": entry.since.0,
    });
    let new = folder.join(format!(".{}", entry.run));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.to_string().as_bytes())?;
    drop(file);
    fs::rename(new, path(folder, &entry.run))
}

/// Adds the program to a run that is registered.
pub fn note_child(folder: &Path, run: &str, child: Process) -> std::io::Result<()> {
    let mut entry = read(&path(folder, run)).ok_or(std::io::ErrorKind::NotFound)?;
    entry.child = Some(child);
    register(folder, &entry)
}

/// Takes a run off the register; fine when it is not there.
pub fn remove(folder: &Path, run: &str) -> std::io::Result<()> {
    match fs::remove_file(path(folder, run)) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(why),
        _ => Ok(()),
    }
}

/// Every run that is registered, oldest first. What cannot be read is no entry.
pub fn list(folder: &Path) -> Vec<Entry> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    // one that begins with a dot is just being written, beside what it replaces
    let whole = entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let mut found: Vec<Entry> = whole.filter_map(|entry| read(&entry.path())).collect();
    found.sort_by(|a, b| (a.since, &a.run).cmp(&(b.since, &b.run)));
    found
}

/// Ends whatever is left of every registered run that has no living owner but us, and takes it off the register. For a
/// daemon that starts: nothing in it is its own.
pub fn sweep(folder: &Path) -> Vec<Swept> {
    list(folder).into_iter().filter(|entry| !entry.is_anothers()).map(|entry| end(folder, entry)).collect()
}

/// The same for the runs of one session only, before a new one of it begins. `spare` are runs of our own.
pub fn sweep_session(folder: &Path, session: &str, spare: &[String]) -> Vec<Swept> {
    let older =
        |entry: &Entry| entry.session == session && !spare.contains(&entry.run) && !entry.is_anothers();
    list(folder).into_iter().filter(older).map(|entry| end(folder, entry)).collect()
}

/// The same for one run, whose keeper could not see to it; `None` where it is not registered.
pub fn sweep_run(folder: &Path, run: &str) -> Option<Swept> {
    Some(end(folder, read(&path(folder, run))?))
}

fn end(folder: &Path, entry: Entry) -> Swept {
    let start = Instant::now();
    let mut met: Vec<i32> = Vec::new();
    let left = loop {
        let alive = members(&entry);
        if alive.is_empty() || start.elapsed() >= LAST {
            break alive.len();
        }
        let kill = start.elapsed() >= NOTICE;
        for pid in alive {
            // the keeper ends the others in order; whoever has none is told, too, and killed with the rest
            if kill || !met.contains(&pid) {
                signal(pid, if kill { Signal::KILL } else { Signal::TERM });
            }
            if !met.contains(&pid) {
                met.push(pid);
            }
        }
        std::thread::park_timeout(GLANCE);
    };
    if left == 0 {
        let _swept_again_next_time = remove(folder, &entry.run);
    }
    Swept { entry, ended: met.len() - left, left }
}

/// The living processes of a run.
fn members(entry: &Entry) -> Vec<i32> {
    let own = Process::own().pid;
    let recorded = [Some(entry.keeper), entry.child];
    let mut found: Vec<i32> =
        recorded.into_iter().flatten().filter(|process| process.lives()).map(|process| process.pid).collect();
    for pid in processes() {
        // one that is dead and not buried has no environment any more
        if !found.contains(&pid) && holds_variable(pid, RUN, entry.run.as_ref()) {
            found.push(pid);
        }
    }
    found.retain(|pid| *pid != own);
    found
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _gone_already = kill_process(pid, signal);
    }
}

fn path(folder: &Path, run: &str) -> PathBuf {
    folder.join(format!("{run}.json"))
}

fn read(path: &Path) -> Option<Entry> {
    if path.extension()? != "json" {
        return None;
    }
    let value: Value = serde_json::from_slice(&regular::read(path, LARGEST).ok()?).ok()?;
    let process = |value: &Value| {
        let pid = i32::try_from(value["pid"].as_i64()?).ok()?;
        Some(Process { pid, started: value["started"].as_u64() })
    };
    let word = |name: &str| value[name].as_str().map(str::to_owned);
    // a name that is empty would fit every process
    let run = word("run").filter(|run| !run.is_empty())?;
    Some(Entry {
        run,
        owner: process(&value["owner"]),
        keeper: process(&value["keeper"])?,
        child: process(&value["child"]),
        session: word("session")?,
        model: word("model")?,
        since: Timestamp(value["since"].as_i64()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(run: &str, since: i64) -> Entry {
        let keeper = Process { pid: 1, started: Some(u64::MAX) };
        Entry {
            run: run.into(),
            owner: None,
            keeper,
            child: None,
            session: "s".into(),
            model: "claude/haiku".into(),
            since: Timestamp(since),
        }
    }

    #[test]
    fn what_is_registered_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        register(folder.path(), &entry("b", 1)).unwrap();
        register(folder.path(), &entry("a", 2)).unwrap();
        let child = Process { pid: 7, started: Some(8) };
        note_child(folder.path(), "a", child).unwrap();
        fs::write(folder.path().join("torn.json"), "{\"run\":").unwrap();
        let owned = Entry { owner: Some(Process::own()), ..entry("c", 3) };
        register(folder.path(), &owned).unwrap();
        let wanted = [entry("b", 1), Entry { child: Some(child), ..entry("a", 2) }, owned];
        assert_eq!(list(folder.path()), wanted);
        remove(folder.path(), "b").unwrap();
        remove(folder.path(), "b").unwrap();
        assert_eq!(list(folder.path()).len(), 2);
        assert!(note_child(folder.path(), "gone", child).is_err());
    }

    #[test]
    fn what_is_no_entry_is_neither_waited_for_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        register(folder.path(), &entry("a", 1)).unwrap();
        regular::tests::pipe(&folder.path().join("pipe.json"));
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("zeros.json")).unwrap();
        let huge = fs::File::create(folder.path().join("huge.json")).unwrap();
        huge.set_len(1 << 40).unwrap();
        fs::create_dir(folder.path().join("folder.json")).unwrap();
        assert_eq!(list(folder.path()), [entry("a", 1)]);
        assert_eq!(sweep(folder.path()).len(), 1);
        assert_eq!(sweep_run(folder.path(), "pipe"), None);
    }

    #[test]
    fn a_stranger_with_the_same_id_is_spared() {
        let folder = tempfile::tempdir().unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        let stranger = Process { pid: own, started: Some(1) };
        register(folder.path(), &Entry { keeper: stranger, child: Some(stranger), ..entry("r", 1) }).unwrap();
        let swept = sweep(folder.path());
        assert_eq!((swept[0].ended, swept[0].left), (0, 0));
        assert_eq!(list(folder.path()), []);
    }

    #[test]
    fn a_sweep_of_one_session_leaves_the_others_and_our_own() {
        let folder = tempfile::tempdir().unwrap();
        for (run, session) in [("old", "s"), ("ours", "s"), ("other", "t")] {
            register(folder.path(), &Entry { session: session.into(), ..entry(run, 1) }).unwrap();
        }
        let swept = sweep_session(folder.path(), "s", &["ours".to_owned()]);
        assert_eq!(swept.len(), 1);
        let left: Vec<String> = list(folder.path()).into_iter().map(|entry| entry.run).collect();
        assert_eq!(left, ["other", "ours"]);
    }
}
