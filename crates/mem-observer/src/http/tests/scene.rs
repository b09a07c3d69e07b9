//! What these tests share: the four dialects, each pointed at a scripted server, and how to ask.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use mem_core::fault::Fault;
use mem_core::model::{Answer, Ask};
use mem_core::settings::{ObserverSettings, Settings};

use super::super::client::Patience;
use super::super::endpoint::Dialect;
use super::super::keys::Keys;
use super::super::model::{HttpModel, open_with};
use crate::model::{Model, Rope};

/// A key that must be found in no text.
pub(crate) const KEY: &str = "sk-planted-0123456789";

/// What each dialect is in settings, and where its server answers.
pub(crate) const DIALECTS: [(Dialect, &str, &str); 4] = [
    (Dialect::Anthropic, "anthropic", ""),
    (Dialect::OpenAi, "openai", "/v1"),
    (Dialect::OpenRouter, "openrouter", "/api/v1"),
    (Dialect::Gemini, "gemini", "/v1beta/openai"),
];

/// Settings of these values, all of which have to be right.
pub(crate) fn settings(given: &[(&str, &str)]) -> ObserverSettings {
    let lookup =
        |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let (settings, problems) = Settings::read(&mut { lookup });
    assert_eq!(problems, []);
    settings.observer
}

/// The settings of a dialect whose server is at `url`.
pub(crate) fn pointed(dialect: Dialect, url: &str) -> ObserverSettings {
    let (_, name, path) = DIALECTS.into_iter().find(|(known, ..)| *known == dialect).unwrap();
    let prefix = format!("CLAUDE_MEM_{}", name.to_uppercase());
    settings(&[
        ("CLAUDE_MEM_OBSERVER", name),
        ("CLAUDE_MEM_MODEL", "small"),
        (&format!("{prefix}_BASE_URL"), &format!("{url}{path}")),
        (&format!("{prefix}_API_KEY"), KEY),
    ])
}

/// Nothing but these variables.
pub(crate) fn environment(given: &[(&str, &str)]) -> Keys {
    let pairs: Vec<(OsString, OsString)> =
        given.iter().map(|(name, value)| (name.into(), value.into())).collect();
    Keys::read(&pairs, Path::new("/nonexistent"))
}

/// The model these settings choose; patient enough for loopback.
pub(crate) fn model(settings: &ObserverSettings, keys: &Keys) -> (HttpModel, Rope) {
    let patience = Patience { connect: Duration::from_secs(10), whole: Duration::from_secs(60) };
    open_with(settings, keys, patience).unwrap()
}

/// Asks the model of these settings once.
pub(crate) fn ask(settings: &ObserverSettings, keys: &Keys) -> Result<Answer, Fault> {
    model(settings, keys).0.ask(&question("what happened?"), &|| {})
}

/// A request about `text`.
pub(crate) fn question(text: &str) -> Ask {
    Ask { system: "You distil.".to_owned(), text: text.to_owned(), most_output: 700 }
}
