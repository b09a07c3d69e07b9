//! The thread that embeds: one order after the other, at the lowest priority, with the model in memory only while it is
//! of use.
//!
//! It reports and decides nothing, and does not touch the store. A panic costs the batch.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use mem_embed::{Model, PUBLISHED, Vector};
use mem_store::TextToEmbed;

use super::caller::Answered;
use super::look::Look;
use super::trouble::Trouble;
use crate::event::Wake;
use crate::idle::heap;

/// How long the model stays in memory with nothing to do.
const KEPT: Duration = Duration::from_secs(60);
/// The lowest priority there is.
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// What the thread is to do.
#[derive(Debug)]
pub(super) enum Order {
    /// To read the model anew, which looks like this.
    Open(Look),
    /// To embed texts with the model of that fingerprint.
    Embed {
        /// Whose vectors are wanted.
        fingerprint: String,
        /// The texts.
        texts: Vec<TextToEmbed>,
    },
}

/// What the thread tells the daemon.
#[derive(Debug)]
pub enum News {
    /// The model was read, or cannot be.
    Opened {
        /// What it looked like when that was ordered.
        look: Look,
        /// Its fingerprint.
        read: Result<String, Trouble>,
    },
    /// A batch came to its end.
    Embedded {
        /// Whose vectors these are.
        fingerprint: String,
        /// The vectors, by the hashes of their texts.
        vectors: Vec<(i64, Vector)>,
        /// The text over which it stumbled; what came behind it was not looked at.
        stumbled: Option<i64>,
    },
    /// The model in the folder is not, or no longer, the one that was to embed: it has to be opened again.
    Changed,
    /// A service answered, or did not.
    Answered(Answered),
    /// What questions may take of the ledger is used up, or nearly.
    Poor,
}

/// The thread as its owner sees it. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Embedder {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
}

impl Embedder {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(folder: PathBuf, wakes: SyncSender<Wake>) -> io::Result<Self> {
        let (orders, queue) = mpsc::channel();
        let named = std::thread::Builder::new().name("embedder".to_owned());
        let thread = named.spawn(move || live(&folder, &queue, &wakes))?;
        Ok(Self { orders, thread })
    }

    /// Whether the thread has ended, which it does only when something went wrong that nobody thought of.
    pub(super) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }

    /// Gives an order; whether somebody takes it.
    pub(super) fn order(&self, order: Order) -> bool {
        self.orders.send(order).is_ok()
    }
}

fn live(folder: &Path, queue: &Receiver<Order>, wakes: &SyncSender<Wake>) {
    step_back();
    let mut held: Option<Model> = None;
    loop {
        let order = if held.is_some() {
            match queue.recv_timeout(KEPT) {
                Err(RecvTimeoutError::Timeout) => {
                    held = None;
                    heap::give_back();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => order,
            }
        } else {
            let Ok(order) = queue.recv() else { return };
            order
        };
        let news = match order {
            Order::Open(look) => {
                // two at once would be twice the memory
                held = None;
                let read = open(folder).map(|model| held.insert(model).fingerprint().to_owned());
                News::Opened { look, read }
            }
            Order::Embed { fingerprint, texts } => embed(folder, &mut held, fingerprint, &texts),
        };
        if wakes.send(Wake::Meaning(news)).is_err() {
            return;
        }
    }
}

/// Everything else on the machine comes first. Elsewhere than on Linux only whole processes can be asked to step back, and
/// ours has hooks waiting for it.
fn step_back() {
    #[cfg(target_os = "linux")]
    let _works_all_the_same = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

/// Reads the model of a folder; any other than the published one has numbers that nobody measured.
pub(crate) fn open(folder: &Path) -> Result<Model, Trouble> {
    match catch_unwind(|| Model::load(folder)) {
        Ok(Ok(model)) if model.fingerprint() != PUBLISHED => Err(Trouble::unpublished(folder)),
        Ok(loaded) => loaded.map_err(|error| Trouble::of(&error)),
        Err(_panic) => Err(Trouble::stumbled()),
    }
}

fn embed(folder: &Path, held: &mut Option<Model>, fingerprint: String, texts: &[TextToEmbed]) -> News {
    let model = match held {
        Some(model) => model,
        None => match open(folder) {
            Ok(model) => held.insert(model),
            Err(_told_when_it_is_opened_again) => return News::Changed,
        },
    };
    if model.fingerprint() != fingerprint {
        return News::Changed;
    }
    let (vectors, stumbled) = embed_each(texts, |text| model.embed_one(text));
    if stumbled.is_some() {
        // whatever state it was left in
        *held = None;
    }
    News::Embedded { fingerprint, vectors, stumbled }
}

/// The vectors of texts, up to the first that cannot be embedded at all.
fn embed_each(
    texts: &[TextToEmbed],
    mut embed: impl FnMut(&str) -> Vector,
) -> (Vec<(i64, Vector)>, Option<i64>) {
    let mut vectors = Vec::with_capacity(texts.len());
    for text in texts {
        match catch_unwind(AssertUnwindSafe(|| embed(&text.text))) {
            Ok(vector) => vectors.push((text.hash, vector)),
            Err(_panic) => return (vectors, Some(text.hash)),
        }
    }
    (vectors, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_costs_what_comes_behind_it_and_names_its_text() {
        let texts: Vec<TextToEmbed> =
            (1..=4).map(|hash| TextToEmbed { hash, text: format!("text {hash}") }).collect();
        let embed = |text: &str| {
            assert!(!text.ends_with('3'), "as a mistake of ours would");
            Vector::NOTHING
        };
        let (vectors, stumbled) = embed_each(&texts, embed);
        assert_eq!((vectors, stumbled), (vec![(1, Vector::NOTHING), (2, Vector::NOTHING)], Some(3)));
        assert_eq!(embed_each(&texts[..2], embed).1, None);
    }
}
