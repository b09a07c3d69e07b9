//! What the events that are sent prove: files read and changed, by which event. Only what tools did counts, subagents'
//! tools too; never what anyone said.

use mem_core::event::{Action, Body, Event, Outcome};
use mem_core::id::EventId;

use super::piece::Piece;
use crate::distil::words::{is_scratch, told_path};
use crate::proof::Proof;

/// The proof of the events behind `pieces`. Each file stands once, with the first event that shows it; scratch files
/// outside the project are left out.
pub(super) fn proof(pieces: &[Piece], events: &[(EventId, Event)], top: &str) -> Proof {
    let mut proof = Proof { sources: pieces.iter().map(|piece| piece.event).collect(), ..Proof::default() };
    for piece in pieces {
        let Body::ToolUsed(call) = &events[piece.at].1.body else { continue };
        if call.outcome != Outcome::Succeeded {
            continue;
        }
        match &call.action {
            Action::Changed { path, .. } => add(&mut proof.modified, top, path, piece.event),
            Action::Read { path, .. } => add(&mut proof.read, top, path, piece.event),
            _ => {}
        }
    }
    proof
}

fn add(files: &mut Vec<(String, EventId)>, top: &str, path: &str, event: EventId) {
    let path = told_path(top, path);
    if !path.is_empty() && !is_scratch(&path) && !files.iter().any(|(known, _)| *known == path) {
        files.push((path, event));
    }
}
