//! Where the program is: the user's word, else the newest of the usual places.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mem_core::fault::{Fault, FaultKind};

use crate::child::Launcher;
use crate::environment;

/// The oldest version that is used: the first of the line whose lines and arguments were measured.
pub const OLDEST: Version = Version(2, 1, 0);

/// How long it may take to say its version; it takes 15 ms where nothing is wrong.
const PROBE: Duration = Duration::from_secs(10);

/// A version of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The version at the beginning of what it prints, such as `2.1.329 (Claude Code)`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().next()?.splitn(3, '.');
        let mut next = || {
            // what follows the digits names a build
            let part = numbers.next()?;
            let digits = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        };
        Some(Self(next()?, next()?, next()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path.
    pub program: PathBuf,
    /// What it says it is.
    pub version: Version,
}

/// What a probe is remembered by: the file, as it was.
type Seen = (PathBuf, Option<SystemTime>, u64);

/// Looks for the program, and remembers what it saw.
#[derive(Debug, Default)]
pub struct Finder {
    probed: Mutex<HashMap<Seen, Option<Version>>>,
}

impl Finder {
    /// The program to use. `setting` is the user's word for it, empty for none; `dir` any directory that exists.
    ///
    /// The user's word decides; else the newest version wins, and the first on the search path of equal ones.
    pub fn find(&self, launcher: &Launcher, setting: &str, dir: &Path) -> Result<Found, Fault> {
        let home = environment::get(&launcher.environment, "HOME").map(PathBuf::from);
        if !setting.is_empty() {
            let program = expand(Path::new(setting), home.as_deref());
            let Some(version) = self.version(launcher, &program, dir) else {
                return Err(not_there(&program, "does not run"));
            };
            return usable(Found { program, version });
        }
        let path = environment::get(&launcher.environment, "PATH");
        let mut newest: Option<Found> = None;
        let mut seen = Vec::new();
        for program in candidates(path, home.as_deref()) {
            let Ok(real) = program.canonicalize() else { continue };
            if seen.contains(&real) {
                continue;
            }
            seen.push(real);
            if let Some(version) = self.version(launcher, &program, dir)
                && newest.as_ref().is_none_or(|newest| newest.version < version)
            {
                newest = Some(Found { program, version });
            }
        }
        usable(newest.ok_or_else(not_found)?)
    }

    fn version(&self, launcher: &Launcher, program: &Path, dir: &Path) -> Option<Version> {
        let meta = std::fs::metadata(program).ok().filter(std::fs::Metadata::is_file)?;
        let seen = (program.to_path_buf(), meta.modified().ok(), meta.len());
        let known = self.probed.lock().unwrap_or_else(PoisonError::into_inner).get(&seen).copied();
        if let Some(version) = known {
            return version;
        }
        let mut vars = environment::for_model(&launcher.environment);
        environment::set(&mut vars, environment::INTERNAL, "1");
        let launcher = Launcher { exe: launcher.exe.clone(), environment: vars };
        let said = launcher.output(program, &["--version"], dir, PROBE);
        let version = said.and_then(|said| Version::parse(&said));
        // one that did not answer may have had no time to, so it is asked again
        if version.is_some() {
            self.probed.lock().unwrap_or_else(PoisonError::into_inner).insert(seen, version);
        }
        version
    }
}

/// Whether a program lies where it would be looked for. A cheap look: nothing is run, so its version stays unknown.
///
/// # Errors
/// What is missing, with its remedy.
pub fn glance(environment: &[environment::Variable], setting: &str) -> Result<(), Fault> {
    let home = environment::get(environment, "HOME").map(PathBuf::from);
    if setting.is_empty() {
        let path = environment::get(environment, "PATH");
        let there = candidates(path, home.as_deref()).iter().any(|program| program.is_file());
        return if there { Ok(()) } else { Err(not_found()) };
    }
    let program = expand(Path::new(setting), home.as_deref());
    if program.is_file() { Ok(()) } else { Err(not_there(&program, "is not there")) }
}

fn not_there(program: &Path, why: &str) -> Fault {
    setup(format!(
        "CLAUDE_CODE_PATH names {}, which {why}: correct it with `claude-mem config set CLAUDE_CODE_PATH …`, or \
         empty it",
        program.display()
    ))
}

fn not_found() -> Fault {
    setup(
        "Claude Code was not found on PATH or in the usual places: install it, or name the program with \
         `claude-mem config set CLAUDE_CODE_PATH …`"
            .to_owned(),
    )
}

/// Where it may lie, in the order of preference.
fn candidates(path: Option<&OsStr>, home: Option<&Path>) -> Vec<PathBuf> {
    let on_path = path.into_iter().flat_map(std::env::split_paths).map(|folder| folder.join("claude"));
    let at_home = home
        .into_iter()
        .flat_map(|home| [".local/bin/claude", ".claude/local/claude"].map(|at| home.join(at)));
    let usual = ["/usr/local/bin/claude", "/opt/homebrew/bin/claude"].map(PathBuf::from);
    // a relative folder of the search path would lead into whatever directory we are in
    on_path.chain(at_home).chain(usual).filter(|program| program.is_absolute()).collect()
}

fn usable(found: Found) -> Result<Found, Fault> {
    if found.version < OLDEST {
        return Err(setup(format!(
            "Claude Code {} at {} is too old, {OLDEST} is needed: run `claude update`",
            found.version,
            found.program.display()
        )));
    }
    Ok(found)
}

fn setup(said: String) -> Fault {
    Fault::free(FaultKind::Setup, said)
}

fn expand(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!(Version::parse("2.1.329 (Claude Code)\n"), Some(Version(2, 1, 329)));
        assert_eq!(Version::parse("2.1.9-beta.1"), Some(Version(2, 1, 9)));
        assert_eq!(Version::parse("claude 2"), None);
        assert_eq!(Version::parse(""), None);
        assert!(Version(2, 1, 9) < Version(2, 1, 10) && Version(2, 0, 99) < OLDEST);
    }

    #[test]
    fn places_are_searched_in_order_and_never_relative_ones() {
        let found = candidates(Some(OsStr::new("/a:.:/b")), Some(Path::new("/home/u")));
        let wanted = [
            "/a/claude",
            "/b/claude",
            "/home/u/.local/bin/claude",
            "/home/u/.claude/local/claude",
            "/usr/local/bin/claude",
            "/opt/homebrew/bin/claude",
        ];
        assert_eq!(found, wanted.map(PathBuf::from));
        assert_eq!(expand(Path::new("~/c"), Some(Path::new("/h"))), PathBuf::from("/h/c"));
    }
}
