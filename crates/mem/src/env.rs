//! Every environment variable we read, in one table, and the only place that reads them.
//!
//! Settings (`CLAUDE_MEM_*` keys of `mem_core::settings`) may all stand in the environment too and are read
//! through [`setting`]. Only `std`: this is on the capture path.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use mem_core::settings::Key;
use mem_observer::environment;

/// One variable, as the reference shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for, one sentence.
    pub(crate) meaning: &'static str,
}

pub(crate) const DATA_DIR: &str = "CLAUDE_MEM_DATA_DIR";
const DISABLE: &str = "CLAUDE_MEM_DISABLE";
const INTERNAL: &str = "CLAUDE_MEM_INTERNAL";
const PROJECT: &str = "CLAUDE_MEM_PROJECT";
/// The variable of [`config_dir`].
pub(crate) const CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";
const PROJECT_DIR: &str = "CLAUDE_PROJECT_DIR";
const STARTED_IN: &str = "CLAUDE_MEM_STARTED_IN";
pub(crate) const DIE_AT: &str = "CLAUDE_MEM_DIE_AT";
pub(crate) const CLOCK_RATE: &str = "CLAUDE_MEM_CLOCK_RATE";
/// The variable of [`modes_dir`].
pub(crate) const MODES_DIR: &str = "CLAUDE_MEM_MODES_DIR";

/// The variables that are no settings.
pub(crate) const VARIABLES: [Variable; 12] = [
    Variable { name: DATA_DIR, meaning: "Where everything is kept; default ~/.claude-mem." },
    Variable {
        name: DISABLE,
        meaning: "Set to 1, hooks do nothing, and `mcp` only says that it is switched off.",
    },
    Variable {
        name: INTERNAL,
        meaning: "Set to 1 in our own children, whose hooks do nothing and whose `mcp` has no tools.",
    },
    Variable { name: PROJECT, meaning: "Names the project, whatever the directory." },
    Variable { name: CONFIG_DIR, meaning: "Claude Code's folder; default ~/.claude." },
    Variable {
        name: MODES_DIR,
        meaning: "A folder with modes of your own, looked into before modes/ of the data directory.",
    },
    Variable {
        name: PROJECT_DIR,
        meaning: "The project of the session a hook runs in: what its settings put into the environment is not ours to use.",
    },
    Variable {
        name: DIE_AT,
        meaning: "For tests: the step of the observer at which the worker kills itself.",
    },
    Variable { name: CLOCK_RATE, meaning: "For tests: how many times as fast the observer's clock runs." },
    Variable { name: STARTED_IN, meaning: "The same, for the worker that such a hook started." },
    Variable { name: "HOME", meaning: "The user's home directory." },
    Variable {
        name: "PATH",
        meaning: "Where `install` and `demo` look whether `claude-mem` is found by its name.",
    },
];

/// What a daemon or a child of it gets to see, besides `CLAUDE_MEM_*` settings.
const PASSED_ON: [&str; 14] = [
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TZDIR",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    CONFIG_DIR,
];

/// Whether hooks are switched off, by the user or because we are inside one of our own children.
pub(crate) fn hooks_are_off() -> bool {
    [DISABLE, INTERNAL].into_iter().any(is_set)
}

/// Whether we run within a child of our own, such as a model that our observer asks.
pub(crate) fn is_within() -> bool {
    is_set(INTERNAL)
}

/// The data directory the user named, made absolute.
pub(crate) fn data_dir() -> Option<PathBuf> {
    let given = get(DATA_DIR)?;
    std::path::absolute(expand(given.into())).ok()
}

/// The data directory of someone who named none.
pub(crate) fn default_data_dir() -> Option<PathBuf> {
    home().map(|home| home.join(".claude-mem"))
}

/// `path` with a leading `~` replaced by the home directory.
pub(crate) fn expand(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// The user's home directory.
pub(crate) fn home() -> Option<PathBuf> {
    // a relative one would lead into whatever directory the agent works in
    get("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

/// The user's override of the project.
pub(crate) fn project() -> Option<String> {
    get(PROJECT)?.into_string().ok()
}

/// Claude Code's folder.
pub(crate) fn config_dir() -> Option<PathBuf> {
    config_dir_if(true)
}

/// The same, where the variable is to be believed; else the usual one.
pub(crate) fn config_dir_if(believed: bool) -> Option<PathBuf> {
    let named = get(CONFIG_DIR).filter(|_| believed).map(PathBuf::from);
    named.or_else(|| home().map(|home| home.join(".claude")))
}

/// The folders in which a shell looks for programs.
pub(crate) fn search_path() -> Vec<PathBuf> {
    get("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The project of the session that we, or the hook that started us, run in.
pub(crate) fn started_in() -> Option<PathBuf> {
    get(STARTED_IN).or_else(|| get(PROJECT_DIR)).map(PathBuf::from)
}

/// How many times as fast the observer's clock runs.
pub(crate) fn clock_rate() -> u32 {
    setting(CLOCK_RATE).and_then(|rate| rate.parse().ok()).unwrap_or(1)
}

/// The step of the observer at which the worker kills itself.
pub(crate) fn die_at() -> Option<String> {
    setting(DIE_AT)
}

/// A folder of the user's own modes.
pub(crate) fn modes_dir() -> Option<PathBuf> {
    get(MODES_DIR).map(|dir| expand(dir.into()))
}

/// What models may see of the environment: addresses, keys, proxies, certificates.
pub(crate) fn for_models() -> Vec<(OsString, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    let all: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    all.into_iter().filter(|(name, _)| is_for_models(name)).collect()
}

fn is_for_models(name: &OsStr) -> bool {
    environment::passes(name) || environment::KEYS.iter().any(|key| name == *key)
}

/// A setting, where the environment has it.
pub(crate) fn setting(name: &str) -> Option<String> {
    get(name)?.into_string().ok()
}

/// The environment of children that are no models, such as git.
pub(crate) fn for_children() -> Vec<(OsString, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    let all = std::env::vars_os();
    all.filter(|(name, _)| name.to_str().is_some_and(|name| PASSED_ON.contains(&name))).collect()
}

/// The whole environment of a daemon: an allow-list, so that nothing of the surrounding session (its keys, its
/// sockets, its switches) lives on in it.
pub(crate) fn for_daemon(data_dir: &std::path::Path) -> Vec<(OsString, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    let all = std::env::vars_os();
    let mut kept: Vec<(OsString, OsString)> = all
        .filter(|(name, _)| {
            let Some(name) = name.to_str() else { return false };
            PASSED_ON.contains(&name)
                || is_for_models(name.as_ref())
                || Key::find(name).is_some()
                || (name.starts_with("CLAUDE_MEM_")
                    && ![DATA_DIR, DISABLE, INTERNAL, PROJECT, STARTED_IN].contains(&name))
        })
        .collect();
    kept.push((DATA_DIR.into(), data_dir.as_os_str().to_owned()));
    kept.extend(started_in().map(|dir| (STARTED_IN.into(), dir.into_os_string())));
    kept
}

fn is_set(name: &str) -> bool {
    get(name).is_some_and(|value| value != "0")
}

/// A variable that is set and not empty.
fn get(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    std::env::var_os(name).filter(|value| !value.is_empty())
}
