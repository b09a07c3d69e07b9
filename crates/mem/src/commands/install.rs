//! `install`: shows what will be written, asks, writes, looks whether it worked.
//!
//! What is written and how is the agent's folder's business (`mem-agents`); here it is told to the person. Nothing is
//! written without a yes.

use std::path::Path;

use mem_agents::claude_code::install::{
    self, Changes, InstallError, MARKETPLACE, ORIGINAL_PLUGIN, PLUGIN_ID, Places, Survey,
};
use mem_core::layout;
use mem_wire::install::{Installed, VERSION as DOCUMENT};

use super::call::{self, Link};
use super::desk::{self, Desk, VERSION};
use super::print;
use crate::cli::{AgentName, InstallArgs};
use crate::failure::Failure;

/// Where the machine's administrator sets rules for Claude Code.
pub(super) const MANAGED: &str = if cfg!(target_os = "macos") {
    "/Library/Application Support/ClaudeCode/managed-settings.json"
} else {
    "/etc/claude-code/managed-settings.json"
};

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &InstallArgs) -> Result<(), Failure> {
    let AgentName::ClaudeCode = args.agent;
    let places = places(desk, config_dir(desk)?)?;
    let before = install::survey(&places, Path::new(MANAGED));
    let link = call::link(desk, &places.command());
    for line in plan(&places, &before, &link, args.replace) {
        print::note(&line);
    }
    if !print::go_ahead(args.yes)? {
        return Ok(());
    }
    let changes = install::install(&places, args.replace)?;
    let after = install::survey(&places, Path::new(MANAGED));
    let linked = call::put(desk, &places.command());
    let document = document(&places, &changes, linked, &after);
    if desk.json {
        print::json(&document)?;
    } else {
        print::text(&report(&document))?;
        if let Link::Ours(path) = call::link(desk, &places.command())
            && !call::is_searched(&path)
        {
            let folder = path.parent().unwrap_or(&path).display();
            print::note(&format!("{} {folder} is not on your PATH.", print::yellow("note:")));
        }
    }
    // that the original runs too was said before anything was written
    for note in changes.notes.iter().filter(|note| !note.starts_with(ORIGINAL_PLUGIN)) {
        print::note(&format!("{} {note}.", print::yellow("note:")));
    }
    Ok(())
}

/// Where everything of an installation is.
pub(super) fn places(desk: &Desk, config_dir: &Path) -> Result<Places, Failure> {
    Ok(Places {
        config_dir: absolute(config_dir),
        data_dir: desk.home().dir().to_path_buf(),
        binary: desk::program()?,
        version: VERSION.to_owned(),
    })
}

/// Claude Code's folder, whether it exists or not.
pub(super) fn config_dir(desk: &Desk) -> Result<&Path, Failure> {
    desk.asker.config_dir.as_deref().ok_or_else(|| {
        Failure::environment("nobody says where Claude Code's folder is: HOME is not set")
            .hint("Name it with CLAUDE_CONFIG_DIR.")
    })
}

/// What keeps hooks from running, in words; empty when nothing does.
pub(super) fn obstacles(found: &Survey) -> Vec<String> {
    let mut words = Vec::new();
    for off in &found.hooks_off {
        words.push(format!("`{}` is set in {}", off.setting, off.path.display()));
    }
    for broken in &found.broken {
        words.push(format!("{} is broken: {}", broken.path.display(), broken.reason));
    }
    if found.plugin_version.is_none() {
        words.push("the plugin is not installed".to_owned());
    } else if !found.declared {
        words.push("the plugin is not registered with Claude Code".to_owned());
    } else if !found.enabled {
        words.push("the plugin is not enabled".to_owned());
    }
    words
}

fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// What will be written, before it is.
fn plan(places: &Places, found: &Survey, link: &Link, replace: bool) -> Vec<String> {
    let (data_dir, config_dir) = (places.data_dir.display(), places.config_dir.display());
    let mut lines = vec![
        "This will be written:".to_owned(),
        format!("  {data_dir}/{}/  the plugin: its hooks and a copy of this program", layout::PLUGIN),
        format!("  {data_dir}/{}  what was changed, for uninstall", layout::INSTALLED),
        format!("  {config_dir}/settings.json  two keys:"),
        format!("      extraKnownMarketplaces.{MARKETPLACE}"),
        format!("      enabledPlugins.{PLUGIN_ID} = true"),
        format!("  {config_dir}/plugins/known_marketplaces.json  one entry: {MARKETPLACE}"),
        format!("  {config_dir}/plugins/installed_plugins.json  one entry: {PLUGIN_ID}"),
    ];
    if let Link::Free(path) = link {
        lines.push(format!("  {}  a link to the copy of this program, for your shell", path.display()));
    }
    if !found.config_dir_exists {
        lines.push(format!(
            "{} there is no Claude Code here yet: {config_dir} will be made.",
            print::yellow("note:")
        ));
    }
    if let Some(owner) = &found.elsewhere {
        lines.push(format!(
            "{} Claude Code reports to {} now; it will report to {data_dir} instead.",
            print::yellow("note:"),
            owner.display()
        ));
    }
    match (found.original_enabled, replace) {
        (true, true) => {
            lines.insert(6, format!("      enabledPlugins.{ORIGINAL_PLUGIN} = false, until uninstall"));
        }
        (true, false) => lines.push(format!(
            "{} {ORIGINAL_PLUGIN}, the original claude-mem, is enabled too: both would record every session. \
             `--replace` switches it off until uninstall; its memories are never touched.",
            print::yellow("note:")
        )),
        (false, _) => {}
    }
    lines
}

fn document(places: &Places, changes: &Changes, linked: Option<String>, after: &Survey) -> Installed {
    let obstacles = obstacles(after);
    let done: Vec<String> = told(changes).into_iter().chain(linked).collect();
    let program = places.command();
    Installed {
        version: DOCUMENT,
        agent: "claude-code".to_owned(),
        changed: !done.is_empty(),
        done,
        working: obstacles.is_empty(),
        obstacles,
        call: call::words(&program),
        program: desk::text(&program),
    }
}

/// What was done, one line per path.
pub(super) fn told(changes: &Changes) -> Vec<String> {
    changes.done.iter().map(|change| format!("{}: {}", change.path.display(), change.what)).collect()
}

fn report(document: &Installed) -> String {
    let mut lines: Vec<String> = document.done.iter().map(|line| format!("  {line}")).collect();
    if document.changed {
        lines.insert(0, "Done:".to_owned());
    } else {
        lines.push("All was as it should be; nothing was changed.".to_owned());
    }
    if document.working {
        lines.push("Claude Code reports to claude-mem from the next session on.".to_owned());
        lines.push(
            "One that runs now does not know yet: restart it, or type `/reload-plugins` in it.".to_owned(),
        );
        lines.push(format!("`{} status` then shows events coming in.", document.call));
    } else {
        lines.push(String::new());
        lines.push(format!("{} it will not report yet:", print::yellow("warning:")));
        lines.extend(document.obstacles.iter().map(|obstacle| format!("  {obstacle}")));
    }
    lines.push(format!("The program is {}; a build folder may go.", document.program));
    lines.push(format!("Call it with `{} …`. The agent finds it as `claude-mem`.", document.call));
    lines.join("\n")
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        match error {
            InstallError::OddPath { .. } => Self::user(error.to_string())
                .hint("Choose another data directory with `--data-dir` or CLAUDE_MEM_DATA_DIR."),
            InstallError::Broken { .. } => Self::config(error.to_string()),
            InstallError::Changed { .. } => Self::environment(error.to_string()),
            InstallError::Io { .. } => Self::environment(error.to_string())
                .hint("Make it writable for you; nothing that was there before is lost."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_agents::claude_code::install::{Broken, HooksOff};

    fn places() -> Places {
        Places {
            config_dir: "/h/.claude".into(),
            data_dir: "/h/.claude-mem".into(),
            binary: "/bin/claude-mem".into(),
            version: "0.1.0".into(),
        }
    }

    #[test]
    fn the_plan_names_every_file_and_key() {
        let found = Survey { config_dir_exists: true, original_enabled: true, ..Survey::default() };
        let link = Link::Free("/h/.local/bin/claude-mem".into());
        let plan = [true, false].map(|replace| plan(&places(), &found, &link, replace));
        assert!(plan[1].last().unwrap().contains("both would record every session"));
        insta::assert_snapshot!(plan[0].join("\n"), @"
        This will be written:
          /h/.claude-mem/claude-code-plugin/  the plugin: its hooks and a copy of this program
          /h/.claude-mem/installed.json  what was changed, for uninstall
          /h/.claude/settings.json  two keys:
              extraKnownMarketplaces.local-claude-mem
              enabledPlugins.mem@local-claude-mem = true
              enabledPlugins.claude-mem@thedotmack = false, until uninstall
          /h/.claude/plugins/known_marketplaces.json  one entry: local-claude-mem
          /h/.claude/plugins/installed_plugins.json  one entry: mem@local-claude-mem
          /h/.local/bin/claude-mem  a link to the copy of this program, for your shell
        ");
    }

    #[test]
    fn every_obstacle_has_its_words() {
        let found = Survey {
            hooks_off: vec![HooksOff { setting: "disableAllHooks", path: "/h/.claude/settings.json".into() }],
            broken: vec![Broken { path: "/h/x.json".into(), reason: "line 1, column 2".into() }],
            ..Survey::default()
        };
        insta::assert_snapshot!(obstacles(&found).join("\n"), @"
        `disableAllHooks` is set in /h/.claude/settings.json
        /h/x.json is broken: line 1, column 2
        the plugin is not installed
        ");
        let installed = Survey { plugin_version: Some("0.1.0".into()), declared: true, ..Survey::default() };
        assert_eq!(obstacles(&installed), ["the plugin is not enabled"]);
        assert_eq!(obstacles(&Survey { enabled: true, ..installed }), Vec::<String>::new());
    }
}
