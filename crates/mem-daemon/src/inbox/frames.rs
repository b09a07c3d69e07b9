//! The inbox on disk: frames waiting, leftovers of killed hooks, and frames set aside.
//!
//! Knows names and files, not what is in them. A frame leaves the inbox in two ways only: unlinked after its
//! fate is committed, or parked beside a note that says why. Must not open the store.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use mem_core::id::FrameId;
use mem_core::layout;

use crate::home::{Home, at, read_regular, write_whole};

/// Ending of a frame that is complete as far as its hook is concerned.
pub const FRAME: &str = "frame";
/// Ending of a frame whose hook has not renamed it yet.
pub const UNFINISHED: &str = "tmp";
/// Ending of the note beside a parked frame.
const WHY: &str = "why";

/// After this a hook that has not renamed its frame is gone: its own limit is half a second.
const LEFT_BEHIND: Duration = Duration::from_secs(5);

/// A frame that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Its name.
    pub frame: FrameId,
    /// Why nobody could read it.
    pub why: String,
}

/// The file of a waiting frame.
pub fn path(home: &Home, frame: &FrameId) -> PathBuf {
    home.path(layout::INBOX).join(format!("{frame}.{FRAME}"))
}

/// The waiting frames in order of arrival.
///
/// # Errors
/// When the folder cannot be read; an inbox that does not exist is empty.
pub fn waiting(home: &Home) -> io::Result<Vec<FrameId>> {
    names(home, layout::INBOX, FRAME)
}

/// How many frames are being written, or were left by a hook that was killed: not waiting yet, but not lost.
pub fn unfinished(home: &Home) -> usize {
    names(home, layout::INBOX, UNFINISHED).map_or(0, |frames| frames.len())
}

/// Whether no frame waits. On doubt there is none.
pub fn is_empty(home: &Home) -> bool {
    let Ok(entries) = std::fs::read_dir(home.path(layout::INBOX)) else { return true };
    !entries.flatten().any(|entry| frame_of(&entry, FRAME).is_some())
}

/// Reads a waiting frame; `None` when somebody else has drained it meanwhile.
///
/// # Errors
/// What the system says, with the path.
pub fn read(home: &Home, frame: &FrameId) -> io::Result<Option<Vec<u8>>> {
    match read_regular(&path(home, frame), u64::MAX) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a frame whose fate is committed.
///
/// # Errors
/// What the system says, with the path; a file that is gone already is fine.
pub fn remove(home: &Home, frame: &FrameId) -> io::Result<()> {
    let path = path(home, frame);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&path, &error)),
        _ => Ok(()),
    }
}

/// Gives the frames of hooks that were killed before their rename to the drain, which sees what is missing.
/// Empty ones held nothing and go.
pub fn adopt_leftovers(home: &Home, now: SystemTime) {
    let Ok(entries) = std::fs::read_dir(home.path(layout::INBOX)) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != UNFINISHED) {
            continue;
        }
        let Ok(found) = entry.metadata() else { continue };
        let age = found.modified().ok().and_then(|then| now.duration_since(then).ok()).unwrap_or_default();
        if age < LEFT_BEHIND {
            continue;
        }
        // whoever loses a race here finds the file gone, which is what was wanted
        let _raced = if found.len() == 0 {
            std::fs::remove_file(&path)
        } else {
            std::fs::rename(&path, path.with_extension(FRAME))
        };
    }
}

/// Sets a frame aside: `kept` (already scrubbed of secrets) and the reason go to the parked folder, then the
/// frame leaves the inbox. Doing it again after a crash in between changes nothing.
///
/// # Errors
/// What the system says, with the path; the frame then still waits.
pub fn park(home: &Home, frame: &FrameId, kept: &[u8], why: &str) -> io::Result<()> {
    let folder = home.path(layout::PARKED);
    home.create()?;
    write_whole(&folder.join(format!("{frame}.{WHY}")), format!("{why}\n").as_bytes())?;
    write_whole(&folder.join(format!("{frame}.{FRAME}")), kept)?;
    remove(home, frame)
}

/// The frames that were set aside, oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn parked(home: &Home) -> io::Result<Vec<Parked>> {
    let folder = home.path(layout::PARKED);
    let frames = names(home, layout::PARKED, FRAME)?;
    Ok(frames
        .into_iter()
        .map(|frame| {
            let why = std::fs::read_to_string(folder.join(format!("{frame}.{WHY}"))).unwrap_or_default();
            Parked { frame, why: why.trim().to_owned() }
        })
        .collect())
}

/// Puts every parked frame back into the inbox, for another try (with a newer version, say).
///
/// # Errors
/// What the system says, with the path.
pub fn unpark(home: &Home) -> io::Result<usize> {
    let folder = home.path(layout::PARKED);
    let frames = parked(home)?;
    for parked in &frames {
        let from = folder.join(format!("{}.{FRAME}", parked.frame));
        std::fs::rename(&from, path(home, &parked.frame)).map_err(|error| at(&from, &error))?;
        let _no_note = std::fs::remove_file(folder.join(format!("{}.{WHY}", parked.frame)));
    }
    Ok(frames.len())
}

fn names(home: &Home, folder: &str, ending: &str) -> io::Result<Vec<FrameId>> {
    let folder = home.path(folder);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(&folder, &error)),
    };
    let mut frames = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| at(&folder, &error))?;
        frames.extend(frame_of(&entry, ending));
    }
    frames.sort_unstable();
    Ok(frames)
}

/// The frame that a directory entry is: a regular file of that ending. Anything else was not put there by a hook.
fn frame_of(entry: &std::fs::DirEntry, ending: &str) -> Option<FrameId> {
    let path = entry.path();
    let ours = path.extension()? == ending && entry.file_type().ok()?.is_file();
    ours.then(|| path.file_stem()?.to_str().map(|stem| FrameId(stem.to_owned())))?
}

/// The first frame that waits but cannot be read, such as one of another user, and why.
pub fn blocked(home: &Home) -> Option<(PathBuf, String)> {
    /// Enough to find trouble, few enough to be asked at every status.
    const LOOKED_AT: usize = 64;
    waiting(home).ok()?.into_iter().take(LOOKED_AT).find_map(|frame| {
        let path = path(home, &frame);
        let refused = rustix::fs::access(&path, rustix::fs::Access::READ_OK).err()?;
        (refused != rustix::io::Errno::NOENT).then(|| (path, refused.to_string()))
    })
}

/// The note of what is being read, so that a frame that kills its reader is found out.
///
/// Written before frames are read and removed after; if it stands when somebody begins, the reader before died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnderRead {
    /// Some of these frames; nobody knows which.
    Among(Vec<FrameId>),
    /// This one, for the nth time alone.
    Alone(FrameId, u32),
}

impl UnderRead {
    const NAME: &'static str = "under-read";

    /// What the reader before us was at when it died, if it did.
    pub fn left_over(home: &Home) -> Option<Self> {
        let text = std::fs::read_to_string(home.path(layout::INBOX).join(Self::NAME)).ok()?;
        let mut lines = text.lines();
        let head = lines.next()?;
        let mut frames = lines.map(|line| FrameId(line.to_owned()));
        match head.strip_prefix("alone ") {
            Some(times) => Some(Self::Alone(frames.next()?, times.parse().ok()?)),
            None => Some(Self::Among(frames.collect())),
        }
    }

    /// Writes the note.
    ///
    /// # Errors
    /// What the system says, with the path.
    pub fn note(&self, home: &Home) -> io::Result<()> {
        let text = match self {
            Self::Among(frames) => {
                frames.iter().fold("among\n".to_owned(), |text, frame| format!("{text}{frame}\n"))
            }
            Self::Alone(frame, times) => format!("alone {times}\n{frame}\n"),
        };
        let path = home.path(layout::INBOX).join(Self::NAME);
        // in place: a torn note reads as none, which only means one more try
        OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))
            .map_err(|error| at(&path, &error))
    }

    /// Takes the note away: everything was read.
    pub fn clear(home: &Home) {
        let _not_there = std::fs::remove_file(home.path(layout::INBOX).join(Self::NAME));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path());
        home.create().unwrap();
        (tmp, home)
    }

    #[test]
    fn parking_keeps_the_reason_and_can_be_undone() {
        let (_tmp, home) = home();
        let frame = FrameId("1-2".into());
        std::fs::write(path(&home, &frame), b"raw").unwrap();
        assert!(!is_empty(&home));
        park(&home, &frame, b"scrubbed", "no JSON").unwrap();
        assert!(is_empty(&home));
        assert_eq!(parked(&home).unwrap(), [Parked { frame: frame.clone(), why: "no JSON".into() }]);
        assert_eq!(unpark(&home).unwrap(), 1);
        assert_eq!(read(&home, &frame).unwrap().as_deref(), Some(&b"scrubbed"[..]));
        assert_eq!(parked(&home).unwrap(), []);
    }

    #[test]
    fn leftovers_are_adopted_once_their_hook_is_surely_gone() {
        let (_tmp, home) = home();
        let inbox = home.path(layout::INBOX);
        std::fs::write(inbox.join("1-1.tmp"), b"half a frame").unwrap();
        std::fs::write(inbox.join("1-2.tmp"), b"").unwrap();
        adopt_leftovers(&home, SystemTime::now());
        assert_eq!(waiting(&home).unwrap(), []);
        adopt_leftovers(&home, SystemTime::now() + LEFT_BEHIND * 2);
        assert_eq!(waiting(&home).unwrap(), [FrameId("1-1".into())]);
        assert!(!inbox.join("1-2.tmp").exists());
    }

    #[test]
    fn the_note_of_what_is_read_comes_back() {
        let (_tmp, home) = home();
        for note in [
            UnderRead::Among(vec![FrameId("a".into()), FrameId("b".into())]),
            UnderRead::Alone(FrameId("c".into()), 2),
        ] {
            note.note(&home).unwrap();
            assert_eq!(UnderRead::left_over(&home), Some(note));
        }
        UnderRead::clear(&home);
        assert_eq!(UnderRead::left_over(&home), None);
    }
}
