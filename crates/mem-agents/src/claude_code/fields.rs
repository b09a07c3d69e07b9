//! Tolerant reading of a JSON object: a missing or odd field becomes its default, and an odd one a defect.
//!
//! Every text read here has a bound unless it is content, so that nothing outside the reach of the byte limits
//! grows with the input. Must not know any event or tool.

use mem_core::text::floor_boundary;
use serde_json::{Map, Value};

use super::words;

/// Longest path we take, in bytes: what Linux itself accepts.
const LONGEST_PATH: usize = 4096;
/// Longest id, name or class we take, in bytes. The longest recorded is an MCP tool name of 64.
const LONGEST_LABEL: usize = 256;
/// More defects than this say nothing new.
const MOST_DEFECTS: usize = 20;

/// What was malformed, in words.
#[derive(Debug, Default)]
pub(super) struct Defects(Vec<String>);

impl Defects {
    /// Notes one more, unless there are plenty already.
    pub(super) fn note(&mut self, defect: String) {
        if self.0.len() < MOST_DEFECTS {
            self.0.push(defect);
        }
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

/// An object's fields; of a missing object, none.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
}

impl<'a> Fields<'a> {
    /// The fields of `map`.
    pub(super) fn new(map: &'a Map<String, Value>) -> Self {
        Self { map: Some(map) }
    }

    /// The fields of `value` when it is an object, else none.
    pub(super) fn of(value: &'a Value) -> Self {
        Self { map: value.as_object() }
    }

    /// The value of `key`; `null` counts as absent.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.map?.get(key).filter(|value| !value.is_null())
    }

    /// A nested object.
    pub(super) fn object(self, key: &str, defects: &mut Defects) -> Fields<'a> {
        match self.get(key) {
            Some(value @ Value::Object(_)) => Self::of(value),
            Some(other) => {
                defects.note(odd(key, "an object", other));
                Self { map: None }
            }
            None => Self { map: None },
        }
    }

    /// Content: words, output, text. Something else than a string is kept as its JSON, with a defect.
    pub(super) fn content(self, key: &str, defects: &mut Defects) -> String {
        match self.get(key) {
            Some(Value::String(text)) => words::without_images(text),
            Some(other) => {
                defects.note(odd(key, "a string", other));
                words::of_value(other)
            }
            None => String::new(),
        }
    }

    /// A path, whole.
    pub(super) fn path(self, key: &str, defects: &mut Defects) -> String {
        self.short(key, LONGEST_PATH, defects).unwrap_or_default()
    }

    /// A path that may be absent.
    pub(super) fn optional_path(self, key: &str, defects: &mut Defects) -> Option<String> {
        self.short(key, LONGEST_PATH, defects).filter(|path| !path.is_empty())
    }

    /// An id, a name or a class; absent when empty.
    pub(super) fn label(self, key: &str, defects: &mut Defects) -> Option<String> {
        self.short(key, LONGEST_LABEL, defects).filter(|label| !label.is_empty())
    }

    /// A flag; absent is `false`.
    pub(super) fn flag(self, key: &str, defects: &mut Defects) -> bool {
        match self.get(key) {
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                defects.note(odd(key, "true or false", other));
                false
            }
            None => false,
        }
    }

    /// A count; fractions are cut, negative numbers are a defect.
    pub(super) fn count(self, key: &str, defects: &mut Defects) -> Option<u64> {
        let value = self.get(key)?;
        let count = value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64));
        if count.is_none() {
            defects.note(odd(key, "a count", value));
        }
        count
    }

    /// The items of an array; anything else has none.
    pub(super) fn list(self, key: &str, defects: &mut Defects) -> &'a [Value] {
        match self.get(key) {
            Some(Value::Array(items)) => items,
            Some(other) => {
                defects.note(odd(key, "an array", other));
                &[]
            }
            None => &[],
        }
    }

    fn short(self, key: &str, longest: usize, defects: &mut Defects) -> Option<String> {
        let value = self.get(key)?;
        let Some(text) = value.as_str() else {
            defects.note(odd(key, "a string", value));
            return None;
        };
        if text.len() > longest {
            defects.note(format!("`{key}` has {} bytes; the first {longest} were kept", text.len()));
        }
        Some(text[..floor_boundary(text, longest)].to_owned())
    }
}

fn odd(key: &str, wanted: &str, found: &Value) -> String {
    format!("`{key}` should be {wanted}, found {}", kind_of(found))
}

/// What a JSON value is, in words.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
