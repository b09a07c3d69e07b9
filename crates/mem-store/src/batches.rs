//! Batches: the events of one turn that go to a model together, and how far each has come.
//!
//! A batch waits, is leased while a request for it is out, is answered once the reply is on record, and is settled as
//! done, skipped or parked. Whether and when it is asked is judged elsewhere; here every step is taken once and only
//! from the state it may be taken from. What a step costs stands in the ledger.

use std::collections::BTreeMap;

use mem_core::id::{BatchId, EventId, SessionRow, TurnId};
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::error::StoreError;
use crate::ledger;
use crate::open::Reader;
use crate::turns;
use crate::write::Tx;

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchState {
    /// It may be asked when it is due.
    Waiting,
    /// A request for it is in the ledger and may be on its way.
    Leased,
    /// The reply is on record and not weighed yet.
    Answered,
    /// Its memory is written.
    Done,
    /// It was not worth asking, or not asked in time; or a newer order took its place.
    Skipped,
    /// It was given up, for its reason; the local distiller's memory stands.
    Parked,
}

impl BatchState {
    /// All of them, in the order they are passed.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Leased, Self::Answered, Self::Done, Self::Skipped, Self::Parked];

    /// The name in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Leased => "leased",
            Self::Answered => "answered",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Parked => "parked",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A batch as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its row.
    pub id: BatchId,
    /// The turn.
    pub turn: TurnId,
    /// The turn's session.
    pub session: SessionRow,
    /// Its number among the parts of one order, from 1.
    pub part: u32,
    /// It begins after this event; 0 for the beginning of the turn.
    pub after: EventId,
    /// Its last event, once a request was composed.
    pub through: Option<EventId>,
    /// The model the user wants for it, as `ModelId` writes it; none for the one that is chosen.
    pub ordered_model: Option<String>,
    /// Whether the user ordered it.
    pub asked: bool,
    /// How far it has come.
    pub state: BatchState,
    /// How often it was sent, without attempts that do not count.
    pub attempts: u32,
    /// How many requests for it were paid, or may have been.
    pub paid: u32,
    /// How often it had to become smaller.
    pub smaller: u32,
    /// When it may be asked (again).
    pub due_at: Timestamp,
    /// Why it was skipped, parked, or is asked again.
    pub reason: Option<String>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it was done, skipped or parked.
    pub settled_at: Option<Timestamp>,
    /// When its session last started or was resumed.
    pub begun_at: Timestamp,
}

/// The columns that [`read_batch`] reads, of `batches b JOIN sessions s`.
pub(crate) const COLUMNS: &str = "
    b.id, b.turn_id, b.session_id, b.part, b.after_event, b.through_event, b.ordered_model, b.asked, b.state,
    b.attempts, b.paid, b.smaller, b.due_at, b.reason, b.created_at, b.settled_at, s.begun_at";

/// Answered from `batches_by_state`.
const NEXT_DUE: &str = "SELECT min(due_at) FROM batches WHERE state = 'waiting' AND due_at > ?1";
/// Answered from `batches_unsettled`.
const UNSETTLED: &str = "b.turn_id = ?1 AND b.settled_at IS NULL ORDER BY b.id";
/// Answered from `batches_by_state`, in its order.
const DUE: &str = "b.state = 'waiting' AND b.due_at <= ?1 ORDER BY b.due_at, b.id LIMIT ?2";

impl Reader {
    /// The batches that may be asked at `now`, the longest due first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn due_batches(&self, now: Timestamp, limit: usize) -> Result<Vec<BatchRow>, StoreError> {
        self.batches_where(DUE, params![now.0, limit as i64])
    }

    /// When the first of the batches that are to wait beyond `now` is due.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(NEXT_DUE)?
                .query_row([now.0], |row| Ok(row.get::<_, Option<i64>>(0)?.map(Timestamp)))
        })
    }

    /// The batch of that row.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn batch(&self, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
        Ok(self.batches_where("b.id = ?1", [id.0])?.pop())
    }

    /// What is neither done, skipped nor parked of a turn, oldest first. Two only while a reply is outstanding that
    /// the user has ordered anew.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn unsettled_batches_of(&self, turn: TurnId) -> Result<Vec<BatchRow>, StoreError> {
        self.batches_where(UNSETTLED, [turn.0])
    }

    /// The batches that were given up, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn parked_batches(&self, limit: usize) -> Result<Vec<BatchRow>, StoreError> {
        self.batches_where("b.state = 'parked' ORDER BY b.id DESC LIMIT ?1", [limit as i64])
    }

    /// How many batches there are in each state; a state without any is absent.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn batch_counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT state, count(*) FROM batches GROUP BY state")?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.max(0) as u64)))?
                .collect()
        })
    }

    fn batches_where(&self, filter: &str, params: impl Params) -> Result<Vec<BatchRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&select(filter))?
                .query_map(params, read_batch)?
                // A state we do not know comes from a newer version.
                .filter_map(Result::transpose)
                .collect()
        })
    }
}

impl Tx<'_> {
    /// Plans what the observer has not settled of a turn as its next batch, due at once. Where the last order for the
    /// turn was the user's and is not covered yet, the batch belongs to it. None when nothing is left to observe or
    /// a batch of the turn is not settled yet. An order of the user is [`Tx::order_again`].
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn add_batch(&self, turn: TurnId, now: Timestamp) -> Result<Option<BatchId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "WITH last AS (SELECT part, asked AND t.model_through < b.ordered_through AS goes_on,
                                      b.ordered_model, b.ordered_through
                               FROM batches b JOIN turns t ON t.id = b.turn_id
                               WHERE b.turn_id = ?1 ORDER BY b.id DESC LIMIT 1)
                 INSERT INTO batches (turn_id, session_id, part, after_event, asked, ordered_model,
                                      ordered_through, state, due_at, created_at)
                 SELECT t.id, t.session_id, coalesce(last.part, 0) + 1, t.model_through,
                        coalesce(last.goes_on, 0), iif(last.goes_on, last.ordered_model, NULL),
                        iif(last.goes_on, last.ordered_through, NULL), 'waiting', ?2, ?2
                 FROM turns t LEFT JOIN last
                 WHERE t.id = ?1 AND t.newest_event > t.model_through AND t.pruned_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM batches WHERE turn_id = ?1 AND settled_at IS NULL)
                 RETURNING id",
            )?
            .query_row([turn.0, now.0], |row| row.get(0).map(BatchId))
            .optional()
        })
    }

    /// Lets a waiting batch wait until `due_at`, for `reason` where there is one; whether it was waiting.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn give_back(
        &self,
        batch: BatchId,
        due_at: Timestamp,
        reason: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "UPDATE batches SET due_at = ?2, reason = coalesce(?3, reason) WHERE id = ?1 AND state = 'waiting'",
            )?
            .execute(params![batch.0, due_at.0, reason])
            .map(|rows| rows > 0)
        })
    }

    /// Lets all that waits be asked at once: somebody saw the model answer. How many batches waited for a later moment.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn hurry(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("UPDATE batches SET due_at = ?1 WHERE state = 'waiting' AND due_at > ?1")?
                .execute([now.0])
                .map(|rows| rows as u64)
        })
    }

    /// Settles a waiting batch without asking (nothing in it, too late for its session), as if it had been observed
    /// up to `through`; the local distiller's memory stands. Whether it was waiting.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn skip_batch(
        &self,
        batch: BatchId,
        reason: &str,
        through: EventId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(|conn| {
            let end = End { state: BatchState::Skipped, reason: Some(reason), through: Some(through), now };
            settle(conn, batch, BatchState::Waiting, &end)
        })
    }

    /// Gives a waiting batch up, so that its events are not planned again: up to where it was composed last, else
    /// all that its turn has. Whether it was waiting.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn park_batch(&self, batch: BatchId, reason: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.run(|conn| {
            let end = End { state: BatchState::Parked, reason: Some(reason), through: None, now };
            settle(conn, batch, BatchState::Waiting, &end)
        })
    }
}

fn select(filter: &str) -> String {
    format!("SELECT {COLUMNS} FROM batches b JOIN sessions s ON s.id = b.session_id WHERE {filter}")
}

pub(crate) fn read_batch(row: &Row) -> rusqlite::Result<Option<BatchRow>> {
    let Some(state) = BatchState::parse(row.get_ref(8)?.as_str()?) else { return Ok(None) };
    Ok(Some(BatchRow {
        id: BatchId(row.get(0)?),
        turn: TurnId(row.get(1)?),
        session: SessionRow(row.get(2)?),
        part: row.get(3)?,
        after: EventId(row.get(4)?),
        through: row.get::<_, Option<i64>>(5)?.map(EventId),
        ordered_model: row.get(6)?,
        asked: row.get(7)?,
        state,
        attempts: row.get(9)?,
        paid: row.get(10)?,
        smaller: row.get(11)?,
        due_at: Timestamp(row.get(12)?),
        reason: row.get(13)?,
        created_at: Timestamp(row.get(14)?),
        settled_at: row.get::<_, Option<i64>>(15)?.map(Timestamp),
        begun_at: Timestamp(row.get(16)?),
    }))
}

/// Takes a waiting batch out for a request about its events up to `through`; whether it was waiting.
pub(crate) fn lease(conn: &Connection, batch: BatchId, through: EventId) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "UPDATE batches SET state = 'leased', attempts = attempts + 1, through_event = ?2
         WHERE id = ?1 AND state = 'waiting'",
    )?
    .execute([batch.0, through.0])
    .map(|rows| rows > 0)
}

/// Notes that the reply for a leased batch is on record, so that a request for it was paid.
pub(crate) fn answered(conn: &Connection, batch: BatchId) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE batches SET state = 'answered', paid = paid + 1 WHERE id = ?1 AND state = 'leased'",
    )?
    .execute([batch.0])
    .map(drop)
}

/// Counts a request of a leased batch that may have been paid although no reply came; how many there are now.
pub(crate) fn count_paid(conn: &Connection, batch: BatchId) -> rusqlite::Result<u32> {
    conn.prepare_cached("UPDATE batches SET paid = paid + 1 WHERE id = ?1 RETURNING paid")?
        .query_row([batch.0], |row| row.get(0))
}

/// Another attempt at a batch.
pub(crate) struct Retry<'r> {
    pub(crate) due_at: Timestamp,
    pub(crate) smaller: bool,
    /// Whether the attempt before it counts.
    pub(crate) counts: bool,
    pub(crate) reason: &'r str,
}

/// Lets a batch that was leased or answered wait again; or skips it, when the user has ordered its turn anew since.
pub(crate) fn reopen(
    conn: &Connection,
    batch: BatchId,
    retry: &Retry,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let anew = conn
        .prepare_cached(
            "SELECT 1 FROM batches b JOIN batches later ON later.turn_id = b.turn_id
             WHERE b.id = ?1 AND later.id > ?1 AND later.part = 1",
        )?
        .exists([batch.0])?;
    if anew {
        return cancel(conn, batch, now);
    }
    // an order that was taken back while it was asked: the turn counts as covered, which no part of a living order is
    let taken_back = conn
        .prepare_cached(
            "UPDATE batches SET state = 'skipped', settled_at = ?2, reason = 'cancelled'
             WHERE id = ?1 AND settled_at IS NULL AND asked AND ordered_through <=
                   (SELECT model_through FROM turns WHERE id = batches.turn_id)",
        )?
        .execute([batch.0, now.0])?;
    if taken_back > 0 {
        return Ok(());
    }
    conn.prepare_cached(
        "UPDATE batches SET state = 'waiting', due_at = ?2, smaller = smaller + ?3,
             attempts = attempts - iif(?4, 0, 1), reason = ?5
         WHERE id = ?1 AND settled_at IS NULL",
    )?
    .execute(params![batch.0, retry.due_at.0, retry.smaller, retry.counts, retry.reason])
    .map(drop)
}

/// Ends a batch in whose place a newer order of the user stands; the turn does not count as observed for that.
pub(crate) fn cancel(conn: &Connection, batch: BatchId, now: Timestamp) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE batches SET state = 'skipped', settled_at = ?2, reason = 'ordered anew'
         WHERE id = ?1 AND state IN ('waiting', 'leased', 'answered', 'parked')",
    )?
    .execute([batch.0, now.0])?;
    ledger::forget_replies(conn, batch)
}

/// How a batch ends.
pub(crate) struct End<'r> {
    pub(crate) state: BatchState,
    pub(crate) reason: Option<&'r str>,
    /// Up to where its events are settled; none for where it was composed last, else all its turn has.
    pub(crate) through: Option<EventId>,
    pub(crate) now: Timestamp,
}

/// Ends a batch that is in the state `from`, and its part of the turn with it; whether it was. The replies of one that
/// is parked stay on record.
pub(crate) fn settle(
    conn: &Connection,
    batch: BatchId,
    from: BatchState,
    end: &End,
) -> rusqlite::Result<bool> {
    let settled = conn
        .prepare_cached(
            "UPDATE batches SET state = ?3, settled_at = ?4, reason = ?5,
                 through_event = coalesce(?6, through_event,
                                          (SELECT newest_event FROM turns WHERE id = turn_id))
             WHERE id = ?1 AND state = ?2 RETURNING turn_id, through_event",
        )?
        .query_row(
            params![
                batch.0,
                from.as_str(),
                end.state.as_str(),
                end.now.0,
                end.reason,
                end.through.map(|through| through.0)
            ],
            |row| Ok((TurnId(row.get(0)?), EventId(row.get(1)?))),
        )
        .optional()?;
    let Some((turn, through)) = settled else { return Ok(false) };
    if end.state != BatchState::Parked {
        ledger::forget_replies(conn, batch)?;
    }
    turns::observed(conn, turn, batch, through)?;
    Ok(true)
}

/// What a reply needs to know of its batch to be written down.
pub(crate) struct Part {
    pub(crate) turn: TurnId,
    pub(crate) number: u32,
    pub(crate) after: EventId,
    /// Whether a newer order for the turn has brought results already.
    pub(crate) overtaken: bool,
}

pub(crate) fn part(conn: &Connection, batch: BatchId) -> rusqlite::Result<Part> {
    conn.prepare_cached(
        "SELECT turn_id, part, after_event,
                EXISTS (SELECT 1 FROM batches later WHERE later.turn_id = b.turn_id AND later.state = 'done'
                        AND later.id > b.id)
         FROM batches b WHERE id = ?1",
    )?
    .query_row([batch.0], |row| {
        Ok(Part {
            turn: TurnId(row.get(0)?),
            number: row.get(1)?,
            after: EventId(row.get(2)?),
            overtaken: row.get(3)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sessions, upkeep};

    #[test]
    fn what_is_asked_all_the_time_comes_from_an_index() {
        let folder = tempfile::TempDir::new().unwrap();
        let store =
            crate::Store::open(&folder.path().join("memory.db"), Timestamp(0), folder.path()).unwrap();
        let cases: [(&str, &[&str]); 7] = [
            (&turns::select(turns::TO_OBSERVE), &["turns_unobserved", "batches_unsettled"]),
            (&select(DUE), &["batches_by_state"]),
            (&select(UNSETTLED), &["batches_unsettled"]),
            (NEXT_DUE, &["batches_by_state"]),
            (&ledger::spent_sql(), &["requests_by_time"]),
            (sessions::CLOSE_IDLE, &["sessions_open", "batches_unsettled_by_session"]),
            (upkeep::OLDEST, &["events_to_prune", "batches_unsettled"]),
        ];
        for (sql, indexes) in cases {
            let plan: Vec<String> = store
                .run(|conn| {
                    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                    statement.raw_query().mapped(|row| row.get(3)).collect()
                })
                .unwrap();
            let plan = plan.join("\n");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
            for index in indexes {
                assert!(plan.contains(index), "{sql}\n{plan}");
            }
        }
    }
}
