//! How it stands with meaning: which model, and how much of what is remembered has its vector.

use mem_store::{Reader, StoreError, Stretch};

use crate::embedding_model::folder;
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
