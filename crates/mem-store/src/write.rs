//! The one door for writing: a transaction that is all or nothing.
//!
//! The methods of [`Tx`] stand in the file of the table they write.

use std::ops::Deref;

use mem_core::time::Timestamp;
use rusqlite::Connection;
use uuid::{NoContext, Uuid};

use crate::error::StoreError;
use crate::migrate::{self, KNOWN};
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
        // A newer program may have migrated the store since it was opened here.
        let found = reader.run(migrate::version)?;
        if found > KNOWN {
            return Err(StoreError::Newer { path: path(), found, known: KNOWN });
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_700_000_000);

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("memory.db"), NOW, folder.path()).unwrap();
        (folder, store)
    }

    #[test]
    fn a_full_disk_is_named_and_costs_only_the_transaction() {
        let (_folder, mut store) = store();
        store.write(|tx| tx.tally("stored", 1)).unwrap();
        let pages: i64 = store.conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.conn.pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(())).unwrap();
        let fill = store.write(|tx| {
            tx.tally("stored", 1)?;
            (0..10_000).try_for_each(|n| tx.fault(&format!("kind {n}"), &"x".repeat(100), NOW))
        });
        assert!(matches!(fill, Err(StoreError::Full { .. })), "{fill:?}");
        assert_eq!(store.tallies().unwrap()["stored"], 1);
        store.write(|tx| tx.tally("stored", 1)).unwrap();
        assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_store_that_became_newer_is_written_no_more() {
        let (folder, mut store) = store();
        let newer = Connection::open(folder.path().join("memory.db")).unwrap();
        newer.pragma_update(None, "user_version", KNOWN + 1).unwrap();
        let refused = store.write(|tx| tx.tally("stored", 1));
        assert!(matches!(refused, Err(StoreError::Newer { .. })), "{refused:?}");
        assert!(store.tallies().unwrap().is_empty(), "it can still be read");
    }

    #[test]
    fn new_ids_carry_the_moment_they_are_given() {
        let [one, later] = [NOW, NOW.plus_ms(1)].map(new_uuid);
        assert!(one < later, "{one} {later}");
        assert_ne!(new_uuid(NOW), new_uuid(NOW));
    }
}
