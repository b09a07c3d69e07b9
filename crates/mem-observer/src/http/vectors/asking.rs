//! One request for vectors and back.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mem_core::fault::Fault;
use mem_core::time::Timestamp;
use serde_json::json;

use super::super::client::{Client, Patience};
use super::super::keys::Keys;
use super::super::refusal::{Refusal, garbage};
use super::answer::{Embedded, read};
use super::place::VectorPlace;
use crate::model::{Ends, Rope};

/// Most that is waited for a name and for a connection, each.
const CONNECT: Duration = Duration::from_secs(10);

/// A service that makes vectors; a request is a connection, and nothing runs between requests.
#[derive(Debug)]
pub struct Embeddings {
    model: String,
    client: Client,
}

impl Embeddings {
    /// The service at a place, ready to be asked; an answer is waited for as long as `patience`. Nothing is sent yet.
    ///
    /// # Errors
    /// A fault of setup, with its remedy.
    pub fn open(place: &VectorPlace, keys: &Keys, patience: Duration) -> Result<Self, Fault> {
        let patience = Patience { connect: CONNECT.min(patience), whole: patience };
        Ok(Self { model: place.model.clone(), client: Client::new(place.whom(), keys, patience)? })
    }

    /// What cuts its requests from another thread.
    pub fn rope(&self) -> Rope {
        let ends: Arc<dyn Ends> = self.client.ends();
        Rope::to(ends)
    }

    /// The vectors of these texts, in their order, each of length 1, or of nothing but zeros.
    ///
    /// # Errors
    /// When there is no answer, or one that is not what was asked for.
    pub fn embed(&self, texts: &[&str]) -> Result<Embedded, Fault> {
        let body = json!({ "model": self.model, "input": texts }).to_string();
        let response = self.client.post(body.as_bytes(), &|| {})?;
        if let Some(refusal) = Refusal::of(&response) {
            return Err(refusal.fault(self.client.whom(), &response, now()));
        }
        match serde_json::from_slice(&response.body) {
            Ok(body) => read(&body, texts.len(), &self.client.whom().host),
            Err(_) => Err(garbage(self.client.whom(), &response)),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
