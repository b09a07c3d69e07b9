//! What people are told about the answer of a search: how many, how found, in how much, and how to go on.

use jiff::tz::TimeZone;
use mem_core::text::one_line;
use mem_wire::search::{Coverage, Found, How, Window};

use super::super::print;
use crate::recall::among::Among;
use crate::recall::search::PER_SESSION;
use crate::recall::timeline::id_alone;

/// Characters of a query that is said again.
const SAID: usize = 60;

/// What people are told about the answers.
pub(super) fn words(
    found: &Found,
    among: &Among,
    offset: usize,
    per_session: Option<usize>,
    zone: &TimeZone,
) -> Vec<String> {
    if let Among::Unknown(name) = among {
        return vec![
            format!("Nothing is remembered of {name} yet."),
            "`--all` searches every project.".to_owned(),
        ];
    }
    let place = among.words().map(|names| format!(" in {names}")).unwrap_or_default();
    let searched = format!("Searched {}{}.", covered(found.coverage), by(&found.how.legs));
    let how = made_of(&found.how, among, zone);
    let named = id_alone(&found.query).map(|id| {
        let id = id.to_string();
        format!("{id} is an id: claude-mem show {}", as_typed(&id))
    });
    let Some(first) = found.hits.first() else {
        let mut words = vec![match (offset, found.total, found.query.trim()) {
            (1.., 1.., _) => {
                let all = print::count(found.total as u64, "hit", "hits");
                format!("Only {all}{place}; --offset {offset} skips all of them.")
            }
            (_, _, "") => format!("Nothing{place} meets these conditions."),
            (_, _, query) => format!("Nothing found for {:?}{place}.", one_line(query, SAID)),
        }];
        words.extend(found.unmet.iter().map(|unmet| print::tame(unmet)));
        words.extend(how);
        words.extend(named);
        words.push(searched);
        words.extend(meaning(found.coverage));
        if !found.query.trim().is_empty() && !found.query.chars().any(char::is_alphanumeric) {
            words.push("There is no word in it to look for.".to_owned());
        } else if *among != Among::All && found.total == 0 && may_stand_elsewhere(&found.how) {
            words.push("`--all` searches every project.".to_owned());
        }
        return words;
    };
    let shown = found.hits.len();
    let number = if found.total > shown {
        format!("{} of {} hits", print::grouped(shown as u64), print::grouped(found.total as u64))
    } else {
        print::count(shown as u64, "hit", "hits")
    };
    let mut words = vec![format!("{number}{place}. {searched}")];
    words.extend(found.unmet.iter().map(|unmet| print::tame(unmet)));
    words.extend(how);
    words.extend(meaning(found.coverage));
    if let Some(held_back) = found.held_back {
        let held_back = print::count(held_back as u64, "hit", "hits");
        let most = per_session.unwrap_or(PER_SESSION);
        words.push(format!("{held_back} held back: {most} a session; `--per-session 0` shows all."));
    }
    words.extend(named);
    let id = as_typed(&first.id);
    words.push(format!(
        "`claude-mem show {id}` prints one in full, `claude-mem timeline {id}` what happened around it{}",
        // what is held back of one session comes then, too
        if found.total > offset + shown {
            format!(", `--offset {}` goes on.", offset + shown)
        } else {
            ".".to_owned()
        }
    ));
    words
}

/// Whether other projects may have more: not where every word stands nowhere at all.
fn may_stand_elsewhere(how: &How) -> bool {
    how.unknown.is_empty() || !how.elsewhere.is_empty() || !how.words.is_empty()
}

/// An id as a shell takes it, to which `#` begins a remark.
fn as_typed(id: &str) -> String {
    if id.starts_with('#') { format!("'{id}'") } else { id.to_owned() }
}

/// What was compared with the words, in words for people.
fn by(legs: &[String]) -> String {
    let named: Vec<&str> = legs
        .iter()
        .map(|leg| match leg.as_str() {
            "sessions" => "whole sessions",
            "passages" => "single passages",
            "identifiers" => "names in code",
            "meaning" => "what is meant",
            "feedback" => "related words",
            other => other,
        })
        .collect();
    match named.as_slice() {
        [] | ["conditions"] => String::new(),
        [one] => format!(", comparing {one}"),
        [first @ .., last] => format!(", comparing {} and {last}", first.join(", ")),
    }
}

/// What is looked through: `12,311 passages of text (all projects together; 14 more entries cannot be found yet)`.
pub(crate) fn covered(coverage: Coverage) -> String {
    let passages = print::counted(coverage.passages, "passage", "passages");
    let building = if coverage.rebuilding { "; the search index is being rebuilt" } else { "" };
    let missing = match coverage.waiting {
        0 => String::new(),
        waiting => format!("; {} cannot be found yet", print::counted(waiting, "more entry", "more entries")),
    };
    format!("{passages} of text (all projects together{building}{missing})")
}

/// How far meaning goes, while it does not go all the way.
fn meaning(coverage: Coverage) -> Option<String> {
    let has = coverage.meaning?.passages;
    let all = print::counted(coverage.passages, "passage", "passages");
    Some(format!("Meaning: {} of {all} so far.", print::grouped(has)))
}

/// What was made of the words, where it is not what was typed.
fn made_of(how: &How, among: &Among, zone: &TimeZone) -> Option<String> {
    let mut told = Vec::new();
    if let Some(gloss) = &how.gloss {
        let [language, english] =
            [&gloss.language, &gloss.english].map(|it| one_line(&print::tame(it), SAID));
        told.push(format!("Read from {language} as: \"{english}\"."));
    }
    for (typed, taken) in &how.corrected {
        told.push(format!("Looked for {} instead of {}.", print::tame(taken), print::tame(typed)));
    }
    if !how.too_short.is_empty() {
        let words: Vec<String> = how.too_short.iter().map(|word| print::tame(word)).collect();
        told.push(format!(
            "{}: a star needs two letters before it, so only the letter was looked for.",
            short(&words)
        ));
    }
    if !how.operators.is_empty() {
        let words = tamed(&how.operators);
        let (last, first) = words.split_last().map_or(("", &[][..]), |(last, first)| (last.as_str(), first));
        let (all, are) = if first.is_empty() {
            (last.to_owned(), "is read as a word")
        } else {
            (format!("{} and {last}", first.join(", ")), "are read as words")
        };
        told.push(format!("{all} {are}: leaving out is not possible here."));
    }
    if !how.unknown.is_empty() {
        told.push(format!("Not in what was searched: {}.", short(&tamed(&how.unknown))));
    }
    if !how.elsewhere.is_empty() {
        let in_others = if *among == Among::All { "" } else { "in other projects or " };
        told.push(format!(
            "Only {in_others}where a condition is not met: {}.",
            short(&tamed(&how.elsewhere))
        ));
    }
    if !how.left_out.is_empty() {
        told.push(format!("Left out, as too common or too many: {}.", short(&tamed(&how.left_out))));
    }
    if let Some(window) = &how.window {
        let said = print::tame(&window.said);
        let days = days(window, zone);
        // without another word the time is a condition
        let then = match (how.legs == ["conditions"], window.found) {
            (_, 0) => "nothing that fits happened then (in quotes it is no time)",
            (true, _) => "only what happened then is listed",
            (false, _) => "what happened then stands higher",
        };
        told.push(format!("\"{said}\" means {days}: {then}."));
    }
    if how.unsure {
        told.push("No word of it stands there and nothing is near in meaning: these are the nearest, which may be beside the point.".to_owned());
    }
    if how.unread {
        told.push("Not compared by meaning: the embedding model knows English, and no dictionary of ours reads this.".to_owned());
    }
    if how.bounded {
        told.push("The search was cut short to stay fast: something older may be missing.".to_owned());
    }
    (!told.is_empty()).then(|| told.join(" "))
}

/// Words as they can be said again.
fn tamed(words: &[String]) -> Vec<String> {
    words.iter().map(|word| one_line(&print::tame(word), SAID)).collect()
}

/// The first few of many words.
fn short(words: &[String]) -> String {
    const MOST: usize = 8;
    let more = if words.len() > MOST { format!(" and {} more", words.len() - MOST) } else { String::new() };
    format!("{}{more}", words.iter().take(MOST).cloned().collect::<Vec<_>>().join(", "))
}

/// The days of a window: `16–22 Nov 2026`.
pub(super) fn days(window: &Window, zone: &TimeZone) -> String {
    let day = |ms: i64| {
        let at = jiff::Timestamp::from_millisecond(ms).ok()?;
        Some(at.to_zoned(zone.clone()).date())
    };
    let (Some(first), Some(last)) = (day(window.from), day((window.until - 1).max(window.from))) else {
        return window.said.clone();
    };
    let end = last.strftime("%-d %b %Y");
    if first == last {
        end.to_string()
    } else if (first.year(), first.month()) == (last.year(), last.month()) {
        format!("{}–{end}", first.day())
    } else if first.year() == last.year() {
        format!("{} – {end}", first.strftime("%-d %b"))
    } else {
        format!("{} – {end}", first.strftime("%-d %b %Y"))
    }
}
