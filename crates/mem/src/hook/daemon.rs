//! Tells the daemon that something came, and starts one where none lives.
//!
//! The nudge is one datagram that is never waited for: a full buffer means the daemon lives, a refused or absent
//! socket that it does not. Nobody probes by taking the daemon's lock, which could beat a daemon that is just
//! starting. Only `std`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use mem_core::layout;

use crate::env;

/// Longest pause between two attempts to start a daemon that does not come up.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Whether a daemon lives, as far as a datagram can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daemon {
    /// It has the nudge, or its buffer is full.
    Lives,
    /// Nobody listens.
    Absent,
    /// The socket cannot be reached for another reason: starting a daemon would not help.
    Unreachable,
}

/// Sends the nudge.
pub(crate) fn nudge(data_dir: &Path) -> Daemon {
    let Some(folder) = socket_folder(data_dir) else { return Daemon::Unreachable };
    let send = || -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to(b"!", folder.join(layout::NUDGE_SOCKET)).map(drop)
    };
    match send().map_err(|error| error.kind()) {
        Ok(()) | Err(io::ErrorKind::WouldBlock) => Daemon::Lives,
        Err(io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => Daemon::Absent,
        Err(_) => Daemon::Unreachable,
    }
}

/// Starts a daemon and does not wait for it, unless somebody tried a moment ago.
///
/// The daemon makes its own session; here only its standard streams, its directory and its environment are set,
/// so that it holds nothing of the agent's.
pub(super) fn start(data_dir: &Path) {
    let Ok(program) = std::env::current_exe() else { return };
    if !may_start(&data_dir.join(layout::DAEMON_START)) {
        return;
    }
    let _not_our_business = Command::new(program)
        .arg0("claude-mem")
        .args(["worker", "run"])
        .env_clear()
        .envs(env::for_daemon(data_dir))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

/// Whether the pause since the last attempt is over, and notes this attempt. A daemon that comes up removes the
/// note; until then the pause doubles with every attempt.
fn may_start(note: &Path) -> bool {
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(note) {
        Ok(file) => return { file }.write_all(b"1").is_ok(),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let Ok(file) = OpenOptions::new().write(true).open(note) else { return false };
            file
        }
        Err(_) => return false,
    };
    let attempts =
        fs::read_to_string(note).ok().and_then(|text| text.trim().parse::<u32>().ok()).unwrap_or(1);
    let pause = Duration::from_secs(1 << attempts.min(9)).min(LONGEST_PAUSE);
    let tried = file.metadata().and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let since = SystemTime::now().duration_since(tried).unwrap_or_default();
    // the write moves the note's time, so that of two hooks at this moment usually one goes on; two starts are
    // harmless, since the second daemon finds the lock taken
    since >= pause && file.set_len(0).and_then(|()| write!(file, "{}", attempts.saturating_add(1))).is_ok()
}

/// The folder of the sockets, if it can be trusted: in the data directory, or the user's own folder elsewhere.
fn socket_folder(data_dir: &Path) -> Option<std::path::PathBuf> {
    let owner = fs::metadata(data_dir).ok()?.uid();
    let folder = layout::socket_folder(data_dir, Path::new("/tmp"), owner);
    if folder == data_dir {
        return Some(folder);
    }
    match fs::symlink_metadata(&folder) {
        Ok(found) if found.is_dir() && found.uid() == owner && found.mode() & 0o077 == 0 => Some(folder),
        Ok(_) => None,
        Err(_) => Some(folder),
    }
}
