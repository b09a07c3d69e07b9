//! Whether an older summary's open ends are still open, or were settled by a later turn.
//!
//! A brief that lists as open what was long done misleads. Judged from the words of the local distiller; the
//! open ends another distiller wrote stay open.

use mem_core::observation::SummaryRecord;

use crate::distil::summarise::{REQUEST_OPEN, STILL_FAILED};

/// Whether `record` has an open end that none of the `newer` summaries settled.
pub(super) fn still_open(record: &SummaryRecord, newer: &[SummaryRecord]) -> bool {
    let text = record.summary.next_steps.trim();
    !text.is_empty() && text.split("; ").any(|part| !settled(part, record, newer))
}

fn settled(part: &str, record: &SummaryRecord, newer: &[SummaryRecord]) -> bool {
    if part.contains(REQUEST_OPEN) {
        // Who went on in the same session has seen the turn break off, and asked again what they still wanted.
        return newer.iter().any(|later| later.session == record.session);
    }
    let Some(command) = part.split_once(STILL_FAILED).and_then(|(before, _)| before.split('`').nth(1)) else {
        return false;
    };
    newer.iter().any(|later| succeeded_later(command, &later.summary.completed))
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
