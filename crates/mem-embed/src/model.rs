//! A model that is loaded, from its folder to a text's vector.

use std::io::Read;
use std::path::Path as FilePath;
use std::sync::Arc;

use crate::error::ModelError;
use crate::native::{self, Kernel};
use crate::pass::Scratch;
use crate::safetensors;
use crate::shape::{self, DIM};
use crate::tokens::Tokens;
use crate::vector::Vector;
use crate::weights::Weights;

/// The model whose architecture is computed here.
pub const NAME: &str = "all-MiniLM-L6-v2";
/// The [`Model::fingerprint`] of the model as its makers published it.
pub const PUBLISHED: &str = "b4b53216d74b8e0dac52d1f1c15c3144";

/// Largest tokenizer.json or config.json that is read; the model's have half a megabyte together.
const LARGEST: u64 = 8 << 20;
/// Begins the hash that vectors are told apart by: the way we compute is a part of what they are.
const COMPUTED: &[u8] = b"int8 weights by output, rows in 255 steps by token, mean of at most 256 tokens";

/// A sentence model in memory, 23 MB of it, until the last that shares it is dropped.
#[derive(Debug)]
pub struct Model {
    shared: Arc<Shared>,
    scratch: Scratch,
}

/// What does not change once it is read.
#[derive(Debug)]
struct Shared {
    tokens: Tokens,
    weights: Weights,
    fingerprint: String,
}

impl Model {
    /// Reads and checks the model in a folder: `model.safetensors`, `tokenizer.json` and, if it is there, `config.json`.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub fn load(folder: &FilePath) -> Result<Self, ModelError> {
        Self::load_on(folder, Kernel::best())
    }

    /// The same, computed with a kernel of one's choice. One that the machine does not have becomes the plain one.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load_on(folder: &FilePath, kernel: Kernel) -> Result<Self, ModelError> {
        Self::read(folder, kernel, false)
    }

    /// The same without rounding, slow and four times as large: what rounding costs is measured against it.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load_exact(folder: &FilePath, kernel: Kernel) -> Result<Self, ModelError> {
        Self::read(folder, kernel, true)
    }

    fn read(folder: &FilePath, kernel: Kernel, exact: bool) -> Result<Self, ModelError> {
        let config = folder.join("config.json");
        match small(&config) {
            Ok(text) => shape::check(&config, &text)?,
            Err(ModelError::Missing { .. }) => {}
            Err(other) => return Err(other),
        }
        let of_tokens = folder.join("tokenizer.json");
        let text = small(&of_tokens)?;
        let tokens = Tokens::read(&of_tokens, &text)?;
        let kernel = if kernel.is_here() { kernel } else { Kernel::Plain };
        let (weights, mut hash) = Weights::load(&folder.join("model.safetensors"), kernel, exact)?;
        hash.update(&text).update(COMPUTED);
        let fingerprint = hash.finalize().to_hex()[..32].to_owned();
        Ok(Self { shared: Arc::new(Shared { tokens, weights, fingerprint }), scratch: Scratch::new() })
    }

    /// The same model for another thread: the weights are shared, the room to compute in is its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), scratch: Scratch::new() }
    }

    /// What tells this model's vectors from those of any other: a hash of its files and of how they are computed with.
    pub fn fingerprint(&self) -> &str {
        &self.shared.fingerprint
    }

    /// What it is computed with.
    pub fn kernel(&self) -> Kernel {
        self.shared.weights.kernel
    }

    /// The tokeniser.
    pub fn tokens(&self) -> &Tokens {
        &self.shared.tokens
    }

    /// The vector of a text, of its first 256 tokens. A text without any word has [`Vector::NOTHING`].
    pub fn embed_one(&mut self, text: &str) -> Vector {
        self.numbers(text).map_or(Vector::NOTHING, |numbers| Vector::of(&numbers))
    }

    /// The vectors of texts, in their order.
    pub fn embed<T: AsRef<str>>(&mut self, texts: &[T]) -> Vec<Vector> {
        texts.iter().map(|text| self.embed_one(text.as_ref())).collect()
    }

    /// The vector of a text before it is rounded, of length 1; of a text without any word, none.
    pub fn numbers(&mut self, text: &str) -> Option<[f32; DIM]> {
        let ids = self.shared.tokens.of(text);
        if ids.len() <= 2 {
            return None;
        }
        native::run(&self.shared.weights, &mut self.scratch, &ids);
        // damaged weights may overflow on the way
        self.scratch.mean.iter().all(|number| number.is_finite()).then_some(self.scratch.mean)
    }
}

/// The whole of a small file.
fn small(path: &FilePath) -> Result<Vec<u8>, ModelError> {
    let (file, size) = safetensors::open(path)?;
    if size > LARGEST {
        return Err(ModelError::damaged(path, format!("{size} bytes, more than any such file has")));
    }
    let mut text = Vec::with_capacity(size as usize);
    file.take(LARGEST).read_to_end(&mut text).map_err(|why| ModelError::of_io(path, why))?;
    Ok(text)
}
