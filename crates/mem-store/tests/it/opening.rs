//! Opening: new, twice, read beside a writer, newer, damaged, foreign, frozen.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Barrier;
use std::time::Duration;

use mem_store::{KNOWN, Store, StoreError};
use rusqlite::Connection;

use crate::desk::{Desk, NOW, project, put, ran};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_missing_store_is_missing_for_readers() {
    let desk = Desk::new();
    assert!(matches!(Store::open_read(&desk.path()), Err(StoreError::Missing { .. })));
    assert!(!desk.path().exists(), "reading creates nothing");
    fs::write(desk.path(), b"").unwrap();
    assert!(matches!(Store::open_read(&desk.path()), Err(StoreError::Missing { .. })), "empty");
    desk.open().close().unwrap();
    assert_eq!(desk.read().newer(), None);
}

#[test]
fn a_new_store_is_private_and_set_up() {
    let desk = Desk::new();
    let mut store = desk.open();
    project(&mut store);
    for name in ["memory.db", "memory.db-wal", "memory.db-shm"] {
        assert_eq!(mode(&desk.folder.path().join(name)), 0o600, "{name}");
    }
    let conn = Connection::open(desk.path()).unwrap();
    let pragma = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("auto_vacuum"), 2, "incremental");
    assert_eq!(pragma("user_version"), i64::from(KNOWN));
    assert_eq!(pragma("application_id"), 0x636d_656d);
    let journal: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(journal, "wal");
}

#[test]
fn many_may_create_the_same_store_at_once() {
    let desk = Desk::new();
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let mut store = desk.open();
                project(&mut store);
            });
        }
    });
    let store = desk.read();
    assert_eq!(store.projects().unwrap().len(), 1);
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_reader_sees_what_is_committed_while_a_writer_writes() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    let reader = desk.read();
    assert_eq!(reader.counts().unwrap().events, 1);
    store
        .write(|tx| {
            tx.tally("stored", 5)?;
            assert_eq!(reader.tallies()?.get("stored"), None, "not committed yet");
            Ok(())
        })
        .unwrap();
    assert_eq!(reader.tallies().unwrap().get("stored"), Some(&5));
    let mut reader = reader;
    assert!(matches!(reader.write(|tx| tx.tally("stored", 1)), Err(StoreError::ReadOnly { .. })));
}

#[test]
fn a_second_writer_is_told_that_the_store_is_busy() {
    let desk = Desk::new();
    let mut store = desk.open();
    let mut other = Store::open_within(&desk.path(), NOW, &desk.backups(), Duration::ZERO).unwrap();
    store
        .write(|tx| {
            tx.tally("stored", 1)?;
            assert!(matches!(other.write(|tx| tx.tally("stored", 1)), Err(StoreError::Busy { .. })));
            Ok(())
        })
        .unwrap();
    assert!(other.write(|tx| tx.tally("stored", 1)).is_ok());
}

#[test]
fn what_fails_or_panics_leaves_nothing_behind() {
    let desk = Desk::new();
    let mut store = desk.open();
    let failed: Result<(), StoreError> = store.write(|tx| {
        tx.tally("stored", 1)?;
        Err(StoreError::Missing { path: desk.path() })
    });
    assert!(failed.is_err());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write(|tx| -> Result<(), StoreError> {
            tx.tally("stored", 1)?;
            panic!("a bug in the caller")
        })
    }));
    assert!(panicked.is_err());
    store.write(|tx| tx.tally("stored", 3)).unwrap();
    assert_eq!(store.tallies().unwrap()["stored"], 3);
}

#[test]
fn a_newer_store_is_read_and_never_written() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    store.close().unwrap();
    Connection::open(desk.path()).unwrap().pragma_update(None, "user_version", KNOWN + 2).unwrap();
    let before = fs::read(desk.path()).unwrap();

    let mut store = desk.open();
    assert_eq!(store.newer(), Some(KNOWN + 2));
    assert_eq!(store.counts().unwrap().events, 1);
    let refused = store.write(|tx| tx.tally("stored", 1)).unwrap_err();
    assert!(
        matches!(refused, StoreError::Newer { found, known, .. } if (found, known) == (KNOWN + 2, KNOWN))
    );
    assert!(refused.to_string().contains("newer than this program writes"), "{refused}");
    assert_eq!(desk.read().newer(), Some(KNOWN + 2));
    store.close().unwrap();
    assert_eq!(fs::read(desk.path()).unwrap(), before);
    assert!(!desk.backups().exists());
}

#[test]
fn a_store_of_another_program_is_refused_untouched() {
    let desk = Desk::new();
    Connection::open(desk.path()).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = fs::read(desk.path()).unwrap();
    let open = Store::open(&desk.path(), NOW, &desk.backups());
    assert!(matches!(open, Err(StoreError::Foreign { .. })));
    assert!(matches!(Store::open_read(&desk.path()), Err(StoreError::Foreign { .. })));
    assert_eq!(fs::read(desk.path()).unwrap(), before);
}

/// Lays something at a path.
type Lay = fn(&Path);

#[test]
fn what_is_no_file_is_refused_at_once_and_never_waited_for() {
    let odd: [(&str, Lay); 4] = [
        ("a pipe", |path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a socket", |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
        ("a device", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
    ];
    for (what, lay) in odd {
        for name in ["memory.db", "memory.db-wal", "memory.db-shm"] {
            let desk = Desk::new();
            if name != "memory.db" {
                desk.open().close().unwrap();
            }
            lay(&desk.folder.path().join(name));
            let (path, backups) = (desk.path(), desk.backups());
            let (tell, told) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let opened = [Store::open(&path, NOW, &backups), Store::open_read(&path)];
                tell.send(opened.map(|opened| opened.map(drop).unwrap_err())).unwrap();
            });
            let refused = told.recv_timeout(Duration::from_secs(20)).expect("nobody waits for it");
            for error in refused {
                assert!(matches!(error, StoreError::NoFile { .. }), "{name} {what}: {error:?}");
                assert!(error.to_string().ends_with(&format!("{name} is {what} and no file")), "{error}");
            }
        }
    }
}

#[test]
fn a_damaged_store_is_named_and_left_as_it_is() {
    let desk = Desk::new();
    fs::write(desk.path(), vec![b'x'; 9000]).unwrap();
    let open = Store::open(&desk.path(), NOW, &desk.backups());
    assert!(matches!(open, Err(StoreError::Corrupt { .. })), "no database at all");
    assert!(matches!(Store::open_read(&desk.path()), Err(StoreError::Corrupt { .. })));
    assert_eq!(fs::read(desk.path()).unwrap(), vec![b'x'; 9000]);
}

#[test]
fn damage_inside_is_found_by_the_quick_check() {
    let desk = Desk::new();
    let mut store = desk.open();
    for n in 0..200 {
        put(&mut store, &ran(n, &format!("t{n}")));
    }
    store.close().unwrap();
    let mut bytes = fs::read(desk.path()).unwrap();
    let end = bytes.len();
    for at in (end / 3..end - 64).step_by(4096) {
        bytes[at..at + 64].fill(0xA5);
    }
    fs::write(desk.path(), &bytes).unwrap();
    assert!(found_damaged(&desk));
}

/// Whether opening or the quick check tells that something is wrong, and says so as damage.
fn found_damaged(desk: &Desk) -> bool {
    match Store::open_read(&desk.path()).and_then(|store| store.quick_check()) {
        Ok(problems) => !problems.is_empty(),
        Err(error) => matches!(error, StoreError::Corrupt { .. }),
    }
}

#[test]
fn a_store_cut_short_is_damaged() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    store.close().unwrap();
    let bytes = fs::read(desk.path()).unwrap();
    fs::write(desk.path(), &bytes[..bytes.len() / 2]).unwrap();
    assert!(found_damaged(&desk));
}

/// A store that was closed and opened again, with an event more: that one stands in the log, the rest in the file.
fn used_again(desk: &Desk) -> Store {
    let mut store = desk.open();
    for n in 0..50 {
        put(&mut store, &ran(n, &format!("t{n}")));
    }
    store.close().unwrap();
    let mut store = desk.open();
    put(&mut store, &ran(50, "t50"));
    store
}

#[test]
fn a_store_cut_to_nothing_is_told_and_keeps_its_log() {
    let desk = Desk::new();
    let mut store = used_again(&desk);
    store.in_place().unwrap();
    fs::File::create(desk.path()).unwrap();
    let log = desk.folder.path().join("memory.db-wal");
    let before = fs::read(&log).unwrap();
    let is_cut =
        |told: Result<(), StoreError>| assert!(matches!(told, Err(StoreError::Cut { .. })), "{told:?}");
    // a reader threw the log away with it, as SQLite does beside an empty file
    is_cut(Store::open_read(&desk.path()).map(drop));
    is_cut(Store::open(&desk.path(), NOW, &desk.backups()).map(drop));
    assert_eq!(fs::read(&log).unwrap(), before);
    is_cut(store.in_place());
    assert!(!store.can_go_on());
    // what is committed all the same, if SQLite misses no page, is not said to be kept
    let committed = store.write(|tx| tx.tally("stored", 1));
    assert!(committed.and_then(|()| store.in_place()).is_err());
    // and no file is made of the pages that the log has
    is_cut(store.close());
    assert_eq!(fs::metadata(desk.path()).unwrap().len(), 0);
    assert!(fs::metadata(&log).unwrap().len() >= before.len() as u64);
    is_cut(Store::open(&desk.path(), NOW, &desk.backups()).map(drop));
    fs::remove_file(log).unwrap();
    assert_eq!(desk.open().counts().unwrap().events, 0, "a new one begins");
}

#[test]
fn a_store_cut_to_nothing_that_stands_in_its_log_is_whole_again() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    fs::File::create(desk.path()).unwrap();
    assert!(matches!(Store::open_read(&desk.path()), Err(StoreError::Cut { .. })));
    store.close().unwrap();
    let store = desk.read();
    assert_eq!((store.counts().unwrap().events, store.quick_check().unwrap()), (1, Vec::new()));
}

#[test]
fn the_log_of_a_store_that_was_replaced_is_not_left_to_the_other_one() {
    let desk = Desk::new();
    let mut store = used_again(&desk);
    let (aside, copy) = (desk.folder.path().join("aside.db"), desk.folder.path().join("copy.db"));
    fs::copy(desk.path(), &copy).unwrap();
    store.write(|tx| tx.tally("stored", 7)).unwrap();
    fs::rename(desk.path(), &aside).unwrap();
    fs::rename(&copy, desk.path()).unwrap();
    assert!(matches!(store.in_place(), Err(StoreError::Moved { .. })));
    store.close().unwrap();
    assert_eq!(Store::open_read(&aside).unwrap().tallies().unwrap()["stored"], 7);
    let store = desk.open();
    assert_eq!((store.counts().unwrap().events, store.quick_check().unwrap()), (50, Vec::new()));
    assert_eq!(store.tallies().unwrap().get("stored"), None);
}

/// Overwrites bytes of the log where they stand.
fn overwrite(desk: &Desk, part: impl std::slice::SliceIndex<[u8], Output = [u8]>) {
    let log = desk.folder.path().join("memory.db-wal");
    let mut bytes = fs::read(&log).unwrap();
    bytes[part].fill(0xA5);
    let file = fs::OpenOptions::new().write(true).open(log).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).unwrap();
}

#[test]
fn a_log_that_was_overwritten_under_us_is_blamed_and_not_folded() {
    // all of it, and all but the words it begins with
    for from in [0, 32] {
        let desk = Desk::new();
        let store = used_again(&desk);
        assert!(store.in_place().is_ok());
        overwrite(&desk, from..);
        if from == 0 {
            assert!(matches!(store.in_place(), Err(StoreError::Log { .. })));
        }
        let read =
            Store::open_read(&desk.path()).and_then(|store| store.counts().map(|counts| counts.events));
        assert!(matches!(read, Err(StoreError::Log { .. })), "{from}: {read:?}");
        let closed = store.close();
        assert!(matches!(closed, Err(StoreError::Log { .. })), "{from}: {closed:?}");
        // nobody has it open any more: the log is passed over, and the file is as it was before
        let store = desk.open();
        assert_eq!((store.counts().unwrap().events, store.quick_check().unwrap()), (50, Vec::new()));
        let told = store.faults().unwrap().into_iter().map(|fault| fault.said).collect::<String>();
        assert_eq!(told.contains("the log beside memory.db was damaged"), from == 0, "{told}");
        drop(store);
        assert_eq!(
            desk.open().faults().unwrap().iter().map(|fault| fault.count).sum::<u64>(),
            u64::from(from == 0)
        );
    }
}

#[test]
fn a_log_of_which_nothing_that_counts_was_overwritten_is_folded() {
    let desk = Desk::new();
    drop(used_again(&desk));
    let mut store = desk.open();
    store.write(|tx| tx.tally("stored", 1)).unwrap();
    let log = desk.folder.path().join("memory.db-wal");
    let before = fs::metadata(&log).unwrap().len();
    // the same page once more, behind the first
    store.write(|tx| tx.tally("stored", 1)).unwrap();
    overwrite(&desk, 32..before as usize);
    store.close().unwrap();
    let store = desk.read();
    assert_eq!((store.tallies().unwrap()["stored"], store.quick_check().unwrap()), (2, Vec::new()));
}

#[test]
fn a_store_that_is_damaged_itself_is_not_blamed_on_the_log_it_has() {
    let desk = Desk::new();
    drop(used_again(&desk));
    fs::write(desk.path(), vec![b'x'; 9000]).unwrap();
    fs::write(desk.folder.path().join("memory.db-wal"), vec![b'x'; 9000]).unwrap();
    for opened in [Store::open(&desk.path(), NOW, &desk.backups()), Store::open_read(&desk.path())] {
        assert!(matches!(opened, Err(StoreError::Corrupt { .. })), "{opened:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_its_path() {
    let desk = Desk::new();
    let path = desk.folder.path().join("no/such/memory.db");
    let error = Store::open(&path, NOW, &desk.backups()).unwrap_err();
    assert!(matches!(&error, StoreError::Io { .. }), "{error}");
    assert!(error.to_string().contains("no/such/memory.db"), "{error}");
}

#[test]
fn where_nothing_can_be_shared_the_file_is_read_as_it_stands() {
    let desk = Desk { folder: tempfile::Builder::new().prefix("odd name ?#%41 ü").tempdir().unwrap() };
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    store.close().unwrap();
    // What a read-only directory does to SQLite, without a mount: its shared memory cannot be made, since it
    // follows no links there.
    std::os::unix::fs::symlink("nowhere", desk.folder.path().join("memory.db-shm")).unwrap();
    let refused = Store::open(&desk.path(), NOW, &desk.backups());
    assert!(matches!(refused, Err(StoreError::ReadOnly { .. })));
    let store = desk.read();
    assert!(store.frozen());
    assert_eq!(store.counts().unwrap().events, 1);
    assert_eq!(store.index_state().unwrap().version, 0);
}

#[test]
fn what_stands_in_the_log_only_is_never_left_out_without_a_word() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    // the log is there as long as somebody has the store open
    let copy = tempfile::tempdir().unwrap();
    for name in ["memory.db", "memory.db-wal"] {
        fs::copy(desk.folder.path().join(name), copy.path().join(name)).unwrap();
    }
    std::os::unix::fs::symlink("nowhere", copy.path().join("memory.db-shm")).unwrap();
    let path = copy.path().join("memory.db");
    let refused = Store::open_read(&path);
    assert!(
        matches!(
            refused,
            Err(StoreError::ReadOnly { .. } | StoreError::Sqlite { .. } | StoreError::Io { .. })
        ),
        "{refused:?}"
    );
    fs::remove_file(copy.path().join("memory.db-shm")).unwrap();
    assert_eq!(Store::open_read(&path).unwrap().counts().unwrap().events, 1);
}

#[test]
fn what_is_read_as_it_stands_is_not_gone_on_with() {
    let desk = Desk::new();
    desk.open().close().unwrap();
    assert!(desk.read().can_go_on());
    for name in ["memory.db-shm", "memory.db-wal"] {
        let _there_or_not = fs::remove_file(desk.folder.path().join(name));
    }
    std::os::unix::fs::symlink("nowhere", desk.folder.path().join("memory.db-shm")).unwrap();
    let store = desk.read();
    assert!(store.frozen() && !store.can_go_on());
}
