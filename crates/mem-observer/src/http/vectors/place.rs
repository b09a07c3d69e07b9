//! Where the service is: from the settings and the user's keys, nothing else.

use std::time::Duration;

use mem_core::fault::Fault;
use mem_core::settings::{EmbeddingSettings, Secret};
use ureq::http::Uri;

use super::super::endpoint::{OWN_SERVICE, Whom, is_local, setup, sound, tidy};
use super::super::keys::{Found, KeySource, Keys};

/// What is added to an address.
const CALL: &str = "/embeddings";
/// What follows the host of an address that has no path.
const HOME: &str = "/v1";
/// The name of the key's setting, which may stand in the data directory's `.env` too.
const KEY: &str = "CLAUDE_MEM_EMBEDDING_API_KEY";
/// Makers whose own key is taken where none is set: it goes to them and to nobody else.
const MAKERS: [(&str, &[&str]); 3] = [
    ("api.openai.com", &["OPENAI_API_KEY"]),
    ("openrouter.ai", &["OPENROUTER_API_KEY"]),
    ("generativelanguage.googleapis.com", &["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
];

/// A service that makes vectors, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorPlace {
    /// The address without the call, without a slash at its end and without a secret; may be shown.
    pub address: String,
    /// Host and port, for texts.
    pub host: String,
    /// The model's name there.
    pub model: String,
    /// Whether it is on this machine or in its own network, and so free of cost.
    pub local: bool,
    /// Where the key was found; none where there is none.
    pub key_from: Option<KeySource>,
    pub(super) key: Secret,
}

/// Where the service is; none where none is set.
///
/// # Errors
/// A fault of setup with its remedy: the address or the key cannot be used, no model is named.
pub fn vector_place(settings: &EmbeddingSettings, keys: &Keys) -> Result<Option<VectorPlace>, Fault> {
    if !settings.chosen() {
        return Ok(None);
    }
    let address = tidy(&settings.base_url, OWN_SERVICE, CALL, HOME)
        .map_err(|why| setup(format!("CLAUDE_MEM_EMBEDDING_BASE_URL {why}")))?;
    if settings.model.is_empty() {
        let why = "the embeddings service needs the name of a model: set CLAUDE_MEM_EMBEDDING_MODEL";
        return Err(setup(why.to_owned()));
    }
    let local = is_local(&address);
    let found = if settings.key.0.is_empty() {
        match keys.find(&variables(&address)) {
            // a file that cannot be used matters only where a key is needed
            Err(_) if local => None,
            found => found?,
        }
    } else {
        Some(Found { value: settings.key.clone(), from: KeySource::Settings })
    };
    let (key, key_from) = match found {
        Some(Found { value, from }) => (sound(&value, &from)?, Some(from)),
        None => (Secret::default(), None),
    };
    let whom = Whom::bearer(address.clone(), &key);
    Ok(Some(VectorPlace { host: whom.host, address, model: settings.model.clone(), local, key_from, key }))
}

impl VectorPlace {
    /// Who gets the requests.
    pub(super) fn whom(&self) -> Whom {
        Whom::bearer(format!("{}{CALL}", self.address), &self.key)
    }

    /// How long a batch is waited for: a service may first have to read its model from a disk.
    pub const PATIENCE: Duration = Duration::from_secs(120);
}

/// The names under which a key for this address may stand.
fn variables(address: &str) -> Vec<&'static str> {
    let uri: Uri = address.parse().unwrap_or_default();
    let host = uri.host().unwrap_or_default();
    let makers = MAKERS.iter().find(|(maker, _)| host.eq_ignore_ascii_case(maker));
    let theirs = makers.filter(|_| uri.scheme_str() == Some("https")).map_or(&[][..], |(_, names)| names);
    [KEY].into_iter().chain(theirs.iter().copied()).collect()
}
