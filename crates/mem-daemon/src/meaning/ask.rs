//! The vector of a question, from the service: at once, or not this time.
//!
//! A search waits for it within a deadline and goes by words where none came. What comes too late is kept for the next time
//! the same is asked. A service that fails or is slow is left alone for a while, so that it does not cost every search its
//! deadline. Searches cannot write into the ledger, so what questions may take is put down before, for many at once, by
//! who can (see [`Purse`]); where nobody can, only a service that costs nothing is asked.

use std::collections::VecDeque;
use std::fmt;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mem_core::fault::{Fault, FaultKind};
use mem_core::id::RequestId;
use mem_embed::{PUBLISHED, quantise};
use mem_logic::spend;
use mem_observer::http::{Embedded, Embeddings};
use mem_store::{Reader, StoreError};

use super::embedder::News;
use super::endpoint::{Endpoint, fingerprint, known};
use super::rest::Rest;
use super::serving::Sources;
use crate::embedding_model::folder;
use crate::event::Wake;
use crate::home::Home;
use crate::inbox::drain::now;

/// Questions whose vectors are kept.
const KEPT: usize = 64;
/// Characters of a question that are embedded: what comes behind them changes little, and costs.
const LONGEST: usize = 2000;
/// How long an answer is taken in, whoever still waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many late answers in a row, and the service is left alone for so long, in ms.
const LATE: u32 = 3;
const LATE_REST: i64 = 60_000;
/// Tokens put down for questions at a time, some hundred of them, and how few of them left call for the next.
pub(super) const PURSE: u64 = 4000;
const LITTLE: u64 = PURSE / 4;

/// What embeds questions. Clones are the same one.
#[derive(Clone, Default)]
pub struct Asker {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// Whether a service is set at all.
    chosen: bool,
    model: Option<Model>,
    purse: Option<Purse>,
    /// Who fills the purse.
    wakes: Option<SyncSender<Wake>>,
    /// The last questions, the newest behind.
    kept: VecDeque<(String, Vec<i8>, f32)>,
    busy: bool,
    late: u32,
    rest: Rest,
}

/// Whom to ask, and what to expect.
#[derive(Clone)]
struct Model {
    endpoint: Endpoint,
    service: Arc<Embeddings>,
    local: bool,
    dimension: usize,
    fingerprint: String,
}

/// What questions may take: a row of the ledger that was written before, and what is left of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Purse {
    request: Option<RequestId>,
    left: u64,
    used: u64,
}

/// What a row of the ledger was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) request: RequestId,
    pub(super) tokens: u64,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asker").field(&self.fingerprint()).finish()
    }
}

impl Asker {
    /// One for a process that is not the daemon and can write nothing down: of a service that costs nothing and has
    /// answered before; any other answers nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn here(endpoint: Option<Endpoint>, store: &Reader) -> Result<Self, StoreError> {
        let asker = Self::default();
        let Some(endpoint) = endpoint else { return Ok(asker) };
        asker.lock().chosen = true;
        let Ok((place, _)) = endpoint.place() else { return Ok(asker) };
        if endpoint.is_free(&place)
            && let Some(dimension) = known(store, &place)?
        {
            asker.serve(&endpoint, dimension, None);
        }
        Ok(asker)
    }

    /// What tells the vectors it gives from all others; none while there is nobody to ask.
    pub fn fingerprint(&self) -> Option<String> {
        self.lock().model.as_ref().map(|model| model.fingerprint.clone())
    }

    /// Where vectors come from, for [`super::serving()`].
    pub fn sources(&self, home: &Home) -> Sources {
        let published = || PUBLISHED.to_owned();
        let chosen = self.lock().chosen;
        Sources {
            chosen: if chosen { self.fingerprint() } else { Some(published()) },
            installed: folder(home).is_dir().then(published),
        }
    }

    /// The numbers of a question and their scale; none where they do not come within the deadline.
    pub fn embed(&mut self, text: &str, deadline: Duration) -> Option<(Vec<i8>, f32)> {
        let (model, text, estimate) = {
            let mut shared = self.lock();
            let model = shared.model.clone()?;
            let text = prepared(&model, text)?;
            if let Some(at) = shared.kept.iter().position(|(known, ..)| *known == text) {
                let found = shared.kept.remove(at)?;
                shared.kept.push_back(found.clone());
                return Some((found.1, found.2));
            }
            if shared.busy || !shared.rest.is_over(now()) {
                return None;
            }
            let settings = &model.endpoint.settings;
            let estimate = spend::embedding_estimate(settings, model.local, [text.as_str()]).tokens;
            if !shared.afford(estimate) {
                return None;
            }
            shared.busy = true;
            (model, text, estimate)
        };
        let (tell, told) = sync_channel(1);
        let shared = Arc::clone(&self.shared);
        let ask = move || {
            let answer = model.service.embed(&[&text]);
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let _nobody_waits_any_more = tell.send(shared.take(&model, text, estimate, answer));
        };
        if std::thread::Builder::new().name("question".to_owned()).spawn(ask).is_err() {
            self.lock().busy = false;
            return None;
        }
        let in_time = told.recv_timeout(deadline);
        let mut shared = self.lock();
        shared.late = if in_time.is_ok() { 0 } else { shared.late + 1 };
        if shared.late >= LATE {
            shared.late = 0;
            shared.rest.hold(now().plus_ms(LATE_REST));
        }
        in_time.ok().flatten()
    }

    /// A service is set, and nobody has asked it yet; or none is.
    pub(super) fn choose(&self, chosen: bool) {
        // what is on its way is of another service
        *self.lock() = Shared { chosen, ..Shared::default() };
    }

    /// Questions are for this service from now on. What they take comes from a purse where `wakes` are given.
    pub(super) fn serve(&self, endpoint: &Endpoint, dimension: usize, wakes: Option<SyncSender<Wake>>) {
        let Ok((place, keys)) = endpoint.place() else { return };
        let Ok(service) = Embeddings::open(&place, &keys, PATIENCE) else { return };
        let fingerprint = fingerprint(&place, dimension);
        let mut shared = self.lock();
        if shared.model.as_ref().is_some_and(|model| model.fingerprint != fingerprint) {
            shared.kept.clear();
        }
        let (endpoint, service) = (endpoint.clone(), Arc::new(service));
        shared.model = Some(Model { endpoint, service, local: place.local, dimension, fingerprint });
        shared.rest.well();
        if wakes.is_some() {
            shared.purse = shared.purse.or(Some(Purse::default()));
            shared.wakes = wakes;
        }
    }

    /// Whether what questions may take is used up, or nearly.
    pub(super) fn is_poor(&self) -> bool {
        self.lock().purse.is_some_and(|purse| purse.left < LITTLE)
    }

    /// Questions may take so much more of a row of the ledger that is committed.
    pub(super) fn fill(&self, request: RequestId, tokens: u64) {
        self.lock().purse = Some(Purse { request: Some(request), left: tokens, used: 0 });
    }

    /// Takes the purse away; what was taken from it, where there was anything in it.
    pub(super) fn close(&self) -> Option<Closed> {
        let purse = self.lock().purse.as_mut().map(std::mem::take)?;
        Some(Closed { request: purse.request?, tokens: purse.used })
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Takes so many tokens out of the purse, where there has to be one.
    fn afford(&mut self, tokens: u64) -> bool {
        let Some(purse) = &mut self.purse else { return true };
        let enough = purse.request.is_some() && purse.left >= tokens;
        if enough {
            (purse.left, purse.used) = (purse.left - tokens, purse.used + tokens);
        }
        if purse.left < LITTLE
            && let Some(wakes) = &self.wakes
        {
            let _other_reasons_wake_it_too = wakes.try_send(Wake::Meaning(News::Poor));
        }
        enough
    }

    /// An answer came, for whoever still waits.
    fn take(
        &mut self,
        model: &Model,
        text: String,
        estimate: u64,
        answer: Result<Embedded, Fault>,
    ) -> Option<(Vec<i8>, f32)> {
        let ours = self.model.as_ref().is_some_and(|ours| ours.fingerprint == model.fingerprint);
        if !ours {
            return None;
        }
        self.busy = false;
        let told = answer.as_ref().map_or_else(|fault| (!fault.paid).then_some(0), |answer| answer.tokens);
        if let (Some(told), Some(purse)) = (told, &mut self.purse) {
            purse.used = purse.used.saturating_sub(estimate).saturating_add(told);
        }
        let numbers = answer.and_then(|answer| fitting(answer, model.dimension));
        let (values, scale) = match numbers {
            Ok(found) => found,
            Err(fault) => {
                let _told_when_passages_are_embedded = self.rest.failed(&fault, now());
                return None;
            }
        };
        self.rest.well();
        self.kept.push_back((text, values.clone(), scale));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        Some((values, scale))
    }
}

/// A question as it is sent; none where nothing is left of it.
fn prepared(model: &Model, text: &str) -> Option<String> {
    let mut text: String = text.trim().chars().take(LONGEST).collect();
    let _nothing_to_count = model.endpoint.capture.scrub_text(&mut text);
    (!is_blank(&text)).then_some(text)
}

fn fitting(answer: Embedded, dimension: usize) -> Result<(Vec<i8>, f32), Fault> {
    let wrong = || Fault::perhaps_paid(FaultKind::Misbehaved, "a question had a vector of another length");
    let numbers = answer.vectors.first().filter(|numbers| numbers.len() == dimension).ok_or_else(wrong)?;
    let mut values = vec![0; dimension];
    let scale = quantise(numbers, &mut values).ok_or_else(wrong)?;
    Ok((values, scale))
}

/// Whether a text has nothing that could be embedded; services refuse such.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control())
}
