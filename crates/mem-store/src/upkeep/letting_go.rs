//! What a connection keeps in memory for the next question, let go of.

use crate::error::StoreError;
use crate::open::Reader;
use crate::payload::Press;

impl Reader {
    /// Lets go of pages, prepared statements and what compresses: up to ten megabytes, which the next who asks reads or makes
    /// again. For a connection that stays open with nothing to do; not within a transaction.
    ///
    /// # Errors
    /// [`StoreError`] when SQLite refuses; nothing depends on it.
    pub fn let_go(&self) -> Result<(), StoreError> {
        self.press.replace(Press::default());
        self.run(|conn| {
            conn.flush_prepared_statement_cache();
            conn.execute_batch("PRAGMA shrink_memory")
        })
    }
}
