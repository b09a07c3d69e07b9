//! Child processes of the daemon: a deadline, an owner, and a death tied to ours.
//!
//! Every child is started through our own binary (`claude-mem __child PROGRAM ARGS…`), which asks the kernel to
//! kill it when the daemon dies, puts it into a group of its own and then becomes the program. So even a
//! SIGKILL of the daemon leaves nothing behind. Nothing else in the product starts a process, except the hook
//! that starts the daemon.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal};

/// The hidden verb of our binary.
pub const VERB: &str = "__child";

/// Most bytes read from a child.
const MOST: u64 = 1024 * 1024;

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
    /// A child that is late is told to end, with its group, and killed a second later.
    pub fn output(&self, program: &str, args: &[&str], dir: &Path, deadline: Duration) -> Option<String> {
        let mut child = Command::new(&self.exe)
            .arg0("claude-mem")
            .arg(VERB)
            .arg(std::process::id().to_string())
            .arg(program)
            .args(args)
            .current_dir(dir)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .ok()?;
        let group = Pid::from_child(&child);
        let stdout = child.stdout.take()?;
        let (done, finished) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.take(MOST).read_to_string(&mut text);
            let _receiver_gave_up = done.send(read.is_ok().then_some(text));
        });
        let text = match finished.recv_timeout(deadline) {
            Ok(text) => text,
            Err(_late) => {
                let _gone = rustix::process::kill_process_group(group, Signal::TERM);
                if finished.recv_timeout(Duration::from_secs(1)).is_err() {
                    let _gone = rustix::process::kill_process_group(group, Signal::KILL);
                }
                None
            }
        };
        let status = child.wait().ok()?;
        text.filter(|_| status.success())
    }
}

/// What the hidden verb does: ties this process to its parent and becomes the program.
///
/// `args` are the parent's process id, the program, and its arguments. Returns only when that failed.
pub fn become_program(args: &[OsString]) -> Option<()> {
    let parent: i32 = args.first()?.to_str()?.parse().ok()?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).ok()?;
    // The parent may have died before the line above took effect.
    if rustix::process::getppid().map(Pid::as_raw_nonzero).map(std::num::NonZeroI32::get) != Some(parent) {
        return None;
    }
    let _only_on_failure = Command::new(args.get(1)?).args(&args[2..]).exec();
    None
}
