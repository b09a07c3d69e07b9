//! Keeping what a distiller made of a turn: in place, so that ids which people have seen stay what they were.

use mem_core::id::{EventId, ObservationId, ProjectId, SessionRow, TurnId};
use mem_core::observation::{Distilled, Distiller};
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{commits, observations, summaries};
use crate::error::StoreError;
use crate::write::Tx;

/// Bytes of a content hash: plenty to tell one row's contents apart.
const HASH: usize = 16;

/// Where a memory comes from: all that it does not say itself.
pub(super) struct Origin<'d> {
    pub(super) turn: TurnId,
    pub(super) session: SessionRow,
    pub(super) project: ProjectId,
    pub(super) branch: Option<String>,
    /// The highest event the observer has settled: what tells of a newer one is news, also where it was replaced.
    pub(super) covered: EventId,
    pub(super) by: &'d Distiller,
    pub(super) at: Timestamp,
    pub(super) now: Timestamp,
}

impl Tx<'_> {
    /// Keeps what `by` made of a turn whose last event was at `at`, and notes the turn as distilled as it
    /// stands: its events must have been read in this same transaction.
    ///
    /// Rows are known by turn, distiller and slot and are updated in place. What is no longer made goes,
    /// unless it is pinned or the turn's events were pruned in part (then nobody can know). What was replaced stays
    /// so, unless it changed and tells of events the observer has not settled. The ids come in the order of the
    /// observations; none for a turn that does not exist.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn put_distilled(
        &self,
        turn: TurnId,
        by: &Distiller,
        distilled: &Distilled,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ObservationId>, StoreError> {
        self.run(|conn| {
            let Some((origin, pruned)) = origin(conn, turn, by, at, now)? else { return Ok(Vec::new()) };
            let mut ids = Vec::with_capacity(distilled.observations.len());
            for (slot, observation) in &distilled.observations {
                ids.push(observations::put(conn, &origin, slot, observation)?);
            }
            match &distilled.summary {
                Some(summary) => drop(summaries::put(conn, &origin, summary)?),
                None if pruned => {}
                None => summaries::remove(conn, &origin)?,
            }
            if *by == Distiller::Local {
                commits::put(conn, &origin, &distilled.commits, pruned)?;
            }
            if !pruned {
                observations::remove_others(conn, &origin, &ids)?;
            }
            conn.prepare_cached(
                "UPDATE turns SET distilled_seq = changed_seq, distilled_at = ?2 WHERE id = ?1",
            )?
            .execute(params![turn.0, now.0])?;
            Ok(ids)
        })
    }
}

/// The origin of what is made of a turn, and whether some of its events were pruned.
pub(super) fn origin<'d>(
    conn: &Connection,
    turn: TurnId,
    by: &'d Distiller,
    at: Timestamp,
    now: Timestamp,
) -> rusqlite::Result<Option<(Origin<'d>, bool)>> {
    conn.prepare_cached(
        "SELECT session_id, project_id, branch, pruned_at IS NOT NULL, model_through FROM turns WHERE id = ?1",
    )?
    .query_row([turn.0], |row| {
        let (session, project) = (SessionRow(row.get(0)?), ProjectId(row.get(1)?));
        let covered = EventId(row.get(4)?);
        Ok((Origin { turn, session, project, branch: row.get(2)?, covered, by, at, now }, row.get(3)?))
    })
    .optional()
}

impl Origin<'_> {
    /// A digest begun with what the origin adds to a row.
    pub(super) fn hash(&self) -> ContentHash {
        let mut hash = ContentHash(blake3::Hasher::new());
        hash.number(self.project.0);
        hash.number(self.at.0);
        hash.text(self.branch.as_deref().unwrap_or_default());
        hash
    }
}

/// A digest of a row's contents, each text with its length before it.
pub(super) struct ContentHash(blake3::Hasher);

impl ContentHash {
    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as i64);
        self.0.update(text.as_bytes());
    }

    pub(super) fn number(&mut self, number: i64) {
        self.0.update(&number.to_le_bytes());
    }

    pub(super) fn finish(&self) -> Vec<u8> {
        self.0.finalize().as_bytes()[..HASH].to_vec()
    }
}
