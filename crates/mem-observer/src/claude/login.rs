//! What a login needs of the user's own settings of Claude Code.
//!
//! We start the program without settings, so that no hook, plugin or server of the user's runs in it; a login that lives
//! there would be lost with them. Only the user's own file is read, never a project's: a repository must not decide whom
//! we talk to, or what is run to get a key.

use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use mem_core::fault::{Fault, FaultKind};
use serde_json::{Map, Value};

use crate::environment::{self, Variable};
use crate::regular;

/// Most bytes of the user's settings that are read; they have a few thousand.
const LARGEST: u64 = 1024 * 1024;

/// Settings that say how to log in; they may name a command with a key in it, so they go into a file and not among the
/// arguments.
const KEYS: [&str; 6] = [
    "apiKeyHelper",
    "awsAuthRefresh",
    "awsCredentialExport",
    "gcpAuthRefresh",
    "forceLoginMethod",
    "forceLoginOrgUUID",
];

/// The name of our file of them.
const FILE: &str = "login.json";

/// What a login needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Login {
    /// Variables that the settings set and that may pass.
    pub(super) vars: Vec<Variable>,
    /// The settings themselves.
    pub(super) settings: Map<String, Value>,
}

/// What the text of the user's `settings.json` holds of it; nothing where it is no such text.
pub(super) fn of(text: &str) -> Login {
    let Ok(Value::Object(all)) = serde_json::from_str::<Value>(text) else { return Login::default() };
    let set = all.get("env").and_then(Value::as_object).into_iter().flatten();
    let vars = set.filter(|(name, _)| environment::passes(name.as_ref())).filter_map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        Some((OsString::from(name), OsString::from(value)))
    });
    let vars = vars.collect();
    let settings = all.into_iter().filter(|(name, _)| KEYS.contains(&name.as_str())).collect();
    Login { vars, settings }
}

/// What decides whom the program talks to, and with what, instead of its own login.
const INSTEAD: [&str; 3] = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"];

/// Key and address that the program would use instead of its login: of `environment` or of the user's settings in
/// `config_dir`, which win.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Instead {
    /// The variable that holds the key, and whether it is the settings'.
    pub key: Option<(&'static str, bool)>,
    /// The address; may be shown.
    pub address: Option<String>,
}

/// See [`Instead`]. Nothing is run or asked.
pub fn instead_of_login(environment: &[Variable], config_dir: Option<&Path>) -> Instead {
    // what cannot be read is told when the program is started
    let settings = config_dir.and_then(|dir| read(dir).ok()).unwrap_or_default().vars;
    let set = |name: &'static str| {
        let told = environment::get(&settings, name).map(|value| (value.to_owned(), true));
        told.or_else(|| environment::get(environment, name).map(|value| (value.to_owned(), false)))
    };
    let [key, token, address] = INSTEAD;
    Instead {
        key: [token, key].into_iter().find_map(|name| set(name).map(|(_, settings)| (name, settings))),
        address: set(address).map(|(value, _)| {
            let text = value.to_string_lossy().into_owned();
            // what stands before the host may be a password
            text.rsplit_once('@').map_or(text.clone(), |(_, host)| format!("…@{host}"))
        }),
    }
}

/// What the user's settings in `config_dir` hold of it; nothing where there are none.
///
/// # Errors
/// A fault of setup when they cannot be read: a login may be in them.
pub(super) fn read(config_dir: &Path) -> Result<Login, Fault> {
    let path = config_dir.join("settings.json");
    match regular::read(&path, LARGEST) {
        Ok(bytes) => Ok(of(&String::from_utf8_lossy(&bytes))),
        Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Login::default())
        }
        Err(why) => {
            let said = format!("{} cannot be read ({why}): mend or remove it", path.display());
            Err(Fault::free(FaultKind::Setup, said))
        }
    }
}

impl Login {
    /// Writes the settings into `folder`, for the user's eyes only, and gives the file; none where there are none.
    pub(super) fn write(&self, folder: &Path) -> std::io::Result<Option<PathBuf>> {
        let path = folder.join(FILE);
        if self.settings.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(why),
                _ => Ok(None),
            };
        }
        // several runs share the folder: each finds a whole file
        let new = folder.join(format!(".{FILE}.{}", uuid::Uuid::now_v7()));
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(Value::Object(self.settings.clone()).to_string().as_bytes())?;
        drop(file);
        std::fs::rename(new, &path)?;
        Ok(Some(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_login_needs_is_taken() {
        let login = of(r#"{
            "env": {"ANTHROPIC_AUTH_TOKEN": "t", "CLAUDE_CODE_USE_BEDROCK": 1, "CLAUDE_CODE_MAX_RETRIES": "9", "LD_PRELOAD": "x"},
            "apiKeyHelper": "~/key.sh", "model": "opus", "hooks": {"Stop": []}, "forceLoginMethod": "console"
        }"#);
        let vars: Vec<(&str, &str)> = login
            .vars
            .iter()
            .map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap()))
            .collect();
        assert_eq!(vars, [("ANTHROPIC_AUTH_TOKEN", "t"), ("CLAUDE_CODE_USE_BEDROCK", "1")]);
        let keys: Vec<&String> = login.settings.keys().collect();
        assert_eq!(keys, ["apiKeyHelper", "forceLoginMethod"]);
        assert_eq!(of("[]"), Login::default());
        assert_eq!(of("no json"), Login::default());
    }

    #[test]
    fn settings_that_cannot_be_read_are_a_matter_of_setup() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), Ok(Login::default()));
        assert_eq!(read(&folder.path().join("absent")), Ok(Login::default()));
        let path = folder.path().join("settings.json");
        std::fs::write(&path, r#"{"apiKeyHelper":"k"}"#).unwrap();
        assert_eq!(read(folder.path()).unwrap().settings.len(), 1);
        std::fs::remove_file(&path).unwrap();
        regular::tests::pipe(&path);
        let fault = read(folder.path()).unwrap_err();
        assert_eq!((fault.kind, fault.paid), (FaultKind::Setup, false));
        assert!(fault.said.ends_with("settings.json cannot be read (no regular file): mend or remove it"));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, vec![b' '; 1024 * 1024 + 1]).unwrap();
        assert!(read(folder.path()).unwrap_err().said.contains("larger than 1024 kB"));
    }

    #[test]
    fn an_old_file_goes_when_nothing_is_needed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = of(r#"{"apiKeyHelper":"k"}"#).write(folder.path()).unwrap().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), r#"{"apiKeyHelper":"k"}"#);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Login::default().write(folder.path()).unwrap(), None);
        assert!(!path.exists());
    }
}
