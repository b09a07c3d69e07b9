//! Uninstall: the settings first, so that no session calls a program that is about to go.
//!
//! Memories stay; they are not this module's. What Claude Code itself made for our plugin goes too.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::config_file::ConfigFile;
use super::places::{Changes, InstallError, MARKETPLACE, PLUGIN_ID, PLUGIN_NAME, Places};
use super::record::{ConfigRecord, FileRecord, Record};
use super::survey::elsewhere;
use crate::edit;

/// The objects in the user's settings that hold our keys.
const SETTINGS_OBJECTS: [&str; 2] = ["extraKnownMarketplaces", "enabledPlugins"];

/// Takes the plugin back. A registration for another data directory stays: it is that one's to take back. Each of the user's files is as before, apart from what others did to it meanwhile.
/// Without a record, exactly our keys go.
///
/// # Errors
/// [`InstallError`]; a broken file of Claude Code's is found before anything is changed.
pub fn uninstall(places: &Places) -> Result<Changes, InstallError> {
    let mut changes = Changes::default();
    let mut record = Record::read(&places.record()).unwrap_or_else(|_| {
        changes
            .notes
            .push(format!("{} cannot be read; exactly our keys were taken out", places.record().display()));
        Record::default()
    });
    let mut config = record.config(&places.config_dir).clone();
    match elsewhere(places) {
        None => take_entries(places, &mut config, &mut changes)?,
        Some(owner) => changes
            .notes
            .push(format!("Claude Code reports to {}; that registration was left as it is", owner.display())),
    }
    record.configs.retain(|other| other.config_dir != places.config_dir);
    if record.configs.is_empty() {
        remove_folder(&places.marketplace(), &mut changes)?;
        if edit::read(&places.record())?.is_some() {
            fs::remove_file(places.record()).map_err(InstallError::io("delete", &places.record()))?;
            changes.add(&places.record(), "deleted");
        }
        edit::sweep(&places.record());
    } else {
        // Who leaves last removes the data directory, if it was ours.
        let shared = config.folders.iter().filter(|folder| places.data_dir.starts_with(folder)).cloned();
        record.configs[0].folders.splice(0..0, shared);
        edit::place(&places.record(), &record.to_bytes(), 0o600)?;
        changes.notes.push("the plugin itself stays, as another folder of Claude Code's uses it".to_owned());
    }
    for folder in config.folders.iter().rev() {
        if fs::remove_dir(folder).is_ok() {
            changes.add(folder, "deleted, as it was ours and is empty");
        }
    }
    Ok(changes)
}

/// Takes our entries out of Claude Code's files, and what Claude Code made because of them.
fn take_entries(
    places: &Places,
    config: &mut ConfigRecord,
    changes: &mut Changes,
) -> Result<(), InstallError> {
    let [known, enabled] = SETTINGS_OBJECTS;
    let (known, enabled) = ([known, MARKETPLACE], [enabled, PLUGIN_ID]);
    let [shared, local] = places.settings();
    let planned: Vec<(ConfigFile, FileRecord)> = [
        (shared, vec![&known[..], &enabled[..]]),
        (local, vec![&known[..], &enabled[..]]),
        (places.installed_plugins(), vec![&["plugins", PLUGIN_ID][..]]),
        (places.known_marketplaces(), vec![&[MARKETPLACE][..]]),
    ]
    .into_iter()
    .map(|(path, keys)| {
        let mut file = ConfigFile::open(&path)?;
        let mut record = config.file(&path).clone();
        let unknown = record == FileRecord::new(&path);
        for keys in keys {
            // Nobody remembers who made the object around our key; in the settings an empty one says nothing.
            if unknown && SETTINGS_OBJECTS.contains(&keys[0]) && file.get(keys).is_some() {
                record.added.push(vec![keys[0].to_owned()]);
            }
            file.take_out(keys, &record);
        }
        file.put_back(&record, &json!(false));
        Ok((file, record))
    })
    .collect::<Result<_, InstallError>>()?;
    for (file, record) in planned {
        file.save_or_delete(&record, changes)?;
    }
    forget_uses(places, changes);
    let plugins = places.config_dir.join("plugins");
    let own_state = format!("data/{PLUGIN_NAME}-{MARKETPLACE}");
    for (folder, shelf) in [(format!("cache/{MARKETPLACE}"), "cache"), (own_state, "data")] {
        if remove_folder(&plugins.join(folder), changes)? {
            let _kept_if_used = fs::remove_dir(plugins.join(shelf));
        }
    }
    Ok(())
}

/// Claude Code counts the uses of each plugin in its own state. A state that cannot be edited is left: the count
/// does nothing by itself, and the file is rewritten by every session.
fn forget_uses(places: &Places, changes: &mut Changes) {
    for path in places.states() {
        let Ok(mut file) = ConfigFile::open(&path) else { continue };
        let found = file.exists() && file.take_out(&["pluginUsage", PLUGIN_ID], &FileRecord::new(&path));
        if !found {
            continue;
        }
        if let Err(error) = file.save("our entry taken out", changes) {
            changes.notes.push(format!("a count of uses stays behind: {error}"));
        }
    }
}

fn remove_folder(path: &Path, changes: &mut Changes) -> Result<bool, InstallError> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(false);
    }
    fs::remove_dir_all(path).map_err(InstallError::io("delete", path))?;
    changes.add(path, "deleted");
    Ok(true)
}
