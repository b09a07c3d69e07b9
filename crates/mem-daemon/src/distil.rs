//! Drives the local distiller over the turns that wait for it.
//!
//! Each turn is its own transaction: its memories, and the mark that it is distilled. Killed in between, the turn
//! still waits and is distilled again into the same rows.

use mem_core::observation::Distiller;
use mem_core::time::Timestamp;
use mem_logic::distil::{self, Turn};
use mem_store::{Store, StoreError, TurnRow};

use crate::inbox::drain::{Until, now};

/// Most turns taken from the store at once.
const TURNS: usize = 64;

/// Which turns to distil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that have ended, and open ones nothing has happened in since this moment.
    Settled {
        /// The moment.
        quiet_before: Timestamp,
    },
    /// Also those still open: somebody is about to read.
    All,
}

/// Distils what waits. Gives the number of turns that were distilled.
///
/// # Errors
/// [`StoreError`]; turns already distilled stay so.
pub fn distil(store: &mut Store, which: Which, until: Until<'_>) -> Result<usize, StoreError> {
    let quiet_before = match which {
        Which::Settled { quiet_before } => quiet_before,
        Which::All => Timestamp(i64::MAX),
    };
    let mut distilled = 0;
    loop {
        let turns = store.turns_to_distil(quiet_before, TURNS)?;
        if turns.is_empty() {
            return Ok(distilled);
        }
        for turn in &turns {
            if until.over() {
                return Ok(distilled);
            }
            distil_one(store, turn)?;
            distilled += 1;
        }
    }
}

fn distil_one(store: &mut Store, turn: &TurnRow) -> Result<(), StoreError> {
    store.write(|tx| {
        let events = tx.turn_events(turn.id)?;
        let cwd = events.first().map(|(_, event)| event.cwd.clone()).unwrap_or_default();
        let top = tx.last_place(&cwd)?.map_or(cwd, |place| place.top);
        let made = distil::distil(&Turn {
            prompt: None,
            events: &events,
            closed: turn.closed_at.is_some(),
            top: &top,
        });
        tx.put_distilled(turn.id, &Distiller::Local, &made, turn.last_at, now()).map(drop)
    })
}
