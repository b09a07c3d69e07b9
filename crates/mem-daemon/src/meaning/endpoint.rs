//! A service that makes the vectors, as the settings have it, and what tells its vectors from those of any other.
//!
//! Where a project chose the place of our settings, they name nobody to send anything to.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mem_core::fault::{Fault, FaultKind};
use mem_core::settings::{EmbeddingSettings, ObserverSettings};
use mem_embed::LARGEST_DIM;
use mem_logic::capture::Capture;
use mem_logic::layers::Layers;
use mem_observer::http::{Keys, VectorPlace, vector_place};
use mem_store::{Reader, StoreError};

use crate::asker::Asker;
use crate::clock::Clock;
use crate::shift::Context;

/// The mark that holds how many numbers the vectors of the service have: what [`known`] reads.
pub(super) const DIMENSION: &str = "meaning:endpoint";

/// A service that was chosen, and what it takes to ask it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its settings.
    pub settings: EmbeddingSettings,
    /// Those that hold the ceilings.
    pub(super) ceilings: ObserverSettings,
    /// Scrubs what leaves here once more: rules may be newer than what is stored, and a question was never stored.
    pub(super) capture: Arc<Capture>,
    /// By what rests are counted.
    pub(super) clock: Clock,
    environment: Vec<(OsString, OsString)>,
    dir: PathBuf,
}

impl Endpoint {
    /// The service that is chosen; none where none is, or none may be asked from here.
    pub fn of(context: &Context, layers: &Layers) -> Option<Self> {
        let settings = &layers.settings;
        if !context.may_ask || !settings.embedding.chosen() {
            return None;
        }
        let asker = Asker {
            home: context.home.clone(),
            cwd: PathBuf::new(),
            over: None,
            config_dir: context.config_dir.clone(),
            user_home: context.user_home.clone(),
        };
        Some(Self {
            settings: settings.embedding.clone(),
            ceilings: settings.observer.clone(),
            capture: Arc::new(asker.capture(layers)),
            clock: context.clock,
            environment: context.model_environment.clone(),
            dir: context.home.dir().to_path_buf(),
        })
    }

    /// Whether another is the same but for ceilings and rules of redaction, so that what is out stays as it was meant.
    pub(super) fn is(&self, other: &Self) -> bool {
        (&self.settings, &self.environment) == (&other.settings, &other.environment)
    }

    /// Where it is, with the keys that lead there as they stand now.
    ///
    /// # Errors
    /// A fault of setup with its remedy.
    pub fn place(&self) -> Result<(VectorPlace, Keys), Fault> {
        let keys = Keys::read(&self.environment, Path::new(&self.dir));
        let place = vector_place(&self.settings, &keys)?;
        let place = place.ok_or_else(|| Fault::free(FaultKind::Setup, "no embeddings service is set"))?;
        Ok((place, keys))
    }

    /// Whether asking it costs nothing, so that it stands in no ledger and below no ceiling: like the model of our own
    /// process it takes nothing but this machine's time.
    pub fn is_free(&self, place: &VectorPlace) -> bool {
        place.local && self.settings.price.is_none_or(|price| price.0 == 0)
    }
}

/// What tells the vectors of a model at an address, of that many numbers, from all others.
pub fn fingerprint(place: &VectorPlace, dimension: usize) -> String {
    format!("endpoint:{}", hash(&[&place.address, &place.model, &dimension.to_string()]))
}

/// How many numbers the vectors of this model at this address have, once it answered.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn known(store: &Reader, place: &VectorPlace) -> Result<Option<usize>, StoreError> {
    let Some((mark, _)) = store.mark(DIMENSION)? else { return Ok(None) };
    let Some((whose, dimension)) = mark.split_once(' ') else { return Ok(None) };
    let dimension = dimension.parse().ok().filter(|dimension| (1..=LARGEST_DIM).contains(dimension));
    Ok(dimension.filter(|_| whose == hash(&[&place.address, &place.model])))
}

/// The value of the mark that [`known`] reads.
pub(super) fn mark(place: &VectorPlace, dimension: usize) -> String {
    format!("{} {dimension}", hash(&[&place.address, &place.model]))
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // with its length, or two parts could be taken for two others
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_differs_has_another_fingerprint() {
        let place = |address: &str, model: &str| {
            let settings = EmbeddingSettings {
                base_url: address.to_owned(),
                model: model.to_owned(),
                ..EmbeddingSettings::default()
            };
            vector_place(&settings, &Keys::read(&[], Path::new("/nonexistent"))).unwrap().unwrap()
        };
        let prints = [
            fingerprint(&place("http://127.0.0.1:1/v1", "m"), 8),
            fingerprint(&place("http://127.0.0.1:1/v1", "m"), 9),
            fingerprint(&place("http://127.0.0.1:1/v1", "n"), 8),
            fingerprint(&place("http://127.0.0.1:2/v1", "m"), 8),
        ];
        for (at, print) in prints.iter().enumerate() {
            assert!(print.starts_with("endpoint:") && print.len() == 41, "{print}");
            assert!(!prints[..at].contains(print));
        }
        assert_eq!(prints[0], fingerprint(&place("http://127.0.0.1:1", "m"), 8), "the same address");
    }
}
