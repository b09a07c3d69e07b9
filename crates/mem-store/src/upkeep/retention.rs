//! Letting go of raw events, the oldest first, in small steps.
//!
//! Observations, summaries, prompts and what the agent said stay for ever. Events of a turn that still waits for the distiller
//! stay until it was distilled, whatever their age, and those of a turn with an unsettled batch until it is settled:
//! nothing is let go of that was never looked at.

use std::collections::{BTreeMap, BTreeSet};

use mem_core::time::Timestamp;
use rusqlite::{Connection, params};

use crate::error::StoreError;
use crate::write::Tx;

/// Pages given back to the file system after each step.
const PAGES: u32 = 1000;

/// What a step let go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Events.
    pub events: u64,
    /// Bytes of their payloads, compressed.
    pub bytes: u64,
    /// Whether the limit of the step ended it, so that another one may find more.
    pub more: bool,
}

struct Old {
    event: i64,
    session: i64,
    turn: Option<i64>,
    at: i64,
    bytes: i64,
}

/// Walks `events_to_prune` past what has to stay.
pub(crate) const OLDEST: &str = "
    SELECT e.id, e.session_id, e.turn_id, e.at, length(e.payload)
    FROM events e LEFT JOIN turns t ON t.id = e.turn_id
    WHERE e.kind NOT IN ('answered', 'subagent_stopped', 'compacted') AND (t.id IS NULL OR t.changed_seq <= t.distilled_seq OR t.pruned_at IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM batches WHERE turn_id = e.turn_id AND settled_at IS NULL)
    ORDER BY e.at, e.id LIMIT ?1";

impl Tx<'_> {
    /// Lets go of events that are older than `older_than`, and of the oldest while the payloads of all take
    /// more than `max_bytes`; at most `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn prune_events(
        &self,
        older_than: Timestamp,
        max_bytes: u64,
        limit: usize,
        now: Timestamp,
    ) -> Result<Pruned, StoreError> {
        self.run(|conn| {
            let kept: i64 = conn
                .prepare_cached("SELECT coalesce(sum(event_bytes), 0) FROM sessions")?
                .query_row([], |row| row.get(0))?;
            let mut over = kept.saturating_sub(i64::try_from(max_bytes).unwrap_or(i64::MAX));
            let mut gone: Vec<Old> = Vec::new();
            for old in oldest(conn, limit)? {
                if old.at >= older_than.0 && over <= 0 {
                    break;
                }
                over = over.saturating_sub(old.bytes);
                gone.push(old);
            }
            let more = limit > 0 && gone.len() == limit;
            remove(conn, &gone, now)?;
            Ok(Pruned {
                events: gone.len() as u64,
                bytes: gone.iter().map(|old| old.bytes.max(0) as u64).sum(),
                more,
            })
        })
    }
}

/// The oldest events that may go.
fn oldest(conn: &Connection, limit: usize) -> rusqlite::Result<Vec<Old>> {
    conn.prepare_cached(OLDEST)?
        .query_map([limit as i64], |row| {
            Ok(Old {
                event: row.get(0)?,
                session: row.get(1)?,
                turn: row.get(2)?,
                at: row.get(3)?,
                bytes: row.get(4)?,
            })
        })?
        .collect()
}

fn remove(conn: &Connection, gone: &[Old], now: Timestamp) -> rusqlite::Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let mut sessions: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    let mut delete = conn.prepare_cached("DELETE FROM events WHERE id = ?1")?;
    for old in gone {
        delete.execute([old.event])?;
        let (events, bytes) = sessions.entry(old.session).or_default();
        *events += 1;
        *bytes += old.bytes;
    }
    for (session, (events, bytes)) in sessions {
        conn.prepare_cached(
            "UPDATE sessions SET events = events - ?2, event_bytes = event_bytes - ?3 WHERE id = ?1",
        )?
        .execute([session, events, bytes])?;
    }
    let turns: BTreeSet<i64> = gone.iter().filter_map(|old| old.turn).collect();
    for turn in turns {
        conn.prepare_cached("UPDATE turns SET pruned_at = ?2 WHERE id = ?1")?
            .execute(params![turn, now.0])?;
    }
    // A row for every page that is given back; the work is done by asking for them.
    let mut release = conn.prepare_cached(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut pages = release.query([])?;
    while pages.next()?.is_some() {}
    Ok(())
}
