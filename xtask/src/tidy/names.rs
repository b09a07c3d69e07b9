//! Names say what a thing is: words that could stand for anything are refused.

use super::check::Violation;
use super::source::Source;
use super::tree::File;

/// Words that say nothing, in file names and in the names of types, functions and modules.
const EMPTY: [&str; 11] = [
    "manager",
    "service",
    "helper",
    "util",
    "processor",
    "wrapper",
    "info",
    "common",
    "misc",
    "base",
    "handler",
];

/// Where a word of the table has a meaning of its own.
const MEANT: [(&str, &str); 1] = [("handler", "/http/")];

/// The path of a Rust file.
pub(crate) fn path(file: &File) -> Vec<Violation> {
    if file.source.is_none() {
        return Vec::new();
    }
    let empty = file.path.split(['/', '.', '_', '-']).find(|word| is_empty(word, &file.path));
    let found = empty.map(|word| Violation::new(&file.path, 1, refusal(word, &file.path)));
    found.into_iter().collect()
}

/// The names of its items.
pub(crate) fn identifiers(file: &File, source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    for item in source.items() {
        let words = split(item.name);
        if let Some(word) = words.iter().find(|word| is_empty(word, &file.path)) {
            found.push(Violation::new(&file.path, item.line, refusal(word, item.name)));
        }
    }
    found
}

fn is_empty(word: &str, path: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    let meant = MEANT.iter().any(|(word, place)| *word == singular && path.contains(place));
    EMPTY.contains(&singular) && !meant
}

fn refusal(word: &str, name: &str) -> String {
    format!("{word:?} in {name}: name what it is, in the words of GLOSSARY.md")
}

/// `HookInfo` and `hook_info` are both `hook`, `info`.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && !before.is_uppercase()) {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("there is always a last word").extend(c.to_lowercase());
        }
        before = c;
    }
    words
}
