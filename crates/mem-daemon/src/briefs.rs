//! Briefs: rendered from the store for a directory, and kept ready for the hook.
//!
//! A ready brief is a file that carries what it was made from: a stamp of the store and of every file whose text it
//! avoids repeating. It is used only while all of them are as they were and the inbox is empty, so nobody ever has
//! to invalidate it. `ready` is on the hook's short path: `std` only, no store.

use std::fmt::Write as _;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use mem_agents::claude_code::transcripts;
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_logic::brief::{self, Limits, Sources};
use mem_logic::layers::Layers;
use mem_store::{Store, StoreError};

use crate::asker::Asker;
use crate::home::{Home, read_regular, write_whole};
use crate::{health, inbox, place};

/// First line of a ready brief; the program's version is part of it, since another version says other things.
const MAGIC: &str = concat!("claude-mem brief 1 ", env!("CARGO_PKG_VERSION"));
/// Most bytes read of a file that the brief must not repeat.
const KNOWN: u64 = 64 * 1024;
/// Turns that wait are looked through up to this many.
const WAITING: usize = 256;
/// Most ready briefs kept; the oldest go.
const MOST: usize = 64;

/// A rendered brief and what it depends on.
#[derive(Debug)]
pub struct Rendered {
    /// The text; empty when there is nothing to say.
    pub text: String,
    /// Files it depends on, present or not.
    watched: Vec<PathBuf>,
    /// Whether every turn of the project is in it as it stands; else the next reader must distil first.
    settled: bool,
}

/// The ready brief for `cwd`, if it is as fresh as everything it was made from.
pub fn ready(home: &Home, cwd: &Path, over: Option<&str>) -> Option<String> {
    let mut text = String::new();
    std::fs::File::open(file(home, cwd, over)).ok()?.read_to_string(&mut text).ok()?;
    let (head, brief) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    if lines.next()? != MAGIC || lines.next()? != stamp(home)? || !inbox::is_empty(home) {
        return None;
    }
    for line in lines {
        let (seen, path) = line.split_once(' ')?;
        if seen != look(Path::new(path)) {
            return None;
        }
    }
    Some(brief.to_owned())
}

/// What the store looked like: changes with every commit, whoever made it.
///
/// The looks of the database and of its write-ahead log, which every commit appends to. Looks only: opening and closing
/// one of SQLite's locked files beside its back would cancel the locks of this whole process (POSIX record locks, see
/// "How To Corrupt An SQLite Database File" §2.2), and the next opener would think itself alone. `None` without a store.
pub fn stamp(home: &Home) -> Option<String> {
    let store = home.store();
    let mut log = store.clone().into_os_string();
    log.push("-wal");
    match look(&store) {
        found if found == ABSENT => None,
        found => Some(format!("{found} {}", look(Path::new(&log)))),
    }
}

/// Renders the brief of `asker` from what the store holds.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn render(
    store: &Store,
    asker: &Asker,
    layers: &Layers,
    refused: Option<&str>,
) -> Result<Rendered, StoreError> {
    let settings = &layers.settings;
    let capture = asker.capture(layers);
    let facts = place::facts(&asker.cwd, asker.over.as_deref());
    let known_files = asker.config_dir.as_deref().map_or_else(Vec::new, |config_dir| {
        transcripts::own_memory_texts(config_dir, &text(&asker.cwd), &facts.top)
    });
    let mut watched = known_files.clone();
    watched.push(asker.home.path(layout::SETTINGS));
    watched.push(asker.home.path(layout::HOOK_FAULTS));
    if capture.is_excluded(&text(&asker.cwd)) {
        return Ok(Rendered { text: String::new(), watched, settled: true });
    }
    let project = match store.project_by_keys(&facts)? {
        // what the directory was before says nothing about what the user calls it now
        None if asker.over.is_none() => store.last_place(&text(&asker.cwd))?.map(|place| place.project),
        found => found,
    };
    let (observations, summaries) = match project {
        None => (Vec::new(), Vec::new()),
        Some(project) => (
            // some will be left out as repetitions, so more are read than shown
            store.observations(project, settings.context_observations * 2)?,
            store.summaries(project, settings.context_summaries * 2)?,
        ),
    };
    let name = match project.map(|project| store.project(project)).transpose()? {
        Some(row) => row.map_or_else(|| facts.name(), |row| row.name),
        None => facts.name(),
    };
    let notices: Vec<String> = health::problems(&asker.home, Some(store), layers, refused)
        .iter()
        .map(health::Problem::line)
        .collect();
    let known: Vec<String> = known_files.iter().filter_map(|path| read(path)).collect();
    let brief = brief::render(&Sources {
        project: &name,
        observations: &observations,
        summaries: &summaries,
        known: &known,
        notices: &notices,
        zone: &jiff::tz::TimeZone::system(),
        limits: Limits {
            tokens: settings.context_tokens,
            observations: settings.context_observations,
            summaries: settings.context_summaries,
        },
    });
    let waiting = store.turns_to_distil(Timestamp(i64::MAX), WAITING)?;
    let settled = waiting.len() < WAITING && waiting.iter().all(|turn| Some(turn.project) != project);
    Ok(Rendered { text: brief.text, watched, settled })
}

/// Keeps a rendered brief ready, unless turns of its project still wait for the distiller. `stamp` is the store's from before it was rendered. A brief that cannot be kept is
/// rendered again next time, so nothing is reported.
pub fn keep(asker: &Asker, stamp: &str, rendered: &Rendered) {
    if !rendered.settled {
        return;
    }
    let mut text = format!("{MAGIC}\n{stamp}\n");
    for path in &rendered.watched {
        let _infallible = writeln!(text, "{} {}", look(path), path.display());
    }
    text.push('\n');
    text.push_str(&rendered.text);
    let path = file(&asker.home, &asker.cwd, asker.over.as_deref());
    let _rendered_again_next_time = write_whole(&path, text.as_bytes());
    drop_oldest(&asker.home);
}

/// Gives every ready brief that carries `old` the stamp `new`: the store was closed, or vectors were written, which
/// changes its files but no memory.
pub fn restamp(home: &Home, old: &str, new: &str) {
    let Ok(entries) = std::fs::read_dir(home.path(layout::BRIEFS)) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if let Some(rest) = text.strip_prefix(&format!("{MAGIC}\n{old}\n")) {
            let _rendered_again_next_time = write_whole(&path, format!("{MAGIC}\n{new}\n{rest}").as_bytes());
        }
    }
}

const ABSENT: &str = "absent";

/// What a file looks like from outside.
fn look(path: &Path) -> String {
    std::fs::metadata(path).map_or_else(
        |_| ABSENT.to_owned(),
        |found| format!("{}.{:09}-{}-{}", found.mtime(), found.mtime_nsec(), found.len(), found.ino()),
    )
}

fn file(home: &Home, cwd: &Path, over: Option<&str>) -> PathBuf {
    let mut key = cwd.as_os_str().as_encoded_bytes().to_vec();
    key.push(0);
    key.extend_from_slice(over.unwrap_or_default().as_bytes());
    home.path(layout::BRIEFS).join(format!("{:016x}", layout::fnv1a(&key)))
}

fn read(path: &Path) -> Option<String> {
    let bytes = read_regular(path, KNOWN).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn drop_oldest(home: &Home) {
    let Ok(entries) = std::fs::read_dir(home.path(layout::BRIEFS)) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    if files.len() <= MOST {
        return;
    }
    files.sort();
    for (_, path) in &files[..files.len() - MOST] {
        let _gone = std::fs::remove_file(path);
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
