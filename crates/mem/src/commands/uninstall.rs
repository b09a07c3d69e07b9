//! `uninstall`: takes our entries out of the agent's files, stops the daemon, and removes what is ours.
//!
//! Memories stay unless they are to go. In a data directory that is shared with the original system only our own
//! names are removed; of a settings file that holds its keys, only those it does not know.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use mem_agents::claude_code::install::{self, Places};
use mem_core::layout;
use mem_core::settings::KEYS;
use mem_daemon::home::{Home, at, write_whole};
use mem_daemon::presence::State;
use mem_daemon::settings;
use mem_logic::layers;
use mem_wire::install::{Uninstalled, VERSION};

use super::call::{self, Link};
use super::desk::Desk;
use super::install::{MANAGED, config_dir, places, told};
use super::{print, worker};
use crate::cli::{AgentName, UninstallArgs};
use crate::failure::Failure;

/// Our keys whose names the original system uses too. Where its keys stand beside them, they are its.
const SHARED: [&str; 5] = [
    "CLAUDE_MEM_CONTEXT_OBSERVATIONS",
    "CLAUDE_MEM_CONTEXT_SESSION_COUNT",
    "CLAUDE_MEM_SKIP_TOOLS",
    "CLAUDE_MEM_EXCLUDED_PROJECTS",
    "CLAUDE_MEM_LOG_LEVEL",
];

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &UninstallArgs) -> Result<(), Failure> {
    let AgentName::ClaudeCode = args.agent;
    let places = places(desk, config_dir(desk)?)?;
    let going = going(desk, &places, args.purge);
    if !args.yes && !going.is_empty() {
        for line in plan(&going, &staying(desk.home(), args.purge)) {
            print::note(&line);
        }
        if !print::go_ahead(false)? {
            return Ok(());
        }
    }
    // where it is, depends on the directory that may go
    let sockets = desk.home().socket_folder();
    let runs = worker::state(desk.home()) != State::Absent;
    // first the hooks, so that none starts another daemon
    let changes = install::uninstall(&places)?;
    let mut done = told(&changes);
    // another folder of the agent's may still use the plugin
    let shared = desk.home().path(layout::INSTALLED).exists();
    if !shared {
        done.extend(call::take_back(desk, &places.command())?);
        if runs {
            done.push(worker::stop(desk.home())?);
        }
        clear(desk.home(), &sockets, args.purge, &mut done)?;
        if !going.is_empty() && fs::remove_dir(desk.home().dir()).is_ok() {
            done.push(format!("{}: deleted, as it is empty", desk.home().dir().display()));
        }
    }
    let kept = kept(desk.home()).into_iter().chain(kept_settings(desk.home())).collect();
    let document = Uninstalled { version: VERSION, done, kept };
    if desk.json {
        print::json(&document)?;
    } else {
        print::text(&report(&document))?;
    }
    for note in &changes.notes {
        print::note(&format!("{} {note}.", print::yellow("note:")));
    }
    if shared && args.purge {
        return Err(Failure::user(
            "the memories stay, since another folder of Claude Code's still reports to them",
        )
        .hint("Uninstall there first: CLAUDE_CONFIG_DIR=DIR claude-mem uninstall."));
    }
    Ok(())
}

/// What of ours is there and will go, a line each.
fn going(desk: &Desk, places: &Places, purge: bool) -> Vec<String> {
    let home = desk.home();
    let mut lines = Vec::new();
    let found = install::survey(places, Path::new(MANAGED));
    let entered = found.declared || found.enabled || found.listed;
    // a broken file may hold them; that it is broken is said by whoever takes them out
    if (found.elsewhere.is_none() && entered) || !found.broken.is_empty() {
        lines.push(format!("our entries in Claude Code's files in {}", places.config_dir.display()));
    }
    if let Link::Ours(path) = call::link(desk, &places.command()) {
        lines.push(path.display().to_string());
    }
    if worker::state(home) != State::Absent {
        lines.push("the worker, which is stopped".to_owned());
    }
    lines.extend(there(home, &layout::TRACES));
    if purge {
        let memories = kept(home);
        lines.extend(memories.iter().map(|path| format!("{path}  {}", print::bold("for good"))));
        lines.extend(kept_settings(home).map(|path| format!("our settings in {path}")));
    }
    lines
}

/// What is said of what stays.
fn staying(home: &Home, purge: bool) -> String {
    let memories = kept(home);
    match (purge, memories.is_empty()) {
        (true, false) => "The memories are among it, and cannot be brought back.".to_owned(),
        (false, false) => format!("The memories stay in {}.", home.dir().display()),
        (_, true) => "There are no memories.".to_owned(),
    }
}

fn plan(going: &[String], staying: &str) -> Vec<String> {
    let mut lines = vec!["This will go:".to_owned()];
    lines.extend(going.iter().map(|line| format!("  {line}")));
    lines.push(format!("{staying} Nothing of the original claude-mem is touched."));
    lines
}

/// Removes what is ours from the data directory.
fn clear(home: &Home, sockets: &Path, purge: bool, done: &mut Vec<String>) -> Result<(), Failure> {
    if purge {
        forget_settings(home, done)?;
        for name in layout::MEMORIES {
            remove(&home.path(name), done)?;
        }
    }
    for name in layout::TRACES {
        remove(&home.path(name), done)?;
    }
    if sockets != home.dir() {
        remove(&sockets.join(layout::NUDGE_SOCKET), done)?;
        remove(&sockets.join(layout::ANSWER_SOCKET), done)?;
        if fs::remove_dir(sockets).is_ok() {
            done.push(format!("{}: deleted", sockets.display()));
        }
    }
    // only what holds nothing: frames and parked frames are events
    for name in [layout::INBOX, layout::PARKED, layout::BACKUPS] {
        let _holds_something = fs::remove_dir(home.path(name));
    }
    Ok(())
}

/// Takes our settings out of the file, which goes when nothing else is in it.
fn forget_settings(home: &Home, done: &mut Vec<String>) -> Result<(), Failure> {
    let path = home.path(layout::SETTINGS);
    let Some(before) = settings::text(home) else { return Ok(()) };
    match without_ours(&before) {
        Err(fault) => done.push(format!("{}: left as it is ({fault})", path.display())),
        Ok(after) if after == before => {}
        Ok(after) if after.trim() == "{}" => {
            fs::remove_file(&path).map_err(|error| at(&path, &error))?;
            done.push(format!("{}: deleted, as it held nothing but our settings", path.display()));
        }
        Ok(after) => {
            write_whole(&path, after.as_bytes())?;
            done.push(format!("{}: our settings taken out", path.display()));
        }
    }
    Ok(())
}

/// The settings file without our keys, byte for byte the same when there are none; `Err` says why it cannot be read.
fn without_ours(before: &str) -> Result<String, String> {
    let found = layers::merge(Some(before), &mut |_| None);
    if let Some(fault) = found.file_fault {
        return Err(fault);
    }
    let theirs = found.unknown.iter().any(|key| key.starts_with("CLAUDE_MEM_"));
    let mut text = before.to_owned();
    for key in KEYS {
        if (theirs && SHARED.contains(&key.name)) || !text.contains(key.name) {
            continue;
        }
        text = layers::unset(Some(&text), key.name).map_err(|error| error.to_string())?;
    }
    Ok(text)
}

fn remove(path: &Path, done: &mut Vec<String>) -> Result<(), Failure> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(path, &error).into()),
    };
    let gone: io::Result<()> = if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    gone.map_err(|error| at(path, &error))?;
    done.push(format!("{}: deleted", path.display()));
    Ok(())
}

/// What of ours is still there, by path.
fn kept(home: &Home) -> Vec<String> {
    there(home, &layout::MEMORIES)
}

/// Our settings, where the file that holds them stays.
fn kept_settings(home: &Home) -> Option<String> {
    let before = settings::text(home)?;
    let ours = without_ours(&before).is_ok_and(|after| after != before);
    ours.then(|| home.path(layout::SETTINGS).display().to_string())
}

/// Those of our names that are there, by path.
fn there(home: &Home, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| home.path(name))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect()
}

fn report(document: &Uninstalled) -> String {
    let mut lines: Vec<String> = document.done.iter().map(|line| format!("  {line}")).collect();
    let head = if lines.is_empty() { "There was nothing of ours to take out." } else { "Done:" };
    lines.insert(0, head.to_owned());
    if !document.kept.is_empty() {
        lines.push(
            "Kept; `claude-mem uninstall --purge`, with any copy of the program, removes it too:".to_owned(),
        );
        lines.extend(document.kept.iter().map(|path| format!("  {path}")));
    }
    if !document.done.is_empty() {
        lines.push("Restart Claude Code if it runs: it still calls hooks that are gone.".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_settings_go_and_theirs_stay() {
        let ours = "{\"CLAUDE_MEM_IDLE_MINUTES\": \"5\", \"CLAUDE_MEM_LOG_LEVEL\": \"DEBUG\"}";
        assert_eq!(without_ours(ours).unwrap().trim(), "{}");
        let both = "{\"CLAUDE_MEM_PROVIDER\":\"claude\",\"CLAUDE_MEM_IDLE_MINUTES\":\"5\",\"CLAUDE_MEM_LOG_LEVEL\":\"INFO\"}";
        let left = without_ours(both).unwrap();
        assert!(left.contains("CLAUDE_MEM_PROVIDER") && left.contains("CLAUDE_MEM_LOG_LEVEL"), "{left}");
        assert!(!left.contains("CLAUDE_MEM_IDLE_MINUTES"), "{left}");
    }

    #[test]
    fn a_file_without_our_settings_is_not_rewritten() {
        let theirs = "{ \"CLAUDE_MEM_PROVIDER\" : \"claude\",\n\"CLAUDE_MEM_LOG_LEVEL\":\"INFO\" }\n";
        assert_eq!(without_ours(theirs).unwrap(), theirs);
        assert!(without_ours("{ broken").is_err());
    }

    #[test]
    fn the_shared_keys_are_keys_of_ours() {
        for key in SHARED {
            assert!(KEYS.iter().any(|known| known.name == key), "{key}");
        }
    }
}
