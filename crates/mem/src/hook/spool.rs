//! Writes one frame into the inbox: a file under a temporary name, then a rename, for the owner alone.
//!
//! No fsync: a crash of ours loses nothing, only a power cut may lose the last moment. What cannot be written is
//! counted in a file that was laid out before the disk was full. Only `std` and the frame codec.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mem_core::frame::{self, Header};
use mem_core::layout;

/// Writes a frame; `whole` is false when the payload was cut short, which leaves the trailer out.
pub(super) fn write(data_dir: &Path, header: &Header, payload: &[u8], whole: bool) -> io::Result<()> {
    let frame = if whole {
        frame::encode(header, payload)
    } else {
        let mut cut = frame::encode_header(header);
        cut.extend_from_slice(payload);
        cut
    };
    let written = put(data_dir, &frame);
    if let Err(error) = &written {
        count_loss(data_dir, error);
    }
    written
}

fn put(data_dir: &Path, frame: &[u8]) -> io::Result<()> {
    let inbox = data_dir.join(layout::INBOX);
    let id = frame::new_id(since_epoch().as_nanos(), std::process::id());
    let unfinished = inbox.join(format!("{id}.tmp"));
    let mut file = match create(&unfinished) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(&inbox)?;
            create(&unfinished)?
        }
        created => created?,
    };
    let finish = file.write_all(frame).and_then(|()| {
        drop(file);
        std::fs::rename(&unfinished, inbox.join(format!("{id}.frame")))
    });
    if finish.is_err() {
        let _nothing_more_to_do = std::fs::remove_file(&unfinished);
    }
    finish
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Notes an event that could not be kept, in place, in a file that has its blocks already.
///
/// The form is that of `mem_daemon::losses`: `count at_ms reason`, padded with spaces to its full size. Two hooks at
/// once may count one instead of two; that events were lost is what matters.
fn count_loss(data_dir: &Path, error: &io::Error) {
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
