//! Commits that were made, as the evidence of a turn tells of them.

use std::ops::RangeInclusive;

use mem_core::id::{CommitId, EventId, ProjectId, SessionId, TurnId};
use mem_core::observation::{Commit, CommitRecord};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::distilled::Origin;
use crate::error::StoreError;
use crate::index::due;
use crate::open::Reader;

impl Reader {
    /// The commit of that row.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn commit(&self, id: CommitId) -> Result<Option<CommitRecord>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{COMMITS} WHERE c.id = ?1"))?.query_row([id.0], record).optional()
        })
    }

    /// The commits of that hash, each where it was first told of, in order of time. Hashes are told and typed shortened: a hash
    /// that is on record begins with `hash`, or else, where none does, `hash` with the one on record. It is 4 to 64 digits long,
    /// as git takes it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn commits_of_hash(&self, hash: &str) -> Result<Vec<CommitRecord>, StoreError> {
        if !HASH.contains(&hash.len()) || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Vec::new());
        }
        let hash = hash.to_ascii_lowercase();
        let of = |condition: &str| -> Result<Vec<CommitRecord>, StoreError> {
            self.run(|conn| {
                conn.prepare_cached(&format!(
                    "{COMMITS} WHERE length(c.hash) >= ?2 AND {condition} ORDER BY c.at, c.id"
                ))?
                .query_map(params![hash, *HASH.start() as i64], record)?
                .collect()
            })
        };
        let mut found = of("substr(c.hash, 1, length(?1)) = ?1")?;
        if found.is_empty() {
            found = of("substr(?1, 1, length(c.hash)) = c.hash")?;
        }
        let mut firsts: Vec<CommitRecord> = Vec::new();
        for record in found {
            if !firsts.iter().any(|first| is_same(first, &record)) {
                firsts.push(record);
            }
        }
        Ok(firsts)
    }

    /// The commits that a turn made, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn turn_commits(&self, turn: TurnId) -> Result<Vec<CommitRecord>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{COMMITS} WHERE c.turn_id = ?1 ORDER BY c.at, c.id"))?
                .query_map([turn.0], record)?
                .collect()
        })
    }
}

/// Digits of a hash that git takes for a commit: from as many as it shortens to, to those of a SHA-256.
const HASH: RangeInclusive<usize> = 4..=64;

/// Whether two were told of one commit: of one project and subject, with hashes that agree as far as both go.
fn is_same(one: &CommitRecord, other: &CommitRecord) -> bool {
    let (a, b) = (&one.commit, &other.commit);
    one.project == other.project
        && a.subject == b.subject
        && (a.hash.starts_with(&b.hash) || b.hash.starts_with(&a.hash))
}

const COMMITS: &str = "
    SELECT c.id, c.project_id, s.agent_session, c.turn_id, c.event_id, c.at, c.branch, c.hash, c.subject, c.why
    FROM commits c JOIN sessions s ON s.id = c.session_id";

fn record(row: &Row<'_>) -> rusqlite::Result<CommitRecord> {
    Ok(CommitRecord {
        id: CommitId(row.get(0)?),
        project: ProjectId(row.get(1)?),
        session: SessionId(row.get(2)?),
        turn: TurnId(row.get(3)?),
        at: Timestamp(row.get(5)?),
        commit: Commit {
            event: EventId(row.get(4)?),
            branch: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
            hash: row.get(7)?,
            subject: row.get(8)?,
            why: row.get(9)?,
        },
    })
}

/// Writes the commits of a turn, each under its event and place; rows keep their ids. Those that are no longer told of
/// go, unless events of the turn were `pruned`.
pub(super) fn put(
    conn: &Connection,
    origin: &Origin,
    commits: &[Commit],
    pruned: bool,
) -> rusqlite::Result<()> {
    let known: Vec<CommitId> = conn
        .prepare_cached("SELECT id FROM commits WHERE turn_id = ?1")?
        .query_map([origin.turn.0], |row| row.get(0).map(CommitId))?
        .collect::<rusqlite::Result<_>>()?;
    let mut kept = Vec::with_capacity(commits.len());
    for (at, commit) in commits.iter().enumerate() {
        let ordinal = commits[..at].iter().filter(|before| before.event == commit.event).count();
        kept.push(put_one(conn, origin, commit, ordinal)?);
    }
    for gone in known.into_iter().filter(|id| !pruned && !kept.contains(id)) {
        conn.prepare_cached("DELETE FROM commits WHERE id = ?1")?.execute([gone.0])?;
        due(conn, DocId::Commit(gone), Timestamp(0))?;
    }
    Ok(())
}

fn put_one(
    conn: &Connection,
    origin: &Origin,
    commit: &Commit,
    ordinal: usize,
) -> rusqlite::Result<CommitId> {
    let branch = (!commit.branch.is_empty()).then_some(commit.branch.as_str()).or(origin.branch.as_deref());
    let same: Option<CommitId> = conn
        .prepare_cached(
            "SELECT id FROM commits WHERE event_id = ?1 AND ordinal = ?2 AND hash = ?3 AND subject = ?4 AND why = ?5
                 AND branch IS ?6 AND project_id = ?7 AND turn_id = ?8",
        )?
        .query_row(
            params![
                commit.event.0,
                ordinal as i64,
                commit.hash,
                commit.subject,
                commit.why,
                branch,
                origin.project.0,
                origin.turn.0
            ],
            |row| row.get(0).map(CommitId),
        )
        .optional()?;
    if let Some(same) = same {
        return Ok(same);
    }
    let at: Option<i64> = conn
        .prepare_cached("SELECT at FROM events WHERE id = ?1")?
        .query_row([commit.event.0], |row| row.get(0))
        .optional()?;
    let at = at.map_or(origin.at, Timestamp);
    let id = conn
        .prepare_cached(
            "INSERT INTO commits (project_id, session_id, turn_id, event_id, ordinal, at, branch, hash, subject, why)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (event_id, ordinal) DO UPDATE
             SET project_id = ?1, session_id = ?2, turn_id = ?3, at = ?6, branch = ?7, hash = ?8, subject = ?9,
                 why = ?10
             RETURNING id",
        )?
        .query_row(
            params![
                origin.project.0,
                origin.session.0,
                origin.turn.0,
                commit.event.0,
                ordinal as i64,
                at.0,
                branch,
                commit.hash,
                commit.subject,
                commit.why
            ],
            |row| row.get(0).map(CommitId),
        )?;
    due(conn, DocId::Commit(id), at)?;
    Ok(id)
}
