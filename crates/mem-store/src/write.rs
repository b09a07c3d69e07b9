//! The one door for writing: a transaction that is all or nothing.
//!
//! The methods of [`Tx`] stand in the file of the table they write.

use std::ops::Deref;

use mem_core::time::Timestamp;
use rusqlite::Connection;
use uuid::{NoContext, Uuid};

use crate::error::StoreError;
use crate::migrate::KNOWN;
use crate::open::{Access, Reader, Store};

/// A write transaction; everything readable is readable in it too.
pub struct Tx<'s> {
    reader: &'s Reader,
}

impl Store {
    /// Runs `work` in a transaction: committed when it returns `Ok`, rolled back when it returns `Err` or
    /// panics. Waits for other writers before the first statement, never in the middle.
    ///
    /// # Errors
    /// What `work` returned; [`StoreError::Newer`] and [`StoreError::ReadOnly`] when this handle only reads;
    /// any other when SQLite could not begin or commit. Nothing was written then.
    pub fn write<T>(&mut self, work: impl FnOnce(&Tx) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let path = || self.path().to_path_buf();
        match self.access() {
            Access::Write => {}
            Access::Newer(found) => return Err(StoreError::Newer { path: path(), found, known: KNOWN }),
            Access::Read | Access::Frozen => {
                return Err(StoreError::ReadOnly { path: path(), source: None });
            }
        }
        let reader: &Reader = self;
        let pending = Pending { conn: &reader.conn };
        reader.run(|conn| conn.execute_batch("BEGIN IMMEDIATE"))?;
        let made = work(&Tx { reader })?;
        reader.run(|conn| conn.execute_batch("COMMIT"))?;
        drop(pending);
        Ok(made)
    }
}

impl Deref for Tx<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.reader
    }
}

/// Rolls back what is not committed, also while a panic unwinds.
struct Pending<'c> {
    conn: &'c Connection,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.conn.is_autocommit() {
            // Should even this fail, the log holds no commit and the next opening ignores the rest.
            let _rolled_back = self.conn.execute_batch("ROLLBACK");
        }
    }
}

/// A new id for the world outside this store (UUIDv7), of the moment `now`.
pub(crate) fn new_uuid(now: Timestamp) -> String {
    let ms = now.0.max(0) as u64;
    let moment = uuid::Timestamp::from_unix(NoContext, ms / 1000, (ms % 1000) as u32 * 1_000_000);
    Uuid::new_v7(moment).to_string()
}
