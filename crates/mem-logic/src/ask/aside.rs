//! The work of a subagent, told once however many calls it took.

use super::limits::Limits;
use super::piece::Deed;
use crate::distil::words::line;

/// A file that a subagent changed.
#[derive(Debug, Clone)]
pub(super) struct AsideFile {
    pub(super) path: String,
    pub(super) created: bool,
    pub(super) added: u32,
    pub(super) removed: u32,
}

/// A command that it ran.
#[derive(Debug, Clone)]
pub(super) struct AsideRun {
    pub(super) command: String,
    pub(super) ended: String,
    pub(super) times: u32,
}

/// What one subagent did.
#[derive(Debug, Clone, Default)]
pub(super) struct Aside {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) task: String,
    pub(super) said: String,
    pub(super) files: Vec<AsideFile>,
    pub(super) runs: Vec<AsideRun>,
    pub(super) looked: u32,
    pub(super) other: u32,
}

/// Characters of a command among others.
const COMMAND: usize = 120;

impl Aside {
    /// Nobody's work yet.
    pub(super) fn of(id: &str, kind: &str) -> Self {
        Self { id: id.to_owned(), kind: kind.to_owned(), ..Self::default() }
    }

    /// Adds one of its deeds.
    pub(super) fn take(&mut self, deed: &Deed, limits: &Limits) {
        match deed {
            Deed::Step(_) | Deed::Ran { looked: true, .. } => self.looked += 1,
            Deed::Ran { command, ended, .. } => self.run(line(command, COMMAND.min(limits.command)), ended),
            Deed::Changed { path, created, added, removed, .. } => {
                self.change(path, *created, *added, *removed);
            }
            Deed::Ended { said } if !said.is_empty() => self.said.clone_from(said),
            Deed::Silent | Deed::Ended { .. } => {}
            Deed::Told { .. } | Deed::Delegated { .. } => self.other += 1,
        }
    }

    /// Adds what whoever asked it knows.
    pub(super) fn asked(&mut self, kind: &str, task: &str, said: &str) {
        if self.kind.is_empty() {
            kind.clone_into(&mut self.kind);
        }
        task.clone_into(&mut self.task);
        if self.said.is_empty() {
            said.clone_into(&mut self.said);
        }
    }

    fn run(&mut self, command: String, ended: &str) {
        match self.runs.last_mut() {
            Some(last) if last.command == command && last.ended == ended => last.times += 1,
            _ => self.runs.push(AsideRun { command, ended: ended.to_owned(), times: 1 }),
        }
    }

    fn change(&mut self, path: &str, created: bool, added: u32, removed: u32) {
        let at = self.files.iter().position(|file| file.path == path).unwrap_or_else(|| {
            let path = path.to_owned();
            self.files.push(AsideFile { path, created: false, added: 0, removed: 0 });
            self.files.len() - 1
        });
        let file = &mut self.files[at];
        file.created |= created;
        file.added = file.added.saturating_add(added);
        file.removed = file.removed.saturating_add(removed);
    }
}
