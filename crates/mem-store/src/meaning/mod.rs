//! Vectors of passages' texts, by the model that made them, and which passages have yet to be looked at.
//!
//! What a model is and what its numbers say is decided above: here they are bytes of a length and a scale. A vector belongs
//! to a text and outlives the rebuilding of the index; it goes with the last passage that has the text. Vectors of two
//! models never meet: whoever reads or writes any names the model.
//!
//! Files may use those listed before them.

mod mending;
mod models;
mod texts;

mod progress;
mod vectors;

pub(crate) use mending::mend;
pub use models::{VectorModel, VectorModelId};
pub use progress::{Stretch, TextToEmbed, ToEmbed};
pub use texts::text_hash;
pub(crate) use texts::{forget_texts, rows_come};
pub use vectors::{NewVector, VectorsRead};
