//! Writes one frame into the inbox: a file under a temporary name, then a rename, for the owner alone.
//!
//! No fsync: a crash of ours loses nothing, only a power cut may lose the last moment. What cannot be written is
//! counted in a file that was laid out before the disk was full. Only `std` and the frame codec.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mem_core::frame::{self, Header};
use mem_core::layout;

/// A frame that is being written. One that is neither finished nor dropped, since its process was killed, is found
/// by the drain.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    unfinished: PathBuf,
    /// What is not written yet: the header and a small payload wait for the trailer, so that most frames are one write.
    pending: Vec<u8>,
    payload: usize,
}

impl Spool {
    /// Begins a frame with the beginning of its payload.
    pub(super) fn begin(data_dir: &Path, header: &Header, payload: &[u8]) -> io::Result<Self> {
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
        let mut pending = frame::encode_header(header);
        pending.reserve_exact(payload.len() + 32);
        pending.extend_from_slice(payload);
        Ok(Self { file, unfinished, pending, payload: payload.len() })
    }

    /// Writes more of the payload.
    pub(super) fn append(mut self, chunk: &[u8]) -> io::Result<Self> {
        self.payload += chunk.len();
        match self.flush().and_then(|()| self.file.write_all(chunk)) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.abandon(error)),
        }
    }

    /// Ends the frame and gives it to the drain. One that was cut short has no trailer.
    pub(super) fn finish(mut self, whole: bool) -> io::Result<()> {
        if whole {
            self.pending.extend_from_slice(&frame::encode_trailer(self.payload));
        }
        let finished = self
            .flush()
            .and_then(|()| std::fs::rename(&self.unfinished, self.unfinished.with_extension("frame")));
        finished.map_err(|error| self.abandon(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.file.write_all(&pending)
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
