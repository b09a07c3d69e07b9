//! A world of one's own for each test: home, data directory, project, and a clean environment for every child.
//!
//! Nothing of the machine leaks in but the search path, nothing leaks out: when it goes, it stops the daemon and
//! panics if any process of the test is still there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::leftovers::{self, Leftover};
use crate::run::{Finished, run};
use crate::tools::Tools;
use crate::wait;

/// How long any command of ours may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

/// How long processes get to leave at the end of a test.
const LEAVE: Duration = Duration::from_secs(10);

/// A world of one's own; see the head of this file.
pub struct TestEnv {
    root: TempDir,
    program: Option<PathBuf>,
    vars: Vec<(String, String)>,
    tools: Tools,
}

impl TestEnv {
    /// A world without our program.
    ///
    /// # Panics
    /// When its folders cannot be made.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("mem-").tempdir().expect("a temporary folder can be made");
        let tools = Tools::load();
        let env = Self { root, program: None, vars: Vec::new(), tools };
        for folder in [env.home(), env.project(), env.tmp()] {
            std::fs::create_dir_all(&folder).expect("a temporary folder can be filled");
        }
        env
    }

    /// A world with our program: pass `env!("CARGO_BIN_EXE_claude-mem")`.
    pub fn with_program(program: impl Into<PathBuf>) -> Self {
        let mut env = Self::new();
        env.program = Some(program.into());
        env
    }

    /// A world with the program that lies beside the test that runs (in the folder above its own).
    ///
    /// # Panics
    /// When it was not built.
    pub fn with_built_program() -> Self {
        let test = std::env::current_exe().expect("a test knows its own path");
        let program = test.ancestors().nth(2).expect("tests lie in target/…/deps").join("claude-mem");
        assert!(program.is_file(), "{} is not built: run `cargo build --workspace`", program.display());
        Self::with_program(program)
    }

    /// Sets a variable for every child from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.into()));
    }

    /// The folder that holds everything of this test.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// `HOME`.
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// Where the memory lives unless a test says otherwise.
    pub fn data_dir(&self) -> PathBuf {
        self.home().join(".claude-mem")
    }

    /// Claude Code's own folder.
    pub fn config_dir(&self) -> PathBuf {
        self.home().join(".claude")
    }

    /// The directory agents work in.
    pub fn project(&self) -> PathBuf {
        self.root().join("project")
    }

    /// `TMPDIR`.
    pub fn tmp(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// Our program.
    ///
    /// # Panics
    /// In a world without it.
    pub fn program(&self) -> &Path {
        self.program.as_deref().expect("this world has no program of ours: use TestEnv::with_program")
    }

    /// The tools that were installed for the tests.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// A command in the project, with nothing in its environment but what this world says.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.project()).env_clear();
        command.env("PATH", &self.tools.path).env("HOME", self.home()).env("TMPDIR", self.tmp());
        command.envs([("TZ", "UTC"), ("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8")]);
        command.envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0")]);
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Ada Test")
                .env(format!("GIT_{role}_EMAIL"), "ada@example.org");
            command.env(format!("GIT_{role}_DATE"), "2026-01-02T03:04:05Z");
        }
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs our program with these arguments and no input.
    pub fn claude_mem(&self, args: &[&str]) -> Finished {
        self.claude_mem_with(args, b"")
    }

    /// Runs our program with these arguments and this input.
    pub fn claude_mem_with(&self, args: &[&str], stdin: &[u8]) -> Finished {
        let mut command = self.command(self.program());
        command.args(args);
        run(command, stdin, LIMIT)
    }

    /// Hands one hook input to our program, as Claude Code does.
    pub fn hook(&self, input: &Value) -> Finished {
        self.claude_mem_with(&["hook", "claude-code"], format!("{input}\n").as_bytes())
    }

    /// Runs git in the project and gives what it printed, trimmed.
    ///
    /// # Panics
    /// When git does not end well.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        let mut command = self.command("git");
        command.args(args);
        run(command, b"", LIMIT).ok().stdout.trim().to_owned()
    }

    /// Makes the project a repository with one commit of what lies there.
    pub fn git_init(&self) {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=Begin"]);
    }

    /// Writes a file of the project.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.project().join(path);
        let folder = path.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(folder).expect("a folder of the project can be made");
        std::fs::write(path, text).expect("a file of the project can be written");
    }

    /// Reads a file of the project.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.project().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    /// `status --json`.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.claude_mem(&["status", "--json"]).json()
    }

    /// Starts the daemon and waits until it says it is there.
    #[track_caller]
    pub fn daemon_start(&self) -> u32 {
        let _started = self.claude_mem(&["worker", "start"]).ok();
        wait::until("the daemon to start", || self.daemon_pid())
    }

    /// Stops the daemon and waits until its process is gone.
    #[track_caller]
    pub fn daemon_stop(&self) {
        let pid = self.daemon_pid();
        let _stopped = self.claude_mem(&["worker", "stop"]).ok();
        if let Some(pid) = pid {
            self.wait_gone(pid);
        }
    }

    /// Ends the daemon as `kill -9` does and waits until its process is gone; whether there was one.
    pub fn kill_daemon(&self) -> bool {
        let Some(pid) = self.daemon_pid() else { return false };
        leftovers::kill(pid);
        self.wait_gone(pid);
        true
    }

    /// Ends every daemon of this world as `kill -9` does, from any thread; gives how many it ended.
    ///
    /// It finds them by their arguments and asks no one, so that it can be called between any two events.
    pub fn daemon_killer(&self) -> impl Fn() -> usize + Send + 'static {
        let root = self.root().to_path_buf();
        move || {
            let daemons: Vec<u32> =
                leftovers::of(&root).into_iter().filter(is_daemon).map(|left| left.pid).collect();
            for pid in &daemons {
                leftovers::kill(*pid);
            }
            let gone = || leftovers::of(&root).iter().all(|left| !daemons.contains(&left.pid)).then_some(());
            wait::until("a killed daemon to be gone", gone);
            daemons.len()
        }
    }

    /// Stops a process from running without ending it, as a hung one; it is ended with this world.
    pub fn freeze(&self, pid: u32) {
        leftovers::freeze(pid);
    }

    /// The process id of the daemon, when one runs.
    pub fn daemon_pid(&self) -> Option<u32> {
        let status = self.claude_mem(&["worker", "status", "--json"]);
        let value: Value = serde_json::from_str(&status.stdout).ok()?;
        value["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok())
    }

    /// Every process of this test that is alive.
    pub fn processes(&self) -> Vec<Leftover> {
        leftovers::of(self.root())
    }

    /// Waits until no process of this test is left but the daemon.
    ///
    /// # Panics
    /// When some stay.
    pub fn wait_quiet(&self) {
        wait::until("the processes of the test to leave", || {
            let daemon = self.program.as_ref().and_then(|_| self.daemon_pid());
            self.processes().iter().all(|left| Some(left.pid) == daemon).then_some(())
        });
    }

    fn wait_gone(&self, pid: u32) {
        wait::until("the daemon to leave", || {
            self.processes().iter().all(|left| left.pid != pid).then_some(())
        });
    }

    /// Stops what is left; words about those that had to be killed.
    fn clear(&self) -> Option<String> {
        if self.processes().is_empty() {
            return None;
        }
        let stop = || self.program.as_ref().map(|_| self.claude_mem(&["worker", "stop"]));
        let left = || self.processes().is_empty().then_some(());
        let mut stopped = stop();
        let mut gone = wait::within(LEAVE / 2, left);
        if gone.is_none() && stopped.is_some() {
            stopped = stop(); // a hook that was still running may have started another daemon meanwhile
            gone = wait::within(LEAVE / 2, left);
        }
        if gone.is_some() {
            return None;
        }
        let stayed = self.processes();
        for process in &stayed {
            leftovers::kill(process.pid);
        }
        let stopped = stopped.map_or_else(String::new, |stopped| format!("\n{stopped}"));
        (!stayed.is_empty()).then(|| format!("processes outlived the test: {stayed:#?}{stopped}"))
    }
}

fn is_daemon(process: &Leftover) -> bool {
    process.shown.ends_with("worker run")
}

impl Default for TestEnv {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        let stayed = self.clear();
        if !std::thread::panicking() {
            assert!(stayed.is_none(), "{}", stayed.unwrap_or_default());
        }
    }
}
