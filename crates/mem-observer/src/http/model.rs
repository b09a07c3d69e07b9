//! A model over HTTP: an endpoint, a client for it, and what is remembered of how it wants to be asked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mem_core::fault::Fault;
use mem_core::model::{Answer, Ask};
use mem_core::settings::ObserverSettings;
use mem_core::time::Timestamp;
use serde_json::Value;

use super::client::{Client, Patience, Response};
use super::endpoint::{Dialect, Endpoint, endpoint};
use super::keys::Keys;
use super::openai::Manners;
use super::refusal::{Refusal, garbage};
use super::{anthropic, openai};
use crate::model::{Model, Rope};

/// How services want to be asked, by address and model: learnt by a refusal, once for the whole process.
static LEARNT: Mutex<BTreeMap<(String, String), Manners>> = Mutex::new(BTreeMap::new());

/// A model that is asked over HTTP; a request is a connection, and nothing runs between requests.
#[derive(Debug)]
pub struct HttpModel {
    endpoint: Endpoint,
    client: Client,
}

/// The chosen model, ready to be asked, and the rope that cuts its requests from another thread. Nothing is sent yet.
///
/// # Errors
/// A fault of setup, with its remedy.
pub fn open(settings: &ObserverSettings, keys: &Keys) -> Result<(HttpModel, Rope), Fault> {
    open_with(settings, keys, Patience::USUAL)
}

pub(super) fn open_with(
    settings: &ObserverSettings,
    keys: &Keys,
    patience: Patience,
) -> Result<(HttpModel, Rope), Fault> {
    let endpoint = endpoint(settings, keys)?;
    let client = Client::new(endpoint.whom(), keys, patience)?;
    let rope = Rope::to(client.ends());
    Ok((HttpModel { endpoint, client }, rope))
}

impl HttpModel {
    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn send(&self, body: &Value, heard: &dyn Fn()) -> Result<Response, Fault> {
        self.client.post(body.to_string().as_bytes(), heard)
    }

    fn ask_anthropic(&self, ask: &Ask, heard: &dyn Fn()) -> Result<Answer, Fault> {
        let response = self.send(&anthropic::request(&self.endpoint.model, ask), heard)?;
        match Refusal::of(&response) {
            Some(refusal) => Err(refusal.fault(self.client.whom(), &response, now())),
            None => self.read(&response, anthropic::answer),
        }
    }

    /// Asks, and once more for each parameter that is refused: a refusal of that kind costs nothing.
    fn ask_compatible(&self, ask: &Ask, heard: &dyn Fn()) -> Result<Answer, Fault> {
        let known_as = (self.endpoint.address.clone(), self.endpoint.model.clone());
        let learnt = || LEARNT.lock().unwrap_or_else(PoisonError::into_inner);
        let mut manners = learnt().get(&known_as).copied().unwrap_or_default();
        loop {
            let response = self.send(&openai::request(&self.endpoint, manners, ask), heard)?;
            let Some(refusal) = Refusal::of(&response) else {
                return self.read(&response, openai::answer);
            };
            match manners.after(&refusal) {
                Some(better) => manners = better,
                None => return Err(refusal.fault(self.client.whom(), &response, now())),
            }
            learnt().insert(known_as.clone(), manners);
        }
    }

    fn read(&self, response: &Response, answer: fn(&Value) -> Option<Answer>) -> Result<Answer, Fault> {
        let body = serde_json::from_slice(&response.body).ok();
        body.as_ref().and_then(answer).ok_or_else(|| garbage(self.client.whom(), response))
    }
}

impl Model for HttpModel {
    fn ask(&mut self, ask: &Ask, heard: &dyn Fn()) -> Result<Answer, Fault> {
        match self.endpoint.dialect {
            Dialect::Anthropic => self.ask_anthropic(ask, heard),
            Dialect::OpenAi | Dialect::OpenRouter | Dialect::Gemini => self.ask_compatible(ask, heard),
        }
    }

    fn end(self: Box<Self>) {}
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
