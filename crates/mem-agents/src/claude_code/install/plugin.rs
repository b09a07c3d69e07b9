//! The files of the marketplace and of the plugin in it.
//!
//! The plugin has its own copy of the program, so no hook ever points at a missing file; a hook whose program is
//! missing shows an error on every event. Exec form (`args`, even empty) keeps every shell out; Claude Code
//! before 2.1.139 ignores it and runs the bare command, which is therefore complete in itself.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use mem_core::layout;
use serde_json::{Map, Value, json};

use super::places::{Changes, InstallError, MARKETPLACE, MCP_SERVER, PLUGIN_NAME, Places};
use crate::edit;
use crate::spec;

/// Name of the copied program, by which it knows that it is a hook.
const PROGRAM: &str = "claude-mem-hook";
/// Its second name. Claude Code puts `bin/` of every plugin on the PATH of its Bash tool, and the brief says
/// `claude-mem show 12` there.
const COMMAND: &str = "claude-mem";
const SUMMARY: &str = "Remembers what was done in each session and tells the next one.";

/// Where Claude Code looks for the MCP servers of a plugin.
const SERVERS: &str = ".mcp.json";
/// How the tools are used well.
const SKILL: &str = include_str!("skill.md");

/// Writes what is missing or different. Folders are there afterwards.
pub(super) fn write(places: &Places, changes: &mut Changes) -> Result<(), InstallError> {
    let program = edit::read(&places.binary)?.ok_or_else(|| missing(&places.binary))?;
    for (path, bytes, mode) in files(places, program) {
        let folder = path.parent().expect("every file of the plugin has a folder");
        fs::create_dir_all(folder).map_err(InstallError::io("create", folder))?;
        if is_as_wanted(&path, &bytes, mode) {
            continue;
        }
        edit::place(&path, &bytes, mode)?;
        changes.add(&path, "written");
    }
    name_command(places, changes)?;
    // `claude plugin uninstall` of 2.1.197 marks the folder for removal a week later.
    let orphaned = places.plugin().join(".orphaned_at");
    if fs::remove_file(&orphaned).is_ok() {
        changes.add(&orphaned, "deleted, as the plugin is in use again");
    }
    Ok(())
}

/// Where the program lies under the name that people and models type.
pub(super) fn command(places: &Places) -> PathBuf {
    places.plugin().join("bin").join(COMMAND)
}

/// Gives the program its second name: a hard link, or a symbolic one where the file system has no others. The name
/// is never missing meanwhile.
fn name_command(places: &Places, changes: &mut Changes) -> Result<(), InstallError> {
    let command = command(places);
    let program = command.with_file_name(PROGRAM);
    if is_same_file(&program, &command) {
        return Ok(());
    }
    let fresh = command.with_file_name(format!(".{COMMAND}.{}", std::process::id()));
    let _left_by_a_killed_one = fs::remove_file(&fresh);
    fs::hard_link(&program, &fresh)
        .or_else(|_| symlink(PROGRAM, &fresh))
        .and_then(|()| fs::rename(&fresh, &command))
        .map_err(|error| {
            let _gone = fs::remove_file(&fresh);
            InstallError::io("name the program", &command)(error)
        })?;
    changes.add(&command, "the same program, by the name that is typed");
    Ok(())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    }
}

/// The version of the plugin that is there.
pub(super) fn version(places: &Places) -> Option<String> {
    let bytes = edit::read(&manifest(places)).ok()??;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    places
        .plugin()
        .join("bin")
        .join(PROGRAM)
        .is_file()
        .then(|| value["version"].as_str().map(str::to_owned))?
}

fn manifest(places: &Places) -> PathBuf {
    places.plugin().join(".claude-plugin/plugin.json")
}

/// Path, content and mode of every file; the hooks last, when all that they need is there.
fn files(places: &Places, program: Vec<u8>) -> Vec<(PathBuf, Vec<u8>, u32)> {
    let bin = places.plugin().join("bin");
    let data_dir = format!("{}\n", places.data_dir.display());
    vec![
        (bin.join(PROGRAM), program, 0o755),
        (bin.join(layout::DATA_DIR_LINE), data_dir.into_bytes(), 0o644),
        (manifest(places), text(&plugin_json(&places.version)), 0o644),
        (places.marketplace().join(".claude-plugin/marketplace.json"), text(&marketplace_json()), 0o644),
        (places.plugin().join("skills/mem-search/SKILL.md"), SKILL.as_bytes().to_vec(), 0o644),
        (places.plugin().join(SERVERS), text(&servers_json()), 0o644),
        (places.plugin().join("hooks/hooks.json"), text(&hooks_json()), 0o644),
    ]
}

fn marketplace_json() -> Value {
    json!({
        "name": MARKETPLACE,
        "description": "The claude-mem that is installed on this machine.",
        "owner": { "name": "claude-mem" },
        "plugins": [{ "name": PLUGIN_NAME, "source": "./plugin", "description": SUMMARY }],
    })
}

fn plugin_json(version: &str) -> Value {
    json!({
        "name": PLUGIN_NAME,
        "version": version,
        "description": SUMMARY,
        "author": { "name": "claude-mem" },
        "license": "Apache-2.0",
    })
}

fn hooks_json() -> Value {
    let command = format!("${{CLAUDE_PLUGIN_ROOT}}/bin/{PROGRAM}");
    let mut hooks = Map::new();
    for event in spec::CLAUDE_CODE.events {
        let hook = json!({ "type": "command", "command": command, "args": [], "timeout": event.timeout_s });
        hooks.insert(event.name.to_owned(), json!([{ "hooks": [hook] }]));
    }
    json!({ "description": SUMMARY, "hooks": hooks })
}

/// Our server, by the name that is typed: under its other name the program is a hook whatever its arguments. Which tools
/// are loaded at once is said by the tools themselves, as `alwaysLoad` here would load them all.
fn servers_json() -> Value {
    let command = format!("${{CLAUDE_PLUGIN_ROOT}}/bin/{COMMAND}");
    json!({ "mcpServers": { MCP_SERVER: { "command": command, "args": ["mcp"] } } })
}

fn text(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

fn is_as_wanted(path: &Path, bytes: &[u8], mode: u32) -> bool {
    let same_mode =
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o777 == mode);
    same_mode && fs::read(path).is_ok_and(|found| found == bytes)
}

fn missing(path: &Path) -> InstallError {
    InstallError::Io { what: "read", path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() }
}
