//! JSON of a mode → a mode. Takes what is usable, names what is not, and fills the gaps from `code`, so that a model is
//! never asked with a hole in its instructions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::bundled::file;
use super::words::{Concept, Kind, Mode, ModeProblem};
use crate::distil::words::{line, plain};

/// Most types, and most concepts; beyond it a choice is none.
const MOST_ENTRIES: usize = 40;
/// Characters of an id, of a name or sign, of a description.
const ID: usize = 64;
const NAME: usize = 120;
const DESCRIPTION: usize = 600;

pub(super) fn mode(id: &str, value: &Value, problems: &mut Vec<ModeProblem>) -> Mode {
    let code = file("code").expect("`code` is built in");
    let mut reader = Reader { id, problems };
    let kinds = reader.entries(value, &code, "observation_types");
    let concepts = reader.entries(value, &code, "observation_concepts");
    let mut prompts = reader.prompts(value);
    for (key, most, entries) in
        [("type_guidance", "exactly one of these", &kinds), ("concept_guidance", "some of these", &concepts)]
    {
        // what `code` says of its own types would be wrong of others
        prompts.entry(key.to_owned()).or_insert_with(|| guidance(most, entries));
    }
    for (key, text) in code["prompts"].as_object().expect("`code` has prompts") {
        let text = text.as_str().expect("the prompts of `code` are text");
        prompts.entry(key.clone()).or_insert_with(|| text.to_owned());
    }
    let name = text(value, "name", NAME);
    Mode {
        id: id.to_owned(),
        name: if name.is_empty() { id.to_owned() } else { name },
        description: text(value, "description", DESCRIPTION),
        kinds: kinds.into_iter().map(kind).collect(),
        concepts: concepts.into_iter().map(concept).collect(),
        prompts,
    }
}

fn kind(entry: &Value) -> Kind {
    Kind {
        id: text(entry, "id", ID),
        label: text(entry, "label", NAME),
        description: text(entry, "description", DESCRIPTION),
        emoji: text(entry, "emoji", NAME),
        work_emoji: text(entry, "work_emoji", NAME),
    }
}

fn concept(entry: &Value) -> Concept {
    Concept {
        id: text(entry, "id", ID),
        label: text(entry, "label", NAME),
        description: text(entry, "description", DESCRIPTION),
    }
}

fn text(entry: &Value, key: &str, chars: usize) -> String {
    line(entry.get(key).and_then(Value::as_str).unwrap_or_default(), chars)
}

/// What there is to choose from, in the words of the entries.
fn guidance(most: &str, entries: &[&Value]) -> String {
    let told: Vec<String> = entries
        .iter()
        .map(|entry| {
            let (id, description) = (text(entry, "id", ID), text(entry, "description", DESCRIPTION));
            if description.is_empty() { id } else { format!("{id} = {description}") }
        })
        .collect();
    format!("{most}: {}", told.join("; "))
}

/// Whether an id can stand between tags and in a list of choices.
fn is_usable(id: &str) -> bool {
    !id.trim().is_empty()
        && id.trim() == id
        && id.chars().count() <= ID
        && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' '))
}

struct Reader<'a> {
    id: &'a str,
    problems: &'a mut Vec<ModeProblem>,
}

impl Reader<'_> {
    /// The usable entries of a list, each id once; those of `code` when there are none.
    fn entries<'v>(&mut self, value: &'v Value, code: &'v Value, key: &str) -> Vec<&'v Value> {
        let list = |of: &'v Value| of.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut kept: Vec<&Value> = Vec::new();
        let mut odd = 0;
        for entry in list(value) {
            let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
            let known = kept.iter().any(|kept| kept["id"] == entry["id"]);
            if is_usable(id) && !known && kept.len() < MOST_ENTRIES {
                kept.push(entry);
            } else {
                odd += 1;
            }
        }
        if odd > 0 {
            let what = format!(
                "{odd} of its `{key}` are left out (no plain id, the id of another, or beyond {MOST_ENTRIES})"
            );
            self.problem(what, "Give each a short id of its own");
        }
        if kept.is_empty() {
            self.problem(
                format!("it has no usable `{key}`; those of `code` are used"),
                "Give it a list of objects with an id each",
            );
            kept = list(code).iter().collect();
        }
        kept
    }

    /// The texts it gives, whatever their keys.
    fn prompts(&mut self, value: &Value) -> BTreeMap<String, String> {
        let mut prompts = BTreeMap::new();
        let mut odd = Vec::new();
        match value.get("prompts") {
            Some(Value::Object(given)) => {
                for (key, value) in given {
                    match value.as_str() {
                        Some(text) => {
                            prompts.insert(key.clone(), plain(text).trim().to_owned());
                        }
                        None => odd.push(line(key, ID)),
                    }
                }
            }
            Some(_) => odd.push("prompts".to_owned()),
            None => {}
        }
        if !odd.is_empty() {
            self.problem(
                format!("{} should be text; that of `code` is used", odd.join(", ")),
                "Put it in quotes, or remove it",
            );
        }
        prompts
    }

    fn problem(&mut self, what: String, remedy: &str) {
        self.problems.push(ModeProblem { mode: self.id.to_owned(), what, remedy: remedy.to_owned() });
    }
}
