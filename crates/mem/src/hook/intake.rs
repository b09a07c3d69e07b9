//! Takes the hook input from stdin: any size, to its end, or as far as it came before the deadline.
//!
//! What comes is shared with the watchdog, which can end the taking and keep what is there. A large input goes to disk
//! while it comes, so that neither memory nor the last moment has to hold all of it. Only `std` and the frame codec.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use mem_core::frame::Header;

use super::spool::{self, Spool};

/// Up to this size an input stays in memory and is written in one go.
const SMALL: usize = 4 * 1024 * 1024;
/// Room for most inputs.
const USUAL: usize = 8 * 1024;
/// How often, and how far apart, a busy input is tried before it is given up.
const TRIES: u32 = 50;
const MOMENT: Duration = Duration::from_millis(1);

/// The input, as far as it has come.
#[derive(Debug)]
pub(super) struct Intake {
    data_dir: PathBuf,
    header: Header,
    taken: Mutex<Taken>,
    seen: AtomicUsize,
}

#[derive(Debug, Default)]
struct Taken {
    /// The beginning; all of it while it is small.
    head: Vec<u8>,
    /// Where a large input goes. An error stays: the rest is taken and dropped, so that the agent can finish.
    spool: Option<io::Result<Spool>>,
    /// Whether the frame is made, so that nothing more is taken.
    closed: bool,
}

impl Intake {
    /// An intake for the data directory.
    pub(super) fn new(data_dir: &Path, header: &Header) -> Self {
        Self {
            data_dir: data_dir.to_path_buf(),
            header: header.clone(),
            taken: Mutex::default(),
            seen: AtomicUsize::new(0),
        }
    }

    /// Takes what is there without waiting for more; whether that was all of it.
    ///
    /// Usually the agent has written everything and closed its end before we have started; then the watchdog is set only
    /// when the input is in, and the two do not get into each other's way.
    pub(super) fn fill_at_once(&self) -> bool {
        if let Ok(pipe) = reopened() {
            return self.read_at_once(pipe);
        }
        let Ok(stdin) = io::stdin().as_fd().try_clone_to_owned().map(File::from) else { return false };
        if !stdin.metadata().is_ok_and(|found| found.file_type().is_socket()) {
            return false;
        }
        let stdin = OwnedFd::from(stdin);
        let socket = UnixStream::from(stdin);
        if socket.set_nonblocking(true).is_err() {
            return false;
        }
        let all = self.read_at_once(&socket);
        // the flag belongs to our end, which the blocking reads after this share
        let _was_set_a_moment_ago = socket.set_nonblocking(false);
        all
    }

    /// Reads stdin to its end, however long that takes, and shares every part with the watchdog. An error of stdin is
    /// its end: what came before it counts.
    pub(super) fn fill(&self) {
        let mut stdin = io::stdin().lock();
        let mut chunk = vec![0; 64 * 1024];
        loop {
            match stdin.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => self.share(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    /// Reads what is there; whether that was all, and not too much to hold in one piece.
    fn read_at_once(&self, source: impl Read) -> bool {
        let mut chunk = Vec::with_capacity(USUAL);
        let read = source.take(SMALL as u64).read_to_end(&mut chunk);
        self.share_first(chunk);
        read.is_ok_and(|read| read < SMALL)
    }

    /// Shares the first part without copying it.
    fn share_first(&self, chunk: Vec<u8>) {
        self.seen.store(chunk.len(), Ordering::Release);
        if let Ok(mut taken) = self.taken.lock() {
            taken.head = chunk;
        }
    }

    fn share(&self, chunk: &[u8]) {
        if let Ok(mut taken) = self.taken.lock() {
            self.take(&mut taken, chunk);
        }
        self.seen.fetch_add(chunk.len(), Ordering::Release);
    }

    /// How many bytes have come.
    pub(super) fn seen(&self) -> usize {
        self.seen.load(Ordering::Acquire)
    }

    /// Looks at the beginning of the input.
    pub(super) fn with_head<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        match self.taken.lock() {
            Ok(taken) => look(&taken.head),
            Err(_poisoned) => look(&[]),
        }
    }

    /// Makes a frame of what came; `whole` is false when it was cut short.
    ///
    /// When the disk holds the other thread for longer than a moment, this gives up: the unfinished file is found later.
    pub(super) fn finish(&self, whole: bool) -> io::Result<()> {
        let mut taken = self.free_soon().ok_or(io::ErrorKind::WouldBlock)?;
        if std::mem::replace(&mut taken.closed, true) {
            return Ok(());
        }
        let finished = match taken.spool.take() {
            None => spool::write(&self.data_dir, &self.header, &taken.head, whole),
            Some(spool) => spool.and_then(|spool| spool.finish(whole)),
        };
        if let Err(error) = &finished {
            spool::count_loss(&self.data_dir, error);
        }
        finished
    }

    fn free_soon(&self) -> Option<MutexGuard<'_, Taken>> {
        for _try in 0..TRIES {
            if let Ok(taken) = self.taken.try_lock() {
                return Some(taken);
            }
            std::thread::park_timeout(MOMENT);
        }
        None
    }

    fn take(&self, taken: &mut Taken, chunk: &[u8]) {
        if taken.closed {
            return;
        }
        match &mut taken.spool {
            None if taken.head.len() + chunk.len() <= SMALL => taken.head.extend_from_slice(chunk),
            None => {
                let begun = Spool::begin(&self.data_dir, &self.header, &taken.head);
                taken.spool = Some(begun.and_then(|spool| spool.append(chunk)));
            }
            Some(slot) => {
                let known = std::mem::replace(slot, Err(io::ErrorKind::Other.into()));
                *slot = known.and_then(|spool| spool.append(chunk));
            }
        }
    }
}

/// Standard input opened anew without waiting, where it is a pipe of Linux. A socket cannot be opened.
fn reopened() -> io::Result<File> {
    if cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))) {
        let pipe = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open("/proc/self/fd/0")?;
        // a file opened anew would begin at its beginning, wherever the one we were given stands
        if pipe.metadata()?.file_type().is_fifo() {
            return Ok(pipe);
        }
    }
    Err(io::ErrorKind::Unsupported.into())
}

/// `open(2)`: do not wait. The value on Linux for the two architectures above.
const O_NONBLOCK: i32 = 0o4000;
