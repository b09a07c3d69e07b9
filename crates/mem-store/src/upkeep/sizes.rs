//! How much there is: bytes on disk and rows.

use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::open::Reader;

/// Bytes on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// The database file.
    pub file: u64,
    /// The write-ahead log beside it.
    pub log: u64,
    /// Of the file: pages that hold nothing and will be used again.
    pub free: u64,
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Projects.
    pub projects: u64,
    /// Sessions.
    pub sessions: u64,
    /// Turns.
    pub turns: u64,
    /// Events that are still kept.
    pub events: u64,
    /// Bytes of the payloads of those events, compressed.
    pub event_bytes: u64,
    /// Observations, without those that were replaced.
    pub observations: u64,
    /// Summaries, without those that were replaced.
    pub summaries: u64,
    /// Observations and summaries that were replaced.
    pub replaced: u64,
    /// Batches that are neither done, skipped nor parked.
    pub batches: u64,
    /// Requests in the ledger.
    pub requests: u64,
    /// Turns that wait for the distiller, or are still open.
    pub waiting: u64,
}

impl Reader {
    /// Bytes on disk; cheap.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn sizes(&self) -> Result<Sizes, StoreError> {
        let free = self.run(|conn| {
            let free: i64 = conn.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
            let page: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
            Ok((free * page).max(0) as u64)
        })?;
        Ok(Sizes { file: file_len(self.path()), log: file_len(&log_of(self.path())), free })
    }

    /// Bytes of each table with its indexes, the largest first. Reads every page of the file.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn table_sizes(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT CASE WHEN s.tbl_name GLOB 'passage_terms_*' THEN 'passage_terms'
                             ELSE coalesce(s.tbl_name, d.name) END AS of_table, sum(d.pgsize) AS bytes
                 FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name
                 WHERE d.aggregate = TRUE GROUP BY of_table ORDER BY bytes DESC, of_table",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.max(0) as u64)))?
            .collect()
        })
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT (SELECT count(*) FROM projects), (SELECT count(*) FROM sessions),
                        (SELECT count(*) FROM turns), (SELECT coalesce(sum(events), 0) FROM sessions),
                        (SELECT coalesce(sum(event_bytes), 0) FROM sessions),
                        (SELECT count(*) FROM observations WHERE superseded_by IS NULL),
                        (SELECT count(*) FROM summaries WHERE superseded_by IS NULL),
                        (SELECT count(*) FROM turns WHERE changed_seq > distilled_seq AND pruned_at IS NULL),
                        (SELECT count(*) FROM observations WHERE superseded_by IS NOT NULL)
                            + (SELECT count(*) FROM summaries WHERE superseded_by IS NOT NULL),
                        (SELECT count(*) FROM batches WHERE settled_at IS NULL),
                        (SELECT count(*) FROM requests)",
            )?
            .query_row([], |row| {
                let count = |at: usize| row.get::<_, i64>(at).map(|n| n.max(0) as u64);
                Ok(Counts {
                    projects: count(0)?,
                    sessions: count(1)?,
                    turns: count(2)?,
                    events: count(3)?,
                    event_bytes: count(4)?,
                    observations: count(5)?,
                    summaries: count(6)?,
                    waiting: count(7)?,
                    replaced: count(8)?,
                    batches: count(9)?,
                    requests: count(10)?,
                })
            })
        })
    }
}

/// The length of a file; 0 when there is none.
fn file_len(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
