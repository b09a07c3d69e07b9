//! Summaries: what a turn amounted to.

use mem_core::id::{ProjectId, SessionId, SummaryId, TurnId};
use mem_core::observation::{Distiller, Summary, SummaryRecord};
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::distilled::Origin;
use super::text::{self, HitId};
use crate::error::StoreError;
use crate::open::Reader;
use crate::write::new_uuid;

const SELECT_SUMMARY: &str = "
    SELECT m.id, m.uuid, m.project_id, s.agent_session, m.turn_id, m.at, m.branch, m.by,
           m.request, m.investigated, m.learned, m.completed, m.next_steps, m.notes
    FROM summaries m JOIN sessions s ON s.id = m.session_id";

impl Reader {
    /// The newest summaries of a project.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn summaries(&self, project: ProjectId, limit: usize) -> Result<Vec<SummaryRecord>, StoreError> {
        self.summaries_where(
            "m.project_id = ?1 ORDER BY m.at DESC, m.id DESC LIMIT ?2",
            params![project.0, limit as i64],
        )
    }

    /// The summary of that row.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn summary(&self, id: SummaryId) -> Result<Option<SummaryRecord>, StoreError> {
        Ok(self.summaries_where("m.id = ?1", [id.0])?.pop())
    }

    fn summaries_where(&self, filter: &str, params: impl Params) -> Result<Vec<SummaryRecord>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_SUMMARY} WHERE {filter}"))?
                .query_map(params, read_summary)?
                .collect()
        })
    }
}

fn read_summary(row: &Row) -> rusqlite::Result<SummaryRecord> {
    Ok(SummaryRecord {
        id: SummaryId(row.get(0)?),
        uuid: row.get(1)?,
        project: ProjectId(row.get(2)?),
        session: SessionId(row.get(3)?),
        turn: TurnId(row.get(4)?),
        at: Timestamp(row.get(5)?),
        branch: row.get(6)?,
        by: Distiller::parse(row.get_ref(7)?.as_str()?),
        summary: Summary {
            request: row.get(8)?,
            investigated: row.get(9)?,
            learned: row.get(10)?,
            completed: row.get(11)?,
            next_steps: row.get(12)?,
            notes: row.get(13)?,
        },
    })
}

/// Writes a turn's summary; the row keeps its id, and nothing is touched when it says the same as before.
pub(super) fn put(conn: &Connection, origin: &Origin, said: &Summary) -> rusqlite::Result<()> {
    let hash = content_hash(said, origin);
    let same = conn
        .prepare_cached("SELECT 1 FROM summaries WHERE turn_id = ?1 AND by = ?2 AND content_hash = ?3")?
        .exists(params![origin.turn.0, origin.by.as_str(), hash])?;
    if same {
        return Ok(());
    }
    let id = conn
        .prepare_cached(
            "INSERT INTO summaries (uuid, project_id, session_id, turn_id, by, at, branch, written_at,
                 content_hash, request, investigated, learned, completed, next_steps, notes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (turn_id, by) DO UPDATE
             SET project_id = ?2, at = ?6, branch = ?7, written_at = ?8, content_hash = ?9, request = ?10,
                 investigated = ?11, learned = ?12, completed = ?13, next_steps = ?14, notes = ?15
             RETURNING id",
        )?
        .query_row(
            params![
                new_uuid(origin.now),
                origin.project.0,
                origin.session.0,
                origin.turn.0,
                origin.by.as_str(),
                origin.at.0,
                origin.branch,
                origin.now.0,
                hash,
                said.request,
                said.investigated,
                said.learned,
                said.completed,
                said.next_steps,
                said.notes
            ],
            |row| row.get(0).map(SummaryId),
        )?;
    text::index(conn, HitId::Summary(id)).map(drop)
}

/// Removes what this distiller wrote about this turn.
pub(super) fn remove(conn: &Connection, origin: &Origin) -> rusqlite::Result<()> {
    let gone = conn
        .prepare_cached("DELETE FROM summaries WHERE turn_id = ?1 AND by = ?2 RETURNING id")?
        .query_row(params![origin.turn.0, origin.by.as_str()], |row| row.get(0).map(SummaryId))
        .optional()?;
    match gone {
        Some(id) => text::remove(conn, HitId::Summary(id)),
        None => Ok(()),
    }
}

fn content_hash(said: &Summary, origin: &Origin) -> Vec<u8> {
    let mut hash = origin.hash();
    for text in
        [&said.request, &said.investigated, &said.learned, &said.completed, &said.next_steps, &said.notes]
    {
        hash.text(text);
    }
    hash.finish()
}
