//! The timeline: what lies before and after one document or one moment, whatever its kind.
//!
//! Documents stand in the order of their time, then of their kind, then of their row, so that every one has its place
//! and a walk meets each once. Only what nothing replaced is walked by. Each step asks one index per kind and project
//! for its few nearest rows; texts are read of those alone that are given.

use std::cmp::Ordering;

use mem_core::event::Body;
use mem_core::id::{EventId, ObservationId, ProjectId, SessionId, SummaryId};
use mem_core::recall::{DocId, DocKind};
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::open::Reader;

/// Most documents on either side.
const MOST: usize = 10_000;
/// Characters of a title that is the beginning of a longer text.
const TITLE: usize = 160;

/// One document of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// What it is.
    pub id: DocId,
    /// When it happened.
    pub at: Timestamp,
    /// Where it belongs.
    pub project: ProjectId,
    /// The agent's id of its session.
    pub session: SessionId,
    /// Of an observation: its type.
    pub of_type: Option<String>,
    /// Its title, or the beginning of what it says, one line.
    pub title: String,
    /// Of an observation: the first file it changed, else read.
    pub file: Option<String>,
    /// Of a prompt: its place in the session, from 1.
    pub ordinal: Option<u32>,
    /// Whether it is what the timeline was asked around.
    pub anchor: bool,
}

/// The place of a document: its time, its kind, its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: i64,
    kind: DocKind,
    row: i64,
}

/// How the documents of a kind are walked in one project: by which columns of which table, on what condition.
#[derive(Debug, Clone, Copy)]
struct Walk {
    table: &'static str,
    at: &'static str,
    live: &'static str,
}

fn walk(kind: DocKind) -> Walk {
    match kind {
        DocKind::Observation => Walk { table: "observations", at: "at", live: "superseded_by IS NULL" },
        DocKind::Summary => Walk { table: "summaries", at: "at", live: "superseded_by IS NULL" },
        DocKind::Prompt => Walk { table: "turns", at: "started_at", live: "1" },
        // as the index `events_answers` says it
        DocKind::Answer => {
            Walk { table: "events", at: "at", live: "kind IN ('answered', 'subagent_stopped', 'compacted')" }
        }
        DocKind::Commit => Walk { table: "commits", at: "at", live: "1" },
    }
}

impl Walk {
    /// The nearest rows before (or after) a place, nearest first.
    fn nearest(self, side: Ordering) -> String {
        let Self { table, at, live } = self;
        let (than, order) = if side == Ordering::Less { ("<", "DESC") } else { (">", "ASC") };
        format!(
            "SELECT {at}, id FROM {table} WHERE project_id = ?1 AND {live} AND ({at}, id) {than} (?2, ?3)
             ORDER BY {at} {order}, id {order} LIMIT ?4"
        )
    }
}

impl Reader {
    /// What lies around `anchor`, or around `at` where there is none or it is gone: up to `before` documents before it,
    /// itself, and up to `after` after it, oldest first. Around a moment, what happened at that moment is after it.
    ///
    /// Of these projects and kinds, or of all where none are named; the anchor whatever it is. One that was replaced
    /// is led to what replaced it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn around(
        &self,
        projects: &[ProjectId],
        kinds: &[DocKind],
        at: Timestamp,
        anchor: Option<DocId>,
        before: usize,
        after: usize,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let anchor = anchor.map(|id| self.in_timeline(id)).transpose()?.flatten();
        let all: Vec<ProjectId>;
        let projects = if projects.is_empty() {
            all = self.project_ids()?;
            &all
        } else {
            projects
        };
        let kinds = if kinds.is_empty() { &DocKind::ALL } else { kinds };
        let center = match &anchor {
            Some(row) => Place { at: row.at.0, kind: row.id.kind(), row: row.id.row() },
            None => Place { at: at.0, kind: DocKind::ALL[0], row: i64::MIN },
        };
        let mut rows = Vec::new();
        for place in self.side(projects, kinds, center, Ordering::Less, before)?.into_iter().rev() {
            rows.extend(self.described(DocId::of(place.kind, place.row))?);
        }
        rows.extend(anchor.map(|row| TimelineRow { anchor: true, ..row }));
        for place in self.side(projects, kinds, center, Ordering::Greater, after)? {
            rows.extend(self.described(DocId::of(place.kind, place.row))?);
        }
        Ok(rows)
    }

    /// A document as a timeline shows it, or what stands in its place now; none when it is not (any more) there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn in_timeline(&self, id: DocId) -> Result<Option<TimelineRow>, StoreError> {
        let live = self.live(id)?;
        match self.described(live)? {
            None if live != id => self.described(id),
            found => Ok(found),
        }
    }

    /// What stands in the place of a document, itself where nothing does.
    fn live(&self, id: DocId) -> Result<DocId, StoreError> {
        let mut met = vec![id];
        loop {
            let last = met[met.len() - 1];
            let next = match last {
                DocId::Observation(id) => self.run(|conn| {
                    conn.prepare_cached("SELECT superseded_by FROM observations WHERE id = ?1")?
                        .query_row([id.0], |row| row.get::<_, Option<i64>>(0))
                        .optional()
                        .map(|found| found.flatten().map(|id| DocId::Observation(ObservationId(id))))
                })?,
                DocId::Summary(id) => self.summary_replaced_by(id)?.map(DocId::Summary),
                DocId::Prompt(_) | DocId::Answer(_) | DocId::Commit(_) => None,
            };
            match next {
                // a ring is nothing we write, and shall not hold anybody up
                Some(next) if !met.contains(&next) => met.push(next),
                _ => return Ok(last),
            }
        }
    }

    fn project_ids(&self) -> Result<Vec<ProjectId>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached("SELECT id FROM projects")?
                .query_map([], |row| row.get(0).map(ProjectId))?
                .collect()
        })
    }

    /// The nearest documents on one side of a place, nearest first.
    fn side(
        &self,
        projects: &[ProjectId],
        kinds: &[DocKind],
        center: Place,
        side: Ordering,
        number: usize,
    ) -> Result<Vec<Place>, StoreError> {
        let number = number.min(MOST);
        let mut found: Vec<Place> = Vec::new();
        if number == 0 {
            return Ok(found);
        }
        for kind in DocKind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
            // at the time of the center, all of a kind that comes before its own are before it
            let row = match kind.cmp(&center.kind) {
                Ordering::Less => i64::MAX,
                Ordering::Equal => center.row,
                Ordering::Greater => i64::MIN,
            };
            let sql = walk(kind).nearest(side);
            for project in projects {
                let rows: Vec<Place> = self.run(|conn| {
                    conn.prepare_cached(&sql)?
                        .query_map(params![project.0, center.at, row, number as i64], |row| {
                            Ok(Place { at: row.get(0)?, kind, row: row.get(1)? })
                        })?
                        .collect()
                })?;
                found.extend(rows);
            }
        }
        found.sort_unstable();
        if side == Ordering::Less {
            found.reverse();
        }
        found.dedup(); // a project that was named twice
        found.truncate(number);
        Ok(found)
    }

    /// A document as it stands, replaced or not.
    fn described(&self, id: DocId) -> Result<Option<TimelineRow>, StoreError> {
        match id {
            DocId::Answer(id) => self.answer(id),
            DocId::Observation(_) | DocId::Summary(_) | DocId::Prompt(_) | DocId::Commit(_) => {
                let sql = match id {
                    DocId::Observation(_) => OBSERVATION,
                    DocId::Summary(_) => SUMMARY,
                    DocId::Commit(_) => COMMIT,
                    _ => PROMPT,
                };
                self.run(|conn| {
                    conn.prepare_cached(sql)?
                        .query_row([id.row()], |row| {
                            Ok(TimelineRow {
                                id,
                                at: Timestamp(row.get(0)?),
                                project: ProjectId(row.get(1)?),
                                session: SessionId(row.get(2)?),
                                of_type: row.get(3)?,
                                title: one_line(row.get_ref(4)?.as_str()?, TITLE),
                                file: row.get(5)?,
                                ordinal: row.get(6)?,
                                anchor: false,
                            })
                        })
                        .optional()
                })
            }
        }
    }

    fn answer(&self, id: EventId) -> Result<Option<TimelineRow>, StoreError> {
        let Some(row) = self.event(id)? else { return Ok(None) };
        let said = match &row.event.body {
            Body::Answered { said } | Body::SubagentStopped { said } => said,
            Body::Compacted { summary, .. } => summary,
            _ => return Ok(None),
        };
        Ok(Some(TimelineRow {
            id: DocId::Answer(id),
            at: row.event.at,
            project: row.spot.project,
            title: one_line(said, TITLE),
            session: row.event.session,
            of_type: None,
            file: None,
            ordinal: None,
            anchor: false,
        }))
    }

    /// The memory of a UUID, as programs know it that kept an id from another store.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn by_uuid(&self, uuid: &str) -> Result<Option<DocId>, StoreError> {
        self.run(|conn| {
            let row = |sql: &str| -> rusqlite::Result<Option<i64>> {
                conn.prepare_cached(sql)?.query_row([uuid], |row| row.get(0)).optional()
            };
            let observation = row("SELECT id FROM observations WHERE uuid = ?1")?;
            if let Some(id) = observation {
                return Ok(Some(DocId::Observation(ObservationId(id))));
            }
            let summary = row("SELECT id FROM summaries WHERE uuid = ?1")?;
            Ok(summary.map(|id| DocId::Summary(SummaryId(id))))
        })
    }
}

const OBSERVATION: &str = "
    SELECT o.at, o.project_id, s.agent_session, o.kind, o.title,
           (SELECT path FROM observation_files WHERE observation_id = o.id
            ORDER BY modified DESC, position LIMIT 1),
           NULL
    FROM observations o JOIN sessions s ON s.id = o.session_id WHERE o.id = ?1";

const SUMMARY: &str = "
    SELECT m.at, m.project_id, s.agent_session, NULL,
           coalesce(nullif(m.request, ''), nullif(m.completed, ''), m.learned), NULL, NULL
    FROM summaries m JOIN sessions s ON s.id = m.session_id WHERE m.id = ?1";

const PROMPT: &str = "
    SELECT t.started_at, t.project_id, s.agent_session, NULL, t.prompt, NULL, t.ordinal
    FROM turns t JOIN sessions s ON s.id = t.session_id WHERE t.id = ?1";

const COMMIT: &str = "
    SELECT c.at, c.project_id, s.agent_session, NULL, c.subject, NULL, NULL
    FROM commits c JOIN sessions s ON s.id = c.session_id WHERE c.id = ?1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_comes_from_an_index_without_sorting() {
        let folder = tempfile::TempDir::new().unwrap();
        let store =
            crate::Store::open(&folder.path().join("memory.db"), Timestamp(0), folder.path()).unwrap();
        let indexes =
            ["observations_newest", "summaries_newest", "turns_newest", "events_answers", "commits_newest"];
        for (kind, index) in DocKind::ALL.into_iter().zip(indexes) {
            let walk = walk(kind);
            for side in [Ordering::Less, Ordering::Greater] {
                let plan: Vec<String> = store
                    .run(|conn| {
                        conn.prepare(&format!("EXPLAIN QUERY PLAN {}", walk.nearest(side)))?
                            .query_map([1, 5, 5, 10], |row| row.get(3))?
                            .collect()
                    })
                    .unwrap();
                let plan = plan.join("\n");
                assert!(
                    plan.contains(index) && !plan.contains("TEMP B-TREE") && !plan.contains("SCAN"),
                    "{plan}"
                );
            }
        }
    }
}
