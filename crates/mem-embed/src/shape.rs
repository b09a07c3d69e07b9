//! The one architecture that is computed here, in numbers, and whether a `config.json` describes it.
//!
//! The numbers are those of all-MiniLM-L6-v2 (its config.json and sentence_bert_config.json).

use std::path::Path;

use serde_json::Value;

use crate::error::ModelError;

/// Numbers in a vector.
pub const DIM: usize = 384;
/// Most tokens of a text that are looked at, with the one before and the one after it.
pub const LONGEST: usize = 256;

/// Transformer layers.
pub(crate) const LAYERS: usize = 6;
/// Attention heads.
pub(crate) const HEADS: usize = 12;
/// Numbers of one head.
pub(crate) const HEAD: usize = DIM / HEADS;
/// Width between the two halves of the feed-forward part.
pub(crate) const WIDE: usize = 4 * DIM;
/// Entries of the vocabulary.
pub(crate) const WORDS: usize = 30_522;
/// Positions the model was trained with.
pub(crate) const PLACES: usize = 512;
/// What keeps a norm from dividing by nothing.
pub(crate) const EPSILON: f32 = 1e-12;

/// Whether a configuration says anything else than what is computed here.
pub(crate) fn check(path: &Path, text: &[u8]) -> Result<(), ModelError> {
    let config: Value =
        serde_json::from_slice(text).map_err(|why| ModelError::damaged(path, why.to_string()))?;
    if !config.is_object() {
        return Err(ModelError::damaged(path, "no JSON object"));
    }
    let numbers = [
        ("hidden_size", DIM),
        ("num_hidden_layers", LAYERS),
        ("num_attention_heads", HEADS),
        ("intermediate_size", WIDE),
        ("max_position_embeddings", PLACES),
        ("vocab_size", WORDS),
    ];
    for (name, ours) in numbers {
        let is = &config[name];
        if !is.is_null() && is.as_u64() != Some(ours as u64) {
            return Err(ModelError::another(path, format!("{name} is {is}, not {ours}")));
        }
    }
    for (name, ours) in
        [("model_type", "bert"), ("hidden_act", "gelu"), ("position_embedding_type", "absolute")]
    {
        let is = &config[name];
        if !is.is_null() && is.as_str() != Some(ours) {
            return Err(ModelError::another(path, format!("{name} is {is}, not {ours:?}")));
        }
    }
    Ok(())
}
