//! Which projects are meant: by name, by any key that leads to them, or by a directory.

use std::path::Path;

use mem_core::id::ProjectId;
use mem_core::project::{ProjectKey, normalise_remote};
use mem_daemon::place;
use mem_store::{ProjectRow, Reader};

use super::apart::Apart;
use crate::commands::desk::{self, Desk, Scope};
use crate::env;
use crate::failure::Failure;

/// Most names in a hint.
const NAMES: usize = 12;

/// The projects that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Among {
    /// All of them.
    All,
    /// These.
    These(Vec<(ProjectId, String)>),
    /// This directory's, of which nothing is remembered yet.
    Unknown(String),
}

impl Among {
    /// What is meant by these names, or by none of them: the project of this directory.
    ///
    /// # Errors
    /// [`Failure`] when a name leads nowhere.
    pub(crate) fn of(desk: &Desk, store: &Reader, named: &[String], all: bool) -> Result<Self, Failure> {
        if named.is_empty() {
            return Ok(match desk.scope(store, all)? {
                Scope::All => Self::All,
                Scope::Project(id, name) => Self::These(vec![(id, name)]),
                Scope::Unknown(name) => Self::Unknown(name),
            });
        }
        let known = store.projects()?;
        let mut these: Vec<(ProjectId, String)> = Vec::new();
        for name in named {
            let found = find(store, &known, name)?;
            if found.is_empty() {
                return Err(nobody(&known, name));
            }
            for row in found {
                if !these.iter().any(|(id, _)| *id == row.id) {
                    these.push((row.id, row.name.clone()));
                }
            }
        }
        Ok(Self::These(these))
    }

    /// The rows of the projects; none for all of them.
    pub(crate) fn ids(&self) -> Vec<ProjectId> {
        match self {
            Self::All | Self::Unknown(_) => Vec::new(),
            Self::These(these) => these.iter().map(|(id, _)| *id).collect(),
        }
    }

    /// The names of the projects; none for all of them.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::All => Vec::new(),
            Self::These(these) => these.iter().map(|(_, name)| name.clone()).collect(),
            Self::Unknown(name) => vec![name.clone()],
        }
    }

    /// In words that follow "in" or "of"; none for all of them.
    pub(crate) fn words(&self) -> Option<String> {
        (*self != Self::All).then(|| together(&self.names()))
    }
}

/// Names one after the other; one that several bear is named once, with their number.
pub(crate) fn together(names: &[String]) -> String {
    let mut told: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate().filter(|(at, name)| !names[..*at].contains(name)) {
        let bear = names[at..].iter().filter(|other| *other == name).count();
        told.push(if bear > 1 { format!("{name} ({bear} projects)") } else { name.clone() });
    }
    told.join(", ")
}

/// The projects of a name; several may bear it, and then all of them are meant. Else the one that a key or a directory
/// leads to.
fn find<'p>(store: &Reader, known: &'p [ProjectRow], name: &str) -> Result<Vec<&'p ProjectRow>, Failure> {
    let ways: [&dyn Fn(&ProjectRow) -> bool; 3] = [
        &|row| row.name == name || row.uuid == name,
        &|row| row.keys.iter().any(|key| leads(key, name)),
        &|row| row.name.to_lowercase() == name.to_lowercase(),
    ];
    for way in ways {
        let found: Vec<&ProjectRow> = known.iter().filter(|row| way(row)).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if !name.starts_with(['/', '.', '~']) {
        return Ok(Vec::new());
    }
    let Ok(dir) = std::path::absolute(env::expand(name.into())) else { return Ok(Vec::new()) };
    let id = match store.project_by_keys(&place::facts(&dir, None))? {
        None => store.last_place(&desk::text(&dir))?.map(|place| place.project),
        found => found,
    };
    Ok(known.iter().filter(|row| Some(row.id) == id).collect())
}

/// Whether a key is what was typed: with its kind or without, a remote also by its address or its last two parts.
fn leads(key: &ProjectKey, name: &str) -> bool {
    let path = |text: &str| Path::new(text).components().collect::<std::path::PathBuf>();
    let value = key.value.as_str();
    value == name
        || key.text() == name
        || normalise_remote(name).is_some_and(|remote| remote == value)
        || (name.starts_with('/') && path(value) == path(name))
        || (name.contains('/')
            && !name.starts_with('/')
            && value.strip_suffix(name).is_some_and(|rest| rest.ends_with('/')))
}

fn nobody(known: &[ProjectRow], name: &str) -> Failure {
    let failure = Failure::usage(format!("no project is called {name:?}"));
    let mut names: Vec<&str> = known.iter().map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let near = near(name, &names);
    if !near.is_empty() {
        return failure.hint(format!("Did you mean {}?", near.join(" or ")));
    }
    let more = if names.len() > NAMES { ", …" } else { "" };
    // two of one name by what names either
    let apart = Apart::among(known);
    let mut told: Vec<String> = Vec::new();
    for row in known {
        let name = apart.place(row.id).unwrap_or_else(|| row.name.clone());
        if told.len() < NAMES && !told.contains(&name) {
            told.push(name);
        }
    }
    if told.is_empty() {
        return failure.hint("Nothing is remembered of any project yet.");
    }
    failure.hint(format!("Memory knows {}{more}.", told.join(", ")))
}

/// The names that may have been meant, at most three.
pub(super) fn near<'n>(name: &str, names: &[&'n str]) -> Vec<&'n str> {
    let wanted = name.to_lowercase();
    let far = 1 + wanted.chars().count() / 4;
    let mut ranked: Vec<(usize, &str)> = names
        .iter()
        .filter_map(|known| {
            let lower = known.to_lowercase();
            let within = wanted.chars().count() > 2 && (lower.contains(&wanted) || wanted.contains(&lower));
            let steps = steps(&wanted, &lower);
            (within || steps <= far).then_some((steps, *known))
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(3).map(|(_, known)| known).collect()
}

/// Letters that are put in, left out or replaced to make one name of the other.
fn steps(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(before + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::project::KeyKind;

    #[test]
    fn near_names_are_offered_the_nearest_first() {
        let names = ["widgets", "widget-server", "gadgets", "api", "weather"];
        assert_eq!(near("widgts", &names), ["widgets"]);
        assert_eq!(near("Widget", &names), ["widgets", "widget-server"]);
        assert_eq!(near("api-server", &names), ["api"]);
        assert_eq!(near("zzz", &names), [""; 0]);
        assert_eq!(near("", &names), [""; 0]);
    }

    #[test]
    fn a_key_leads_in_the_forms_people_have_it_in() {
        let remote = ProjectKey { kind: KeyKind::Remote, value: "github.com/acme/widgets".into() };
        for name in [
            "github.com/acme/widgets",
            "https://github.com/acme/widgets.git",
            "git@github.com:acme/widgets.git",
            "remote:github.com/acme/widgets",
            "acme/widgets",
        ] {
            assert!(leads(&remote, name), "{name}");
        }
        for name in ["widgets", "e/widgets", "/acme/widgets", "other/widgets", ""] {
            assert!(!leads(&remote, name), "{name}");
        }
        let path = ProjectKey { kind: KeyKind::Path, value: "/w/widgets".into() };
        assert!(leads(&path, "/w/widgets/") && leads(&path, "path:/w/widgets") && !leads(&path, "/w"));
    }
}
