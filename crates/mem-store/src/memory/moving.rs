//! Moves everything of one project to another: two turned out to be the same.

use mem_core::id::{ObservationId, ProjectId, SummaryId, TurnId};
use rusqlite::{Connection, params};

use super::text::{self, HitId};

/// Gives all that belongs to `from` to `into` and removes `from`, which nothing leads to any more.
pub(crate) fn move_all(conn: &Connection, from: ProjectId, into: ProjectId) -> rusqlite::Result<()> {
    let both = params![from.0, into.0];
    let ids = |sql: &str| -> rusqlite::Result<Vec<i64>> {
        conn.prepare(sql)?.query_map([from.0], |row| row.get(0))?.collect()
    };
    let mut moved: Vec<HitId> = Vec::new();
    let observations = ids("SELECT id FROM observations WHERE project_id = ?1")?;
    moved.extend(observations.into_iter().map(|id| HitId::Observation(ObservationId(id))));
    let summaries = ids("SELECT id FROM summaries WHERE project_id = ?1")?;
    moved.extend(summaries.into_iter().map(|id| HitId::Summary(SummaryId(id))));
    let turns = ids("SELECT id FROM turns WHERE project_id = ?1")?;
    moved.extend(turns.into_iter().map(|id| HitId::Prompt(TurnId(id))));
    for table in ["observations", "summaries", "turns", "sessions", "places", "events", "requests"] {
        conn.execute(&format!("UPDATE {table} SET project_id = ?2 WHERE project_id = ?1"), both)?;
    }
    for id in moved {
        text::index(conn, id)?;
    }
    conn.execute(
        "UPDATE projects SET last_event_at = max(coalesce(last_event_at, 0),
             coalesce((SELECT last_event_at FROM projects WHERE id = ?1), 0)) WHERE id = ?2",
        both,
    )?;
    conn.execute("DELETE FROM projects WHERE id = ?1", [from.0]).map(drop)
}
