//! The thread that asks a service for vectors: one request after the other, cut at once when its owner lets go.
//!
//! It reports and decides nothing, and does not touch the store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use mem_core::fault::{Fault, FaultKind};
use mem_observer::http::{Embedded, Embeddings, Keys, VectorPlace};
use mem_observer::model::Rope;

use super::embedder::News;
use crate::event::Wake;

/// Rounds so far: whoever asked before, in this process, had other numbers.
static ROUNDS: AtomicU64 = AtomicU64::new(0);

/// Texts to be asked for.
#[derive(Debug)]
pub(super) struct Round {
    /// Tells answers apart: one to what was given up is no news.
    pub(super) number: u64,
    /// The texts as they are sent.
    pub(super) texts: Vec<String>,
}

impl Round {
    /// A round that had no number before.
    pub(super) fn of(texts: Vec<String>) -> Self {
        Self { number: ROUNDS.fetch_add(1, Ordering::Relaxed), texts }
    }
}

/// What came of a round.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Of which round.
    pub number: u64,
    /// The vectors, or why there are none.
    pub result: Result<Embedded, Fault>,
}

/// The thread as its owner sees it. It ends, and its request with it, when this is dropped.
#[derive(Debug)]
pub(super) struct Caller {
    rounds: Sender<Round>,
    rope: Rope,
    thread: JoinHandle<()>,
}

impl Caller {
    /// Starts the thread.
    ///
    /// # Errors
    /// A fault of setup, with its remedy; one of transport when the system gives no thread.
    pub(super) fn start(
        place: &VectorPlace,
        keys: &Keys,
        patience: Duration,
        wakes: SyncSender<Wake>,
    ) -> Result<Self, Fault> {
        let service = Embeddings::open(place, keys, patience)?;
        let rope = service.rope();
        let (rounds, queue) = mpsc::channel::<Round>();
        let live = move || {
            for Round { number, texts } in queue {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let result = service.embed(&texts);
                if wakes.send(Wake::Meaning(News::Answered(Answered { number, result }))).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("vectors".to_owned()).spawn(live);
        let none = |error| Fault::free(FaultKind::Transport, format!("no thread to ask in: {error}"));
        Ok(Self { rounds, rope, thread: thread.map_err(none)? })
    }

    /// Whether the thread has ended, which it does only when something went wrong that nobody thought of.
    pub(super) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }

    /// Gives texts to ask for; whether somebody takes them.
    pub(super) fn order(&self, round: Round) -> bool {
        self.rounds.send(round).is_ok()
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.rope.cut();
    }
}
