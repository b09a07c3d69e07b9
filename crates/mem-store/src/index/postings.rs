//! Reading the index: where a term stands, which terms there are, and which labels.
//!
//! A term is always quoted, so that nothing in it is read as a query language.

use mem_core::recall::Filter;
use rusqlite::{Connection, params};

use crate::error::StoreError;
use crate::open::Reader;
#[cfg(doc)]
use crate::write::Tx;

/// What is looked for in the postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought<'a> {
    /// One term.
    Term(&'a str),
    /// Terms in a row.
    Phrase(&'a [String]),
    /// Terms in one passage, in any order.
    All(&'a [String]),
    /// Every term that begins so.
    Prefix(&'a str),
}

impl Sought<'_> {
    /// The expression of FTS5, with another term that has to stand in the same passage.
    fn expression(self, beside: Option<&str>) -> String {
        // a NUL would end the expression in the middle of a string
        let quote = |term: &str| format!("\"{}\"", term.replace('"', "\"\"").replace('\0', " "));
        let sought = match self {
            Self::Term(term) => quote(term),
            Self::Phrase(terms) => quote(&terms.join(" ")),
            Self::All(terms) => terms.iter().map(|term| quote(term)).collect::<Vec<_>>().join(" AND "),
            Self::Prefix(start) => format!("{} *", quote(start)),
        };
        match beside {
            Some(beside) => format!("{sought} AND {}", quote(beside)),
            None => sought,
        }
    }
}

const MATCH: &str = "SELECT rowid FROM passage_terms WHERE passage_terms MATCH ?1";

impl Reader {
    /// Calls `each` for the rows in `rows` that hold what is sought, the newest first, at most `limit`; how many there
    /// were. `beside` is a term that has to stand there too.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn postings(
        &self,
        sought: Sought<'_>,
        beside: Option<&str>,
        rows: (i64, i64),
        limit: usize,
        mut each: impl FnMut(i64),
    ) -> Result<usize, StoreError> {
        // a bound from above is for SQL; one from below ends the reading, since what comes then is older still: asked of
        // SQL it would be compared for every row
        let bound = if rows.1 < i64::MAX { "AND rowid <= ?2" } else { "" };
        let sql = format!("{MATCH} {bound} ORDER BY rowid DESC");
        self.of_index(|conn| {
            let mut found = conn.prepare_cached(&sql)?;
            found.raw_bind_parameter(1, sought.expression(beside))?;
            if rows.1 < i64::MAX {
                found.raw_bind_parameter(2, rows.1)?;
            }
            let mut found = found.raw_query();
            let mut count = 0;
            while count < limit
                && let Some(row) = found.next()?
            {
                let row = row.get(0)?;
                if row < rows.0 {
                    break;
                }
                each(row);
                count += 1;
            }
            Ok(count)
        })
    }

    /// Calls `each` for all rows in `rows` that hold what is sought, the oldest first. The index walks on where a reader of
    /// the newest has it walk back: where all are wanted this saves a third.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn all_postings(
        &self,
        sought: Sought<'_>,
        beside: Option<&str>,
        rows: (i64, i64),
        mut each: impl FnMut(i64),
    ) -> Result<(), StoreError> {
        let sql = format!("{MATCH} AND rowid BETWEEN ?2 AND ?3");
        self.of_index(|conn| {
            let mut found = conn.prepare_cached(&sql)?;
            let mut found = found.query(params![sought.expression(beside), rows.0, rows.1])?;
            while let Some(row) = found.next()? {
                each(row.get(0)?);
            }
            Ok(())
        })
    }

    /// Words of the vocabulary that begin with `start`, by alphabet, at most `limit`; see [`Tx::index_words`].
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn vocabulary(&self, start: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        // the first text behind all that begin so
        let end = format!("{start}\u{10FFFF}");
        self.of_index(|conn| {
            conn.prepare_cached("SELECT word FROM passage_words WHERE word >= ?1 AND word < ?2 LIMIT ?3")?
                .query_map(params![start, end, limit as i64], |row| row.get(0))?
                .collect()
        })
    }

    /// The labels that meet the conditions of a filter on agent, branch, worktree and type; `None` when it has no such
    /// condition.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn labels(&self, filter: &Filter) -> Result<Option<Vec<u32>>, StoreError> {
        let Filter { agents, branches, worktrees, types, .. } = filter;
        if agents.is_empty() && branches.is_empty() && worktrees.is_empty() && types.is_empty() {
            return Ok(None);
        }
        let meets =
            |wanted: &[String], found: &str| wanted.is_empty() || wanted.iter().any(|one| one == found);
        let agents: Vec<String> = agents.iter().map(|agent| agent.as_str().to_owned()).collect();
        let (seen, ids) = self.of_index(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id, agent, branch, worktree, of_type FROM passage_labels")?;
            let mut rows = statement.query([])?;
            let (mut seen, mut ids) = (false, Vec::new());
            while let Some(row) = rows.next()? {
                seen = true;
                let text = |at: usize| row.get_ref(at).and_then(|text| Ok(text.as_str()?.to_owned()));
                if meets(&agents, &text(1)?)
                    && meets(branches, &text(2)?)
                    && meets(worktrees, &text(3)?)
                    && meets(types, &text(4)?)
                {
                    ids.push(u32::try_from(row.get::<_, i64>(0)?).unwrap_or(u32::MAX));
                }
            }
            Ok((seen, ids))
        })?;
        // every passage has one
        if !seen && self.index_state()?.passages > 0 { Err(self.index_is_damaged()) } else { Ok(Some(ids)) }
    }

    /// The error of an index that was found out: what it should hold is not there.
    pub fn index_is_damaged(&self) -> StoreError {
        StoreError::Index { path: self.path().to_path_buf(), source: rusqlite::Error::QueryReturnedNoRows }
    }

    /// Looks the index over: what is wrong, in one line; nothing when sound, or when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written: SQLite asks for that, although nothing is.
    pub fn check_index(&self) -> Result<Option<String>, StoreError> {
        let state = self.index_state()?;
        if state.version == 0 {
            return Ok(None);
        }
        let checked = self.of_index(|conn| {
            conn.execute("INSERT INTO passage_terms (passage_terms) VALUES ('integrity-check')", [])?;
            let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            let rows = count("SELECT count(*) FROM passages WHERE label IN (SELECT id FROM passage_labels)")?;
            // what is looked for is one thing, what it leads to another
            let postings = count("SELECT count(*) FROM passage_terms_docsize")?;
            count("SELECT count(*) FROM passage_blocks")?;
            // postings that were forgotten as a whole are sound for FTS5
            let terms = conn.prepare("SELECT 1 FROM passage_vocabulary LIMIT 1")?.exists([])?;
            Ok((rows, if terms { postings } else { 0 }))
        });
        let (rows, postings) = match checked {
            Ok(counted) => counted,
            Err(StoreError::Index { source, .. }) => return Ok(Some(source.to_string())),
            Err(other) => return Err(other),
        };
        let wrong = rows != postings || rows != state.passages as i64;
        Ok(wrong.then(|| {
            format!(
                "{} passages were counted, {rows} are there, {postings} can be looked for",
                state.passages
            )
        }))
    }

    /// How many documents the index holds.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn indexed_documents(&self) -> Result<u64, StoreError> {
        if self.index_state()?.version == 0 {
            return Ok(0);
        }
        self.of_index(|conn| {
            conn.query_row("SELECT count(DISTINCT doc) FROM passages", [], |row| row.get::<_, i64>(0))
        })
        .map(|count| count.max(0) as u64)
    }

    /// Runs SQL on the tables of the index: whatever they lack or cannot do is damage.
    pub(crate) fn of_index<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.run(work).map_err(|error| match error {
            StoreError::Corrupt { path, source } => StoreError::Index { path, source },
            // a table that is gone, or a virtual one that cannot be set up, or rows that hold nonsense
            StoreError::Sqlite { path, source }
                if matches!(
                    source.sqlite_error_code(),
                    // what goes against a constraint or a trigger was laid there by nobody of ours
                    None | Some(rusqlite::ErrorCode::Unknown | rusqlite::ErrorCode::ConstraintViolation)
                ) =>
            {
                StoreError::Index { path, source }
            }
            other => other,
        })
    }
}
