//! Text as the ids that the model knows: BERT's own splitting of words, without capitals and accents, then WordPiece.
//!
//! Id for id what the original library answers, oddities included, since the model learnt from those. Linear in the
//! text, and no further into it than the ids that are wanted.

mod pieces;
mod read;
mod split;
mod tables;

pub use read::Tokens;
