//! Which passages have their vector of a model, and which are next to get one.
//!
//! Of the rows of the index, low..=high were looked at. What came after `high` is next, then what lies below `low`,
//! downwards, so that the newest is embedded first. The stretch only ever grows over rows whose text has a vector, in the
//! transaction that looks: so a `kill -9` at any moment costs what was not committed, and nothing is embedded twice.

use mem_core::recall::DocId;
use rusqlite::{Connection, OptionalExtension, params};

use super::models::VectorModelId;
use super::texts::text_hash;
use crate::error::StoreError;
use crate::index::piece;
use crate::open::Reader;
use crate::write::Tx;

/// Most rows that are looked at in one step, in each direction: a few milliseconds.
const SPAN: i64 = 4096;

/// A text that has no vector yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextToEmbed {
    /// What it is known by: see [`crate::text_hash`].
    pub hash: i64,
    /// The text; empty where it cannot be read any longer, which has the vector of nothing.
    pub text: String,
}

/// What is next to be embedded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToEmbed {
    /// Texts, each once, the newest first.
    pub texts: Vec<TextToEmbed>,
    /// Whether there is anything left: these texts, or rows that were not looked at yet.
    pub left: bool,
}

/// How far a model has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Passages that were looked at, so that they have their vector.
    pub embedded: u64,
    /// Passages there are.
    pub passages: u64,
}

impl Reader {
    /// How far a model has come. Counts the passages it has yet to look at: not for every step.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn vector_stretch(&self, model: VectorModelId) -> Result<Stretch, StoreError> {
        let state = self.index_state()?;
        if state.version == 0 {
            return Ok(Stretch::default());
        }
        let waiting = self.of_index(|conn| {
            let rows = Rows::of(conn, model)?;
            let count = |sql: &str, bound: i64| {
                conn.prepare_cached(sql)?.query_row([bound], |row| row.get::<_, i64>(0))
            };
            Ok(count("SELECT count(*) FROM passages WHERE row > ?1", rows.high)?
                + count("SELECT count(*) FROM passages WHERE row < ?1", rows.low)?)
        })?;
        let waiting = waiting.max(0) as u64;
        Ok(Stretch { embedded: state.passages.saturating_sub(waiting), passages: state.passages })
    }

    /// Whether a model has looked at every passage. Takes as long for many as for few: a search asks it.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn has_all_vectors(&self, model: VectorModelId) -> Result<bool, StoreError> {
        if self.index_state()?.version == 0 {
            return Ok(true);
        }
        self.of_index(|conn| {
            let rows = Rows::of(conn, model)?;
            conn.prepare_cached(
                "SELECT NOT EXISTS (SELECT 1 FROM passages WHERE row > ?1)
                    AND NOT EXISTS (SELECT 1 FROM passages WHERE row < ?2)",
            )?
            .query_row([rows.high, rows.low], |row| row.get(0))
        })
    }

    /// Calls `each` with the row and the hash of the text of every passage from row `first` on, in order of rows.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn passage_texts(&self, first: i64, mut each: impl FnMut(i64, i64)) -> Result<(), StoreError> {
        if self.index_state()?.version == 0 {
            return Ok(());
        }
        self.of_index(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT row, text FROM passages WHERE row >= ?1 ORDER BY row")?;
            let mut rows = statement.query([first])?;
            while let Some(row) = rows.next()? {
                each(row.get(0)?, row.get(1)?);
            }
            Ok(())
        })
    }
}

impl Reader {
    /// Calls `each` with the row of every passage that has the text of that hash.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn rows_of_text(&self, hash: i64, mut each: impl FnMut(i64)) -> Result<(), StoreError> {
        self.of_index(|conn| {
            let mut statement = conn.prepare_cached("SELECT row FROM passages WHERE text = ?1")?;
            let mut rows = statement.query([hash])?;
            while let Some(row) = rows.next()? {
                each(row.get(0)?);
            }
            Ok(())
        })
    }
}

impl Tx<'_> {
    /// At most `most` texts that have no vector of this model yet, the newest first. Moves over what has one.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read or written.
    pub fn texts_to_embed(&self, model: VectorModelId, most: usize) -> Result<ToEmbed, StoreError> {
        if self.index_state()?.version == 0 {
            return Ok(ToEmbed::default());
        }
        let (found, left) = self.of_index(|conn| {
            let (rows, left) = move_on(conn, model)?;
            Ok((next(conn, model, rows, most)?, left))
        })?;
        let mut texts: Vec<TextToEmbed> = Vec::with_capacity(found.len());
        let mut read: Option<(i64, Option<String>)> = None;
        for place in found {
            if texts.iter().any(|known| known.hash == place.hash) {
                continue;
            }
            // passages of one document stand together
            if read.as_ref().is_none_or(|(doc, _)| *doc != place.doc) {
                let text = match DocId::of_number(place.doc) {
                    Some(doc) => self.document_text(doc)?,
                    None => None,
                };
                read = Some((place.doc, text));
            }
            let whole = read.as_ref().and_then(|(_, text)| text.as_deref()).unwrap_or_default();
            let text = piece(whole, place.start, place.length);
            if text_hash(text) == place.hash {
                texts.push(TextToEmbed { hash: place.hash, text: text.to_owned() });
            } else if !self.is_due(place.doc)? {
                texts.push(TextToEmbed { hash: place.hash, text: String::new() });
            }
            // what changed since it was indexed is looked at when it is indexed again
        }
        Ok(ToEmbed { texts, left })
    }

    fn is_due(&self, doc: i64) -> Result<bool, StoreError> {
        self.of_index(|conn| conn.prepare_cached("SELECT 1 FROM index_due WHERE doc = ?1")?.exists([doc]))
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    hash: i64,
    doc: i64,
    start: usize,
    length: usize,
}

/// The rows that were looked at; none where `low` is the next after `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rows {
    low: i64,
    high: i64,
}

impl Rows {
    /// Those of a model, of the index as it is now. Where much came since, it is begun at the newest again: what has its
    /// vector is passed over quickly, and whatever comes next stays within one step.
    fn of(conn: &Connection, model: VectorModelId) -> rusqlite::Result<Self> {
        let last: i64 = conn
            .prepare_cached("SELECT coalesce(max(row), 0) FROM passages")?
            .query_row([], |row| row.get(0))?;
        let kept = conn
            .prepare_cached(
                "SELECT low, high FROM vector_models
                 WHERE id = ?1 AND generation = (SELECT generation FROM index_state WHERE one = 1)",
            )?
            .query_row([model.0], |row| Ok(Self { low: row.get(0)?, high: row.get(1)? }))
            .optional()?;
        Ok(match kept {
            Some(Self { low, high }) if last.saturating_sub(high) <= SPAN && 0 < low && low <= high => {
                let high = high.min(last);
                Self { low: low.min(high + 1), high }
            }
            _ => Self { low: last + 1, high: last },
        })
    }

    fn keep(self, conn: &Connection, model: VectorModelId) -> rusqlite::Result<()> {
        conn.prepare_cached(
            "UPDATE vector_models SET low = ?2, high = ?3,
                    generation = (SELECT generation FROM index_state WHERE one = 1)
             WHERE id = ?1 AND (low, high, generation) IS NOT
                   (?2, ?3, (SELECT generation FROM index_state WHERE one = 1))",
        )?
        .execute([model.0, self.low, self.high])
        .map(drop)
    }
}

/// Moves the stretch over rows that have their vector, within the bounds of a step; where it ends, and whether any row lies
/// outside.
pub(super) fn move_on(conn: &Connection, model: VectorModelId) -> rusqlite::Result<(Rows, bool)> {
    let mut rows = Rows::of(conn, model)?;
    let (high, above) = pass(conn, model, "row > ?2 ORDER BY row", rows.high)?;
    rows.high = high;
    let (low, below) = pass(conn, model, "row < ?2 ORDER BY row DESC", rows.low)?;
    rows.low = if below { low } else { 1 };
    rows.keep(conn, model)?;
    Ok((rows, above || below))
}

/// The last row of those that have their vector, from a bound on, and whether there may be more behind it.
fn pass(conn: &Connection, model: VectorModelId, which: &str, bound: i64) -> rusqlite::Result<(i64, bool)> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT row, EXISTS (SELECT 1 FROM vectors v WHERE v.model = ?1 AND v.text = p.text)
         FROM passages p WHERE {which} LIMIT ?3"
    ))?;
    let mut found = statement.query(params![model.0, bound, SPAN])?;
    let (mut last, mut seen) = (bound, 0);
    while let Some(row) = found.next()? {
        if !row.get::<_, bool>(1)? {
            return Ok((last, true));
        }
        last = row.get(0)?;
        seen += 1;
    }
    Ok((last, seen == SPAN))
}

/// Rows without a vector, within the bounds of a step: what came last, then what lies below the stretch.
fn next(conn: &Connection, model: VectorModelId, rows: Rows, most: usize) -> rusqlite::Result<Vec<Place>> {
    let mut found = Vec::new();
    for (condition, bound) in [("row > ?2", rows.high), ("row < ?2", rows.low)] {
        let sql = format!(
            "SELECT text, doc, start, length
             FROM (SELECT row, text, doc, start, length FROM passages WHERE {condition} ORDER BY row DESC LIMIT ?3) p
             WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.model = ?1 AND v.text = p.text)
             ORDER BY row DESC LIMIT ?4"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let more = most.saturating_sub(found.len()) as i64;
        let mut places = statement.query(params![model.0, bound, SPAN, more])?;
        while let Some(row) = places.next()? {
            let bytes = |at| row.get::<_, i64>(at).map(|n| usize::try_from(n).unwrap_or_default());
            found.push(Place { hash: row.get(0)?, doc: row.get(1)?, start: bytes(2)?, length: bytes(3)? });
        }
    }
    Ok(found)
}
