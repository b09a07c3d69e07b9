//! What the session did before, in a few lines: the newest that fit, told in their order.

use mem_core::observation::Summary;

use super::limits::Limits;
use super::material::Earlier;
use crate::distil::words::line;

/// Characters of a field of a summary, and of a title.
const FIELD: usize = 220;
const TITLE: usize = 110;

/// The digest; empty when nothing came before. Titles may take a third of it, summaries the rest.
pub(super) fn digest(earlier: &Earlier, limits: &Limits) -> String {
    let titles = newest(earlier.titles.iter().map(|title| line(title, TITLE)), limits.digest / 3);
    let used: usize = titles.iter().map(|line| line.chars().count() + 1).sum();
    let summaries = newest(earlier.summaries.iter().map(told), limits.digest - used.min(limits.digest));
    let part = |head: &str, lines: Vec<String>| {
        if lines.is_empty() { String::new() } else { format!("{head}\n{}\n", lines.join("\n")) }
    };
    let text =
        part("Earlier turns, the oldest first:", summaries) + &part("Already noted in this session:", titles);
    text.trim_end().to_owned()
}

/// The newest lines within `chars`, their dashes and the heading above them counted, in their order.
fn newest(lines: impl DoubleEndedIterator<Item = String>, chars: usize) -> Vec<String> {
    const HEADING: usize = 40;
    let mut room = chars.saturating_sub(HEADING);
    let mut kept = Vec::new();
    for text in lines.rev().filter(|text| !text.is_empty()) {
        let more = text.chars().count() + 3;
        if more > room {
            break;
        }
        room -= more;
        kept.push(format!("- {text}"));
    }
    kept.reverse();
    kept
}

fn told(summary: &Summary) -> String {
    let fields = [
        ("", &summary.request),
        ("done: ", &summary.completed),
        ("learned: ", &summary.learned),
        ("open: ", &summary.next_steps),
    ];
    let told: Vec<String> = fields
        .iter()
        .map(|(name, text)| (name, line(text, FIELD)))
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name}{text}"))
        .collect();
    told.join("; ")
}
