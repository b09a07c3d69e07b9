//! What is said of a store that cannot be used, and what helps: the one place for commands, `status`, `doctor` and briefs.

use std::error::Error;
use std::path::Path;

use mem_core::layout;
use mem_store::StoreError;

use crate::health::Problem;

/// A store that cannot be used, as a problem.
pub fn unreadable(error: &StoreError) -> Problem {
    Problem::new(
        format!("the memory cannot be read ({})", chain(error)),
        format!("{}; new events wait in the inbox meanwhile", remedy(error)),
    )
}

/// What to do about a store that cannot be used: a sentence or two, without the last stop.
pub fn remedy(error: &StoreError) -> String {
    match error {
        StoreError::Missing { .. } => {
            "Nothing is remembered yet. `claude-mem install claude-code` makes Claude Code report to it".to_owned()
        }
        StoreError::Foreign { .. } => {
            "Move that file away, or choose another place with `--data-dir` or CLAUDE_MEM_DATA_DIR".to_owned()
        }
        StoreError::Corrupt { path, .. } => replacing(path),
        StoreError::Cut { path } => format!(
            "Run `claude-mem worker stop`, which mends it where all of it stands in its log, and look again; if it stays \
             so, {}",
            moving_away(path)
        ),
        StoreError::Log { path, .. } => format!(
            "Run `claude-mem worker restart`, which begins the log anew: what stood only in it is lost. If it stays so, \
             an agent's session still has it open; if it stays so without any, {}",
            moving_away(path)
        ),
        StoreError::NoFile { path, .. } => removing(path),
        StoreError::Index { .. } => {
            "Nothing is lost. It is built anew by itself; try again in a moment, or run `claude-mem worker start`"
                .to_owned()
        }
        StoreError::Newer { .. } => {
            "Update claude-mem. What happens meanwhile waits in the inbox".to_owned()
        }
        StoreError::Older { .. } => "Run `claude-mem worker start`, which upgrades it".to_owned(),
        StoreError::Full { .. } => "Free some space there".to_owned(),
        StoreError::ReadOnly { .. } => {
            "Make it writable for you, or choose another place with `--data-dir` or CLAUDE_MEM_DATA_DIR".to_owned()
        }
        StoreError::Busy { .. } => {
            "Try again; if it stays so, `claude-mem worker restart` ends whoever holds it".to_owned()
        }
        StoreError::Backup { .. } => "Nothing was changed. Free some space there".to_owned(),
        StoreError::Moved { .. } => "Run the command again".to_owned(),
        StoreError::Io { .. } => "See whether the disk has room left and takes what is written".to_owned(),
        StoreError::Sqlite { .. } => "`claude-mem doctor` looks closer; please report it".to_owned(),
    }
}

/// How a store that is damaged is replaced. What SQLite keeps beside it belongs to it: a copy that were put beside another
/// one's log would be damaged by that.
pub fn replacing(store: &Path) -> String {
    format!("Nothing was changed. Run `claude-mem worker stop` and {}", moving_away(store))
}

fn moving_away(store: &Path) -> String {
    format!(
        "move {} away, with the -wal and the -shm of that name beside it; then {}",
        store.display(),
        beginning(store)
    )
}

/// How something that is no file is cleared away.
fn removing(path: &Path) -> String {
    let is_store = path.file_name().is_some_and(|name| name == layout::STORE);
    let then = if is_store { format!("; then {}", beginning(path)) } else { String::new() };
    format!("Move {} away{then}", path.display())
}

/// What comes in the place of a store that was moved away.
fn beginning(store: &Path) -> String {
    match mem_store::newest_copy(&store.with_file_name(layout::BACKUPS)) {
        Some(copy) => format!("copy {} to its place, which is from before an upgrade", copy.display()),
        None => "a new memory begins, since there is no copy of this one".to_owned(),
    }
}

/// An error and all its causes, as one line.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !line.contains(&said) {
            line.push_str(": ");
            line.push_str(&said);
        }
        cause = inner.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_only_spoken_of_where_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join(layout::STORE);
        let backups = folder.path().join(layout::BACKUPS);
        let errors = || {
            [
                StoreError::Cut { path: store.clone() },
                StoreError::NoFile { path: store.clone(), what: "a pipe" },
                StoreError::Log { path: store.clone(), source: None },
            ]
        };
        let all = |wanted: &str| errors().iter().all(|error| remedy(error).contains(wanted));
        assert!(all("a new memory begins, since there is no copy"), "no folder");
        std::fs::create_dir(&backups).unwrap();
        assert!(all("a new memory begins, since there is no copy"), "an empty folder");
        for (name, bytes) in [("memory-3-v1.db", ""), ("memory-4-v1.db.part", "half"), ("notes.db", "theirs")]
        {
            std::fs::write(backups.join(name), bytes).unwrap();
        }
        std::fs::create_dir(backups.join("memory-5-v1.db")).unwrap();
        assert!(all("a new memory begins, since there is no copy"), "nothing that is one");
        for name in ["memory-1-v1.db", "memory-2-v2.db"] {
            std::fs::write(backups.join(name), "a copy").unwrap();
        }
        assert!(all(&format!("copy {} to its place", backups.join("memory-2-v2.db").display())));
        // of what lies beside the store it is enough to be gone
        let beside = StoreError::NoFile { path: folder.path().join("memory.db-wal"), what: "a folder" };
        assert!(!remedy(&beside).contains("copy"), "{}", remedy(&beside));
    }
}
