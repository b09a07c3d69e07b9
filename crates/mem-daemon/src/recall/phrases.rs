//! Which passages hold the phrases of a question.
//!
//! The index knows where words stand in a row; how long it takes to find out grows with how often the words stand
//! anywhere. So the newest passages are looked at first, and where a phrase stands in so many of them that the older ones
//! could not be told apart from them anyway, these are left out.

use mem_logic::recall::{Phrase, Query, terms};
use mem_store::{Columns, Reader, Sought, StoreError};

use super::allowed::Allowed;
use super::ask::How;

/// The share of the index that is looked at first; the places of a phrase there beyond which none are read, and how many of
/// them have to meet the conditions for that.
const FIRST: i64 = 8;
const MOST: usize = 16_384;
const ENOUGH: usize = 4_096;
/// Passages that are looked at for a phrase that the index does not keep in a row.
const LOOKED_AT: usize = 300;

/// Leaves only passages in which every phrase stands. One that stands nowhere is looked for by its words.
pub(super) fn keep_phrases(
    store: &Reader,
    columns: &Columns,
    query: &Query,
    allowed: &mut Allowed,
    how: &mut How,
) -> Result<(), StoreError> {
    for phrase in &query.phrases {
        let rows = rows_with(store, columns, phrase, allowed, how)?;
        if rows.is_empty() {
            how.corrected.push((format!("\"{}\"", phrase.written), "its words".to_owned()));
        } else {
            allowed.keep_only(columns, rows);
        }
    }
    Ok(())
}

/// The rows in which a phrase stands, in no order. The index knows nearly all of them; what it has apart is looked at.
fn rows_with(
    store: &Reader,
    columns: &Columns,
    phrase: &Phrase,
    allowed: &Allowed,
    how: &mut How,
) -> Result<Vec<i64>, StoreError> {
    let mut rows = Vec::new();
    let (sought, beside) = (Sought::Phrase(&phrase.terms), allowed.beside.as_deref());
    let (oldest, newest) = allowed.rows;
    let first = (newest - columns.len() as i64 / FIRST).max(oldest);
    let mut unread = first - 1;
    let read = store.postings(sought, beside, (first, newest), MOST, |row| {
        unread = row - 1;
        if allowed.holds(row) {
            rows.push(row);
        }
    })?;
    if read == MOST && rows.len() >= ENOUGH {
        how.bounded = true;
    } else {
        let unread = if read == MOST { unread } else { first - 1 };
        store.all_postings(sought, beside, (oldest, unread), |row| {
            if allowed.holds(row) {
                rows.push(row);
            }
        })?;
    }
    if !rows.is_empty() && phrase.is_in_a_row() {
        return Ok(rows);
    }
    rows.sort_unstable();
    let mut others = Vec::new();
    store.postings(Sought::All(&phrase.terms), beside, allowed.rows, LOOKED_AT, |row| others.push(row))?;
    others.retain(|row| allowed.holds(*row) && rows.binary_search(row).is_err());
    for row in others {
        let Some(text) = store.passage_text(row)? else { continue };
        if phrase.stands_in(&terms(&text)) {
            rows.push(row);
        }
    }
    Ok(rows)
}
