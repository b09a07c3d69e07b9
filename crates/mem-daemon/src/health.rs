//! What is wrong, in one sentence each with its remedy; nothing where nothing is wrong.
//!
//! The same sentences stand in `status` and, the first of them, in the next brief. Health is outcomes: what was
//! lost, what waits and why, never "running" or "connected".

use std::path::Path;

use mem_core::layout;
use mem_logic::layers::Layers;
use mem_store::Store;

use crate::home::Home;
use crate::inbox::{self, losses};
use crate::{meaning, observer};

/// Something the user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// A problem and its remedy.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// Both as one line.
    pub fn line(&self) -> String {
        format!("claude-mem: {}. {}.", self.what, self.remedy)
    }
}

/// What the disk and the store tell of problems, the gravest first. `refused` is why a frame could not be kept
/// just now.
pub fn problems(home: &Home, store: Option<&Store>, layers: &Layers, refused: Option<&str>) -> Vec<Problem> {
    let mut found = Vec::new();
    let dir = home.dir().display();
    if let Some(why) = refused {
        found.push(Problem::new(
            format!("nothing can be written to {dir} ({why}), so this session is not kept"),
            "Free some space there or make it writable",
        ));
    } else if let Some(problem) = cannot_write(home) {
        found.push(problem);
    }
    if home.path(layout::DISABLED).exists() {
        found.push(Problem::new(
            format!("hooks are switched off by {}", home.path(layout::DISABLED).display()),
            "Remove the file to remember again",
        ));
    }
    if let Some(newer) = store.and_then(Store::newer) {
        found.push(Problem::new(
            format!("the memory at {dir} was written by a newer version (schema {newer}) and is only read"),
            "Update claude-mem; what happens meanwhile waits in the inbox",
        ));
    }
    if let Some(lost) = losses::read(home) {
        found.push(Problem::new(
            format!("{} could not be written down ({})", events(lost.count), lost.reason),
            format!("See to {dir}, then run `claude-mem status --clear`"),
        ));
    }
    if let Some(store) = store {
        for fault in store.faults().unwrap_or_default() {
            let known = remedy(&fault.kind).unwrap_or("Run `claude-mem status` for more");
            found.push(Problem::new(fault.said, known));
        }
    }
    if let Some((frame, why)) = inbox::blocked(home) {
        found.push(Problem::new(
            format!("{} cannot be read ({why}), so its event waits", frame.display()),
            "Give the file to this user, or remove it",
        ));
    }
    let parked = inbox::parked(home).unwrap_or_default();
    if let Some(first) = parked.first() {
        found.push(Problem::new(
            format!(
                "{} could not be read and {} set aside ({})",
                events(parked.len() as u64),
                if parked.len() == 1 { "was" } else { "were" },
                first.why
            ),
            format!(
                "They lie in {}; `claude-mem worker retry` tries them again",
                home.path(layout::PARKED).display()
            ),
        ));
    }
    if let Some(fault) = &layers.file_fault {
        found.push(Problem::new(
            format!(
                "{} cannot be used ({fault}), so every setting has its default",
                home.path(layout::SETTINGS).display()
            ),
            "Mend the file; it was not touched",
        ));
    }
    for problem in &layers.problems {
        found.push(Problem::new(
            problem.to_string(),
            format!(
                "Run `claude-mem config set {} VALUE`, or mend the environment variable of that name",
                problem.key
            ),
        ));
    }
    found
}

/// What helps against a problem on record that ends by itself or by this, and needs nobody to forget it.
pub fn remedy(kind: &str) -> Option<&'static str> {
    observer::remedy(kind).or_else(|| meaning::remedy(kind))
}

fn events(count: u64) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

/// Bytes below which the next session will probably not fit.
pub(crate) const LITTLE: u64 = 8 * 1024 * 1024;

/// Whether the disk or its mount keeps us from writing. A data directory that does not exist yet is no problem.
pub fn cannot_write(home: &Home) -> Option<Problem> {
    let dir = home.dir();
    if !dir.exists() {
        return None;
    }
    if let Err(error) = rustix::fs::access(dir, rustix::fs::Access::WRITE_OK) {
        return Some(Problem::new(
            format!("{} cannot be written ({error}), so nothing new is kept", dir.display()),
            "Make it writable for this user",
        ));
    }
    let free = free(dir)?;
    (free < LITTLE).then(|| {
        Problem::new(
            format!(
                "the disk of {} has {} kB left, so new events may not be kept",
                dir.display(),
                free / 1024
            ),
            "Free some space there",
        )
    })
}

/// Bytes that this user may still write on the disk of a path; `None` where nobody knows.
pub(crate) fn free(path: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(path).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}
