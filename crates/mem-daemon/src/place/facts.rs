//! Facts about a directory, from the file system: no process is started, no history walked.

use std::path::{Path, PathBuf};

use mem_core::project::Facts;

use crate::home::read_regular;

/// Most bytes read of a git file; a config of this size is already absurd.
const MOST: u64 = 256 * 1024;

/// What can be seen of `cwd` without git's help. `over` is the user's override, where one was given.
///
/// A directory that is gone gives its path and nothing else.
pub fn facts(cwd: &Path, over: Option<&str>) -> Facts {
    let over = over.map(str::to_owned);
    let Ok(real) = std::fs::canonicalize(cwd) else {
        return Facts { over, top: text(cwd), ..Facts::default() };
    };
    for dir in real.ancestors() {
        if let Some(repository) = Repository::at(dir) {
            return Facts {
                over,
                remote: repository.remote(),
                root_commit: None,
                worktree: repository.worktree(),
                branch: repository.branch(),
                git_dir: Some(text(&repository.common)),
                top: text(dir),
            };
        }
    }
    Facts { over, top: text(&real), ..Facts::default() }
}

/// The git folders behind a work tree.
struct Repository {
    /// Of this work tree: holds HEAD.
    own: PathBuf,
    /// Of all work trees: holds the config.
    common: PathBuf,
}

impl Repository {
    fn at(dir: &Path) -> Option<Self> {
        let dot = dir.join(".git");
        let kind = std::fs::metadata(&dot).ok()?;
        let own = if kind.is_dir() {
            dot
        } else {
            let pointer = read(&dot)?;
            std::fs::canonicalize(dir.join(pointer.strip_prefix("gitdir:")?.trim())).ok()?
        };
        if !own.join("HEAD").exists() {
            return None;
        }
        let common = match read(&own.join("commondir")) {
            Some(pointer) => std::fs::canonicalize(own.join(pointer.trim())).ok()?,
            None => own.clone(),
        };
        Some(Self { own, common })
    }

    fn worktree(&self) -> Option<String> {
        (self.own != self.common)
            .then(|| self.own.file_name().map(|name| name.to_string_lossy().into_owned()))?
    }

    fn branch(&self) -> Option<String> {
        let head = read(&self.own.join("HEAD"))?;
        head.trim().strip_prefix("ref: refs/heads/").map(str::to_owned)
    }

    /// The address of `origin`, or else of the first remote.
    fn remote(&self) -> Option<String> {
        let remotes = remotes(&read(&self.common.join("config"))?);
        let origin = remotes.iter().find(|(name, _)| name == "origin");
        origin.or(remotes.first()).map(|(_, url)| url.clone())
    }
}

/// Names and addresses of the remotes in a git config, in order.
fn remotes(config: &str) -> Vec<(String, String)> {
    let mut remotes: Vec<(String, String)> = Vec::new();
    let mut section: Option<String> = None;
    for line in config.lines() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[') {
            let head = head.split(']').next().unwrap_or_default();
            section = head
                .strip_prefix("remote")
                .map(|name| name.trim().trim_matches('"').to_owned())
                .filter(|name| !name.is_empty());
        } else if let (Some(name), Some((key, value))) = (&section, line.split_once('='))
            && key.trim().eq_ignore_ascii_case("url")
            && !remotes.iter().any(|(known, _)| known == name)
        {
            let value = value.split([';', '#']).next().unwrap_or_default().trim().trim_matches('"');
            if !value.is_empty() {
                remotes.push((name.clone(), value.to_owned()));
            }
        }
    }
    remotes
}

fn read(path: &Path) -> Option<String> {
    String::from_utf8(read_regular(path, MOST).ok()?).ok()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(dir: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn a_repository_is_seen_from_below() {
        let tmp = tempfile::tempdir().unwrap();
        let top = std::fs::canonicalize(tmp.path()).unwrap();
        lay(
            &top,
            &[
                (".git/HEAD", "ref: refs/heads/feature/x\n"),
                (
                    ".git/config",
                    "[core]\n\tbare = false\n[remote \"up\"]\n\turl = https://h.org/up/x\n[remote \"origin\"]\n\turl = git@h.org:me/x.git # mine\n\tfetch = +refs/*\n",
                ),
                ("src/deep/a.rs", ""),
            ],
        );
        let seen = facts(&top.join("src/deep"), None);
        assert_eq!(seen.remote.as_deref(), Some("git@h.org:me/x.git"));
        assert_eq!(seen.branch.as_deref(), Some("feature/x"));
        assert_eq!(seen.top, text(&top));
        assert_eq!(seen.git_dir, Some(text(&top.join(".git"))));
        assert_eq!(seen.worktree, None);
    }

    #[test]
    fn a_worktree_shares_its_repositorys_git_dir() {
        let tmp = tempfile::tempdir().unwrap();
        let top = std::fs::canonicalize(tmp.path()).unwrap();
        lay(
            &top,
            &[
                ("main/.git/HEAD", "ref: refs/heads/main\n"),
                ("main/.git/config", "[core]\n"),
                ("main/.git/worktrees/fix/HEAD", "ref: refs/heads/fix-it\n"),
                ("main/.git/worktrees/fix/commondir", "../..\n"),
                ("fix/.git", &format!("gitdir: {}/main/.git/worktrees/fix\n", top.display())),
            ],
        );
        let (main, fix) = (facts(&top.join("main"), None), facts(&top.join("fix"), None));
        assert_eq!(main.git_dir, fix.git_dir);
        assert_eq!(fix.worktree.as_deref(), Some("fix"));
        assert_eq!(fix.branch.as_deref(), Some("fix-it"));
        assert_eq!((main.name(), fix.name()), ("main".into(), "main".into()));
    }

    #[test]
    fn a_place_that_is_gone_keeps_its_path() {
        let seen = facts(Path::new("/nowhere/at/all"), Some("over"));
        assert_eq!(seen.top, "/nowhere/at/all");
        assert_eq!(seen.over.as_deref(), Some("over"));
    }
}
