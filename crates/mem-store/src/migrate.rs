//! Numbered migrations, each in one transaction, and the copy that is made before the first of them.
//!
//! A migration is never edited once released. The number of the last one stands in `user_version`.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use mem_core::time::Timestamp;
use rusqlite::Connection;

use crate::error::StoreError;

/// The migrations, oldest first: the n-th leads to schema n.
pub(crate) const MIGRATIONS: [&str; 4] = [
    include_str!("../migrations/001_first.sql"),
    include_str!("../migrations/002_observer.sql"),
    include_str!("../migrations/003_recall.sql"),
    include_str!("../migrations/004_vectors.sql"),
];

/// The newest schema this program knows.
pub const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Marks the file as ours: `cmem` in ASCII.
pub(crate) const APPLICATION_ID: i32 = 0x636d_656d;

/// How many copies are kept.
const COPIES: usize = 2;

/// The schema a database is at.
pub(crate) fn version(conn: &Connection) -> rusqlite::Result<u32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the database at `path` to the last of `migrations`, after a copy when it holds anything.
///
/// # Errors
/// [`StoreError::Backup`] before anything was changed; any other with the database at the last schema reached.
pub(crate) fn migrate(
    conn: &Connection,
    path: &Path,
    migrations: &[&str],
    now: Timestamp,
    backups: &Path,
) -> Result<(), StoreError> {
    let blame = |source| StoreError::of(path, source);
    let from = version(conn).map_err(blame)?;
    if from as usize >= migrations.len() {
        return Ok(());
    }
    if from > 0 {
        back_up(conn, path, from, now, backups)?;
    }
    if from == 0 {
        // nobody else shall see a new store at an old schema, and set about copying and upgrading it
        return step(conn, 1, migrations).map_err(blame);
    }
    for target in from + 1..=migrations.len() as u32 {
        step(conn, target, &migrations[target as usize - 1..][..1]).map_err(blame)?;
    }
    Ok(())
}

/// Migrations in one transaction, the first of which leads to schema `first`; nothing of what somebody else was faster
/// with.
fn step(conn: &Connection, first: u32, migrations: &[&str]) -> rusqlite::Result<()> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = (|| {
        for (target, sql) in (first..).zip(migrations) {
            if version(conn)? < target {
                conn.execute_batch(sql)?;
                conn.pragma_update(None, "application_id", APPLICATION_ID)?;
                conn.pragma_update(None, "user_version", target)?;
            }
        }
        conn.execute_batch("COMMIT")
    })();
    if done.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK")?;
    }
    done
}

/// Copies the database into `backups`, checks the copy, and removes all but the newest copies.
fn back_up(
    conn: &Connection,
    path: &Path,
    from: u32,
    now: Timestamp,
    backups: &Path,
) -> Result<PathBuf, StoreError> {
    create_folder(backups)?;
    let name = format!("memory-{:015}-v{from}.db", now.0.max(0));
    let (part, copy) = (backups.join(format!("{name}.part")), backups.join(&name));
    // A leftover of a killed attempt; when it cannot be removed, creating it anew says why.
    let _leftover = fs::remove_file(&part);
    create_private(&part)?;
    let failed = |reason: String| StoreError::Backup { path: part.clone(), reason };
    let target = part.to_str().ok_or_else(|| failed("its path is not UTF-8".to_owned()))?;
    let copied = conn
        .execute("VACUUM INTO ?1", [target])
        .map_err(|source| StoreError::of(path, source))
        .and_then(|_| check_copy(conn, &part, from).map_err(failed));
    if let Err(error) = copied {
        // The half copy only takes space; the error that matters is the one above.
        let _half = fs::remove_file(&part);
        return Err(error);
    }
    fs::rename(&part, &copy).map_err(|source| StoreError::io(&copy, source))?;
    keep_newest(backups);
    Ok(copy)
}

/// Whether the copy is on disk, whole, and of the same schema as its original.
fn check_copy(conn: &Connection, part: &Path, from: u32) -> Result<(), String> {
    let say = |error: &dyn std::error::Error| error.to_string();
    let file = fs::File::open(part).map_err(|e| say(&e))?;
    file.sync_all().map_err(|e| say(&e))?;
    let size = file.metadata().map_err(|e| say(&e))?.len();
    let copy =
        Connection::open_with_flags(part, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| say(&e))?;
    let number = |of: &Connection, pragma: &str| -> Result<u64, String> {
        of.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map(|n| n.max(0) as u64)
            .map_err(|e| say(&e))
    };
    let wanted = number(&copy, "page_count")? * number(&copy, "page_size")?;
    if size == 0 || size != wanted {
        return Err(format!("it has {size} bytes instead of {wanted}"));
    }
    if version(&copy).map_err(|e| say(&e))? != from {
        return Err("it has another schema than its original".to_owned());
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let count = |of: &Connection| of.query_row(tables, [], |row| row.get::<_, i64>(0)).map_err(|e| say(&e));
    if count(&copy)? != count(conn)? {
        return Err("it lacks tables of its original".to_owned());
    }
    Ok(())
}

/// Removes all copies but the newest. A copy that cannot be removed only takes space.
fn keep_newest(backups: &Path) {
    for old in copies(backups).iter().rev().skip(COPIES) {
        let _kept = fs::remove_file(old);
    }
}

/// The copies in a folder, the oldest first.
fn copies(backups: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(backups) else { return Vec::new() };
    let mut copies: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("memory-") && name.ends_with(".db")
        })
        .collect();
    copies.sort();
    copies
}

/// The newest copy in a folder that holds anything, if there is one.
pub fn newest_copy(backups: &Path) -> Option<PathBuf> {
    let holds = |path: &PathBuf| fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > 0);
    copies(backups).into_iter().rev().find(holds)
}

/// Creates an empty file that only its owner may read, never touching one that exists.
///
/// # Errors
/// [`StoreError::Io`]; also when the file exists.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| StoreError::io(path, source))
}

fn create_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| StoreError::io(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_700_000_000);
    const ONE: &str = "CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('kept');";
    const TWO: &str = "ALTER TABLE a ADD COLUMN y TEXT;";
    const BROKEN: &str = "ALTER TABLE a ADD COLUMN z TEXT; DROP TABLE nowhere;";

    /// One script of rows per schema that was ever released, the oldest first.
    const RELEASED: [(usize, &str); 4] = [
        (1, include_str!("../tests/released/v1.sql")),
        (2, include_str!("../tests/released/v2.sql")),
        (3, include_str!("../tests/released/v3.sql")),
        (4, include_str!("../tests/released/v4.sql")),
    ];

    struct Bench {
        folder: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Self {
            Self { folder: tempfile::TempDir::new().unwrap() }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("memory.db")
        }

        fn backups(&self) -> PathBuf {
            self.folder.path().join("backups")
        }

        fn conn(&self) -> Connection {
            Connection::open(self.path()).unwrap()
        }

        fn run(&self, migrations: &[&str], now: Timestamp) -> Result<(), StoreError> {
            migrate(&self.conn(), &self.path(), migrations, now, &self.backups())
        }

        fn copies(&self) -> Vec<String> {
            let Ok(entries) = fs::read_dir(self.backups()) else { return Vec::new() };
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn a_new_database_needs_no_copy() {
        let bench = Bench::new();
        bench.run(&[ONE, TWO], NOW).unwrap();
        assert_eq!(version(&bench.conn()).unwrap(), 2);
        assert!(bench.copies().is_empty());
    }

    #[test]
    fn a_copy_is_made_before_an_old_database_changes() {
        let bench = Bench::new();
        bench.run(&[ONE], NOW).unwrap();
        bench.run(&[ONE, TWO], NOW).unwrap();
        assert_eq!(version(&bench.conn()).unwrap(), 2);
        assert_eq!(bench.copies(), ["memory-001763700000000-v1.db"]);
        let copy = bench.backups().join(&bench.copies()[0]);
        let old = Connection::open(&copy).unwrap();
        assert_eq!(version(&old).unwrap(), 1);
        let kept: String = old.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "kept");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(bench.backups()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        bench.run(&[ONE, TWO], NOW.plus_ms(1)).unwrap();
        assert_eq!(bench.copies().len(), 1, "nothing to do, nothing to copy");
    }

    #[test]
    fn a_migration_that_fails_changes_nothing_and_two_copies_are_kept() {
        let bench = Bench::new();
        bench.run(&[ONE], NOW).unwrap();
        for n in 0..4 {
            assert!(bench.run(&[ONE, BROKEN], NOW.plus_ms(n)).is_err());
        }
        assert_eq!(version(&bench.conn()).unwrap(), 1);
        assert!(bench.conn().prepare("SELECT z FROM a").is_err(), "rolled back");
        assert_eq!(bench.copies(), ["memory-001763700000002-v1.db", "memory-001763700000003-v1.db"]);
    }

    #[test]
    fn without_a_copy_there_is_no_migration() {
        let bench = Bench::new();
        bench.run(&[ONE], NOW).unwrap();
        fs::write(bench.backups(), b"a file where the folder should be").unwrap();
        assert!(bench.run(&[ONE, TWO], NOW).is_err());
        assert_eq!(version(&bench.conn()).unwrap(), 1);
    }

    #[test]
    fn the_schema_is_the_one_on_record() {
        let bench = Bench::new();
        bench.run(&MIGRATIONS, NOW).unwrap();
        let conn = bench.conn();
        let mut statement = conn
            .prepare(
                "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'memory_text_*'
                 AND name NOT GLOB 'sqlite_*' ORDER BY tbl_name, type DESC, name",
            )
            .unwrap();
        let schema: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        let schema = schema.join("\n\n") + "\n";
        let recorded = include_str!("../schema.sql");
        assert!(schema == recorded, "crates/mem-store/schema.sql should be:\n{schema}");
    }

    #[test]
    fn every_released_schema_leads_to_the_newest() {
        for (schema, rows) in RELEASED {
            let bench = Bench::new();
            bench.run(&MIGRATIONS[..schema], NOW).unwrap();
            bench.conn().execute_batch(rows).unwrap();
            let mut store = crate::Store::open(&bench.path(), NOW, &bench.backups()).unwrap();
            let project = store.projects().unwrap()[0].id;
            assert_eq!(store.index_state().unwrap().version, 0, "schema {schema}");
            assert_eq!(store.observations(project, 5).unwrap()[0].observation.facts.len(), 2);
            assert_eq!(store.summaries(project, 5).unwrap()[0].summary.next_steps, "none");
            let turn = store.sessions(None, 1).unwrap()[0].id;
            assert_eq!(store.session_turns(turn).unwrap()[0].prompt, "lex tokens faster");
            store.write(|tx| tx.begin_index(1)).unwrap();
            let documents = [3, 5, 6, 6][schema - 1];
            assert_eq!(store.index_due(9).unwrap().len(), documents, "schema {schema}");
            assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn turns_of_schema_1_wait_for_the_observer_and_their_sessions_began_when_they_started() {
        let bench = Bench::new();
        bench.run(&MIGRATIONS[..1], NOW).unwrap();
        bench.conn().execute_batch(RELEASED[0].1).unwrap();
        let events = "INSERT INTO events (id, session_id, turn_id, project_id, key, ordinal, kind, at, stored_at, cwd,
                                          payload_bytes, payload)
                      VALUES (7, 1, 1, 1, 'a', 0, 'raw', 1, 1, '', 0, x''), (9, 1, 1, 1, 'b', 0, 'raw', 1, 1, '', 0, x'')";
        bench.conn().execute_batch(events).unwrap();
        let mut store = crate::Store::open(&bench.path(), NOW, &bench.backups()).unwrap();
        let turn = store.turns_to_observe(Timestamp(0), NOW, 5).unwrap().remove(0);
        assert_eq!((turn.newest_event.0, turn.model_through.0), (9, 0));
        let batch = store.write(|tx| tx.add_batch(turn.id, NOW)).unwrap().unwrap();
        assert_eq!(store.batch(batch).unwrap().unwrap().begun_at, Timestamp(1_763_700_000_000));
        assert_eq!(
            store.request_of(mem_core::recall::DocId::Observation(mem_core::id::ObservationId(1))).unwrap(),
            None
        );
    }
}
