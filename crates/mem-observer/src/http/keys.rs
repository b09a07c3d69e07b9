//! Where the user keeps keys: the settings, the environment that is handed in, and the `.env` file of the data directory.
//!
//! Never a project's directory. The file has to belong to its owner alone; where it does not, that is said only when
//! something of it would be needed. Values leave here as [`Secret`]s, which cannot be printed.

use std::ffi::OsString;
use std::fmt;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use mem_core::fault::{Fault, FaultKind};
use mem_core::settings::Secret;

use super::dotenv;
use crate::regular;

/// The file's name in the data directory; the original system's too, so it is not ours to remove.
const FILE: &str = ".env";
/// Most bytes of it that are read: a handful of keys is far below.
const LARGEST: u64 = 64 * 1024;

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In the settings.
    Settings,
    /// In the environment, under this name.
    Environment(&'static str),
    /// In the `.env` file of the data directory, under this name.
    File(&'static str),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings => f.write_str("the settings"),
            Self::Environment(name) => write!(f, "{name} in the environment"),
            Self::File(name) => write!(f, "{name} in the data directory's {FILE}"),
        }
    }
}

/// A value and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) value: Secret,
    pub(super) from: KeySource,
}

/// Everything that keys, addresses, proxies and certificates can be looked up in, besides the settings.
pub struct Keys {
    environment: Vec<(String, String)>,
    file: Result<Vec<(String, String)>, Fault>,
}

impl Keys {
    /// Takes the environment of whoever asks and reads the `.env` file of `data_dir`, if there is one.
    pub fn read(environment: &[(OsString, OsString)], data_dir: &Path) -> Self {
        let text = |value: &OsString| value.to_str().map(str::to_owned);
        let environment = environment
            .iter()
            .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self { environment, file: file(&data_dir.join(FILE)) }
    }

    /// The first of these variables that is set and not empty, with its name.
    pub(super) fn variable(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        names.iter().find_map(|name| Some((*name, value(&self.environment, name)?)))
    }

    /// The first of these names in the environment, else in the file.
    pub(super) fn find(&self, names: &[&'static str]) -> Result<Option<Found>, Fault> {
        if let Some((name, value)) = self.variable(names) {
            let (value, from) = (Secret(value.to_owned()), KeySource::Environment(name));
            return Ok(Some(Found { value, from }));
        }
        if names.is_empty() {
            return Ok(None);
        }
        let file = self.file.as_ref().map_err(Clone::clone)?;
        let found = names.iter().find_map(|name| Some((*name, value(file, name)?)));
        Ok(found.map(|(name, value)| Found { value: Secret(value.to_owned()), from: KeySource::File(name) }))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Keys")
            .field("environment", &names(&self.environment))
            .field("file", &self.file.as_ref().map(|pairs| names(pairs)))
            .finish()
    }
}

/// The last of that name, as in a shell.
fn value<'v>(pairs: &'v [(String, String)], name: &str) -> Option<&'v str> {
    pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn file(path: &Path) -> Result<Vec<(String, String)>, Fault> {
    let setup = |why: String| Err(Fault::free(FaultKind::Setup, format!("{} {why}", path.display())));
    let file = match regular::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return setup(format!("cannot be read: {error}")),
    };
    match file.metadata() {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            return setup(format!("may be read by others: `chmod 600 {}`", path.display()));
        }
        Ok(_) => {}
        Err(error) => return setup(format!("cannot be read: {error}")),
    }
    match regular::whole(file, LARGEST) {
        Ok(bytes) => Ok(dotenv::parse(&String::from_utf8_lossy(&bytes))),
        Err(error) => setup(format!("cannot be read: {error}")),
    }
}
