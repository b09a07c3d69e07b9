//! What is done in each round of the daemon's work where a service makes the vectors: what came back written, the next
//! batch put down in the ledger and sent, what fails told and left alone for a while.
//!
//! The answer and what it took are written in one transaction: what is on record is never paid for again, and a request
//! whose answer nobody brought counts by its estimate. Called by the holder of the inbox lock; never waits for the service.

use std::collections::BTreeSet;
use std::sync::mpsc::SyncSender;

use mem_core::fault::{Fault, FaultKind};
use mem_core::id::RequestId;
use mem_core::time::Timestamp;
use mem_embed::{LARGEST_DIM, quantise};
use mem_logic::spend::{self, Spent};
use mem_observer::http::{Embedded, VectorPlace};
use mem_store::{NewVector, Store, StoreError, TextToEmbed, Tx, VectorModel};

use super::ask::{Asker, Closed, PURSE, is_blank};
use super::caller::{Answered, Caller, Round};
use super::endpoint::{DIMENSION, Endpoint, fingerprint, known, mark};
use super::rest::Rest;
use super::spending;
use super::standing::MODEL;
use super::trial::WELL;
use super::trouble::{self, Trouble};
use crate::event::Wake;
use crate::log::{Level, Log};

/// Texts in a request.
const BATCH: usize = 16;
/// What is asked where an answer of any sort tells something: how long its vectors are, or whether the service is well.
pub(super) const PROBE: &str = "dimension";

/// What can be done next.
pub(super) enum Next {
    /// A request is out, or the service is left alone.
    Wait,
    /// The next step can be taken at once.
    Again,
    /// All has its vector.
    Done(VectorModel),
}

/// The state of it.
pub(super) struct Remote {
    endpoint: Endpoint,
    wakes: SyncSender<Wake>,
    asker: Asker,
    reached: Option<Reached>,
    known: Option<Known>,
    out: Option<Out>,
    heard: Option<Answered>,
    rest: Rest,
    /// Texts that were refused together with others: they are sent alone.
    alone: BTreeSet<i64>,
    /// A text that was refused alone: it is at fault, or the service.
    suspect: Option<TextToEmbed>,
    told: Option<Trouble>,
    /// When somebody saw it answer, as far as that was taken into account; nothing before the first look.
    well: Option<Timestamp>,
    /// Whether it was let go, and what questions took until then.
    gone: bool,
    closed: Option<Closed>,
}

struct Reached {
    place: VectorPlace,
    caller: Option<Caller>,
    free: bool,
}

#[derive(Clone)]
struct Known {
    dimension: usize,
    fingerprint: String,
}

/// A request that is out.
#[derive(Clone)]
struct Out {
    number: u64,
    request: Option<RequestId>,
    estimate: Spent,
    /// None of them in a probe.
    texts: Vec<TextToEmbed>,
}

/// A text, its scale and its numbers.
type Row = (i64, f32, Vec<i8>);

impl Remote {
    /// Nothing is asked yet; answers come to `wakes`.
    pub(super) fn new(endpoint: Endpoint, wakes: SyncSender<Wake>, asker: Asker) -> Self {
        asker.choose(true);
        Self {
            endpoint,
            wakes,
            asker,
            reached: None,
            known: None,
            out: None,
            heard: None,
            rest: Rest::default(),
            alone: BTreeSet::new(),
            suspect: None,
            told: None,
            well: None,
            gone: false,
            closed: None,
        }
    }

    /// Whether it is what these settings want.
    pub(super) fn is(&self, endpoint: &Endpoint) -> bool {
        self.endpoint.is(endpoint)
    }

    /// Other ceilings or other rules of redaction hold from here on.
    pub(super) fn change(&mut self, endpoint: Endpoint) {
        self.endpoint = endpoint;
        if self.told.as_ref().is_some_and(Trouble::is_ceiling) {
            self.told = None;
            self.rest.well();
        }
        if let Some(known) = &self.known {
            self.knows(known.dimension);
        }
    }

    /// Takes the answer to a round, for the next step.
    pub(super) fn hear(&mut self, answered: Answered) {
        self.heard = Some(answered);
    }

    /// Whether a request is out.
    pub(super) fn is_out(&self) -> bool {
        self.out.is_some()
    }

    /// When the service may be asked again, where it is left alone.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.rest.until(self.now())
    }

    /// Cuts what is out, and lets no further question through. What that comes to is put down by [`Self::leave`].
    pub(super) fn let_go(&mut self) {
        if !self.gone {
            self.gone = true;
            self.closed = self.asker.close();
            self.asker.choose(false);
        }
        if let Some(reached) = &mut self.reached {
            reached.caller = None;
        }
    }

    /// Ends whatever is out, as perhaps paid for, and puts down what questions took.
    ///
    /// # Errors
    /// [`StoreError`]; the next daemon counts what was left open by its estimate.
    pub(super) fn leave(&mut self, store: &mut Store) -> Result<(), StoreError> {
        self.let_go();
        if let Some(closed) = self.closed {
            self.put_down(store, closed)?;
            self.closed = None;
        }
        let now = self.now();
        if let Some(request) = self.out.as_ref().and_then(|out| out.request) {
            let left = Fault::perhaps_paid(FaultKind::Ended, "the worker left");
            store.write(|tx| spending::fail(tx, request, &left, now))?;
        }
        self.out = None;
        Ok(())
    }

    /// Writes what came back. Whether the record of problems changed.
    pub(super) fn take(&mut self, store: &mut Store, log: &mut Log) -> Result<bool, StoreError> {
        self.look_whether_it_is_well(store)?;
        let mut told = self.tell_again(store)?;
        self.see_whether_it_lives();
        if let Some(answered) = self.heard.clone() {
            // an error leaves it for the next step
            told |= match (self.out.clone(), &answered.result) {
                (Some(out), Ok(embedded)) if out.number == answered.number => {
                    self.answered(store, log, &out, embedded)?
                }
                (Some(out), Err(fault)) if out.number == answered.number => {
                    self.failed(store, log, &out, fault)?
                }
                _ => false,
            };
            self.heard = None;
        }
        Ok(told)
    }

    /// Sends what is next, unless something stands in the way. Whether the record of problems changed.
    pub(super) fn send(&mut self, store: &mut Store, log: &mut Log) -> Result<(Next, bool), StoreError> {
        if self.out.is_some() || !self.rest.is_over(self.now()) {
            return Ok((Next::Wait, false));
        }
        if self.reached.is_none()
            && let Err(fault) = self.reach(store)?
        {
            return self.rests(store, log, &fault).map(|told| (Next::Wait, told));
        }
        if self.asker.is_poor() && self.fill_purse(store, log)? {
            return Ok((Next::Wait, true));
        }
        let Some(known) = self.known.clone().filter(|_| self.suspect.is_none()) else {
            return self.order(store, log, Vec::new());
        };
        let Some(reached) = &self.reached else { return Ok((Next::Wait, false)) };
        let name = reached.place.model.clone();
        let (model, next) = store.write(|tx| {
            let model = tx.vector_model(&name, known.dimension, &known.fingerprint)?;
            let next = tx.texts_to_embed(model.id, BATCH)?;
            Ok((model, next))
        })?;
        if !next.left {
            return Ok((Next::Done(model), false));
        }
        let (blank, mut texts): (Vec<_>, Vec<_>) =
            next.texts.into_iter().partition(|text| is_blank(&text.text));
        if !blank.is_empty() {
            let rows: Vec<Row> = blank.iter().map(|text| (text.hash, 0.0, Vec::new())).collect();
            store.write(|tx| put(tx, &model, &rows))?;
        }
        if let Some(at) = texts.iter().position(|text| self.alone.contains(&text.hash)) {
            texts = vec![texts.swap_remove(at)];
        }
        if texts.is_empty() {
            return Ok((Next::Again, false));
        }
        self.order(store, log, texts)
    }

    /// Where somebody saw it answer since the last look, it needs no rest any longer.
    fn look_whether_it_is_well(&mut self, store: &Store) -> Result<(), StoreError> {
        let seen = store.mark(WELL)?.map_or(Timestamp(0), |(_, at)| at);
        if self.well.is_some_and(|known| seen > known) {
            self.told = None;
            self.rest.well();
        }
        self.well = Some(seen);
        Ok(())
    }

    /// A thread that is gone brings no answer.
    fn see_whether_it_lives(&mut self) {
        let gone = |reached: &Reached| reached.caller.as_ref().is_some_and(Caller::is_gone);
        if !self.reached.as_ref().is_some_and(gone) {
            return;
        }
        self.reached = None;
        if let (Some(out), None) = (&self.out, &self.heard) {
            let lost = Fault::perhaps_paid(FaultKind::Misbehaved, "a bug cost one request");
            self.heard = Some(Answered { number: out.number, result: Err(lost) });
        }
    }

    fn now(&self) -> Timestamp {
        self.endpoint.clock.now()
    }

    /// Finds the service and what is known of it.
    fn reach(&mut self, store: &mut Store) -> Result<Result<(), Fault>, StoreError> {
        let (place, keys) = match self.endpoint.place() {
            Ok(found) => found,
            Err(fault) => return Ok(Err(fault)),
        };
        let caller = match Caller::start(&place, &keys, VectorPlace::PATIENCE, self.wakes.clone()) {
            Ok(caller) => caller,
            Err(fault) => return Ok(Err(fault)),
        };
        let free = self.endpoint.is_free(&place);
        let dimension = known(store, &place)?;
        self.reached = Some(Reached { place, caller: Some(caller), free });
        if let Some(dimension) = dimension {
            self.knows(dimension);
        }
        Ok(Ok(()))
    }

    /// From here on it is known what its vectors are like, so questions may be put too.
    fn knows(&mut self, dimension: usize) {
        let Some(reached) = &self.reached else { return };
        self.known = Some(Known { dimension, fingerprint: fingerprint(&reached.place, dimension) });
        let pays = (!reached.free).then(|| self.wakes.clone());
        self.asker.serve(&self.endpoint, dimension, pays);
    }

    /// Puts texts (none of them: the probe) down in the ledger, then sends them.
    fn order(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        texts: Vec<TextToEmbed>,
    ) -> Result<(Next, bool), StoreError> {
        let Some(reached) = &self.reached else { return Ok((Next::Wait, false)) };
        let mut sent: Vec<String> = texts.iter().map(|text| text.text.clone()).collect();
        if sent.is_empty() {
            sent.push(PROBE.to_owned());
        }
        for text in &mut sent {
            let _known_already = self.endpoint.capture.scrub_text(text);
            if is_blank(text) {
                // all of it was secret; the place of a text in the answer is still its own
                PROBE.clone_into(text);
            }
        }
        let (settings, local) = (&self.endpoint.settings, reached.place.local);
        let estimate = spend::embedding_estimate(settings, local, sent.iter().map(String::as_str));
        let request = if reached.free {
            None
        } else {
            match spending::reserve(store, &self.endpoint, &reached.place, estimate)? {
                Ok(request) => Some(request),
                Err(ceiling) => {
                    return self.held(store, log, &ceiling).map(|told| (Next::Wait, told));
                }
            }
        };
        let round = Round::of(sent);
        let number = round.number;
        self.out = Some(Out { number, request, estimate, texts });
        if !reached.caller.as_ref().is_some_and(|caller| caller.order(round)) {
            // nobody has it, so nobody was paid
            let gone = Fault::free(FaultKind::Transport, "the thread that asks is gone");
            self.heard = Some(Answered { number, result: Err(gone) });
            self.reached = None;
            return Ok((Next::Again, false));
        }
        Ok((Next::Wait, false))
    }

    /// Vectors came: written with what they took, in one transaction.
    fn answered(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        out: &Out,
        embedded: &Embedded,
    ) -> Result<bool, StoreError> {
        let Some(reached) = &self.reached else { return Ok(false) };
        let place = reached.place.clone();
        let dimension = embedded.vectors.first().map_or(0, Vec::len);
        if let Some(trouble) = self.unfit(&place, dimension) {
            return self.refuse(store, log, out, trouble);
        }
        let (now, print) = (self.now(), fingerprint(&place, dimension));
        let mut rows: Vec<Row> = Vec::new();
        for (text, numbers) in out.texts.iter().zip(&embedded.vectors) {
            let mut values = vec![0; dimension];
            rows.push((text.hash, quantise(numbers, &mut values).unwrap_or(0.0), values));
        }
        // the service is well, so it was the text
        rows.extend(
            self.suspect.as_ref().filter(|_| out.texts.is_empty()).map(|t| (t.hash, 0.0, Vec::new())),
        );
        let endpoint = &self.endpoint;
        let cleared = store.write(|tx| {
            if let Some(request) = out.request {
                let took = (embedded.tokens, embedded.cost);
                spending::settle(tx, endpoint, place.local, request, took, out.estimate.tokens)?;
            }
            let model = tx.vector_model(&place.model, dimension, &print)?;
            tx.set_mark(DIMENSION, Some(&mark(&place, dimension)), now)?;
            tx.set_mark(MODEL, Some(&print), now)?;
            put(tx, &model, &rows)?;
            trouble::clear(tx)
        })?;
        if self.known.is_none() {
            let of = format!("{} at {} ({dimension} numbers, {print})", place.model, place.address);
            log.line(Level::Info, &format!("the embedding model is {of}"));
            self.knows(dimension);
        }
        if out.texts.is_empty()
            && let Some(text) = self.suspect.take()
        {
            self.give_up(log, text.hash);
        }
        for text in &out.texts {
            self.alone.remove(&text.hash);
        }
        self.rest.well();
        (self.out, self.told) = (None, None);
        Ok(cleared)
    }

    /// What makes vectors of that length none of ours.
    fn unfit(&self, place: &VectorPlace, dimension: usize) -> Option<Trouble> {
        match &self.known {
            _ if dimension > LARGEST_DIM => Some(Trouble::too_long(&place.host, dimension)),
            Some(known) if known.dimension != dimension => {
                Some(Trouble::another_dimension(&place.host, dimension, known.dimension))
            }
            _ => None,
        }
    }

    /// An answer that is one, and none that can be kept: it was paid for.
    fn refuse(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        out: &Out,
        trouble: Trouble,
    ) -> Result<bool, StoreError> {
        let fault = Fault::perhaps_paid(FaultKind::Misbehaved, trouble.said.clone());
        let now = self.now();
        store.write(|tx| {
            out.request.map_or(Ok(()), |request| spending::fail(tx, request, &fault, now))?;
            trouble::clear(tx)?;
            tx.fault(trouble.kind, &trouble.said, now)
        })?;
        let _it_is_told_each_time = self.rest.failed(&fault, now);
        self.out = None;
        Ok(self.tells(log, trouble))
    }

    /// No vectors came.
    fn failed(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        out: &Out,
        fault: &Fault,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        if let Some(request) = out.request {
            store.write(|tx| spending::fail(tx, request, fault, now))?;
        }
        let refused = matches!(fault.kind, FaultKind::Overflow | FaultKind::Refused);
        match out.texts.as_slice() {
            [] => {}
            [text] if refused => {
                self.alone.insert(text.hash);
                self.suspect = Some(text.clone());
                self.out = None;
                return Ok(false);
            }
            texts if refused => {
                self.alone.extend(texts.iter().map(|text| text.hash));
                self.out = None;
                return Ok(false);
            }
            _ => {}
        }
        let told = self.rests(store, log, fault)?;
        (self.out, self.suspect) = (None, None);
        Ok(told)
    }

    /// The service is left alone for a while. Whether that is new on record.
    fn rests(&mut self, store: &mut Store, log: &mut Log, fault: &Fault) -> Result<bool, StoreError> {
        let now = self.now();
        let tell = self.rest.failed(fault, now);
        if matches!(fault.kind, FaultKind::Setup | FaultKind::Auth) {
            // keys are read anew the next time
            self.reached = None;
        }
        if !tell {
            return Ok(false);
        }
        let trouble = Trouble::of_endpoint(&self.endpoint.settings.base_url, fault, self.rest.until(now));
        store.write(|tx| {
            trouble::clear(tx)?;
            tx.fault(trouble.kind, &trouble.said, now)
        })?;
        Ok(self.tells(log, trouble))
    }

    /// A ceiling stands in the way.
    fn held(
        &mut self,
        store: &mut Store,
        log: &mut Log,
        reached: &spending::Reached,
    ) -> Result<bool, StoreError> {
        let (now, trouble) = (self.now(), Trouble::ceiling(reached.ceiling, reached.until));
        self.rest.hold(reached.until);
        store.write(|tx| tx.fault(trouble.kind, &trouble.said, now))?;
        Ok(self.tells(log, trouble))
    }

    /// In the log it stands once for as long as it stays of one kind. Whether it is new.
    fn tells(&mut self, log: &mut Log, trouble: Trouble) -> bool {
        let new = self.told.as_ref().is_none_or(|told| told.kind != trouble.kind);
        if new {
            log.line(Level::Warn, &trouble.said);
        }
        self.told = Some(trouble);
        new
    }

    /// Somebody took the trouble off the record. Where that is the wish to go on with another length of vectors, it is
    /// found out anew; all else is there none the less.
    fn tell_again(&mut self, store: &mut Store) -> Result<bool, StoreError> {
        let Some(told) = &self.told else { return Ok(false) };
        if store.faults()?.iter().any(|fault| fault.kind == told.kind) {
            return Ok(false);
        }
        if store.mark(DIMENSION)?.is_none() && self.known.is_some() {
            (self.known, self.told) = (None, None);
            self.rest.well();
            return Ok(true);
        }
        let now = self.now();
        store.write(|tx| tx.fault(told.kind, &told.said, now))?;
        Ok(true)
    }

    fn give_up(&mut self, log: &mut Log, text: i64) {
        self.alone.remove(&text);
        log.line(
            Level::Warn,
            &format!("the service refuses text {text:016x}: it is found by its words only"),
        );
    }

    /// Puts down what questions may take next. Whether a ceiling stands in the way, which is told.
    fn fill_purse(&mut self, store: &mut Store, log: &mut Log) -> Result<bool, StoreError> {
        self.close_purse(store)?;
        let Some(reached) = &self.reached else { return Ok(false) };
        let money = spend::embedding_price(&self.endpoint.settings, reached.place.local, PURSE).0;
        match spending::reserve(store, &self.endpoint, &reached.place, Spent { tokens: PURSE, money })? {
            Ok(request) => {
                self.asker.fill(request, PURSE);
                Ok(false)
            }
            Err(ceiling) => self.held(store, log, &ceiling).map(|_told| true),
        }
    }

    /// Puts down what questions took.
    fn close_purse(&mut self, store: &mut Store) -> Result<(), StoreError> {
        self.asker.close().map_or(Ok(()), |closed| self.put_down(store, closed))
    }

    fn put_down(&self, store: &mut Store, closed: Closed) -> Result<(), StoreError> {
        let (now, endpoint) = (self.now(), &self.endpoint);
        let local = self.reached.as_ref().is_some_and(|reached| reached.place.local);
        store.write(|tx| match closed.tokens {
            0 => spending::fail(tx, closed.request, &Fault::free(FaultKind::Ended, "no question came"), now),
            tokens => spending::settle(tx, endpoint, local, closed.request, (Some(tokens), None), tokens),
        })
    }
}

fn put(tx: &Tx<'_>, model: &VectorModel, rows: &[Row]) -> Result<(), StoreError> {
    let new: Vec<NewVector<'_>> =
        rows.iter().map(|(hash, scale, values)| NewVector { hash: *hash, scale: *scale, values }).collect();
    tx.put_vectors(model.id, &new).map(drop)
}
