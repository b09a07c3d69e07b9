//! Why a model was not installed or removed.

use std::io;
use std::path::{Path, PathBuf};

use mem_embed::ModelError;

use crate::home;

/// Why a model was not installed or removed. What can be gone on with was kept; whatever else was begun is gone.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Somebody else is at it.
    #[error("the model is being installed or removed by somebody else right now")]
    Busy,
    /// Where the folder is to be, something else is.
    #[error("{path} is {what}")]
    Occupied {
        /// The place.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// The disk has not room enough.
    #[error("the disk of {path} has {free} bytes left where {needed} are needed")]
    Room {
        /// A folder on it.
        path: PathBuf,
        /// Bytes the files take, with a margin.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A file on this disk is not the model's.
    #[error("{0}")]
    Source(ModelError),
    /// An address, a proxy or a file of certificates cannot be used; the remedy follows a colon.
    #[error("{0}")]
    Setup(String),
    /// Not all of it came.
    #[error("{said}")]
    Fetch {
        /// How far it went.
        said: String,
        /// Bytes of the model that are kept, for the next attempt.
        kept: u64,
    },
    /// All of it came and is not the model.
    #[error("{from} is not a file of this model ({what})")]
    Wrong {
        /// The address or path.
        from: String,
        /// How that shows.
        what: String,
    },
    /// The disk does not take it.
    #[error("{0}")]
    Disk(io::Error),
}

impl InstallError {
    /// An error of the system about a path.
    pub(super) fn at(path: &Path, error: &io::Error) -> Self {
        Self::Disk(home::at(path, error))
    }
}
