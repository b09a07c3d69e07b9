//! `model --json`: the embedding model on this disk, and what was done with it.

use serde::{Deserialize, Serialize};

/// The version of these documents.
pub const VERSION: u32 = 1;

/// How the embedding model stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelStatus {
    /// See [`VERSION`].
    pub version: u32,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// Where it is, or would be.
    pub folder: String,
    /// Bytes it takes on this disk, with what was begun.
    pub bytes: u64,
    /// Bytes that an installation left behind and the next goes on with.
    pub begun: u64,
    /// Numbers in each of its vectors.
    pub dimension: usize,
    /// What tells its vectors from those of any other model; `null` where it does not load.
    pub fingerprint: Option<String>,
    /// What it is computed with: `avx512-vnni`, `avx2`, `neon-dot` or `plain`.
    pub kernel: Option<String>,
    /// How long loading it took just now, in milliseconds.
    pub load_ms: Option<u64>,
    /// How much of what is remembered has its vector; absent where there is no model, or no memory to look at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub embedded: Option<ModelReach>,
    /// What is wrong with it.
    pub fault: Option<ModelFault>,
    /// The endpoint that makes the vectors in its place; absent where none is set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub endpoint: Option<ModelEndpoint>,
}

/// How far a model has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelReach {
    /// Passages that have their vector.
    pub embedded: u64,
    /// Passages there are.
    pub passages: u64,
}

/// An endpoint that makes vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelEndpoint {
    /// Its address, without a secret.
    pub address: String,
    /// The model's name there.
    pub model: String,
    /// Whether it is on this machine or in its own network; elsewhere what is remembered and asked leaves it.
    pub local: bool,
    /// Where its key was found, in words; `null` where there is none.
    pub key_from: Option<String>,
    /// How many numbers its vectors have, once it answered.
    pub dimension: Option<usize>,
    /// What tells its vectors from those of any other model, once it answered.
    pub fingerprint: Option<String>,
    /// What is wrong with it, as far as it was asked.
    pub fault: Option<ModelFault>,
}

/// How a model stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// There is none.
    Absent,
    /// It is there, as published, and loads.
    Whole,
    /// It is there and cannot be used.
    Faulty,
}

/// What is wrong with a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFault {
    /// What.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// What an installation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInstalled {
    /// See [`VERSION`].
    pub version: u32,
    /// Whether anything had to be done.
    pub changed: bool,
    /// Where its files came from, if they did.
    pub from: Option<String>,
    /// How it stands now.
    pub model: ModelStatus,
}

/// What a removal did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRemoved {
    /// See [`VERSION`].
    pub version: u32,
    /// Whether there was anything.
    pub changed: bool,
    /// Where it was.
    pub folder: String,
    /// Bytes that were freed.
    pub freed: u64,
}
