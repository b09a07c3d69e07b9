//! Turns: one prompt and what followed. Which turn an event belongs to is decided here, since it depends on
//! what is already stored.
//!
//! A prompt opens a turn and closes the one before it; an answer, the session's end or a new start closes it.
//! What still arrives for a closed turn joins it and marks it changed, so that it is distilled again.

use mem_core::event::{Agent, Body, Event, StartSource};
use mem_core::id::{BatchId, EventId, ProjectId, SessionId, SessionRow, TurnId};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::error::StoreError;
use crate::events::Spot;
use crate::index::due;
use crate::open::Reader;

/// A turn as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnRow {
    /// Its row.
    pub id: TurnId,
    /// Its session's row.
    pub session: SessionRow,
    /// Whose session that is.
    pub agent: Agent,
    /// The agent's id of that session.
    pub agent_session: SessionId,
    /// Its place in the session, from 1, in the order of arrival.
    pub ordinal: u32,
    /// The agent's id of its prompt.
    pub prompt_id: Option<String>,
    /// What the user wrote.
    pub prompt: String,
    /// The project the prompt was written in.
    pub project: ProjectId,
    /// The branch that was checked out last.
    pub branch: Option<String>,
    /// When the prompt was written.
    pub started_at: Timestamp,
    /// Its newest event.
    pub last_at: Timestamp,
    /// When it was answered, or ended otherwise.
    pub closed_at: Option<Timestamp>,
    /// When it was last distilled.
    pub distilled_at: Option<Timestamp>,
    /// Whether something arrived since.
    pub changed: bool,
    /// Its highest event; 0 when it has none.
    pub newest_event: EventId,
    /// The highest event that the observer has settled, by asking, skipping or parking; 0 when none.
    pub model_through: EventId,
}

const SELECT_TURN: &str = "
    SELECT t.id, t.session_id, s.agent, s.agent_session, t.ordinal, t.prompt_id, t.prompt, t.project_id,
           t.branch, t.started_at, t.last_at, t.closed_at, t.distilled_at, t.changed_seq > t.distilled_seq,
           t.newest_event, t.model_through
    FROM turns t JOIN sessions s ON s.id = t.session_id";

/// Answered from `turns_unobserved`, in its order.
pub(crate) const TO_OBSERVE: &str = "
    t.newest_event > t.model_through AND t.changed_seq <= t.distilled_seq AND t.pruned_at IS NULL
    AND (t.closed_at IS NOT NULL OR t.last_at < ?1) AND t.last_at >= ?3
    AND NOT EXISTS (SELECT 1 FROM batches WHERE turn_id = t.id AND settled_at IS NULL)
    ORDER BY t.last_at, t.id LIMIT ?2";

impl Reader {
    /// Turns that wait for the distiller, the longest silent first: closed and changed since they were
    /// distilled, or open with nothing new after `quiet_before`. Turns whose events were pruned never come.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turns_to_distil(&self, quiet_before: Timestamp, limit: usize) -> Result<Vec<TurnRow>, StoreError> {
        self.turns_where(
            "t.changed_seq > t.distilled_seq AND t.pruned_at IS NULL
             AND (t.closed_at IS NOT NULL OR t.last_at < ?1) ORDER BY t.last_at, t.id LIMIT ?2",
            params![quiet_before.0, limit as i64],
        )
    }

    /// Turns that wait for the observer, the longest silent first: with an event at or after `since`, distilled locally as they stand, closed or with
    /// nothing new after `quiet_before`, with events it has not settled, and without an unsettled batch. Turns whose
    /// events were pruned never come.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turns_to_observe(
        &self,
        since: Timestamp,
        quiet_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<TurnRow>, StoreError> {
        self.turns_where(TO_OBSERVE, params![quiet_before.0, limit as i64, since.0])
    }

    /// All turns that nothing has closed yet, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn open_turns(&self) -> Result<Vec<TurnRow>, StoreError> {
        self.turns_where("t.closed_at IS NULL ORDER BY t.last_at, t.id", [])
    }

    /// The turns of a session, in their order.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn session_turns(&self, session: SessionRow) -> Result<Vec<TurnRow>, StoreError> {
        self.turns_where("t.session_id = ?1 ORDER BY t.ordinal", [session.0])
    }

    /// The turn of that row.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turn(&self, id: TurnId) -> Result<Option<TurnRow>, StoreError> {
        Ok(self.turns_where("t.id = ?1", [id.0])?.pop())
    }

    /// What the user wrote to begin this turn.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turn_prompt(&self, id: TurnId) -> Result<Option<String>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT prompt FROM turns WHERE id = ?1")?
                .query_row([id.0], |row| row.get(0))
                .optional()
        })
    }

    /// The events of a turn, in the order they happened.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turn_events(&self, id: TurnId) -> Result<Vec<(EventId, Event)>, StoreError> {
        let rows = self.events_where("e.turn_id = ?1 ORDER BY e.at, e.id", [id.0])?;
        Ok(rows.into_iter().map(|row| (row.id, row.event)).collect())
    }

    /// The events of a turn that came into the store after `after`, in the order they happened.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turn_events_after(&self, id: TurnId, after: EventId) -> Result<Vec<(EventId, Event)>, StoreError> {
        let rows = self.events_where("e.turn_id = ?1 AND e.id > ?2 ORDER BY e.at, e.id", [id.0, after.0])?;
        Ok(rows.into_iter().map(|row| (row.id, row.event)).collect())
    }

    fn turns_where(&self, filter: &str, params: impl Params) -> Result<Vec<TurnRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&select(filter))?
                .query_map(params, read_turn)?
                // A turn of an agent we do not know comes from a newer version.
                .filter_map(Result::transpose)
                .collect()
        })
    }
}

pub(crate) fn select(filter: &str) -> String {
    format!("{SELECT_TURN} WHERE {filter}")
}

fn read_turn(row: &Row) -> rusqlite::Result<Option<TurnRow>> {
    let Some(agent) = Agent::parse(row.get_ref(2)?.as_str()?) else { return Ok(None) };
    Ok(Some(TurnRow {
        id: TurnId(row.get(0)?),
        session: SessionRow(row.get(1)?),
        agent,
        agent_session: SessionId(row.get(3)?),
        ordinal: row.get(4)?,
        prompt_id: row.get(5)?,
        prompt: row.get(6)?,
        project: ProjectId(row.get(7)?),
        branch: row.get(8)?,
        started_at: Timestamp(row.get(9)?),
        last_at: Timestamp(row.get(10)?),
        closed_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        distilled_at: row.get::<_, Option<i64>>(12)?.map(Timestamp),
        changed: row.get(13)?,
        newest_event: EventId(row.get(14)?),
        model_through: EventId(row.get(15)?),
    }))
}

/// The turn of an event, and whether the event closes it.
#[derive(Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) turn: TurnId,
    closes: bool,
}

/// Finds or opens the turn of an event that is about to be stored; [`advance`] takes it into account once it is.
pub(crate) fn place(
    conn: &Connection,
    session: SessionRow,
    event: &Event,
    spot: &Spot,
) -> rusqlite::Result<Option<Placed>> {
    let (turn, closes) = match &event.body {
        Body::Prompted { prompt } => (Some(begin(conn, session, event, spot, prompt)?), false),
        Body::SessionStarted { source, .. } if *source != StartSource::Compact => {
            close_open(conn, session, event.at)?;
            (None, false)
        }
        Body::SessionEnded { .. } => (newest_open(conn, session, Some(event.at))?, true),
        // A subagent's last words do not end the turn it works for.
        Body::Answered { .. } | Body::AnswerFailed { .. } => {
            (join(conn, session, event)?, event.subagent.is_none())
        }
        _ => (join(conn, session, event)?, false),
    };
    Ok(turn.map(|turn| Placed { turn, closes }))
}

/// Opens a turn. One that comes late, after a newer one began, is closed from the start.
fn begin(
    conn: &Connection,
    session: SessionRow,
    event: &Event,
    spot: &Spot,
    prompt: &str,
) -> rusqlite::Result<TurnId> {
    let (newest, ordinal): (Option<i64>, i64) = conn
        .prepare_cached(
            "SELECT max(started_at), coalesce(max(ordinal), 0) + 1 FROM turns WHERE session_id = ?1",
        )?
        .query_row([session.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let late = newest.is_some_and(|newest| newest > event.at.0);
    if !late {
        close_open(conn, session, event.at)?;
    }
    let turn = conn
        .prepare_cached(
            "INSERT INTO turns (session_id, ordinal, prompt_id, prompt, project_id, branch, started_at, last_at,
                                closed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)",
        )?
        .insert(params![
            session.0,
            ordinal,
            event.prompt_id,
            prompt,
            spot.project.0,
            spot.branch,
            event.at.0,
            late.then_some(event.at.0)
        ])
        .map(TurnId)?;
    due(conn, DocId::Prompt(turn), event.at)?;
    Ok(turn)
}

/// Closes what was open when something at `at` put an end to it.
fn close_open(conn: &Connection, session: SessionRow, at: Timestamp) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE turns SET closed_at = max(last_at, ?2)
         WHERE session_id = ?1 AND closed_at IS NULL AND started_at <= ?2",
    )?
    .execute(params![session.0, at.0])
    .map(drop)
}

/// The turn that an event without a prompt of its own belongs to: the one whose prompt it names, else the
/// newest that had begun, else (a clock that went back) the one that is open.
fn join(conn: &Connection, session: SessionRow, event: &Event) -> rusqlite::Result<Option<TurnId>> {
    if let Some(prompt_id) = &event.prompt_id {
        let named = conn
            .prepare_cached(
                "SELECT id FROM turns WHERE session_id = ?1 AND prompt_id = ?2 ORDER BY ordinal DESC LIMIT 1",
            )?
            .query_row(params![session.0, prompt_id], |row| row.get(0).map(TurnId))
            .optional()?;
        if named.is_some() {
            return Ok(named);
        }
    }
    let begun = conn
        .prepare_cached(
            "SELECT id FROM turns WHERE session_id = ?1 AND started_at <= ?2
             ORDER BY started_at DESC, ordinal DESC LIMIT 1",
        )?
        .query_row(params![session.0, event.at.0], |row| row.get(0).map(TurnId))
        .optional()?;
    match begun {
        Some(turn) => Ok(Some(turn)),
        None => newest_open(conn, session, None),
    }
}

fn newest_open(
    conn: &Connection,
    session: SessionRow,
    begun_by: Option<Timestamp>,
) -> rusqlite::Result<Option<TurnId>> {
    conn.prepare_cached(
        "SELECT id FROM turns WHERE session_id = ?1 AND closed_at IS NULL AND (?2 IS NULL OR started_at <= ?2)
         ORDER BY ordinal DESC LIMIT 1",
    )?
    .query_row(params![session.0, begun_by.map(|at| at.0)], |row| row.get(0).map(TurnId))
    .optional()
}

/// Takes an event that was stored as `id` into account.
pub(crate) fn advance(
    conn: &Connection,
    placed: Placed,
    id: EventId,
    at: Timestamp,
    branch: Option<&str>,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE turns SET
             branch = coalesce(?3, branch),
             closed_at = CASE WHEN ?4 THEN coalesce(closed_at, max(last_at, ?2)) ELSE closed_at END,
             last_at = max(last_at, ?2),
             newest_event = max(newest_event, ?5),
             changed_seq = changed_seq + 1
         WHERE id = ?1",
    )?
    .execute(params![placed.turn.0, at.0, branch, placed.closes, id.0])
    .map(drop)
}

/// Notes that the observer has settled a turn up to an event, on behalf of a batch; nothing when a newer order for the
/// turn has begun, which starts over by itself.
pub(crate) fn observed(
    conn: &Connection,
    turn: TurnId,
    batch: BatchId,
    through: EventId,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE turns SET model_through = max(model_through, ?3)
         WHERE id = ?1
           AND NOT EXISTS (SELECT 1 FROM batches WHERE turn_id = ?1 AND id > ?2 AND part = 1)",
    )?
    .execute([turn.0, batch.0, through.0])
    .map(drop)
}
