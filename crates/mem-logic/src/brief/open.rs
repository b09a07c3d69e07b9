//! Which of an older summary's open ends are still open, and which a later turn settled.
//!
//! A brief that lists as open what was long done misleads. Judged from the words of the local distiller. A model writes
//! its next steps freely and has one for nearly every turn, so those are open only while nothing newer is known of the
//! same session: the next turn of it says what became of them.

use mem_core::observation::{Distiller, SummaryRecord};

use crate::distil::summarise::{NAMED, NOT_IN_FULL, REQUEST_OPEN, STILL_FAILED};

/// The open ends of `record` that none of the `newer` summaries settled, in its words; empty when there are none.
pub(super) fn open_ends(record: &SummaryRecord, newer: &[SummaryRecord]) -> String {
    let went_on = || newer.iter().any(|later| later.session == record.session);
    if record.by != Distiller::Local && went_on() {
        return String::new();
    }
    let open: Vec<String> =
        ends_of(&record.summary.next_steps).into_iter().filter(|end| !settled(end, record, newer)).collect();
    open.join("; ")
}

/// The open ends of a text, each whole: an error or what an agent named may hold the sign that parts them.
fn ends_of(text: &str) -> Vec<String> {
    let mut ends: Vec<String> = Vec::new();
    for part in text.trim().split("; ").filter(|part| !part.is_empty()) {
        let begins = part.starts_with('`') && (part.contains(STILL_FAILED) || part.contains(NOT_IN_FULL))
            || part.contains(REQUEST_OPEN)
            || part.to_lowercase().starts_with(NAMED);
        match ends.last_mut() {
            Some(end) if !begins => end.push_str(&format!("; {part}")),
            _ => ends.push(part.to_owned()),
        }
    }
    ends
}

fn settled(part: &str, record: &SummaryRecord, newer: &[SummaryRecord]) -> bool {
    if part.contains(REQUEST_OPEN) {
        // Who went on in the same session has seen the turn break off, and asked again what they still wanted.
        return newer.iter().any(|later| later.session == record.session);
    }
    let Some(command) = part.split_once(STILL_FAILED).and_then(|(before, _)| before.split('`').nth(1)) else {
        return false;
    };
    // Of a chain that failed as a whole, each call must have ended well since.
    command
        .split(" && ")
        .all(|call| newer.iter().any(|later| succeeded_later(call, &later.summary.completed)))
}

/// Whether what was completed names the command, as the distiller shortens it, and that it ended well.
fn succeeded_later(command: &str, completed: &str) -> bool {
    completed
        .split("; ")
        .filter(|part| ["passed", "succeeded", "was clean"].iter().any(|end| part.contains(end)))
        .any(|part| {
            let name = part.split([':', '(']).next().unwrap_or(part);
            let name = name.split(" failed").next().unwrap_or(name).split(" passed").next().unwrap_or(name);
            let name =
                name.split(" succeeded").next().unwrap_or(name).split(" was clean").next().unwrap_or(name);
            let name = name.trim().to_lowercase();
            !name.is_empty() && command.to_lowercase().contains(&name)
        })
}
