//! How the index stands, and laying it out anew.

use rusqlite::{Connection, params};

use super::due;
use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

/// The tables of the index.
pub(crate) const LAYOUT: &str = include_str!("index.sql");

/// How the index stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexState {
    /// The version of the analysis it was built with; 0 when there is no index.
    pub version: u32,
    /// How often it was begun anew: what was read of another generation is worthless.
    pub generation: u64,
    /// How often it changed; while that stays, what was read of it holds.
    pub changes: u64,
    /// Passages it holds.
    pub passages: u64,
    /// Documents that are due.
    pub due: u64,
    /// Whether it never held everything since it was begun.
    pub building: bool,
}

impl IndexState {
    /// Whether it is being built by this version of the analysis, or has yet to be.
    pub fn is_rebuilding(&self, version: u32) -> bool {
        self.building || self.version != version
    }
}

impl Reader {
    /// How the index stands.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn index_state(&self) -> Result<IndexState, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT version, generation, changes, passages, (SELECT count(*) FROM index_due), building
                 FROM index_state WHERE one = 1",
            )?
            .query_row([], |row| {
                Ok(IndexState {
                    version: row.get(0)?,
                    generation: row.get::<_, i64>(1)?.max(0) as u64,
                    changes: row.get::<_, i64>(2)?.max(0) as u64,
                    passages: row.get::<_, i64>(3)?.max(0) as u64,
                    due: row.get::<_, i64>(4)?.max(0) as u64,
                    building: row.get(5)?,
                })
            })
        })
    }
}

impl Tx<'_> {
    /// Lays the index out anew for a version of the analysis: it is empty then, and every document is due.
    ///
    /// Whatever state the tables of the index were in is forgotten, damaged ones too.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn begin_index(&self, version: u32) -> Result<(), StoreError> {
        self.run(|conn| {
            clear(conn)?;
            conn.execute_batch(LAYOUT)?;
            due::due_of_all(conn)?;
            conn.execute(
                "INSERT INTO index_state VALUES (1, ?1, 1, 1, 0, 1)
                 ON CONFLICT (one) DO UPDATE
                 SET version = ?1, generation = generation + 1, changes = changes + 1, passages = 0, building = 1",
                params![version],
            )
            .map(drop)
        })
    }

    /// Notes that the index holds everything: from now on what is due is news.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn index_is_built(&self) -> Result<(), StoreError> {
        self.run(|conn| conn.execute("UPDATE index_state SET building = 0 WHERE one = 1", []).map(drop))
    }
}

/// Removes the tables of the index. Where they are too damaged to be removed, the schema forgets them; their pages are
/// lost until the file is vacuumed.
fn clear(conn: &Connection) -> rusqlite::Result<()> {
    const TABLES: [&str; 5] =
        ["passage_vocabulary", "passage_terms", "passage_blocks", "passage_labels", "passages"];
    let dropped = TABLES.iter().try_for_each(|table| {
        conn.execute_batch(&format!("SAVEPOINT clear; DROP TABLE IF EXISTS {table}; RELEASE clear"))
    });
    let Err(_damaged) = dropped else { return Ok(()) };
    conn.execute_batch("ROLLBACK TO clear; RELEASE clear")?;
    conn.pragma_update(None, "writable_schema", true)?;
    let forgotten = conn.execute(
        "DELETE FROM sqlite_schema WHERE name GLOB 'passage_*' OR tbl_name GLOB 'passage_*'
             OR tbl_name = 'passages'",
        [],
    );
    conn.execute_batch("PRAGMA writable_schema = RESET")?;
    forgotten.map(drop)
}

/// Notes that the index changed and holds so many passages more (or fewer).
pub(super) fn count(conn: &Connection, more: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE index_state SET changes = changes + 1, passages = max(0, passages + ?1) WHERE one = 1",
    )?
    .execute([more])
    .map(drop)
}
