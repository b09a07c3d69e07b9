//! Whether a write-ahead log is what SQLite wrote: its frames carry sums, each over all before it.
//!
//! SQLite looks at them when it opens a store that nobody has open, and passes over all from the first frame on that is
//! wrong. Whoever has the store open knows where in the log things stand, looks at no sum, and folds whatever is there into
//! the store. The form of a log is that of SQLite's file format, section 4.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::files;

/// Bytes before the first frame, and before the page of each.
const HEADER: usize = 32;
const FRAME: usize = 24;
/// The number a log begins with, by the order of bytes in its sums.
const LITTLE: u32 = 0x377f_0682;
const BIG: u32 = 0x377f_0683;
/// The largest page there is.
const PAGE: u32 = 65_536;

/// Whether there is a log and it does not begin like one.
pub(crate) fn is_nonsense(store: &Path) -> bool {
    let mut begin = [0; HEADER];
    let read = File::open(files::log_of(store)).and_then(|mut log| log.read_exact(&mut begin));
    // one that is shorter has nothing in it yet
    read.is_ok() && ![LITTLE, BIG].contains(&word(&begin, 0))
}

/// Whether those who have the store open take for its log what SQLite did not write.
///
/// For when something is wrong, or is about to be folded: it reads all of the log.
pub(crate) fn is_broken(store: &Path) -> bool {
    let log = files::log_of(store);
    let length = std::fs::metadata(&log).map_or(0, |found| found.len());
    // beside an empty file SQLite would throw the log away
    if length < HEADER as u64 || files::is_empty(store) {
        return false;
    }
    let Some(frames) = frames_in_use(store).filter(|frames| *frames > 0) else { return false };
    let sound = sound_frames(&log);
    // one that was begun anew meanwhile is looked at by the next who asks
    sound < frames && frames_in_use(store) == Some(frames)
}

/// Frames that count, for those who have the store open.
fn frames_in_use(store: &Path) -> Option<u64> {
    let conn = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    // should we be the last, it is not for us to fold
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).ok()?;
    // the log is opened with the first look, whatever is found then
    let _may_be_damaged = conn.execute_batch("PRAGMA table_list");
    let frames: i64 = conn.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).ok()?;
    u64::try_from(frames).ok()
}

/// Frames from the first on whose sums are right.
fn sound_frames(log: &Path) -> u64 {
    let Ok(file) = File::open(log) else { return 0 };
    let mut file = BufReader::with_capacity(256 * 1024, file);
    let mut header = [0; HEADER];
    if file.read_exact(&mut header).is_err() {
        return 0;
    }
    let (begin, page) = (word(&header, 0), word(&header, 8));
    let big = begin == BIG;
    let mut sum = summed(big, &header[..24], (0, 0));
    if !(big || begin == LITTLE)
        || !(512..=PAGE).contains(&page)
        || sum != (word(&header, 24), word(&header, 28))
    {
        return 0;
    }
    let mut frame = vec![0; FRAME + page as usize];
    for sound in 0.. {
        if file.read_exact(&mut frame).is_err() || frame[8..16] != header[16..24] {
            return sound;
        }
        sum = summed(big, &frame[FRAME..], summed(big, &frame[..8], sum));
        if sum != (word(&frame, 16), word(&frame, 20)) {
            return sound;
        }
    }
    0
}

/// The sum of bytes after that of those before them.
fn summed(big: bool, bytes: &[u8], before: (u32, u32)) -> (u32, u32) {
    let (mut one, mut two) = before;
    for pair in bytes.chunks_exact(8) {
        let (a, b) = (word(pair, 0), word(pair, 4));
        let (a, b) = if big { (a, b) } else { (a.swap_bytes(), b.swap_bytes()) };
        one = one.wrapping_add(a).wrapping_add(two);
        two = two.wrapping_add(b).wrapping_add(one);
    }
    (one, two)
}

/// Four bytes, the highest first.
fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
