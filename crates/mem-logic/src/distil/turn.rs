//! A turn as the distiller takes it, and the one call that distils it.

use mem_core::event::Event;
use mem_core::id::EventId;
use mem_core::observation::{Commit, Distilled};

use super::evidence::Evidence;
use super::{commits, observe, summarise};

/// One prompt and what followed.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The prompt and its event. When absent, the first `Prompted` event among `events` stands for it.
    pub prompt: Option<(EventId, &'a str)>,
    /// The turn's events in order. The prompt's own event may be among them or not; it is counted once.
    pub events: &'a [(EventId, Event)],
    /// Whether the turn is over: answered, failed, interrupted, or its session gone on or ended.
    pub closed: bool,
    /// Top directory of the project, absolute; paths below it are told relative to it. May be empty.
    pub top: &'a str,
}

/// What the turn amounts to: at most one observation per slot (`work`, `decision`, `answer`, `cure:1`, …) and a
/// summary, absent when nothing happened. The same turn always gives the same result.
pub fn distil(turn: &Turn) -> Distilled {
    let evidence = Evidence::fold(turn);
    Distilled {
        observations: observe::observations(&evidence),
        summary: summarise::summary(&evidence),
        commits: evidence.commits.iter().map(|(event, commit)| told(*event, commit)).collect(),
    }
}

fn told(event: EventId, commit: &commits::Commit) -> Commit {
    Commit {
        event,
        subject: commit.subject.clone(),
        why: commit.why.clone(),
        hash: commit.hash.clone(),
        branch: commit.branch.clone(),
    }
}
