//! Puts the model in place, and takes it away.
//!
//! Files are written and checked in a folder of their own beside the model's, each synced, and go in place by a rename
//! when all are there, the large one last: where it is, the model is whole. Whatever happens in between, what lies in
//! place is as it was.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use mem_core::layout;
use mem_embed::FILES;
use mem_observer::http::Keys;

use super::fault::InstallError;
use super::part::Part;
use super::place::{self, Alone, Due};
use super::source::Source;
use crate::health;
use crate::home::Home;

/// What happens meanwhile, for whoever tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'s> {
    /// A file is begun, or gone on with.
    Begun {
        /// Its name.
        name: &'s str,
        /// Bytes that are there already.
        at: u64,
        /// Bytes it has.
        size: u64,
    },
    /// Bytes came.
    At {
        /// Its name.
        name: &'s str,
        /// Bytes that are there.
        at: u64,
        /// Bytes it has.
        size: u64,
    },
    /// It is tried again, since this happened.
    Again(&'s str),
}

/// What is to be done, after everything that can be known before it is begun was looked at; nothing where the model is
/// whole. Writes nothing.
///
/// # Errors
/// Why it cannot be done.
pub fn ready(home: &Home, source: &Source) -> Result<Vec<Due>, InstallError> {
    let due = place::due(home);
    if due.is_empty() {
        return Ok(due);
    }
    vacant(home)?;
    source.check(&due)?;
    room(home, source, &due)?;
    Ok(due)
}

/// Puts every file in place that is not there as published, and tells how far it is.
///
/// # Errors
/// Why the model is not in place; what was in place before still is.
pub fn install(
    home: &Home,
    source: &Source,
    keys: &Keys,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<(), InstallError> {
    // before anything is laid out, so that a mistake leaves no trace
    if ready(home, source)?.is_empty() {
        return Ok(());
    }
    let began = !home.dir().exists();
    create(&home.path(layout::MODELS))?;
    let _alone = Alone::in_models(home)?;
    let done = lay_out(home, source, keys, tell);
    done.map_err(|error| {
        let error = settle(home, error);
        clear(home, began);
        error
    })
}

fn lay_out(
    home: &Home,
    source: &Source,
    keys: &Keys,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<(), InstallError> {
    // somebody else may have been faster
    let due = ready(home, source)?;
    if due.is_empty() {
        return Ok(());
    }
    let begun = place::begun(home);
    clear_the_way(&begun)?;
    create(&begun)?;
    for Due { file, .. } in &due {
        let part = Part::open(&begun, *file)?;
        match source.path(file.name) {
            Some(path) => part.copy(&path, tell)?,
            None => part.fetch(&format!("{source}/{}", file.name), keys, tell)?,
        }
    }
    put(home, &due)
}

/// Renames what is whole into its place.
fn put(home: &Home, due: &[Due]) -> Result<(), InstallError> {
    let (folder, begun) = (place::folder(home), place::begun(home));
    create(&folder)?;
    for Due { file, .. } in due {
        let to = folder.join(file.name);
        fs::rename(begun.join(file.name), &to).map_err(|error| InstallError::at(&to, &error))?;
    }
    sync(&folder)?;
    let _only_leftovers = fs::remove_dir_all(&begun);
    sync(&home.path(layout::MODELS))
}

/// Whether the model's folder is one, or can be made, with nothing in it that a file could not replace.
fn vacant(home: &Home) -> Result<(), InstallError> {
    let folder = place::folder(home);
    let kind = |path: &Path| match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found.file_type())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(InstallError::at(path, &error)),
    };
    let models = home.path(layout::MODELS);
    if kind(&models)?.is_some() && !models.is_dir() {
        return Err(InstallError::Occupied { path: models, what: "no folder" });
    }
    let what = match kind(&folder)? {
        None => return Ok(()),
        Some(found) if found.is_dir() => {
            for file in FILES {
                let path = folder.join(file.name);
                if kind(&path)?.is_some_and(|found| found.is_dir()) {
                    return Err(InstallError::Occupied { path, what: "a folder" });
                }
            }
            return Ok(());
        }
        // what it leads to may serve others, and is not ours to write into
        Some(found) if found.is_symlink() => "a link to what is not the whole model",
        Some(_) => "no folder",
    };
    Err(InstallError::Occupied { path: folder, what })
}

/// Whether the files fit, and leave what the memory needs.
fn room(home: &Home, source: &Source, due: &[Due]) -> Result<(), InstallError> {
    let models = home.path(layout::MODELS);
    let there = models.ancestors().find(|path| path.exists()).unwrap_or(&models);
    let Some(free) = health::free(there) else { return Ok(()) };
    let resumed = matches!(source, Source::Address(_));
    let missing = due.iter().map(|due| due.file.size - if resumed { due.begun } else { 0 });
    let needed = missing.sum::<u64>() + health::LITTLE;
    // a copy overwrites what was begun
    let free = if resumed { free } else { free + due.iter().map(|due| due.begun).sum::<u64>() };
    if free < needed {
        return Err(InstallError::Room { path: there.to_path_buf(), needed, free });
    }
    Ok(())
}

/// Removes the model and whatever was begun; the bytes that were freed, or `None` where there was nothing.
///
/// # Errors
/// Why it is still there.
pub fn remove(home: &Home) -> Result<Option<u64>, InstallError> {
    let models = home.path(layout::MODELS);
    if !models.is_dir() {
        // what else has its name is not ours
        return Ok(None);
    }
    let _alone = Alone::in_models(home)?;
    let mut freed = None;
    for path in [place::folder(home), place::begun(home)] {
        let gone = size(&path).and_then(|size| {
            // of a link only the link is ours
            let is_folder = fs::symlink_metadata(&path)?.is_dir();
            if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }?;
            Ok(size)
        });
        match gone {
            Ok(size) => freed = Some(freed.unwrap_or(0) + size),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(InstallError::at(&path, &error)),
        }
    }
    let _others_lie_there = fs::remove_dir(&models);
    Ok(freed)
}

/// Bytes that the model and whatever was begun take; `None` where there is neither.
pub fn on_disk(home: &Home) -> Option<u64> {
    let sizes = [place::folder(home), place::begun(home)].into_iter().filter_map(|path| size(&path).ok());
    sizes.reduce(|one, other| one + other)
}

/// Bytes of a file, or of the files of a folder.
fn size(path: &Path) -> io::Result<u64> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() {
        return Ok(if found.is_file() { found.len() } else { 0 });
    }
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// Keeps of what was begun what is worth to be gone on with, and says how much that is.
fn settle(home: &Home, error: InstallError) -> InstallError {
    match error {
        InstallError::Fetch { said, .. } => InstallError::Fetch { said, kept: place::kept(home) },
        InstallError::Wrong { .. } | InstallError::Disk(_) => {
            let _nothing_there = fs::remove_dir_all(place::begun(home));
            error
        }
        other => other,
    }
}

/// Removes what was laid out in vain; what is not empty holds what can be gone on with.
fn clear(home: &Home, began: bool) {
    for folder in [place::folder(home), place::begun(home), home.path(layout::MODELS)] {
        let _not_empty = fs::remove_dir(folder);
    }
    if began {
        let _not_empty = fs::remove_dir(home.dir());
    }
}

/// Removes what has the name of a folder of ours, beside the models, and is none: it is never written through.
fn clear_the_way(folder: &Path) -> Result<(), InstallError> {
    match fs::symlink_metadata(folder) {
        Ok(found) if !found.is_dir() => {
            fs::remove_file(folder).map_err(|error| InstallError::at(folder, &error))
        }
        _there_or_not => Ok(()),
    }
}

/// Makes a folder, and those above it, for the owner alone.
fn create(folder: &Path) -> Result<(), InstallError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| InstallError::at(folder, &error))
}

/// Has the names in a folder on the disk for good.
fn sync(folder: &Path) -> Result<(), InstallError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| InstallError::at(folder, &error))
}
