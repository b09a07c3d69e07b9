//! What can go wrong with the store, in the few kinds that callers treat differently.
//!
//! One function decides the kind of an SQLite error. Hints and remedies are the business of whoever talks to
//! a person; here stand the facts: what, which file, why.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::open::log;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store yet.
    #[error("no store at {}", path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// Something that is no file lies where the store, or what SQLite lays beside it, should be.
    #[error("{} is {what} and no file", path.display())]
    NoFile {
        /// Where it lies.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file has nothing in it, and beside it lies the log of a store.
    #[error("the store {} was cut to nothing, and what lies beside it is from before", path.display())]
    Cut {
        /// The file.
        path: PathBuf,
    },
    /// An SQLite file of somebody else.
    #[error("{} is a database of another program", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Not an SQLite file, or a damaged one. Nothing was changed.
    #[error("the store {} is damaged", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        source: rusqlite::Error,
    },
    /// What lies beside the store is no write-ahead log, although somebody who has it open reads it as one.
    #[error("the log beside the store {} is damaged", path.display())]
    Log {
        /// The store.
        path: PathBuf,
        /// What SQLite found, where it met with it.
        source: Option<rusqlite::Error>,
    },
    /// The search index in the store is damaged or missing; what is remembered is not. It can be built anew.
    #[error("the search index in {} is damaged", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        source: rusqlite::Error,
    },
    /// Written by a newer version of this program: it may be read, not written.
    #[error(
        "the store {} has schema {found}, newer than this program writes ({known}); it can only be read",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// Not migrated yet, and opened for reading only.
    #[error("the store {} has schema {found}, older than this program reads ({known})", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The schema it will be migrated to by the next writer.
        known: u32,
    },
    /// The disk, or the file size allowed, is used up.
    #[error("no space left for the store {}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file, its directory or this handle does not allow writing.
    #[error("the store {} is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What SQLite said; absent when the handle was opened for reading.
        source: Option<rusqlite::Error>,
    },
    /// Somebody else was writing for longer than we were ready to wait.
    #[error("the store {} is busy", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file was removed or replaced while it was open, so what was written reached nobody.
    #[error("the store {} was removed or replaced while it was in use", path.display())]
    Moved {
        /// Where it was.
        path: PathBuf,
    },
    /// The copy that is made before a migration failed, so the migration was not begun.
    #[error("backup {} could not be made: {reason}", path.display())]
    Backup {
        /// The copy.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file system refused.
    #[error("cannot access {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else that SQLite reports; a mistake of ours, or of the disk.
    #[error("the store {} failed", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// The kind of an error that SQLite reported about `path`.
    pub(crate) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let is_log = || log::is_broken(path);
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) if is_log() => {
                Self::Log { path, source: Some(source) }
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path, source },
            Some(ErrorCode::DiskFull) => Self::Full { path, source },
            // the disk, also where it is full and the room for what readers and writers share is missing
            Some(ErrorCode::SystemIoFailure) => Self::Io { path, source: std::io::Error::other(source) },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path, source: Some(source) },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path, source },
            _ => Self::Sqlite { path, source },
        }
    }

    /// Whether what was written is to blame (too big, against a constraint), and not the disk, the file or another
    /// process: writing something else may well succeed.
    pub fn is_about_the_row(&self) -> bool {
        let Self::Sqlite { source, .. } = self else { return false };
        matches!(
            source.sqlite_error_code(),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
        )
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem {
            return Self::ReadOnly { path: path.to_path_buf(), source: None };
        }
        Self::Io { path: path.to_path_buf(), source }
    }
}
