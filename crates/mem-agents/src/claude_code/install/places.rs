//! Names and places of the plugin, and what can go wrong with them.

use std::io;
use std::path::{Path, PathBuf};

use mem_core::layout;

use super::plugin;
use crate::edit::FileError;

/// Our plugin's name. Claude Code 2.1.329 refuses names that begin with `claude-`; tools and commands of the
/// plugin carry it (`mcp__plugin_mem_…`), so it is short.
pub const PLUGIN_NAME: &str = "mem";
/// The name under which the plugin registers our MCP server. Every tool carries it (`mcp__plugin_mem_recall__search`), so
/// it is one short word that says what the tools are for. The original's `mcp-search` would save nobody anything: the
/// plugin's name stands before it and is another one.
pub const MCP_SERVER: &str = "recall";
/// Our marketplace's name: the folder in the data directory.
pub const MARKETPLACE: &str = "local-claude-mem";
/// Our plugin as Claude Code's files name it.
pub const PLUGIN_ID: &str = "mem@local-claude-mem";
/// The plugin of the original system, which records the same sessions.
pub const ORIGINAL_PLUGIN: &str = "claude-mem@thedotmack";

/// Where everything is. All paths are absolute.
#[derive(Debug, Clone)]
pub struct Places {
    /// Claude Code's folder: `~/.claude`, or what `CLAUDE_CONFIG_DIR` says.
    pub config_dir: PathBuf,
    /// Our data directory.
    pub data_dir: PathBuf,
    /// The program to copy into the plugin.
    pub binary: PathBuf,
    /// Version of that program.
    pub version: String,
}

impl Places {
    /// The program of the installed plugin, by the name that is typed.
    pub fn command(&self) -> PathBuf {
        plugin::command(self)
    }

    /// The marketplace's folder.
    pub(super) fn marketplace(&self) -> PathBuf {
        self.data_dir.join(layout::PLUGIN)
    }

    /// The plugin's folder in it.
    pub(super) fn plugin(&self) -> PathBuf {
        self.marketplace().join("plugin")
    }

    /// What `install` changed.
    pub(super) fn record(&self) -> PathBuf {
        self.data_dir.join(layout::INSTALLED)
    }

    /// The user's settings, the shared ones first.
    pub(super) fn settings(&self) -> [PathBuf; 2] {
        ["settings.json", "settings.local.json"].map(|name| self.config_dir.join(name))
    }

    /// Marketplaces that Claude Code knows.
    pub(super) fn known_marketplaces(&self) -> PathBuf {
        self.config_dir.join("plugins/known_marketplaces.json")
    }

    /// Plugins that Claude Code has installed.
    pub(super) fn installed_plugins(&self) -> PathBuf {
        self.config_dir.join("plugins/installed_plugins.json")
    }

    /// Where Claude Code may keep its own state, which counts the uses of each plugin: beside `~/.claude`, or in
    /// a folder chosen by `CLAUDE_CONFIG_DIR`.
    pub(super) fn states(&self) -> Vec<PathBuf> {
        let inside = self.config_dir.join(".claude.json");
        let beside = self.config_dir.parent().filter(|_| self.config_dir.ends_with(".claude"));
        beside.map(|folder| folder.join(".claude.json")).into_iter().chain([inside]).collect()
    }
}

/// What was done, path by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Every path that was touched; empty when all was as wanted.
    pub done: Vec<Change>,
    /// What the user should know besides, a sentence each.
    pub notes: Vec<String>,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// With which file or folder.
    pub path: PathBuf,
    /// What, in a few words.
    pub what: String,
}

impl Changes {
    pub(super) fn add(&mut self, path: &Path, what: impl Into<String>) {
        self.done.push(Change { path: path.to_owned(), what: what.into() });
    }
}

/// Why nothing, or not all, could be done. Every one leaves the user's files whole.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// A path that cannot stand in a JSON file or on one line.
    #[error("{} cannot be used here: the path must be absolute, plain UTF-8 and without line breaks", path.display())]
    OddPath {
        /// The path.
        path: PathBuf,
    },
    /// A file of Claude Code's, or our record, is no JSON; it was left as it is.
    #[error("{} is broken: {reason}; it was left as it is, mend it and try again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Line, column and what is wrong there.
        reason: String,
    },
    /// The system refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Claude Code wrote the file at the same moment.
    #[error("{} was changed by another program meanwhile; try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl InstallError {
    /// For `map_err` after a call to the system.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}

impl From<FileError> for InstallError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { what, path, source } => Self::Io { what, path, source },
            FileError::Changed { path } => Self::Changed { path },
        }
    }
}
