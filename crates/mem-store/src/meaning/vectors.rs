//! The vectors: put with what they mean for progress, read as a stream, removed when their text is gone.

use rusqlite::{Connection, params};

use super::models::{VectorModel, VectorModelId, count};
use super::progress::move_on;
use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

/// A vector to be kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewVector<'a> {
    /// What its text is known by: see [`crate::text_hash`].
    pub hash: i64,
    /// What one of its numbers stands for; 0, or what is no number, for a text that has no meaning.
    pub scale: f32,
    /// Its numbers, as many as its model's have; of no matter where the scale is 0.
    pub values: &'a [i8],
}

/// What reading vectors came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VectorsRead {
    /// The id of the last one: what comes later has a larger one.
    pub last: i64,
    /// Vectors that were handed out.
    pub vectors: u64,
    /// Vectors that cannot be compared: of a wrong length, or with a scale that is none. Nobody saw them.
    pub defects: u64,
}

impl Reader {
    /// Calls `each` for every vector of a model behind the one with id `after`, in order of ids: the hash of its text, its
    /// scale, its numbers as bytes. Those of texts without any meaning are left out.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables are damaged; any other when the store cannot be read.
    pub fn read_vectors(
        &self,
        model: &VectorModel,
        after: i64,
        mut each: impl FnMut(i64, f32, &[u8]),
    ) -> Result<VectorsRead, StoreError> {
        self.of_index(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, text, scale, vals FROM vectors WHERE id > ?2 AND model = ?1 ORDER BY id",
            )?;
            let mut rows = statement.query([model.id.0, after])?;
            let mut read = VectorsRead { last: after, ..VectorsRead::default() };
            while let Some(row) = rows.next()? {
                read.last = row.get(0)?;
                let scale = row.get::<_, f64>(2)? as f32;
                let values = row.get_ref(3)?.as_blob()?;
                if scale == 0.0 {
                    continue;
                }
                if values.len() == model.dimension && scale.is_normal() && scale > 0.0 {
                    each(row.get(1)?, scale, values);
                    read.vectors += 1;
                } else {
                    read.defects += 1;
                }
            }
            Ok(read)
        })
    }
}

impl Reader {
    /// The largest id of a vector of whatever model, 0 where there is none: none has come as long as it stays.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables are damaged; any other when the store cannot be read.
    pub fn last_vector(&self) -> Result<i64, StoreError> {
        self.of_index(|conn| {
            conn.prepare_cached("SELECT coalesce(max(id), 0) FROM vectors")?.query_row([], |row| row.get(0))
        })
    }

    /// The vector of a text: `each` gets its scale and its numbers as bytes. Whether there is one that can be compared.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables are damaged; any other when the store cannot be read.
    pub fn vector_of(
        &self,
        model: &VectorModel,
        hash: i64,
        each: impl FnOnce(f32, &[u8]),
    ) -> Result<bool, StoreError> {
        self.of_index(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT scale, vals FROM vectors WHERE model = ?1 AND text = ?2")?;
            let mut rows = statement.query([model.id.0, hash])?;
            let Some(row) = rows.next()? else { return Ok(false) };
            let scale = row.get::<_, f64>(0)? as f32;
            let values = row.get_ref(1)?.as_blob()?;
            let sound = values.len() == model.dimension && scale.is_normal() && scale > 0.0;
            if sound {
                each(scale, values);
            }
            Ok(sound)
        })
    }
}

impl Tx<'_> {
    /// Keeps vectors of a model, each once, and moves on over the passages that have theirs now; how many are new.
    ///
    /// Those of texts that were forgotten meanwhile are dropped, and all where the model was.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be written.
    pub fn put_vectors(&self, model: VectorModelId, vectors: &[NewVector<'_>]) -> Result<usize, StoreError> {
        self.of_index(|conn| {
            // an index that is being built does not hold all texts yet, and a sweep follows
            let mut put = conn.prepare_cached(
                "INSERT INTO vectors (model, text, scale, vals)
                 SELECT ?1, ?2, ?3, ?4
                 WHERE EXISTS (SELECT 1 FROM vector_models WHERE id = ?1)
                   AND (EXISTS (SELECT 1 FROM passages WHERE text = ?2)
                        OR (SELECT building FROM index_state WHERE one = 1))
                 ON CONFLICT (model, text) DO NOTHING",
            )?;
            let mut new = 0;
            let mut bytes = Vec::new();
            for vector in vectors {
                bytes.clear();
                // a scale that is none would be stored as nothing at all
                let scale = if vector.scale.is_normal() { vector.scale } else { 0.0 };
                if scale != 0.0 {
                    bytes.extend(vector.values.iter().map(|value| value.cast_unsigned()));
                }
                new += put.execute(params![model.0, vector.hash, f64::from(scale), bytes])?;
            }
            count(conn, model, new as i64)?;
            move_on(conn, model)?;
            Ok(new)
        })
    }

    /// Looks at `most` vectors behind the one with id `after` and removes those whose text no passage has: such may be left
    /// from the building of the index. The id to go on behind; `None` when nothing is left to look at, also because it was
    /// done since the index was built, or because it is still being built.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be written.
    pub fn sweep_vectors(&self, after: i64, most: usize) -> Result<Option<i64>, StoreError> {
        let state = self.index_state()?;
        if state.version == 0 || state.building {
            return Ok(None);
        }
        self.of_index(|conn| {
            let generation = state.generation as i64;
            if !conn.prepare_cached("SELECT 1 FROM vector_models WHERE swept != ?1")?.exists([generation])? {
                return Ok(None);
            }
            let last: Option<i64> = conn
                .prepare_cached(
                    "SELECT max(id) FROM (SELECT id FROM vectors WHERE id > ?1 ORDER BY id LIMIT ?2)",
                )?
                .query_row(params![after, most as i64], |row| row.get(0))?;
            let Some(last) = last else {
                conn.prepare_cached("UPDATE vector_models SET swept = ?1")?.execute([generation])?;
                return Ok(None);
            };
            sweep(conn, after, last)?;
            Ok(Some(last))
        })
    }
}

fn sweep(conn: &Connection, after: i64, last: i64) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "DELETE FROM vectors WHERE id > ?1 AND id <= ?2
           AND NOT EXISTS (SELECT 1 FROM passages p WHERE p.text = vectors.text)
         RETURNING model",
    )?;
    let models: Vec<i64> =
        statement.query_map([after, last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    models.into_iter().try_for_each(|model| count(conn, VectorModelId(model), -1))
}

#[cfg(test)]
mod tests {
    use mem_core::time::Timestamp;

    use super::*;
    use crate::open::Store;

    #[test]
    fn a_full_disk_costs_the_batch_and_leaves_progress_where_it_was() {
        let folder = tempfile::TempDir::new().unwrap();
        let now = Timestamp(1_763_700_000_000);
        let mut store = Store::open(&folder.path().join("memory.db"), now, folder.path()).unwrap();
        let model = store
            .write(|tx| {
                // an index that is being built takes vectors of texts it has not met yet
                tx.begin_index(1)?;
                tx.vector_model("a model", 384, "a")
            })
            .unwrap();
        let values = [1; 384];
        let batch = |first: i64, count: i64| -> Vec<NewVector<'_>> {
            (first..first + count).map(|hash| NewVector { hash, scale: 0.5, values: &values }).collect()
        };
        store.write(|tx| tx.put_vectors(model.id, &batch(1, 16))).unwrap();
        let pages: i64 = store.conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.conn.pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(())).unwrap();
        let refused = store.write(|tx| tx.put_vectors(model.id, &batch(17, 64)));
        assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
        assert_eq!(store.vector_models().unwrap()[0].vectors, 16);
        store.conn.pragma_update_and_check(None, "max_page_count", pages + 99, |_| Ok(())).unwrap();
        assert_eq!(store.write(|tx| tx.put_vectors(model.id, &batch(1, 80))).unwrap(), 64, "each once");
        let mut seen = 0;
        let read = store.read_vectors(&store.vector_models().unwrap()[0], 0, |_, _, _| seen += 1).unwrap();
        assert_eq!((seen, read.vectors, read.defects), (80, 80, 0));
        assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
    }
}
