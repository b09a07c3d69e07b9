//! Putting documents into the index, and taking them out.

use mem_core::recall::DocId;
use rusqlite::{Connection, OptionalExtension, params};

use super::documents::Document;
use super::{columns, due, state};
use crate::error::StoreError;
use crate::meaning;
use crate::open::Reader;
use crate::write::Tx;

/// A piece of a document, with the terms it is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it begins in the document's text, in bytes.
    pub start: usize,
    /// How long it is, in bytes.
    pub length: usize,
    /// How many words it has.
    pub words: u32,
    /// Its terms, parted by spaces.
    pub terms: String,
    /// What it says: numbers of its words, in their order.
    pub said: Vec<u32>,
}

/// A piece of a document as it stands in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassageRow {
    /// Its document.
    pub doc: DocId,
    /// Where it begins in the document's text, in bytes.
    pub start: usize,
    /// How long it is, in bytes.
    pub length: usize,
}

impl Reader {
    /// A row of the index; `None` for a gap.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn passage(&self, row: i64) -> Result<Option<PassageRow>, StoreError> {
        self.of_index(|conn| {
            conn.prepare_cached("SELECT doc, start, length FROM passages WHERE row = ?1")?
                .query_row([row], |row| {
                    let bytes = |at| row.get::<_, i64>(at).map(|n| n.max(0) as usize);
                    Ok(DocId::of_number(row.get(0)?).map(|doc| (doc, bytes(1), bytes(2))).and_then(
                        |(doc, start, length)| {
                            Some(PassageRow { doc, start: start.ok()?, length: length.ok()? })
                        },
                    ))
                })
                .optional()
                .map(Option::flatten)
        })
    }

    /// What a row of the index says: numbers of its words, in their order; none for a gap.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn passage_said(&self, row: i64) -> Result<Vec<u32>, StoreError> {
        self.of_index(|conn| {
            let mut said = conn.prepare_cached("SELECT words FROM passage_said WHERE row = ?1")?;
            let mut rows = said.query([row])?;
            let Some(row) = rows.next()? else { return Ok(Vec::new()) };
            let words = row.get_ref(0)?.as_blob()?.as_chunks().0;
            Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
        })
    }

    /// The text of a row of the index; `None` for a gap, and where its document is gone.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn passage_text(&self, row: i64) -> Result<Option<String>, StoreError> {
        let Some(passage) = self.passage(row)? else { return Ok(None) };
        let text = self.document_text(passage.doc)?;
        Ok(text.map(|text| piece(&text, passage.start, passage.length).to_owned()))
    }
}

/// A passage of a text; nothing where it lies outside.
pub(crate) fn piece(text: &str, start: usize, length: usize) -> &str {
    start.checked_add(length).and_then(|end| text.get(start..end)).unwrap_or_default()
}

impl Tx<'_> {
    /// Puts a document into the index, in the place of what stood there of it; it is no longer due.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be written.
    pub fn index_document(&self, document: &Document, passages: &[Passage]) -> Result<(), StoreError> {
        self.of_index(|conn| {
            let gone = remove(conn, document.id)?;
            if !passages.is_empty() {
                insert(conn, document, passages)?;
            }
            // after what took its place, which may say the same
            meaning::forget_texts(conn, &gone)?;
            state::count(conn, passages.len() as i64 - gone.len() as i64)?;
            due::not_due(conn, document.id)
        })
    }

    /// Takes a document out of the index; it is no longer due.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be written.
    pub fn unindex(&self, doc: DocId) -> Result<(), StoreError> {
        self.of_index(|conn| {
            let gone = remove(conn, doc)?;
            meaning::forget_texts(conn, &gone)?;
            if !gone.is_empty() {
                state::count(conn, -(gone.len() as i64))?;
            }
            due::not_due(conn, doc)
        })
    }

    /// Takes words into the vocabulary, which is what typing errors are looked up in.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be written.
    pub fn index_words<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Result<(), StoreError> {
        self.of_index(|conn| {
            let mut word = conn.prepare_cached("INSERT OR IGNORE INTO passage_words (word) VALUES (?1)")?;
            words.into_iter().try_for_each(|text| word.execute([text]).map(drop))
        })
    }
}

/// Removes the passages of a document; the hashes of their texts.
fn remove(conn: &Connection, doc: DocId) -> rusqlite::Result<Vec<i64>> {
    let rows: Vec<(i64, i64)> = conn
        .prepare_cached("DELETE FROM passages WHERE doc = ?1 RETURNING row, text")?
        .query_map([doc.number()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut gaps = false;
    for (row, _) in &rows {
        conn.prepare_cached("DELETE FROM passage_terms WHERE rowid = ?1")?.execute([row])?;
        conn.prepare_cached("DELETE FROM passage_said WHERE row = ?1")?.execute([row])?;
        gaps |= columns::leave_gap(conn, *row)?;
    }
    if gaps {
        state::gap(conn)?;
    }
    Ok(rows.into_iter().map(|(_, text)| text).collect())
}

fn insert(conn: &Connection, document: &Document, passages: &[Passage]) -> rusqlite::Result<()> {
    let label = label(conn, document)?;
    let first = columns::next_row(conn)?;
    meaning::rows_come(conn, first)?;
    let mut place = conn.prepare_cached(
        "INSERT INTO passages (row, doc, at, session_id, project_id, turn_id, label, words, start, length,
                               text)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let mut terms = conn.prepare_cached("INSERT INTO passage_terms (rowid, terms) VALUES (?1, ?2)")?;
    let mut said = conn.prepare_cached("INSERT INTO passage_said (row, words) VALUES (?1, ?2)")?;
    for (row, passage) in (first..).zip(passages) {
        place.execute(params![
            row,
            document.id.number(),
            document.at.0,
            document.session.0,
            document.project.0,
            document.turn.map_or(0, |turn| turn.0),
            label,
            passage.words,
            passage.start as i64,
            passage.length as i64,
            meaning::text_hash(piece(&document.text, passage.start, passage.length)),
        ])?;
        terms.execute(params![row, passage.terms])?;
        let words: Vec<u8> = passage.said.iter().flat_map(|word| word.to_le_bytes()).collect();
        said.execute(params![row, words])?;
    }
    columns::seal(conn, first + passages.len() as i64 - 1)
}

fn label(conn: &Connection, document: &Document) -> rusqlite::Result<i64> {
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    let values = params![document.agent, of(&document.branch), of(&document.worktree), of(&document.of_type)];
    let known = conn
        .prepare_cached(
            "SELECT id FROM passage_labels
             WHERE agent = ?1 AND branch = ?2 AND worktree = ?3 AND of_type = ?4",
        )?
        .query_row(values, |row| row.get(0))
        .optional()?;
    match known {
        Some(id) => Ok(id),
        None => conn
            .prepare_cached(
                "INSERT INTO passage_labels (agent, branch, worktree, of_type) VALUES (?1, ?2, ?3, ?4)",
            )?
            .insert(values),
    }
}
