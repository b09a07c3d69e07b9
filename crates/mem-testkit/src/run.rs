//! Runs a program to its end: input given, both outputs caught, a deadline that kills its whole group.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use crate::wait;

/// How long a pipe is read that somebody else still holds after the end: a busy machine may take as long to read it.
const HELD: Duration = Duration::from_secs(2);

/// How a program ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What was run, as a person would type it.
    pub shown: String,
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote, as text (bytes that are none are replaced).
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
    /// From its start to its end.
    pub took: Duration,
    /// Whether the deadline had to end it.
    pub late: bool,
}

/// Runs `command` with `stdin`; whatever is left of its process group after `limit` is killed.
///
/// Its outputs are read until it ends, not until they close: a daemon it started may hold them open.
///
/// # Panics
/// When it cannot be started.
pub fn run(mut command: Command, stdin: &[u8], limit: Duration) -> Finished {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let shown = show(&command);
    let start = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|why| panic!("{shown} could not be started: {why}"));
    let mut pipe = child.stdin.take().expect("its input was asked for");
    let input = stdin.to_vec();
    let writer = std::thread::spawn(move || {
        let _unread = pipe.write_all(&input); // who does not read its input says so by its exit code
    });
    let stdout = collect(child.stdout.take().expect("its output was asked for"));
    let stderr = collect(child.stderr.take().expect("its errors were asked for"));
    let (status, late) = end(&mut child, limit);
    let took = start.elapsed();
    let text = |bytes: &Receiver<Vec<u8>>| String::from_utf8_lossy(&gather(bytes)).into_owned();
    let finished = Finished {
        shown,
        code: status.code(),
        signal: status.signal(),
        stdout: text(&stdout),
        stderr: text(&stderr),
        took,
        late,
    };
    if !late {
        writer.join().expect("writing does not panic"); // after a deadline somebody may still hold the pipe
    }
    finished
}

/// A command as a person would type it.
pub fn show(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        shown.push(' ');
        shown.push_str(&arg.to_string_lossy());
    }
    shown
}

impl Finished {
    /// The same, when it ended well.
    ///
    /// # Panics
    /// When it did not, with all it wrote.
    #[must_use]
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.code == Some(0), "{self}");
        self
    }

    /// Its output as one JSON value.
    ///
    /// # Panics
    /// When it did not end well or is no JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert!(self.code == Some(0), "{self}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("no JSON ({why}) from {self}"))
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let late = if self.late { ", killed at its deadline" } else { "" };
        write!(f, "{}\n  code {:?}, signal {:?}{late}, {:?}", self.shown, self.code, self.signal, self.took)?;
        write!(f, "\n-- stdout\n{}\n-- stderr\n{}", self.stdout, self.stderr)
    }
}

fn end(child: &mut Child, limit: Duration) -> (ExitStatus, bool) {
    let ended = wait::within(limit, || child.try_wait().expect("a child can be waited for"));
    match ended {
        Some(status) => (status, false),
        None => {
            kill_group(child.id());
            (child.wait().expect("a child can be waited for"), true)
        }
    }
}

/// Ends a process group of ours at once.
pub fn kill_group(id: u32) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _gone = kill_process_group(pid, Signal::KILL); // who has left already need not be killed
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// All that was written before the end; waits a moment for a pipe that somebody else still holds.
fn gather(bytes: &Receiver<Vec<u8>>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Ok(more) = bytes.recv_timeout(HELD) {
        all.extend(more);
    }
    all
}
