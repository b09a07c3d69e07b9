//! Brings the index of recall up to date: documents that changed, and all of them where there is no index to trust.
//!
//! Must be called by the holder of the inbox lock. A few documents are one transaction; killed in between, the rest is
//! still due. An index that turns out to be damaged is begun anew from nothing.

use std::collections::BTreeSet;

use mem_core::recall::DocId;
use mem_logic::recall::rank::Said;
use mem_logic::recall::{self, View, tokens};
use mem_store::{Document, Passage, Store, StoreError, Tx};

use crate::inbox::drain::Until;

/// Most documents in one transaction.
const DOCUMENTS: usize = 2048;
/// Changes after which postings are merged: at least so many, and this part of all passages. A merge writes all postings
/// anew, so this is what it costs a document: as much as to index a few.
const MERGED_AFTER: u64 = 64;
const MERGED_SHARE: u64 = 400;
/// Pages that are merged in one transaction: some hundredths of a second.
const MERGED_PAGES: u32 = 256;
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

/// Merges the postings once enough has changed, for searches to be quick; whether something is left to do. An index that
/// turns out to be damaged is begun anew.
///
/// # Errors
/// [`StoreError`]; what was merged by then stays merged.
pub fn merge(store: &mut Store, until: Until<'_>) -> Result<bool, StoreError> {
    match merge_some(store, until) {
        Err(StoreError::Index { .. }) => begin_anew(store).map(|()| true),
        merged => merged,
    }
}

fn merge_some(store: &mut Store, until: Until<'_>) -> Result<bool, StoreError> {
    let state = store.index_state()?;
    if state.version != recall::VERSION
        || store.index_unmerged()? <= MERGED_AFTER.max(state.passages / MERGED_SHARE)
    {
        return Ok(false);
    }
    // a search may come between two steps
    while store.write(|tx| tx.merge_index(MERGED_PAGES))? {
        if until.over() {
            return Ok(true);
        }
    }
    Ok(false)
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
        let mut words = BTreeSet::new();
        for doc in due {
            if documents > 0 && until.over() {
                break;
            }
            index_one(tx, doc, &mut words)?;
            documents += 1;
        }
        tx.index_words(words.iter().map(String::as_str))?;
        Ok(documents)
    })?;
    Ok(true)
}

fn index_one(tx: &Tx<'_>, doc: DocId, words: &mut BTreeSet<String>) -> Result<(), StoreError> {
    match tx.document(doc)? {
        Some(document) => tx.index_document(&document, &passages(&document, words)),
        None => tx.unindex(doc),
    }
}

/// The passages of a document, each with its terms and the marks of its conditions. Adds their words to the vocabulary.
pub(super) fn passages(document: &Document, vocabulary: &mut BTreeSet<String>) -> Vec<Passage> {
    let mut marks = vec![tokens::project(document.project)];
    marks.extend(document.concepts.iter().map(|concept| tokens::concept(concept)));
    marks.extend(document.files.iter().flat_map(|path| tokens::marks_of_file(path)));
    // of a long path its ends are left
    marks.retain(|mark| mark.len() <= MARK);
    recall::passages(&document.text)
        .into_iter()
        .map(|range| {
            let text = &document.text[range.clone()];
            let terms = recall::terms(text);
            let mut words = 0;
            for term in terms.iter().filter(|term| term.view == View::Word) {
                words += 1;
                // as written, which is what errors are made in
                let written = recall::folded(&text[term.start..term.end]);
                if recall::can_be_meant(&written) {
                    vocabulary.insert(written);
                }
            }
            Passage {
                start: range.start,
                length: range.len(),
                words,
                terms: tokens::of_passage(&terms, &marks),
                said: Said::of(text, &terms).words,
            }
        })
        .collect()
}
