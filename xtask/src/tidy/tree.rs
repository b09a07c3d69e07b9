//! The files of the project, read once, and the rules about how they lie.

use std::collections::BTreeMap;
use std::path::Path;

use super::check::Violation;
use super::source::Source;

/// Most Rust files in one folder.
const FOLDER_LIMIT: usize = 15;

/// Folders that are not ours to judge: built, fetched, recorded or kept by git.
const FOREIGN: [&str; 6] =
    [".git", "target", "node_modules", "fixtures", "snapshots", "proptest-regressions"];

/// Every file we judge.
pub(crate) struct Tree {
    /// In order of path.
    pub(crate) files: Vec<File>,
}

/// One file of text.
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) text: String,
    /// The same as Rust, when it is.
    pub(crate) source: Option<Source>,
}

impl File {
    /// A file from its path and text.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let is_rust = Path::new(path).extension().is_some_and(|end| end == "rs");
        let source = is_rust.then(|| Source::read(path, text));
        Self { path: path.to_owned(), text: text.to_owned(), source }
    }

    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path of its folder, empty at the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Tree {
    /// Reads every file of text under `root` except what is foreign.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The file at `path`.
    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// No folder holds more Rust files than one can take in.
pub(crate) fn folders(tree: &Tree) -> Vec<Violation> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| file.source.is_some()) {
        *counts.entry(file.folder()).or_default() += 1;
    }
    let crowded = counts.into_iter().filter(|(_, count)| *count > FOLDER_LIMIT);
    crowded
        .map(|(folder, count)| {
            Violation::new(
                folder,
                1,
                format!("{count} Rust files in one folder, at most {FOLDER_LIMIT}: make a folder of what belongs together"),
            )
        })
        .collect()
}

/// Every Rust file is part of a crate, and a crate has one integration test binary, `tests/it`.
pub(crate) fn declared(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.source.is_some()) {
        let stem = file.name().trim_end_matches(".rs");
        let folder = file.folder();
        if folder.ends_with("/tests") && !folder.contains("/src") {
            found.push(Violation::new(
                &file.path,
                1,
                "one integration test binary per crate: move this into tests/it/",
            ));
            continue;
        }
        let is_root = matches!(stem, "main" | "lib") || stem == "build" && !folder.contains("/src");
        if is_root
            || ["/examples", "/benches", "/bin", "/fuzz_targets"].iter().any(|end| folder.ends_with(end))
        {
            continue;
        }
        let (module, parents) = if stem == "mod" {
            let (above, module) = folder.rsplit_once('/').unwrap_or(("", folder));
            (module, homes(above))
        } else {
            (stem, homes(folder))
        };
        let declares = |path: &String| {
            tree.find(path)
                .and_then(|parent| parent.source.as_ref())
                .is_some_and(|source| source.declares(module))
        };
        if !parents.iter().any(declares) {
            found.push(Violation::new(
                &file.path,
                1,
                format!("no `mod {module};` names this file: declare it or delete it"),
            ));
        }
    }
    found
}

/// The files that may declare a module lying in `folder`.
fn homes(folder: &str) -> Vec<String> {
    let mut homes: Vec<String> =
        ["mod.rs", "lib.rs", "main.rs"].iter().map(|name| format!("{folder}/{name}")).collect();
    homes.push(format!("{folder}.rs"));
    homes
}

fn walk(root: &Path, folder: &str, files: &mut Vec<File>) -> Result<(), String> {
    let here = root.join(folder);
    let entries =
        std::fs::read_dir(&here).map_err(|why| format!("{} cannot be read: {why}", here.display()))?;
    for entry in entries {
        let entry = entry.map_err(|why| format!("{} cannot be read: {why}", here.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let foreign =
            FOREIGN.contains(&name.as_str()) || name.starts_with("target-") || name.ends_with(".snap.new");
        let Ok(kind) = entry.file_type() else { continue };
        if foreign || kind.is_symlink() {
            continue;
        }
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if kind.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            files.push(File::new(&path, &text)); // what is not text is not ours to judge
        }
    }
    Ok(())
}
