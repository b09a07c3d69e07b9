//! Child processes of the daemon: a deadline, an owner, and an end tied to ours.
//!
//! Every child is started through our own binary, which stands between as its keeper (`claude-mem __keep PROGRAM ARGS…`).
//! The keeper holds the other end of a pipe of the daemon's: when that closes, because the daemon wants it or because
//! the daemon is gone, SIGKILL included, it ends everything that descends from it. As a child subreaper it inherits
//! what its descendants leave behind, so neither a session of its own nor a deaf ear for signals lets one escape.
//! Nothing else in the product starts a process, except the hook that starts the daemon.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

/// The hidden verb of our binary that keeps a child.
pub const KEEP: &str = "__keep";
/// The hidden verb of our binary that becomes the child.
pub const BECOME: &str = "__become";

/// Most bytes read from a child.
const MOST: u64 = 1024 * 1024;
/// What a descendant gets between being told to end and being killed.
const NOTICE: Duration = Duration::from_millis(300);
/// Within this all descendants are gone, or the kernel holds them.
const LAST: Duration = Duration::from_millis(900);

/// How to start children.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// Our own executable.
    pub exe: PathBuf,
    /// The whole environment a child gets.
    pub environment: Vec<(OsString, OsString)>,
}

impl Launcher {
    /// Runs `program` in `dir` and gives what it printed, if it ended well within `deadline`.
    ///
    /// A child that is late is ended with all its descendants.
    pub fn output(&self, program: &str, args: &[&str], dir: &Path, deadline: Duration) -> Option<String> {
        let mut keeper = Command::new(&self.exe)
            .arg0("claude-mem")
            .arg(KEEP)
            .arg(program)
            .args(args)
            .current_dir(dir)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .ok()?;
        let leash = keeper.stdin.take();
        let stdout = keeper.stdout.take()?;
        let (done, finished) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.take(MOST).read_to_string(&mut text);
            let _receiver_gave_up = done.send(read.is_ok().then_some(text));
        });
        let text = finished.recv_timeout(deadline).ok().flatten();
        drop(leash);
        let status = keeper.wait().ok()?;
        text.filter(|_| status.success())
    }
}

/// What the keeper does: runs the program of `args` and outlives everything that descends from it. Its standard input
/// is the leash; its exit code the program's.
pub fn keep(args: &[OsString]) -> ExitCode {
    let _without_it_groups_must_do = become_reaper();
    let Ok(exe) = std::env::current_exe() else { return ExitCode::FAILURE };
    let child = Command::new(exe)
        .arg0("claude-mem")
        .arg(BECOME)
        .arg(std::process::id().to_string())
        .args(args)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn();
    let Ok(mut child) = child else { return ExitCode::FAILURE };
    let (said, heard) = mpsc::channel();
    let leash_was_cut = said.clone();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _end_or_error = std::io::stdin().read_to_end(&mut rest);
        let _keeper_is_leaving = leash_was_cut.send(None);
    });
    let group = Pid::from_child(&child);
    std::thread::spawn(move || {
        let code = child.wait().ok().and_then(|status| status.code());
        let _keeper_is_leaving = said.send(Some(code.and_then(|code| u8::try_from(code).ok())));
    });
    let ended = heard.recv().ok().flatten().flatten();
    end_descendants(group);
    ended.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Ties this process to its parent and becomes the program. `args` are the parent's process id, the program, and its
/// arguments. Returns only when that failed.
pub fn become_program(args: &[OsString]) -> Option<()> {
    let parent: i32 = args.first()?.to_str()?.parse().ok()?;
    let _only_on_linux = die_with_parent();
    // the parent may have died before the line above took effect
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return None;
    }
    let _only_on_failure = Command::new(args.get(1)?).args(&args[2..]).exec();
    None
}

#[cfg(target_os = "linux")]
fn become_reaper() -> rustix::io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> rustix::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
}

#[cfg(not(target_os = "linux"))]
fn become_reaper() -> rustix::io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> rustix::io::Result<()> {
    Ok(())
}

/// Tells all descendants to end, then kills those that remain, until none is left.
fn end_descendants(group: Pid) {
    let start = Instant::now();
    let mut signal = Signal::TERM;
    loop {
        let _gone_already = rustix::process::kill_process_group(group, signal);
        let alive = descendants();
        if alive.is_empty() || start.elapsed() >= LAST {
            return;
        }
        for pid in alive.into_iter().filter_map(Pid::from_raw) {
            let _gone_already = rustix::process::kill_process(pid, signal);
            // the orphans among them are ours to bury
            let _not_ours_or_not_dead =
                rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::NOHANG);
        }
        if start.elapsed() >= NOTICE {
            signal = Signal::KILL;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Every living process that descends from this one, as `/proc` tells; none where there is no `/proc`.
fn descendants() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let processes: Vec<(i32, i32)> = entries
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            Some((pid, parent_of(&std::fs::read_to_string(entry.path().join("stat")).ok()?)?))
        })
        .collect();
    let mut family = vec![i32::try_from(std::process::id()).unwrap_or_default()];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(processes.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    family.split_off(1)
}

/// The parent in a line of `/proc/PID/stat` (proc(5)): the second field after the name, which may hold anything and is
/// enclosed in parentheses. `None` for a process that is dead and only waits to be buried by its own parent.
fn parent_of(stat: &str) -> Option<i32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (state != "Z" || parent == i32::try_from(std::process::id()).ok()?).then_some(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_no_trap() {
        assert_eq!(parent_of("7 (a) b) R 4 7 7 0"), Some(4));
        assert_eq!(parent_of("7 (dead) Z 4 7 7 0"), None);
        assert_eq!(parent_of("nonsense"), None);
    }
}
