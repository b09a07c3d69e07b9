//! What is done about meaning in each round of the daemon's work: the folder looked at, what came back written, the next
//! batch handed out, and what is left over removed.
//!
//! Everything here is called by the holder of the inbox lock and takes some milliseconds at most; the computing is the
//! thread's.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use mem_core::time::Timestamp;
use mem_embed::{DIM, NAME, Vector};
use mem_store::{NewVector, Store, StoreError, VectorModel};

use super::ask::Asker;
use super::embedder::{Embedder, News, Order};
use super::endpoint::{DIMENSION, Endpoint};
use super::look::Look;
use super::remote::{Next, Remote};
use super::spending::RUN;
use super::standing::MODEL;
use super::trouble::{self, Trouble};
use crate::embedding_model;
use crate::event::Wake;
use crate::home::Home;
use crate::log::{Level, Log};
use crate::recall;

/// Texts in a batch: a tenth of a second of the thread's time on a machine of today.
const BATCH: usize = 16;
/// Vectors that are looked at or removed in one step.
const REMOVED: usize = 1024;
/// Time between two looks at the folder.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stepped {
    /// Whether a batch is out, or there is more to do.
    pub busy: bool,
    /// Whether the next step can be taken at once.
    pub again: bool,
    /// Whether something is on record that was not, or no longer.
    pub told: bool,
    /// When to step again at the latest.
    pub next: Option<Timestamp>,
}

/// The state of it.
pub struct Meaning {
    folder: PathBuf,
    wakes: SyncSender<Wake>,
    asker: Asker,
    /// The service, where one is set: the folder is not looked at then.
    remote: Option<Remote>,
    /// One that is no longer wanted.
    leaving: Option<Remote>,
    /// Whether what an earlier daemon left open in the ledger is dealt with.
    began: bool,
    embedder: Option<Embedder>,
    looked: Option<Instant>,
    /// What the folder looked like then.
    look: Look,
    state: State,
    /// What was heard and is not dealt with yet.
    heard: Vec<News>,
    /// Whether a batch is out.
    out: bool,
    /// Texts that were stumbled over once: they are tried alone.
    stumbled: BTreeSet<i64>,
    /// The vector behind which sweeping goes on.
    swept: i64,
    /// How often the tables turned out to be damaged. The first time the index is begun anew, and with it what is damaged of
    /// ours; what is wrong then is not mended by that, and meaning rests until the daemon starts again.
    damaged: u32,
}

/// What is known of the model.
#[derive(Debug)]
enum State {
    /// There is none.
    Absent,
    /// It is being read.
    Opening,
    /// It embeds. Its fingerprint.
    Ready(String),
    /// It cannot be used.
    Refused(Trouble),
}

impl Meaning {
    /// Nothing is looked at yet. The thread reports into `wakes`.
    pub fn new(home: &Home, wakes: SyncSender<Wake>) -> Self {
        Self {
            folder: embedding_model::folder(home),
            wakes,
            asker: Asker::default(),
            remote: None,
            leaving: None,
            began: false,
            embedder: None,
            looked: None,
            look: Look::Unknown,
            state: State::Absent,
            heard: Vec::new(),
            out: false,
            stumbled: BTreeSet::new(),
            swept: 0,
            damaged: 0,
        }
    }

    /// What embeds questions where a service does: searches have a clone of it.
    pub fn asker(&self) -> Asker {
        self.asker.clone()
    }

    /// Where vectors come from, from here on: a service, or the folder where there is none.
    pub fn choose(&mut self, endpoint: Option<Endpoint>) {
        match (&mut self.remote, &endpoint) {
            (None, None) => return,
            (Some(remote), Some(endpoint)) if remote.is(endpoint) => {
                remote.change(endpoint.clone());
                return;
            }
            _ => {}
        }
        if let Some(mut remote) = self.remote.take() {
            remote.let_go();
            // of several that were set within one step all but the first have sent nothing
            self.leaving.get_or_insert(remote);
        }
        self.begin_again();
        self.state = State::Absent;
        self.remote = endpoint.map(|found| Remote::new(found, self.wakes.clone(), self.asker.clone()));
    }

    /// Ends what is out.
    ///
    /// # Errors
    /// [`StoreError`]; the next daemon finds what was left open.
    pub fn end(&mut self, store: &mut Store) -> Result<(), StoreError> {
        self.remote.as_mut().map_or(Ok(()), |remote| remote.leave(store))
    }

    /// Takes news of the thread, for the next step.
    pub fn hear(&mut self, news: News) {
        match (news, &mut self.remote) {
            (News::Answered(answered), Some(remote)) => remote.hear(answered),
            (news, _) => self.heard.push(news),
        }
    }

    /// Has the folder looked at in the next step: somebody nudged.
    pub fn look_soon(&mut self) {
        self.looked = None;
    }

    /// One step. `free` says that nothing else is left to do.
    ///
    /// # Errors
    /// [`StoreError`]; what came back and was not written is written with the next step.
    pub fn step(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        now: Timestamp,
        free: bool,
    ) -> Result<Stepped, StoreError> {
        if self.damaged > 1 {
            return Ok(Stepped::default());
        }
        match self.step_on(store, log, now, free) {
            Err(error @ StoreError::Index { .. }) => {
                self.damaged += 1;
                if self.damaged > 1 {
                    log.line(
                        Level::Error,
                        &format!("nothing more is embedded until the next start: {error}"),
                    );
                    (self.embedder, self.remote) = (None, None);
                    return Ok(Stepped::default());
                }
                recall::begin_anew(store)?;
                Ok(Stepped { busy: true, again: true, ..Stepped::default() })
            }
            stepped => stepped,
        }
    }

    fn step_on(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        now: Timestamp,
        free: bool,
    ) -> Result<Stepped, StoreError> {
        let mut stepped = Stepped { told: self.begin(store, now)?, ..Stepped::default() };
        while let Some(news) = self.heard.first() {
            stepped.told |= match news {
                News::Opened { .. } => self.opened(store, log, now)?,
                News::Embedded { .. } => self.embedded(store, log).map(|()| false)?,
                News::Changed => {
                    self.open_again();
                    false
                }
                // of a service that is no longer set, or read from the purse itself
                News::Answered(_) | News::Poor => false,
            };
            // only now: an error leaves it for the next step
            self.heard.remove(0);
        }
        if self.remote.is_some() {
            return self.step_remote(store, log, free, stepped);
        }
        if self.embedder.as_ref().is_some_and(Embedder::is_gone) {
            self.begin_again();
        }
        stepped.told |= self.look_around(store, log, now)?;
        if free && !self.out {
            stepped.again = match &self.state {
                State::Ready(fingerprint) => {
                    let fingerprint = fingerprint.clone();
                    self.hand_out(store, &fingerprint)?
                }
                _ => self.sweep(store)?,
            };
        }
        stepped.busy = self.out || stepped.again || matches!(self.state, State::Opening);
        Ok(stepped)
    }

    /// What an earlier daemon left open is lost, and what is no longer wanted leaves. Whether the record changed.
    fn begin(&mut self, store: &mut Store, now: Timestamp) -> Result<bool, StoreError> {
        if !self.began {
            store.write(|tx| tx.lose_trials(RUN, now))?;
            self.began = true;
        }
        let Some(leaving) = &mut self.leaving else { return Ok(false) };
        leaving.leave(store)?;
        let told = store.write(|tx| {
            if self.remote.is_none() {
                tx.set_mark(DIMENSION, None, now)?;
            }
            trouble::clear(tx)
        })?;
        self.leaving = None;
        Ok(told)
    }

    /// The rest of a step where a service makes the vectors.
    fn step_remote(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        free: bool,
        mut stepped: Stepped,
    ) -> Result<Stepped, StoreError> {
        let Some(remote) = &mut self.remote else { return Ok(stepped) };
        stepped.told |= remote.take(store, log)?;
        let mut done = None;
        if free {
            let (next, told) = remote.send(store, log)?;
            stepped.told |= told;
            match next {
                Next::Wait => {}
                Next::Again => stepped.again = true,
                Next::Done(model) => done = Some(model),
            }
        }
        (stepped.busy, stepped.next) = (remote.is_out(), remote.next());
        if let Some(model) = done {
            stepped.again = self.tidy(store, &model)?;
        }
        stepped.busy |= stepped.again;
        Ok(stepped)
    }

    /// Forgets what the folder looked like, so that the model is read again.
    fn open_again(&mut self) {
        (self.out, self.looked, self.look) = (false, None, Look::Unknown);
    }

    /// The same with another thread.
    fn begin_again(&mut self) {
        self.embedder = None;
        self.open_again();
    }

    /// Looks at the folder from time to time, and has a model that is new there read. Whether the record changed.
    fn look_around(&mut self, store: &mut Store, log: &mut Log, now: Timestamp) -> Result<bool, StoreError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < BETWEEN_LOOKS) {
            return Ok(false);
        }
        self.looked = Some(Instant::now());
        let look = Look::at(&self.folder);
        if self.look == look {
            return self.tell_again(store, now);
        }
        self.look = look.clone();
        if look == Look::Absent {
            self.state = State::Absent;
            // the thread ends, and the model with it
            self.embedder = None;
            self.out = false;
            return store.write(trouble::clear);
        }
        self.state = State::Opening;
        if self.embedder.is_none() {
            match Embedder::start(self.folder.clone(), self.wakes.clone()) {
                Ok(embedder) => self.embedder = Some(embedder),
                Err(error) => log.line(Level::Warn, &format!("no thread to embed in: {error}")),
            }
        }
        if !self.embedder.as_ref().is_some_and(|embedder| embedder.order(Order::Open(look))) {
            // tried again with the next look
            (self.embedder, self.state, self.look) = (None, State::Absent, Look::Unknown);
        }
        Ok(false)
    }

    /// Somebody took the trouble off the record, and it is none the less there.
    fn tell_again(&self, store: &mut Store, now: Timestamp) -> Result<bool, StoreError> {
        let State::Refused(trouble) = &self.state else { return Ok(false) };
        if store.faults()?.iter().any(|fault| fault.kind == trouble.kind) {
            return Ok(false);
        }
        store.write(|tx| tx.fault(trouble.kind, &trouble.said, now))?;
        Ok(true)
    }

    /// The model was read. Whether the record changed.
    fn opened(&mut self, store: &mut Store, log: &mut Log, now: Timestamp) -> Result<bool, StoreError> {
        let Some(News::Opened { look, read }) = self.heard.first() else { return Ok(false) };
        if self.look != *look {
            // it has changed meanwhile, and is being read again
            return Ok(false);
        }
        match read {
            Ok(fingerprint) => {
                let told = store.write(|tx| {
                    tx.vector_model(NAME, DIM, fingerprint)?;
                    tx.set_mark(MODEL, Some(fingerprint), now)?;
                    trouble::clear(tx)
                })?;
                log.line(Level::Info, &format!("the embedding model is {NAME} ({fingerprint})"));
                self.state = State::Ready(fingerprint.clone());
                Ok(told)
            }
            Err(trouble) => {
                store.write(|tx| {
                    trouble::clear(tx)?;
                    tx.fault(trouble.kind, &trouble.said, now)
                })?;
                log.line(Level::Warn, &trouble.said);
                self.state = State::Refused(trouble.clone());
                Ok(true)
            }
        }
    }

    /// Writes what came back, unless the model is another one by now.
    fn embedded(&mut self, store: &mut Store, log: &mut Log) -> Result<(), StoreError> {
        let Some(News::Embedded { fingerprint, vectors, stumbled }) = self.heard.first() else {
            return Ok(());
        };
        let (mut vectors, stumbled) = (vectors.clone(), *stumbled);
        let given_up = stumbled.filter(|text| self.stumbled.contains(text));
        vectors.extend(given_up.map(|text| (text, Vector::NOTHING)));
        if matches!(&self.state, State::Ready(ours) if ours == fingerprint) {
            let new: Vec<NewVector<'_>> = vectors
                .iter()
                .map(|(hash, vector)| NewVector { hash: *hash, scale: vector.scale, values: &vector.values })
                .collect();
            store.write(|tx| {
                let model = tx.vector_model(NAME, DIM, fingerprint)?;
                tx.put_vectors(model.id, &new)
            })?;
        }
        self.out = false;
        if let Some(text) = stumbled {
            let tried_twice = !self.stumbled.insert(text) && self.stumbled.remove(&text);
            let then = if tried_twice { "it is found by its words only" } else { "it is tried once more" };
            log.line(Level::Warn, &format!("embedding stumbled over text {text:016x}: {then}"));
        }
        Ok(())
    }

    /// Hands out the next batch; where there is none, removes what is left over. Whether the next step can follow at once.
    fn hand_out(&mut self, store: &mut Store, fingerprint: &str) -> Result<bool, StoreError> {
        let (model, next) = store.write(|tx| {
            let model = tx.vector_model(NAME, DIM, fingerprint)?;
            let next = tx.texts_to_embed(model.id, BATCH)?;
            Ok((model, next))
        })?;
        if !next.left {
            return self.tidy(store, &model);
        }
        let mut texts = next.texts;
        if let Some(at) = texts.iter().position(|text| self.stumbled.contains(&text.hash)) {
            // alone, so that it costs no others again
            let suspect = texts.swap_remove(at);
            texts = vec![suspect];
        }
        if texts.is_empty() {
            return Ok(true);
        }
        let order = Order::Embed { fingerprint: fingerprint.to_owned(), texts };
        self.out = self.embedder.as_ref().is_some_and(|embedder| embedder.order(order));
        if !self.out {
            self.begin_again();
        }
        Ok(false)
    }

    /// All is embedded: the vectors of models before this one go, then those of texts that are gone.
    fn tidy(&mut self, store: &mut Store, model: &VectorModel) -> Result<bool, StoreError> {
        let state = store.index_state()?;
        // while the index is built, nothing tells that the new model knows all the old one does
        if !state.building
            && let Some(old) = store.vector_models()?.into_iter().find(|other| other.id != model.id)
        {
            store.write(|tx| tx.forget_vectors(old.id, REMOVED))?;
            return Ok(true);
        }
        self.sweep(store)
    }

    fn sweep(&mut self, store: &mut Store) -> Result<bool, StoreError> {
        if store.vector_models()?.is_empty() {
            return Ok(false);
        }
        let from = self.swept;
        let next = store.write(|tx| tx.sweep_vectors(from, REMOVED))?;
        self.swept = next.unwrap_or_default();
        Ok(next.is_some())
    }
}
