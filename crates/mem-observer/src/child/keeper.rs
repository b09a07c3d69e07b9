//! The keeper: our own binary between the daemon and a child, which outlives everything that descends from it.
//!
//! Must be small and must not fail: it is what is left when the daemon is gone.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::family::{Notice, end_descendants, tell_descendants};

/// The hidden verb of our binary that keeps a child for what it prints.
pub const KEEP: &str = "__keep";
/// The hidden verb of our binary that keeps a child one talks to.
pub const RUN: &str = "__run";
/// The hidden verb of our binary that becomes the child.
pub const BECOME: &str = "__become";

/// What a line of the keeper's input begins with that is meant for the keeper and not for the child.
pub(super) const FOR_KEEPER: u8 = 0;
/// The line that asks for a graceful end, without its first byte.
pub(super) const END: &[u8] = b"end";

/// What the child is told to do before it becomes the program.
const SILENT: &str = "silent";
const SAY_WHO: &str = "say-who";

/// An end at once: 300 ms between the word and the kill, all within the second that is promised.
const AT_ONCE: Notice = Notice { before_kill: Duration::from_millis(300), last: Duration::from_millis(900) };
/// The same where somebody waits for the end and a slot depends on it: as long as the kernel needs.
const SURELY: Notice = Notice { before_kill: Duration::from_millis(300), last: Duration::from_secs(30) };
/// Who does not listen in the time a graceful end allows is killed without another word.
const KILLED: Notice = Notice { before_kill: Duration::ZERO, last: Duration::from_secs(30) };
/// What a child gets to end by itself after its input was closed: it needs 0.1 s where it is idle.
const AFTER_CLOSE: Duration = Duration::from_secs(2);
/// What it gets after SIGTERM: it needs 0.2 s where it tidies up.
const AFTER_TERM: Duration = Duration::from_secs(5);

/// Runs the program of `args` and outlives everything that descends from it. Standard input is the leash; the exit code
/// is the program's.
pub fn keep(args: &[OsString]) -> ExitCode {
    let Some(mut child) = spawn(SILENT, args, Stdio::null()) else { return ExitCode::FAILURE };
    let (said, heard) = mpsc::channel();
    let leash_was_cut = said.clone();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _end_or_error = std::io::stdin().read_to_end(&mut rest);
        let _keeper_is_leaving = leash_was_cut.send(None);
    });
    let pid = Pid::from_child(&child);
    std::thread::spawn(move || {
        let code = child.wait().ok().and_then(|status| status.code());
        let _keeper_is_leaving = said.send(Some(code.and_then(|code| u8::try_from(code).ok())));
    });
    let ended = heard.recv().ok().flatten().flatten();
    end_descendants(pid, AT_ONCE);
    ended.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// What a keeper of a talk learns.
enum Heard {
    /// The owner wants a graceful end.
    End,
    /// The owner is gone or wants it gone.
    Cut,
    /// Somebody outside wants it gone, by this signal.
    Signal(i32),
    /// The child has ended.
    Ended(Option<ExitStatus>),
}

/// Runs the program of `args`, hands it the lines that come in, and outlives everything that descends from it.
///
/// A line that begins with NUL is for the keeper; `\0end` asks for a graceful end: the child's input is closed, after
/// 2 s it is told to end, after 5 s more it is killed. The end of the input, whoever caused it, ends everything within
/// a second. The exit code is the program's, and 128 and the signal's number where a signal ended it; 143, 130 and 129
/// where the keeper itself was told to end.
pub fn keep_talking(args: &[OsString]) -> ExitCode {
    let (said, heard) = mpsc::channel();
    // before there is a child that a signal could orphan
    let signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP]);
    let Some(mut child) = spawn(SAY_WHO, args, Stdio::piped()) else { return ExitCode::FAILURE };
    let pid = Pid::from_child(&child);
    if let Ok(mut signals) = signals {
        let said = said.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let _keeper_is_leaving = said.send(Heard::Signal(signal));
            }
        });
    }
    pass_lines_on(child.stdin.take(), said.clone());
    std::thread::spawn(move || watch(&mut child, &said));
    oversee(pid, &heard)
}

/// Waits for what happens first and sees to it that nobody is left.
fn oversee(child: Pid, heard: &Receiver<Heard>) -> ExitCode {
    let mut told = false;
    let mut deadline: Option<Instant> = None;
    loop {
        let next = match deadline {
            None => heard.recv().ok(),
            Some(deadline) => heard.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok(),
        };
        match next {
            Some(Heard::End) if deadline.is_none() => deadline = Some(Instant::now() + AFTER_CLOSE),
            Some(Heard::End) => {}
            Some(Heard::Ended(status)) => {
                end_descendants(child, SURELY);
                return code_of(status);
            }
            Some(Heard::Cut) => {
                end_descendants(child, SURELY);
                return rest(heard);
            }
            Some(Heard::Signal(signal)) => {
                end_descendants(child, SURELY);
                return exit(128 + signal);
            }
            None if told => {
                end_descendants(child, KILLED);
                return rest(heard);
            }
            None => {
                told = true;
                tell_descendants(Signal::TERM);
                deadline = Some(Instant::now() + AFTER_TERM);
            }
        }
    }
}

/// The code of a child that was made to end and will be buried in a moment.
fn rest(heard: &Receiver<Heard>) -> ExitCode {
    while let Ok(next) = heard.recv_timeout(AFTER_CLOSE) {
        if let Heard::Ended(status) = next {
            return code_of(status);
        }
    }
    ExitCode::FAILURE
}

fn code_of(status: Option<ExitStatus>) -> ExitCode {
    let code = status.and_then(|status| status.code().or_else(|| Some(128 + status.signal()?)));
    code.map_or(ExitCode::FAILURE, exit)
}

fn exit(code: i32) -> ExitCode {
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn watch(child: &mut Child, said: &Sender<Heard>) {
    let status = child.wait().ok();
    let _keeper_is_leaving = said.send(Heard::Ended(status));
}

/// Reads what the owner writes, always, so that its end is noticed even while the child reads nothing; hands it to the
/// child on another thread, which may wait for the child as long as it likes.
fn pass_lines_on(to: Option<ChildStdin>, said: Sender<Heard>) {
    let (queue, queued) = mpsc::channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let Some(mut to) = to else { return };
        while let Ok(line) = queued.recv() {
            if to.write_all(&line).and_then(|()| to.flush()).is_err() {
                break; // a child that closed its input will get no more, and its end is seen elsewhere
            }
        }
    });
    std::thread::spawn(move || {
        let mut queue = Some(queue);
        let mut from = BufReader::new(std::io::stdin());
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let line = std::mem::take(&mut line);
            match line.split_first() {
                Some((&FOR_KEEPER, word)) if word.trim_ascii_end() == END => {
                    queue = None; // which closes the child's input once it has read what is queued
                    let _keeper_is_leaving = said.send(Heard::End);
                }
                Some((&FOR_KEEPER, _)) => {}
                _ => {
                    let _child_reads_no_more = queue.as_ref().map(|queue| queue.send(line));
                }
            }
        }
        let _keeper_is_leaving = said.send(Heard::Cut);
    });
}

/// Starts the program as a child whose end is tied to ours.
fn spawn(manner: &str, args: &[OsString], stdin: Stdio) -> Option<Child> {
    let _without_it_groups_must_do = become_reaper();
    Command::new(std::env::current_exe().ok()?)
        .arg0("claude-mem")
        .arg(BECOME)
        .arg(std::process::id().to_string())
        .arg(manner)
        .args(args)
        .stdin(stdin)
        .process_group(0)
        .spawn()
        .ok()
}

/// Ties this process to its parent and becomes the program. `args` are the parent's process id, the manner, the program,
/// and its arguments. Returns only when that failed.
pub fn become_program(args: &[OsString]) -> Option<()> {
    let parent: i32 = args.first()?.to_str()?.parse().ok()?;
    let _only_on_linux = die_with_parent();
    // the parent may have died before the line above took effect
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return None;
    }
    if args.get(1).map(OsString::as_os_str) == Some(OsStr::new(SAY_WHO)) {
        let mut stdout = std::io::stdout().lock();
        let pid = std::process::id();
        let _owner_is_gone =
            writeln!(stdout, r#"{{"type":"claude-mem","pid":{pid}}}"#).and_then(|()| stdout.flush());
    }
    let program = args.get(2)?;
    let why = Command::new(program).args(&args[3..]).exec();
    let _owner_is_gone = writeln!(std::io::stderr(), "{} cannot be run: {why}", program.to_string_lossy());
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
