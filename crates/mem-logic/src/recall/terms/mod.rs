//! Any text into the terms that the index holds and that a query asks for: both sides go through [`terms`], so they meet.
//!
//! Two views of the same text. The word view is for language: lower-cased, folded, stemmed words. The code view is for
//! identifiers, paths, flags, versions and error codes: whole as written, and in the pieces people remember. Linear in the
//! length of the text and bounded for any: it runs over everything that is indexed.
//! `scan` finds chunks and calls `split` for what is more than a plain word, and `unspaced` for scripts without spaces;
//! `push` makes the text of a term, with `fold` and `stem`.

mod brand;
mod chars;
mod fold;
mod push;
mod scan;
mod split;
mod stem;
mod stop;
#[cfg(test)]
mod tests;
mod unspaced;

pub use chars::is_unspaced;
pub use fold::folded;
pub use scan::{Term, VERSION, View, terms, words};
pub use stem::stem;
pub use stop::is_stop;

pub(super) use chars::{in_chunk, unspaced_start};
pub(super) use stop::is_english_stop;
