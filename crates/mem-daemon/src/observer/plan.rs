//! Which turns a model is to be asked about: those that ended since the user chose one, each once.
//!
//! Choosing a model is no consent to go over the past: turns from before are left to `redistill`, which says what it
//! costs first. Must not send anything.

use mem_core::time::Timestamp;
use mem_store::StoreError;

use super::desk::Desk;
use crate::inbox::drain;

/// Turns planned in one step.
pub(super) const AT_ONCE: usize = 64;
/// The mark that says since when a model is chosen.
const SINCE: &str = "observer.since";

/// Makes a batch of every turn that waits for one; how many.
pub(super) fn plan(desk: &mut Desk<'_>) -> Result<usize, StoreError> {
    let now = desk.now;
    // turns are as old as their events, which are told by the real clock
    let today = drain::now();
    let since = match desk.store.mark(SINCE)? {
        Some((_, at)) => at,
        None => {
            desk.store.write(|tx| tx.set_mark(SINCE, Some("chosen"), today))?;
            today
        }
    };
    let quiet = i64::try_from(desk.layers.settings.quiet_minutes * 60_000).unwrap_or(i64::MAX);
    let turns = desk.store.turns_to_observe(since, today.plus_ms(-quiet), AT_ONCE)?;
    if turns.is_empty() {
        return Ok(0);
    }
    desk.store.write(|tx| {
        for turn in &turns {
            tx.add_batch(turn.id, now)?;
        }
        Ok(turns.len())
    })
}

/// Forgets that a model was chosen: what happens until one is chosen again is not gone over later.
pub(super) fn forget_choice(desk: &mut Desk<'_>) -> Result<(), StoreError> {
    if desk.store.mark(SINCE)?.is_none() {
        return Ok(());
    }
    let now = desk.now;
    let waiting = desk.store.due_batches(Timestamp(i64::MAX), usize::MAX)?;
    let mut through = Vec::new();
    for row in waiting.iter().filter(|row| !row.asked) {
        through.extend(desk.store.turn(row.turn)?.map(|turn| (row.id, turn.newest_event)));
    }
    desk.store.write(|tx| {
        for (batch, through) in &through {
            tx.skip_batch(*batch, "no model", *through, now)?;
        }
        tx.set_mark(SINCE, None, now)
    })
}
