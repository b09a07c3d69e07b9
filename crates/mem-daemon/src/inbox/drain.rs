//! Drains the inbox into the store: in order, in batches, once each, whatever dies in between.
//!
//! For every frame: read, decide (pure), then one transaction that writes the event or the name of the rule
//! that filtered it, the counts, and the frame's name; only then is the file unlinked, and only after that the
//! name forgotten. Whoever is killed anywhere in this leaves either the file (drained again, recognised by its
//! name) or nothing to do. Must be called by the holder of the inbox lock.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mem_core::event::Event;
use mem_core::id::FrameId;
use mem_core::project::Facts;
use mem_core::time::Timestamp;
use mem_logic::capture::{Capture, Judged, Verdict};
use mem_store::{Put, Spot, Store, StoreError, Tx};

use super::reading::{self, Reading};
use crate::home::Home;
use crate::inbox::{self, UnderRead};
use crate::place;

/// Most frames in one transaction.
const FRAMES: usize = 256;
/// Most bytes of frames held in memory at once; one frame may be larger.
const BYTES: usize = 8 * 1024 * 1024;
/// A frame that has killed this many readers by itself is not read again.
const DEATHS: u32 = 2;

/// Tally: frames whose fate is committed.
pub const RECEIVED: &str = "received";
/// Tally: events stored.
pub const STORED: &str = "stored";
/// Tally prefix: frames filtered, by rule.
pub const FILTERED: &str = "filtered:";
/// Tally prefix: secrets taken out, by kind.
pub const REDACTED: &str = "redacted:";
/// Tally: odd things about payloads that were coped with.
pub const DEFECTS: &str = "defects";
/// Rule: the event is in the store already.
const DUPLICATE: &str = "duplicate";
/// Rule: the hook was given nothing.
const EMPTY: &str = "empty";

/// Why draining stopped before the inbox was empty.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// The inbox could not be read or written.
    #[error("{0}")]
    Inbox(#[from] io::Error),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// When to stop early.
#[derive(Debug, Clone, Copy)]
pub struct Until<'a> {
    /// Not after this moment.
    pub deadline: Option<Instant>,
    /// Not once this is set.
    pub stop: Option<&'a AtomicBool>,
}

impl Until<'_> {
    /// Until all is done.
    pub const DONE: Until<'static> = Until { deadline: None, stop: None };

    /// Whether it is time to leave.
    pub fn over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
            || self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// What a drain did.
#[derive(Debug, Default)]
pub struct Drained {
    /// Frames whose fate is committed.
    pub frames: usize,
    /// Of these, events stored.
    pub stored: usize,
    /// Frames set aside.
    pub parked: usize,
    /// Whether frames were left for another time.
    pub left: bool,
    /// The directories events came from, with their facts.
    pub places: Vec<(String, Facts)>,
}

/// This moment, as the store counts it.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Drains the inbox of `home` into `store`.
///
/// # Errors
/// [`DrainError`]; what was not committed still waits.
pub fn drain(
    home: &Home,
    store: &mut Store,
    capture: &Capture,
    until: Until<'_>,
) -> Result<Drained, DrainError> {
    let mut drain = Drain { home, store, capture, done: Drained::default() };
    let before = UnderRead::left_over(home);
    let drained = drain.all(before.as_ref(), until);
    // only a reader that did not come back counts against a frame: a full disk or a busy store does not
    match (&drained, before) {
        (Err(_), Some(note)) => note.note(home)?,
        _ => UnderRead::clear(home),
    }
    drained.map(|()| drain.done)
}

type Loaded = (FrameId, Vec<u8>);

struct Drain<'a> {
    home: &'a Home,
    store: &'a mut Store,
    capture: &'a Capture,
    done: Drained,
}

impl Drain<'_> {
    fn all(&mut self, suspects: Option<&UnderRead>, until: Until<'_>) -> Result<(), DrainError> {
        self.finish_unlinking()?;
        inbox::adopt_leftovers(self.home, SystemTime::now());
        self.read_suspects(suspects, until)?;
        let mut waiting = inbox::waiting(self.home)?.into_iter().peekable();
        while waiting.peek().is_some() {
            if until.over() {
                self.done.left = true;
                break;
            }
            let (batch, rest) = self.load(&mut waiting);
            self.read_batch(batch)?;
            if let Some(large) = rest {
                self.read_batch(vec![large])?;
            }
        }
        Ok(())
    }

    /// Unlinks what an earlier drain committed but did not come to unlink.
    fn finish_unlinking(&mut self) -> Result<(), DrainError> {
        let committed = self.store.all_drained()?;
        self.unlink(&committed)
    }

    /// Reads alone what was being read when the reader before us died.
    fn read_suspects(&mut self, suspects: Option<&UnderRead>, until: Until<'_>) -> Result<(), DrainError> {
        let (suspects, deaths) = match suspects {
            None => return Ok(()),
            Some(UnderRead::Among(frames)) => (frames.clone(), 0),
            Some(UnderRead::Alone(frame, deaths)) => (vec![frame.clone()], *deaths),
        };
        for frame in suspects {
            if until.over() {
                break;
            }
            UnderRead::Alone(frame.clone(), deaths + 1).note(self.home)?;
            let Ok(Some(bytes)) = inbox::read(self.home, &frame) else { continue };
            match deaths.cmp(&DEATHS) {
                std::cmp::Ordering::Less => {
                    let judgements = self.judge(vec![(frame, bytes)])?;
                    self.commit(&judgements)?;
                }
                std::cmp::Ordering::Equal => {
                    self.park_scrubbed(&frame, &bytes, "crashed its reader twice")?;
                }
                // even scrubbing it has killed a reader
                std::cmp::Ordering::Greater => {
                    let kept = format!("[{} bytes]\n", bytes.len());
                    self.park(&frame, kept.as_bytes(), "crashed its reader three times")?;
                }
            }
        }
        Ok(())
    }

    /// Loads the next frames, within the bounds of a batch; the second part is one that is a batch by itself.
    ///
    /// A frame that cannot be opened (of another user, say) waits on and holds nobody else up; `inbox::blocked` names it.
    fn load(&self, waiting: &mut impl Iterator<Item = FrameId>) -> (Vec<Loaded>, Option<Loaded>) {
        let mut batch = Vec::new();
        let mut held = 0;
        while batch.len() < FRAMES && held < BYTES {
            let Some(frame) = waiting.next() else { break };
            let Ok(Some(bytes)) = inbox::read(self.home, &frame) else { continue };
            if bytes.len() > BYTES {
                return (batch, Some((frame, bytes)));
            }
            held += bytes.len();
            batch.push((frame, bytes));
        }
        (batch, None)
    }

    fn read_batch(&mut self, batch: Vec<Loaded>) -> Result<(), DrainError> {
        if batch.is_empty() {
            return Ok(());
        }
        UnderRead::Among(batch.iter().map(|(frame, _)| frame.clone()).collect()).note(self.home)?;
        let readings = self.judge(batch)?;
        match self.commit(&readings) {
            Err(DrainError::Store(error)) if error.is_about_the_row() => self.commit_singly(&readings),
            other => other,
        }
    }

    /// Reads and judges; parks what cannot be read.
    fn judge(&mut self, batch: Vec<Loaded>) -> Result<Vec<Judgement>, DrainError> {
        let mut judgements = Vec::with_capacity(batch.len());
        for (frame, bytes) in batch {
            match reading::read(&bytes, self.capture) {
                Reading::Event { event, judged, over, defects } => {
                    let read = Read { event, judged, over, defects };
                    judgements.push(Judgement { frame, read: Some(read) });
                }
                Reading::Empty => judgements.push(Judgement { frame, read: None }),
                Reading::Unreadable { why } => self.park_scrubbed(&frame, &bytes, &why)?,
                // a panic is the same the second time, and here it is a bug of ours
                Reading::Crashed => self.park_scrubbed(&frame, &bytes, "crashed its reader twice")?,
            }
        }
        Ok(judgements)
    }

    fn commit(&mut self, judgements: &[Judgement]) -> Result<(), DrainError> {
        let places = look_around(judgements, self.capture);
        let (stored, frames) = self.store.write(|tx| {
            let mut stored = 0;
            let mut frames = Vec::with_capacity(judgements.len());
            for judgement in judgements {
                if !tx.was_drained(&judgement.frame)? {
                    stored += usize::from(write_one(tx, judgement, &places)?);
                    tx.mark_drained(&judgement.frame)?;
                }
                frames.push(judgement.frame.clone());
            }
            Ok((stored, frames))
        })?;
        // a commit into a file that was removed or replaced under us has reached nobody
        self.store.in_place()?;
        self.done.stored += stored;
        self.done.frames += frames.len();
        for place in places {
            if !self.done.places.iter().any(|(known, _)| *known == place.cwd) {
                self.done.places.push((place.cwd, place.facts));
            }
        }
        self.unlink(&frames)
    }

    /// One transaction each: the one the store cannot take is set aside, the others are kept.
    fn commit_singly(&mut self, judgements: &[Judgement]) -> Result<(), DrainError> {
        for judgement in judgements {
            match self.commit(std::slice::from_ref(judgement)) {
                Err(DrainError::Store(error)) if error.is_about_the_row() => {
                    if let Some(bytes) = inbox::read(self.home, &judgement.frame)? {
                        self.park_scrubbed(&judgement.frame, &bytes, &format!("cannot be stored: {error}"))?;
                    }
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn unlink(&mut self, frames: &[FrameId]) -> Result<(), DrainError> {
        if frames.is_empty() {
            return Ok(());
        }
        for frame in frames {
            inbox::remove(self.home, frame)?;
        }
        self.store.write(|tx| tx.forget_drained(frames))?;
        Ok(())
    }

    fn park_scrubbed(&mut self, frame: &FrameId, bytes: &[u8], why: &str) -> Result<(), DrainError> {
        let kept = reading::scrubbed(bytes, self.capture);
        self.park(frame, &kept, why)
    }

    fn park(&mut self, frame: &FrameId, kept: &[u8], why: &str) -> Result<(), DrainError> {
        inbox::park(self.home, frame, kept, why)?;
        self.done.parked += 1;
        Ok(())
    }
}

/// A frame that was read, and what is to become of it.
struct Judgement {
    frame: FrameId,
    /// Absent when there was nothing to read.
    read: Option<Read>,
}

struct Read {
    event: Box<Event>,
    judged: Judged,
    over: Option<String>,
    defects: usize,
}

struct Place {
    cwd: String,
    over: Option<String>,
    gone: bool,
    facts: Facts,
}

/// The facts of every directory the judged events come from, each looked at once.
fn look_around(judgements: &[Judgement], capture: &Capture) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for read in judgements.iter().filter_map(|judgement| judgement.read.as_ref()) {
        let (cwd, over) = (&read.event.cwd, &read.over);
        if places.iter().any(|place| place.cwd == *cwd && place.over == *over) {
            continue;
        }
        let path = Path::new(cwd);
        let gone = !path.is_dir();
        let mut facts = place::facts(path, over.as_deref());
        // a branch or a name can hold a key as well as any text
        for text in [&mut facts.over, &mut facts.branch, &mut facts.worktree].into_iter().flatten() {
            capture.scrub_text(text);
        }
        places.push(Place { cwd: cwd.clone(), over: over.clone(), gone, facts });
    }
    places
}

/// Writes one event or the name of its rule, and the counts. Tells whether an event was stored.
fn write_one(tx: &Tx<'_>, judgement: &Judgement, places: &[Place]) -> Result<bool, StoreError> {
    tx.tally(RECEIVED, 1)?;
    let Some(Read { event, judged, over, defects }) = &judgement.read else {
        tx.tally(&format!("{FILTERED}{EMPTY}"), 1)?;
        return Ok(false);
    };
    if *defects > 0 {
        tx.tally(DEFECTS, *defects as u64)?;
    }
    let stored = match judged.verdict {
        Verdict::Skip(rule) => {
            tx.tally(&format!("{FILTERED}{}", rule.as_str()), 1)?;
            false
        }
        Verdict::Keep => {
            let place = places.iter().find(|place| place.cwd == event.cwd && place.over == *over);
            let spot = spot(tx, event, place)?;
            match tx.put_event(event, &spot, now())? {
                Put::Stored { .. } => {
                    tx.tally(STORED, 1)?;
                    true
                }
                Put::Duplicate => {
                    tx.tally(&format!("{FILTERED}{DUPLICATE}"), 1)?;
                    false
                }
            }
        }
    };
    if stored {
        for (kind, times) in &judged.redacted {
            tx.tally(&format!("{REDACTED}{kind}"), u64::from(*times))?;
        }
    }
    Ok(stored)
}

/// Where an event belongs. A directory that is gone belongs where it last did.
fn spot(tx: &Tx<'_>, event: &Event, place: Option<&Place>) -> Result<Spot, StoreError> {
    let fallback = Facts { top: event.cwd.clone(), ..Facts::default() };
    let (facts, gone) = place.map_or((&fallback, true), |place| (&place.facts, place.gone));
    if gone
        && facts.over.is_none()
        && let Some(last) = tx.last_place(&event.cwd)?
    {
        return Ok(Spot { project: last.project, branch: last.branch, worktree: last.worktree });
    }
    let project = tx.project_for(facts, &event.cwd, now())?;
    Ok(Spot { project, branch: facts.branch.clone(), worktree: facts.worktree.clone() })
}
