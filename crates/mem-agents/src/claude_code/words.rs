//! Foreign JSON as text: content blocks become their words, pictures and ballast are left out.
//!
//! A picture is worth nothing to a memory of words, and its base64 would fill the store; so every one becomes
//! `[image]`, other binary content `[binary]`. Must not cut: bounds come after redaction, with the caller.

use serde_json::{Map, Value};

const IMAGE: &str = "[image]";
const BINARY: &str = "[binary]";

/// Any value as text: a string as it is, content blocks by their words, anything else as compact JSON.
pub(super) fn of_value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => without_images(text),
        Value::Array(items) if !items.is_empty() && items.iter().all(is_block) => {
            items.iter().map(of_block).collect::<Vec<_>>().join("\n")
        }
        Value::Object(_) if is_block(value) => of_block(value),
        other => json(other),
    }
}

/// Compact JSON without pictures, copies of whole files and token counts.
pub(super) fn json(value: &Value) -> String {
    lean(value).to_string()
}

/// `text` with every inline picture (`data:image/…;base64,…`) replaced.
pub(super) fn without_images(text: &str) -> String {
    const OPEN: &str = "data:image/";
    const MARK: &str = ";base64,";
    let mut kept = String::with_capacity(text.len().min(1 << 16));
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let after_open = &rest[at + OPEN.len()..];
        let kind_len = after_open
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(after_open.len());
        kept.push_str(&rest[..at]);
        if let Some(encoded) = after_open[kind_len..].strip_prefix(MARK) {
            kept.push_str(IMAGE);
            rest = encoded.trim_start_matches(is_base64);
        } else {
            kept.push_str(OPEN);
            rest = after_open;
        }
    }
    kept.push_str(rest);
    kept
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_')
}

fn is_block(value: &Value) -> bool {
    match value.get("type").and_then(Value::as_str) {
        Some("text") => value.get("text").is_some_and(Value::is_string),
        Some("image") => true,
        _ => false,
    }
}

fn of_block(value: &Value) -> String {
    match value.get("text").and_then(Value::as_str) {
        Some(text) if value.get("type").and_then(Value::as_str) == Some("text") => without_images(text),
        _ => IMAGE.to_owned(),
    }
}

fn lean(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_images(text)),
        Value::Array(items) => Value::Array(items.iter().map(lean).collect()),
        Value::Object(map) => lean_object(map),
        other => other.clone(),
    }
}

fn lean_object(map: &Map<String, Value>) -> Value {
    let kind = ["media_type", "mimeType", "type"].iter().find_map(|key| {
        map.get(*key).and_then(Value::as_str).filter(|kind| kind.contains("image/") || *kind == "image")
    });
    let mut kept = Map::new();
    for (key, value) in map {
        let value = match (key.as_str(), value) {
            ("originalFile" | "original_file" | "updated_file", _) => continue,
            ("usage", Value::Object(usage)) if usage.contains_key("input_tokens") => continue,
            ("base64", Value::String(_)) => placeholder(kind),
            ("data" | "blob", Value::String(text)) if is_encoded(text) => placeholder(kind),
            (_, value) => lean(value),
        };
        kept.insert(key.clone(), value);
    }
    Value::Object(kept)
}

fn placeholder(kind: Option<&str>) -> Value {
    Value::String(if kind.is_some() { IMAGE } else { BINARY }.to_owned())
}

/// Whether a text can only be encoded bytes: long, one run, nothing but the alphabet of base64.
fn is_encoded(text: &str) -> bool {
    text.len() >= 256 && text.chars().all(is_base64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn pictures_become_a_word() {
        let png = "iVBORw0KGgo".repeat(50);
        for (given, wanted) in [
            (value!(format!("a data:image/png;base64,{png} b")), "a [image] b".to_owned()),
            (
                value!([{"type":"text","text":"one"},{"type":"image","source":{"type":"base64","data":png}}]),
                "one\n[image]".to_owned(),
            ),
            (
                value!({"mimeType":"image/png","data":png}),
                r#"{"mimeType":"image/png","data":"[image]"}"#.to_owned(),
            ),
            (
                value!({"type":"pdf","file":{"base64":"JVBERi0"}}),
                r#"{"type":"pdf","file":{"base64":"[binary]"}}"#.to_owned(),
            ),
            (value!("see data:image/ here"), "see data:image/ here".to_owned()),
        ] {
            assert_eq!(of_value(&given), wanted);
        }
    }

    #[test]
    fn ballast_is_left_out() {
        let given = value!({"a":1,"originalFile":"whole","usage":{"input_tokens":1}});
        assert_eq!(of_value(&given), r#"{"a":1}"#);
        assert_eq!(of_value(&value!({"usage":"how to"})), r#"{"usage":"how to"}"#);
    }

    #[test]
    fn blocks_we_do_not_know_stay_whole() {
        assert_eq!(of_value(&value!([{"type":"resource","uri":"x"}])), r#"[{"type":"resource","uri":"x"}]"#);
    }
}
