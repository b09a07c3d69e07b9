//! Documents that are to be indexed, or taken out of the index.

use mem_core::id::ProjectId;
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, params};

use crate::error::StoreError;
use crate::open::Reader;

/// Everything that is a document, as rows of `index_due`, with a condition on the project left to the caller.
const EVERYTHING: [(&str, &str); 5] = [
    ("observations", "SELECT id * 8, at FROM observations"),
    ("summaries", "SELECT id * 8 + 1, at FROM summaries"),
    ("turns", "SELECT id * 8 + 2, started_at FROM turns"),
    (
        "events",
        "SELECT id * 8 + 3, at FROM events WHERE kind IN ('answered', 'subagent_stopped', 'compacted')",
    ),
    ("commits", "SELECT id * 8 + 4, at FROM commits"),
];

/// What is no number of a document leads nowhere and waits for nothing.
pub(super) const READABLE: &str = "doc > 0 AND doc % 8 <= 4";

impl Reader {
    /// Documents that are due, in the order they happened; those that are gone come too.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn index_due(&self, limit: usize) -> Result<Vec<DocId>, StoreError> {
        self.of_index(|conn| {
            conn.prepare_cached(&format!(
                "SELECT doc FROM index_due WHERE {READABLE} ORDER BY at, doc LIMIT ?1"
            ))?
            .query_map([limit as i64], |row| row.get(0))?
            .filter_map(|number| number.map(DocId::of_number).transpose())
            .collect()
        })
    }
}

/// Notes a document as changed. `at` is when it happened.
///
/// Where nothing can be noted, because the table is gone, the change stands all the same: whoever looks at the index next
/// finds that out and has it begun anew, of everything.
pub(crate) fn due(conn: &Connection, doc: DocId, at: Timestamp) -> rusqlite::Result<()> {
    let noted = conn
        .prepare_cached("INSERT INTO index_due (doc, at) VALUES (?1, ?2) ON CONFLICT (doc) DO NOTHING")
        .and_then(|mut note| note.execute(params![doc.number(), at.0]));
    match noted {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown) => Ok(()),
        noted => noted.map(drop),
    }
}

/// The index holds what it should of this document.
pub(crate) fn not_due(conn: &Connection, doc: DocId) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM index_due WHERE doc = ?1")?.execute([doc.number()]).map(drop)
}

/// Notes all documents of a project.
pub(crate) fn due_of_project(conn: &Connection, project: ProjectId) -> rusqlite::Result<()> {
    for (table, select) in EVERYTHING {
        let join = if table == "events" { "AND" } else { "WHERE" };
        let sql = format!("INSERT OR IGNORE INTO index_due {select} {join} project_id = ?1");
        conn.execute(&sql, [project.0])?;
    }
    Ok(())
}

/// Notes all documents there are.
pub(super) fn due_of_all(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM index_due", [])?;
    for (_, select) in EVERYTHING {
        conn.execute(&format!("INSERT OR IGNORE INTO index_due {select}"), [])?;
    }
    Ok(())
}
