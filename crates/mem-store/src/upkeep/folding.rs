//! Folding the write-ahead log into the file between two rounds of work, so that no commit has to.

use crate::error::StoreError;
use crate::open::Store;

/// Pages that wait before folding them is worth two waits for the disk; SQLite's own choice.
const WORTH_IT: i64 = 1000;

impl Store {
    /// Folds what waits in the log, if it is much, as far as no reader is in the way. Whether anything was folded.
    ///
    /// SQLite would do it within the commit that passes a bound, which then takes ten times as long as any other. That bound
    /// is four times as high for us, for whoever does not call this.
    ///
    /// # Errors
    /// [`StoreError`] when the disk refuses; nothing is lost by that.
    pub fn fold_log(&self) -> Result<bool, StoreError> {
        self.run(|conn| {
            let count = |how: &str| -> rusqlite::Result<(i64, i64)> {
                conn.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| {
                    Ok((row.get(1)?, row.get(2)?))
                })
            };
            let (all, folded) = count("NOOP")?;
            if all - folded < WORTH_IT {
                return Ok(false);
            }
            let (_, after) = count("PASSIVE")?;
            Ok(after > folded)
        })
    }
}
