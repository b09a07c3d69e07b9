//! Opening of files that the user, or anybody else who may write there, has laid.
//!
//! Whatever is no regular file (a pipe, a device, a folder, also behind a link) is an error at once: it is never waited
//! for, and never read without an end.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file to read.
///
/// # Errors
/// What the system says; for what is no regular file `no regular file`.
pub fn open(path: &Path) -> Result<File> {
    let regular = |meta: std::fs::Metadata| {
        if meta.is_file() { Ok(()) } else { Err(Error::other("no regular file")) }
    };
    // opening alone wakes whoever writes into a pipe, and some devices; what was looked at may be another by then
    regular(std::fs::metadata(path)?)?;
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    regular(file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file.
///
/// # Errors
/// As [`open`]; of the kind `FileTooLarge` where it has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    whole(open(path)?, most)
}

/// Reads what was opened to its end; fails where that is beyond `most` bytes.
pub(crate) fn whole(file: File, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("larger than {} kB", most >> 10)));
    }
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A pipe that nobody writes into.
    pub(crate) fn pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(path).status();
        assert!(made.expect("there is mkfifo").success());
    }

    #[test]
    fn only_regular_files_of_a_bearable_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), vec![b'x'; 1024]).unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zeros")).unwrap();
        pipe(&at("pipe"));
        for name in ["file", "link"] {
            assert_eq!(read(&at(name), 1024).unwrap().len(), 1024, "{name}");
            assert_eq!(read(&at(name), 1023).unwrap_err().kind(), ErrorKind::FileTooLarge, "{name}");
        }
        for name in ["zeros", "pipe", "."] {
            assert_eq!(read(&at(name), 1024).unwrap_err().to_string(), "no regular file", "{name}");
        }
        assert_eq!(read(&at("absent"), 1024).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
