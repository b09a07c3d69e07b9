//! Glossing: a question in German, French, Spanish or Chinese, word by word in English.
//!
//! The embedding model knows English only, and most of what is remembered is English. A gloss is no translation: it has
//! the words of the question in the order of the question, in their plainest form. `evidence` judges whether a question
//! is in one of the four, and when in doubt it is not; `dictionary` holds the words, in what `tables` makes of the text
//! files when the program is built, `latin` and `chinese` look them up, `pieces` tells words from what is left as it is
//! (identifiers, paths, quotations). `gloss` is the entry. Must not know the index: whether a word stands there is not
//! its business.

mod chinese;
mod compound;
mod dictionary;
mod english;
mod evidence;
mod language;
mod latin;
mod neighbours;
mod pieces;
mod reading;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tests;

pub use english::is_english;
pub use language::Language;
pub(in crate::recall) use reading::spoken;
pub use reading::{Gloss, Glossed, gloss};
