//! One of Claude Code's JSON files: opened, changed by key, written once, and left as it was found.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::places::{Changes, InstallError};
use super::record::FileRecord;
use crate::edit::{self, Document};

/// A file in hand.
pub(super) struct ConfigFile {
    path: PathBuf,
    before: Option<Vec<u8>>,
    document: Document,
}

impl ConfigFile {
    /// Opens `path`. A missing file is an empty object.
    ///
    /// # Errors
    /// When it cannot be read, or is no JSON object.
    pub(super) fn open(path: &Path) -> Result<Self, InstallError> {
        let before = edit::read(path)?;
        let document =
            Document::read(before.as_deref().unwrap_or_default()).map_err(|error| broken(path, &error))?;
        Ok(Self { path: path.to_owned(), before, document })
    }

    /// Whether the file is there.
    pub(super) fn exists(&self) -> bool {
        self.before.is_some()
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.document.is_empty()
    }

    /// The value at `keys`.
    pub(super) fn get(&self, keys: &[&str]) -> Option<Value> {
        self.document.get(keys)
    }

    /// Puts a value of ours at `keys`, and notes what is new because of it.
    pub(super) fn put(
        &mut self,
        keys: &[&str],
        value: &Value,
        record: &mut FileRecord,
    ) -> Result<(), InstallError> {
        if self.get(keys).as_ref() == Some(value) {
            return Ok(());
        }
        let there = self.document.insert(keys, value).map_err(|error| broken(&self.path, &error))?;
        if there < keys.len() {
            let added = owned(&keys[..=there]);
            if !record.added.contains(&added) {
                record.added.push(added);
            }
            match &self.before {
                None => record.created = true,
                Some(bytes) if Document::is_blank(bytes) => {
                    record.blank = Some(String::from_utf8_lossy(bytes).into_owned());
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Replaces a value that is not ours, and notes what stood there.
    pub(super) fn replace(&mut self, keys: &[&str], raw: &str, record: &mut FileRecord) {
        let Some(was) = self.document.raw(keys).map(str::to_owned) else { return };
        record.replaced.push((owned(keys), was));
        self.document.replace_raw(keys, raw);
    }

    /// Takes what is at `keys` out, and the objects around it that are empty now and came with it.
    pub(super) fn take_out(&mut self, keys: &[&str], record: &FileRecord) -> bool {
        let found = self.document.remove(keys);
        for depth in (1..keys.len()).rev() {
            let ours = record.added.contains(&owned(&keys[..depth]));
            if ours && self.get(&keys[..depth]) == Some(json!({})) {
                self.document.remove(&keys[..depth]);
            }
        }
        found
    }

    /// Puts back what [`Self::replace`] replaced, where it still says what we wrote.
    pub(super) fn put_back(&mut self, record: &FileRecord, ours: &Value) {
        for (keys, was) in &record.replaced {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            if self.get(&keys).as_ref() == Some(ours) {
                self.document.replace_raw(&keys, was);
            }
        }
    }

    /// Writes the file if it changed, and says so in `words`.
    pub(super) fn save(self, words: &str, changes: &mut Changes) -> Result<(), InstallError> {
        let bytes = self.document.to_bytes();
        self.write(&bytes, words, changes)
    }

    /// Writes the file without our keys; one that we made and that holds nothing else is deleted.
    pub(super) fn save_or_delete(
        self,
        record: &FileRecord,
        changes: &mut Changes,
    ) -> Result<(), InstallError> {
        edit::sweep(&self.path);
        if !self.exists() {
            return Ok(());
        }
        // An empty list of plugins says no more than no list.
        let alone = self.is_empty()
            || serde_json::from_slice::<Value>(&self.document.to_bytes()).ok() == Some(json!({"version": 2}));
        if record.created && alone {
            std::fs::remove_file(&self.path).map_err(InstallError::io("delete", &self.path))?;
            changes.add(&self.path, "deleted, as it held nothing but our entries");
            return Ok(());
        }
        match &record.blank {
            Some(blank) if self.is_empty() => {
                let blank = blank.clone().into_bytes();
                self.write(&blank, "our entries taken out", changes)
            }
            _ => self.save("our entries taken out", changes),
        }
    }

    fn write(self, bytes: &[u8], words: &str, changes: &mut Changes) -> Result<(), InstallError> {
        if self.before.as_deref() == Some(bytes) {
            return Ok(());
        }
        edit::replace(&self.path, self.before.as_deref(), bytes)?;
        changes.add(&self.path, words);
        Ok(())
    }
}

fn broken(path: &Path, error: &edit::EditError) -> InstallError {
    InstallError::Broken { path: path.to_owned(), reason: error.to_string() }
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}
