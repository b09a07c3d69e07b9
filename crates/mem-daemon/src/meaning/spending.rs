//! What the service costs, in the ledger: a row before anything is sent, its numbers after, both below the ceilings of all
//! models.

use jiff::tz::TimeZone;
use mem_core::fault::Fault;
use mem_core::id::{EventId, RequestId};
use mem_core::model::{Answer, MicroUsd, Usage};
use mem_core::time::Timestamp;
use mem_logic::spend::{self, Ceiling, PriceSource, Spent};
use mem_observer::http::VectorPlace;
use mem_store::{Lease, Store, StoreError, Tx};

use super::endpoint::Endpoint;

/// What the ledger calls who asks: a run like those of the observer.
pub const RUN: &str = "embedding";
/// Where a number comes from that nobody told.
const ESTIMATE: &str = "estimate";

/// A ceiling that stands in the way, and until when.
pub(super) struct Reached {
    pub(super) ceiling: Ceiling,
    pub(super) until: Timestamp,
}

/// Writes down what is about to be spent, unless a ceiling stands in the way.
pub(super) fn reserve(
    store: &mut Store,
    endpoint: &Endpoint,
    place: &VectorPlace,
    next: Spent,
) -> Result<Result<RequestId, Reached>, StoreError> {
    let (now, zone) = (endpoint.clock.now(), TimeZone::system());
    let mut spent = [Spent::default(); 2];
    let starts = [spend::day_start(now, &zone), spend::month_start(now, &zone)];
    for (spent, start) in spent.iter_mut().zip(starts) {
        let (tokens, money) = store.spent_since(start)?;
        *spent = Spent { tokens, money };
    }
    if let Err(ceiling) = spend::allowed(spent, &endpoint.ceilings, next) {
        return Ok(Err(Reached { ceiling, until: ceiling.lifts_at(now, &zone) }));
    }
    let model = format!("embedding/{}", place.model);
    let lease = Lease {
        run: RUN,
        model: &model,
        est_tokens: next.tokens,
        est_money: next.money,
        through: EventId(0),
        proof: &[],
    };
    store.write(|tx| tx.open_trial(&lease, now)).map(Ok)
}

/// Puts down what a request took, as far as the service told.
pub(super) fn settle(
    tx: &Tx<'_>,
    endpoint: &Endpoint,
    local: bool,
    request: RequestId,
    took: (Option<u64>, Option<MicroUsd>),
    estimate: u64,
) -> Result<(), StoreError> {
    let (told, cost) = took;
    let tokens = told.unwrap_or(estimate);
    let (money, source) = match cost {
        Some(cost) => (cost, PriceSource::Told),
        None => spend::embedding_price(&endpoint.settings, local, tokens),
    };
    let priced = if told.is_none() && cost.is_none() { ESTIMATE } else { source.as_str() };
    let answer = Answer { usage: Usage { input: tokens, ..Usage::default() }, ..Answer::default() };
    tx.settle_trial(request, &answer, money, priced, endpoint.clock.now()).map(drop)
}

/// Puts down that a request failed.
pub(super) fn fail(tx: &Tx<'_>, request: RequestId, fault: &Fault, now: Timestamp) -> Result<(), StoreError> {
    tx.fail_trial(request, fault.kind.as_str(), &fault.said, fault.paid, now).map(drop)
}
