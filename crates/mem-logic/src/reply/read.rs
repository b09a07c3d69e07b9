//! Reads a reply: takes off what stands around it, finds its blocks, makes memories of them.

use mem_core::observation::{Observation, Summary};

use super::blocks::blocks;
use super::defect::{Defect, Defects};
use super::fields;
use super::tags::Name;
use super::text::line;

/// What a mode looks for, by ids.
#[derive(Debug, Clone, Copy)]
pub struct Grammar<'a> {
    /// The types of observations; any when empty. The first stands for what is not among them.
    pub kinds: &'a [String],
    /// The concepts; any when empty.
    pub concepts: &'a [String],
}

/// What a reply holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// Observations, in order. Their sources are empty yet, and what they say of files is what the model claims.
    pub observations: Vec<Observation>,
    /// The summary; the first, where there are several.
    pub summary: Option<Summary>,
    /// Why there is explicitly nothing to summarise, one line; may be empty.
    pub skipped: Option<String>,
    /// What was odd, each once, in a fixed order.
    pub defects: Vec<Defect>,
}

impl Reply {
    /// Whether anything was taken from it, an explicit skip included.
    pub fn holds(&self) -> bool {
        !self.observations.is_empty() || self.summary.is_some() || self.skipped.is_some()
    }

    /// Whether it ends within a block.
    pub fn torn(&self) -> bool {
        self.defects.iter().any(|defect| matches!(defect, Defect::Torn { .. }))
    }

    /// Whether it follows the grammar and says nothing: blocks, and all of them empty.
    pub fn blank(&self) -> bool {
        !self.holds() && self.defects.iter().any(|defect| matches!(defect, Defect::EmptyBlock(_)))
    }
}

/// Most observations of one reply. A batch is one turn or a part of one; more than this is no distilling.
const OBSERVATIONS: usize = 20;

/// Longest reason for a skip, in characters.
const REASON: usize = 200;

/// Reads `text`. Never fails: what cannot be read is left aside and told among the defects.
pub fn read(text: &str, grammar: &Grammar) -> Reply {
    let mut defects = Defects::default();
    let text = unfenced(text.trim_start_matches('\u{feff}').trim(), &mut defects);
    let found = blocks(text, &mut defects);
    let mut reply = Reply {
        skipped: found
            .skipped
            .map(|span| line(&text[span], Name::SkipSummary.as_str(), REASON, &mut defects)),
        ..Reply::default()
    };
    for block in &found.blocks {
        if block.name == Name::Summary {
            match fields::summary(text, block, &mut defects) {
                Some(_) if reply.summary.is_some() => defects.add(Defect::Repeated(block.name.as_str())),
                made => reply.summary = reply.summary.or(made),
            }
        } else if reply.observations.len() == OBSERVATIONS {
            defects.add(Defect::TooMany("observations"));
        } else {
            reply.observations.extend(fields::observation(text, block, grammar, &mut defects));
        }
    }
    reply.defects = defects.sorted();
    reply
}

/// `text` without the code fence around it. A fence that does not open it is part of what it says; one that never
/// closes was cut.
fn unfenced<'t>(text: &'t str, defects: &mut Defects) -> &'t str {
    let Some(mark) = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark)) else { return text };
    let sign = &mark[..1];
    let Some((opening, inside)) = text.split_once('\n') else { return text };
    let fence = &opening[..opening.len() - opening.trim_start_matches(sign).len()];
    let language = &opening[fence.len()..];
    if language.contains(sign) || language.contains('<') {
        return text;
    }
    let closed = inside.strip_suffix(fence).filter(|body| body.is_empty() || body.ends_with('\n'));
    if closed.is_none() && inside.contains(fence) {
        return text; // it closes somewhere in between: then it is not around all
    }
    defects.add(Defect::Fenced);
    closed.unwrap_or(inside).trim()
}
