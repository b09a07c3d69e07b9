//! Opening and closing the store, and the handle everybody reads through.
//!
//! A writer creates the file for its owner alone, migrates it and sets how SQLite keeps it; a reader changes
//! nothing, not even where the directory forbids it. A database that is not ours, damaged or newer is never
//! touched.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::ErrorKind;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mem_core::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{files, log};
use crate::error::StoreError;
use crate::migrate::{self, APPLICATION_ID, KNOWN};
use crate::payload::Press;
use crate::upkeep::FOLDED_IN_COMMIT;

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long closing waits for readers and writers.
const CLOSING: Duration = Duration::from_millis(250);
/// Most pages that are kept in memory, as SQLite wants it: negative, in KiB.
const CACHE: i64 = -8192;
/// Size the write-ahead log is cut back to, in bytes.
const LOG_LIMIT: i64 = 16 * 1024 * 1024;
/// What stays on record of a log that was passed over.
const LOG_FAULT: &str = "store:log";
const LOG_IS_LOST: &str =
    "the log beside memory.db was damaged and is begun anew, so what was remembered last may be missing";
/// Attempts to switch the journal while other processes open the same new file.
const SWITCHES: u32 = 50;

/// Held from creating the file to connecting to it: closing a file gives up all locks that the process holds
/// on it, those of SQLite on another thread too. (Nobody else may open the file in any other way.)
static CREATING: Mutex<()> = Mutex::new(());

/// What may be asked of the store, inside and outside a transaction.
pub struct Reader {
    pub(crate) conn: Connection,
    path: PathBuf,
    which: Option<Which>,
    pub(crate) press: RefCell<Press>,
}

/// An open store.
pub struct Store {
    reader: Reader,
    access: Access,
    /// What the file and its log were when they were first looked at, by device and inode.
    place: Cell<[Option<(u64, u64)>; 2]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
    Frozen,
    Newer(u32),
}

impl Store {
    /// Opens the store at `path` for reading and writing; creates it (mode 0600, its folder must exist) and
    /// migrates it where needed, after a copy into `backups`. Waits up to 5 s for other writers.
    ///
    /// A store of a newer schema opens read-only; see [`Store::newer`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed then.
    pub fn open(path: &Path, now: Timestamp, backups: &Path) -> Result<Self, StoreError> {
        Self::open_within(path, now, backups, PATIENCE)
    }

    /// The same, waiting at most `patience` whenever somebody else is writing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_within(
        path: &Path,
        now: Timestamp,
        backups: &Path,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        files::are_files(path)?;
        files::is_not_cut(path)?;
        let log_is_lost = log::is_nonsense(path);
        let creating = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
        match migrate::create_private(path) {
            Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
            Err(StoreError::ReadOnly { .. }) if path.exists() => {}
            other => other?,
        }
        let blame = |source| StoreError::of(path, source);
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience).map_err(blame)?;
        drop(creating);
        // The file is there; what cannot be opened is the log beside it, in a folder that takes no files.
        let found = recognise(&conn, path).map_err(|error| match error {
            StoreError::Sqlite { path, source }
                if source.sqlite_error_code() == Some(ErrorCode::CannotOpen) =>
            {
                StoreError::ReadOnly { path, source: Some(source) }
            }
            other => other,
        })?;
        if found > KNOWN {
            conn.pragma_update(None, "query_only", true).map_err(blame)?;
            return Ok(Self::of(conn, path, Access::Newer(found)));
        }
        prepare_for_writing(&conn, found).map_err(blame)?;
        migrate::migrate(&conn, path, &migrate::MIGRATIONS, now, backups)?;
        let mut store = Self::of(conn, path, Access::Write);
        if log_is_lost {
            // with this the log is one again; where it fails, the next one finds what we found
            store.write(|tx| tx.fault(LOG_FAULT, LOG_IS_LOST, now))?;
        }
        Ok(store)
    }

    /// Opens the store at `path` for reading, beside a writer or alone. Never creates or changes anything.
    ///
    /// Where the directory cannot be written (and SQLite could not set up its shared memory), the file is
    /// read as it stands, if all there is stands in it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no file or nothing in it yet; [`StoreError`] otherwise, also where something
    /// may stand in the write-ahead log only: without it memory would lack its end, or look damaged.
    pub fn open_read(path: &Path) -> Result<Self, StoreError> {
        files::are_files(path)?;
        files::is_not_cut(path)?;
        match std::fs::metadata(path) {
            Err(source) if source.kind() == ErrorKind::NotFound => {
                return Err(StoreError::Missing { path: path.to_path_buf() });
            }
            Err(source) => return Err(StoreError::io(path, source)),
            Ok(_) => {}
        }
        let opened = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, PATIENCE)
            .and_then(|conn| migrate::version(&conn).map(|_| conn));
        let (conn, mut access) = match opened {
            Ok(conn) => (conn, Access::Read),
            Err(error) if cannot_share(&error) && !has_log(path) => (connect_frozen(path)?, Access::Frozen),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
                return Err(StoreError::ReadOnly { path: path.to_path_buf(), source: Some(error) });
            }
            Err(error) => return Err(StoreError::of(path, error)),
        };
        match recognise(&conn, path)? {
            0 => return Err(StoreError::Missing { path: path.to_path_buf() }),
            found if found < KNOWN => {
                return Err(StoreError::Older { path: path.to_path_buf(), found, known: KNOWN });
            }
            found if found > KNOWN => access = Access::Newer(found),
            _ => {}
        }
        Ok(Self::of(conn, path, access))
    }

    /// The schema of the store when it is newer than this program knows, so that it can only be read.
    pub fn newer(&self) -> Option<u32> {
        match self.access {
            Access::Newer(found) => Some(found),
            _ => None,
        }
    }

    /// Whether the file and its log are still the ones that were opened, and are whole as far as their metadata tells: to
    /// be asked after a commit, before what was committed is thrown away elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when either was removed or replaced, [`StoreError::Cut`] when the file was emptied,
    /// [`StoreError::Log`] when the log was overwritten; the store must be closed and opened anew.
    pub fn in_place(&self) -> Result<(), StoreError> {
        let now = [files::identity(self.path()), files::identity(&files::log_of(self.path()))];
        let [file, before] = self.place.get();
        let stands =
            now[0].is_some() && now[0] == file && now[1].is_some() && (before.is_none() || before == now[1]);
        if !stands {
            return Err(StoreError::Moved { path: self.path().to_path_buf() });
        }
        self.place.set(now);
        if log::is_nonsense(self.path()) {
            return Err(StoreError::Log { path: self.path().to_path_buf(), source: None });
        }
        files::is_not_cut(self.path())
    }

    /// Whether what was opened can be gone on with: the file and its log stand, and nobody has upgraded the tables since.
    /// One that is read as it stands would never see what comes.
    pub fn can_go_on(&self) -> bool {
        matches!(self.access, Access::Write | Access::Read)
            && self.in_place().is_ok()
            && self.run(migrate::version).is_ok_and(|found| found == KNOWN)
    }

    /// Whether the file is read as it stands, because its directory cannot be written.
    pub fn frozen(&self) -> bool {
        self.access == Access::Frozen
    }

    /// Folds the write-ahead log into the file and closes the store.
    ///
    /// # Errors
    /// [`StoreError`] when the disk refuses, or when the file was emptied or the log overwritten and both together are no
    /// whole store; the log is not folded then, and nothing more is lost.
    pub fn close(self) -> Result<(), StoreError> {
        let harm = self.harm_of_folding();
        let Self { reader: Reader { conn, path, .. }, access, .. } = self;
        let blame = |source| StoreError::of(&path, source);
        if let Some(harm) = harm {
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(blame)?;
            conn.close().map_err(|(_, source)| blame(source))?;
            return Err(harm);
        }
        if access == Access::Write {
            // Whoever closes may be on the way out with a deadline: what cannot be folded now waits.
            conn.busy_timeout(CLOSING).map_err(blame)?;
            // Says how much was folded; a reader at work only leaves some of it for the next time.
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(blame)?;
        }
        conn.close().map_err(|(_, source)| blame(source))
    }

    /// Why the log must not be folded into the file.
    fn harm_of_folding(&self) -> Option<StoreError> {
        let path = self.path().to_path_buf();
        if files::identity(&path) != self.place.get()[0] {
            // they belong together, wherever they are by now
            return None;
        }
        let harm = if log::is_broken(&path) {
            StoreError::Log { path, source: None }
        } else if files::is_empty(&path) {
            // pages here and there would be a damaged store, and without its log
            StoreError::Cut { path }
        } else {
            return None;
        };
        (!self.is_whole_as_it_is_read()).then_some(harm)
    }

    /// Whether all of the store is sound as the file and the log give it together, so that folding makes a sound file: one
    /// that was emptied when all of it stood in the log, or what was overwritten in the log stands behind it once more.
    fn is_whole_as_it_is_read(&self) -> bool {
        // what is in memory may be nowhere else
        self.run(|conn| conn.execute_batch("PRAGMA shrink_memory")).is_ok()
            && self.quick_check().is_ok_and(|damage| damage.is_empty())
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    fn of(conn: Connection, path: &Path, access: Access) -> Self {
        conn.set_prepared_statement_cache_capacity(128);
        // A search touches some thousand pages; the default of 2 MB would read them from the file again each time.
        let _with_the_default_it_is_only_slower = conn.pragma_update(None, "cache_size", CACHE);
        let which = Which::of(path);
        let reader = Reader { conn, path: path.to_path_buf(), which, press: RefCell::default() };
        Self { reader, access, place: Cell::new([files::identity(path), None]) }
    }
}

/// Which file something was read from: of two that bore one name after each other, each is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    file: (u64, u64),
    /// A number of a file is given again once it is gone.
    made: Option<SystemTime>,
}

impl Which {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { file: (found.dev(), found.ino()), made: found.created().ok() })
    }
}

impl fmt::Display for Which {
    /// The same in every process that looks at the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = self.made.and_then(|made| made.duration_since(SystemTime::UNIX_EPOCH).ok());
        write!(f, "{}-{}-{}", self.file.0, self.file.1, made.unwrap_or_default().as_nanos())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path())
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

impl Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Reader {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which file it is; `None` when that could not be seen.
    pub fn which(&self) -> Option<Which> {
        self.which
    }

    /// Looks the whole file over, quickly: what is wrong, in SQLite's words (at most 100); nothing when sound. Pages that
    /// nobody uses are lost room and no damage.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot even be read.
    pub fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        self.run(|conn| {
            let mut statement = conn.prepare("PRAGMA quick_check(100)")?;
            let found: Vec<String> =
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let fine = |line: &str| {
                line == "ok" || line.starts_with("*** in database ") || line.ends_with(": never used")
            };
            let lines = found.iter().flat_map(|block| block.lines());
            Ok(lines.filter(|line| !fine(line)).map(ToOwned::to_owned).collect())
        })
    }

    /// Runs `work` on one state of the store, whatever others write meanwhile; reading much is quicker so, too.
    ///
    /// # Errors
    /// What `work` returned; [`StoreError`] when the store cannot be read.
    pub fn at_one_moment<T, E: From<StoreError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let blame = |source| StoreError::of(&self.path, source);
        // inside a transaction it is one moment already
        if !self.conn.is_autocommit() {
            return work();
        }
        let moment = self.conn.unchecked_transaction().map_err(blame)?;
        let done = work()?;
        moment.finish().map_err(blame)?;
        Ok(done)
    }

    /// Runs SQL and gives its error the kind and the path.
    pub(crate) fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.conn).map_err(|source| StoreError::of(&self.path, source))
    }
}

fn connect(path: &Path, flags: OpenFlags, patience: Duration) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(patience)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // A statement that is used again is not prepared again for every other value.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A damaged or hostile schema shall not make us run its functions.
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(conn)
}

/// The file as it stands: no lock, no shared memory, no log.
fn connect_frozen(path: &Path) -> Result<Connection, StoreError> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&uri), flags, Duration::ZERO).map_err(|source| StoreError::of(path, source))
}

/// Whether there is a write-ahead log with something in it.
fn has_log(path: &Path) -> bool {
    std::fs::metadata(files::log_of(path)).is_ok_and(|found| found.len() > 0)
}

/// Whether a reader failed only because it could not set up what readers and writers share.
fn cannot_share(error: &rusqlite::Error) -> bool {
    // the last two are what a full disk gives
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::DiskFull | ErrorCode::SystemIoFailure)
    )
}

/// The schema of a file that is ours or empty (0).
fn recognise(conn: &Connection, path: &Path) -> Result<u32, StoreError> {
    let blame = |source| StoreError::of(path, source);
    // In one transaction, since somebody may be creating the store at this moment.
    let snapshot = conn.unchecked_transaction().map_err(blame)?;
    let mark: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(blame)?;
    let found = migrate::version(conn).map_err(blame)?;
    let tables: i64 =
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(blame)?;
    snapshot.finish().map_err(blame)?;
    let empty = mark == 0 && found == 0 && tables == 0;
    if !empty && mark != APPLICATION_ID {
        return Err(StoreError::Foreign { path: path.to_path_buf() });
    }
    Ok(found)
}

fn prepare_for_writing(conn: &Connection, found: u32) -> rusqlite::Result<()> {
    if found == 0 {
        // Only counts before the first page is written.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    switch_to_log(conn)?;
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.pragma_update_and_check(None, "wal_autocheckpoint", FOLDED_IN_COMMIT, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT, |_| Ok(()))
}

/// Switches to the write-ahead log. That needs the file for oneself, and SQLite does not wait for it while
/// others open the same new file; an exclusive transaction does wait.
fn switch_to_log(conn: &Connection) -> rusqlite::Result<()> {
    let mut last = Ok(());
    for _ in 0..SWITCHES {
        last = conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
        match &last {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                conn.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
            }
            _ => break,
        }
    }
    last
}
