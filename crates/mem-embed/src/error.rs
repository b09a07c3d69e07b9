//! What may be wrong with a model's folder. What helps is said by whoever talks to a person.

use std::io;
use std::path::{Path, PathBuf};

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file that every model has is not there.
    #[error("{path} is missing")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("{path} cannot be read ({why})")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// A file ends before what it announces.
    #[error("{path} is cut short ({is} of {should} bytes)")]
    CutShort {
        /// The file.
        path: PathBuf,
        /// Bytes that are there.
        is: u64,
        /// Bytes there should be.
        should: u64,
    },
    /// A file is not what its format wants.
    #[error("{path} is damaged ({what})")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where it goes wrong.
        what: String,
    },
    /// A sound file of a model that is not the one we can compute.
    #[error("{path} belongs to another model ({what})")]
    Another {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
}

impl ModelError {
    pub(crate) fn of_io(path: &Path, why: io::Error) -> Self {
        let path = path.to_path_buf();
        if why.kind() == io::ErrorKind::NotFound {
            Self::Missing { path }
        } else {
            Self::Unreadable { path, why }
        }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into() }
    }

    pub(crate) fn another(path: &Path, what: impl Into<String>) -> Self {
        Self::Another { path: path.to_path_buf(), what: what.into() }
    }
}
