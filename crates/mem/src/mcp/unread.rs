//! What is said of an argument that cannot be read: its name, what was given, and what would be right.

use mem_core::text::one_line;
use serde_json::Value;

use crate::failure::Failure;

/// Characters of a value that are said again.
const SAID: usize = 80;
/// What a date looks like.
const DATE: &str =
    "a date (2026-11-01, yesterday), a time ago (7d), a moment in RFC 3339, or milliseconds since 1970";
/// What an argument looks like, by its first plain name.
const RIGHT: [(&str, &str); 16] = [
    ("query", "words, as one text"),
    ("limit", "a whole number of at least 1, such as 20"),
    ("offset", "a whole number, such as 20"),
    ("depthbefore", "a whole number, such as 10"),
    ("depthafter", "a whole number, such as 10"),
    ("isfolder", "true or false"),
    ("all", "true or false"),
    ("orderby", "relevance, date_desc or date_asc"),
    ("datestart", DATE),
    ("dateend", DATE),
    (
        "daterange",
        "{\"start\": \"2026-11-01\", \"end\": \"2026-11-30\"}, or one of the two; both as dateStart takes them",
    ),
    ("anchor", "an id (12, #12, S3, T4, C6) or a moment (2026-11-01, RFC 3339)"),
    ("ids", "ids as search lists them: [12, \"S3\"]"),
    ("files", "a path or a list of them: \"src/parser.rs\" or [\"src/parser.rs\"]"),
    ("project", "the name of a project, or * for all"),
    ("projects", "names of projects: [\"one\", \"other\"]"),
];

/// An argument of this name, whose first plain name says what it takes, cannot be read.
pub(super) fn unread(name: &str, plain: &str, value: &Value) -> Failure {
    let right = RIGHT
        .iter()
        .find(|(known, _)| *known == plain)
        .map_or("a text or a list of texts", |(_, right)| right);
    Failure::user(format!("{} cannot be read: {}", one_line(name, SAID), shown(value)))
        .hint(format!("Right is {right}. Leave it out where nothing is meant."))
}

/// A value on one line, cut.
pub(super) fn shown(value: &Value) -> String {
    one_line(&value.to_string(), SAID)
}
