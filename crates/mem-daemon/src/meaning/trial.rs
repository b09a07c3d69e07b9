//! One request to an endpoint by somebody who waits for the answer: `doctor`. It pays like any other.
//!
//! Nobody holds the inbox while the endpoint thinks, so it comes in three steps. What answers ends the rest of the daemon.

use std::time::Duration;

use mem_core::fault::{Fault, FaultKind};
use mem_core::id::RequestId;
use mem_logic::spend::{self, Spent};
use mem_observer::http::{Embedded, Embeddings, Keys, VectorPlace};
use mem_store::{Store, StoreError};

use super::endpoint::{Endpoint, known};
use super::remote::PROBE;
use super::spending;
use super::trouble::{self, Trouble};

/// The mark that is set when an endpoint answered as it should.
pub(super) const WELL: &str = "meaning:well";
/// How long whoever watches is kept waiting: a model may have to be read from a disk first.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request that is put down and not sent yet.
#[derive(Debug)]
pub struct Trial {
    endpoint: Endpoint,
    place: VectorPlace,
    keys: Keys,
    estimate: Spent,
    request: Option<RequestId>,
}

/// What is wrong, and what helps.
pub type Wrong = (String, String);

impl Trial {
    /// Puts it down, unless something stands in the way.
    ///
    /// # Errors
    /// [`StoreError`]; nothing may be sent then.
    pub fn begin(endpoint: Endpoint, store: &mut Store) -> Result<Result<Self, Wrong>, StoreError> {
        let (place, keys) = match endpoint.place() {
            Ok(found) => found,
            Err(fault) => return Ok(Err(wrong(&endpoint, &fault))),
        };
        let estimate = spend::embedding_estimate(&endpoint.settings, place.local, [PROBE]);
        let mut request = None;
        if !endpoint.is_free(&place) {
            match spending::reserve(store, &endpoint, &place, estimate)? {
                Ok(row) => request = Some(row),
                Err(reached) => return Ok(Err(told(Trouble::ceiling(reached.ceiling, reached.until)))),
            }
        }
        Ok(Ok(Self { endpoint, place, keys, estimate, request }))
    }

    /// Sends it and waits.
    ///
    /// # Errors
    /// When there is no answer, or none that can be used.
    pub fn ask(&self) -> Result<Embedded, Fault> {
        Embeddings::open(&self.place, &self.keys, PATIENCE)?.embed(&[PROBE])
    }

    /// Puts down what came of it; how many numbers its vectors have.
    ///
    /// # Errors
    /// [`StoreError`]; the next daemon counts it by its estimate.
    pub fn end(
        &self,
        store: &mut Store,
        answer: &Result<Embedded, Fault>,
    ) -> Result<Result<usize, Wrong>, StoreError> {
        let now = self.endpoint.clock.now();
        let embedded = match answer {
            Ok(embedded) => embedded,
            Err(fault) => {
                if let Some(request) = self.request {
                    store.write(|tx| spending::fail(tx, request, fault, now))?;
                }
                return Ok(Err(wrong(&self.endpoint, fault)));
            }
        };
        let dimension = embedded.vectors.first().map_or(0, Vec::len);
        let other = known(store, &self.place)?.filter(|known| *known != dimension);
        store.write(|tx| {
            if let Some(request) = self.request {
                let took = (embedded.tokens, embedded.cost);
                let (endpoint, local) = (&self.endpoint, self.place.local);
                spending::settle(tx, endpoint, local, request, took, self.estimate.tokens)?;
            }
            if other.is_none() {
                trouble::clear(tx)?;
                tx.set_mark(WELL, Some(&self.place.address), now)?;
            }
            Ok(())
        })?;
        Ok(match other {
            None => Ok(dimension),
            Some(before) => Err(told(Trouble::another_dimension(&self.place.host, dimension, before))),
        })
    }
}

fn wrong(endpoint: &Endpoint, fault: &Fault) -> Wrong {
    // a limit says when by itself; without that, later is all that is known
    let until = fault.retry_at.filter(|_| matches!(fault.kind, FaultKind::Quota | FaultKind::Rate));
    told(Trouble::of_endpoint(&endpoint.settings.base_url, fault, until))
}

fn told(trouble: Trouble) -> Wrong {
    let remedy = trouble::remedy(trouble.kind).unwrap_or_default().to_owned();
    (trouble.said, remedy)
}
