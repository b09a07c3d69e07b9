//! The thread that searches: it owns a connection that only reads, and what is kept from one question to the next.
//!
//! So a question waits for no capture work, and nothing else the daemon is asked waits for a question. One at a time, in the
//! order of their arrival: two at once would take twice the memory for the same processor. Whatever goes wrong is a refusal,
//! after which the one who asked searches in its own process, and the next question begins with nothing kept. Must not write:
//! a damaged index is begun anew by whoever asked.

use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mem_store::{Store, StoreError};
use mem_wire::exchange::{Answer, Question, Reply};

use super::ask::PATIENCE;
use super::listen::{IS_TAKEN, Place, STACK};
use super::{line, shape};
use crate::event::Wake;
use crate::home::Home;
use crate::idle::heap;
use crate::meaning::Asker;
use crate::recall::{Ask, Recall, glance};

/// Most searches that are read, waited for or being answered at once; 16 MB of questions if all are as long as they may be.
const AT_ONCE: usize = 64;
/// After so much quiet, the model that questions are embedded with is let go, 23 MB and a tenth of a second to read again, and
/// the connection with up to 8 MB of pages.
const AWAKE_FOR: Duration = Duration::from_secs(60);
/// And after so much more all that is kept: for 100,000 passages some 7 MB, and 39 MB of vectors where there are such.
const KEPT_FOR: Duration = Duration::from_secs(10 * 60);
/// How long leaving waits for a search that is being answered.
const LEAVE: Duration = Duration::from_millis(250);

/// The way to the thread, for everyone who has a question.
#[derive(Debug, Clone)]
pub(crate) struct Searches {
    jobs: SyncSender<Job>,
    program: Arc<str>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    places: Arc<AtomicUsize>,
    leaving: AtomicBool,
    last: Mutex<Option<Instant>>,
}

#[derive(Debug)]
enum Job {
    Search(Asked),
    Leave,
}

/// A question, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What was read of it.
    pub(crate) line: Vec<u8>,
    /// Where it came from.
    pub(crate) stream: UnixStream,
    /// Taken until it is answered.
    pub(crate) place: Place,
    /// When it had arrived.
    pub(crate) at: Instant,
}

/// The thread.
#[derive(Debug)]
pub(crate) struct Searching {
    /// The way to it.
    pub(crate) searches: Searches,
    thread: JoinHandle<()>,
}

impl Searching {
    /// Starts the thread; it opens nothing before the first question.
    pub(crate) fn begin(home: Home, program: &str, wakes: SyncSender<Wake>, asker: Asker) -> Self {
        let (jobs, asked) = sync_channel(AT_ONCE);
        let searches = Searches { jobs, program: program.into(), shared: Arc::default() };
        let recall = Recall::with_meaning(&home, true).asking(asker.clone());
        let mut kept = Kept { home, searches: searches.clone(), wakes, asker, store: None, recall };
        let thread = std::thread::spawn(move || kept.serve(&asked));
        Self { searches, thread }
    }

    /// When something was last searched.
    pub(crate) fn last(&self) -> Option<Instant> {
        *self.searches.shared.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the store. What is asked from now on is refused.
    pub(crate) fn end(self) {
        self.searches.shared.leaving.store(true, Ordering::Relaxed);
        let _it_looks_after_each = self.searches.jobs.try_send(Job::Leave);
        let deadline = Instant::now() + LEAVE;
        while !self.thread.is_finished() && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }
}

impl Searches {
    /// A place for one question, if any is free.
    pub(crate) fn place(&self) -> Option<Place> {
        Place::take(&self.shared.places, AT_ONCE)
    }

    /// Has a question answered. It comes back where nobody will.
    pub(crate) fn put(&self, asked: Asked) -> Result<(), Asked> {
        match self.jobs.try_send(Job::Search(asked)) {
            Err(TrySendError::Full(Job::Search(asked)) | TrySendError::Disconnected(Job::Search(asked))) => {
                Err(asked)
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The line that says why there is no answer.
    pub(crate) fn refusal(&self, why: &str) -> String {
        Reply::Refused(why.to_owned()).line(&self.program)
    }
}

/// What the thread has.
struct Kept {
    home: Home,
    searches: Searches,
    wakes: SyncSender<Wake>,
    asker: Asker,
    /// With the number that tells of commits of others.
    store: Option<(Store, i64)>,
    recall: Recall,
}

impl Kept {
    fn serve(&mut self, asked: &Receiver<Job>) {
        let mut rests = false;
        loop {
            let job = match asked.recv_timeout(if rests { KEPT_FOR } else { AWAKE_FOR }) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    // one that is not what it was any more would keep others from opening it anew
                    if rests || self.store.as_ref().is_some_and(|(store, _)| store.in_place().is_err()) {
                        self.forget();
                    } else {
                        self.rest();
                    }
                    heap::give_back();
                    rests = true;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            rests = false;
            if self.searches.shared.leaving.load(Ordering::Relaxed) {
                return;
            }
            match job {
                // nobody waits any more, and those behind it would wait for nothing
                Job::Search(asked) if asked.at.elapsed() >= PATIENCE => {}
                Job::Search(asked) => {
                    let answer = self.answered(&asked.line);
                    give(asked, answer.into_bytes());
                }
                Job::Leave => return,
            }
        }
    }

    fn answered(&mut self, line: &[u8]) -> String {
        let program = Arc::clone(&self.searches.program);
        let question = Question::read(line, &program).and_then(|question| {
            let ask = shape::ask(&question)?;
            Ok((question.store, ask))
        });
        let reply = match question {
            Ok((store, ask)) => self.guarded(&store, &ask),
            Err(why) => Reply::Refused(why),
        };
        reply.line(&program)
    }

    fn guarded(&mut self, store: &str, ask: &Ask) -> Reply {
        let why = match catch_unwind(AssertUnwindSafe(|| self.search(store, ask))) {
            Ok(Ok(answer)) => {
                let now = Some(Instant::now());
                *self.searches.shared.last.lock().unwrap_or_else(PoisonError::into_inner) = now;
                return Reply::Found(Box::new(answer));
            }
            Ok(Err(why)) => why,
            Err(_panic) => {
                let _one_line_of_the_log = self.wakes.try_send(Wake::SearchStumbled);
                "the daemon stumbled over this question".to_owned()
            }
        };
        self.forget();
        Reply::Refused(why)
    }

    fn search(&mut self, wanted: &str, ask: &Ask) -> Result<Answer, String> {
        let is_wanted = |store: &Store| shape::store_of(store).as_deref() == Some(wanted);
        let is_as_it_was = |(store, commits): &(Store, i64)| {
            is_wanted(store) && store.can_go_on() && store.commits_of_others().ok() == Some(*commits)
        };
        let (store, commits) = match self.store.take().filter(is_as_it_was) {
            Some(kept) => kept,
            None => self.opened().map_err(|error| error.to_string())?,
        };
        if !is_wanted(&store) {
            return Err("another store is meant".to_owned());
        }
        let answer = self.recall.search(&store, ask).map_err(|error| error.to_string())?;
        self.store = Some((store, commits));
        Ok(shape::answer(answer))
    }

    /// The store as it is now. What is kept of the index holds as long as the index says so itself, and hides from a search
    /// what became of the tables meanwhile; so they are looked at, and by a connection that keeps nothing of them either.
    fn opened(&self) -> Result<(Store, i64), StoreError> {
        let store = Store::open_read(&self.home.store())?;
        let commits = store.commits_of_others()?;
        glance(&store)?;
        Ok((store, commits))
    }

    /// The connection goes too, with the pages it keeps: to open it anew takes less than the model does.
    fn rest(&mut self) {
        self.store = None;
        self.recall.rest();
    }

    fn forget(&mut self) {
        self.store = None;
        self.recall = Recall::with_meaning(&self.home, true).asking(self.asker.clone());
    }
}

/// Writes an answer. Here as much as is taken at once, which is all of it but for a client that does not read: a thread less
/// to wait for. For the rest it has a thread of its own.
fn give(asked: Asked, mut answer: Vec<u8>) {
    let Asked { stream, place, .. } = asked;
    match line::write_at_once(&stream, &answer) {
        Ok(written) if written < answer.len() => {
            answer.drain(..written);
            let wait_for_it = move || {
                let _client_is_gone = line::write(&stream, Instant::now() + IS_TAKEN, &answer);
                drop(place);
            };
            let _no_memory_for_the_rest = std::thread::Builder::new().stack_size(STACK).spawn(wait_for_it);
        }
        _all_of_it_or_the_client_is_gone => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use mem_core::time::Timestamp;

    use super::*;

    /// Asks, and reads what comes back; none where the daemon hangs up.
    fn asked(searches: &Searches, question: &Question) -> Option<Reply> {
        let (stream, ours) = UnixStream::pair().unwrap();
        let line = question.line("1.2.3").trim_end().as_bytes().to_vec();
        let place = searches.place().unwrap();
        drop(searches.put(Asked { line, stream, place, at: Instant::now() }));
        let line = line::read(&ours, Instant::now() + Duration::from_secs(20), |_| Some(1 << 20)).ok()?;
        Some(Reply::read(&line, "1.2.3"))
    }

    #[test]
    fn an_answer_is_activity_and_a_refusal_is_none() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("h"));
        home.create().unwrap();
        let (wakes, _woken) = mpsc::sync_channel(1);
        let searching = Searching::begin(home.clone(), "1.2.3", wakes, Asker::default());
        let mut question = Question { text: "zebra".into(), zone: Some("UTC".into()), ..Question::default() };
        let refused = |reply| matches!(reply, Some(Reply::Refused(_)));
        assert!(refused(asked(&searching.searches, &question)), "there is no store");
        let backups = home.path(mem_core::layout::BACKUPS);
        let store = Store::open(&home.store(), Timestamp(7), &backups).unwrap();
        assert!(refused(asked(&searching.searches, &question)), "another store");
        assert_eq!(searching.last(), None);
        question.store = shape::store_of(&store).unwrap();
        let found = asked(&searching.searches, &question);
        assert!(matches!(found, Some(Reply::Found(_))), "{found:?}");
        assert!(searching.last().is_some());
        let searches = searching.searches.clone();
        searching.end();
        assert_eq!(asked(&searches, &question), None, "the line is cut");
        assert!(searches.place().is_some(), "and no place is lost");
    }

    #[test]
    fn after_a_rest_the_answer_is_the_same_from_a_connection_that_is_new() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("h"));
        home.create().unwrap();
        let store = Store::open(&home.store(), Timestamp(7), &home.path(mem_core::layout::BACKUPS)).unwrap();
        let (jobs, _asked) = sync_channel(1);
        let (wakes, _woken) = mpsc::sync_channel(1);
        let searches = Searches { jobs, program: "1.2.3".into(), shared: Arc::default() };
        let recall = Recall::with_meaning(&home, true);
        let mut kept = Kept { home, searches, wakes, asker: Asker::default(), store: None, recall };
        let question = Question {
            text: "zebra".into(),
            zone: Some("UTC".into()),
            store: shape::store_of(&store).unwrap(),
            ..Question::default()
        };
        let line = question.line("1.2.3").trim_end().as_bytes().to_vec();
        let before = kept.answered(&line);
        assert!(before.starts_with("found "), "{before}");
        assert!(kept.store.is_some(), "kept for the next question");
        kept.rest();
        assert!(kept.store.is_none());
        assert_eq!(kept.answered(&line), before);
    }
}
