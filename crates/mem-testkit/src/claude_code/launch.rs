//! How the client is started: program, arguments, environment.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::Session;
use crate::run::run;
use crate::{ModelApi, TestEnv};

/// How long one prompt may take, tools included.
const LIMIT: Duration = Duration::from_secs(90);

/// Keeps the client offline, quiet and willing to run tools as any user.
const QUIET: [(&str, &str); 9] = [
    ("ANTHROPIC_API_KEY", "dummy"),
    ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    ("DISABLE_AUTOUPDATER", "1"),
    ("DISABLE_TELEMETRY", "1"),
    ("DISABLE_ERROR_REPORTING", "1"),
    ("DISABLE_BUG_COMMAND", "1"),
    ("IS_SANDBOX", "1"),
    ("CLAUDE_CODE_MAX_RETRIES", "2"),
    ("NO_PROXY", "127.0.0.1"),
];

/// The client of one version, in one world, with one model.
pub struct ClaudeCode<'a> {
    env: &'a TestEnv,
    url: String,
    program: PathBuf,
    plugins: Vec<PathBuf>,
    vars: Vec<(String, String)>,
    cwd: PathBuf,
}

/// What a one-shot prompt came to.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The client's session.
    pub session: String,
    /// What the model said at the end.
    pub text: String,
    /// The client's own result, whole.
    pub result: Value,
}

impl<'a> ClaudeCode<'a> {
    /// The client of `version`, talking to `api`.
    ///
    /// # Panics
    /// When that version is not installed.
    pub fn new(env: &'a TestEnv, api: &ModelApi, version: &str) -> Self {
        let program = env.tools().claude_code(version).to_path_buf();
        Self { env, url: api.url(), program, plugins: Vec::new(), vars: Vec::new(), cwd: env.project() }
    }

    /// Works in that directory instead of the project.
    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = folder.into();
        self
    }

    /// Loads the plugin in that folder, for every start from now on.
    #[must_use]
    pub fn plugin(mut self, folder: impl Into<PathBuf>) -> Self {
        self.plugins.push(folder.into());
        self
    }

    /// Sets a variable for the client and what it starts.
    #[must_use]
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Asks one thing in a session of its own, to its end.
    ///
    /// # Panics
    /// When the client does not end well or says that it failed.
    #[track_caller]
    pub fn prompt(&self, text: &str) -> Answer {
        self.one_shot(&[], text)
    }

    /// Asks one thing more in a session that ended.
    ///
    /// # Panics
    /// When the client does not end well or says that it failed.
    #[track_caller]
    pub fn resume(&self, session: &str, text: &str) -> Answer {
        self.one_shot(&["--resume", session], text)
    }

    /// Opens a session that takes prompt after prompt; `args` are added to the client's arguments.
    ///
    /// # Panics
    /// When the client cannot be started.
    #[track_caller]
    pub fn session(&self, args: &[&str]) -> Session {
        let mut command = self.command();
        command.args(["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]);
        command.args(args);
        Session::start(command)
    }

    /// The client with everything that every start has in common.
    pub fn command(&self) -> Command {
        let mut command = self.env.command(&self.program);
        command.current_dir(&self.cwd).envs(QUIET).env("ANTHROPIC_BASE_URL", &self.url);
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command.args(["--model", "claude-sonnet-4-5", "--permission-mode", "bypassPermissions"]);
        for plugin in &self.plugins {
            command.arg("--plugin-dir").arg(plugin);
        }
        command
    }

    #[track_caller]
    fn one_shot(&self, args: &[&str], text: &str) -> Answer {
        let mut command = self.command();
        command.args(["--output-format", "json"]).args(args).args(["-p", text]);
        let result = run(command, b"", LIMIT).json();
        assert!(result["is_error"] != true, "the client failed: {result:#}");
        let word = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
        Answer { session: word("session_id"), text: word("result"), result }
    }
}
