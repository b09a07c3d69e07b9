//! From a batch to a request: its events composed, scrubbed once more, held against the ceilings, and written into the
//! ledger before anything is sent.

use mem_core::event::Event;
use mem_core::id::{BatchId, EventId, RequestId};
use mem_core::model::Ask;
use mem_core::settings::ObserverSettings;
use mem_logic::ask::{self, Bounds, Composed, Earlier, Material};
use mem_logic::mode::Mode;
use mem_logic::spend::{self, Spent};
use mem_store::{BatchRow, BatchState, Lease, StoreError, TurnRow};

use super::desk::Desk;
use super::hold::Hold;
use super::models::Chosen;
use super::proof;

/// Earlier turns of the session that a request is told of.
const EARLIER: usize = 6;

/// What became of the wish to send a batch.
pub(super) enum Sent {
    /// It is in the ledger and goes out now.
    Leased {
        /// Its ledger row.
        request: RequestId,
        /// What is asked.
        ask: Ask,
        /// What it is expected to take.
        estimate: Spent,
    },
    /// There was nothing in it worth asking about, and it is settled.
    Trivial,
    /// It waits for something that has nothing to do with it.
    Held(Hold),
    /// It is not waiting any more.
    Gone,
}

/// Composes the request of a batch and leases it for `run`.
pub(super) fn lease(
    desk: &mut Desk<'_>,
    batch: BatchId,
    chosen: &Chosen,
    mode: &Mode,
    run: &str,
) -> Result<Sent, StoreError> {
    let Some(row) = desk.store.batch(batch)?.filter(|row| row.state == BatchState::Waiting) else {
        return Ok(Sent::Gone);
    };
    let Some(turn) = desk.store.turn(row.turn)? else { return Ok(Sent::Gone) };
    let events = events_of(desk, &row)?;
    let composed = compose(desk, &row, &turn, &events, chosen, mode)?;
    let now = desk.now;
    let asked = match composed {
        Composed::Asked(asked) => asked,
        Composed::Trivial { through } => {
            // of a turn too long to be looked at in one step the rest is looked at in the next
            let through = if events.is_empty() { turn.newest_event } else { through };
            desk.store.write(|tx| tx.skip_batch(batch, "trivial", through, now))?;
            return Ok(Sent::Trivial);
        }
    };
    let mut ask = asked.ask;
    // what was redacted before the store is redacted again before it leaves: rules may be newer than the row
    let _known_already = desk.capture.scrub_text(&mut ask.text);
    let next = spend::estimate(&chosen.model, &chosen.settings, chosen.local, &ask);
    if let Some(hold) = ceiling(desk, &chosen.settings, next)? {
        return Ok(Sent::Held(hold));
    }
    let model = chosen.model.to_string();
    let bytes = proof::encode(&asked.proof);
    desk.passes("composed");
    let lease = Lease {
        run,
        model: &model,
        est_tokens: next.tokens,
        est_money: next.money,
        through: asked.through,
        proof: &bytes,
    };
    let leased = desk.store.write(|tx| tx.lease(batch, &lease, now))?;
    desk.passes("leased");
    Ok(leased.map_or(Sent::Gone, |request| Sent::Leased { request, ask, estimate: next }))
}

/// The events of a batch's turn that nothing was asked about yet.
fn events_of(desk: &Desk<'_>, row: &BatchRow) -> Result<Vec<(EventId, Event)>, StoreError> {
    let mut events = desk.store.turn_events_after(row.turn, row.after)?;
    // in the order in which they were stored, so that "up to this event" leaves none out
    events.sort_by_key(|(id, _)| *id);
    Ok(events)
}

fn compose(
    desk: &Desk<'_>,
    row: &BatchRow,
    turn: &TurnRow,
    events: &[(EventId, Event)],
    chosen: &Chosen,
    mode: &Mode,
) -> Result<Composed, StoreError> {
    let cwd = events.first().map(|(_, event)| event.cwd.clone()).unwrap_or_default();
    let top = desk.store.last_place(&cwd)?.map_or(cwd, |place| place.top);
    let project = desk.store.project(turn.project)?.map(|project| project.name).unwrap_or_default();
    let (summaries, titles) = desk.store.earlier(turn.session, turn.ordinal, EARLIER)?;
    let earlier = Earlier { summaries, titles };
    let material = Material {
        prompt: &turn.prompt,
        events,
        top: &top,
        project: &project,
        closed: turn.closed_at.is_some(),
        part: row.part,
        earlier: &earlier,
    };
    Ok(ask::compose(&material, mode, &Bounds { tokens: chosen.settings.batch_tokens, smaller: row.smaller }))
}

/// The hold that the next request would run into.
fn ceiling(desk: &Desk<'_>, settings: &ObserverSettings, next: Spent) -> Result<Option<Hold>, StoreError> {
    let zone = jiff::tz::TimeZone::system();
    let starts = [spend::day_start(desk.now, &zone), spend::month_start(desk.now, &zone)];
    let mut spent = [Spent::default(); 2];
    for (spent, start) in spent.iter_mut().zip(starts) {
        let (tokens, money) = desk.store.spent_since(start)?;
        *spent = Spent { tokens, money };
    }
    Ok(spend::allowed(spent, settings, next)
        .err()
        .map(|ceiling| Hold::ceiling(ceiling, desk.now, ceiling.lifts_at(desk.now, &zone))))
}
