//! The temporary place of the demo and of the doctor: made for it, and gone whatever happens.
//!
//! Nothing of the user's is read or written: the hook gets an environment of its own, with a home and a data directory
//! in here. When the stage goes, it stops the daemon first.

use std::fs::{self, DirBuilder};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_daemon::asker::Asker;
use mem_daemon::home::{Home, at};
use mem_daemon::inbox::drain;
use mem_daemon::presence;

use super::super::desk;
use crate::failure::Failure;

/// How long the daemon gets to leave.
const LEAVE: Duration = Duration::from_secs(3);
/// Tries to remove the place while somebody still writes into it.
const TRIES: u32 = 100;
/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

/// The temporary place.
#[derive(Debug)]
pub(crate) struct Stage {
    root: PathBuf,
}

impl Stage {
    /// Lays it out; `what` it is for stands in its name.
    pub(crate) fn new(what: &str) -> Result<Self, Failure> {
        let name = format!("claude-mem-{what}-{}-{}", std::process::id(), drain::now().0);
        let stage = Self { root: std::env::temp_dir().join(name) };
        for dir in [stage.root.clone(), stage.user_home(), stage.project()] {
            DirBuilder::new().mode(0o700).create(&dir).map_err(|error| at(&dir, &error))?;
        }
        Ok(stage)
    }

    /// The place itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory the session runs in.
    pub(crate) fn project(&self) -> PathBuf {
        self.root.join("example")
    }

    /// The data directory.
    pub(crate) fn home(&self) -> Home {
        Home::new(self.root.join("memory"))
    }

    /// Somebody who asks in the project.
    pub(crate) fn asker(&self) -> Asker {
        Asker {
            home: self.home(),
            cwd: self.project(),
            over: None,
            config_dir: Some(self.user_home().join(".claude")),
            user_home: Some(self.user_home()),
        }
    }

    /// Hands one input to the hook, as Claude Code does; what it said.
    pub(crate) fn hook(&self, input: &str) -> Result<String, Failure> {
        let mut child = Command::new(desk::program()?)
            .arg0("claude-mem")
            .args(["hook", "claude-code"])
            .env_clear()
            .env("HOME", self.user_home())
            .env("CLAUDE_MEM_DATA_DIR", self.home().dir())
            .current_dir(self.project())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // a hook that is gone says so by what it did not keep, which the counts show
            let _closed = stdin.write_all(input.as_bytes());
        }
        let said = child.wait_with_output()?;
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }

    fn user_home(&self) -> PathBuf {
        self.root.join("home")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let home = self.home();
        // a daemon that is just starting would lay everything out again: its hook's note goes when it is there
        let deadline = Instant::now() + LEAVE;
        while home.path(layout::DAEMON_START).exists() && Instant::now() < deadline {
            std::thread::park_timeout(GLANCE);
        }
        for _ in 0..TRIES {
            if home.path(layout::DAEMON_LOCK).exists() {
                let _remains = presence::stop(&home, LEAVE);
            }
            let sockets = home.socket_folder();
            if sockets != home.dir() {
                let _not_there = fs::remove_dir_all(&sockets);
            }
            if fs::remove_dir_all(&self.root).is_ok() || !self.root.exists() {
                return;
            }
            std::thread::park_timeout(GLANCE);
        }
    }
}
