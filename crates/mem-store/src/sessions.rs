//! The agent's sessions: when they ran, where they began, how they ended.

use mem_core::event::{Agent, Body, Event, StartSource};
use mem_core::id::{ProjectId, SessionId, SessionRow};
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::events::Spot;
use crate::open::Reader;
use crate::write::Tx;

/// A session, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionListing {
    /// Its row.
    pub id: SessionRow,
    /// Whose session it is.
    pub agent: Agent,
    /// The agent's id of it.
    pub session: SessionId,
    /// The project it began in.
    pub project: ProjectId,
    /// The directory it began in.
    pub cwd: String,
    /// Path of the agent's transcript, the last that was told.
    pub transcript: Option<String>,
    /// Its first event.
    pub started_at: Timestamp,
    /// Its newest event.
    pub last_at: Timestamp,
    /// When it ended, if it did and did not go on.
    pub ended_at: Option<Timestamp>,
    /// The agent's word for why it ended.
    pub end_reason: Option<String>,
    /// How many turns it has.
    pub turns: u64,
    /// How many of its events are still kept.
    pub events: u64,
    /// How many observations came from it, without those that were replaced.
    pub observations: u64,
    /// What the user asked first.
    pub first_prompt: Option<String>,
}

/// Why a session ended that was only silent for long.
const IDLE: &str = "idle";

const SELECT_SESSION: &str = "
    SELECT s.id, s.agent, s.agent_session, s.project_id, s.cwd, s.transcript, s.started_at, s.last_at,
           s.ended_at, s.end_reason, s.events,
           (SELECT count(*) FROM turns WHERE session_id = s.id),
           (SELECT count(*) FROM observations WHERE session_id = s.id AND superseded_by IS NULL),
           (SELECT prompt FROM turns WHERE session_id = s.id ORDER BY ordinal LIMIT 1)
    FROM sessions s";

const NEWEST: &str = "
    WHERE ?1 IS NULL OR s.project_id = ?1
       OR EXISTS (SELECT 1 FROM turns WHERE session_id = s.id AND project_id = ?1)
    ORDER BY s.last_at DESC, s.id DESC LIMIT ?2";

impl Reader {
    /// The newest sessions, of one project (that they began in or had a turn in) or of all.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn sessions(
        &self,
        project: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<SessionListing>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_SESSION} {NEWEST}"))?
                .query_map(params![project.map(|id| id.0), limit as i64], read_listing)?
                // A session of an agent we do not know comes from a newer version.
                .filter_map(Result::transpose)
                .collect()
        })
    }

    /// The session of that row.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn session(&self, id: SessionRow) -> Result<Option<SessionListing>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_SESSION} WHERE s.id = ?1"))?
                .query_row([id.0], read_listing)
                .optional()
                .map(Option::flatten)
        })
    }
}

/// Answered from `sessions_open` and the turns of those few.
pub(crate) const CLOSE_IDLE: &str = "
    UPDATE sessions SET ended_at = last_at, end_reason = ?3
    WHERE ended_at IS NULL AND last_at < ?1
      AND NOT EXISTS (SELECT 1 FROM batches WHERE session_id = sessions.id AND settled_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM turns
                      WHERE session_id = sessions.id AND pruned_at IS NULL
                        AND (changed_seq > distilled_seq OR (?2 AND newest_event > model_through)))";

impl Reader {
    /// The files that observations of a session name, each once, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn files_of_session(&self, session: SessionRow, limit: usize) -> Result<Vec<String>, StoreError> {
        self.run(|conn| {
            // each once by looking here: SQLite would build a table of them, at three times the cost
            let mut files: Vec<String> = Vec::new();
            let mut found = conn.prepare_cached(
                "SELECT f.path FROM observations o CROSS JOIN observation_files f ON f.observation_id = o.id
                 WHERE o.session_id = ?1",
            )?;
            let mut rows = found.query([session.0])?;
            while files.len() < limit
                && let Some(row) = rows.next()?
            {
                let path = row.get_ref(0)?.as_str()?;
                if !files.iter().any(|known| known == path) {
                    files.push(path.to_owned());
                }
            }
            Ok(files)
        })
    }

    /// Sessions that had not ended before a moment, those that began after it among them.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn sessions_open_at(&self, moment: Timestamp) -> Result<Vec<SessionRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT id FROM sessions WHERE coalesce(ended_at, last_at) >= ?1")?
                .query_map([moment.0], |row| row.get(0).map(SessionRow))?
                .collect()
        })
    }
}

impl Tx<'_> {
    /// Ends the sessions that have been silent since before `before` and that nothing waits in: no turn for the local
    /// distiller nor (while `observing`, that is, a model is chosen) for the observer, and no unsettled batch. Their
    /// end is their last event; a later one takes it back. How many there were.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn close_idle_sessions(&self, before: Timestamp, observing: bool) -> Result<u64, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(CLOSE_IDLE)?
                .execute(params![before.0, observing, IDLE])
                .map(|rows| rows as u64)
        })
    }
}

fn read_listing(row: &rusqlite::Row) -> rusqlite::Result<Option<SessionListing>> {
    let Some(agent) = Agent::parse(row.get_ref(1)?.as_str()?) else { return Ok(None) };
    let count = |at: usize| row.get::<_, i64>(at).map(|n| n.max(0) as u64);
    Ok(Some(SessionListing {
        id: SessionRow(row.get(0)?),
        agent,
        session: SessionId(row.get(2)?),
        project: ProjectId(row.get(3)?),
        cwd: row.get(4)?,
        transcript: row.get(5)?,
        started_at: Timestamp(row.get(6)?),
        last_at: Timestamp(row.get(7)?),
        ended_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        end_reason: row.get(9)?,
        events: count(10)?,
        turns: count(11)?,
        observations: count(12)?,
        first_prompt: row.get(13)?,
    }))
}

/// The row of the event's session, if it has one.
pub(crate) fn find(conn: &Connection, event: &Event) -> rusqlite::Result<Option<SessionRow>> {
    conn.prepare_cached("SELECT id FROM sessions WHERE agent = ?1 AND agent_session = ?2")?
        .query_row([event.agent.as_str(), &event.session.0], |row| row.get(0).map(SessionRow))
        .optional()
}

/// A new session that begins with this event.
pub(crate) fn create(conn: &Connection, event: &Event, spot: &Spot) -> rusqlite::Result<SessionRow> {
    conn.prepare_cached(
        "INSERT INTO sessions (agent, agent_session, project_id, cwd, transcript, started_at, last_at, begun_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6)",
    )?
    .insert(params![
        event.agent.as_str(),
        event.session.0,
        spot.project.0,
        event.cwd,
        event.transcript,
        event.at.0
    ])
    .map(SessionRow)
}

/// Takes an event of `bytes` stored bytes into account.
///
/// The end of a session counts while nothing newer is known; a start after it takes it back, and anything at all an
/// end that we only inferred from silence. A start or resume, which compaction is not, begins the session anew.
pub(crate) fn advance(
    conn: &Connection,
    session: SessionRow,
    event: &Event,
    spot: &Spot,
    bytes: usize,
) -> rusqlite::Result<()> {
    let reason = match &event.body {
        Body::SessionEnded { reason } => Some(reason.as_str()),
        _ => None,
    };
    let starts = matches!(event.body, Body::SessionStarted { .. });
    let begins =
        matches!(&event.body, Body::SessionStarted { source, .. } if *source != StartSource::Compact);
    conn.prepare_cached(
        "UPDATE sessions SET
             project_id = CASE WHEN ?5 AND ?2 <= started_at THEN ?6 ELSE project_id END,
             cwd = CASE WHEN cwd = '' OR (?5 AND ?2 <= started_at) THEN ?7 ELSE cwd END,
             transcript = coalesce(?3, transcript),
             started_at = min(started_at, ?2),
             begun_at = CASE WHEN ?9 THEN max(begun_at, ?2) ELSE begun_at END,
             ended_at = CASE WHEN ?4 IS NOT NULL AND ?2 >= last_at THEN ?2
                             WHEN end_reason = ?10 THEN NULL
                             WHEN ?5 AND ?2 >= ended_at THEN NULL ELSE ended_at END,
             end_reason = CASE WHEN ?4 IS NOT NULL AND ?2 >= last_at THEN ?4
                               WHEN end_reason = ?10 THEN NULL
                               WHEN ?5 AND ?2 >= ended_at THEN NULL ELSE end_reason END,
             last_at = max(last_at, ?2),
             events = events + 1,
             event_bytes = event_bytes + ?8
         WHERE id = ?1",
    )?
    .execute(params![
        session.0,
        event.at.0,
        event.transcript,
        reason,
        starts,
        spot.project.0,
        event.cwd,
        bytes as i64,
        begins,
        IDLE
    ])
    .map(drop)
}
