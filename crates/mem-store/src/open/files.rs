//! The store's files as the file system tells of them: what they are, and whether they can be ours.
//!
//! SQLite opens whatever lies there: it waits on a pipe for ever, and calls a folder a fault of the disk. So each is looked
//! at before. Only by its metadata where it is the database: to open and close that here would give up the locks that
//! SQLite holds on it.

use std::fs::FileType;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// What SQLite lays beside the database: the write-ahead log, and what readers and writers share of it.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// The write-ahead log of a database.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    beside(path, BESIDE[0])
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Which file lies at a path, by device and inode.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// Refuses a place at which something else than files lies.
///
/// # Errors
/// [`StoreError::NoFile`].
pub(crate) fn are_files(path: &Path) -> Result<(), StoreError> {
    let [log, shared] = BESIDE.map(|end| beside(path, end));
    for path in [path, &log, &shared] {
        match std::fs::metadata(path) {
            Ok(found) if !found.is_file() => {
                let what = name(found.file_type());
                return Err(StoreError::NoFile { path: path.to_path_buf(), what });
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::io(path, error)),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Whether a file has no byte.
pub(crate) fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.len() == 0)
}

/// Refuses a database that was cut to nothing: SQLite would take it for a new one and throw its log away.
///
/// No store that is being made looks like that: its log is laid out after its first page.
///
/// # Errors
/// [`StoreError::Cut`].
pub(crate) fn is_not_cut(path: &Path) -> Result<(), StoreError> {
    if is_empty(path) && log_of(path).exists() {
        return Err(StoreError::Cut { path: path.to_path_buf() });
    }
    Ok(())
}

fn name(found: FileType) -> &'static str {
    if found.is_dir() {
        "a folder"
    } else if found.is_fifo() {
        "a pipe"
    } else if found.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}
