//! The raw happenings, as they were kept: put once, read back exactly.
//!
//! Idempotent: an event whose natural key is complete in itself is stored once, whoever brings it again.

use mem_core::event::{Agent, Body, Event, NaturalKey, Subagent};
use mem_core::id::{EventId, ObservationId, ProjectId, SessionId, SessionRow, TurnId};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, Params, Row, params};

use crate::error::StoreError;
use crate::open::Reader;
use crate::payload::{self, Press};
use crate::write::Tx;
use crate::{index, sessions, turns};

/// Where an event took place, beyond its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The project.
    pub project: ProjectId,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Name of the linked worktree, when it is one.
    pub worktree: Option<String>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is in the store now.
    Stored {
        /// Its row.
        event: EventId,
        /// The turn it belongs to; none before the first prompt and between turns.
        turn: Option<TurnId>,
        /// Its session's row.
        session: SessionRow,
    },
    /// It was there before; nothing changed.
    Duplicate,
}

/// An event as it stands in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Its row.
    pub id: EventId,
    /// Its session's row.
    pub session: SessionRow,
    /// The turn it belongs to.
    pub turn: Option<TurnId>,
    /// Where it took place.
    pub spot: Spot,
    /// When it was put into the store.
    pub stored_at: Timestamp,
    /// What happened. A payload that cannot be read is a [`Body::Raw`] under the name of its kind.
    pub event: Event,
}

const SELECT_EVENT: &str = "
    SELECT e.id, e.session_id, e.turn_id, e.project_id, e.branch, e.worktree, e.stored_at, e.key, e.ordinal,
           e.kind, e.at, e.cwd, e.prompt_id, e.subagent_id, e.subagent_kind, e.payload_bytes, e.payload,
           s.agent, s.agent_session, CASE WHEN e.kind = 'prompted' THEN t.prompt END
    FROM events e JOIN sessions s ON s.id = e.session_id LEFT JOIN turns t ON t.id = e.turn_id";

impl Reader {
    /// The event of that row; `None` too when it was pruned.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn event(&self, id: EventId) -> Result<Option<EventRow>, StoreError> {
        Ok(self.events_where("e.id = ?1", [id.0])?.pop())
    }

    /// The events an observation was made from, in its order; those that were pruned are passed over.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn sources_of(&self, observation: ObservationId) -> Result<Vec<EventRow>, StoreError> {
        self.events_where(
            "e.id IN (SELECT event_id FROM observation_sources WHERE observation_id = ?1)
             ORDER BY (SELECT min(position) FROM observation_sources
                       WHERE observation_id = ?1 AND event_id = e.id)",
            [observation.0],
        )
    }

    pub(crate) fn events_where(
        &self,
        filter: &str,
        params: impl Params,
    ) -> Result<Vec<EventRow>, StoreError> {
        let mut press = self.press.borrow_mut();
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_EVENT} WHERE {filter}"))?
                .query_map(params, |row| read_event(row, &mut press))?
                // An event of an agent we do not know comes from a newer version.
                .filter_map(Result::transpose)
                .collect()
        })
    }
}

impl Tx<'_> {
    /// Stores an event that happened at `spot`, with its session and turn, unless it is there already.
    ///
    /// Counting it (`stored`, or `filtered:duplicate`) is left to the caller, who knows the frame.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn put_event(&self, event: &Event, spot: &Spot, now: Timestamp) -> Result<Put, StoreError> {
        let plain = payload::encode(&event.body, event.transcript.as_deref());
        let packed = self
            .press
            .borrow_mut()
            .pack(&plain)
            .map_err(|source| StoreError::Io { path: self.path().to_path_buf(), source })?;
        self.run(|conn| {
            let known = sessions::find(conn, event)?;
            let Some((key, ordinal)) = number(conn, known, &event.key)? else { return Ok(Put::Duplicate) };
            let session = match known {
                Some(session) => session,
                None => sessions::create(conn, event, spot)?,
            };
            let placed = turns::place(conn, session, event, spot)?;
            let turn = placed.map(|placed| placed.turn);
            sessions::advance(conn, session, event, spot, packed.len())?;
            conn.prepare_cached(
                "UPDATE projects SET last_event_at = max(coalesce(last_event_at, ?2), ?2) WHERE id = ?1",
            )?
            .execute(params![spot.project.0, event.at.0])?;
            let subagent = event.subagent.as_ref();
            let id = conn
                .prepare_cached(
                    "INSERT INTO events (session_id, turn_id, project_id, key, ordinal, kind, tool, at,
                         stored_at, cwd, branch, worktree, prompt_id, subagent_id, subagent_kind,
                         payload_bytes, payload)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
                )?
                .insert(params![
                    session.0,
                    turn.map(|turn| turn.0),
                    spot.project.0,
                    key,
                    ordinal,
                    event.body.kind(),
                    tool_of(&event.body),
                    event.at.0,
                    now.0,
                    event.cwd,
                    spot.branch,
                    spot.worktree,
                    event.prompt_id,
                    subagent.map(|subagent| subagent.id.as_str()),
                    subagent.map(|subagent| subagent.kind.as_str()),
                    plain.len() as i64,
                    packed,
                ])
                .map(EventId)?;
            if index::is_answer(&event.body) {
                index::due(conn, DocId::Answer(id), event.at)?;
            }
            if let Some(placed) = placed {
                turns::advance(conn, placed, id, event.at, spot.branch.as_deref())?;
            }
            Ok(Put::Stored { event: id, turn, session })
        })
    }
}

fn tool_of(body: &Body) -> Option<&str> {
    match body {
        Body::ToolUsed(call) => Some(&call.tool),
        _ => None,
    }
}

/// The stored form of a natural key: its text, and 0 or the number of its occurrence in the session.
/// `None` when the event is known already.
fn number<'k>(
    conn: &Connection,
    session: Option<SessionRow>,
    key: &'k NaturalKey,
) -> rusqlite::Result<Option<(&'k str, i64)>> {
    let session = session.map(|session| session.0);
    match key {
        NaturalKey::Fixed(text) => {
            let known = conn
                .prepare_cached("SELECT 1 FROM events WHERE session_id = ?1 AND key = ?2 AND ordinal = 0")?
                .exists(params![session, text])?;
            Ok((!known).then_some((text, 0)))
        }
        // The highest, not the count: pruning must not make an ordinal free again while later ones stand.
        NaturalKey::Counted(text) => conn
            .prepare_cached(
                "SELECT coalesce(max(ordinal), 0) + 1 FROM events WHERE session_id = ?1 AND key = ?2",
            )?
            .query_row(params![session, text], |row| Ok(Some((text.as_str(), row.get(0)?)))),
    }
}

fn read_event(row: &Row, press: &mut Press) -> rusqlite::Result<Option<EventRow>> {
    let Some(agent) = Agent::parse(row.get_ref(17)?.as_str()?) else { return Ok(None) };
    let kind = row.get_ref(9)?.as_str()?;
    let packed = row.get_ref(16)?.as_blob()?;
    let len = row.get::<_, i64>(15)?.max(0) as usize;
    let (mut body, transcript) = match press.unpack(packed, len) {
        Some(plain) => payload::decode(kind, &plain),
        None => (payload::unreadable(kind, &[]), None),
    };
    if let Body::Prompted { prompt } = &mut body {
        *prompt = row.get::<_, Option<String>>(19)?.unwrap_or_default();
    }
    let subagent = match row.get(13)? {
        Some(id) => Some(Subagent { id, kind: row.get::<_, Option<String>>(14)?.unwrap_or_default() }),
        None => None,
    };
    let key: String = row.get(7)?;
    Ok(Some(EventRow {
        id: EventId(row.get(0)?),
        session: SessionRow(row.get(1)?),
        turn: row.get::<_, Option<i64>>(2)?.map(TurnId),
        spot: Spot { project: ProjectId(row.get(3)?), branch: row.get(4)?, worktree: row.get(5)? },
        stored_at: Timestamp(row.get(6)?),
        event: Event {
            agent,
            session: SessionId(row.get(18)?),
            at: Timestamp(row.get(10)?),
            cwd: row.get(11)?,
            transcript,
            prompt_id: row.get(12)?,
            subagent,
            key: if row.get::<_, i64>(8)? == 0 { NaturalKey::Fixed(key) } else { NaturalKey::Counted(key) },
            body,
        },
    }))
}
