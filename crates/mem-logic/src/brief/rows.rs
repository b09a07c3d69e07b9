//! Single lines of a brief: an observation with its file and commit, a summary with its open ends, the last
//! summary in more detail.

use std::sync::LazyLock;

use jiff::tz::TimeZone;
use mem_core::observation::{ObservationRecord, SummaryRecord};
use mem_core::time::Timestamp;
use regex::Regex;

use crate::distil::words::{line, normal};
use crate::pattern::pattern;

/// Longest title, request and detail on a line, in characters.
const TITLE: usize = 120;
const DETAIL: usize = 110;

static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bcommits? ([0-9a-f]{7,40})\b"));

/// The sign of a type; types of other modes get a dot.
pub fn sign(kind: &str) -> &'static str {
    match kind {
        "bugfix" => "●",
        "feature" => "◆",
        "refactor" => "↻",
        "change" => "✓",
        "discovery" => "○",
        "decision" => "⚖",
        "security_alert" => "⚠",
        "security_note" => "⚷",
        "sensitive" => "⊘",
        _ => "·",
    }
}

/// Clean, one line, and without characters outside the Basic Multilingual Plane, which a host that cuts by
/// UTF-16 units could tear in two.
pub(super) fn plain(text: &str, chars: usize) -> String {
    let text: String = line(text, chars)
        .chars()
        .filter(|c| !('\u{1f000}'..='\u{1faff}').contains(c) && *c != '\u{fe0f}')
        .map(|c| if c > '\u{ffff}' { '□' } else { c })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Day of a moment in a zone, as a heading and as a key that sorts.
pub(super) fn day(at: Timestamp, zone: &TimeZone) -> (i64, String) {
    let Some(local) = local(at, zone) else { return (i64::MIN, "undated".to_owned()) };
    let key = i64::from(local.year()) * 400 + i64::from(local.day_of_year());
    (key, local.strftime("%b %-d, %Y").to_string())
}

/// Time of day in a zone, `5:01p`.
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    local(at, zone).map_or(String::new(), |local| {
        let hour = match local.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        format!("{hour}:{:02}{}", local.minute(), if local.hour() < 12 { 'a' } else { 'p' })
    })
}

/// The moment on the clocks of a zone; none when it lies outside what a calendar holds.
pub(super) fn local(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    jiff::Timestamp::from_millisecond(at.0).ok().map(|moment| moment.to_zoned(zone.clone()))
}

/// `#101 5:01p ● Fix off-by-one in parse_header — src/header.rs +1 −1; commit 3f2a91c`.
pub(super) fn observation(record: &ObservationRecord, zone: &TimeZone) -> String {
    let o = &record.observation;
    let title = plain(&o.title, TITLE);
    let mut text = format!("{} {} {} {title}", record.id, clock(record.at, zone), sign(&o.kind));
    let detail = detail(record, &title);
    if !detail.is_empty() {
        text.push_str(" — ");
        text.push_str(&detail);
    }
    if record.pinned {
        text.push_str(" (pinned)");
    }
    text
}

/// The main file, the subtitle and the commit, none of them twice.
fn detail(record: &ObservationRecord, title: &str) -> String {
    let o = &record.observation;
    let mut subtitle = plain(&o.subtitle, DETAIL);
    if let Some(main) = o.files_modified.first().map(|path| plain(path, 80))
        && title.contains(&main)
        && let Some(rest) = subtitle.strip_prefix(&format!("{main} "))
    {
        subtitle = rest.to_owned(); // the title names it
    }
    let said = |what: &str| title.contains(what) || subtitle.contains(what);
    let mut parts = Vec::new();
    if let Some(main) = o.files_modified.first().map(|path| plain(path, 80))
        && !said(&main)
    {
        parts.push(main);
    }
    if !subtitle.is_empty() && normal(&subtitle) != normal(title) {
        parts.push(subtitle.clone());
    }
    let hash = HASH.captures(&o.subtitle).or_else(|| o.facts.iter().find_map(|fact| HASH.captures(fact)));
    if let Some(hash) = hash.map(|found| found[1].to_owned())
        && !said(&hash)
    {
        parts.push(format!("commit {hash}"));
    }
    parts.join("; ")
}

/// An older summary; `open` are those of its open ends that still are, empty when none is.
///
/// `S7 5:20p Make CI green — open: pytest still failed (exit 1): …`.
pub(super) fn summary(record: &SummaryRecord, open: &str, zone: &TimeZone) -> Option<String> {
    let s = &record.summary;
    let request = plain(&s.request, TITLE);
    let (name, rest) = if !open.is_empty() {
        ("open: ", open)
    } else if !s.completed.trim().is_empty() {
        ("", s.completed.as_str())
    } else {
        ("", s.learned.as_str())
    };
    let rest = plain(rest, 160);
    let text = match (request.is_empty(), rest.is_empty()) {
        (true, true) => return None,
        // Asked and no more: worth a line only while it is open.
        (false, true) if open.is_empty() => return None,
        (false, true) => request,
        (true, false) => format!("{name}{rest}"),
        (false, false) => format!("{request} — {name}{rest}"),
    };
    Some(format!("{} {} {text}", record.id, clock(record.at, zone)))
}

/// The newest summary in more detail, the most needed line first; what does not fit is left out from the end.
pub(super) fn last_summary(record: &SummaryRecord) -> Vec<String> {
    let s = &record.summary;
    let request = plain(&s.request, 200);
    let mut lines = vec![format!("**Last: {}** {request}", record.id).trim_end().to_owned()];
    let fields = [
        ("Next Steps", &s.next_steps),
        ("Completed", &s.completed),
        ("Learned", &s.learned),
        ("Notes", &s.notes),
    ];
    for (name, field) in fields {
        let text = plain(field, 320);
        // a quotation needs no second name
        let (name, text) = match text.strip_prefix("The agent said: ") {
            Some(said) if name == "Notes" => ("Said", said.to_owned()),
            _ => (name, text),
        };
        if !text.is_empty() {
            lines.push(format!("**{name}**: {text}"));
        }
    }
    lines
}
