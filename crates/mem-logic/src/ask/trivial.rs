//! Whether a batch is worth a request at all: where a model could add nothing to what the local distiller says, none is
//! paid for. Must not judge a later part of a turn by itself: the work may lie in the parts before it.

use mem_core::event::{Action, Body, Event, Outcome, ToolUse};
use mem_core::id::EventId;

use super::material::Material;
use crate::distil::{Turn, distil, only_looks};

/// An answer of more characters than this has substance, whatever was asked.
const LONG_ANSWER: usize = 600;
/// A one-line answer has at most this many.
const ONE_LINE: usize = 160;

/// Whether the material can be settled for nothing.
pub(super) fn is_trivial(material: &Material) -> bool {
    if material.part > 1 {
        return false;
    }
    let said = material.events.iter().rev().find_map(|(_, event)| last_words(event)).unwrap_or("").trim();
    let mut deeds = material.events.iter().filter_map(|(_, event)| deed(event)).peekable();
    if deeds.peek().is_none() {
        return said.is_empty() || (said.chars().count() <= LONG_ANSWER && says_nothing(material));
    }
    let one_line = !said.is_empty() && !said.contains('\n') && said.chars().count() <= ONE_LINE;
    material.closed && one_line && deeds.all(looks)
}

fn last_words(event: &Event) -> Option<&str> {
    match &event.body {
        Body::Answered { said } if event.subagent.is_none() => Some(said),
        Body::AnswerFailed { said, .. } if event.subagent.is_none() => Some(said),
        _ => None,
    }
}

fn deed(event: &Event) -> Option<&ToolUse> {
    match &event.body {
        Body::ToolUsed(call) => Some(call),
        _ => None,
    }
}

fn looks(call: &ToolUse) -> bool {
    match &call.action {
        Action::Read { .. } | Action::Searched { .. } => true,
        Action::Ran { command, .. } => call.outcome == Outcome::Succeeded && only_looks(command),
        _ => false,
    }
}

/// Whether the local distiller makes nothing of it.
fn says_nothing(material: &Material) -> bool {
    let prompt = (!material.prompt.trim().is_empty()).then_some((EventId(0), material.prompt));
    let made = distil(&Turn { prompt, events: material.events, closed: material.closed, top: material.top });
    made.observations.is_empty() && made.summary.is_none()
}
