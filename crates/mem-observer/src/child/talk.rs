//! The owner's side of a child that one talks to: lines in, bytes out, and its end.
//!
//! Who reads and who ends may be different threads. Must not know what is said.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use super::keeper::{END, FOR_KEEPER};
use super::{Launcher, RUN};

/// Bytes read from a child at a time.
const PIECE: usize = 64 * 1024;
/// Pieces that wait to be read; a child that says more has to wait.
const PIECES: usize = 16;
/// Bytes kept of what a child complains about: its last ones, where the cause of its end is.
const COMPLAINT: usize = 2048;

/// How often a silent child is asked whether its keeper lives.
const GLANCE: Duration = Duration::from_millis(500);

/// What to start.
#[derive(Debug)]
pub struct Start<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments, passed as they are, the empty ones too.
    pub args: &'a [OsString],
    /// The directory it works in.
    pub dir: &'a Path,
    /// Its whole environment.
    pub environment: &'a [(OsString, OsString)],
}

/// A child that runs, seen by who reads from it.
#[derive(Debug)]
pub struct Talk {
    line: Line,
    pieces: Receiver<Vec<u8>>,
    complaint: Arc<Mutex<Vec<u8>>>,
}

/// The line to a child that runs: what may be used from any thread.
#[derive(Debug, Clone)]
pub struct Line(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keeper: u32,
    leash: Mutex<Option<ChildStdin>>,
    end: Mutex<Option<ExitStatus>>,
    ended: Condvar,
}

impl Launcher {
    /// Starts a child to talk to. Its first line says `{"type":"claude-mem","pid":…}` and is ours; all others are its
    /// own.
    pub fn talk(&self, start: &Start<'_>) -> std::io::Result<Talk> {
        let mut keeper = Command::new(&self.exe)
            .arg0("claude-mem")
            .arg(RUN)
            .arg(start.program)
            .args(start.args)
            .current_dir(start.dir)
            .env_clear()
            .envs(start.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (sender, pieces) = sync_channel(PIECES);
        let complaint = Arc::new(Mutex::new(Vec::new()));
        if let Some(stdout) = keeper.stdout.take() {
            std::thread::spawn(move || read_pieces(stdout, &sender));
        }
        if let Some(stderr) = keeper.stderr.take() {
            let kept = Arc::clone(&complaint);
            std::thread::spawn(move || keep_last(stderr, &kept));
        }
        let line = Line(Arc::new(Inner {
            keeper: keeper.id(),
            leash: Mutex::new(keeper.stdin.take()),
            end: Mutex::new(None),
            ended: Condvar::new(),
        }));
        let watched = Arc::clone(&line.0);
        std::thread::spawn(move || watch(keeper, &watched));
        Ok(Talk { line, pieces, complaint })
    }
}

impl Talk {
    /// The line to it.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// What it says next; `None` at the end of its output or of its keeper. Waits for it.
    pub fn hear(&self) -> Option<Vec<u8>> {
        loop {
            // where the keeper was killed, a descendant that escaped may hold the output open
            let over = self.line.wait(Duration::ZERO).is_some();
            match self.pieces.recv_timeout(GLANCE) {
                Ok(piece) => return Some(piece),
                Err(RecvTimeoutError::Timeout) if !over => {}
                Err(_) => return None,
            }
        }
    }

    /// What it says next; `None` at the end of its output, nothing where `limit` passed before it said anything.
    pub fn hear_within(&self, limit: Duration) -> Option<Vec<u8>> {
        match self.pieces.recv_timeout(limit) {
            Ok(piece) => Some(piece),
            Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    /// The last line it complained with, if any.
    pub fn complaint(&self) -> Option<String> {
        let kept = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
    }
}

impl Line {
    /// The keeper's process id.
    pub fn keeper(&self) -> u32 {
        self.0.keeper
    }

    /// Says one line, which must not begin with NUL and gets its line break here.
    pub fn say(&self, text: &[u8]) -> std::io::Result<()> {
        self.write(&[text, b"\n"].concat())
    }

    /// Asks for a graceful end: its input is closed, then it is told, then killed; 7 s in all.
    pub fn let_go(&self) {
        let word = [&[FOR_KEEPER], END, b"\n"].concat();
        let _gone_already = self.write(&word);
    }

    /// Ends it and whatever descends from it within a second. Does not wait.
    pub fn cut(&self) {
        let leash = self.leash().take();
        drop(leash);
    }

    /// Waits for the end of the keeper, which is the end of everything it kept. `None` where that takes longer.
    pub fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        let end = self.0.end.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.ended.wait_timeout_while(end, limit, |end| end.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Kills the keeper itself, for the case that it hangs; the child dies with it.
    pub fn kill_keeper(&self) {
        let end = self.0.end.lock().unwrap_or_else(PoisonError::into_inner);
        // while it is not buried, nobody else can have its id
        if let (None, Some(pid)) = (*end, i32::try_from(self.0.keeper).ok().and_then(Pid::from_raw)) {
            let _gone_already = rustix::process::kill_process(pid, Signal::KILL);
        }
    }

    fn leash(&self) -> MutexGuard<'_, Option<ChildStdin>> {
        self.0.leash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        // the keeper always reads, so this does not wait for the child
        match self.leash().as_mut() {
            Some(stdin) => stdin.write_all(bytes),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// The code a shell would give: the program's, or 128 and the signal that ended it.
pub(crate) fn code_of(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| Some(128 + status.signal()?))
}

fn read_pieces(mut stdout: ChildStdout, sender: &SyncSender<Vec<u8>>) {
    let mut buffer = vec![0; PIECE];
    while let Ok(read @ 1..) = stdout.read(&mut buffer) {
        if sender.send(buffer[..read].to_vec()).is_err() {
            return; // nobody listens any more, and closing its output tells it so
        }
    }
}

fn keep_last(mut stderr: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut buffer = vec![0; COMPLAINT];
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..read]);
        let surplus = kept.len().saturating_sub(COMPLAINT);
        kept.drain(..surplus);
    }
}

fn watch(mut keeper: Child, inner: &Inner) {
    let status = keeper.wait();
    let mut end = inner.end.lock().unwrap_or_else(PoisonError::into_inner);
    // a child that cannot be waited for is none of ours any more
    *end = Some(status.unwrap_or_else(|_| ExitStatus::from_raw(0)));
    inner.ended.notify_all();
}
