//! Files replaced in one step, so that nobody ever sees half of one.
//!
//! The new content goes into a file beside the old, is flushed, and takes its name. The mode is kept, and where a
//! name is a symbolic link, the file behind it is replaced and the link stays.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Most bytes of a file that are read. The largest of Claude Code's own have some hundred thousand; ours, which is copied,
/// some ten million, and with what debuggers want of it seven times as many.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What went wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The system refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Somebody else wrote it while we did.
    #[error("{} was changed by another program meanwhile; nothing was written, so try again", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
}

/// The content of `path`, or `None` when there is no such file. What is no regular file is an error: a pipe is not
/// waited for.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match read_regular(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::Io { what: "read", path: path.to_owned(), source }),
    }
}

fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    // half of it must not be taken for all of it
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Replaces `path` by `bytes`, provided that it still holds `before`. Its mode stays.
pub(crate) fn replace(path: &Path, before: Option<&[u8]>, bytes: &[u8]) -> Result<(), FileError> {
    let target = behind_links(path);
    let mode = fs::metadata(&target).ok().map(|metadata| metadata.permissions().mode() & 0o7777);
    let written = beside(&target, bytes, mode)?;
    if read(path)?.as_deref() != before {
        let _gone = fs::remove_file(&written);
        return Err(FileError::Changed { path: path.to_owned() });
    }
    take_name(&written, &target)
}

/// Puts `bytes` at `path` with `mode`, whatever is there now. A program that runs from the old file runs on.
pub(crate) fn place(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let written = beside(path, bytes, Some(mode))?;
    take_name(&written, path)
}

/// Removes what a killed process left beside `path`.
pub(crate) fn sweep(path: &Path) {
    let target = behind_links(path);
    let prefix = unfinished(&target);
    let Some(entries) = target.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _gone = fs::remove_file(entry.path());
        }
    }
}

/// How the name of every unfinished file beside `target` begins.
fn unfinished(target: &Path) -> String {
    format!(".{}.claude-mem-", target.file_name().unwrap_or_default().to_string_lossy())
}

/// A flushed file with `bytes`, in the folder of `target`.
fn beside(target: &Path, bytes: &[u8], mode: Option<u32>) -> Result<PathBuf, FileError> {
    let path = target.with_file_name(format!("{}{}", unfinished(target), std::process::id()));
    let written = write_flushed(&path, bytes, mode);
    written.map(|()| path.clone()).map_err(|source| {
        let _gone = fs::remove_file(&path);
        FileError::Io { what: "write", path: target.to_owned(), source }
    })
}

fn write_flushed(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    if let Err(error) = fs::remove_file(path) {
        // One of that name can only be left over from a process of our number that was killed.
        if error.kind() != ErrorKind::NotFound {
            return Err(error);
        }
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    if let Some(mode) = mode {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

fn take_name(written: &Path, target: &Path) -> Result<(), FileError> {
    fs::rename(written, target).map_err(|source| {
        let _gone = fs::remove_file(written);
        FileError::Io { what: "replace", path: target.to_owned(), source }
    })?;
    // The name lasts once its folder is flushed; where a folder cannot be, the file itself is safe all the same.
    if let Some(folder) = target.parent().and_then(|folder| File::open(folder).ok()) {
        let _flushed = folder.sync_all();
    }
    Ok(())
}

/// The file that `path` stands for; a link that leads nowhere yet leads to its target.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..16 {
        if let Ok(found) = path.canonicalize() {
            return found;
        }
        let Ok(target) = fs::read_link(&path) else { return path };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_and_link_survive() {
        let folder = tempfile::tempdir().unwrap();
        let [real, link] = ["real.json", "link.json"].map(|name| folder.path().join(name));
        fs::write(&real, "a").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.json", &link).unwrap();
        replace(&link, Some(b"a"), b"b").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"b");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_regular_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.json");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let zeros = folder.path().join("zeros.json");
        std::os::unix::fs::symlink("/dev/zero", &zeros).unwrap();
        for path in [pipe, zeros] {
            let said = read(&path).unwrap_err().to_string();
            assert_eq!(said, format!("cannot read {}: no regular file", path.display()));
            assert!(replace(&path, None, b"b").is_err());
        }
        assert_eq!(read(&folder.path().join("absent")).unwrap(), None);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_filled() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink("later.json", &link).unwrap();
        replace(&link, None, b"b").unwrap();
        assert_eq!(fs::read(folder.path().join("later.json")).unwrap(), b"b");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn what_a_killed_process_left_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.json", ".a.json.claude-mem-77", ".a.json.other", ".b.json.claude-mem-77"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        sweep(&folder.path().join("a.json"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        assert!(!folder.path().join(".a.json.claude-mem-77").exists());
    }

    #[test]
    fn what_another_wrote_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(replace(&path, Some(b"ours"), b"new"), Err(FileError::Changed { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
