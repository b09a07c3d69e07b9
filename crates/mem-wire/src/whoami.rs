//! `whoami --json`: which project a directory is, and how we know.

use mem_core::project::{Facts, ProjectKey};
use serde::{Deserialize, Serialize};

/// The version of this document.
pub const VERSION: u32 = 1;

/// Which project a directory is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whoami {
    /// See [`VERSION`].
    pub version: u32,
    /// What people call the project.
    pub project: String,
    /// Its id outside this store; absent while nothing is remembered of it.
    pub id: Option<String>,
    /// The keys of this directory, strongest first.
    pub keys: Vec<Key>,
    /// Keys that lead to the same project from elsewhere or from before.
    pub aliases: Vec<Key>,
    /// The directory that was asked about.
    pub cwd: String,
    /// Whether `CLAUDE_MEM_EXCLUDED_PROJECTS` names that directory, so that nothing is kept of it or told there.
    pub excluded: bool,
    /// Top of the work tree, or the directory itself.
    pub top: String,
    /// Name of the linked worktree.
    pub worktree: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

/// One way to know a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// `override`, `remote`, `root`, `gitdir` or `path`.
    pub kind: String,
    /// Its value, such as `github.com/acme/widgets`.
    pub value: String,
}

impl From<&ProjectKey> for Key {
    fn from(key: &ProjectKey) -> Self {
        Self { kind: key.kind.as_str().to_owned(), value: key.value.clone() }
    }
}

impl Whoami {
    /// What the facts alone tell; what the store knows is the caller's to add.
    pub fn of(facts: &Facts, cwd: &str) -> Self {
        Self {
            version: VERSION,
            project: facts.name(),
            id: None,
            keys: facts.keys().iter().map(Key::from).collect(),
            aliases: Vec::new(),
            cwd: cwd.to_owned(),
            excluded: false,
            top: facts.top.clone(),
            worktree: facts.worktree.clone(),
            branch: facts.branch.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_tell_the_name_and_the_keys() {
        let facts = Facts {
            remote: Some("git@github.com:acme/widgets.git".into()),
            top: "/w/widgets".into(),
            ..Facts::default()
        };
        let who = Whoami::of(&facts, "/w/widgets/src");
        assert_eq!(who.project, "widgets");
        assert_eq!(
            who.keys.iter().map(|key| format!("{}:{}", key.kind, key.value)).collect::<Vec<_>>(),
            ["remote:github.com/acme/widgets", "path:/w/widgets"]
        );
    }
}
