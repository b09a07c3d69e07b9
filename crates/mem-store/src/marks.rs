//! Marks: small facts by name that survive a restart, such as until when a pause holds.

use mem_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

impl Reader {
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
}

impl Tx<'_> {
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
