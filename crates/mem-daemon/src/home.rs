//! Where everything of ours lies: the data directory, its folders, its locks, and the socket folder.
//!
//! Creates with owner-only modes from the start (never create-then-chmod), and refuses a socket folder that
//! somebody else could have laid out. Must not decide what is kept there.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use mem_core::layout;
use rustix::fs::{FlockOperation, flock};

/// Folder for sockets whose data directory is too long for a socket address. Fixed, since the hook and the
/// daemon may see different `TMPDIR`s.
const SOCKET_TMP: &str = "/tmp";

/// The data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// The home at `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The data directory itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The path of one of the names of [`mem_core::layout`].
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.path(layout::STORE)
    }

    /// Creates the data directory and the folders in it, each for the owner alone.
    ///
    /// # Errors
    /// What the system says, with the path.
    pub fn create(&self) -> io::Result<()> {
        for dir in [
            self.dir.clone(),
            self.path(layout::INBOX),
            self.path(layout::PARKED),
            self.path(layout::BRIEFS),
            self.path(layout::BACKUPS),
        ] {
            DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|e| at(&dir, &e))?;
        }
        // A data directory of the original system may be open to others; ours holds what people typed.
        let mode = std::fs::metadata(&self.dir)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(&self.dir, std::fs::Permissions::from_mode(0o700))
                .map_err(|e| at(&self.dir, &e))?;
        }
        Ok(())
    }

    /// The folder that holds the sockets; see [`layout::socket_folder`].
    pub fn socket_folder(&self) -> PathBuf {
        let uid = std::fs::metadata(&self.dir).map(|found| found.uid()).unwrap_or_default();
        layout::socket_folder(&self.dir, Path::new(SOCKET_TMP), uid)
    }

    /// The socket folder, made if need be and checked to be the owner's alone.
    ///
    /// # Errors
    /// When it cannot be made, or belongs to somebody else or is open to others.
    pub fn create_socket_folder(&self) -> io::Result<PathBuf> {
        let folder = self.socket_folder();
        if folder != self.dir {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|e| at(&folder, &e))?;
        }
        if !self.owns(&folder) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{} is not this user's alone", folder.display()),
            ));
        }
        Ok(folder)
    }

    /// Whether `folder` is a real folder of the owner of the data directory, closed to everybody else.
    pub fn owns(&self, folder: &Path) -> bool {
        let (Ok(ours), Ok(found)) = (std::fs::metadata(&self.dir), std::fs::symlink_metadata(folder)) else {
            return false;
        };
        found.is_dir() && found.uid() == ours.uid() && found.mode() & 0o077 == 0
    }

    /// Takes the lock of that name if it is free; it is held until the value is dropped or the process ends.
    ///
    /// # Errors
    /// When the lock file cannot be opened. A lock that is held is `Ok(None)`.
    pub fn try_lock(&self, name: &str) -> io::Result<Option<Lock>> {
        let path = self.path(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| at(&path, &e))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock { file })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(at(&path, &errno.into())),
        }
    }
}

/// A lock that the kernel takes back when we end, however we end.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Whether the file we hold is the one at `path`, and not one that was removed or replaced.
    pub fn is_at(&self, path: &Path) -> bool {
        match (self.file.metadata(), std::fs::metadata(path)) {
            (Ok(held), Ok(found)) => held.dev() == found.dev() && held.ino() == found.ino(),
            _ => false,
        }
    }
}

/// Reads at most `most` bytes of a regular file.
///
/// For files that somebody else may have laid: whatever is no regular file (a pipe, a device, also behind a link) is an
/// error at once and never waited for.
///
/// # Errors
/// What the system says, with the path.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        mem_observer::regular::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| at(path, &error))
}

/// An error of the system with the path it is about.
pub fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Writes a file for the owner alone so that readers see the old or the new text, never half of it.
///
/// # Errors
/// What the system says, with the path.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        drop(file);
        std::fs::rename(&fresh, path)
    };
    write().map_err(|error| {
        let _already_gone = std::fs::remove_file(&fresh);
        at(path, &error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_the_owners_alone() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("deep/er"));
        home.create().unwrap();
        for name in ["", layout::INBOX, layout::PARKED, layout::BRIEFS] {
            let mode = std::fs::metadata(home.path(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{name}");
        }
    }

    #[test]
    fn a_lock_is_held_once() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path());
        let first = home.try_lock("x.lock").unwrap();
        assert!(first.is_some());
        assert!(home.try_lock("x.lock").unwrap().is_none());
        drop(first);
        assert!(home.try_lock("x.lock").unwrap().is_some());
    }

    #[test]
    fn a_socket_folder_open_to_others_is_refused() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("h"));
        home.create().unwrap();
        assert!(home.create_socket_folder().is_ok());
        std::fs::set_permissions(home.dir(), std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(home.create_socket_folder().is_err());
    }
}
