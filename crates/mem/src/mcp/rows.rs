//! What ids lead to in full: a JSON array of rows, observations under the original system's names of the fields.
//!
//! What is empty is left out, lists are lists and not texts, and what the original has no field for comes last. Whatever
//! else an id leads to has the shape that `show --json` gives it. The array stays below a size that clients take whole;
//! what was left out is said in a text of its own.

use mem_core::text::bound;
use mem_wire::memory::{Item, Observation};
use serde_json::{Map, Value, json};

use super::server::Reply;

/// Most bytes of all rows. Claude Code moves results of more than 25,000 tokens out of sight; with what is said beside
/// them this stays below 60 kB.
const ALL: usize = 56_000;
/// Most bytes of one text and of one list of one row.
const PART: usize = 8_000;
/// Most ids that are named as left out.
const NAMED: usize = 50;

/// The answer: the rows, and what was left out. `only` says where was looked.
pub(super) fn reply(found: &[Item], missing: &[String], only: &str) -> Reply {
    let mut rows = Vec::new();
    let mut size = 0;
    let mut beyond = Vec::new();
    for item in found {
        let row = clipped(row(item));
        let bytes = indented(&row);
        if (size + bytes > ALL && !rows.is_empty()) || !beyond.is_empty() {
            beyond.push(id(item));
            continue;
        }
        size += bytes;
        rows.push(row);
    }
    let mut said = Vec::new();
    if !beyond.is_empty() {
        said.push(format!(
            "Left out, as the answer would be too long: {}. Ask for them in another call.",
            named(&beyond)
        ));
    }
    if !missing.is_empty() {
        said.push(format!("Not found{only}: {}.", named(missing)));
    }
    let mut texts = vec![format!("{:#}", Value::Array(rows))];
    if !said.is_empty() {
        texts.push(said.join(" "));
    }
    Reply { texts, failed: false }
}

/// Its bytes within the array, where each line stands two further in.
fn indented(row: &Value) -> usize {
    let text = format!("{row:#}");
    text.len() + 2 * text.lines().count() + 2
}

fn id(item: &Item) -> String {
    match item {
        Item::Observation(item) => item.id.clone(),
        other => serde_json::to_value(other).map(|row| word(&row["id"])).unwrap_or_default(),
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Ids with commas, not all of a hundred.
fn named(ids: &[String]) -> String {
    let more = if ids.len() > NAMED { format!(" and {} more", ids.len() - NAMED) } else { String::new() };
    let short: Vec<String> = ids.iter().take(NAMED).map(|id| mem_core::text::one_line(id, 40)).collect();
    format!("{}{more}", short.join(", "))
}

fn row(item: &Item) -> Value {
    match item {
        Item::Observation(observation) => observed(observation),
        // what serde cannot write is none of ours
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

fn observed(observation: &Observation) -> Value {
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(parts) => parts.is_empty(),
            _ => false,
        };
        if !empty {
            row.insert(name.to_owned(), value);
        }
    };
    let digits = observation.id.trim_start_matches('#');
    put("id", digits.parse::<i64>().map_or_else(|_| json!(observation.id), |id| json!(id)));
    put("memory_session_id", json!(observation.session));
    put("project", json!(observation.project));
    put("type", json!(observation.kind));
    put("title", json!(observation.title));
    put("subtitle", json!(observation.subtitle));
    put("narrative", json!(observation.narrative));
    put("facts", json!(observation.facts));
    put("concepts", json!(observation.concepts));
    put("files_read", json!(observation.files_read));
    put("files_modified", json!(observation.files_modified));
    let at = jiff::Timestamp::from_millisecond(observation.at);
    put("created_at", at.map_or(Value::Null, |at| json!(format!("{at:.3}"))));
    put("created_at_epoch", json!(observation.at));
    if observation.by != "local" {
        put("generated_by_model", json!(observation.by));
    }
    put("branch", json!(observation.branch));
    put("superseded_by", json!(observation.superseded_by));
    put("supersedes", json!(observation.supersedes));
    if observation.pinned {
        put("pinned", json!(true));
    }
    put("sources", json!(observation.sources));
    Value::Object(row)
}

/// Without texts and lists that are longer than anyone reads.
fn clipped(value: Value) -> Value {
    match value {
        Value::String(mut said) => {
            if bound(&mut said, PART) {
                said.push_str(" … (cut)");
            }
            Value::String(said)
        }
        Value::Array(parts) => {
            let all = parts.len();
            let mut kept = Vec::new();
            let mut size = 0;
            for part in parts.into_iter().map(clipped) {
                size += part.to_string().len();
                if size > PART && !kept.is_empty() {
                    kept.push(json!(format!("… ({} more)", all - kept.len())));
                    break;
                }
                kept.push(part);
            }
            Value::Array(kept)
        }
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, clipped(value))).collect())
        }
        plain => plain,
    }
}
