//! The documents themselves: the text that is indexed and shown, and what is known of it. Read from the rows they are.

use mem_core::event::{Agent, Body};
use mem_core::id::{EventId, ObservationId, ProjectId, SessionId, SessionRow, SummaryId, TurnId};
use mem_core::recall::{DocId, DocKind};
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::StoreError;
use crate::open::Reader;
use crate::payload::{self, Press};

/// Characters of the title of a prompt or an answer.
const TITLE: usize = 160;

/// A document as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which.
    pub id: DocId,
    /// One line.
    pub title: String,
    /// All of it, the title first. Passages are ranges of it.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
    /// Where it belongs.
    pub project: ProjectId,
    /// Its session.
    pub session: SessionRow,
    /// The agent's id of its session.
    pub agent_session: SessionId,
    /// The agent, by its name.
    pub agent: String,
    /// Its turn; an answer may have none.
    pub turn: Option<TurnId>,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Name of the linked worktree.
    pub worktree: Option<String>,
    /// Of an observation: its type.
    pub of_type: Option<String>,
    /// Of an observation: its concepts.
    pub concepts: Vec<String>,
    /// Of an observation: the files it changed, then those it read.
    pub files: Vec<String>,
    /// Of an answer and a commit: the event that shows it.
    pub event: Option<EventId>,
    /// Of an observation: the events it was made from.
    pub sources: Vec<EventId>,
    /// What replaced it.
    pub superseded_by: Option<DocId>,
}

/// title, text, at, project, session, turn, branch, type, superseded_by, concepts, event.
const OBSERVATION: &str = "
    SELECT d.title, concat_ws(char(10), d.title, nullif(d.subtitle, ''), nullif(d.narrative, ''),
               (SELECT group_concat(value, char(10)) FROM json_each(d.facts)),
               (SELECT group_concat(value, ' ') FROM json_each(d.concepts)),
               (SELECT group_concat(path, char(10)) FROM (
                   SELECT path FROM observation_files WHERE observation_id = d.id ORDER BY modified DESC, position))),
           d.at, d.project_id, d.session_id, d.turn_id, d.branch, d.kind, d.superseded_by, d.concepts, NULL
    FROM observations d WHERE d.id = ?1";
const SUMMARY: &str = "
    SELECT d.request, concat_ws(char(10), d.request, nullif(d.completed, ''), nullif(d.learned, ''),
               nullif(d.investigated, ''), nullif(d.next_steps, ''), nullif(d.notes, '')),
           d.at, d.project_id, d.session_id, d.turn_id, d.branch, NULL, d.superseded_by, NULL, NULL
    FROM summaries d WHERE d.id = ?1";
const PROMPT: &str = "
    SELECT NULL, d.prompt, d.started_at, d.project_id, d.session_id, d.id, d.branch, NULL, NULL, NULL, NULL
    FROM turns d WHERE d.id = ?1";
const COMMIT: &str = "
    SELECT d.subject, concat_ws(char(10), d.subject, nullif(d.why, ''), nullif(d.hash, '')),
           d.at, d.project_id, d.session_id, d.turn_id, d.branch, NULL, NULL, NULL, d.event_id
    FROM commits d WHERE d.id = ?1";

impl Reader {
    /// A document; `None` when there is none (any more) by that id.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn document(&self, id: DocId) -> Result<Option<Document>, StoreError> {
        let found = match id {
            DocId::Answer(event) => return self.said(id, event.0),
            DocId::Observation(_) => self.run(|conn| read(conn, OBSERVATION, id)),
            DocId::Summary(_) => self.run(|conn| read(conn, SUMMARY, id)),
            DocId::Prompt(_) => self.run(|conn| read(conn, PROMPT, id)),
            DocId::Commit(_) => self.run(|conn| read(conn, COMMIT, id)),
        }?;
        Ok(found)
    }

    /// The text of a document alone; see [`Document::text`].
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn document_text(&self, id: DocId) -> Result<Option<String>, StoreError> {
        let sql = match id {
            DocId::Observation(_) => OBSERVATION,
            DocId::Summary(_) => SUMMARY,
            DocId::Prompt(_) => PROMPT,
            DocId::Commit(_) => COMMIT,
            DocId::Answer(event) => {
                let mut press = self.press.borrow_mut();
                return self.run(|conn| {
                    conn.prepare_cached("SELECT kind, payload_bytes, payload FROM events WHERE id = ?1")?
                        .query_row([event.0], |row| answered(row, &mut press))
                        .optional()
                        .map(Option::flatten)
                });
            }
        };
        self.run(|conn| conn.prepare_cached(sql)?.query_row([id.row()], |row| row.get(1)).optional())
    }

    /// What stands in the place of a document in the end: itself, unless it was replaced.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn in_force(&self, id: DocId) -> Result<DocId, StoreError> {
        let sql = match id.kind() {
            DocKind::Observation => "SELECT superseded_by FROM observations WHERE id = ?1",
            DocKind::Summary => "SELECT superseded_by FROM summaries WHERE id = ?1",
            DocKind::Prompt | DocKind::Answer | DocKind::Commit => return Ok(id),
        };
        self.run(|conn| {
            let mut at = id.row();
            // a chain is as long as there were corrections; a damaged one may be a ring
            for _step in 0..1000 {
                let next: Option<i64> =
                    conn.prepare_cached(sql)?.query_row([at], |row| row.get(0)).optional()?.flatten();
                let Some(next) = next else { break };
                at = next;
            }
            Ok(DocId::of(id.kind(), at))
        })
    }

    fn said(&self, id: DocId, event: i64) -> Result<Option<Document>, StoreError> {
        let mut press = self.press.borrow_mut();
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT e.kind, e.payload_bytes, e.payload, e.at, e.project_id, e.session_id, e.turn_id, e.branch,
                        e.worktree, s.agent, s.agent_session
                 FROM events e JOIN sessions s ON s.id = e.session_id WHERE e.id = ?1",
            )?
            .query_row([event], |row| {
                let Some(text) = answered(row, &mut press)? else { return Ok(None) };
                Ok(Some(Document {
                    id,
                    title: one_line(&text, TITLE),
                    text,
                    at: Timestamp(row.get(3)?),
                    project: ProjectId(row.get(4)?),
                    session: SessionRow(row.get(5)?),
                    turn: row.get::<_, Option<i64>>(6)?.map(TurnId),
                    branch: row.get(7)?,
                    worktree: row.get(8)?,
                    agent: row.get(9)?,
                    agent_session: SessionId(row.get(10)?),
                    of_type: None,
                    concepts: Vec::new(),
                    files: Vec::new(),
                    event: Some(EventId(event)),
                    sources: Vec::new(),
                    superseded_by: None,
                }))
            })
            .optional()
            .map(Option::flatten)
        })
    }
}

/// What the agent said, of a row that begins with kind, length and payload of an event.
fn answered(row: &Row, press: &mut Press) -> rusqlite::Result<Option<String>> {
    let len = row.get::<_, i64>(1)?.max(0) as usize;
    let Some(plain) = press.unpack(row.get_ref(2)?.as_blob()?, len) else { return Ok(None) };
    let (body, _) = payload::decode(row.get_ref(0)?.as_str()?, &plain);
    Ok(match body {
        Body::Answered { said } | Body::SubagentStopped { said } => Some(said),
        Body::Compacted { summary, .. } => Some(summary),
        _ => None,
    })
}

/// Whether the agent's words in this event are a document.
pub(crate) fn is_answer(body: &Body) -> bool {
    match body {
        Body::Answered { said } | Body::SubagentStopped { said } => !said.trim().is_empty(),
        Body::Compacted { summary, .. } => !summary.trim().is_empty(),
        _ => false,
    }
}

fn read(conn: &Connection, sql: &str, id: DocId) -> rusqlite::Result<Option<Document>> {
    let found = conn.prepare_cached(sql)?.query_row([id.row()], |row| of_row(row, id)).optional()?;
    let Some(mut found) = found else { return Ok(None) };
    let session = conn
        .prepare_cached("SELECT agent, agent_session FROM sessions WHERE id = ?1")?
        .query_row([found.session.0], |row| Ok((row.get(0)?, SessionId(row.get(1)?))))
        .optional()?;
    if let Some((agent, agent_session)) = session {
        (found.agent, found.agent_session) = (agent, agent_session);
    }
    if let Some(turn) = found.turn {
        found.worktree = conn
            .prepare_cached("SELECT max(worktree) FROM events WHERE turn_id = ?1")?
            .query_row([turn.0], |row| row.get(0))?;
    }
    if matches!(id, DocId::Observation(_)) {
        found.files = conn
            .prepare_cached(
                "SELECT path FROM observation_files WHERE observation_id = ?1 ORDER BY modified DESC, position",
            )?
            .query_map([id.row()], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        found.sources = conn
            .prepare_cached(
                "SELECT event_id FROM observation_sources WHERE observation_id = ?1 ORDER BY position",
            )?
            .query_map([id.row()], |row| row.get(0).map(EventId))?
            .collect::<rusqlite::Result<_>>()?;
    }
    Ok(Some(found))
}

fn of_row(row: &Row, id: DocId) -> rusqlite::Result<Document> {
    let text: String = row.get(1)?;
    let title = match row.get::<_, Option<String>>(0)? {
        Some(title) => title,
        None => one_line(&text, TITLE),
    };
    let by = row.get::<_, Option<i64>>(8)?;
    Ok(Document {
        id,
        title,
        text,
        at: Timestamp(row.get(2)?),
        project: ProjectId(row.get(3)?),
        session: SessionRow(row.get(4)?),
        agent_session: SessionId(String::new()),
        agent: Agent::ClaudeCode.as_str().to_owned(),
        turn: row.get::<_, Option<i64>>(5)?.map(TurnId),
        branch: row.get(6)?,
        worktree: None,
        of_type: row.get(7)?,
        concepts: row
            .get::<_, Option<String>>(9)?
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default(),
        files: Vec::new(),
        event: row.get::<_, Option<i64>>(10)?.map(EventId),
        sources: Vec::new(),
        superseded_by: by.map(|by| match id {
            DocId::Summary(_) => DocId::Summary(SummaryId(by)),
            _ => DocId::Observation(ObservationId(by)),
        }),
    })
}
