//! The names of everything we put into the data directory, in one table.
//!
//! Uninstall removes exactly these and nothing else, since the directory may be shared with the original
//! system. Pure names: nobody looks at the disk here.

use std::path::{Path, PathBuf};

/// The store.
pub const STORE: &str = "memory.db";
/// Copies of the store made before a migration.
pub const BACKUPS: &str = "memory-backups";
/// Frames not read yet.
pub const INBOX: &str = "inbox";
/// Frames that could not be read, each beside a `.why`.
pub const PARKED: &str = "parked";
/// Rendered briefs, ready for the hook.
pub const BRIEFS: &str = "briefs";
/// Held for life by the daemon: who holds it is the daemon.
pub const DAEMON_LOCK: &str = "daemon.lock";
/// Held while somebody drains the inbox.
pub const INBOX_LOCK: &str = "inbox.lock";
/// When a hook last tried to start a daemon, for the back-off.
pub const DAEMON_START: &str = "daemon.start";
/// The register of the observer's runs, a file each.
pub const RUNS: &str = "runs";
/// The empty folder in which the observer's programs work.
pub const OBSERVER: &str = "observer-sessions";
/// Modes of the user's own; shared with the original system.
pub const MODES: &str = "modes";
/// Embedding models, a folder each.
pub const MODELS: &str = "models";
/// The daemon's log, and the one before it.
pub const DAEMON_LOG: &str = "daemon.log";
/// The older half of the log.
pub const DAEMON_LOG_OLD: &str = "daemon.log.1";
/// What hooks could not keep: preallocated, so that it can be written on a full disk.
pub const HOOK_FAULTS: &str = "hook.faults";
/// The full size of [`HOOK_FAULTS`]: `count at_ms reason`, padded with spaces.
pub const HOOK_FAULTS_SIZE: usize = 512;
/// Our copy of the program and the plugin that points to it.
pub const PLUGIN: &str = "claude-code-plugin";
/// What `install` changed, for `uninstall`.
pub const INSTALLED: &str = "installed.json";
/// Presence of this file switches the hook off.
pub const DISABLED: &str = "claude-mem.disabled";
/// The user's settings; shared with the original system.
pub const SETTINGS: &str = "settings.json";

/// Datagram socket: nudges.
pub const NUDGE_SOCKET: &str = "nudge.sock";
/// Stream socket: questions and answers.
pub const ANSWER_SOCKET: &str = "answer.sock";

/// The file beside the plugin's binary that holds one line: the data directory.
pub const DATA_DIR_LINE: &str = "claude-mem.data-dir";

/// What uninstall always removes.
pub const TRACES: [&str; 14] = [
    INBOX_LOCK,
    DAEMON_LOCK,
    DAEMON_START,
    DAEMON_LOG,
    DAEMON_LOG_OLD,
    HOOK_FAULTS,
    BRIEFS,
    RUNS,
    OBSERVER,
    MODELS,
    PLUGIN,
    INSTALLED,
    NUDGE_SOCKET,
    ANSWER_SOCKET,
];

/// What uninstall removes only when the memories are to go too.
pub const MEMORIES: [&str; 7] = [STORE, "memory.db-wal", "memory.db-shm", BACKUPS, INBOX, PARKED, DISABLED];

/// The folder the two sockets live in.
///
/// The data directory itself where the paths fit into a socket address (108 bytes on Linux, 104 on macOS, one
/// of them the closing NUL), else a folder under `tmp` that carries the user and a digest of the directory.
/// Whoever uses the latter must check that it belongs to the user alone.
pub fn socket_folder(data_dir: &Path, tmp: &Path, uid: u32) -> PathBuf {
    let longest = NUDGE_SOCKET.len().max(ANSWER_SOCKET.len()) + 1;
    let len = data_dir.as_os_str().len();
    if len + longest < 103 {
        return data_dir.to_path_buf();
    }
    tmp.join(format!("claude-mem-{uid}-{:016x}", fnv1a(data_dir.as_os_str().as_encoded_bytes())))
}

/// FNV-1a, 64 bits: a digest for names, stable across versions and free of dependencies.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_paths_fit_whatever_the_data_dir() {
        for depth in [1, 5, 9, 10, 20, 200] {
            let dir = PathBuf::from(format!("/home/{}", "deep/".repeat(depth)));
            let folder = socket_folder(&dir, Path::new("/tmp"), 4_294_967_294);
            for name in [NUDGE_SOCKET, ANSWER_SOCKET] {
                assert!(folder.join(name).as_os_str().len() < 104, "{depth}");
            }
        }
    }

    #[test]
    fn the_digest_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
