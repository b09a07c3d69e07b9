//! The daemon's log: for us, short, bounded, never with anything an agent or a user said.
//!
//! What the user should know goes to the fault ledger of the store instead. Lines hold counts, names of rules,
//! paths of our own files and error texts of the system; payloads never reach this file. Two files of half a
//! megabyte each at most.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use mem_core::layout;

use crate::home::Home;

const HALF: u64 = 512 * 1024;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For someone following one event.
    Debug,
    /// What happened.
    Info,
    /// Something was not as it should be, and was coped with.
    Warn,
    /// Something was lost or could not be done.
    Error,
    /// Nothing at all is written at this level.
    Silent,
}

impl Level {
    /// The level of a setting's word; unknown words mean [`Level::Info`].
    pub fn parse(word: &str) -> Self {
        match word {
            "DEBUG" => Self::Debug,
            "WARN" => Self::Warn,
            "ERROR" => Self::Error,
            "SILENT" => Self::Silent,
            _ => Self::Info,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO ",
            Self::Warn => "WARN ",
            Self::Error => "ERROR",
            Self::Silent => "",
        }
    }
}

/// An open log.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    older: PathBuf,
    level: Level,
    file: Option<File>,
    written: u64,
}

impl Log {
    /// Opens the log of `home` for appending; a log that cannot be opened swallows its lines.
    pub fn open(home: &Home, level: Level) -> Self {
        let path = home.path(layout::DAEMON_LOG);
        let mut log = Self { older: home.path(layout::DAEMON_LOG_OLD), path, level, file: None, written: 0 };
        log.reopen();
        log
    }

    /// Writes one line: time in UTC, level, `text` with line ends folded.
    pub fn line(&mut self, level: Level, text: &str) {
        if level < self.level || self.level == Level::Silent {
            return;
        }
        if self.written > HALF {
            let _no_older_log = std::fs::rename(&self.path, &self.older);
            self.reopen();
        }
        let line = format!(
            "{:.3} {} [{}] {}\n",
            jiff::Timestamp::now(),
            level.word(),
            std::process::id(),
            text.replace(['\n', '\r'], " ")
        );
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_ok()
        {
            self.written += line.len() as u64;
        }
    }

    fn reopen(&mut self) {
        self.file = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.path).ok();
        self.written = self.file.as_ref().and_then(|f| f.metadata().ok()).map_or(0, |found| found.len());
    }
}
