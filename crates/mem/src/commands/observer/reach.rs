//! Where a model is, what opens it, and what stands in the way: as `observer`, `redistill` and `status` tell it.
//!
//! Looks at settings, files and the environment of whoever asks; the worker has an environment of its own. Must not
//! send anything or run a program.

use std::ffi::OsString;
use std::path::PathBuf;

use mem_core::model::ModelKind;
use mem_core::settings::ObserverSettings;
use mem_observer::claude;
use mem_observer::http::{Endpoint, KeySource, Keys, endpoint, is_local};

use crate::commands::desk::Desk;
use crate::env;

/// What is looked at.
#[derive(Debug)]
pub(crate) struct Around {
    keys: Keys,
    environment: Vec<(OsString, OsString)>,
    config_dir: Option<PathBuf>,
}

/// Where a model is, and whether it can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Where its events go, where that is no business of Claude Code's.
    pub(crate) address: Option<String>,
    /// Whether that is on this machine or in its network.
    pub(crate) local: bool,
    /// Where the key comes from, in words.
    pub(crate) key_from: Option<String>,
    /// The variable that takes the place of Claude Code's own login.
    pub(crate) instead: Option<&'static str>,
    /// The variable of the environment that holds the key, where it is there.
    pub(crate) from_environment: Option<&'static str>,
    /// Why it cannot be asked, with the remedy after a colon.
    pub(crate) obstacle: Option<String>,
}

impl Around {
    /// Looks around once.
    pub(crate) fn of(desk: &Desk) -> Self {
        let environment = desk.theirs.without(env::for_models());
        Self {
            keys: Keys::read(&environment, desk.home().dir()),
            environment,
            config_dir: env::config_dir_if(desk.theirs.is_ours(env::CONFIG_DIR)),
        }
    }

    /// Where the model of these settings is; nowhere without one.
    pub(crate) fn reached(&self, settings: &ObserverSettings) -> Reached {
        match settings.model.as_ref().map(|model| model.kind) {
            None => Reached::default(),
            Some(ModelKind::Claude) => self.claude(settings),
            Some(_) => match endpoint(settings, &self.keys) {
                Ok(endpoint) => Reached {
                    key_from: Some(key_from(&endpoint)),
                    local: endpoint.local,
                    from_environment: match endpoint.key_from {
                        Some(KeySource::Environment(name)) => Some(name),
                        Some(KeySource::Settings | KeySource::File(_)) | None => None,
                    },
                    address: Some(endpoint.address),
                    ..Reached::default()
                },
                Err(fault) => Reached {
                    local: is_local(&settings.base_url),
                    obstacle: Some(fault.said),
                    ..Reached::default()
                },
            },
        }
    }

    fn claude(&self, settings: &ObserverSettings) -> Reached {
        let instead = claude::instead_of_login(&self.environment, self.config_dir.as_deref());
        let key_from = match instead.key {
            Some((name, true)) => format!("{name} in Claude Code's settings"),
            Some((name, false)) => format!("{name} in the environment"),
            None => "Claude Code's own login".to_owned(),
        };
        Reached {
            address: instead.address,
            local: false,
            key_from: Some(key_from),
            instead: instead.key.map(|(name, _)| name),
            from_environment: instead.key.filter(|(_, settings)| !settings).map(|(name, _)| name),
            obstacle: claude::glance(&self.environment, &settings.claude_path).err().map(|fault| fault.said),
        }
    }
}

impl Reached {
    /// Where the events of a turn go, in words that follow "go".
    pub(crate) fn whither(&self, kind: ModelKind) -> String {
        let to = match &self.address {
            Some(address) if self.local => format!("to {address}, which is on this machine or network"),
            Some(address) => format!("to {address}"),
            None => format!("to {}", called(kind)),
        };
        match (kind, self.instead) {
            (ModelKind::Claude, None) => format!("{to}, by Claude Code and with its login"),
            (ModelKind::Claude, Some(name)) => {
                format!("{to}, by Claude Code and with {name} instead of its login")
            }
            _ => to,
        }
    }
}

fn key_from(endpoint: &Endpoint) -> String {
    endpoint.key_from.as_ref().map_or_else(|| "none is needed".to_owned(), ToString::to_string)
}

fn called(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Claude => "Anthropic",
        ModelKind::Anthropic => "Anthropic's API",
        ModelKind::OpenAi => "the compatible service",
        ModelKind::OpenRouter => "OpenRouter",
        ModelKind::Gemini => "Google's Gemini",
    }
}
