//! Who the daemon is: whoever holds the lock. And how to reach it.
//!
//! The lock is held for life and given back by the kernel. The sockets are bound only by its holder, so a leftover
//! socket file is simply replaced. Everything else (process id, version) is display, told by the daemon itself.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_core::time::Timestamp;
use rustix::io::FdFlags;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};
use rustix::process::{Pid, Signal};

use crate::home::{Home, Lock, at};
use crate::questions::line;

/// How long an answer may take before the daemon counts as hung.
const ANSWER: Duration = Duration::from_secs(1);

/// The daemon's claim, held by the daemon.
#[derive(Debug)]
pub struct Presence {
    lock: Lock,
    /// Where nudges arrive.
    pub nudges: UnixDatagram,
    /// Where questions arrive.
    pub questions: UnixListener,
}

impl Presence {
    /// Becomes the daemon, unless somebody is it already.
    ///
    /// # Errors
    /// When the lock or the sockets cannot be made.
    pub fn claim(home: &Home) -> io::Result<Option<Self>> {
        let Some(lock) = home.try_lock(layout::DAEMON_LOCK)? else { return Ok(None) };
        let folder = home.create_socket_folder()?;
        let nudges = bind(&folder.join(layout::NUDGE_SOCKET), |path| UnixDatagram::bind(path))?;
        let questions = bind(&folder.join(layout::ANSWER_SOCKET), |path| UnixListener::bind(path))?;
        Ok(Some(Self { lock, nudges, questions }))
    }

    /// Whether the lock we hold is still the one that others would find.
    pub fn still_stands(&self, home: &Home) -> bool {
        self.lock.is_at(&home.path(layout::DAEMON_LOCK))
    }

    /// Removes the sockets, and their folder where it lies elsewhere, unless the place is somebody else's by now.
    pub fn leave(self, home: &Home) {
        if !self.still_stands(home) {
            return;
        }
        let folder = home.socket_folder();
        for socket in [layout::NUDGE_SOCKET, layout::ANSWER_SOCKET] {
            let _replaced_by_the_next = std::fs::remove_file(folder.join(socket));
        }
        if folder != home.dir() {
            let _not_empty_or_gone = std::fs::remove_dir(&folder);
        }
    }
}

fn bind<S>(path: &Path, make: impl Fn(&Path) -> io::Result<S>) -> io::Result<S> {
    let _no_leftover = std::fs::remove_file(path);
    let socket = make(path).map_err(|error| at(path, &error))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| at(path, &error))?;
    Ok(socket)
}

/// What a living daemon says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// Its process.
    pub pid: i32,
    /// Its version.
    pub version: String,
    /// When it began.
    pub since: Timestamp,
}

impl Portrait {
    /// The answer to [`HELLO`].
    pub fn line(&self) -> String {
        format!("{} {} {}\n", self.pid, self.since.0, self.version)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim().splitn(3, ' ');
        let pid = words.next()?.parse().ok()?;
        let since = Timestamp(words.next()?.parse().ok()?);
        Some(Self { pid, since, version: words.next()?.to_owned() })
    }
}

/// The question who it is.
pub const HELLO: &str = "hello";
/// The request to leave.
pub const STOP: &str = "stop";

/// How it stands with the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It answers.
    Lives(Portrait),
    /// The lock is held, but nobody answers: the process, if the kernel tells.
    Hung(Option<i32>),
    /// Nobody holds the lock.
    Absent,
}

/// Asks the daemon of `home` who it is.
pub fn state(home: &Home) -> State {
    match ask(home, HELLO) {
        Ok((line, pid)) => Portrait::parse(&line).map_or(State::Hung(pid), State::Lives),
        Err((_, Some(pid))) => State::Hung(Some(pid)),
        // not reachable: the lock tells; taking it for a moment only matters to a daemon that starts right now,
        // which is why hooks never do this
        Err((_, None)) => match home.try_lock(layout::DAEMON_LOCK) {
            Ok(None) => State::Hung(None),
            _ => State::Absent,
        },
    }
}

/// How a daemon was brought to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// There was none.
    WasAbsent,
    /// It left when asked.
    Left,
    /// It had to be killed; nothing is lost by that.
    Killed,
    /// It is still there.
    Remains,
}

/// Brings the daemon to leave: asked first, then told by signal, then killed.
pub fn stop(home: &Home, patience: Duration) -> Stopped {
    let pid = match state(home) {
        State::Absent => return Stopped::WasAbsent,
        State::Lives(portrait) => Some(portrait.pid),
        State::Hung(pid) => pid,
    };
    let _hung_perhaps = ask(home, STOP);
    if gone_by(home, Instant::now() + patience) {
        return Stopped::Left;
    }
    for signal in [Signal::TERM, Signal::KILL] {
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let _gone_meanwhile = rustix::process::kill_process(pid, signal);
        }
        if gone_by(home, Instant::now() + patience) {
            return if signal == Signal::KILL { Stopped::Killed } else { Stopped::Left };
        }
    }
    Stopped::Remains
}

/// Waits until nobody holds the daemon's lock.
fn gone_by(home: &Home, deadline: Instant) -> bool {
    loop {
        if matches!(home.try_lock(layout::DAEMON_LOCK), Ok(Some(_))) {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Waits until the daemon answers, for someone who just started it.
pub fn lives_by(home: &Home, deadline: Instant) -> Option<Portrait> {
    loop {
        if let Ok((line, _)) = ask(home, HELLO)
            && let Some(portrait) = Portrait::parse(&line)
        {
            return Some(portrait);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Asks and waits for one line. The second part of an error is the process behind the socket, if there is one.
fn ask(home: &Home, question: &str) -> Result<(String, Option<i32>), (io::Error, Option<i32>)> {
    let stream = reach(home).map_err(|error| (error, None))?;
    let pid = rustix::net::sockopt::socket_peercred(&stream).ok().map(|peer| peer.pid.as_raw_nonzero().get());
    let exchange = || -> io::Result<String> {
        let deadline = Instant::now() + ANSWER;
        line::write(&stream, deadline, format!("{question}\n").as_bytes())?;
        let line = line::read(&stream, deadline, |_| Some(4096))?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    };
    match exchange() {
        Ok(line) => Ok((line, pid)),
        Err(error) => Err((error, pid)),
    }
}

/// A connection to whoever listens for questions.
///
/// Never waits: a daemon that stands still lets connections pile up, and once its backlog is full nothing would ever come of
/// another.
pub(crate) fn reach(home: &Home) -> io::Result<UnixStream> {
    let folder = home.socket_folder();
    if !home.owns(&folder) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let address = SocketAddrUnix::new(folder.join(layout::ANSWER_SOCKET))?;
    let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    rustix::net::connect(&socket, &address)?;
    rustix::io::ioctl_fionbio(&socket, false)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_daemon_at_a_time() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("h"));
        home.create().unwrap();
        assert_eq!(state(&home), State::Absent);
        let first = Presence::claim(&home).unwrap();
        assert!(first.is_some());
        assert!(Presence::claim(&home).unwrap().is_none());
        drop(first);
        assert!(Presence::claim(&home).unwrap().is_some(), "leftover sockets are replaced");
    }

    #[test]
    fn a_daemon_that_does_not_answer_is_hung_and_known_by_its_process() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("h"));
        home.create().unwrap();
        let _claim = Presence::claim(&home).unwrap();
        assert_eq!(state(&home), State::Hung(Some(std::process::id() as i32)));
    }

    #[test]
    fn a_portrait_survives_the_wire() {
        let portrait = Portrait { pid: 7, version: "0.1.0 beta".into(), since: Timestamp(5) };
        assert_eq!(Portrait::parse(&portrait.line()), Some(portrait));
    }
}
