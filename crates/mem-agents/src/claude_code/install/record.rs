//! What `install` changed, so that `uninstall` can leave each file as it found it.
//!
//! Our keys are known by name and need no record. What does: whether a file, a folder or an object around our
//! keys is there because of us, and values of others that we replaced. A lost record costs no more than an empty
//! object or file staying behind.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::places::InstallError;
use crate::edit::{self, Document};

/// Version of the format.
const VERSION: u64 = 1;

/// All installs from one data directory.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// One per folder of Claude Code's.
    pub(super) configs: Vec<ConfigRecord>,
}

/// What was changed for one folder of Claude Code's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ConfigRecord {
    /// That folder.
    pub(super) config_dir: PathBuf,
    /// Folders that we made, outer ones first.
    pub(super) folders: Vec<PathBuf>,
    /// Files that we changed.
    pub(super) files: Vec<FileRecord>,
}

/// What was changed in one file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FileRecord {
    /// The file.
    pub(super) path: PathBuf,
    /// Whether we made it.
    pub(super) created: bool,
    /// Its text when it held nothing but white space.
    pub(super) blank: Option<String>,
    /// What we put in: the outermost new key of each, as keys from the top.
    pub(super) added: Vec<Vec<String>>,
    /// Values of others that we replaced: their keys, and the text that stood there.
    pub(super) replaced: Vec<(Vec<String>, String)>,
}

impl FileRecord {
    /// A file of which nothing is recorded.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), created: false, blank: None, added: Vec::new(), replaced: Vec::new() }
    }
}

impl ConfigRecord {
    /// The record of `path`; a new one where there is none.
    pub(super) fn file(&mut self, path: &Path) -> &mut FileRecord {
        let at = self.files.iter().position(|file| file.path == path).unwrap_or_else(|| {
            self.files.push(FileRecord::new(path));
            self.files.len() - 1
        });
        &mut self.files[at]
    }
}

impl Record {
    /// Reads the record; a missing one is empty.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(super) fn read(path: &Path) -> Result<Self, InstallError> {
        let Some(bytes) = edit::read(path)? else { return Ok(Self::default()) };
        let document = Document::read(&bytes)
            .map_err(|error| InstallError::Broken { path: path.to_owned(), reason: error.to_string() })?;
        let configs = document.get(&["claude_code"]).unwrap_or_default();
        Ok(Self { configs: list(&configs, config_from) })
    }

    /// The record for `config_dir`; a new one where there is none.
    pub(super) fn config(&mut self, config_dir: &Path) -> &mut ConfigRecord {
        let at =
            self.configs.iter().position(|config| config.config_dir == config_dir).unwrap_or_else(|| {
                let config_dir = config_dir.to_owned();
                self.configs.push(ConfigRecord { config_dir, folders: Vec::new(), files: Vec::new() });
                self.configs.len() - 1
            });
        &mut self.configs[at]
    }

    /// The record as it is written.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let configs: Vec<Value> = self.configs.iter().map(config_to).collect();
        format!("{:#}\n", json!({ "version": VERSION, "claude_code": configs })).into_bytes()
    }
}

fn config_to(config: &ConfigRecord) -> Value {
    json!({
        "config_dir": config.config_dir,
        "folders": config.folders,
        "files": config.files.iter().map(file_to).collect::<Vec<_>>(),
    })
}

fn file_to(file: &FileRecord) -> Value {
    let replaced: Vec<Value> =
        file.replaced.iter().map(|(at, was)| json!({ "at": at, "was": was })).collect();
    json!({
        "path": file.path,
        "created": file.created,
        "blank": file.blank,
        "added": file.added,
        "replaced": replaced,
    })
}

fn config_from(value: &Value) -> Option<ConfigRecord> {
    Some(ConfigRecord {
        config_dir: path_from(&value["config_dir"])?,
        folders: list(&value["folders"], path_from),
        files: list(&value["files"], file_from),
    })
}

fn file_from(value: &Value) -> Option<FileRecord> {
    Some(FileRecord {
        path: path_from(&value["path"])?,
        created: value["created"] == true,
        blank: text_from(&value["blank"]),
        added: list(&value["added"], |keys| Some(list(keys, text_from))),
        replaced: list(&value["replaced"], |one| {
            Some((list(&one["at"], text_from), text_from(&one["was"])?))
        }),
    })
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    value.as_array().map(|items| items.iter().filter_map(read).collect()).unwrap_or_default()
}

fn path_from(value: &Value) -> Option<PathBuf> {
    value.as_str().map(PathBuf::from)
}

fn text_from(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("installed.json");
        let mut record = Record::default();
        let config = record.config(Path::new("/h/.claude"));
        config.folders.push("/h/.claude".into());
        let file = config.file(Path::new("/h/.claude/settings.json"));
        file.created = true;
        file.blank = Some("\n".into());
        file.added.push(vec!["a".into(), "b.c".into()]);
        file.replaced.push((vec!["x".into()], " true".into()));
        let before = record.configs.clone();
        std::fs::write(&path, record.to_bytes()).unwrap();
        assert_eq!(Record::read(&path).unwrap().configs, before);
    }
}
