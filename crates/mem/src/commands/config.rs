//! `config`: the settings as they hold, and changing the file they stand in.
//!
//! The file may be shared with the original system, whose keys are left alone. A file that cannot be read is never
//! written.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use mem_core::layout;
use mem_core::settings::Key;
use mem_daemon::home::write_whole;
use mem_daemon::settings;
use mem_logic::layers::{self, ChangeError, Layers, Source};
use mem_wire::config::{Config, Origin, Setting, VERSION};

use super::desk::{self, Desk};
use super::{print, worker};
use crate::cli::ConfigCommand;
use crate::failure::Failure;
use crate::hook;

/// Runs the command.
pub(crate) fn run(desk: &Desk, command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::List => list(desk),
        ConfigCommand::Get { key } => get(desk, key),
        ConfigCommand::Set { key, value } => {
            let value = match value.as_str() {
                "-" => line()?,
                given => given.to_owned(),
            };
            change(desk, key, &|file| layers::set(file, key, &value))?;
            tell(desk, key, &set_to(key, &value))
        }
        ConfigCommand::Unset { key } => {
            change(desk, key, &|file| layers::unset(file, key))?;
            tell(desk, key, "back at its default")
        }
    }
}

/// One line of the input: what is typed as an argument stays in the shell's history and is seen in the list of processes.
fn line() -> Result<String, Failure> {
    let mut line = String::new();
    if std::io::stdin().is_terminal() {
        print::note("Type or paste the value and end it with Enter:");
    }
    std::io::stdin().lock().read_line(&mut line)?;
    let line = line.trim().to_owned();
    if line.is_empty() {
        return Err(Failure::user("no value was read from the input")
            .hint("Give one line; `claude-mem config unset` takes a value away."));
    }
    Ok(line)
}

/// What became of a setting; a secret is not shown, not even right after it was typed.
fn set_to(key: &str, value: &str) -> String {
    let shown = Key::find(key).map_or(value, |key| key.shown(value.trim()));
    if shown == value.trim() { format!("set to {shown:?}") } else { "set; its value is not shown".to_owned() }
}

fn list(desk: &Desk) -> Result<(), Failure> {
    let layers = desk.layers();
    let config = document(desk, &layers);
    if desk.json {
        return print::json(&config);
    }
    let rows = config
        .settings
        .iter()
        .map(|setting| {
            vec![
                setting.key.clone(),
                setting.value.replace(',', ", "),
                setting.from.as_str().to_owned(),
                setting.meaning.clone(),
            ]
        })
        .collect();
    print::text(&print::folded_table(&["KEY", "VALUE", "FROM", "MEANING"], rows))?;
    warn(&config, &layers);
    Ok(())
}

fn get(desk: &Desk, key: &str) -> Result<(), Failure> {
    let layers = desk.layers();
    let config = document(desk, &layers);
    let Some(setting) = config.settings.iter().find(|setting| setting.key == key) else {
        // the change that is refused knows the nearest names
        return Err(layers::unset(None, key).err().map_or_else(|| Failure::user(key), Failure::from));
    };
    if desk.json {
        print::json(&Config { settings: vec![setting.clone()], ..config.clone() })?;
    } else {
        print::text(&setting.value)?;
    }
    warn(&config, &layers);
    Ok(())
}

/// The text of the settings file as it would be.
pub(super) fn edited(
    desk: &Desk,
    edit: &dyn Fn(Option<&str>) -> Result<String, ChangeError>,
) -> Result<String, Failure> {
    edit(settings::text(desk.home()).as_deref()).map_err(|error| refusal(error, &file(desk)))
}

/// Changes the settings file, whole or not at all.
pub(super) fn change(
    desk: &Desk,
    key: &str,
    edit: &dyn Fn(Option<&str>) -> Result<String, ChangeError>,
) -> Result<(), Failure> {
    let before = settings::text(desk.home());
    let after = edited(desk, edit)?;
    let holds_already = match &before {
        Some(before) => *before == after,
        // no file is made just to say nothing
        None => !after.contains(key),
    };
    if holds_already {
        return Ok(());
    }
    desk.home().create()?;
    write_whole(&file(desk), after.as_bytes())?;
    // a worker that lives takes it up at once; one that does not will when it begins
    let _none_lives = hook::nudge(desk.home().dir());
    Ok(())
}

fn tell(desk: &Desk, key: &str, done: &str) -> Result<(), Failure> {
    let layers = desk.layers();
    let config = document(desk, &layers);
    let setting = config.settings.into_iter().filter(|setting| setting.key == key).collect::<Vec<_>>();
    let overridden = setting.iter().any(|setting| setting.from == Origin::Environment);
    if desk.json {
        print::json(&Config { settings: setting, version: VERSION, file: config.file })?;
    } else {
        print::text(&format!("{key} is {done} in {}.", file(desk).display()))?;
    }
    if overridden {
        print::note(&format!("The environment says otherwise here, and wins: see `env | grep {key}`."));
    }
    if ENDPOINT.contains(&key)
        && let Some(words) = of_endpoint(desk)
    {
        print::note(&words);
    }
    Ok(())
}

/// The settings that say where vectors come from.
const ENDPOINT: [&str; 2] = ["CLAUDE_MEM_EMBEDDING_BASE_URL", "CLAUDE_MEM_EMBEDDING_MODEL"];

/// What an endpoint for vectors means, where it is not on this machine or in its own network; or what it still lacks.
fn of_endpoint(desk: &Desk) -> Option<String> {
    match worker::endpoint(desk)?.place() {
        Ok((place, _)) if place.local => None,
        Ok((place, _)) => Some(format!(
            "Everything that is remembered, and every question, is sent to {} from now on. `claude-mem cost` shows what \
             it takes; `claude-mem config unset {}` ends it.",
            print::tame(&place.host),
            ENDPOINT[0]
        )),
        Err(fault) => Some(format!("Nothing is embedded yet: {}.", print::tame(&fault.said))),
    }
}

/// Says what stands somewhere and could not be used.
fn warn(config: &Config, layers: &Layers) {
    if let Some(fault) = &layers.file_fault {
        print::note(&format!(
            "{} {} cannot be used ({fault}), so it counts for nothing.",
            print::yellow("warning:"),
            config.file
        ));
    }
    for problem in &layers.problems {
        print::note(&format!("{} {problem}.", print::yellow("warning:")));
    }
}

fn document(desk: &Desk, layers: &Layers) -> Config {
    let settings = layers
        .origins
        .iter()
        .filter_map(|origin| {
            let key = Key::find(origin.key)?;
            let refused = layers.problems.iter().find(|problem| problem.key == key.name);
            Some(Setting {
                key: key.name.to_owned(),
                value: key.shown(&origin.value).to_owned(),
                default: key.default.to_owned(),
                from: match origin.from {
                    Source::Default => Origin::Default,
                    Source::File => Origin::File,
                    Source::Environment => Origin::Environment,
                },
                meaning: key.meaning.to_owned(),
                refused: refused.map(|problem| key.shown(&problem.value).to_owned()),
            })
        })
        .collect();
    Config { version: VERSION, file: desk::text(&file(desk)), settings }
}

fn file(desk: &Desk) -> PathBuf {
    desk.home().path(layout::SETTINGS)
}

fn refusal(error: ChangeError, file: &std::path::Path) -> Failure {
    match error {
        ChangeError::File(fault) => Failure::config(format!("{} cannot be used: {fault}", file.display()))
            .hint("Mend the file by hand; it was not touched."),
        other => other.into(),
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown { key, hint } => {
                Self::user(format!("{key} is not a setting")).hint(sentence(&hint))
            }
            ChangeError::Value { .. } => Self::user(error.to_string()),
            ChangeError::File(_) => Self::config(error.to_string()),
        }
    }
}

/// A fragment as a sentence.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if fragment.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let failure = Failure::from(layers::unset(None, "CLAUDE_MEM_IDLE_MINUTE").unwrap_err());
        insta::assert_snapshot!(failure, @"
        error: CLAUDE_MEM_IDLE_MINUTE is not a setting
        hint: Did you mean CLAUDE_MEM_IDLE_MINUTES?
        ");
    }

    #[test]
    fn sentences_begin_large_and_end() {
        assert_eq!(sentence("did you mean X?"), "Did you mean X?");
        assert_eq!(sentence("look there"), "Look there.");
        assert_eq!(sentence(""), ".");
    }
}
