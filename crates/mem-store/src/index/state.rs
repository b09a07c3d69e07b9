//! How the index stands, and laying it out anew.

use mem_core::id::ProjectId;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::columns::BLOCK;
use super::due;
use crate::error::StoreError;
use crate::meaning;
use crate::open::Reader;
use crate::write::Tx;

/// The tables of the index.
pub(crate) const LAYOUT: &str = include_str!("index.sql");

/// What is due and how the index stands, where these are gone; otherwise they are as the migration laid them out.
const BOOKS: &str = "
    CREATE TABLE IF NOT EXISTS index_due (
    doc INTEGER PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT;
    CREATE INDEX IF NOT EXISTS index_due_in_order ON index_due (at, doc);
    CREATE TABLE IF NOT EXISTS index_state (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    version    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    gaps       INTEGER NOT NULL,
    passages   INTEGER NOT NULL,
    building   INTEGER NOT NULL
) STRICT;";

/// How the index stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexState {
    /// The version of the analysis it was built with; 0 when there is no index.
    pub version: u32,
    /// Which one of all that were begun, counted from a number by chance: what was read of another generation is worthless.
    pub generation: u64,
    /// How often it changed; while that stays, what was read of it holds.
    pub changes: u64,
    /// How often a row was taken out of a block: while that stays, what was read of the blocks holds.
    pub gaps: u64,
    /// Passages it holds.
    pub passages: u64,
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
        self.of_index(|conn| {
            conn.prepare_cached(
                "SELECT version, generation, changes, passages, building, gaps
                 FROM index_state WHERE one = 1",
            )?
            .query_row([], |row| {
                Ok(IndexState {
                    version: row.get(0)?,
                    generation: row.get::<_, i64>(1)?.max(0) as u64,
                    changes: row.get::<_, i64>(2)?.max(0) as u64,
                    passages: row.get::<_, i64>(3)?.max(0) as u64,
                    building: row.get(4)?,
                    gaps: row.get::<_, i64>(5)?.max(0) as u64,
                })
            })
        })
    }
}

impl Reader {
    /// How many documents are due. Counts them: not for every step.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn index_waiting(&self) -> Result<u64, StoreError> {
        self.of_index(|conn| {
            let due: i64 = conn
                .prepare_cached(&format!("SELECT count(*) FROM index_due WHERE {}", due::READABLE))?
                .query_row([], |row| row.get(0))?;
            Ok(due.max(0) as u64)
        })
    }

    /// How often the index changed since its postings were merged.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn index_unmerged(&self) -> Result<u64, StoreError> {
        let since: i64 = self.of_index(|conn| {
            conn.prepare_cached(
                "SELECT s.changes - m.changes FROM index_state s, passage_merges m WHERE s.one = 1 AND m.one = 1",
            )?
            .query_row([], |row| row.get(0))
        })?;
        // it was never merged later than now
        u64::try_from(since).map_err(|_| self.index_is_damaged())
    }
}

impl Reader {
    /// The last row of the index with its project, where there is any: a look at each table that costs next to nothing.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the tables contradict each other there; any other when the store cannot be read.
    pub fn last_passage(&self) -> Result<Option<(i64, ProjectId)>, StoreError> {
        let state = self.index_state()?;
        if state.version == 0 || state.passages == 0 {
            return Ok(None);
        }
        let found = self.of_index(|conn| {
            conn.prepare_cached(
                "SELECT row, project_id, EXISTS (SELECT 1 FROM passage_labels WHERE id = label),
                        (SELECT max(first) FROM passage_blocks)
                 FROM passages ORDER BY row DESC LIMIT 1",
            )?
            .query_row([], |row| {
                let (last, project): (i64, i64) = (row.get(0)?, row.get(1)?);
                let (labelled, block): (bool, Option<i64>) = (row.get(2)?, row.get(3)?);
                Ok((last, project, labelled, block))
            })
            .optional()
        })?;
        match found {
            // what lies behind the last block is less than another one
            Some((row, project, true, block))
                if row <= block.map_or(0, |first| first.saturating_add(BLOCK - 1)).saturating_add(BLOCK) =>
            {
                Ok(Some((row, ProjectId(project))))
            }
            _ => Err(self.index_is_damaged()),
        }
    }

    /// Another number whenever somebody else has committed since it was last asked of this connection.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn commits_of_others(&self) -> Result<i64, StoreError> {
        self.run(|conn| conn.pragma_query_value(None, "data_version", |row| row.get(0)))
    }
}

impl Tx<'_> {
    /// Lays the index out anew for a version of the analysis: it is empty then, and every document is due.
    ///
    /// Whatever state the tables of the index were in is forgotten, damaged ones too. Vectors stay, where they can be read.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn begin_index(&self, version: u32) -> Result<(), StoreError> {
        self.run(|conn| {
            clear(conn, &VIRTUAL)?;
            clear(conn, &PLAIN)?;
            if !books_are_sound(conn) {
                clear(conn, &["index_due", "index_state"])?;
            }
            conn.execute_batch(BOOKS)?;
            conn.execute_batch(LAYOUT)?;
            meaning::mend(conn)?;
            due::due_of_all(conn)?;
            // the first by chance: what was kept of another store, or of one whose books were lost, must not pass for this
            conn.execute(
                "INSERT INTO index_state VALUES (1, ?1, random() & 0x3fffffffffffffff, 1, 0, 0, 1)
                 ON CONFLICT (one) DO UPDATE SET
                     version = ?1, changes = 1, gaps = 0, passages = 0, building = 1,
                     generation = iif(generation BETWEEN 1 AND 0x3ffffffffffffffe, generation + 1, excluded.generation)",
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

impl Tx<'_> {
    /// Merges postings, about so many pages of them; whether there is more to merge.
    ///
    /// Every transaction adds a piece, and every term is looked for in each piece. SQLite merges pieces too, while others
    /// write, and never the large ones with the small.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be written.
    pub fn merge_index(&self, pages: u32) -> Result<bool, StoreError> {
        self.of_index(|conn| {
            let merge = |pages: i64| -> rusqlite::Result<bool> {
                let before = conn.total_changes();
                conn.prepare_cached("INSERT INTO passage_terms (passage_terms, rank) VALUES ('merge', ?1)")?
                    .execute([pages])?;
                // one is this statement's own
                Ok(conn.total_changes() - before > 1)
            };
            // a negative number takes all pieces, where that was not begun before
            if merge(-i64::from(pages))? {
                return Ok(true);
            }
            conn.execute(
                "UPDATE passage_merges SET changes = (SELECT changes FROM index_state WHERE one = 1) WHERE one = 1",
                [],
            )?;
            Ok(false)
        })
    }
}

/// What FTS5 keeps, and what reads it: tables without pages of their own.
const VIRTUAL: [&str; 2] = ["passage_vocabulary", "passage_terms"];
/// Everything else, in which what FTS5 keeps is put down.
const PLAIN: [&str; 10] = [
    "passage_terms_data",
    "passage_terms_idx",
    "passage_terms_docsize",
    "passage_terms_config",
    "passage_blocks",
    "passage_labels",
    "passage_words",
    "passage_merges",
    "passage_said",
    "passages",
];

/// Whether what is due and how the index stands can be written down.
fn books_are_sound(conn: &Connection) -> bool {
    let sound = |sql: &str| conn.prepare(sql).is_ok();
    sound("INSERT INTO index_due (doc, at) VALUES (1, 1)")
        && sound(
            "INSERT INTO index_state (one, version, generation, changes, gaps, passages, building) VALUES (1, 1, 1, 1, 1, 1, 1)",
        )
}

/// Removes tables of the index, however damaged they are, and whatever else bears their names. What cannot even be removed
/// is struck from the schema; what pages it had are lost room until the file is vacuumed.
pub(crate) fn clear(conn: &Connection, names: &[&str]) -> rusqlite::Result<()> {
    for name in names {
        let kind: Option<String> = conn
            .prepare_cached("SELECT type FROM sqlite_schema WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let Some(kind) = kind else { continue };
        // removing `passage_terms` removes what it is put down in, where it can be set up at all
        conn.execute_batch("SAVEPOINT clear")?;
        match conn.execute_batch(&format!("DROP {kind} {name}")) {
            Ok(()) => {}
            // no damage: the disk, or somebody else
            Err(error) if is_of_the_place(&error) => return Err(error),
            Err(_) => {
                conn.execute_batch("ROLLBACK TO clear")?;
                strike(conn, name)?;
            }
        }
        conn.execute_batch("RELEASE clear")?;
    }
    Ok(())
}

/// Whether an error comes from where the file lies, not from what is in it.
fn is_of_the_place(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
        )
    )
}

fn strike(conn: &Connection, table: &str) -> rusqlite::Result<()> {
    conn.pragma_update(None, "writable_schema", true)?;
    let struck = conn.execute("DELETE FROM sqlite_schema WHERE name = ?1 OR tbl_name = ?1", [table]);
    // also has the schema read again
    conn.execute_batch("PRAGMA writable_schema = RESET")?;
    struck.map(drop)
}

/// Notes that a row was taken out of a block.
pub(super) fn gap(conn: &Connection) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE index_state SET gaps = (gaps + 1) & 0x3fffffffffffffff WHERE one = 1")?
        .execute([])
        .map(drop)
}

/// Notes that the index changed and holds so many passages more (or fewer).
pub(super) fn count(conn: &Connection, more: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE index_state SET changes = (changes + 1) & 0x3fffffffffffffff, passages = max(0, passages + ?1)
         WHERE one = 1",
    )?
    .execute([more])
    .map(drop)
}
