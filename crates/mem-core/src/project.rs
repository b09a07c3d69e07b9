//! Which project is this: one answer, from facts, the same for capture, brief, search and `whoami`.
//!
//! Facts about a directory become keys, strongest first: the user's override, the normalised git remote, the
//! root commit, git's common directory, the path. A project is known by any of its keys; a stronger key that
//! turns up later (first commit, first push) becomes an alias of the same project. Worktree and branch are
//! attributes of an event, never part of the identity. Pure: whoever looks at the disk hands the facts in.

use crate::id::ProjectId;

/// What was found out about a directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The user's override (`CLAUDE_MEM_PROJECT`).
    pub over: Option<String>,
    /// Address of the git remote, as configured.
    pub remote: Option<String>,
    /// Hash of the oldest root commit; only the daemon looks for it, since that walks history.
    pub root_commit: Option<String>,
    /// Git's common directory, canonical.
    pub git_dir: Option<String>,
    /// Top of the work tree or, outside git, the directory itself; canonical where it exists.
    pub top: String,
    /// Name of the linked worktree, when it is one.
    pub worktree: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

/// How strong a key is; the order is the order of strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The user said so.
    Override,
    /// Normalised git remote, without scheme and credentials.
    Remote,
    /// Hash of the root commit.
    Root,
    /// Git's common directory.
    GitDir,
    /// A path.
    Path,
}

impl KeyKind {
    /// The name in stored keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Remote => "remote",
            Self::Root => "root",
            Self::GitDir => "gitdir",
            Self::Path => "path",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Override, Self::Remote, Self::Root, Self::GitDir, Self::Path]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// One way to know a project.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProjectKey {
    /// How strong it is.
    pub kind: KeyKind,
    /// Its value, such as `github.com/acme/widgets`.
    pub value: String,
}

impl ProjectKey {
    /// The key as one text, `kind:value`.
    pub fn text(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.value)
    }

    /// The key of that text.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, value) = text.split_once(':')?;
        Some(Self { kind: KeyKind::parse(kind)?, value: value.to_owned() })
    }
}

impl Facts {
    /// The keys of this place, strongest first. An override stands alone: it must not capture the others.
    pub fn keys(&self) -> Vec<ProjectKey> {
        let key = |kind, value: String| ProjectKey { kind, value };
        if let Some(over) = self.over.as_deref().map(str::trim).filter(|over| !over.is_empty()) {
            return vec![key(KeyKind::Override, over.to_owned())];
        }
        let mut keys = Vec::new();
        keys.extend(self.remote.as_deref().and_then(normalise_remote).map(|v| key(KeyKind::Remote, v)));
        keys.extend(self.root_commit.clone().map(|v| key(KeyKind::Root, v)));
        keys.extend(self.git_dir.clone().map(|v| key(KeyKind::GitDir, v)));
        if !self.top.is_empty() {
            keys.push(key(KeyKind::Path, self.top.clone()));
        }
        keys
    }

    /// What people call it: the override, the last part of the remote, or of the directory that holds git's
    /// common directory (so that a worktree is named after its repository), or of the path.
    pub fn name(&self) -> String {
        let last = |path: &str| {
            path.trim_end_matches('/').rsplit('/').next().filter(|part| !part.is_empty()).map(str::to_owned)
        };
        let over = self.over.as_deref().map(str::trim).filter(|over| !over.is_empty()).map(str::to_owned);
        let remote = || self.remote.as_deref().and_then(normalise_remote).and_then(|remote| last(&remote));
        let holder = || {
            let git_dir = self.git_dir.as_deref()?;
            last(git_dir.strip_suffix("/.git").unwrap_or(git_dir))
                .map(|name| name.strip_suffix(".git").unwrap_or(&name).to_owned())
        };
        over.or_else(remote).or_else(holder).or_else(|| last(&self.top)).unwrap_or_else(|| "root".to_owned())
    }
}

/// The remote's address without scheme, credentials, port and `.git`, the host in lower case.
///
/// `None` for addresses that do not name the same place on another machine (relative paths, empty text).
pub fn normalise_remote(url: &str) -> Option<String> {
    let url = url.trim();
    if let Some(path) = url.strip_prefix("file://").or_else(|| url.starts_with('/').then_some(url)) {
        let path = path.trim_end_matches('/');
        return (!path.is_empty()).then(|| format!("file/{}", path.trim_start_matches('/')));
    }
    let (host, path) = if let Some((_, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit('@').next()?;
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.split(']').next()?,
            None => host.split(':').next()?,
        };
        (host, path)
    } else {
        // scp form: user@host:path, where the part before the colon holds no slash
        let (authority, path) = url.split_once(':')?;
        if authority.contains('/') || authority.len() < 2 {
            return None;
        }
        (authority.rsplit('@').next()?, path)
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
    if host.is_empty() || path.is_empty() {
        return None;
    }
    let host = host.to_ascii_lowercase();
    // these three compare paths without case
    let folded = matches!(host.as_str(), "github.com" | "gitlab.com" | "bitbucket.org");
    let path = if folded { path.to_lowercase() } else { path.to_owned() };
    Some(format!("{host}/{path}"))
}

/// What the store knows about a project that one of our keys led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The project.
    pub project: ProjectId,
    /// All its keys.
    pub keys: Vec<ProjectKey>,
}

/// Where a directory belongs, and which keys should lead there from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The project; `None` means a new one.
    pub project: Option<ProjectId>,
    /// Keys to point at it: new ones, and places that held another project before.
    pub point: Vec<ProjectKey>,
}

/// Decides which project the keys of a place (strongest first) belong to.
///
/// `known` looks a key up. A weaker key only counts while nothing stronger contradicts it: a fork shares the
/// root commit but has another remote; another repository may have been cloned into the same path.
pub fn resolve(keys: &[ProjectKey], known: &mut dyn FnMut(&ProjectKey) -> Option<Known>) -> Resolution {
    let found: Vec<Option<Known>> = keys.iter().map(known).collect();
    let chosen = keys
        .iter()
        .zip(&found)
        .find_map(|(key, known)| known.as_ref().filter(|known| !contradicted(key, keys, known)));
    let project = chosen.map(|known| known.project);
    let point = keys
        .iter()
        .zip(&found)
        .filter(|(key, known)| match known {
            None => true,
            // a place can change hands; a remote or a root commit cannot
            Some(known) => {
                Some(known.project) != project && matches!(key.kind, KeyKind::GitDir | KeyKind::Path)
            }
        })
        .map(|(key, _)| key.clone())
        .collect();
    Resolution { project, point }
}

/// Whether what we know of the place says it is not the project that `key` leads to.
fn contradicted(key: &ProjectKey, ours: &[ProjectKey], known: &Known) -> bool {
    let differs = |kind: KeyKind| {
        let theirs: Vec<_> = known.keys.iter().filter(|key| key.kind == kind).collect();
        let ours = ours.iter().find(|key| key.kind == kind);
        !theirs.is_empty() && ours.is_some_and(|ours| !theirs.contains(&ours))
    };
    match key.kind {
        KeyKind::Override | KeyKind::Remote => false,
        KeyKind::Root => differs(KeyKind::Remote),
        // the same place with another root commit is another repository; with only another remote, it moved
        KeyKind::GitDir | KeyKind::Path => differs(KeyKind::Root),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn remotes_in_all_spellings_are_one() {
        for url in [
            "https://github.com/Acme/Widgets.git",
            "https://user:ghp_secret@github.com/acme/widgets",
            "git@github.com:acme/widgets.git",
            "ssh://git@github.com:22/acme/widgets.git/",
            "git+ssh://git@GitHub.com/acme/widgets",
        ] {
            assert_eq!(normalise_remote(url).as_deref(), Some("github.com/acme/widgets"), "{url}");
        }
        assert_eq!(normalise_remote("/srv/git/x.git").as_deref(), Some("file/srv/git/x.git"));
        assert_eq!(normalise_remote("../x"), None);
        assert_eq!(normalise_remote("C:/x"), None);
        assert_eq!(normalise_remote(""), None);
    }

    /// A store of keys, small enough to read.
    #[derive(Default)]
    struct Shelf {
        keys: BTreeMap<String, ProjectId>,
        next: i64,
    }

    impl Shelf {
        fn visit(&mut self, facts: &Facts) -> ProjectId {
            let keys = self.keys.clone();
            let resolution = resolve(&facts.keys(), &mut |key| {
                let project = *keys.get(&key.text())?;
                let of = keys.iter().filter(|(_, p)| **p == project);
                Some(Known { project, keys: of.filter_map(|(k, _)| ProjectKey::parse(k)).collect() })
            });
            let project = resolution.project.unwrap_or_else(|| {
                self.next += 1;
                ProjectId(self.next)
            });
            for key in resolution.point {
                self.keys.insert(key.text(), project);
            }
            project
        }
    }

    fn at(top: &str) -> Facts {
        Facts { top: top.into(), ..Facts::default() }
    }

    fn repo(top: &str, root: Option<&str>, remote: Option<&str>) -> Facts {
        Facts {
            git_dir: Some(format!("{top}/.git")),
            root_commit: root.map(str::to_owned),
            remote: remote.map(str::to_owned),
            ..at(top)
        }
    }

    #[test]
    fn a_project_keeps_its_identity_as_it_grows() {
        let mut shelf = Shelf::default();
        let plain = shelf.visit(&at("/w/a"));
        assert_eq!(shelf.visit(&repo("/w/a", None, None)), plain, "git init");
        assert_eq!(shelf.visit(&repo("/w/a", Some("r1"), None)), plain, "first commit");
        let url = Some("git@h.org:x/a.git");
        assert_eq!(shelf.visit(&repo("/w/a", Some("r1"), url)), plain, "first push");
        assert_eq!(shelf.visit(&repo("/else/a", Some("r1"), url)), plain, "a second clone");
        assert_eq!(shelf.visit(&repo("/w/a", Some("r1"), Some("git@h.org:y/a.git"))), plain, "moved remote");
    }

    #[test]
    fn a_fork_and_a_reused_place_are_other_projects() {
        let mut shelf = Shelf::default();
        let a = shelf.visit(&repo("/w/a", Some("r1"), Some("git@h.org:x/a.git")));
        let fork = shelf.visit(&repo("/w/fork", Some("r1"), Some("git@h.org:me/a.git")));
        assert_ne!(a, fork);
        let other = shelf.visit(&repo("/w/a", Some("r2"), Some("git@h.org:x/b.git")));
        assert_ne!(a, other);
        assert_eq!(shelf.visit(&repo("/w/a", None, None)), other, "the place changed hands");
        assert_eq!(shelf.visit(&repo("/n/a", Some("r1"), Some("git@h.org:x/a.git"))), a);
    }

    #[test]
    fn an_override_stands_alone() {
        let mut shelf = Shelf::default();
        let real = shelf.visit(&repo("/w/a", Some("r1"), None));
        let facts = Facts { over: Some("mine".into()), ..repo("/w/a", Some("r1"), None) };
        let mine = shelf.visit(&facts);
        assert_ne!(real, mine);
        assert_eq!(shelf.visit(&repo("/w/a", Some("r1"), None)), real);
        assert_eq!(facts.name(), "mine");
    }

    #[test]
    fn a_worktree_is_named_after_its_repository() {
        let facts = Facts { git_dir: Some("/w/widgets/.git".into()), ..at("/w/widgets-fix") };
        assert_eq!(facts.name(), "widgets");
    }

    proptest! {
        #[test]
        fn normalising_never_panics_and_keeps_no_credentials(url in "\\PC{0,60}") {
            if let Some(once) = normalise_remote(&url) {
                let host = once.split('/').next().unwrap_or_default();
                prop_assert!(!host.is_empty() && !host.contains('@'), "{}", once);
            }
        }

        #[test]
        fn visiting_twice_gives_the_same_project(
            visits in proptest::collection::vec((0usize..3, 0usize..3, 0usize..3), 1..12)
        ) {
            let mut shelf = Shelf::default();
            for (place, root, remote) in visits {
                let facts = repo(
                    ["/a", "/b", "/c"][place],
                    [None, Some("r1"), Some("r2")][root],
                    [None, Some("git@h.org:x/a"), Some("git@h.org:x/b")][remote],
                );
                let first = shelf.visit(&facts);
                prop_assert_eq!(shelf.visit(&facts), first);
            }
        }
    }
}
