//! The title and the second line of the work of a turn: what one looks for a month later.
//!
//! A commit's subject where there is one, else the user's phrase with the main file, else what the evidence
//! shows. A request that was not seen fulfilled is marked, so that intent never reads as a fact.

use super::phrases::{SUBTITLE, TITLE, commit_words, failures, packages, size, strand_words};
use crate::distil::asked;
use crate::distil::commands::Class;
use crate::distil::cures::{End, Strand};
use crate::distil::evidence::{Ending, Evidence, FileChange};
use crate::distil::words::{capitalised, counted, joined, line, listed};

pub(super) fn title(
    evidence: &Evidence,
    strands: &[Strand],
    lasting: &[&FileChange],
    dropped: bool,
) -> String {
    if let Some(subject) = telling_subject(evidence) {
        let more = match evidence.commits.len() {
            0 | 1 => String::new(),
            count => format!(" (+{})", counted(count - 1, "more commit")),
        };
        let subject =
            asked::reverted(&subject).map_or(subject.clone(), |first| format!("Reverted “{first}”"));
        return format!("{}{more}", line(&subject, TITLE - more.chars().count()));
    }
    if let Some((_, files, _)) = evidence.set_back.first()
        && lasting.is_empty()
        && evidence.shell.is_empty()
    {
        return line(&set_back_words(files), TITLE);
    }
    let place = lasting.first().map_or(String::new(), |file| file.path.clone());
    let decided = asked::decision(&evidence.asked);
    let phrase = asked::phrase(&evidence.asked, 84).filter(|_| decided.is_none());
    let open = open_mark(evidence, strands);
    let phrase = match phrase {
        Some(phrase) if dropped => Some(format!("Tried and given up: {}", asked::without_trying(&phrase))),
        Some(phrase) if !open.is_empty() => Some(format!("{open}{phrase}")),
        Some(phrase) if asked::is_question(&evidence.asked) && !place.is_empty() => {
            return line(&format!("{phrase} → changed {}", name_and_place(lasting)), TITLE);
        }
        other => other,
    };
    match phrase {
        Some(phrase) if place.is_empty() || phrase.contains(&place) || names_file(&phrase, &place) => {
            line(&phrase, TITLE)
        }
        Some(phrase) => {
            let room = TITLE.saturating_sub(place.chars().count() + 3);
            if room < 30 { line(&phrase, TITLE) } else { format!("{} ({place})", line(&phrase, room)) }
        }
        None => line(&format!("{open}{}", untold_title(evidence, lasting)), TITLE),
    }
}

/// `Set back: src/list.py`.
pub(in crate::distil) fn set_back_words(files: &[String]) -> String {
    if files.is_empty() {
        return "Set back: the working tree".to_owned();
    }
    format!("Set back: {}", listed(files, 4))
}

fn names_file(phrase: &str, path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('.') && phrase.contains(name))
}

/// What stands before a title whose request was not seen fulfilled: intent must not read as a fact.
pub(super) fn open_mark(evidence: &Evidence, strands: &[Strand]) -> &'static str {
    let failing = |strand: &Strand| {
        matches!(strand.class, Class::Test | Class::Build) && matches!(strand.end, End::Failed(_))
    };
    match evidence.ending {
        Ending::Answered if strands.iter().any(failing) => "Not working yet: ",
        Ending::Answered => "",
        Ending::Failed(_) | Ending::Interrupted | Ending::Silent | Ending::Running => "Not finished: ",
    }
}

/// The second line of a change that was given up: what was thrown away, and what it had failed with.
pub(super) fn dropped_words(evidence: &Evidence, strands: &[Strand]) -> String {
    let files: Vec<String> = evidence.files.iter().map(|file| file.path.clone()).collect();
    let mut parts = vec![format!("{} changed and set back", listed(&files, 2))];
    parts.extend(failures(strands));
    joined(&parts, "; ", SUBTITLE)
}

/// A title from the evidence alone, when the prompt gives none.
fn untold_title(evidence: &Evidence, lasting: &[&FileChange]) -> String {
    if let Some((_, words)) = evidence.told.iter().find(|_| lasting.is_empty()) {
        return capitalised(words);
    }
    if !lasting.is_empty() {
        let verb = if lasting.iter().all(|file| file.created) { "Added" } else { "Changed" };
        return format!("{verb} {}", name_and_place(lasting));
    }
    if let Some((_, change)) = evidence.shell.first() {
        return capitalised(&format!("{} {}", change.verb, change.path));
    }
    if let Some((command, _)) = packages(evidence).first() {
        return format!("Installed with `{command}`");
    }
    match evidence.files.first() {
        Some(file) => format!("Tried and given up: changes to {}", file.path),
        None => "Changed the project".to_owned(),
    }
}

/// `parse_header in src/header.rs and 2 more files`.
fn name_and_place(lasting: &[&FileChange]) -> String {
    let Some(main) = lasting.first() else { return String::new() };
    let names: Vec<String> = main.functions.iter().map(|name| format!("`{name}`")).collect();
    let names = if main.created { String::new() } else { listed(&names, 2) };
    let place = if names.is_empty() { main.path.clone() } else { format!("{names} in {}", main.path) };
    match lasting.len() - 1 {
        0 => place,
        more => format!("{place} and {}", counted(more, "more file")),
    }
}

/// The subject of the commit that says most: fixes and features before chores, the last of its kind.
pub(super) fn telling_subject(evidence: &Evidence) -> Option<String> {
    let weight = |subject: &str| match asked::conventional(subject).or_else(|| asked::kind_of(subject)) {
        Some("bugfix" | "feature") => 2,
        Some("refactor") => 1,
        _ => 0,
    };
    let commits = evidence.commits.iter().map(|(_, commit)| commit.subject.clone());
    commits.max_by_key(|subject| weight(subject))
}

pub(super) fn subtitle(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> String {
    let (added, removed) = lasting.iter().fold((0u32, 0u32), |(added, removed), file| {
        (added.saturating_add(file.added), removed.saturating_add(file.removed))
    });
    let files = match lasting {
        [] => String::new(),
        [only] if only.path.chars().count() <= 60 => format!("{} {}", only.path, size(added, removed)),
        many => format!("{}, {}", counted(many.len(), "file"), size(added, removed)),
    };
    let mut parts = vec![files, commit_words(evidence)];
    parts.extend(evidence.told.iter().map(|(_, words)| line(words, 80)));
    let end =
        strands.iter().filter(|strand| matches!(strand.class, Class::Test | Class::Build | Class::Lint));
    parts.extend(end.filter_map(|strand| strand_words(strand, false)));
    joined(&parts, "; ", SUBTITLE)
}
