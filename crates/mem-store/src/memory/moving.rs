//! Moves everything of one project to another: two turned out to be the same.

use mem_core::id::ProjectId;
use rusqlite::{Connection, params};

use crate::index::due_of_project;

/// Gives all that belongs to `from` to `into` and removes `from`, which nothing leads to any more.
pub(crate) fn move_all(conn: &Connection, from: ProjectId, into: ProjectId) -> rusqlite::Result<()> {
    let both = params![from.0, into.0];
    due_of_project(conn, from)?;
    for table in ["observations", "summaries", "commits", "turns", "sessions", "places", "events", "requests"]
    {
        conn.execute(&format!("UPDATE {table} SET project_id = ?2 WHERE project_id = ?1"), both)?;
    }
    conn.execute(
        "UPDATE projects SET last_event_at = max(coalesce(last_event_at, 0),
             coalesce((SELECT last_event_at FROM projects WHERE id = ?1), 0)) WHERE id = ?2",
        both,
    )?;
    conn.execute("DELETE FROM projects WHERE id = ?1", [from.0]).map(drop)
}
