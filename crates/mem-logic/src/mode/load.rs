//! From the id in the settings to a mode: the user's file before ours, an override over its parent, `code` when all
//! else fails.

use serde_json::Value;

use super::bundled::file;
use super::read;
use super::words::{Mode, ModeProblem};

/// What everything falls back to.
const FALLBACK: &str = "code";
/// Between a parent and its override.
const BETWEEN: &str = "--";
/// Most bytes of a mode file; the largest known ones have a tenth of it.
const MOST_BYTES: usize = 256 * 1024;

/// The mode of that id, and what could not be used on the way.
///
/// `find` gives the text of the user's file `<id>.json`, if there is one; it is only asked for ids that are plain names
/// (small letters, digits, single hyphens, at most one `--`), so it may join them to a directory.
pub fn load(id: &str, find: &mut dyn FnMut(&str) -> Option<String>) -> (Mode, Vec<ModeProblem>) {
    let mut search = Search { wanted: id.trim(), find, problems: Vec::new() };
    let (id, value) = search.resolve();
    let mut problems = search.problems;
    let mode = read::mode(&id, &value, &mut problems);
    (mode, problems)
}

/// Whether `id` is `name` or `parent--override`, each of small letters and digits with single hyphens between.
fn is_id(id: &str) -> bool {
    // longer than any file name may be
    let plain = |name: &str| {
        name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    id.len() <= 200 && id.splitn(2, BETWEEN).all(plain)
}

struct Search<'a> {
    wanted: &'a str,
    find: &'a mut dyn FnMut(&str) -> Option<String>,
    problems: Vec<ModeProblem>,
}

impl Search<'_> {
    fn resolve(&mut self) -> (String, Value) {
        let id = self.wanted;
        if !is_id(id) {
            self.problem(
                "this is no name of a mode; `code` is used".to_owned(),
                "Name one in small letters, digits and hyphens, such as `code` or `code--de`",
            );
            return self.fallback();
        }
        let Some((parent, _)) = id.split_once(BETWEEN) else { return self.plain(id) };
        let (parent, value) = self.plain(parent);
        match self.file(id) {
            Some(changes) => (id.to_owned(), merged(value, changes)),
            None => {
                self.problem(
                    format!("there is no such mode; `{parent}` is used"),
                    "Put its file into `modes` in the data directory, or name another mode",
                );
                (parent, value)
            }
        }
    }

    /// A mode without a parent.
    fn plain(&mut self, id: &str) -> (String, Value) {
        if let Some(value) = self.file(id) {
            return (id.to_owned(), value);
        }
        self.problem(
            format!("there is no mode `{id}`; `{FALLBACK}` is used"),
            "Put its file into `modes` in the data directory, or name another mode",
        );
        self.fallback()
    }

    fn fallback(&mut self) -> (String, Value) {
        let value = self.file(FALLBACK).expect("`code` is built in");
        (FALLBACK.to_owned(), value)
    }

    /// The user's file of that id, else ours.
    fn file(&mut self, id: &str) -> Option<Value> {
        let built_in = file(id);
        let Some(text) = (self.find)(id) else { return built_in };
        let remedy = "Mend the file, or remove it";
        let instead = if built_in.is_some() { "the built-in one is used" } else { "it is left out" };
        if text.len() > MOST_BYTES {
            self.problem(
                format!("the file `{id}.json` is larger than {} KiB; {instead}", MOST_BYTES / 1024),
                remedy,
            );
            return built_in;
        }
        match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
            Ok(value @ Value::Object(_)) => Some(value),
            Ok(_) => {
                self.problem(format!("the file `{id}.json` holds no JSON object; {instead}"), remedy);
                built_in
            }
            Err(why) => {
                self.problem(format!("the file `{id}.json` is no JSON ({why}); {instead}"), remedy);
                built_in
            }
        }
    }

    fn problem(&mut self, what: String, remedy: &str) {
        self.problems.push(ModeProblem { mode: self.wanted.to_owned(), what, remedy: remedy.to_owned() });
    }
}

/// `parent` with `changes` laid over it: objects are merged, everything else is replaced.
fn merged(parent: Value, changes: Value) -> Value {
    match (parent, changes) {
        (Value::Object(mut parent), Value::Object(changes)) => {
            for (key, change) in changes {
                let value = match parent.remove(&key) {
                    Some(old) => merged(old, change),
                    None => change,
                };
                parent.insert(key, value);
            }
            Value::Object(parent)
        }
        (_, changes) => changes,
    }
}
