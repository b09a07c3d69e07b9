//! Where the model lies, and how it stands there.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use mem_core::layout;
use mem_embed::{FILES, ModelError, NAME, Published};
use rustix::fs::{FlockOperation, flock};

use super::fault::InstallError;
use crate::home::Home;

/// What the folder of files that have not all arrived has after the model's name.
const BEGUN: &str = ".part";

/// The folder of the model, whether it is there or not.
pub fn folder(home: &Home) -> PathBuf {
    home.path(layout::MODELS).join(NAME)
}

/// The folder of what has not arrived yet.
pub(super) fn begun(home: &Home) -> PathBuf {
    home.path(layout::MODELS).join(format!("{NAME}{BEGUN}"))
}

/// How the model stands on this disk.
#[derive(Debug)]
pub enum Standing {
    /// There is none.
    Absent,
    /// Every file is there, byte for byte as published.
    Whole,
    /// A file is not as published.
    Faulty(ModelError),
}

/// Reads all files of the model and judges them: tens of milliseconds.
pub fn look(home: &Home) -> Standing {
    let (models, folder) = (home.path(layout::MODELS), folder(home));
    if models.exists() && !models.is_dir() {
        return Standing::Faulty(ModelError::Damaged { path: models, what: "no folder".to_owned() });
    }
    if let Err(error) = fs::symlink_metadata(&folder)
        && error.kind() == ErrorKind::NotFound
    {
        return Standing::Absent;
    }
    let first = FILES.iter().find_map(|file| file.check(&folder.join(file.name)).err());
    first.map_or(Standing::Whole, Standing::Faulty)
}

/// A file that is to be put in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub file: Published,
    /// Bytes of it that an earlier attempt left.
    pub begun: u64,
}

/// The files that are not in place as published; none where the model is whole.
pub fn due(home: &Home) -> Vec<Due> {
    let (folder, begun) = (folder(home), begun(home));
    let due = FILES.into_iter().filter(|file| file.check(&folder.join(file.name)).is_err());
    let left = |file: &Published| {
        fs::symlink_metadata(begun.join(file.name))
            .map_or(0, |found| if found.is_file() && found.len() <= file.size { found.len() } else { 0 })
    };
    due.map(|file| Due { file, begun: left(&file) }).collect()
}

/// Bytes of the model that an attempt left behind, to be gone on with.
pub fn kept(home: &Home) -> u64 {
    due(home).iter().map(|due| due.begun).sum()
}

/// That nobody else installs or removes, as long as this lives: the lock of the folder of all models, so that nothing
/// more lies there.
#[derive(Debug)]
pub(super) struct Alone {
    _held: File,
}

impl Alone {
    /// Takes the lock of a folder that is there.
    pub(super) fn in_models(home: &Home) -> Result<Self, InstallError> {
        let path = home.path(layout::MODELS);
        let failed = |error: io::Error| InstallError::at(&path, &error);
        let held = File::open(&path).map_err(failed)?;
        match flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(InstallError::Busy),
            Err(errno) => return Err(failed(errno.into())),
        }
        // whoever held it may have removed the folder since we opened it
        let (ours, there) = (held.metadata().map_err(failed)?, fs::metadata(&path).map_err(failed)?);
        if (ours.dev(), ours.ino()) != (there.dev(), there.ino()) {
            return Err(InstallError::Busy);
        }
        Ok(Self { _held: held })
    }
}
