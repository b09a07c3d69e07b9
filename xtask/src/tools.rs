//! Installs what the tests need into `target/tools/` and writes down where it is.
//!
//! Only this file fetches anything, and only from the package registry that npm is set up for. What is there in
//! the right version is left alone, so a second run needs no network.

use std::path::Path;
use std::process::Command;

use mem_testkit::tools::{self, CLAUDE_CODE_VERSIONS, Tools};

use crate::house::{Outcome, must, show};

/// Oldest Node that npm of the pinned packages works with.
const OLDEST_NODE: u32 = 18;

/// Makes sure that everything the tests call is there, and says what it installed.
///
/// # Errors
/// What is missing and how to get it.
pub(crate) fn install() -> Result<Tools, String> {
    let mut found = Tools { path: search_path()?, ..Tools::default() };
    must_exist("git", "install git")?;
    let node = must_exist("node", "install Node 18 or later")?;
    must_exist("npm", "install npm, which comes with Node")?;
    must_exist("sh", "install a POSIX shell")?;
    let major = node.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        return Err(format!("node is {node}, the tests need {OLDEST_NODE} or later: install a newer Node"));
    }
    for version in CLAUDE_CODE_VERSIONS {
        let folder = tools::folder().join(format!("claude-code-{version}"));
        let program = folder.join("node_modules/.bin/claude");
        if says(&program, version) {
            println!("Claude Code {version}: already in {}", folder.display());
        } else {
            println!("Claude Code {version}: installing into {}", folder.display());
            fetch(&folder, version)?;
            if !says(&program, version) {
                return Err(format!(
                    "{} does not say it is {version}: delete {} and try again",
                    program.display(),
                    folder.display()
                ));
            }
            println!("Claude Code {version}: installed");
        }
        found.claude_code.insert(version.to_owned(), program);
    }
    found.save().map_err(|why| format!("{} cannot be written: {why}", tools::list().display()))?;
    Ok(found)
}

/// What helps when npm cannot fetch, since npm's own words above seldom say it.
const REGISTRY_REMEDY: &str = "npm must reach its package registry; behind a proxy or with a registry of your own, \
    set `registry` and `https-proxy` in ~/.npmrc and your certificates in NODE_EXTRA_CA_CERTS, and run this again";

/// `npm install` of one version, and its link to the native program where npm was told not to run scripts.
fn fetch(folder: &Path, version: &str) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|why| format!("{} cannot be made: {why}", folder.display()))?;
    let package = format!("@anthropic-ai/claude-code@{version}");
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(folder)
        .arg(&package);
    must(&mut npm).map_err(|why| format!("{why}: {REGISTRY_REMEDY}"))?;
    let script = folder.join("node_modules/@anthropic-ai/claude-code");
    if !says(&folder.join("node_modules/.bin/claude"), version) && script.join("install.cjs").is_file() {
        must(Command::new("node").arg("install.cjs").current_dir(script))?;
    }
    Ok(())
}

/// Whether `program --version` names `version`.
fn says(program: &Path, version: &str) -> bool {
    let answer = Command::new(program).arg("--version").output();
    answer.is_ok_and(|answer| {
        String::from_utf8_lossy(&answer.stdout).split_whitespace().any(|word| word == version)
    })
}

/// What `program --version` (or `program -c :` for a shell) answers.
fn must_exist(program: &str, remedy: &str) -> Result<String, String> {
    let mut command = Command::new(program);
    if program == "sh" {
        command.args(["-c", ":"])
    } else {
        command.arg("--version")
    };
    let answer =
        command.output().map_err(|why| format!("{} does not run ({why}): {remedy}", show(&command)))?;
    if !answer.status.success() {
        return Err(format!("{} ended with {}: {remedy}", show(&command), answer.status));
    }
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests read no environment, so it is written down for them here"
)]
fn search_path() -> Result<String, String> {
    std::env::var("PATH").map_err(|why| format!("PATH cannot be read: {why}"))
}
