//! A program that is run to its end for what it prints.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::KEEP;

/// Most bytes read from a child.
const MOST: u64 = 1024 * 1024;
/// A keeper whose leash was cut is gone by then: 0.9 s, and what a busy machine needs.
const LAST: Duration = Duration::from_secs(5);
/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

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
    pub fn output(
        &self,
        program: impl AsRef<OsStr>,
        args: &[&str],
        dir: &Path,
        deadline: Duration,
    ) -> Option<String> {
        let mut keeper = Command::new(&self.exe)
            .arg0("claude-mem")
            .arg(KEEP)
            .arg(program.as_ref())
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
        let status = buried(&mut keeper)?;
        text.filter(|_| status.success())
    }
}

/// Waits for the end of a keeper whose leash was cut, and sees to it that it comes: what it keeps may have stopped it.
fn buried(keeper: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    let pid = Pid::from_child(keeper);
    let _ended_meanwhile = kill_process(pid, Signal::CONT);
    while start.elapsed() < LAST {
        if let Some(status) = keeper.try_wait().ok()? {
            return Some(status);
        }
        std::thread::park_timeout(GLANCE);
    }
    let _ended_meanwhile = keeper.kill();
    keeper.wait().ok()
}
