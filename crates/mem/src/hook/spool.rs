//! Writes one frame into the inbox: a file under a temporary name, then a rename, for the owner alone.
//!
//! No fsync: a crash of ours loses nothing, only a power cut may lose the last moment. What cannot be written is
//! counted in a file that was laid out before the disk was full. Only `std` and the frame codec.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mem_core::frame::{self, Header};
use mem_core::layout;

/// Writes a whole frame in one go. One that was cut short has no trailer.
pub(super) fn write(data_dir: &Path, header: &Header, payload: &[u8], whole: bool) -> io::Result<()> {
    let mut spool = Spool::create(data_dir)?;
    let header = frame::encode_header(header);
    let trailer = if whole { frame::encode_trailer(payload.len()) } else { Vec::new() };
    let written = spool.write_parts([&header, payload, &trailer]);
    spool.end(written)
}

/// A frame that is written while its payload comes. One that is not ended, since its process was killed, is found by the
/// drain.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    unfinished: PathBuf,
    payload: usize,
}

impl Spool {
    /// Begins a frame with the beginning of its payload.
    pub(super) fn begin(data_dir: &Path, header: &Header, payload: &[u8]) -> io::Result<Self> {
        let mut spool = Self::create(data_dir)?;
        spool.payload = payload.len();
        match spool.write_parts([&frame::encode_header(header), payload, &[]]) {
            Ok(()) => Ok(spool),
            Err(error) => Err(spool.abandon(error)),
        }
    }

    /// Writes more of the payload.
    pub(super) fn append(mut self, chunk: &[u8]) -> io::Result<Self> {
        self.payload += chunk.len();
        match self.file.write_all(chunk) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.abandon(error)),
        }
    }

    /// Ends the frame. One that was cut short has no trailer.
    pub(super) fn finish(mut self, whole: bool) -> io::Result<()> {
        let trailer = if whole { frame::encode_trailer(self.payload) } else { Vec::new() };
        let written = self.file.write_all(&trailer);
        self.end(written)
    }

    fn create(data_dir: &Path) -> io::Result<Self> {
        let inbox = data_dir.join(layout::INBOX);
        let id = frame::new_id(since_epoch().as_nanos(), std::process::id());
        let unfinished = inbox.join(format!("{id}.tmp"));
        let file = match create(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(&inbox)?;
                create(&unfinished)?
            }
            created => created?,
        };
        Ok(Self { file, unfinished, payload: 0 })
    }

    /// Writes the parts as one, without copying them together first.
    fn write_parts(&mut self, parts: [&[u8]; 3]) -> io::Result<()> {
        let mut written = self.file.write_vectored(&parts.map(IoSlice::new))?;
        for part in parts {
            let done = written.min(part.len());
            written -= done;
            self.file.write_all(&part[done..])?;
        }
        Ok(())
    }

    /// Gives the frame to the drain, if it was written.
    fn end(self, written: io::Result<()>) -> io::Result<()> {
        written
            .and_then(|()| std::fs::rename(&self.unfinished, self.unfinished.with_extension("frame")))
            .map_err(|error| self.abandon(error))
    }

    fn abandon(&self, error: io::Error) -> io::Error {
        let _nothing_more_to_do = std::fs::remove_file(&self.unfinished);
        error
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Notes an event that could not be kept, in place, in a file that has its blocks already.
///
/// The form is that of `mem_daemon::inbox::losses`: `count at_ms reason`, padded with spaces to its full size. Two hooks at
/// once may count one instead of two; that events were lost is what matters.
pub(super) fn count_loss(data_dir: &Path, error: &io::Error) {
    let Ok(file) = OpenOptions::new().read(true).write(true).open(data_dir.join(layout::HOOK_FAULTS)) else {
        return;
    };
    let mut known = [b' '; layout::HOOK_FAULTS_SIZE];
    let _short_read_is_padding = file.read_at(&mut known, 0);
    let count = std::str::from_utf8(&known)
        .ok()
        .and_then(|text| text.split_whitespace().next())
        .and_then(|count| count.parse::<u64>().ok())
        .unwrap_or(0);
    let line = format!("{} {} {error}", count + 1, since_epoch().as_millis());
    let mut padded = [b' '; layout::HOOK_FAULTS_SIZE];
    for (place, byte) in padded.iter_mut().zip(line.bytes().filter(|byte| *byte != b'\n')) {
        *place = byte;
    }
    let _best_effort = file.write_at(&padded, 0);
}

pub(super) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
