//! The process table: who descends from whom, since when, with which environment; and the end of a family.
//!
//! All of it is read from `/proc`, so there is nobody where there is none.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions};

/// How often a family that is told to end is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// How the members of a family are made to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice {
    /// What they get between being told and being killed.
    pub(super) before_kill: Duration,
    /// Within this they are gone, or the kernel holds them.
    pub(super) last: Duration,
}

/// Tells all our descendants to end, then kills those that remain, until none is left. `group` is the process group of
/// `child`, whom somebody else buries.
pub(super) fn end_descendants(child: Pid, notice: Notice) {
    let start = Instant::now();
    let mut told = Vec::new();
    loop {
        let kill = start.elapsed() >= notice.before_kill;
        let alive = descendants();
        if alive.is_empty() || start.elapsed() >= notice.last {
            return;
        }
        let signal = if kill { Signal::KILL } else { Signal::TERM };
        for pid in alive.into_iter().filter_map(Pid::from_raw) {
            // told once, since a second word of the kind makes some give up their tidy end; killed as often as it takes
            if kill || !told.contains(&pid) {
                told.push(pid);
                let _gone_already = rustix::process::kill_process(pid, signal);
            }
            if pid != child {
                // the orphans among them are ours to bury
                let _not_ours_or_not_dead = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
        std::thread::park_timeout(GLANCE);
    }
}

/// Tells every descendant once.
pub(super) fn tell_descendants(signal: Signal) {
    for pid in descendants().into_iter().filter_map(Pid::from_raw) {
        let _gone_already = rustix::process::kill_process(pid, signal);
    }
}

/// Every living process that descends from this one.
fn descendants() -> Vec<i32> {
    let processes: Vec<(i32, i32)> =
        processes().filter_map(|pid| Some((pid, parent_of(&stat_of(pid)?)?))).collect();
    let mut family = vec![own_pid()];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(processes.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    family.split_off(1)
}

/// Every process there is.
pub fn processes() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// When a process started, in clock ticks since the machine did (field 22 of `/proc/PID/stat`, proc(5)): together with
/// its id the only name of a process that is never given twice. `None` when there is no such process, or it is dead
/// and only waits to be buried.
pub fn started_at(pid: i32) -> Option<u64> {
    let stat = stat_of(pid)?;
    let mut fields = after_name(&stat)?;
    let state = fields.next()?;
    // 19 lie between the state, which is the third field, and the start
    fields.nth(18)?.parse().ok().filter(|_| !matches!(state, "Z" | "X"))
}

/// Whether a process was started with `name=value` in its environment.
pub fn holds_variable(pid: i32, name: &str, value: &OsStr) -> bool {
    let Ok(environment) = std::fs::read(format!("/proc/{pid}/environ")) else { return false };
    environment.split(|byte| *byte == 0).any(|entry| {
        entry
            .strip_prefix(name.as_bytes())
            .and_then(|rest| rest.strip_prefix(b"="))
            .is_some_and(|held| held == value.as_bytes())
    })
}

fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_nonzero().get()
}

fn stat_of(pid: i32) -> Option<String> {
    // a name may be any bytes
    Some(String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/stat")).ok()?).into_owned())
}

/// The fields of a line of `/proc/PID/stat` after the name, which may hold anything and is enclosed in parentheses.
fn after_name(stat: &str) -> Option<std::str::SplitWhitespace<'_>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace())
}

/// The parent in a line of `/proc/PID/stat`. `None` for a process that is dead and only waits to be buried by its own
/// parent.
fn parent_of(stat: &str) -> Option<i32> {
    let mut fields = after_name(stat)?;
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (state != "Z" || parent == own_pid()).then_some(parent)
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

    #[test]
    fn a_process_is_known_by_its_start() {
        let start = started_at(own_pid()).expect("we live");
        assert_eq!(started_at(own_pid()), Some(start));
        assert!(started_at(1).is_none_or(|first| first <= start));
        assert_eq!(started_at(i32::MAX), None);
    }
}
