//! `config list --json` and `config get --json`: the settings as they hold, and where each comes from.

use serde::{Deserialize, Serialize};

/// The version of these documents.
pub const VERSION: u32 = 1;

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// See [`VERSION`].
    pub version: u32,
    /// The settings file, which need not exist.
    pub file: String,
    /// The settings, in the order of the reference.
    pub settings: Vec<Setting>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name in the file and in the environment.
    pub key: String,
    /// The value that holds.
    pub value: String,
    /// Its default.
    pub default: String,
    /// Where the value comes from.
    pub from: Origin,
    /// What it is for.
    pub meaning: String,
    /// A value that stands somewhere and could not be used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused: Option<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File,
    /// The environment.
    Environment,
}

impl Origin {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
        }
    }
}
