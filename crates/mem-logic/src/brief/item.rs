//! One memory in full, as plain text: what `claude-mem show` prints and a model reads.

use jiff::tz::TimeZone;
use mem_core::observation::{Distiller, ObservationRecord, SummaryRecord};
use mem_core::time::Timestamp;

use super::rows::{local, sign};
use crate::distil::words::clean;

/// All fields of an observation. Ends without a line end.
pub fn render_item(record: &ObservationRecord, zone: &TimeZone) -> String {
    let o = &record.observation;
    let mut text = format!("{} {} {}: {}\n", record.id, sign(&o.kind), clean(&o.kind), folded(&o.title));
    if !o.subtitle.trim().is_empty() {
        text.push_str(&format!("{}\n", folded(&o.subtitle)));
    }
    text.push_str(&origin(record.at, record.branch.as_deref(), &record.session.0, &record.by, zone));
    if record.pinned {
        text.push_str("Pinned.\n");
    }
    if let Some(newer) = record.superseded_by {
        text.push_str(&format!("Superseded by {newer}.\n"));
    }
    if !o.narrative.trim().is_empty() {
        text.push_str(&format!("\n{}\n", clean(o.narrative.trim())));
    }
    if !o.facts.is_empty() {
        text.push_str("\nFacts:\n");
        o.facts.iter().for_each(|fact| text.push_str(&format!("- {}\n", folded(fact))));
    }
    let lists =
        [("Files modified", &o.files_modified), ("Files read", &o.files_read), ("Concepts", &o.concepts)];
    let told: Vec<String> = lists
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| format!("{name}: {}\n", folded(&list.join(", "))))
        .collect();
    if !told.is_empty() || !o.sources.is_empty() {
        text.push('\n');
    }
    text.push_str(&told.concat());
    if !o.sources.is_empty() {
        let ids: Vec<String> = o.sources.iter().map(|id| id.0.to_string()).collect();
        text.push_str(&format!("From events: {}\n", ids.join(", ")));
    }
    text.push_str(&format!("Id: {}", record.uuid));
    text
}

/// All fields of a summary. Ends without a line end.
pub fn render_summary(record: &SummaryRecord, zone: &TimeZone) -> String {
    let s = &record.summary;
    let request = if s.request.trim().is_empty() { "(no request)".to_owned() } else { folded(&s.request) };
    let mut text = format!("{} summary: {request}\n", record.id);
    text.push_str(&origin(record.at, record.branch.as_deref(), &record.session.0, &record.by, zone));
    let fields = [
        ("Investigated", &s.investigated),
        ("Learned", &s.learned),
        ("Completed", &s.completed),
        ("Next Steps", &s.next_steps),
        ("Notes", &s.notes),
    ];
    for (name, field) in fields {
        if !field.trim().is_empty() {
            text.push_str(&format!("\n{name}: {}\n", clean(field.trim())));
        }
    }
    text.push_str(&format!("\nId: {}", record.uuid));
    text
}

fn origin(at: Timestamp, branch: Option<&str>, session: &str, by: &Distiller, zone: &TimeZone) -> String {
    let when =
        local(at, zone).map_or("undated".to_owned(), |at| at.strftime("%b %-d, %Y %H:%M %Z").to_string());
    let branch = branch.map_or(String::new(), |branch| format!(", branch {}", folded(branch)));
    format!("{when}{branch}, session {}, written by {}\n", folded(session), by.as_str())
}

/// On one line, whatever its length.
fn folded(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
