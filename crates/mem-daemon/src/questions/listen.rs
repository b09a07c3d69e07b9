//! Takes questions in and brings answers out, each on a thread of its own, so that nobody waits for somebody else's client.
//!
//! Bounded in what any client can make of it: a question is a short word unless it is a search, of which a few are taken at
//! once; it has a second to arrive and its answer one to be taken. Must not answer anything itself: words go to the thread
//! that owns the daemon's state, searches to the one that owns the index.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use mem_wire::exchange::{LONGEST_QUESTION, SEARCH};

use super::line;
use super::search::{Asked, Searches};
use crate::event::Wake;

/// Longest word that is no search, in bytes.
const WORD: usize = 256;
/// How long a question may take to arrive, and its answer to be taken.
const ARRIVES: Duration = Duration::from_secs(1);
pub(crate) const IS_TAKEN: Duration = Duration::from_secs(1);
/// Most clients at once. The next ones wait in the backlog, two seconds at the most.
const CLIENTS: usize = 256;
/// Stack of a client's thread: a piece of a line and what the system calls need; nothing is parsed on it.
pub(crate) const STACK: usize = 64 * 1024;
/// Pause before the next client where there can be no further one now.
const FULL: Duration = Duration::from_millis(20);

/// Listens until the process ends.
pub(crate) fn listen(questions: UnixListener, wakes: SyncSender<Wake>, searches: Searches) {
    std::thread::spawn(move || {
        let clients = Arc::new(AtomicUsize::new(0));
        for stream in questions.incoming() {
            let Ok(stream) = stream else {
                // out of file descriptors: what is asked waits in the backlog meanwhile
                std::thread::park_timeout(FULL);
                continue;
            };
            let place = loop {
                match Place::take(&clients, CLIENTS) {
                    Some(place) => break place,
                    None => std::thread::park_timeout(FULL),
                }
            };
            let (wakes, searches) = (wakes.clone(), searches.clone());
            let serve = move || {
                let _client_is_gone_or_misbehaves = serve(stream, &wakes, &searches);
                drop(place);
            };
            let _no_memory_for_an_answer = std::thread::Builder::new().stack_size(STACK).spawn(serve);
        }
    });
}

const CROWDED: &str = "too many ask at once";

fn serve(stream: UnixStream, wakes: &SyncSender<Wake>, searches: &Searches) -> io::Result<()> {
    let mut place = None;
    let read = line::read(&stream, Instant::now() + ARRIVES, |begin| {
        if !begin.starts_with(SEARCH.as_bytes()) {
            return Some(WORD);
        }
        if place.is_none() {
            place = searches.place();
        }
        place.as_ref().map(|_| LONGEST_QUESTION)
    });
    let (stream, why) = match (read, place) {
        (Ok(line), Some(place)) => match searches.put(Asked { line, stream, place, at: Instant::now() }) {
            Ok(()) => return Ok(()),
            Err(asked) => (asked.stream, CROWDED),
        },
        (Ok(word), None) => {
            let question = String::from_utf8_lossy(&word).trim().to_owned();
            let _daemon_is_leaving = wakes.send(Wake::Asked { question, reply: stream });
            return Ok(());
        }
        (Err(error), _) => match error.kind() {
            io::ErrorKind::QuotaExceeded => (stream, CROWDED),
            io::ErrorKind::InvalidData => (stream, "the question is too long"),
            _ => return Err(error),
        },
    };
    line::write(&stream, Instant::now() + IS_TAKEN, searches.refusal(why).as_bytes())
}

/// One of a number of places; it is free again when this goes.
#[derive(Debug)]
pub(crate) struct Place {
    taken: Arc<AtomicUsize>,
}

impl Place {
    /// One of `most`, if any is free.
    pub(crate) fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let more = |now: usize| (now < most).then_some(now + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Self { taken: Arc::clone(taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted() {
        let taken = Arc::default();
        let places: Vec<Place> = std::iter::from_fn(|| Place::take(&taken, 3)).collect();
        assert_eq!(places.len(), 3);
        drop(places);
        assert!(Place::take(&taken, 1).is_some());
        assert!(Place::take(&taken, 0).is_none());
    }
}
