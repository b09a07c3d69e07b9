//! Whether the index still says what the store says: passages here and there are compared with what they are made of.
//!
//! SQLite's own check sees whether the tables contradict themselves. One that agrees with itself and with nothing else, or
//! that has lost the way to what it holds, is only found by looking for something one knows is there.

use std::collections::{BTreeSet, HashSet};

use mem_core::event::Agent;
use mem_core::recall::{DocId, Filter};
use mem_logic::recall::tokens;
use mem_store::{Columns, Document, Reader, Sought, StoreError};

use super::index::passages;

/// Passages that are looked at, spread over all.
const LOOKED_AT: usize = 256;
/// Terms of each that are looked for.
const SOUGHT: usize = 3;
/// Documents that wait and are therefore passed over; where more wait, nothing is compared.
const WAITING: usize = 4096;

/// A look at each table of the index that a search may have no need to read because it keeps what it read before: its last
/// passage is there, labelled, and found by the mark of its project.
///
/// # Errors
/// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
pub(crate) fn glance(store: &Reader) -> Result<(), StoreError> {
    store.at_one_moment(|| {
        let Some((row, project)) = store.last_passage()? else { return Ok(()) };
        let mark = tokens::project(project);
        let found = store.postings(Sought::Term(&mark), None, (row, row), 1, |_| {})?;
        if found == 0 { Err(store.index_is_damaged()) } else { Ok(()) }
    })
}

/// What is wrong with the index, in one line; nothing when it is sound, or when there is none.
///
/// # Errors
/// [`StoreError`] when the store cannot be read, or not be written: SQLite asks for that, although nothing is.
pub fn check(store: &Reader) -> Result<Option<String>, StoreError> {
    let looked =
        store.check_index().and_then(|wrong| if wrong.is_some() { Ok(wrong) } else { compare(store) });
    match looked {
        Err(StoreError::Index { source, .. }) => Ok(Some(source.to_string())),
        looked => looked,
    }
}

fn compare(store: &Reader) -> Result<Option<String>, StoreError> {
    // they are laid out anew with the index
    store.vector_models()?;
    let (unmerged, changes) = (store.index_unmerged()?, store.index_state()?.changes);
    if unmerged > changes {
        return Ok(Some(format!("it was merged {unmerged} changes ago, of {changes}")));
    }
    let due = store.index_due(WAITING)?;
    if due.len() == WAITING {
        return Ok(None);
    }
    let due: HashSet<DocId> = due.into_iter().collect();
    let mut columns = Columns::default();
    store.read_columns(&mut columns)?;
    let step = columns.len().div_ceil(LOOKED_AT).max(1);
    for at in (0..columns.len()).step_by(step) {
        // a gap
        let Some(doc) = DocId::of_number(columns.doc[at]).filter(|_| columns.doc[at] != 0) else { continue };
        if due.contains(&doc) {
            continue;
        }
        if let Some(wrong) = wrong(store, &columns, at, doc)? {
            return Ok(Some(format!("a passage of {doc} {wrong}")));
        }
    }
    Ok(None)
}

/// What is wrong with the passage at a place of the columns.
fn wrong(
    store: &Reader,
    columns: &Columns,
    at: usize,
    doc: DocId,
) -> Result<Option<&'static str>, StoreError> {
    let row = at as i64 + 1;
    let Some(found) = store.passage(row)?.filter(|passage| passage.doc == doc) else {
        return Ok(Some("is not there"));
    };
    let Some(document) = store.document(doc)? else { return Ok(Some("leads to nothing")) };
    let belongs =
        (document.session.0, document.project.0, document.turn.map_or(0, |turn| turn.0), document.at.0);
    let said = (
        i64::from(columns.session[at]),
        i64::from(columns.project[at]),
        i64::from(columns.turn[at]),
        columns.at[at],
    );
    if belongs != said || !is_labelled(store, &document, columns.label[at])? {
        return Ok(Some("is said to belong elsewhere"));
    }
    let mut words = BTreeSet::new();
    let made = passages(&document, &mut words);
    let Some(made) = made.iter().find(|one| (one.start, one.length) == (found.start, found.length)) else {
        return Ok(Some("is of another text"));
    };
    if made.said != store.passage_said(row)? {
        return Ok(Some("is said to say something else"));
    }
    let terms: Vec<&str> = made.terms.split(' ').filter(|term| !term.is_empty()).collect();
    for term in terms.iter().step_by(terms.len().div_ceil(SOUGHT).max(1)) {
        if store.postings(Sought::Term(term), None, (row, row), 1, |_| {})? == 0 {
            return Ok(Some("is not found by its words"));
        }
    }
    let known = |word: &String| Ok(store.vocabulary(word, 1)?.first() == Some(word));
    match words.first().map(known).transpose()? {
        Some(false) => Ok(Some("has words that are not in the vocabulary")),
        _ => Ok(None),
    }
}

fn is_labelled(store: &Reader, document: &Document, label: u32) -> Result<bool, StoreError> {
    let one = |text: &Option<String>| vec![text.clone().unwrap_or_default()];
    let filter = Filter {
        agents: Agent::parse(&document.agent).into_iter().collect(),
        branches: one(&document.branch),
        worktrees: one(&document.worktree),
        types: one(&document.of_type),
        ..Filter::default()
    };
    Ok(store.labels(&filter)?.is_some_and(|labels| labels.contains(&label)))
}
