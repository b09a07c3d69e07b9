//! The owner's side of a child that one talks to: lines in, bytes out, and its end.
//!
//! Who reads and who ends may be different threads. Nothing here waits for the keeper without a limit: what it keeps may
//! have stopped it, and whoever ends it must not stand still with it. Must not know what is said.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::keeper::{END, FOR_KEEPER};
use super::{Launcher, RUN};

/// Bytes read from a child at a time.
const PIECE: usize = 64 * 1024;
/// Pieces that wait to be read; a child that says more has to wait.
const PIECES: usize = 16;
/// Lines that wait to be read by the keeper, which reads at once; one that does not gets no more of them.
const LINES: usize = 16;
/// Bytes kept of what a child complains about: its last ones, where the cause of its end is.
const COMPLAINT: usize = 2048;

/// How long the last words of a program that has ended may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How often a silent child is asked whether its keeper lives.
const GLANCE: Duration = Duration::from_millis(500);
/// How long a child is listened to after its line was cut; a keeper that can has ended it by then.
const AFTER_CUT: Duration = Duration::from_secs(1);

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
    /// Closed when all of it was read.
    complained: Receiver<()>,
}

/// The line to a child that runs: what may be used from any thread.
#[derive(Debug, Clone)]
pub struct Line(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keeper: u32,
    leash: Mutex<Leash>,
    end: Mutex<Option<ExitStatus>>,
    ended: Condvar,
}

/// What holds the keeper.
#[derive(Debug)]
struct Leash {
    /// Lines for who writes them; the pipe closes when both are done.
    lines: Option<SyncSender<Vec<u8>>>,
    /// When it was cut.
    cut: Option<Instant>,
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
        let (reading, complained) = sync_channel(0);
        if let Some(stdout) = keeper.stdout.take() {
            std::thread::spawn(move || read_pieces(stdout, &sender));
        }
        if let Some(stderr) = keeper.stderr.take() {
            let kept = Arc::clone(&complaint);
            std::thread::spawn(move || {
                keep_last(stderr, &kept);
                drop(reading);
            });
        }
        let (lines, queued) = sync_channel(LINES);
        let line = Line(Arc::new(Inner {
            keeper: keeper.id(),
            leash: Mutex::new(Leash { lines: Some(lines), cut: None }),
            end: Mutex::new(None),
            ended: Condvar::new(),
        }));
        if let Some(stdin) = keeper.stdin.take() {
            let held = Arc::downgrade(&line.0);
            std::thread::spawn(move || {
                write_lines(stdin, &queued, || {
                    held.upgrade().is_none_or(|inner| inner.cut_since().is_some())
                });
            });
        }
        let watched = Arc::clone(&line.0);
        std::thread::spawn(move || watch(keeper, &watched));
        Ok(Talk { line, pieces, complaint, complained })
    }
}

impl Talk {
    /// The line to it.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// What it says next; `None` at the end of its output or of its keeper, and a second after its line was cut. Waits
    /// for it.
    pub fn hear(&self) -> Option<Vec<u8>> {
        loop {
            // whatever still writes then, nobody wants to know it
            if self.line.0.cut_since().is_some_and(|since| since >= AFTER_CUT) {
                return None;
            }
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

    /// The last line it complained with, if any. For one that has ended: waits a moment until all of it was read.
    pub fn complaint(&self) -> Option<String> {
        let _all_or_as_much_as_came = self.complained.recv_timeout(LAST_WORDS);
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

    /// Says one line, which must not begin with NUL and gets its line break here. Does not wait until it is read.
    ///
    /// # Errors
    /// When the line is cut or closed, or the keeper does not read what was said before.
    pub fn say(&self, text: &[u8]) -> std::io::Result<()> {
        self.write([text, b"\n"].concat())
    }

    /// Asks for a graceful end: its input is closed, then it is told, then killed; 7 s in all. Does not wait.
    pub fn let_go(&self) {
        if self.write([&[FOR_KEEPER], END, b"\n"].concat()).is_err() {
            self.cut(); // who does not read cannot be asked
        }
        self.wake();
    }

    /// Ends it and whatever descends from it within a second. Does not wait.
    pub fn cut(&self) {
        {
            let mut leash = self.0.leash();
            leash.lines = None;
            leash.cut.get_or_insert_with(Instant::now);
        }
        self.wake();
    }

    /// Waits for the end of the keeper, which is the end of everything it kept. `None` where that takes longer.
    pub fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        let end = self.0.end.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.ended.wait_timeout_while(end, limit, |end| end.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The same after a cut: `limit` counts from there.
    pub fn wait_after_cut(&self, limit: Duration) -> Option<ExitStatus> {
        self.wait(limit.saturating_sub(self.0.cut_since().unwrap_or_default()))
    }

    /// Kills the keeper itself, for the case that it hangs; the child dies with it.
    pub fn kill_keeper(&self) {
        self.signal_keeper(Signal::KILL);
    }

    /// What it keeps may have stopped it.
    fn wake(&self) {
        self.signal_keeper(Signal::CONT);
    }

    fn signal_keeper(&self, signal: Signal) {
        let end = self.0.end.lock().unwrap_or_else(PoisonError::into_inner);
        // while it is not buried, nobody else can have its id
        if let (None, Some(pid)) = (*end, i32::try_from(self.0.keeper).ok().and_then(Pid::from_raw)) {
            let _gone_already = rustix::process::kill_process(pid, signal);
        }
    }

    fn write(&self, bytes: Vec<u8>) -> std::io::Result<()> {
        match self.0.leash().lines.as_ref().map(|lines| lines.try_send(bytes)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(std::io::ErrorKind::WouldBlock.into()),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Inner {
    /// The leash, which nobody holds while it waits for anything.
    fn leash(&self) -> MutexGuard<'_, Leash> {
        self.leash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long ago the line was cut.
    fn cut_since(&self) -> Option<Duration> {
        self.leash().cut.map(|at| at.elapsed())
    }
}

/// The code a shell would give: the program's, or 128 and the signal that ended it.
pub(crate) fn code_of(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| Some(128 + status.signal()?))
}

/// Writes what is queued; the pipe closes at its end. A keeper that was stopped lets this wait until it is gone.
fn write_lines(mut stdin: ChildStdin, queued: &Receiver<Vec<u8>>, is_cut: impl Fn() -> bool) {
    while let Ok(line) = queued.recv() {
        if is_cut() || stdin.write_all(&line).is_err() {
            return;
        }
    }
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
