//! Which setting wins: the environment over the file over the default; and how the file is changed.
//!
//! The file is shared with the original system, which keeps every default of its own there. So what we do not
//! know is listed and never removed, its order is kept, and a file we cannot read is never written. Must not
//! read files or the environment: texts and a lookup come as arguments.

use mem_core::settings::{KEYS, Key, Problem, Settings, Shape};
use serde_json::{Map, Value};

/// The settings, and how they came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    /// The values in force.
    pub settings: Settings,
    /// Values that could not be used.
    pub problems: Vec<Problem>,
    /// Every setting with its value in force and its source, in the order of the table.
    pub origins: Vec<Origin>,
    /// Why the file as a whole could not be used, with line and column; defaults are in force then.
    pub file_fault: Option<String>,
    /// Keys of the file that are none of ours, in its order.
    pub unknown: Vec<String>,
}

/// Where a value in force comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The setting's name.
    pub key: &'static str,
    /// Its value, as text.
    pub value: String,
    /// Who said so.
    pub from: Source,
}

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody.
    Default,
    /// `settings.json`.
    File,
    /// The environment variable of the setting's name.
    Environment,
}

impl Source {
    /// The word for it in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
        }
    }
}

/// Why a setting could not be changed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChangeError {
    /// No such setting.
    #[error("{key} is not a setting; {hint}")]
    Unknown {
        /// What was asked for.
        key: String,
        /// What may have been meant.
        hint: String,
    },
    /// The value is not of the setting's shape.
    #[error("{key} cannot be {value:?}: it takes {wanted}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What was given.
        value: String,
        /// What would be right.
        wanted: String,
    },
    /// The file cannot be read, so it is not written either.
    #[error("the settings file is left as it is, since it cannot be read: {0}")]
    File(String),
}

/// Merges the text of the settings file, where there is one, with the environment.
///
/// An environment variable that is set but empty counts as not set, except for lists, where it means none.
pub fn merge(file: Option<&str>, env: &mut dyn FnMut(&str) -> Option<String>) -> Layers {
    let (fields, file_fault) = match read(file) {
        Ok(fields) => (fields, None),
        Err(fault) => (Map::new(), Some(fault)),
    };
    let flat = flattened(&fields);
    let mut given: Vec<(&'static Key, String, Source)> = Vec::new();
    for key in &KEYS {
        let from_env = env(key.name).filter(|value| key.shape == Shape::List || !value.trim().is_empty());
        if let Some(value) = from_env {
            given.push((key, value, Source::Environment));
        } else if let Some(value) =
            flat.iter().find(|(name, _)| *name == key.name).and_then(|(_, value)| text_of(value))
        {
            given.push((key, value, Source::File));
        }
    }
    let (settings, problems) = Settings::read(&mut |name| {
        given.iter().find(|(key, ..)| key.name == name).map(|(_, value, _)| value.clone())
    });
    let origins = KEYS
        .iter()
        .map(|key| {
            let usable = |(given, value, _): &&(&Key, String, Source)| {
                given.name == key.name && key.check(value).is_ok()
            };
            let (value, from) = given
                .iter()
                .find(usable)
                .map_or((key.default.to_owned(), Source::Default), |(_, value, from)| {
                    (value.trim().to_owned(), *from)
                });
            Origin { key: key.name, value, from }
        })
        .collect();
    let unknown =
        flat.iter().map(|(name, _)| (*name).to_owned()).filter(|name| Key::find(name).is_none()).collect();
    Layers { settings, problems, origins, file_fault, unknown }
}

/// The text of the file with `key` set to `value`; everything else, and its order, stays.
///
/// The value is written where the key stands already, else at the end of the top level.
pub fn set(file: Option<&str>, key: &str, value: &str) -> Result<String, ChangeError> {
    let key = known(key)?;
    key.check(value).map_err(|wanted| ChangeError::Value {
        key: key.name,
        value: value.to_owned(),
        wanted,
    })?;
    let mut fields = read(file).map_err(ChangeError::File)?;
    let value = Value::String(value.trim().to_owned());
    let nested = !fields.contains_key(key.name);
    match fields.get_mut(NEST) {
        Some(Value::Object(nest)) if nested && nest.contains_key(key.name) => {
            nest.insert(key.name.to_owned(), value)
        }
        _ => fields.insert(key.name.to_owned(), value),
    };
    Ok(written(fields))
}

/// The text of the file without `key`, so that its default is in force again; the rest stays.
pub fn unset(file: Option<&str>, key: &str) -> Result<String, ChangeError> {
    let key = known(key)?;
    let mut fields = read(file).map_err(ChangeError::File)?;
    fields.shift_remove(key.name);
    if let Some(Value::Object(nest)) = fields.get_mut(NEST) {
        nest.shift_remove(key.name);
    }
    Ok(written(fields))
}

/// An object of this name is read as if its fields stood at the top level; some write the file so.
const NEST: &str = "env";

fn read(file: Option<&str>) -> Result<Map<String, Value>, String> {
    let text = file.unwrap_or_default().trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("it holds no JSON object (line 1, column 1)".to_owned()),
        Err(fault) => {
            let words = fault.to_string();
            let reason = words.split(" at line ").next().unwrap_or_default();
            Err(format!("it is not JSON: {reason} (line {}, column {})", fault.line(), fault.column()))
        }
    }
}

/// The fields with those of the nested object; the top level wins.
fn flattened(fields: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut flat: Vec<(&str, &Value)> = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(nest) if name == NEST => {
                let inner = nest.iter().filter(|(name, _)| !fields.contains_key(*name));
                flat.extend(inner.map(|(name, value)| (name.as_str(), value)));
            }
            _ => flat.push((name, value)),
        }
    }
    flat
}

/// A value as text: numbers and booleans as they are written, arrays joined by commas, null as not there.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(text_of).collect();
            Some(items.join(","))
        }
        other => Some(other.to_string()),
    }
}

fn written(fields: Map<String, Value>) -> String {
    let mut text = serde_json::to_string_pretty(&Value::Object(fields)).expect("a JSON value can be written");
    text.push('\n');
    text
}

fn known(name: &str) -> Result<&'static Key, ChangeError> {
    Key::find(name).ok_or_else(|| ChangeError::Unknown { key: name.to_owned(), hint: hint_for(name) })
}

/// The nearest name, when one is near enough to have been meant; else where to find them all.
fn hint_for(name: &str) -> String {
    let upper = name.to_ascii_uppercase().replace('-', "_");
    let whole = if upper.starts_with("CLAUDE_MEM_") { upper } else { format!("CLAUDE_MEM_{upper}") };
    if whole == "CLAUDE_MEM_PROVIDER" {
        // of the original system, and no consent to spend
        return "`claude-mem observer` chooses a model".to_owned();
    }
    let nearest = KEYS.iter().map(|key| (distance(&whole, key.name), key.name)).min();
    match nearest {
        Some((steps, key)) if steps <= 4 => format!("did you mean {key}?"),
        _ => "`claude-mem config list` shows all of them".to_owned(),
    }
}

/// Insertions, removals and replacements that make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let step = (diagonal + usize::from(a != b)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], step);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn no_env(_: &str) -> Option<String> {
        None
    }

    fn origin<'a>(layers: &'a Layers, key: &str) -> &'a Origin {
        layers.origins.iter().find(|origin| origin.key == key).unwrap()
    }

    #[test]
    fn nothing_given_gives_the_defaults() {
        for file in [None, Some(""), Some(" \n"), Some("{}"), Some("\u{feff}{}")] {
            let layers = merge(file, &mut no_env);
            assert_eq!(layers.settings, Settings::default());
            assert_eq!((layers.problems.len(), layers.unknown.len(), layers.file_fault), (0, 0, None));
            assert_eq!(layers.origins.len(), KEYS.len());
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file =
            r#"{"CLAUDE_MEM_IDLE_MINUTES":"5","CLAUDE_MEM_EVENT_DAYS":7,"CLAUDE_MEM_PROVIDER":"claude"}"#;
        let layers =
            merge(Some(file), &mut |name| (name == "CLAUDE_MEM_IDLE_MINUTES").then(|| "9".to_owned()));
        assert_eq!((layers.settings.idle_minutes, layers.settings.event_days), (9, 7));
        assert_eq!(origin(&layers, "CLAUDE_MEM_IDLE_MINUTES").from, Source::Environment);
        assert_eq!(origin(&layers, "CLAUDE_MEM_EVENT_DAYS").from, Source::File);
        assert_eq!(origin(&layers, "CLAUDE_MEM_QUIET_MINUTES").from, Source::Default);
        assert_eq!(layers.unknown, ["CLAUDE_MEM_PROVIDER"]);
    }

    #[test]
    fn other_shapes_of_the_file_are_read() {
        let file = "\u{feff}{\"env\":{\"CLAUDE_MEM_IDLE_MINUTES\":\"5\",\"CLAUDE_MEM_EVENT_DAYS\":\"1\"},\"CLAUDE_MEM_EVENT_DAYS\":2,\n\"CLAUDE_MEM_SKIP_TOOLS\":[\"A\",\"B\"],\"CLAUDE_MEM_QUIET_MINUTES\":null}";
        let layers = merge(Some(file), &mut no_env);
        assert_eq!((layers.settings.idle_minutes, layers.settings.event_days), (5, 2));
        assert_eq!(layers.settings.skip_tools, ["A", "B"]);
        assert_eq!(origin(&layers, "CLAUDE_MEM_QUIET_MINUTES").from, Source::Default);
        assert!(layers.unknown.is_empty(), "{:?}", layers.unknown);
    }

    #[test]
    fn a_bad_value_is_named_and_its_default_holds() {
        let layers = merge(Some(r#"{"CLAUDE_MEM_IDLE_MINUTES":true}"#), &mut no_env);
        assert_eq!(layers.problems[0].value, "true");
        let idle = origin(&layers, "CLAUDE_MEM_IDLE_MINUTES");
        assert_eq!((idle.value.as_str(), idle.from), ("30", Source::Default));
    }

    #[test]
    fn an_empty_variable_is_none_but_for_lists() {
        let layers = merge(Some(r#"{"CLAUDE_MEM_IDLE_MINUTES":"5"}"#), &mut |_| Some(String::new()));
        assert_eq!(layers.settings.idle_minutes, 5);
        assert!(layers.settings.skip_tools.is_empty() && layers.problems.is_empty());
    }

    #[test]
    fn a_broken_file_gives_defaults_and_one_fault() {
        let layers = merge(Some("{\n  \"a\": 1,\n}"), &mut no_env);
        assert_eq!(layers.settings, Settings::default());
        insta::assert_snapshot!(layers.file_fault.unwrap(), @"it is not JSON: trailing comma (line 3, column 1)");
        assert!(merge(Some("[1]"), &mut no_env).file_fault.is_some());
    }

    #[test]
    fn setting_keeps_the_rest_and_its_order() {
        let file = r#"{"Z":"1","CLAUDE_MEM_IDLE_MINUTES":"5","A":{"b":[1,2]}}"#;
        let text = set(Some(file), "CLAUDE_MEM_IDLE_MINUTES", "7").unwrap();
        insta::assert_snapshot!(text, @r#"
        {
          "Z": "1",
          "CLAUDE_MEM_IDLE_MINUTES": "7",
          "A": {
            "b": [
              1,
              2
            ]
          }
        }
        "#);
        let back = unset(Some(&text), "CLAUDE_MEM_IDLE_MINUTES").unwrap();
        insta::assert_snapshot!(back, @r#"
        {
          "Z": "1",
          "A": {
            "b": [
              1,
              2
            ]
          }
        }
        "#);
        let nested =
            set(Some(r#"{"env":{"CLAUDE_MEM_EVENT_DAYS":"1"}}"#), "CLAUDE_MEM_EVENT_DAYS", "2").unwrap();
        assert_eq!(merge(Some(&nested), &mut no_env).settings.event_days, 2);
        assert!(nested.contains("\"env\"") && nested.matches("EVENT_DAYS").count() == 1, "{nested}");
    }

    #[test]
    fn what_cannot_be_set_is_refused_with_what_is_right() {
        let words = |file, key, value| set(file, key, value).unwrap_err().to_string();
        insta::assert_snapshot!(words(None, "IDLE_MINUTE", "7"), @"IDLE_MINUTE is not a setting; did you mean CLAUDE_MEM_IDLE_MINUTES?");
        insta::assert_snapshot!(words(None, "CLAUDE_MEM_PROVIDER", "claude"), @"CLAUDE_MEM_PROVIDER is not a setting; `claude-mem observer` chooses a model");
        insta::assert_snapshot!(words(None, "CLAUDE_MEM_IDLE_MINUTES", "soon"), @r#"CLAUDE_MEM_IDLE_MINUTES cannot be "soon": it takes a whole number from 1 to 10080"#);
        insta::assert_snapshot!(words(Some("{\"a\":"), "CLAUDE_MEM_IDLE_MINUTES", "7"), @"the settings file is left as it is, since it cannot be read: it is not JSON: EOF while parsing a value (line 1, column 5)");
        assert!(unset(Some("nonsense"), "CLAUDE_MEM_IDLE_MINUTES").is_err());
    }

    proptest! {
        #[test]
        fn any_file_is_survived_and_never_lost(text in "\\PC{0,60}|\\{(\"[a-z]{1,3}\":(1|\"x\"|\\[\\]),?){0,3}\\}") {
            let layers = merge(Some(&text), &mut no_env);
            prop_assert_eq!(layers.file_fault.is_some(), set(Some(&text), "CLAUDE_MEM_EVENT_DAYS", "3").is_err());
        }
    }
}
