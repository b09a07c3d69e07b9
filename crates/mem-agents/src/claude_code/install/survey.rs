//! What is there: our plugin, the original one, and settings under which no hook fires. Changes nothing.

use std::path::{Path, PathBuf};

use mem_core::layout;
use serde_json::{Value, json};

use super::config_file::ConfigFile;
use super::places::{InstallError, MARKETPLACE, ORIGINAL_PLUGIN, PLUGIN_ID, Places};
use super::plugin;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Whether Claude Code has a folder here at all.
    pub config_dir_exists: bool,
    /// Version of our plugin's files, when they are there with their program.
    pub plugin_version: Option<String>,
    /// Whether the settings declare our marketplace at the place where it is.
    pub declared: bool,
    /// The data directory that the plugin is registered for, when it is another one and its plugin exists.
    pub elsewhere: Option<PathBuf>,
    /// Whether Claude Code lists our plugin as installed; else 2.1.197 runs no hooks in its next session.
    pub listed: bool,
    /// Whether our plugin is enabled.
    pub enabled: bool,
    /// Whether the plugin of the original system is enabled.
    pub original_enabled: bool,
    /// Settings that keep every hook of ours from firing.
    pub hooks_off: Vec<HooksOff>,
    /// Files that are no JSON.
    pub broken: Vec<Broken>,
}

/// A setting that keeps hooks from firing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksOff {
    /// `disableAllHooks` or `allowManagedHooksOnly`.
    pub setting: &'static str,
    /// Where it stands.
    pub path: PathBuf,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub path: PathBuf,
    /// Line, column and what is wrong there, or the system's reason.
    pub reason: String,
}

/// Looks at everything. `managed` is the settings file of the machine's administrator; on Linux it is
/// `/etc/claude-code/managed-settings.json`.
pub fn survey(places: &Places, managed: &Path) -> Survey {
    let mut found = Survey {
        config_dir_exists: places.config_dir.is_dir(),
        plugin_version: plugin::version(places),
        elsewhere: elsewhere(places),
        ..Survey::default()
    };
    // Later files have the last word, one key at a time.
    let [shared, local] = places.settings();
    for path in [shared, local, managed.to_owned()] {
        let Some(file) = open(&path, &mut found.broken) else { continue };
        if let Some(enabled) = file.get(&["enabledPlugins", PLUGIN_ID]) {
            found.enabled = enabled == json!(true);
        }
        if let Some(enabled) = file.get(&["enabledPlugins", ORIGINAL_PLUGIN]) {
            found.original_enabled = enabled == json!(true);
        }
        if let Some(source) = file.get(&["extraKnownMarketplaces", MARKETPLACE, "source", "path"]) {
            found.declared = source == Value::from(places.marketplace().to_string_lossy());
        }
        let mut setting_is_on = |setting: &'static str| {
            if file.get(&[setting]) == Some(json!(true)) {
                found.hooks_off.push(HooksOff { setting, path: path.clone() });
            }
        };
        setting_is_on("disableAllHooks");
        if path == managed {
            setting_is_on("allowManagedHooksOnly");
        }
    }
    let _only_whether_it_reads = open(&places.known_marketplaces(), &mut found.broken);
    let installed = open(&places.installed_plugins(), &mut found.broken);
    found.listed = installed.is_some_and(|file| file.get(&["plugins", PLUGIN_ID]).is_some());
    found
}

/// The other data directory whose plugin Claude Code is told of, if it is not ours and exists: its entries have the
/// names of ours.
pub(super) fn elsewhere(places: &Places) -> Option<PathBuf> {
    let [shared, local] = places.settings();
    let declared = ["extraKnownMarketplaces", MARKETPLACE, "source", "path"];
    let known = [MARKETPLACE, "source", "path"];
    let named: Vec<PathBuf> =
        [(shared, &declared[..]), (local, &declared[..]), (places.known_marketplaces(), &known[..])]
            .into_iter()
            .filter_map(|(path, keys)| ConfigFile::open(&path).ok()?.get(keys)?.as_str().map(PathBuf::from))
            .collect();
    if named.contains(&places.marketplace()) {
        return None;
    }
    let there = named.into_iter().find(|path| path.is_dir())?;
    Some(if there.ends_with(layout::PLUGIN) { there.parent()?.to_owned() } else { there })
}

fn open(path: &Path, broken: &mut Vec<Broken>) -> Option<ConfigFile> {
    let error = match ConfigFile::open(path) {
        Ok(file) => return Some(file),
        Err(error) => error,
    };
    let reason = match error {
        InstallError::Broken { reason, .. } => reason,
        InstallError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    broken.push(Broken { path: path.to_owned(), reason });
    None
}
