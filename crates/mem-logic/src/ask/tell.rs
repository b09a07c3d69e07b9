//! Blocks → text. One tag for each block, plain lines within; nothing of ours stands in attributes.

use super::aside::Aside;
use super::cut::{Keep, cut};
use super::fold::Block;
use super::limits::Limits;
use super::neutral::neutral;

/// The blocks as they are sent, each line ended.
pub(super) fn tell(blocks: &[Block], limits: &Limits) -> String {
    blocks.iter().map(|block| told(block, limits)).collect()
}

fn told(block: &Block, limits: &Limits) -> String {
    let (tag, body) = match block {
        Block::Steps(steps) => {
            let lines: Vec<String> =
                steps.iter().map(|(step, times)| format!("{step}{}", again(*times, ""))).collect();
            ("steps", lines.join("\n"))
        }
        Block::Ran { command, purpose, ended, output, times, as_before } => {
            let mut lines = vec![format!("$ {command}")];
            if !purpose.is_empty() {
                lines.push(format!("(meant to: {purpose})"));
            }
            lines.push(format!("{ended}{}", again(*times, "; this is the last")));
            if *as_before {
                lines.push("(printed the same as before)".to_owned());
            } else if !output.is_empty() {
                lines.push(output.clone());
            }
            ("ran", lines.join("\n"))
        }
        Block::Changed { path, created, edits, added, removed, patch } => {
            let what = if *created { "new file, written" } else { "edited" };
            let times = if *edits > 1 { format!(" {edits} times") } else { String::new() };
            let head = format!("{path}: {what}{times}, +{added} -{removed} lines");
            ("changed", format!("{head}\n{}", cut(patch.trim_end(), limits.patch, Keep::Head)))
        }
        Block::Told { tag, text } => (*tag, text.clone()),
        Block::Subagent(aside) => ("subagent", of_subagent(aside, limits)),
    };
    wrapped(tag, &body)
}

/// `body` between tags of ours.
pub(super) fn wrapped(tag: &str, body: &str) -> String {
    format!("<{tag}>\n{}\n</{tag}>\n", neutral(body.trim_end()))
}

fn again(times: u32, then: &str) -> String {
    if times > 1 { format!(" ({times} times{then})") } else { String::new() }
}

fn of_subagent(aside: &Aside, limits: &Limits) -> String {
    let kind = if aside.kind.is_empty() { "subagent" } else { aside.kind.as_str() };
    let mut lines =
        vec![if aside.task.is_empty() { kind.to_owned() } else { format!("{kind}: {}", aside.task) }];
    let more = |all: usize| match all.saturating_sub(limits.listed) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !aside.files.is_empty() {
        let named: Vec<String> = aside
            .files
            .iter()
            .take(limits.listed)
            .map(|file| {
                let new = if file.created { "new, " } else { "" };
                format!("{} ({new}+{} -{})", file.path, file.added, file.removed)
            })
            .collect();
        lines.push(format!("changed: {}{}", named.join(", "), more(aside.files.len())));
    }
    if !aside.runs.is_empty() {
        // how it ended says more than how it began
        let skipped = aside.runs.len().saturating_sub(limits.listed);
        lines.push(if skipped > 0 { format!("ran, after {skipped} others:") } else { "ran:".to_owned() });
        let last = aside.runs[skipped..].iter();
        lines.extend(last.map(|run| format!("- `{}` {}{}", run.command, run.ended, again(run.times, ""))));
    }
    if aside.looked > 0 {
        lines.push(format!("looked around, {} calls", aside.looked));
    }
    if aside.other > 0 {
        lines.push(format!("used other tools, {} calls", aside.other));
    }
    if !aside.said.is_empty() {
        lines.push(format!("its last words:\n{}", aside.said));
    }
    lines.join("\n")
}
