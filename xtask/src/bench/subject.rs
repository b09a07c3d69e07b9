//! What the benches measure: the release binary, in a data directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mem_core::layout;
use serde_json::Value;

use crate::house::{cargo, must, root};

/// The release binary and a fresh world for it. What it started is killed when it goes.
pub(crate) struct Subject {
    program: PathBuf,
    world: PathBuf,
    daemon: Option<Child>,
}

impl Subject {
    /// Builds the binary and makes the world.
    ///
    /// # Errors
    /// What kept it from being built.
    pub(crate) fn new(name: &str) -> Result<Self, String> {
        must(&mut cargo(&["build", "--release", "--package", "claude-mem"]))?;
        let built = newest(&root().join("target"))?;
        let world = std::env::temp_dir().join(format!("claude-mem-bench-{name}-{}", std::process::id()));
        // a copy, as the installed one is: what a linker wrote page by page starts more slowly than what was copied
        let subject = Self { program: world.join("claude-mem"), world, daemon: None };
        for folder in ["project", "data/inbox", "data/parked", "data/briefs"] {
            make(&subject.world.join(folder))?;
        }
        copy(&built, &subject.program)?;
        Ok(subject)
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.world.join("data")
    }

    /// The directory that sessions run in.
    pub(crate) fn project(&self) -> PathBuf {
        self.world.join("project")
    }

    /// The program with these arguments, in a clean environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).env_clear().env("HOME", &self.world).env("CLAUDE_MEM_DATA_DIR", self.data());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir(self.project());
        command
    }

    /// Another directory that sessions run in, made when it is not there.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(crate) fn directory(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.world.join(name);
        make(&folder)?;
        Ok(folder)
    }

    /// The JSON document that the program prints.
    ///
    /// # Errors
    /// It did not end well, or printed something else.
    pub(crate) fn document(&self, args: &[&str]) -> Result<Value, String> {
        let output = self.command(args).output().map_err(|why| why.to_string())?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(format!(
                "claude-mem {} ended with {}: {}",
                args.join(" "),
                output.status,
                words.trim()
            ));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|why| format!("claude-mem {} printed no JSON: {why}", args.join(" ")))
    }

    /// A payload of about `size` bytes, as after a tool use.
    pub(crate) fn payload(&self, size: usize) -> Vec<u8> {
        let line = "    let total = entries.iter().map(|entry| entry.weight).sum::<u64>();\\n";
        let output = line.repeat(size / line.len() + 1);
        format!(
            r#"{{"session_id":"bench","transcript_path":"/t.jsonl","cwd":{:?},"prompt_id":"p1","hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{{"command":"cat src/lib.rs"}},"tool_response":{{"stdout":"{output}","stderr":"","interrupted":false}},"tool_use_id":"toolu_bench","duration_ms":4}}"#,
            self.project().to_string_lossy()
        )
        .into_bytes()
    }

    /// Keeps hooks from starting a daemon, as a failed start a moment ago would.
    pub(crate) fn no_daemon(&self) -> Result<(), String> {
        write(&self.data().join(layout::DAEMON_START), b"9")
    }

    /// Starts the daemon and waits until it listens.
    pub(crate) fn start_daemon(&mut self) -> Result<u32, String> {
        let mut command = self.command(&["worker", "run"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|why| why.to_string())?;
        let pid = child.id();
        self.daemon = Some(child);
        let socket = self.data().join(layout::ANSWER_SOCKET);
        wait(Duration::from_secs(5), || socket.exists())
            .then_some(pid)
            .ok_or("the daemon does not listen".into())
    }

    /// The daemon's process, where one was started.
    pub(crate) fn daemon(&self) -> Option<u32> {
        self.daemon.as_ref().map(Child::id)
    }

    /// Frames that wait.
    pub(crate) fn waiting(&self) -> usize {
        std::fs::read_dir(self.data().join(layout::INBOX)).map_or(0, |entries| {
            entries
                .flatten()
                .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "frame"))
                .count()
        })
    }

    /// Empties the inbox, behind everybody's back.
    pub(crate) fn empty_inbox(&self) {
        if let Ok(entries) = std::fs::read_dir(self.data().join(layout::INBOX)) {
            for entry in entries.flatten() {
                let _raced_with_a_drain = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Has the daemon leave in order, as a user's `worker stop` would.
    ///
    /// # Errors
    /// It could not be told so.
    pub(crate) fn stop_daemon(&mut self) -> Result<(), String> {
        let Some(mut child) = self.daemon.take() else { return Ok(()) };
        signal("TERM", child.id())?;
        if !wait(Duration::from_secs(60), || matches!(child.try_wait(), Ok(Some(_)))) {
            self.daemon = Some(child);
            return Err("the daemon did not leave within a minute".to_owned());
        }
        Ok(())
    }

    /// Ends the daemon, whatever state it is in.
    pub(crate) fn kill_daemon(&mut self) {
        if let Some(mut child) = self.daemon.take() {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.kill_daemon();
        let _left_behind = std::fs::remove_dir_all(&self.world);
    }
}

/// Waits until `condition` holds, at most for `limit`.
pub(crate) fn wait(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !condition() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    true
}

/// Sends a signal by name.
pub(crate) fn signal(name: &str, pid: u32) -> Result<(), String> {
    must(Command::new("kill").args([format!("-{name}"), pid.to_string()]))
}

/// What a process takes of memory, in megabytes: `VmRSS` now, `VmHWM` at the most so far.
///
/// # Errors
/// It is gone.
pub(crate) fn vm_mb(pid: u32, field: &str) -> Result<f64, String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(|why| why.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kb.map(|kb| kb / 1024.0).ok_or_else(|| format!("no {field} of {pid}"))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|why| format!("{}: {why}", path.display()))
}

/// Copies a program.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to).map(drop).map_err(|why| format!("{}: {why}", to.display()))
}

fn make(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|why| format!("{}: {why}", folder.display()))
}

/// The release binary, with or without a target folder in its path.
fn newest(target: &Path) -> Result<PathBuf, String> {
    let folders = std::fs::read_dir(target).map_err(|why| format!("{}: {why}", target.display()))?;
    folders
        .flatten()
        .map(|entry| entry.path().join("release/claude-mem"))
        .chain([target.join("release/claude-mem")])
        .filter_map(|path| Some((std::fs::metadata(&path).ok()?.modified().ok()?, path)))
        .max()
        .map(|(_, path)| path)
        .ok_or_else(|| "there is no release binary".to_owned())
}
