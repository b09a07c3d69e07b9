//! Observations, with their files and the events they were made from.

use mem_core::id::{EventId, ObservationId, ProjectId, RequestId, SessionId, SessionRow, TurnId};
use mem_core::observation::{Distiller, Observation, ObservationRecord};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::distilled::Origin;
use crate::error::StoreError;
use crate::index::due;
use crate::open::Reader;
use crate::write::{Tx, new_uuid};

const SELECT_OBSERVATION: &str = "
    SELECT o.id, o.uuid, o.project_id, s.agent_session, o.turn_id, o.at, o.branch, o.by, o.superseded_by,
           o.pinned, o.kind, o.title, o.subtitle, o.narrative, o.facts, o.concepts
    FROM observations o JOIN sessions s ON s.id = o.session_id";

/// Answered from one index, however many observations there are.
const NEWEST: &str = "o.project_id = ?1 AND o.superseded_by IS NULL ORDER BY o.at DESC, o.id DESC LIMIT ?2";

impl Reader {
    /// The newest observations of a project that nothing has replaced.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn observations(
        &self,
        project: ProjectId,
        limit: usize,
    ) -> Result<Vec<ObservationRecord>, StoreError> {
        self.observations_where(NEWEST, params![project.0, limit as i64])
    }

    /// The observation of that row, also one that was replaced.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn observation(&self, id: ObservationId) -> Result<Option<ObservationRecord>, StoreError> {
        Ok(self.observations_where("o.id = ?1", [id.0])?.pop())
    }

    /// The observations of a session that nothing has replaced, in the order they happened.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn session_observations(&self, session: SessionRow) -> Result<Vec<ObservationRecord>, StoreError> {
        self.observations_where(
            "o.session_id = ?1 AND o.superseded_by IS NULL ORDER BY o.at, o.id",
            [session.0],
        )
    }

    /// The newest observations of a project that read or changed a file, by its path as they name it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn observations_of_file(
        &self,
        project: ProjectId,
        path: &str,
        limit: usize,
    ) -> Result<Vec<ObservationRecord>, StoreError> {
        self.observations_where(
            // The plus keeps SQLite from walking the whole project in search of a rare file.
            "o.id IN (SELECT observation_id FROM observation_files WHERE path = ?2)
             AND +o.project_id = ?1 AND o.superseded_by IS NULL ORDER BY o.at DESC, o.id DESC LIMIT ?3",
            params![project.0, path, limit as i64],
        )
    }

    /// What an observation stands in the place of.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn observations_replaced_by(&self, id: ObservationId) -> Result<Vec<ObservationId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT id FROM observations WHERE superseded_by = ?1 ORDER BY id")?
                .query_map([id.0], |row| row.get(0).map(ObservationId))?
                .collect()
        })
    }

    fn observations_where(
        &self,
        filter: &str,
        params: impl Params,
    ) -> Result<Vec<ObservationRecord>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_OBSERVATION} WHERE {filter}"))?
                .query_map(params, |row| read_observation(conn, row))?
                .collect()
        })
    }
}

impl Tx<'_> {
    /// Lets `by` stand in the place of `old`, which stays on record but is no longer listed or found.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn supersede(&self, old: ObservationId, by: ObservationId) -> Result<(), StoreError> {
        self.run(|conn| supersede(conn, old, by))
    }

    /// Keeps an observation in sight (or no longer): a pinned one survives a distilling that would not
    /// make it again. Whether there is such an observation.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn pin(&self, id: ObservationId, pinned: bool) -> Result<bool, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("UPDATE observations SET pinned = ?2 WHERE id = ?1")?
                .execute(params![id.0, pinned])
                .map(|rows| rows > 0)
        })
    }
}

fn read_observation(conn: &Connection, row: &Row) -> rusqlite::Result<ObservationRecord> {
    let id = ObservationId(row.get(0)?);
    let files = |modified: bool| -> rusqlite::Result<Vec<String>> {
        conn.prepare_cached(
            "SELECT path FROM observation_files WHERE observation_id = ?1 AND modified = ?2 ORDER BY position",
        )?
        .query_map(params![id.0, modified], |row| row.get(0))?
        .collect()
    };
    Ok(ObservationRecord {
        id,
        uuid: row.get(1)?,
        project: ProjectId(row.get(2)?),
        session: SessionId(row.get(3)?),
        turn: TurnId(row.get(4)?),
        at: Timestamp(row.get(5)?),
        branch: row.get(6)?,
        by: Distiller::parse(row.get_ref(7)?.as_str()?),
        superseded_by: row.get::<_, Option<i64>>(8)?.map(ObservationId),
        pinned: row.get(9)?,
        observation: Observation {
            kind: row.get(10)?,
            title: row.get(11)?,
            subtitle: row.get(12)?,
            narrative: row.get(13)?,
            facts: strings(row.get_ref(14)?.as_str()?),
            concepts: strings(row.get_ref(15)?.as_str()?),
            files_read: files(false)?,
            files_modified: files(true)?,
            sources: sources(conn, id)?,
        },
    })
}

/// A stored list of strings; anything else in its place is an empty one.
fn strings(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

fn json(list: &[String]) -> String {
    serde_json::to_string(list).expect("strings are JSON")
}

/// Writes one observation of a turn under its slot; the row keeps its id, and nothing is touched when it says
/// the same as before. One that was replaced and changed is back in sight when it tells of what the observer has not
/// settled.
pub(super) fn put(
    conn: &Connection,
    origin: &Origin,
    slot: &str,
    said: &Observation,
) -> rusqlite::Result<ObservationId> {
    let hash = content_hash(said, origin);
    let by = origin.by.as_str();
    let known: Option<(i64, bool)> = conn
        .prepare_cached(
            "SELECT id, content_hash = ?4 FROM observations WHERE turn_id = ?1 AND by = ?2 AND slot = ?3",
        )?
        .query_row(params![origin.turn.0, by, slot, hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let id = match known {
        Some((id, true)) => return Ok(ObservationId(id)),
        Some((id, false)) => ObservationId(id),
        None => conn
            .prepare_cached(
                "INSERT INTO observations (uuid, project_id, session_id, turn_id, slot, by, at, written_at,
                     content_hash, kind, title, subtitle, narrative, facts, concepts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, x'', '', '', '', '', '[]', '[]')",
            )?
            .insert(params![
                new_uuid(origin.now),
                origin.project.0,
                origin.session.0,
                origin.turn.0,
                slot,
                by
            ])
            .map(ObservationId)?,
    };
    conn.prepare_cached(
        "UPDATE observations SET at = ?2, branch = ?3, written_at = ?4, content_hash = ?5, kind = ?6,
             title = ?7, subtitle = ?8, narrative = ?9, facts = ?10, concepts = ?11, project_id = ?12
         WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        origin.at.0,
        origin.branch,
        origin.now.0,
        hash,
        said.kind,
        said.title,
        said.subtitle,
        said.narrative,
        json(&said.facts),
        json(&said.concepts),
        origin.project.0
    ])?;
    put_files(conn, id, said)?;
    put_sources(conn, id, said)?;
    conn.prepare_cached(
        "UPDATE observations SET superseded_by = NULL
         WHERE id = ?1 AND superseded_by IS NOT NULL
           AND EXISTS (SELECT 1 FROM observation_sources WHERE observation_id = ?1 AND event_id > ?2)",
    )?
    .execute([id.0, origin.covered.0])?;
    due(conn, DocId::Observation(id), origin.at)?;
    Ok(id)
}

/// Removes what this distiller wrote about this turn and no longer makes, except what is pinned.
pub(super) fn remove_others(
    conn: &Connection,
    origin: &Origin,
    kept: &[ObservationId],
) -> rusqlite::Result<()> {
    for (id, _) in unpinned_slots(conn, origin)? {
        if !kept.contains(&id) {
            remove(conn, id)?;
        }
    }
    Ok(())
}

/// What this distiller wrote about this turn, with its slots, without what is pinned.
pub(super) fn unpinned_slots(
    conn: &Connection,
    origin: &Origin,
) -> rusqlite::Result<Vec<(ObservationId, String)>> {
    conn.prepare_cached(
        "SELECT id, slot FROM observations WHERE turn_id = ?1 AND by = ?2 AND pinned = 0 ORDER BY id",
    )?
    .query_map(params![origin.turn.0, origin.by.as_str()], |row| {
        Ok((ObservationId(row.get(0)?), row.get(1)?))
    })?
    .collect()
}

/// What other distillers wrote about this turn and nothing has replaced, without what is pinned.
pub(super) fn live_of_others(conn: &Connection, origin: &Origin) -> rusqlite::Result<Vec<ObservationId>> {
    conn.prepare_cached(
        "SELECT id FROM observations
         WHERE turn_id = ?1 AND by <> ?2 AND pinned = 0 AND superseded_by IS NULL ORDER BY id",
    )?
    .query_map(params![origin.turn.0, origin.by.as_str()], |row| row.get(0).map(ObservationId))?
    .collect()
}

/// The events an observation was made from, in its order, also those that were pruned.
pub(super) fn sources(conn: &Connection, id: ObservationId) -> rusqlite::Result<Vec<EventId>> {
    conn.prepare_cached(
        "SELECT event_id FROM observation_sources WHERE observation_id = ?1 ORDER BY position",
    )?
    .query_map([id.0], |row| row.get(0).map(EventId))?
    .collect()
}

/// Removes an observation. What it had replaced is replaced by what had replaced it, or else is back in sight.
pub(super) fn remove(conn: &Connection, id: ObservationId) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE observations SET superseded_by = (SELECT superseded_by FROM observations WHERE id = ?1)
         WHERE superseded_by = ?1",
    )?
    .execute([id.0])?;
    conn.prepare_cached("DELETE FROM observations WHERE id = ?1")?.execute([id.0])?;
    due(conn, DocId::Observation(id), Timestamp(0))
}

/// Notes the request an observation was made by, and puts it in sight again if it was replaced.
pub(super) fn claim(conn: &Connection, id: ObservationId, request: RequestId) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE observations SET request_id = ?2, superseded_by = NULL WHERE id = ?1")?
        .execute([id.0, request.0])
        .map(drop)
}

/// Lets `by` stand in the place of `old`.
pub(super) fn supersede(conn: &Connection, old: ObservationId, by: ObservationId) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE observations SET superseded_by = ?2 WHERE id = ?1 AND id <> ?2")?
        .execute([old.0, by.0])
        .map(drop)
}

fn put_files(conn: &Connection, id: ObservationId, said: &Observation) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM observation_files WHERE observation_id = ?1")?.execute([id.0])?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO observation_files (observation_id, modified, position, path) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (modified, paths) in [(false, &said.files_read), (true, &said.files_modified)] {
        for (position, path) in paths.iter().enumerate() {
            insert.execute(params![id.0, modified, position as i64, path])?;
        }
    }
    Ok(())
}

fn put_sources(conn: &Connection, id: ObservationId, said: &Observation) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM observation_sources WHERE observation_id = ?1")?.execute([id.0])?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO observation_sources (observation_id, position, event_id) VALUES (?1, ?2, ?3)",
    )?;
    for (position, event) in said.sources.iter().enumerate() {
        insert.execute(params![id.0, position as i64, event.0])?;
    }
    Ok(())
}

/// A digest of everything that is written, each part with its length, so that no two contents share one.
fn content_hash(said: &Observation, origin: &Origin) -> Vec<u8> {
    let mut hash = origin.hash();
    for text in [&said.kind, &said.title, &said.subtitle, &said.narrative] {
        hash.text(text);
    }
    for list in [&said.facts, &said.concepts, &said.files_read, &said.files_modified] {
        hash.number(list.len() as i64);
        for text in list {
            hash.text(text);
        }
    }
    for event in &said.sources {
        hash.number(event.0);
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_from_an_index_without_sorting() {
        let folder = tempfile::TempDir::new().unwrap();
        let store =
            crate::Store::open(&folder.path().join("memory.db"), Timestamp(0), folder.path()).unwrap();
        let plan: Vec<String> = store
            .run(|conn| {
                conn.prepare(&format!("EXPLAIN QUERY PLAN {SELECT_OBSERVATION} WHERE {NEWEST}"))?
                    .query_map([1, 50], |row| row.get(3))?
                    .collect()
            })
            .unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("observations_newest") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
