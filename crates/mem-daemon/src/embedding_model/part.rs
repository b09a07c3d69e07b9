//! One file on its way: written beside its place, from where an earlier attempt ended, synced, and checked as it lies on
//! the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use mem_embed::Published;
use mem_observer::http::{FetchError, Keys, Remote};
use mem_observer::regular;

use super::fault::InstallError;
use super::install::Step;

/// How often a connection that broke off is made again within one attempt, each time only if it brought something.
const AGAIN: usize = 5;
/// Bytes copied at once.
const AT_ONCE: usize = 256 * 1024;

/// A file on its way.
pub(super) struct Part {
    published: Published,
    path: PathBuf,
    file: File,
    length: u64,
}

impl Part {
    /// Opens what an earlier attempt left, or begins. Whatever else has its name is removed and never written through.
    pub(super) fn open(folder: &Path, published: Published) -> Result<Self, InstallError> {
        let path = folder.join(published.name);
        let open = || -> io::Result<(File, u64)> {
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_file() && found.len() <= published.size => {}
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path)?,
                Ok(_) => fs::remove_file(&path)?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .custom_flags(flags)
                .open(&path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = open().map_err(|error| InstallError::at(&path, &error))?;
        Ok(Self { published, path, file, length })
    }

    /// Fetches what is missing and checks the whole.
    pub(super) fn fetch(
        mut self,
        url: &str,
        keys: &Keys,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), InstallError> {
        let Published { name, size, .. } = self.published;
        let mut remote = Remote::new(url.to_owned(), size, keys);
        // halves may be of two servers or of two versions, which only the checksum tells
        let mut mixed = self.length > 0;
        let mut again = AGAIN;
        loop {
            tell(Step::Begun { name, at: self.length, size });
            let before = self.length;
            let read = if before < size {
                remote.read(before, &mut |at, bytes| {
                    self.write(at, bytes)?;
                    tell(Step::At { name, at: self.length, size });
                    Ok(())
                })
            } else {
                Ok(())
            };
            match read {
                Ok(()) => {}
                Err(FetchError::Broke(said)) if self.length > before && again > 0 => {
                    again -= 1;
                    mixed = true;
                    tell(Step::Again(&said));
                    continue;
                }
                Err(error) => return Err(self.ended(error)),
            }
            match self.settled() {
                Err(InstallError::Wrong { .. }) if mixed => {
                    mixed = false;
                    tell(Step::Again("what came in parts does not fit together"));
                    self.cut(0).map_err(|error| InstallError::at(&self.path, &error))?;
                }
                Ok(()) => return Ok(()),
                Err(error) => {
                    self.give_up();
                    return Err(named(error, url));
                }
            }
        }
    }

    /// Copies a file of this disk and checks the copy.
    pub(super) fn copy(mut self, from: &Path, tell: &mut dyn FnMut(Step<'_>)) -> Result<(), InstallError> {
        let Published { name, size, .. } = self.published;
        tell(Step::Begun { name, at: 0, size });
        let copied = regular::open(from)
            .map_err(|error| InstallError::at(from, &error))
            .and_then(|file| self.take(file.take(size), from, tell));
        copied.and_then(|()| self.settled()).map_err(|error| {
            self.give_up();
            named(error, &from.display().to_string())
        })
    }

    fn take(
        &mut self,
        mut file: impl Read,
        from: &Path,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), InstallError> {
        let Published { name, size, .. } = self.published;
        let mut piece = vec![0; AT_ONCE];
        self.cut(0).map_err(|error| InstallError::at(&self.path, &error))?;
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    let written = self.write(self.length, &piece[..read]);
                    written.map_err(|error| InstallError::at(&self.path, &error))?;
                    tell(Step::At { name, at: self.length, size });
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(InstallError::at(from, &error)),
            }
        }
    }

    /// Writes bytes at their place; whatever lay behind it goes.
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if at < self.length {
            self.cut(at)?;
        }
        self.file.write_all_at(bytes, at)?;
        self.length = at + bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = length;
        Ok(())
    }

    /// On the disk for good, and as published as it lies there.
    fn settled(&self) -> Result<(), InstallError> {
        self.file.sync_all().map_err(|error| InstallError::at(&self.path, &error))?;
        let wrong = |error| InstallError::Wrong { from: String::new(), what: what_of(&error) };
        self.published.check(&self.path).map_err(wrong)
    }

    /// What a fetch that ended means; what can be gone on with stays.
    fn ended(&self, error: FetchError) -> InstallError {
        let kept = |said: String| {
            if self.length == 0 {
                self.give_up();
            }
            InstallError::Fetch { said, kept: self.length }
        };
        match error {
            FetchError::Setup(said) => {
                let _nothing_is_lost = kept(String::new());
                InstallError::Setup(said)
            }
            FetchError::Broke(said) | FetchError::Refused(said) => kept(said),
            FetchError::Wrong(said) => {
                self.give_up();
                InstallError::Fetch { said, kept: 0 }
            }
            // a full disk keeps events from being kept, which is worse than to fetch this again
            FetchError::Taken(error) => {
                self.give_up();
                InstallError::at(&self.path, &error)
            }
        }
    }

    fn give_up(&self) {
        let _gone_already = fs::remove_file(&self.path);
    }
}

/// The same, about where the file came from.
fn named(error: InstallError, from: &str) -> InstallError {
    match error {
        InstallError::Wrong { what, .. } => InstallError::Wrong { from: from.to_owned(), what },
        other => other,
    }
}

/// What is wrong with a file, without its path, which is ours.
fn what_of(error: &mem_embed::ModelError) -> String {
    use mem_embed::ModelError::{Another, CutShort, Damaged, Missing, Unreadable};
    match error {
        Damaged { what, .. } | Another { what, .. } => what.clone(),
        CutShort { is, should, .. } => format!("{is} of {should} bytes"),
        Unreadable { why, .. } => why.to_string(),
        Missing { .. } => "it went while it was looked at".to_owned(),
    }
}
