//! The models whose vectors stand here, and which of them serves.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

/// Row of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VectorModelId(pub i64);

/// A model whose vectors stand here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorModel {
    /// Its row; the newer has the larger.
    pub id: VectorModelId,
    /// Its name, for people.
    pub name: String,
    /// How many numbers each of its vectors has.
    pub dimension: usize,
    /// What tells its vectors from those of any other.
    pub fingerprint: String,
    /// How many vectors of it there are.
    pub vectors: u64,
}

const COLUMNS: &str = "id, name, dimension, fingerprint, vectors";

impl VectorModel {
    fn of(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: VectorModelId(row.get(0)?),
            name: row.get(1)?,
            dimension: usize::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
            fingerprint: row.get(3)?,
            vectors: row.get::<_, i64>(4)?.max(0) as u64,
        })
    }
}

impl Reader {
    /// All models, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables are damaged; any other when the store cannot be read.
    pub fn vector_models(&self) -> Result<Vec<VectorModel>, StoreError> {
        self.of_index(|conn| {
            conn.prepare_cached(&format!("SELECT {COLUMNS} FROM vector_models ORDER BY id"))?
                .query_map([], VectorModel::of)?
                .collect()
        })
    }

    /// The model of that fingerprint, where there are vectors of it or are to be.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables are damaged; any other when the store cannot be read.
    pub fn known_vector_model(&self, fingerprint: &str) -> Result<Option<VectorModel>, StoreError> {
        self.of_index(|conn| {
            conn.prepare_cached(&format!("SELECT {COLUMNS} FROM vector_models WHERE fingerprint = ?1"))?
                .query_row([fingerprint], VectorModel::of)
                .optional()
        })
    }

    /// The model whose vectors are to be compared: of several that one with most vectors, since one that is new has few at
    /// first; of equal ones the newer. None while there is no vector.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables are damaged; any other when the store cannot be read.
    pub fn serving_model(&self) -> Result<Option<VectorModel>, StoreError> {
        self.of_index(|conn| {
            conn.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM vector_models WHERE vectors > 0 ORDER BY vectors DESC, id DESC LIMIT 1"
            ))?
            .query_row([], VectorModel::of)
            .optional()
        })
    }
}

impl Tx<'_> {
    /// The model of that fingerprint, taken in where it is new.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn vector_model(
        &self,
        name: &str,
        dimension: usize,
        fingerprint: &str,
    ) -> Result<VectorModel, StoreError> {
        if let Some(known) = self.known_vector_model(fingerprint)? {
            return Ok(known);
        }
        let id = self.of_index(|conn| {
            conn.prepare_cached(
                "INSERT INTO vector_models (name, dimension, fingerprint, generation, low, high, vectors, swept)
                 VALUES (?1, ?2, ?3, 0, 1, 0, 0, 0)",
            )?
            .insert(params![name, dimension as i64, fingerprint])
        })?;
        Ok(VectorModel {
            id: VectorModelId(id),
            name: name.to_owned(),
            dimension,
            fingerprint: fingerprint.to_owned(),
            vectors: 0,
        })
    }

    /// Removes vectors of a model, `most` at a time, and with the last of them the model; whether there are more.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn forget_vectors(&self, model: VectorModelId, most: usize) -> Result<bool, StoreError> {
        self.of_index(|conn| {
            let gone = conn
                .prepare_cached(
                    "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors WHERE model = ?1 LIMIT ?2)",
                )?
                .execute(params![model.0, most as i64])?;
            count(conn, model, -(gone as i64))?;
            if gone < most {
                conn.prepare_cached("DELETE FROM vector_models WHERE id = ?1")?.execute([model.0])?;
            }
            Ok(gone >= most)
        })
    }
}

/// Notes that a model has so many vectors more (or fewer). They are counted as they come and go, since counting a million
/// rows takes longer than a search.
pub(super) fn count(conn: &Connection, model: VectorModelId, more: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE vector_models SET vectors = max(0, vectors + ?2) WHERE id = ?1")?
        .execute([model.0, more])
        .map(drop)
}
