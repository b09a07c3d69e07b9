//! The texts of `search` and `timeline`: the tables of the original system, and a last line that says how it was found
//! and what was looked through.
//!
//! The original groups by day, oldest day first, and by file within a day, which throws the ranking away: the best hit
//! stands wherever its day falls. Here days and files stand in the order of their best hit, so that reading from the top
//! is reading by rank; where an order of time was asked for, that order makes the groups. Must not look anything up.

use jiff::tz::TimeZone;
use mem_core::text::one_line;
use mem_daemon::recall::Order;
use mem_logic::brief::sign;
use mem_wire::search::{Found, Hit};
use mem_wire::timeline::{Item, Timeline};

use crate::commands::print::{self, counted};
use crate::recall::among::together;
use crate::recall::search::PER_SESSION;
use crate::recall::timeline::id_alone;
use crate::recall::wish::Wish;

/// Characters of a title; the rest is for `get_observations`.
const TITLE: usize = 140;
/// Characters of a query, of a path and of a prompt that are repeated.
const SAID: usize = 100;
/// Characters of one word of it.
const WORD: usize = 60;
/// Ids of the same happening that a row names.
const ALSO: usize = 3;
/// Words that the last line names of each sort.
const WORDS: usize = 8;

/// A search that found nothing, first line.
pub(super) fn nothing(query: &str) -> String {
    if query.trim().is_empty() {
        return "No results found".to_owned();
    }
    format!("No results found matching \"{}\"", one_line(query, SAID))
}

/// The answer to a search.
pub(super) fn found(found: &Found, unknown: Option<&str>, wish: &Wish, zone: &TimeZone) -> String {
    if found.hits.is_empty() && found.total > 0 && wish.offset > 0 {
        return format!(
            "No results from offset {} on: there are {}.\n\n{}",
            wish.offset,
            found.total,
            searched(found, unknown, wish, zone)
        );
    }
    if found.hits.is_empty() {
        let mut lines = found.unmet.clone();
        lines.push(searched(found, unknown, wish, zone));
        return format!("{}\n\n{}", nothing(&found.query), lines.join("\n"));
    }
    let mut text = head(found);
    let named = found.projects.len() != 1;
    for (day, hits) in groups(&found.hits, |hit| day(hit.at, zone)) {
        text.push_str(&format!("\n\n### {day}\n"));
        let mut before = String::new();
        for (file, hits) in groups(&hits, |hit| {
            place(hit.file.as_deref(), named.then(|| hit.place.as_ref().unwrap_or(&hit.project)))
        }) {
            text.push_str(&format!(
                "\n**{file}**\n| ID | Time | T | Title | Read |\n|----|------|---|-------|------|\n"
            ));
            for hit in &hits {
                let time = repeated(time(hit.at, zone), &mut before);
                text.push_str(&format!(
                    "| {} | {time} | {} | {} | ~{} |\n",
                    hit.id,
                    sign_of(hit.of_type.as_deref(), &hit.kind),
                    title(hit),
                    hit.tokens
                ));
            }
        }
        text.truncate(text.trim_end().len());
    }
    text.push_str(&format!("\n\n{}", searched(found, unknown, wish, zone)));
    text.push_str(&further(found, wish));
    text
}

fn head(found: &Found) -> String {
    let of = |kind: &str| found.hits.iter().filter(|hit| hit.kind == kind).count();
    let mut parts =
        format!("{} obs, {} sessions, {} prompts", of("observation"), of("summary"), of("prompt"));
    for (kind, name) in [("answer", "answers"), ("commit", "commits")] {
        if of(kind) > 0 {
            parts.push_str(&format!(", {} {name}", of(kind)));
        }
    }
    let asked = if found.query.trim().is_empty() {
        String::new()
    } else {
        format!(" matching \"{}\"", one_line(&found.query, SAID))
    };
    format!("Found {} result(s){asked} ({parts})", found.hits.len())
}

fn title(hit: &Hit) -> String {
    let title = cell(&hit.title);
    if hit.also.is_empty() {
        return title;
    }
    let more = if hit.also.len() > ALSO { ", …" } else { "" };
    let also: Vec<&str> = hit.also.iter().take(ALSO).map(String::as_str).collect();
    format!("{title} (also {}{more})", also.join(", "))
}

/// How it was found and what it covers: also of nothing, which is then searched and empty.
fn searched(found: &Found, unknown: Option<&str>, wish: &Wish, zone: &TimeZone) -> String {
    if let Some(name) = unknown {
        return unheard(name);
    }
    // the number is the index's, which spans all projects
    let whose = if found.projects.is_empty() {
        String::new()
    } else {
        format!(" for those of {}", together(&found.projects))
    };
    let coverage = found.coverage;
    let mut line = format!("Searched {} in all{whose}", counted(coverage.passages, "passage", "passages"));
    if coverage.waiting > 0 {
        let building = if coverage.rebuilding { " (the index is being built anew)" } else { "" };
        line.push_str(&format!(
            ", {} not indexed yet{building}",
            counted(coverage.waiting, "document", "documents")
        ));
    }
    if let Some(meaning) = coverage.meaning {
        line.push_str(&format!(", {} of them by meaning so far", print::grouped(meaning.passages)));
    }
    let how = &found.how;
    if !how.legs.is_empty() {
        line.push_str(&format!("; by {}", how.legs.join(" + ")));
    }
    match wish.order {
        Order::Best => {}
        Order::Newest => line.push_str(", newest first"),
        Order::Oldest => line.push_str(", oldest first"),
    }
    let listed = |words: &[String]| {
        words.iter().take(WORDS).map(|word| one_line(word, WORD)).collect::<Vec<String>>().join(", ")
    };
    if let Some(gloss) = &how.gloss {
        let (language, english) = (one_line(&gloss.language, WORD), one_line(&gloss.english, SAID));
        line.push_str(&format!("; read from {language} as \"{english}\""));
    }
    for (said, word) in how.corrected.iter().take(WORDS) {
        line.push_str(&format!(
            "; \"{}\" stands nowhere, looked for \"{}\"",
            one_line(said, WORD),
            one_line(word, WORD)
        ));
    }
    if !how.too_short.is_empty() {
        line.push_str(&format!(
            "; {}: a star needs two letters before it, looked for the letter",
            listed(&how.too_short)
        ));
    }
    if !how.operators.is_empty() {
        line.push_str(&format!("; {}: read as words, leaving out is not possible", listed(&how.operators)));
    }
    if !how.unknown.is_empty() {
        line.push_str(&format!("; nowhere: {}", listed(&how.unknown)));
    }
    if !how.elsewhere.is_empty() {
        line.push_str(&format!("; only where the conditions are not met: {}", listed(&how.elsewhere)));
    }
    if !how.left_out.is_empty() {
        line.push_str(&format!("; left out as too common: {}", listed(&how.left_out)));
    }
    if let Some(window) = &how.window {
        let last = window.until.saturating_sub(1);
        let means = match (how.legs == ["conditions"], window.found) {
            (_, 0) => "of which nothing was found",
            (true, _) => "and nothing else is listed",
            (false, _) => "which stands higher",
        };
        line.push_str(&format!(
            "; \"{}\" taken as {} to {}, {means}",
            window.said,
            day(window.from, zone),
            day(last, zone)
        ));
    }
    if how.unsure {
        line.push_str("; no word of it stands there and nothing is near in meaning, so these are the nearest, which may be beside the point");
    }
    if how.unread {
        line.push_str("; not compared by meaning, since the embedding model knows English");
    }
    if how.bounded {
        line.push_str("; work was bounded, so rarely something older may be missing");
    }
    line.push('.');
    if let Some(id) = id_alone(&found.query) {
        line.push_str(&format!(" {id} is an id: get_observations reads it."));
    }
    line
}

/// What else there is, and how rows are read in full.
fn further(found: &Found, wish: &Wish) -> String {
    let mut line = String::new();
    if let Some(held_back) = found.held_back {
        line.push_str(&format!(" {held_back} held back: {PER_SESSION} a session."));
    }
    let seen = wish.offset.saturating_add(found.hits.len());
    if found.total > seen {
        line.push_str(&format!(" {} of {} shown; offset {seen} goes on.", found.hits.len(), found.total));
    }
    line
}

/// The answer to a timeline.
pub(super) fn timeline(line: &Timeline, unknown: Option<&str>, zone: &TimeZone) -> String {
    let asked = one_line(&line.asked, SAID);
    let mut text = if line.searched {
        let title =
            line.title.as_deref().map(|title| format!(" - {}", one_line(title, TITLE))).unwrap_or_default();
        let anchor = line.anchor.as_deref().map_or_else(
            || "none: nothing was found for these words".to_owned(),
            |anchor| format!("{} {anchor}{title}", kind_name(anchor)),
        );
        format!("# Timeline for query: \"{asked}\"\n**Anchor:** {anchor}")
    } else {
        format!("# Timeline around anchor: {asked}")
    };
    text.push_str(&format!(
        "\n**Window:** {} records before -> {} records after | **Items:** {}",
        line.before,
        line.after,
        line.items.len()
    ));
    let named = line.projects.len() != 1;
    for (day, items) in groups(&line.items, |item| day(item.at, zone)) {
        text.push_str(&format!("\n\n### {day}\n"));
        days(&mut text, &items, named, zone);
        text.truncate(text.trim_end().len());
    }
    let end = match unknown {
        Some(name) => unheard(name),
        None if line.items.is_empty() => "Searched, and there is nothing.".to_owned(),
        None if line.projects.is_empty() => "In order of time, of all projects.".to_owned(),
        None => format!("In order of time, of {}.", together(&line.projects)),
    };
    text.push_str(&format!("\n\n{end}"));
    text
}

fn unheard(name: &str) -> String {
    format!(
        "Nothing is remembered of {name} yet, so nothing was searched; project \"*\" searches every project."
    )
}

/// The items of a day: tables for what follows each other in one file, lines for all that is no observation.
fn days(text: &mut String, items: &[Item], named: bool, zone: &TimeZone) {
    let mut open: Option<String> = None;
    let mut before = String::new();
    for item in items {
        let mark = if item.anchor { " <- **ANCHOR**" } else { "" };
        let said = cell(&item.title);
        if item.kind == "observation" {
            let file =
                place(item.file.as_deref(), named.then(|| item.place.as_ref().unwrap_or(&item.project)));
            if open.as_ref() != Some(&file) {
                text.push_str(&format!(
                    "\n**{file}**\n| ID | Time | T | Title | Tokens |\n|----|------|---|-------|--------|\n"
                ));
                before.clear();
                open = Some(file);
            }
            let time = repeated(time(item.at, zone), &mut before);
            let sign = sign_of(item.of_type.as_deref(), &item.kind);
            text.push_str(&format!("| {} | {time} | {sign} | {said}{mark} | ~{} |\n", item.id, item.tokens));
            continue;
        }
        open = None;
        let sign = sign_of(None, &item.kind);
        let when =
            format!("({}, {}, ~{} tokens)", short_day(item.at, zone), time(item.at, zone), item.tokens);
        if item.kind == "prompt" {
            let number = item.ordinal.map(|number| format!(" #{number}")).unwrap_or_default();
            let said = one_line(&item.title, SAID);
            text.push_str(&format!("\n**{sign} User Prompt{number}** {} {when}{mark}\n> {said}\n", item.id));
        } else {
            text.push_str(&format!("\n**{sign} {}** {said} {when}{mark}\n", item.id));
        }
    }
}

/// What the letter of an id stands for.
fn kind_name(id: &str) -> &'static str {
    match id.chars().next() {
        Some('S') => "Summary",
        Some('T') => "Prompt",
        Some('E') => "Answer",
        Some('C') => "Commit",
        _ => "Observation",
    }
}

/// What belongs together by `name`, in the order in which the first of each came.
fn groups<T: Clone>(all: &[T], name: impl Fn(&T) -> String) -> Vec<(String, Vec<T>)> {
    let mut groups: Vec<(String, Vec<T>)> = Vec::new();
    for one in all {
        let name = name(one);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(one.clone()),
            None => groups.push((name, vec![one.clone()])),
        }
    }
    groups
}

fn place(file: Option<&str>, project: Option<&String>) -> String {
    let file = file.map_or_else(|| "General".to_owned(), |file| one_line(file, SAID));
    project.map_or_else(|| file.clone(), |project| format!("{} · {file}", one_line(project, SAID)))
}

/// The sign of a kind; of observations that of their type, as the brief has it.
fn sign_of(of_type: Option<&str>, kind: &str) -> &'static str {
    match kind {
        "summary" => "🎯",
        "prompt" => "💬",
        "answer" => "🗨",
        "commit" => "⎇",
        _ => sign(of_type.unwrap_or(kind)),
    }
}

/// Text that stays within its cell.
fn cell(text: &str) -> String {
    one_line(text, TITLE).replace('|', "\\|")
}

fn repeated(time: String, before: &mut String) -> String {
    if time == *before {
        return "″".to_owned();
    }
    before.clone_from(&time);
    time
}

fn formatted(at: i64, zone: &TimeZone, format: &str) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(moment) => moment.to_zoned(zone.clone()).strftime(format).to_string(),
        Err(_) => format!("{at} ms"),
    }
}

fn day(at: i64, zone: &TimeZone) -> String {
    formatted(at, zone, "%b %-d, %Y")
}

fn short_day(at: i64, zone: &TimeZone) -> String {
    formatted(at, zone, "%b %-d")
}

fn time(at: i64, zone: &TimeZone) -> String {
    formatted(at, zone, "%-I:%M %p")
}
