//! Brings the index of recall up to date: documents that changed, and all of them where there is no index to trust.
//!
//! Must be called by the holder of the inbox lock. A few documents are one transaction; killed in between, the rest is
//! still due. An index that turns out to be damaged is begun anew from nothing.

use mem_core::recall::DocId;
use mem_logic::recall::{self, View, tokens};
use mem_store::{Document, Passage, Store, StoreError, Tx};

use crate::inbox::drain::Until;

/// Most documents in one transaction.
const DOCUMENTS: usize = 2048;
/// Longest mark of a path or a concept, in bytes.
const MARK: usize = 200;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indexed {
    /// Documents that were indexed or taken out.
    pub documents: usize,
    /// Whether some are still due.
    pub left: bool,
    /// Whether the index had to be begun anew.
    pub anew: bool,
}

/// Indexes what is due.
///
/// # Errors
/// [`StoreError`]; what was not committed is still due.
pub fn index(store: &mut Store, until: Until<'_>) -> Result<Indexed, StoreError> {
    let mut done = Indexed::default();
    loop {
        match step(store, until, &mut done) {
            Ok(true) => {}
            Ok(false) => return Ok(done),
            // once: one that is damaged again at once is no matter of the index
            Err(StoreError::Index { .. }) if !done.anew => begin(store, &mut done)?,
            Err(error) => return Err(error),
        }
    }
}

/// Forgets the index; the next to call [`index`] builds it anew.
///
/// # Errors
/// [`StoreError`] when the store cannot be written.
pub fn begin_anew(store: &mut Store) -> Result<(), StoreError> {
    store.write(|tx| tx.begin_index(recall::VERSION))
}

fn begin(store: &mut Store, done: &mut Indexed) -> Result<(), StoreError> {
    done.anew = true;
    begin_anew(store)
}

/// A few documents; whether there may be more to do.
fn step(store: &mut Store, until: Until<'_>, done: &mut Indexed) -> Result<bool, StoreError> {
    let due = store.index_due(DOCUMENTS)?;
    let state = store.index_state()?;
    let anew = state.version != recall::VERSION;
    if due.is_empty() && !anew {
        if state.building {
            store.write(|tx| tx.index_is_built())?;
        }
        return Ok(false);
    }
    if until.over() {
        done.left = true;
        return Ok(false);
    }
    if anew {
        begin(store, done)?;
        return Ok(true);
    }
    done.documents += store.write(|tx| {
        let mut documents = 0;
        for doc in due {
            if documents > 0 && until.over() {
                break;
            }
            index_one(tx, doc)?;
            documents += 1;
        }
        Ok(documents)
    })?;
    Ok(true)
}

fn index_one(tx: &Tx<'_>, doc: DocId) -> Result<(), StoreError> {
    match tx.document(doc)? {
        Some(document) => tx.index_document(&document, &passages(&document)),
        None => tx.unindex(doc),
    }
}

/// The passages of a document, each with its terms and the marks of its conditions.
fn passages(document: &Document) -> Vec<Passage> {
    let mut marks = vec![tokens::project(document.project)];
    marks.extend(document.concepts.iter().map(|concept| tokens::concept(concept)));
    marks.extend(document.files.iter().flat_map(|path| tokens::marks_of_file(path)));
    // of a long path its ends are left
    marks.retain(|mark| mark.len() <= MARK);
    recall::passages(&document.text)
        .into_iter()
        .map(|range| {
            let terms = recall::terms(&document.text[range.clone()]);
            let words = terms.iter().filter(|term| term.view == View::Word).count();
            Passage {
                start: range.start,
                length: range.len(),
                words: u32::try_from(words).unwrap_or(u32::MAX),
                terms: tokens::of_passage(&terms, &marks),
            }
        })
        .collect()
}
