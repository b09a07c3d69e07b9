//! The books beside memory: running counts, frames whose fate is settled, the last problems, and marks: small facts
//! that survive a restart, such as until when a pause holds.

use std::collections::BTreeMap;

use mem_core::id::FrameId;
use mem_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

/// The last problem of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What sort of problem, a short name.
    pub kind: String,
    /// What was said about it last.
    pub said: String,
    /// When it was first met since it was last cleared.
    pub first_at: Timestamp,
    /// When it was last met.
    pub at: Timestamp,
    /// How often since then.
    pub count: u64,
}

impl Reader {
    /// All running counts by name.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn tallies(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT name, n FROM tallies")?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.max(0) as u64)))?
                .collect()
        })
    }

    /// The last problem of each kind that was not cleared, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn faults(&self) -> Result<Vec<Fault>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT kind, said, first_at, at, count FROM faults ORDER BY at DESC, kind")?
                .query_map([], |row| {
                    Ok(Fault {
                        kind: row.get(0)?,
                        said: row.get(1)?,
                        first_at: Timestamp(row.get(2)?),
                        at: Timestamp(row.get(3)?),
                        count: row.get::<_, i64>(4)?.max(0) as u64,
                    })
                })?
                .collect()
        })
    }

    /// The mark of that name, and when it was set.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn mark(&self, name: &str) -> Result<Option<(String, Timestamp)>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT value, at FROM marks WHERE name = ?1")?
                .query_row([name], |row| Ok((row.get(0)?, Timestamp(row.get(1)?))))
                .optional()
        })
    }

    /// All frames whose fate is committed and that were not forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn all_drained(&self) -> Result<Vec<FrameId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT frame FROM drained ORDER BY frame")?
                .query_map([], |row| row.get(0).map(FrameId))?
                .collect()
        })
    }
}

impl Tx<'_> {
    /// Whether the fate of this frame is committed already.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn was_drained(&self, frame: &FrameId) -> Result<bool, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT 1 FROM drained WHERE frame = ?1")?.exists([frame.0.as_str()])
        })
    }

    /// Remembers that the fate of this frame is part of this transaction.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn mark_drained(&self, frame: &FrameId) -> Result<(), StoreError> {
        self.run(|conn| {
            conn.prepare_cached("INSERT OR IGNORE INTO drained (frame) VALUES (?1)")?
                .execute([frame.0.as_str()])
                .map(drop)
        })
    }

    /// Forgets frames whose files are gone.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn forget_drained(&self, frames: &[FrameId]) -> Result<(), StoreError> {
        self.run(|conn| {
            let mut statement = conn.prepare_cached("DELETE FROM drained WHERE frame = ?1")?;
            for frame in frames {
                statement.execute([frame.0.as_str()])?;
            }
            Ok(())
        })
    }

    /// Adds `n` to the count of that name.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn tally(&self, name: &str, n: u64) -> Result<(), StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "INSERT INTO tallies (name, n) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET n = n + ?2",
            )?
            .execute(params![name, n as i64])
            .map(drop)
        })
    }

    /// Records a problem; of each kind the last is kept, with how often it happened.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn fault(&self, kind: &str, said: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "INSERT INTO faults (kind, said, first_at, at, count) VALUES (?1, ?2, ?3, ?3, 1)
                 ON CONFLICT (kind) DO UPDATE SET said = ?2, at = ?3, count = count + 1",
            )?
            .execute(params![kind, said, now.0])
            .map(drop)
        })
    }

    /// Forgets the problem of that kind; whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn clear_fault(&self, kind: &str) -> Result<bool, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("DELETE FROM faults WHERE kind = ?1 RETURNING 1")?
                .query_row([kind], |_| Ok(()))
                .optional()
                .map(|gone| gone.is_some())
        })
    }

    /// Sets the mark of that name, or removes it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn set_mark(&self, name: &str, value: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        self.run(|conn| match value {
            Some(value) => conn
                .prepare_cached(
                    "INSERT INTO marks (name, value, at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (name) DO UPDATE SET value = ?2, at = ?3",
                )?
                .execute(params![name, value, now.0])
                .map(drop),
            None => conn.prepare_cached("DELETE FROM marks WHERE name = ?1")?.execute([name]).map(drop),
        })
    }
}
