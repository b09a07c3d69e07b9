//! Whether the agent reports at all: what its settings say, and whether it worked here without a word to us.
//!
//! Claude Code is silent about hooks that never run, so the only sign is its own transcript: one that is clearly newer
//! than our last event of the same project. Only names and times of transcripts are looked at.

use std::path::Path;
use std::time::UNIX_EPOCH;

use mem_agents::claude_code::install::{Survey, survey};
use mem_agents::claude_code::transcripts;
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_daemon::health::Problem;
use mem_logic::layers::Layers;
use mem_store::Store;
use mem_wire::status::Hooks;

use super::super::desk::{self, Desk, Scope};
use super::super::{install, print};
use crate::env;

/// A transcript may be ahead of our last event by this much: its last lines come after the last hook.
const AHEAD_MS: i64 = 2 * 60 * 1000;

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// For the document.
    pub(crate) hooks: Hooks,
    /// What the user should know.
    pub(crate) problem: Option<Problem>,
}

/// Looks at the agent's settings and at its newest transcript of this directory. `pending` says that frames wait,
/// which only hooks can have written.
pub(crate) fn look(desk: &Desk, layers: &Layers, store: Option<&Store>, pending: bool) -> Seen {
    let Some(config_dir) = desk.asker.config_dir.as_deref() else { return Seen::default() };
    let Ok(places) = install::places(desk, config_dir) else { return Seen::default() };
    let found = survey(&places, Path::new(install::MANAGED));
    let obstacles = obstacles(desk, &found);
    let cwd = desk::text(&desk.asker.cwd);
    let excluded = desk.asker.capture(layers).is_excluded(&cwd);
    let transcript = transcripts::newest_transcript(config_dir, &cwd)
        .map(|(_, at)| at)
        .filter(|_| !excluded && !pending)
        // before we were installed nobody could report
        .filter(|at| installed_at(desk).is_none_or(|installed| *at > installed));
    let last = store.and_then(|store| last_event(desk, store));
    let firing = transcript.map(|at| fires(at, last));
    let problem = (firing == Some(false)).then(|| silent(&obstacles, transcript));
    Seen {
        hooks: Hooks {
            installed: found.plugin_version.is_some() && found.declared,
            enabled: found.enabled && found.hooks_off.is_empty(),
            firing,
            obstacles,
        },
        problem,
    }
}

/// Says that nothing is remembered yet, and how that begins.
pub(crate) fn nothing_yet(desk: &Desk) {
    print::note("Nothing is remembered yet.");
    if desk.is_excluded() {
        return print::note(desk::EXCLUDED);
    }
    let places = install::config_dir(desk).and_then(|config_dir| install::places(desk, config_dir));
    let found = places.ok().map(|places| survey(&places, Path::new(install::MANAGED)));
    let obstacles =
        found.filter(|found| found.plugin_version.is_some()).map(|found| obstacles(desk, &found).join("; "));
    print::note(&match obstacles.as_deref() {
        Some("") => "Claude Code reports to claude-mem: a session that starts from now on is kept; `claude-mem demo` \
                     shows it work."
            .to_owned(),
        Some(obstacles) => format!("Claude Code does not report to claude-mem: {obstacles}."),
        None => "`claude-mem install claude-code` makes Claude Code report to it; `claude-mem demo` shows it work."
            .to_owned(),
    });
}

/// What keeps hooks from running, in words.
pub(super) fn obstacles(desk: &Desk, found: &Survey) -> Vec<String> {
    let mut words = install::obstacles(found);
    let marker = desk.home().path(layout::DISABLED);
    if marker.exists() {
        words.push(format!("{} switches our hooks off", marker.display()));
    }
    if env::hooks_are_off() {
        words.push("CLAUDE_MEM_DISABLE is set here".to_owned());
    }
    words
}

/// Whether our last event keeps up with the agent's transcript.
fn fires(transcript: Timestamp, last: Option<Timestamp>) -> bool {
    last.is_some_and(|last| transcript.since(last) <= AHEAD_MS)
}

fn last_event(desk: &Desk, store: &Store) -> Option<Timestamp> {
    match desk.scope(store, false).ok()? {
        Scope::Project(id, _) => store.last_event_at(Some(id)).ok()?,
        Scope::All | Scope::Unknown(_) => None,
    }
}

fn installed_at(desk: &Desk) -> Option<Timestamp> {
    let written = std::fs::metadata(desk.home().path(layout::INSTALLED)).ok()?.modified().ok()?;
    let since = written.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp)
}

fn silent(obstacles: &[String], transcript: Option<Timestamp>) -> Problem {
    let when = transcript.map(|at| format!(" until {}", print::moment(at))).unwrap_or_default();
    let reason = if obstacles.is_empty() { String::new() } else { format!(": {}", obstacles.join("; ")) };
    let remedy = if obstacles.is_empty() {
        "Restart Claude Code, since a running one does not take up new hooks; then look at `/hooks` in it"
    } else {
        "Mend that and restart Claude Code; `claude-mem install claude-code` sees to the plugin"
    };
    Problem::new(format!("Claude Code worked in this directory{when}, but no hook told us{reason}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_may_be_a_little_ahead() {
        let at = Timestamp(10_000_000);
        assert!(fires(at, Some(at)));
        assert!(fires(at, Some(at.plus_ms(-AHEAD_MS))));
        assert!(!fires(at, Some(at.plus_ms(-AHEAD_MS - 1))));
        assert!(!fires(at, None));
    }

    #[test]
    fn silence_is_told_with_its_reason() {
        insta::assert_snapshot!(silent(&["`disableAllHooks` is set in /h/settings.json".into()], None).line(), @"claude-mem: Claude Code worked in this directory, but no hook told us: `disableAllHooks` is set in /h/settings.json. Mend that and restart Claude Code; `claude-mem install claude-code` sees to the plugin.");
        insta::assert_snapshot!(silent(&[], None).line(), @"claude-mem: Claude Code worked in this directory, but no hook told us. Restart Claude Code, since a running one does not take up new hooks; then look at `/hooks` in it.");
    }
}
