//! How the installed program is called: the link in the user's own folder of programs, and the words that work.
//!
//! Links only where nothing else has the name, and takes back only a link to our program. Must not change the
//! shell's files; what is missing there is said.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use mem_daemon::home::at;

use super::desk::{self, Desk};
use crate::env;
use crate::failure::Failure;

/// The name that people type.
const NAME: &str = "claude-mem";
/// Where people keep programs of their own, below the home directory.
const OWN_PROGRAMS: &str = ".local/bin";

/// What stands at the place of the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    /// Nothing, in a folder that exists.
    Free(PathBuf),
    /// A link to the installed program.
    Ours(PathBuf),
    /// Something else, or there is no such folder.
    NotOurs,
}

/// Looks at the place of the link to `program`.
pub(super) fn link(desk: &Desk, program: &Path) -> Link {
    let Some(folder) = desk.asker.user_home.as_deref().map(|home| home.join(OWN_PROGRAMS)) else {
        return Link::NotOurs;
    };
    let path = folder.join(NAME);
    match fs::read_link(&path) {
        Ok(target) if target == program => Link::Ours(path),
        Err(_) if folder.is_dir() && fs::symlink_metadata(&path).is_err() => Link::Free(path),
        _ => Link::NotOurs,
    }
}

/// Makes the link where its place is free; what was done, in words.
pub(super) fn put(desk: &Desk, program: &Path) -> Option<String> {
    let Link::Free(path) = link(desk, program) else { return None };
    // without it the program is called by its full path
    symlink(program, &path).ok()?;
    Some(format!("{}: a link to the program", path.display()))
}

/// Removes the link if it is ours; what was done, in words.
pub(super) fn take_back(desk: &Desk, program: &Path) -> Result<Option<String>, Failure> {
    let Link::Ours(path) = link(desk, program) else { return Ok(None) };
    fs::remove_file(&path).map_err(|error| at(&path, &error))?;
    Ok(Some(format!("{}: deleted", path.display())))
}

/// What to type for `program`: its bare name where the shell finds just that, else the full path.
pub(super) fn words(program: &Path) -> String {
    let folders = env::search_path();
    let first = folders.iter().map(|folder| folder.join(NAME)).find(|path| path.is_file());
    let same = first.is_some_and(|found| is_same(&found, program));
    if same { NAME.to_owned() } else { quoted(program) }
}

/// What to type for the program that runs now.
pub(super) fn own_words() -> String {
    desk::program().map_or_else(|_| NAME.to_owned(), |program| words(&program))
}

/// Whether the shell looks into the folder of `link`.
pub(super) fn is_searched(link: &Path) -> bool {
    link.parent().is_some_and(|folder| env::search_path().iter().any(|searched| searched == folder))
}

/// By whatever name: the program has two.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,@%:=".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_would_split_it() {
        assert_eq!(quoted(Path::new("/h/.claude-mem/bin/claude-mem")), "/h/.claude-mem/bin/claude-mem");
        assert_eq!(quoted(Path::new("/h/it's here/claude-mem")), r"'/h/it'\''s here/claude-mem'");
    }
}
