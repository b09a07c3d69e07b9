//! Projects, the keys that lead to them, and what was last known of a directory.
//!
//! Which project a place belongs to is decided by `mem_core::project::resolve`; here it is looked up and kept.

use mem_core::event::Agent;
use mem_core::id::{ProjectId, SessionId};
use mem_core::project::{Facts, KeyKind, Known, ProjectKey, Resolution, resolve};
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::memory;
use crate::open::Reader;
use crate::write::{Tx, new_uuid};

/// A project as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its row.
    pub id: ProjectId,
    /// Its id outside this store (UUIDv7).
    pub uuid: String,
    /// What people call it.
    pub name: String,
    /// All its keys, strongest first.
    pub keys: Vec<ProjectKey>,
    /// When it was first met.
    pub created_at: Timestamp,
    /// When the newest of its events happened.
    pub last_event_at: Option<Timestamp>,
}

/// What was last known of a working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it belonged.
    pub project: ProjectId,
    /// Name of the linked worktree, when it was one.
    pub worktree: Option<String>,
    /// The branch that was checked out.
    pub branch: Option<String>,
    /// Top of the work tree, or the directory itself.
    pub top: String,
    /// When somebody last looked.
    pub looked_at: Timestamp,
}

/// How old a place may grow before it is written again although nothing changed, in ms.
const PLACE_AGE: i64 = 60_000;

/// Name of the project of events that come from nowhere.
const NOWHERE: &str = "unknown";

impl Reader {
    /// The project that facts lead to, if they lead to one; changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn project_by_keys(&self, facts: &Facts) -> Result<Option<ProjectId>, StoreError> {
        self.run(|conn| Ok(lookup(conn, &keys_of(facts))?.project))
    }

    /// The project of that row.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn project(&self, id: ProjectId) -> Result<Option<ProjectRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_PROJECT} WHERE id = ?1"))?
                .query_row([id.0], |row| read_project(conn, row))
                .optional()
        })
    }

    /// All projects, the one with the newest event first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn projects(&self) -> Result<Vec<ProjectRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!("{SELECT_PROJECT} ORDER BY last_event_at DESC NULLS LAST, id DESC"))?
                .query_map([], |row| read_project(conn, row))?
                .collect()
        })
    }

    /// The projects whose name another one bears, too.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn namesakes(&self) -> Result<Vec<ProjectRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "{SELECT_PROJECT} WHERE name IN (SELECT name FROM projects GROUP BY name HAVING count(*) > 1)"
            ))?
            .query_map([], |row| read_project(conn, row))?
            .collect()
        })
    }

    /// What was last known of a directory, for when it is gone. An override is not part of it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn last_place(&self, cwd: &str) -> Result<Option<Place>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT project_id, worktree, branch, top, looked_at FROM places WHERE cwd = ?1",
            )?
            .query_row([cwd], |row| {
                Ok(Place {
                    project: ProjectId(row.get(0)?),
                    worktree: row.get(1)?,
                    branch: row.get(2)?,
                    top: row.get(3)?,
                    looked_at: Timestamp(row.get(4)?),
                })
            })
            .optional()
        })
    }

    /// The project a session began in, for events that do not say where they happened.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn project_of_session(
        &self,
        agent: Agent,
        session: &SessionId,
    ) -> Result<Option<ProjectId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT project_id FROM sessions WHERE agent = ?1 AND agent_session = ?2")?
                .query_row([agent.as_str(), &session.0], |row| row.get(0).map(ProjectId))
                .optional()
        })
    }

    /// When the newest event happened, of one project or of all.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn last_event_at(&self, project: Option<ProjectId>) -> Result<Option<Timestamp>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT max(last_event_at) FROM projects WHERE ?1 IS NULL OR id = ?1")?
                .query_row([project.map(|id| id.0)], |row| Ok(row.get::<_, Option<i64>>(0)?.map(Timestamp)))
        })
    }
}

impl Tx<'_> {
    /// The project that facts about `cwd` lead to, made when there is none. Points new keys at it and keeps
    /// the place, unless the user's override says where it belongs. A project that nothing leads to any more
    /// turned out to be this one: what it held moves over. Facts without any key lead to one
    /// project of the unknown.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn project_for(&self, facts: &Facts, cwd: &str, now: Timestamp) -> Result<ProjectId, StoreError> {
        let keys = keys_of(facts);
        self.run(|conn| {
            let Resolution { project, point } = lookup(conn, &keys)?;
            let nameless = facts.keys().is_empty();
            let name = if nameless { NOWHERE.to_owned() } else { facts.name() };
            let project = match project {
                Some(known) => {
                    rename_by_stronger_key(conn, known, &name, &point)?;
                    known
                }
                None => create(conn, &name, now)?,
            };
            let before = owners(conn, &point)?;
            for key in &point {
                conn.prepare_cached(
                    "INSERT INTO project_keys (key, project_id) VALUES (?1, ?2)
                     ON CONFLICT (key) DO UPDATE SET project_id = ?2",
                )?
                .execute(params![key.text(), project.0])?;
            }
            for owner in before {
                // it was known by this place alone, which now turns out to be a project known otherwise
                if owner != project && keys_leading_to(conn, owner)?.is_empty() {
                    memory::move_all(conn, owner, project)?;
                }
            }
            let overridden = keys.iter().any(|key| key.kind == KeyKind::Override);
            if !overridden && !cwd.is_empty() {
                keep_place(conn, cwd, facts, project, now)?;
            }
            Ok(project)
        })
    }
}

const SELECT_PROJECT: &str = "SELECT id, uuid, name, created_at, last_event_at FROM projects";

fn read_project(conn: &Connection, row: &Row) -> rusqlite::Result<ProjectRow> {
    let id = ProjectId(row.get(0)?);
    Ok(ProjectRow {
        id,
        uuid: row.get(1)?,
        name: row.get(2)?,
        keys: keys_leading_to(conn, id)?,
        created_at: Timestamp(row.get(3)?),
        last_event_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
    })
}

fn keys_of(facts: &Facts) -> Vec<ProjectKey> {
    let keys = facts.keys();
    if keys.is_empty() { vec![ProjectKey { kind: KeyKind::Path, value: String::new() }] } else { keys }
}

fn lookup(conn: &Connection, keys: &[ProjectKey]) -> rusqlite::Result<Resolution> {
    // `resolve` asks for every key exactly once, so they can be looked up beforehand.
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let project = conn
            .prepare_cached("SELECT project_id FROM project_keys WHERE key = ?1")?
            .query_row([key.text()], |row| row.get(0).map(ProjectId))
            .optional()?;
        found.push(match project {
            Some(project) => Some(Known { project, keys: keys_leading_to(conn, project)? }),
            None => None,
        });
    }
    Ok(resolve(keys, &mut |key| {
        let at = keys.iter().position(|known| known == key)?;
        found[at].clone()
    }))
}

/// All keys of a project, strongest first; keys of a kind we do not know are passed over.
fn keys_leading_to(conn: &Connection, project: ProjectId) -> rusqlite::Result<Vec<ProjectKey>> {
    let mut keys: Vec<ProjectKey> = conn
        .prepare_cached("SELECT key FROM project_keys WHERE project_id = ?1 ORDER BY key")?
        .query_map([project.0], |row| row.get::<_, String>(0))?
        .filter_map(|text| text.map(|text| ProjectKey::parse(&text)).transpose())
        .collect::<rusqlite::Result<_>>()?;
    keys.sort_by_key(|key| key.kind);
    Ok(keys)
}

/// The projects that these keys lead to as yet.
fn owners(conn: &Connection, keys: &[ProjectKey]) -> rusqlite::Result<Vec<ProjectId>> {
    let mut owners = Vec::new();
    for key in keys {
        let owner = conn
            .prepare_cached("SELECT project_id FROM project_keys WHERE key = ?1")?
            .query_row([key.text()], |row| row.get(0).map(ProjectId))
            .optional()?;
        owners.extend(owner.filter(|owner| !owners.contains(owner)));
    }
    Ok(owners)
}

fn create(conn: &Connection, name: &str, now: Timestamp) -> rusqlite::Result<ProjectId> {
    conn.prepare_cached("INSERT INTO projects (uuid, name, created_at) VALUES (?1, ?2, ?3)")?
        .insert(params![new_uuid(now), name, now.0])
        .map(ProjectId)
}

/// A directory's name gives way to the remote's once there is one.
fn rename_by_stronger_key(
    conn: &Connection,
    project: ProjectId,
    name: &str,
    point: &[ProjectKey],
) -> rusqlite::Result<()> {
    let Some(strongest) = point.first() else { return Ok(()) };
    let known = keys_leading_to(conn, project)?;
    if known.first().is_none_or(|known| strongest.kind < known.kind) {
        conn.prepare_cached("UPDATE projects SET name = ?2 WHERE id = ?1 AND name <> ?2")?
            .execute(params![project.0, name])?;
    }
    Ok(())
}

/// Writes only what changed, or what nobody confirmed for a while: this runs for every event.
fn keep_place(
    conn: &Connection,
    cwd: &str,
    facts: &Facts,
    project: ProjectId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO places (cwd, project_id, top, worktree, branch, looked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (cwd) DO UPDATE
         SET project_id = ?2, top = ?3, worktree = ?4, branch = ?5, looked_at = max(looked_at, ?6)
         WHERE project_id <> ?2 OR top <> ?3 OR worktree IS NOT ?4 OR branch IS NOT ?5 OR looked_at < ?6 - ?7",
    )?
    .execute(params![cwd, project.0, facts.top, facts.worktree, facts.branch, now.0, PLACE_AGE])
    .map(drop)
}
