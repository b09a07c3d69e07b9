//! How it stands with meaning: which model, and how much of what is remembered has its vector.

use mem_embed::{Model, NAME, PUBLISHED};
use mem_store::{Reader, StoreError, Stretch};

use super::folder::folder;
use super::trouble::{Trouble, remedy};
use crate::health::Problem;
use crate::home::Home;

/// The mark that holds the fingerprint of the model in the folder, as it was last read.
pub(super) const MODEL: &str = "meaning:model";

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whether a model is installed, good or not.
    pub installed: bool,
    /// The name of the model that embeds, once it did.
    pub model: Option<String>,
    /// How far it has come.
    pub stretch: Stretch,
    /// Whether searches go by the vectors of a model before it, until it has come as far.
    pub replaces: bool,
}

/// Looks at the folder and the store.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn standing(home: &Home, store: &Reader) -> Result<Standing, StoreError> {
    let installed = folder(home).is_dir();
    let passages = store.index_state()?.passages;
    let none = Standing { installed, stretch: Stretch { embedded: 0, passages }, ..Standing::default() };
    let Some((fingerprint, _)) = store.mark(MODEL)? else { return Ok(none) };
    let Some(model) = store.known_vector_model(&fingerprint)? else { return Ok(none) };
    let serving = store.serving_model()?;
    Ok(Standing {
        installed,
        stretch: store.vector_stretch(model.id)?,
        replaces: serving.is_some_and(|serving| serving.id != model.id),
        model: Some(model.name),
    })
}

/// Reads the model that is installed, if any, and says which it is.
///
/// # Errors
/// What is wrong with it, and what helps.
pub fn probe(home: &Home) -> Result<Option<String>, Problem> {
    let folder = folder(home);
    if !folder.is_dir() {
        return Ok(None);
    }
    let model = Model::load(&folder).map_err(|error| {
        let trouble = Trouble::of(&error);
        Problem::new(trouble.said, remedy(trouble.kind).unwrap_or_default())
    })?;
    // a folder that was damaged or swapped without a trace in its form shows here only
    let published = if model.fingerprint() == PUBLISHED { "as published" } else { "not as published" };
    Ok(Some(format!("{NAME}, {published}")))
}
