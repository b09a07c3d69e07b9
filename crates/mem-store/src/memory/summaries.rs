//! Summaries: what a turn amounted to.

use mem_core::id::{ProjectId, RequestId, SessionId, SummaryId, TurnId};
use mem_core::observation::{Distiller, Summary, SummaryRecord};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::distilled::Origin;
use crate::error::StoreError;
use crate::index::due;
use crate::open::Reader;
use crate::write::new_uuid;

const SELECT_SUMMARY: &str = "
    SELECT m.id, m.uuid, m.project_id, s.agent_session, m.turn_id, m.at, m.branch, m.by,
           m.request, m.investigated, m.learned, m.completed, m.next_steps, m.notes
    FROM summaries m JOIN sessions s ON s.id = m.session_id";

/// Answered from one index, however many summaries there are.
const NEWEST: &str = "m.project_id = ?1 AND m.superseded_by IS NULL ORDER BY m.at DESC, m.id DESC LIMIT ?2";

/// The columns that [`read_said`] reads, of `summaries m`.
pub(super) const SAID: &str = "m.request, m.investigated, m.learned, m.completed, m.next_steps, m.notes";

impl Reader {
    /// The newest summaries of a project that nothing has replaced.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn summaries(&self, project: ProjectId, limit: usize) -> Result<Vec<SummaryRecord>, StoreError> {
        self.summaries_where(NEWEST, params![project.0, limit as i64])
    }

    /// The summary of that row, also one that was replaced.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn summary(&self, id: SummaryId) -> Result<Option<SummaryRecord>, StoreError> {
        Ok(self.summaries_where("m.id = ?1", [id.0])?.pop())
    }

    /// What stands in the place of a summary, if anything does.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn summary_replaced_by(&self, id: SummaryId) -> Result<Option<SummaryId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT superseded_by FROM summaries WHERE id = ?1")?
                .query_row([id.0], |row| Ok(row.get::<_, Option<i64>>(0)?.map(SummaryId)))
                .optional()
                .map(Option::flatten)
        })
    }

    /// What a summary stands in the place of.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn summaries_replaced_by(&self, id: SummaryId) -> Result<Vec<SummaryId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT id FROM summaries WHERE superseded_by = ?1 ORDER BY id")?
                .query_map([id.0], |row| row.get(0).map(SummaryId))?
                .collect()
        })
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
        summary: read_said(row, 8)?,
    })
}

/// What a summary says, from column `first` on.
pub(super) fn read_said(row: &Row, first: usize) -> rusqlite::Result<Summary> {
    Ok(Summary {
        request: row.get(first)?,
        investigated: row.get(first + 1)?,
        learned: row.get(first + 2)?,
        completed: row.get(first + 3)?,
        next_steps: row.get(first + 4)?,
        notes: row.get(first + 5)?,
    })
}

/// Writes a turn's summary; the row keeps its id, and nothing is touched when it says the same as before. One that
/// was replaced and changed is back in sight when the turn has events that the observer has not settled.
pub(super) fn put(conn: &Connection, origin: &Origin, said: &Summary) -> rusqlite::Result<SummaryId> {
    let hash = content_hash(said, origin);
    let same = conn
        .prepare_cached("SELECT id FROM summaries WHERE turn_id = ?1 AND by = ?2 AND content_hash = ?3")?
        .query_row(params![origin.turn.0, origin.by.as_str(), hash], |row| row.get(0).map(SummaryId))
        .optional()?;
    if let Some(same) = same {
        return Ok(same);
    }
    let id = conn
        .prepare_cached(
            "INSERT INTO summaries (uuid, project_id, session_id, turn_id, by, at, branch, written_at,
                 content_hash, request, investigated, learned, completed, next_steps, notes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (turn_id, by) DO UPDATE
             SET project_id = ?2, at = ?6, branch = ?7, written_at = ?8, content_hash = ?9, request = ?10,
                 investigated = ?11, learned = ?12, completed = ?13, next_steps = ?14, notes = ?15,
                 superseded_by = iif((SELECT newest_event > model_through FROM turns WHERE id = ?4), NULL,
                                     superseded_by)
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
    due(conn, DocId::Summary(id), origin.at)?;
    Ok(id)
}

/// Notes the request a summary was made by, and puts it in sight again if it was replaced.
pub(super) fn claim(conn: &Connection, id: SummaryId, request: RequestId) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE summaries SET request_id = ?2, superseded_by = NULL WHERE id = ?1")?
        .execute([id.0, request.0])
        .map(drop)
}

/// Lets a summary stand in the place of all others of its turn.
pub(super) fn supersede_others(conn: &Connection, turn: TurnId, by: SummaryId) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE summaries SET superseded_by = ?2 WHERE turn_id = ?1 AND id <> ?2 AND superseded_by IS NULL",
    )?
    .execute([turn.0, by.0])
    .map(drop)
}

/// Removes what this distiller wrote about this turn; what that had replaced is back in sight.
pub(super) fn remove(conn: &Connection, origin: &Origin) -> rusqlite::Result<()> {
    let gone = conn
        .prepare_cached("DELETE FROM summaries WHERE turn_id = ?1 AND by = ?2 RETURNING id")?
        .query_row(params![origin.turn.0, origin.by.as_str()], |row| row.get(0).map(SummaryId))
        .optional()?;
    gone.map_or(Ok(()), |gone| due(conn, DocId::Summary(gone), Timestamp(0)))
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
