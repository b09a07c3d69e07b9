//! Install: the plugin's files first, then the record, then Claude Code's files, the settings last.
//!
//! In that order a stop at any point leaves nothing that points at a missing file, and nothing unrecorded.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::config_file::ConfigFile;
use super::places::{Changes, InstallError, MARKETPLACE, ORIGINAL_PLUGIN, PLUGIN_ID, Places};
use super::plugin;
use super::record::{ConfigRecord, FileRecord, Record};
use crate::edit;

/// Installs the plugin, or brings it up to date; twice is the same as once. With `replace` the plugin of the
/// original system is switched off, which [`super::uninstall`] undoes.
///
/// # Errors
/// [`InstallError`]; a broken file of Claude Code's is found before anything is changed.
pub fn install(places: &Places, replace: bool) -> Result<Changes, InstallError> {
    let mut changes = Changes::default();
    check(places)?;
    let mut record = Record::read(&places.record())?;
    let mut config = record.config(&places.config_dir).clone();
    let files = planned(places, replace, &mut config, &mut changes)?;

    make_folder(&places.data_dir, 0o700, &mut config.folders, &mut changes)?;
    plugin::write(places, &mut changes)?;
    make_folder(&places.config_dir.join("plugins"), 0o777, &mut config.folders, &mut changes)?;
    *record.config(&places.config_dir) = config;
    let bytes = record.to_bytes();
    if edit::read(&places.record())?.as_deref() != Some(&bytes[..]) {
        edit::place(&places.record(), &bytes, 0o600)?;
        changes.add(&places.record(), "what was changed is written down here");
    }
    for (file, words) in files {
        file.save(words, &mut changes)?;
    }
    Ok(changes)
}

/// All changes to Claude Code's files, ready to be written, and recorded in `config`.
fn planned(
    places: &Places,
    replace: bool,
    config: &mut ConfigRecord,
    changes: &mut Changes,
) -> Result<Vec<(ConfigFile, &'static str)>, InstallError> {
    let now = iso(SystemTime::now());
    let known_path = places.known_marketplaces();
    let mut known = ConfigFile::open(&known_path)?;
    put_dated(&mut known, &[MARKETPLACE], &known_entry(places), &now, config.file(&known_path))?;

    let installed_path = places.installed_plugins();
    let mut installed = ConfigFile::open(&installed_path)?;
    put_installed(places, &mut installed, &now, config.file(&installed_path), changes)?;

    let [shared_path, local_path] = places.settings();
    let mut shared = ConfigFile::open(&shared_path)?;
    let mut local = ConfigFile::open(&local_path)?;
    let source = json!({ "source": source(places) });
    shared.put(&["extraKnownMarketplaces", MARKETPLACE], &source, config.file(&shared_path))?;
    shared.put(&["enabledPlugins", PLUGIN_ID], &json!(true), config.file(&shared_path))?;
    for (file, path) in [(&mut shared, &shared_path), (&mut local, &local_path)] {
        if file.get(&["enabledPlugins", ORIGINAL_PLUGIN]) != Some(json!(true)) {
            continue;
        }
        if replace {
            file.replace(&["enabledPlugins", ORIGINAL_PLUGIN], "false", config.file(path));
        } else {
            changes.notes.push(format!(
                "{ORIGINAL_PLUGIN} is enabled in {} too, so both will record every session; \
                 --replace switches it off until uninstall",
                path.display()
            ));
        }
    }
    let mut files = vec![
        (known, "the marketplace made known"),
        (installed, "the plugin listed as installed"),
        (shared, "the plugin declared and enabled"),
    ];
    if local.exists() {
        files.push((local, "the original plugin switched off"));
    }
    config.files.retain(|file| *file != FileRecord::new(&file.path));
    Ok(files)
}

fn put_installed(
    places: &Places,
    file: &mut ConfigFile,
    now: &str,
    record: &mut FileRecord,
    changes: &mut Changes,
) -> Result<(), InstallError> {
    if file.is_empty() {
        file.put(&["version"], &json!(2), record)?;
    } else if file.get(&["version"]) != Some(json!(2)) {
        changes.notes.push(format!(
            "{} has a form we do not know and was left alone; \
             in an old Claude Code the hooks may start with the second session only",
            places.installed_plugins().display()
        ));
        return Ok(());
    }
    let keys = ["plugins", PLUGIN_ID];
    let entry = json!({ "scope": "user", "installPath": places.plugin(), "version": places.version });
    // The same plugin may be installed for single projects as well; those entries are the user's.
    let others: Vec<Value> = match file.get(&keys) {
        Some(Value::Array(entries)) => entries.into_iter().filter(|entry| entry["scope"] != "user").collect(),
        _ => Vec::new(),
    };
    let old = file
        .get(&keys)
        .and_then(|entries| entries.as_array()?.iter().find(|e| e["scope"] == "user").cloned());
    let dated = match old {
        Some(old) if is_same(&old, &entry) => return Ok(()),
        Some(old) => dated(&entry, old["installedAt"].as_str().unwrap_or(now), now),
        None => dated(&entry, now, now),
    };
    file.put(&keys, &Value::Array([vec![dated], others].concat()), record)
}

/// Puts `entry` with the time at `keys`, unless it is there already, of whatever time.
fn put_dated(
    file: &mut ConfigFile,
    keys: &[&str],
    entry: &Value,
    now: &str,
    record: &mut FileRecord,
) -> Result<(), InstallError> {
    if file.get(keys).is_some_and(|old| is_same(&old, entry)) {
        return Ok(());
    }
    let mut dated = entry.clone();
    dated["lastUpdated"] = json!(now);
    file.put(keys, &dated, record)
}

fn dated(entry: &Value, installed_at: &str, now: &str) -> Value {
    let mut dated = entry.clone();
    dated["installedAt"] = json!(installed_at);
    dated["lastUpdated"] = json!(now);
    dated
}

/// Whether `old` says all that `entry` says.
fn is_same(old: &Value, entry: &Value) -> bool {
    entry.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| old.get(key) == Some(value)))
}

fn known_entry(places: &Places) -> Value {
    json!({ "source": source(places), "installLocation": places.marketplace() })
}

fn source(places: &Places) -> Value {
    json!({ "source": "directory", "path": places.marketplace() })
}

fn check(places: &Places) -> Result<(), InstallError> {
    for path in [&places.config_dir, &places.data_dir] {
        let plain = path.to_str().is_some_and(|text| !text.contains(['\n', '\r']));
        if !plain || !path.is_absolute() {
            return Err(InstallError::OddPath { path: path.clone() });
        }
    }
    Ok(())
}

/// Makes `path` and the folders above it, and notes those that were missing, outer ones first.
fn make_folder(
    path: &Path,
    mode: u32,
    made: &mut Vec<PathBuf>,
    changes: &mut Changes,
) -> Result<(), InstallError> {
    let mut missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    missing.reverse();
    for folder in missing {
        DirBuilder::new().mode(mode).create(folder).map_err(InstallError::io("create", folder))?;
        changes.add(folder, "created");
        if !made.iter().any(|known| known == folder) {
            made.push(folder.to_owned());
        }
    }
    fs::metadata(path).map(drop).map_err(InstallError::io("open", path))
}

/// A moment as Claude Code writes it: `2026-11-20T17:05:42.094Z`.
fn iso(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

/// Year, month and day of a day since 1970-01-01. Years are counted from March, so that leap days come last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // from 0000-03-01
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_are_written_as_claude_code_does() {
        for (ms, wanted) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_763_658_342_094, "2025-11-20T17:05:42.094Z"),
        ] {
            assert_eq!(iso(UNIX_EPOCH + Duration::from_millis(ms)), wanted);
        }
    }
}
