//! Chooses what a brief says, most valuable first, and lays it out by day.
//!
//! Order of value: the frame, one health notice, the last summary with its open ends, pinned observations, the
//! newest work, decisions, the rest from new to old. Order of display: days from old to new, the last summary
//! and the lookup line at the end, where a reader looks last.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mem_core::id::{ObservationId, SummaryId};
use mem_core::observation::{ObservationRecord, SummaryRecord};
use mem_core::time::Timestamp;

use super::budget::{Purse, estimate_tokens};
use super::open::open_ends;
use super::rows;
use crate::distil::words::normal;

/// Newest observations that go before older decisions.
const NEWEST_FIRST: usize = 8;
/// Most decisions that go before the rest.
const DECISIONS: usize = 8;
/// Titles shorter than this, in normal form, are too general to say that they stand elsewhere already.
const TELLING: usize = 12;

/// Bounds of a brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens, as [`estimate_tokens`] counts; ten thousand UTF-16 units bound it anyway.
    pub tokens: usize,
    /// Most observations.
    pub observations: usize,
    /// Most summaries, the last one in detail included.
    pub summaries: usize,
}

/// Everything a brief is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The project's name as people know it.
    pub project: &'a str,
    /// Its observations, newest first; superseded ones are passed over.
    pub observations: &'a [ObservationRecord],
    /// Its summaries, newest first.
    pub summaries: &'a [SummaryRecord],
    /// Texts the session reads anyway (CLAUDE.md, MEMORY.md): nothing that stands there is repeated.
    pub known: &'a [String],
    /// Health notices, one line each, the most important first; one is shown.
    pub notices: &'a [String],
    /// The zone of days and times.
    pub zone: &'a TimeZone,
    /// How much may be said.
    pub limits: Limits,
}

/// A brief and its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brief {
    /// The text; empty when there is nothing to say.
    pub text: String,
    /// Observations shown, in the order of the text.
    pub observations: Vec<ObservationId>,
    /// Summaries shown, in the order of the text.
    pub summaries: Vec<SummaryId>,
    /// What the text costs by [`estimate_tokens`].
    pub tokens: usize,
}

/// Renders the brief: empty when there is neither memory nor notice, only the notices when there is no memory.
pub fn render(sources: &Sources) -> Brief {
    let notices: Vec<String> = sources
        .notices
        .iter()
        .map(|notice| rows::plain(notice, 240))
        .filter(|notice| !notice.is_empty())
        .collect();
    memory(sources, notices.first().map(String::as_str)).unwrap_or_else(|| notices_only(sources, &notices))
}

/// Only the notices, as many as fit.
fn notices_only(sources: &Sources, notices: &[String]) -> Brief {
    let mut purse = Purse::new(sources.limits.tokens);
    let lines: Vec<&str> =
        notices.iter().map(String::as_str).filter(|notice| purse.pay(std::slice::from_ref(notice))).collect();
    let text = lines.join("\n");
    Brief { tokens: estimate_tokens(&text), text, ..Brief::default() }
}

/// A line that may be shown.
struct Candidate {
    at: Timestamp,
    id: Shown,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Observation(ObservationId),
    Summary(SummaryId),
}

/// The whole brief; none when no memory is worth a line or nothing of it fits.
fn memory(sources: &Sources, notice: Option<&str>) -> Option<Brief> {
    let mut purse = Purse::new(sources.limits.tokens);
    let project = rows::plain(sources.project, 60);
    let heading = format!("# [{project}] recent context");
    let legend =
        "Legend: ●bugfix ◆feature ↻refactor ✓change ○discovery ⚖decision | S = what a turn amounted to";
    let origin =
        "Recorded from earlier sessions in this project; what was said by the user or an agent is quoted.";
    let longest = lookup(Some(ObservationId(i64::MIN)), Some(SummaryId(i64::MIN)));
    if !purse.pay(&[&heading, legend, origin, &longest, "", ""]) {
        return None;
    }
    let notice = notice.filter(|notice| purse.pay(&[*notice]));

    let known: Vec<String> = sources.known.iter().map(|text| normal(text)).collect();
    let fresh = fresh_observations(sources, &known);
    let last = sources.summaries.first().filter(|_| sources.limits.summaries > 0);
    let last_lines = last.map(|last| affordable_last(last, &known, &mut purse)).unwrap_or_default();
    let mut days: BTreeMap<(i64, String), Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates(sources, &known, &fresh) {
        let day = rows::day(candidate.at, sources.zone);
        let paid = if days.contains_key(&day) {
            purse.pay(&[&candidate.text])
        } else {
            purse.pay(&["", &day_heading(&day.1), &candidate.text])
        };
        if paid {
            days.entry(day).or_default().push(candidate);
        }
    }
    if days.is_empty() && last_lines.is_empty() {
        return None;
    }
    let mut brief = Brief::default();
    let mut lines = vec![heading, legend.to_owned(), origin.to_owned()];
    lines.extend(notice.map(str::to_owned));
    for ((_, name), mut rows) in days {
        rows.sort_by_key(|row| (row.at, row.id));
        lines.push(String::new());
        lines.push(day_heading(&name));
        for row in rows {
            match row.id {
                Shown::Observation(id) => brief.observations.push(id),
                Shown::Summary(id) => brief.summaries.push(id),
            }
            lines.push(row.text);
        }
    }
    if !last_lines.is_empty() {
        brief.summaries.extend(last.map(|last| last.id));
        lines.push(String::new());
        lines.extend(last_lines);
    }
    lines.push(String::new());
    lines.push(lookup(brief.observations.last().copied(), brief.summaries.last().copied()));
    brief.text = lines.join("\n");
    brief.tokens = estimate_tokens(&brief.text);
    Some(brief)
}

fn day_heading(name: &str) -> String {
    format!("### {name}")
}

/// The last line: how to see any of it in full, with ids that stand above.
fn lookup(observation: Option<ObservationId>, summary: Option<SummaryId>) -> String {
    let observation = observation.map(|id| format!(" {}", id.0)).unwrap_or_default();
    let summary = summary.map(|id| format!(" {id}")).unwrap_or_default();
    format!("Look one up: `claude-mem show{observation}{summary}`")
}

/// The last summary's lines that can be paid for; the first of them carries the request and must fit.
fn affordable_last(last: &SummaryRecord, known: &[String], purse: &mut Purse) -> Vec<String> {
    let lines = rows::last_summary(last);
    let bare = lines.len() == 1 && last.summary.request.trim().is_empty();
    let mut kept = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        if at == 0 && (bare || !purse.pay(&["", &line])) {
            return Vec::new();
        }
        if at == 0 || (!stands_in(known, &normal(&line)) && purse.pay(&[&line])) {
            kept.push(line);
        }
    }
    kept
}

/// Observations worth a line: not superseded, not known from elsewhere, each title once (the newest).
fn fresh_observations<'a>(sources: &Sources<'a>, known: &[String]) -> Vec<&'a ObservationRecord> {
    let mut seen: Vec<String> = Vec::new();
    let mut fresh = Vec::new();
    for record in sources.observations.iter().filter(|record| record.superseded_by.is_none()) {
        let title = normal(&record.observation.title);
        let said = title.strip_prefix("decided ").unwrap_or(&title);
        if title.is_empty() || stands_in(known, said) || seen.contains(&title) {
            continue;
        }
        seen.push(title);
        fresh.push(record);
        if fresh.len() >= sources.limits.observations.saturating_mul(2) {
            break;
        }
    }
    fresh
}

/// Whether a text in normal form stands in one of the known texts, which are in normal form too.
fn stands_in(known: &[String], text: &str) -> bool {
    text.len() >= TELLING && known.iter().any(|known| known.contains(text))
}

/// All lines in order of value, within the limits of number.
fn candidates(sources: &Sources, known: &[String], fresh: &[&ObservationRecord]) -> Vec<Candidate> {
    let mut order: Vec<&ObservationRecord> = Vec::new();
    let pinned = fresh.iter().filter(|record| record.pinned);
    let newest = fresh.iter().take(NEWEST_FIRST);
    let decisions = fresh.iter().filter(|record| record.observation.kind == "decision").take(DECISIONS);
    for record in pinned.chain(newest).chain(decisions).chain(fresh.iter()) {
        if !order.iter().any(|known| known.id == record.id) {
            order.push(record);
        }
    }
    order.truncate(sources.limits.observations);
    let mut lines: Vec<Candidate> = order
        .iter()
        .map(|record| Candidate {
            at: record.at,
            id: Shown::Observation(record.id),
            text: rows::observation(record, sources.zone),
        })
        .collect();
    let summaries = summary_lines(sources, known, &order);
    // Open ends are worth more than work further back; summaries without are worth less than any work.
    let (open, done): (Vec<_>, Vec<_>) = summaries.into_iter().partition(|(open, _)| *open);
    let after = lines.len().min(NEWEST_FIRST);
    lines.splice(after..after, open.into_iter().map(|(_, line)| line));
    lines.extend(done.into_iter().map(|(_, line)| line));
    lines
}

/// Lines of the older summaries: one whose turn has an observation here and no open end says nothing new, nor
/// does one that asks again what a newer one asked.
fn summary_lines(
    sources: &Sources,
    known: &[String],
    shown: &[&ObservationRecord],
) -> Vec<(bool, Candidate)> {
    let mut requests: Vec<String> =
        sources.summaries.first().map(|last| normal(&last.summary.request)).into_iter().collect();
    let mut lines = Vec::new();
    for (at, record) in sources.summaries.iter().enumerate().skip(1) {
        if lines.len() + 1 >= sources.limits.summaries {
            break;
        }
        let open = open_ends(record, &sources.summaries[..at]);
        let request = normal(&record.summary.request);
        let told = shown.iter().any(|observation| {
            observation.turn == record.turn || normal(&observation.observation.title) == request
        });
        if (told && open.is_empty()) || requests.contains(&request) || stands_in(known, &request) {
            continue;
        }
        if let Some(text) = rows::summary(record, &open, sources.zone) {
            requests.push(request);
            lines.push((!open.is_empty(), Candidate { at: record.at, id: Shown::Summary(record.id), text }));
        }
    }
    lines
}
