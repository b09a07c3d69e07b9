//! Whether anything meets a condition at all, so that an empty answer can say which one nothing meets.
//!
//! Asked only when there is nothing to show: some of it looks through a whole table. Values are compared as they stand.

use mem_core::id::{ProjectId, SessionId, SessionRow};
use rusqlite::params;

use crate::error::StoreError;
use crate::open::Reader;

/// One condition with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'v> {
    /// Observations of a type.
    Type(&'v str),
    /// Observations with a concept tag.
    Concept(&'v str),
    /// Observations that name a file: by its whole path or the end of one, at a `/`.
    File(&'v str),
    /// Observations that name a file directly in a folder.
    Folder(&'v str),
    /// Anything on a branch.
    Branch(&'v str),
    /// Anything in a linked worktree.
    Worktree(&'v str),
}

/// Whether a row is of the projects that are meant; `[]` are all.
const AMONG: &str = "(?2 = '[]' OR project_id IN (SELECT value FROM json_each(?2)))";

impl Reader {
    /// Whether anything of these projects (of all where none are named) meets a condition.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn is_met(&self, condition: Condition<'_>, projects: &[ProjectId]) -> Result<bool, StoreError> {
        let of_a_file = |path: &str| {
            format!(
                "SELECT 1 FROM observations WHERE {AMONG} AND id IN
                     (SELECT observation_id FROM observation_files WHERE {path})"
            )
        };
        let (sql, value) = match condition {
            Condition::Type(value) => (format!("SELECT 1 FROM observations WHERE {AMONG} AND kind = ?1"), value),
            Condition::Concept(value) => (
                format!(
                    "SELECT 1 FROM observations WHERE {AMONG}
                         AND EXISTS (SELECT 1 FROM json_each(concepts) WHERE value = ?1)"
                ),
                value,
            ),
            Condition::File(value) => {
                (of_a_file("path = ?1 OR substr(path, -length(?1) - 1) = '/' || ?1"), value)
            }
            Condition::Folder(value) => (
                of_a_file(
                    "instr('/' || path, '/' || ?1 || '/') > 0
                     AND instr(substr('/' || path, instr('/' || path, '/' || ?1 || '/') + length(?1) + 2), '/') = 0",
                ),
                value,
            ),
            Condition::Branch(value) => (
                format!(
                    "SELECT 1 FROM turns WHERE {AMONG} AND branch = ?1
                     UNION ALL SELECT 1 FROM events WHERE {AMONG} AND branch = ?1"
                ),
                value,
            ),
            Condition::Worktree(value) => (
                format!(
                    "SELECT 1 FROM places WHERE {AMONG} AND worktree = ?1
                     UNION ALL SELECT 1 FROM events WHERE {AMONG} AND worktree = ?1"
                ),
                value,
            ),
        };
        let projects: Vec<i64> = projects.iter().map(|id| id.0).collect();
        let projects = serde_json::to_string(&projects).expect("numbers are JSON");
        self.run(|conn| conn.prepare(&sql)?.exists(params![value, projects]))
    }

    /// All types that observations have, in the order of their names.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn types(&self) -> Result<Vec<String>, StoreError> {
        self.run(|conn| {
            conn.prepare("SELECT DISTINCT kind FROM observations ORDER BY kind")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// The sessions whose ids begin so; the one alone that has just this id.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn sessions_beginning(&self, text: &str) -> Result<Vec<(SessionRow, SessionId)>, StoreError> {
        let mut found: Vec<(SessionRow, SessionId)> = self.run(|conn| {
            conn.prepare_cached(
                "SELECT id, agent_session FROM sessions WHERE substr(agent_session, 1, length(?1)) = ?1
                 ORDER BY last_at DESC, id DESC",
            )?
            .query_map([text], |row| Ok((SessionRow(row.get(0)?), SessionId(row.get(1)?))))?
            .collect()
        })?;
        if found.iter().any(|(_, id)| id.0 == text) {
            found.retain(|(_, id)| id.0 == text);
        }
        Ok(found)
    }
}
