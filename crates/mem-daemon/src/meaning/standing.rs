//! How it stands with meaning: where vectors come from, and how much of what is remembered has its own.

use mem_observer::http::is_local;
use mem_store::{Reader, StoreError, Stretch};

use super::endpoint::{Endpoint, fingerprint, known};
use super::serving::{Sources, serves};
use super::trouble;
use crate::embedding_model::folder;
use crate::home::Home;

/// The mark that holds the fingerprint of the model that embeds, as it was last read or answered.
pub(super) const MODEL: &str = "meaning:model";

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whether a model is installed, good or not.
    pub installed: bool,
    /// The endpoint that makes the vectors in its place, where one is set.
    pub endpoint: Option<EndpointStanding>,
    /// The name of the model that embeds, once it did.
    pub model: Option<String>,
    /// How far it has come.
    pub stretch: Stretch,
    /// Whether searches go by the vectors of a model before it, until it has come as far.
    pub replaces: bool,
}

/// How it stands with an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointStanding {
    /// Its address, without a secret.
    pub address: String,
    /// Host and port.
    pub host: String,
    /// The model's name there.
    pub model: String,
    /// Whether it is on this machine or in its own network.
    pub local: bool,
    /// How many numbers its vectors have, once it answered.
    pub dimension: Option<usize>,
    /// What tells its vectors from those of any other, once it answered.
    pub fingerprint: Option<String>,
    /// Where its key was found; none where there is none.
    pub key_from: Option<String>,
    /// What is wrong: why it cannot be asked, or what came of it the last time; and what helps.
    pub trouble: Option<(String, String)>,
}

/// Looks at the folder, the endpoint's settings and the store. Asks nobody.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn standing(home: &Home, store: &Reader, endpoint: Option<&Endpoint>) -> Result<Standing, StoreError> {
    let installed = folder(home).is_dir();
    let endpoint = endpoint.map(|endpoint| endpoint_standing(endpoint, Some(store))).transpose()?;
    let fingerprint = match &endpoint {
        Some(endpoint) => endpoint.fingerprint.clone(),
        None => store.mark(MODEL)?.map(|(fingerprint, _)| fingerprint),
    };
    let passages = store.index_state()?.passages;
    let stretch = Stretch { embedded: 0, passages };
    let none = Standing { installed, endpoint, stretch, ..Standing::default() };
    let Some(fingerprint) = fingerprint else { return Ok(none) };
    let Some(model) = store.known_vector_model(&fingerprint)? else { return Ok(none) };
    let sources =
        Sources { chosen: Some(fingerprint), installed: installed.then(|| mem_embed::PUBLISHED.to_owned()) };
    let serving = serves(store, &sources)?;
    Ok(Standing {
        stretch: store.vector_stretch(model.id)?,
        replaces: serving.is_some_and(|serving| serving.id != model.id),
        model: Some(model.name),
        ..none
    })
}

/// How it stands with an endpoint, as far as its settings and the store tell.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn endpoint_standing(
    endpoint: &Endpoint,
    store: Option<&Reader>,
) -> Result<EndpointStanding, StoreError> {
    let faults = store.map(Reader::faults).transpose()?.unwrap_or_default();
    let told = faults.into_iter().find(|fault| trouble::is_of_endpoint(&fault.kind));
    let remedied = |kind: &str| trouble::remedy(kind).unwrap_or_default().to_owned();
    let told = told.map(|fault| (fault.said, remedied(&fault.kind)));
    let (place, _keys) = match endpoint.place() {
        Ok(found) => found,
        Err(fault) => {
            let trouble = trouble::Trouble::of_endpoint(&endpoint.settings.base_url, &fault, None);
            return Ok(EndpointStanding {
                address: endpoint.settings.base_url.clone(),
                model: endpoint.settings.model.clone(),
                local: is_local(&endpoint.settings.base_url),
                trouble: Some((trouble.said, remedied(trouble.kind))),
                ..EndpointStanding::default()
            });
        }
    };
    let dimension = store.map(|store| known(store, &place)).transpose()?.flatten();
    Ok(EndpointStanding {
        fingerprint: dimension.map(|dimension| fingerprint(&place, dimension)),
        dimension,
        address: place.address,
        host: place.host,
        model: place.model,
        local: place.local,
        key_from: place.key_from.map(|from| from.to_string()),
        trouble: told,
    })
}
