//! Careful edits of other people's files.
//!
//! A member is put into a JSON file, or taken out of it, as text: every byte that is not ours stays, whatever its
//! formatting. A file that cannot be read as JSON is refused and never rewritten. Writing is atomic and keeps
//! mode and symbolic link. Must not know what is edited, or why.

mod document;
mod file;
mod scan;

#[cfg(test)]
mod document_tests;

pub(crate) use document::{Document, EditError};
pub(crate) use file::{FileError, place, read, replace, sweep};
