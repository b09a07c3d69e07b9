//! Finds processes that belong to a test: by its folder in their environment, arguments, program or directory.
//!
//! Every child of a test has its temporary home in its environment, so whoever still names it has outlived the
//! test. Looks at `/proc`, so it finds nothing where there is none.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// A process that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Its id.
    pub pid: u32,
    /// Its arguments, separated by spaces.
    pub shown: String,
}

/// Every process that names `folder`, except our own.
pub fn of(folder: &Path) -> Vec<Leftover> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let name = folder.as_os_str().as_encoded_bytes();
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let path = entry.path();
        if pid != std::process::id() && belongs(&path, name) {
            let arguments = std::fs::read(path.join("cmdline")).unwrap_or_default();
            let shown = String::from_utf8_lossy(&arguments).replace('\0', " ").trim().to_owned();
            found.push(Leftover { pid, shown });
        }
    }
    found
}

/// Ends a process at once, as `kill -9` does.
pub fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Stops a process from running without ending it.
pub fn freeze(pid: u32) {
    signal(pid, Signal::STOP);
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _gone = kill_process(pid, signal); // who has left already needs no signal
    }
}

fn belongs(process: &Path, folder: &[u8]) -> bool {
    let read = |name: &str| std::fs::read(process.join(name)).unwrap_or_default();
    let link = |name: &str| {
        std::fs::read_link(process.join(name))
            .map(|path| path.as_os_str().as_encoded_bytes().to_vec())
            .unwrap_or_default()
    };
    [read("environ"), read("cmdline"), link("exe"), link("cwd")].iter().any(|text| holds(text, folder))
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
