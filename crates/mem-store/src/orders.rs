//! Orders of the user: making the memory of past turns anew.
//!
//! An order starts over at the beginning of each turn. It takes the place of what waits there, but not of what is
//! paid: a request that is out is weighed as ever. What was given up before is settled by the order. Turns whose events
//! were pruned are left as they are, since nobody could make anew what they held.

use mem_core::id::{BatchId, EventId, ProjectId, SessionRow, TurnId};
use mem_core::time::Timestamp;
use rusqlite::{Connection, params};

use crate::batches::{self, BatchState};
use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

/// Which turns an order is about: those all given limits allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Again {
    /// Only of this session.
    pub session: Option<SessionRow>,
    /// Only those in which something happened then or later.
    pub since: Option<Timestamp>,
    /// Only of this project.
    pub project: Option<ProjectId>,
    /// Only those of which something was given up.
    pub parked: bool,
}

/// What an order would be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    /// Turns.
    pub turns: u64,
    /// Their events.
    pub events: u64,
    /// Bytes of the events' payloads, uncompressed, and of the prompts.
    pub bytes: u64,
}

/// The turns of a scope, with ?1 to ?4 as its limits.
const IN_SCOPE: &str = "
    t.newest_event > 0 AND t.pruned_at IS NULL
    AND (?1 IS NULL OR t.session_id = ?1) AND (?2 IS NULL OR t.last_at >= ?2)
    AND (?3 IS NULL OR t.project_id = ?3)
    AND (?4 = 0 OR EXISTS (SELECT 1 FROM batches WHERE turn_id = t.id AND state = 'parked'))";

/// Batches of the user's orders that wait for a request, answered from `batches_by_state`.
const ORDERED: &str = "b.state = 'waiting' AND b.asked";

impl Reader {
    /// How many batches of the user's orders wait for a request.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn orders_waiting(&self) -> Result<u64, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("SELECT count(*) FROM batches b WHERE {ORDERED}"))?
                .query_row([], |row| row.get::<_, i64>(0).map(|n| n.max(0) as u64))
        })
    }

    /// How much an order would be about. Reads every event of the scope.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn redistill_estimate(&self, scope: &Again) -> Result<Volume, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "SELECT count(*), coalesce(sum(events), 0), coalesce(sum(bytes), 0) FROM (
                     SELECT (SELECT count(*) FROM events WHERE turn_id = t.id) AS events,
                            (SELECT coalesce(sum(payload_bytes), 0) FROM events WHERE turn_id = t.id)
                                + octet_length(t.prompt) AS bytes
                     FROM turns t WHERE {IN_SCOPE})"
            ))?
            .query_row(limits(scope), |row| {
                let count = |at: usize| row.get::<_, i64>(at).map(|n| n.max(0) as u64);
                Ok(Volume { turns: count(0)?, events: count(1)?, bytes: count(2)? })
            })
        })
    }
}

impl Tx<'_> {
    /// Orders the turns of a scope anew, from `ordered_model` (as `ModelId` writes it) or the one that is chosen:
    /// one batch each, due at once. What was given up of them counts as settled by that. How many turns.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn order_again(
        &self,
        scope: &Again,
        ordered_model: Option<&str>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.run(|conn| {
            let turns: Vec<TurnId> = conn
                .prepare_cached(&format!("SELECT t.id FROM turns t WHERE {IN_SCOPE} ORDER BY t.id"))?
                .query_map(limits(scope), |row| row.get(0).map(TurnId))?
                .collect::<rusqlite::Result<_>>()?;
            for turn in &turns {
                order(conn, *turn, ordered_model, now)?;
            }
            Ok(turns.len() as u64)
        })
    }

    /// Takes what was given up as it is: it is not told of any more, and the local distiller's memory stands. How many
    /// batches.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn accept_parked(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run(|conn| {
            let parked: Vec<BatchId> = conn
                .prepare_cached("SELECT id FROM batches WHERE state = 'parked'")?
                .query_map([], |row| row.get(0).map(BatchId))?
                .collect::<rusqlite::Result<_>>()?;
            for batch in &parked {
                batches::cancel(conn, *batch, now)?;
            }
            Ok(parked.len() as u64)
        })
    }

    /// Takes back the orders that wait: they are settled without asking, as far as they went, so that no model is asked
    /// for those events later either. A request that is out goes on, and no further part is asked after it. How many
    /// batches.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn cancel_orders(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run(|conn| {
            let waiting: Vec<(BatchId, EventId)> = conn
                .prepare_cached(&format!(
                    "SELECT b.id, coalesce(b.ordered_through, t.newest_event)
                     FROM batches b JOIN turns t ON t.id = b.turn_id WHERE {ORDERED}"
                ))?
                .query_map([], |row| Ok((BatchId(row.get(0)?), EventId(row.get(1)?))))?
                .collect::<rusqlite::Result<_>>()?;
            for (batch, through) in &waiting {
                let end = batches::End {
                    state: BatchState::Skipped,
                    reason: Some("cancelled"),
                    through: Some(*through),
                    now,
                };
                batches::settle(conn, *batch, BatchState::Waiting, &end)?;
            }
            // orders between two parts, or with a part that is out
            conn.prepare_cached(
                "UPDATE turns SET model_through = last.ordered_through
                 FROM (SELECT turn_id, ordered_through, max(id) FROM batches GROUP BY turn_id
                       HAVING asked AND ordered_through IS NOT NULL) last
                 WHERE last.turn_id = turns.id AND model_through < last.ordered_through",
            )?
            .execute([])?;
            Ok(waiting.len() as u64)
        })
    }

    /// Has the local distiller go over the turns of a scope again; what a model made of them stays. How many turns.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn distil_again(&self, scope: &Again) -> Result<u64, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "UPDATE turns SET changed_seq = changed_seq + 1
                 WHERE id IN (SELECT t.id FROM turns t WHERE {IN_SCOPE})"
            ))?
            .execute(limits(scope))
            .map(|rows| rows as u64)
        })
    }
}

fn limits(scope: &Again) -> [Option<i64>; 4] {
    [
        scope.session.map(|id| id.0),
        scope.since.map(|at| at.0),
        scope.project.map(|id| id.0),
        Some(scope.parked.into()),
    ]
}

fn order(conn: &Connection, turn: TurnId, model: Option<&str>, now: Timestamp) -> rusqlite::Result<()> {
    let replaced: Vec<BatchId> = conn
        .prepare_cached("SELECT id FROM batches WHERE turn_id = ?1 AND state IN ('waiting', 'parked')")?
        .query_map([turn.0], |row| row.get(0).map(BatchId))?
        .collect::<rusqlite::Result<_>>()?;
    for batch in replaced {
        batches::cancel(conn, batch, now)?;
    }
    conn.prepare_cached("UPDATE turns SET model_through = 0 WHERE id = ?1")?.execute([turn.0])?;
    conn.prepare_cached(
        "INSERT INTO batches (turn_id, session_id, part, after_event, asked, ordered_model, ordered_through, state,
                              due_at, created_at)
         SELECT id, session_id, 1, 0, 1, ?2, newest_event, 'waiting', ?3, ?3 FROM turns WHERE id = ?1",
    )?
    .execute(params![turn.0, model, now.0])
    .map(drop)
}
