//! The text index over observations, summaries and prompts: derived, rebuilt with one call.
//!
//! It holds no text, only postings; titles and snippets are read from the rows. A user's words are always
//! quoted, so that nothing they write is read as a query language. The project is one indexed word, so that
//! the filter is part of the query.

use mem_core::id::{ObservationId, ProjectId, SummaryId, TurnId};
use mem_core::text::{floor_boundary, one_line};
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::open::Reader;
use crate::write::Tx;

/// Most words of a query that are looked for; the rest is left out.
const WORDS: usize = 32;
/// Bytes of a query that are looked at.
const QUERY_BYTES: usize = 16 * 1024;
/// Bytes of one word that are looked for.
const WORD_BYTES: usize = 128;
/// Characters of a snippet and of the title of a prompt.
const SNIPPET: usize = 160;
/// Weights of title and body; the project's word filters and does not rank.
const RANK: &str = "bm25(memory_text, 4.0, 1.0, 0.0)";

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HitId {
    /// An observation, `#12`.
    Observation(ObservationId),
    /// A summary, `S3`.
    Summary(SummaryId),
    /// The prompt of a turn.
    Prompt(TurnId),
}

impl HitId {
    /// The kind of row, as output names it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Observation(_) => "observation",
            Self::Summary(_) => "summary",
            Self::Prompt(_) => "prompt",
        }
    }

    fn rowid(self) -> i64 {
        match self {
            Self::Observation(id) => id.0 * 4,
            Self::Summary(id) => id.0 * 4 + 1,
            Self::Prompt(id) => id.0 * 4 + 2,
        }
    }

    fn of_rowid(rowid: i64) -> Option<Self> {
        match rowid % 4 {
            0 => Some(Self::Observation(ObservationId(rowid / 4))),
            1 => Some(Self::Summary(SummaryId(rowid / 4))),
            2 => Some(Self::Prompt(TurnId(rowid / 4))),
            _ => None,
        }
    }
}

/// One answer of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What was found.
    pub id: HitId,
    /// Its title, or the beginning of the prompt, one line.
    pub title: String,
    /// The place where a word stands, one line; empty when the title says it all.
    pub snippet: String,
    /// When it happened.
    pub at: Timestamp,
    /// Where it belongs.
    pub project: ProjectId,
    /// How well it fits: larger is better, comparable within one search only.
    pub score: f64,
}

impl Reader {
    /// The memories and prompts that hold any of the words, the best first.
    ///
    /// No words (only punctuation, nothing at all) find nothing. Beyond 32 words the rest is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn search(
        &self,
        words: &str,
        project: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let words = split(words);
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let query = query_of(&words, project);
        self.run(|conn| {
            let sql = format!(
                "SELECT rowid, {RANK} AS score FROM memory_text WHERE memory_text MATCH ?1
                 ORDER BY score, rowid DESC LIMIT ?2"
            );
            let found: Vec<(i64, f64)> = conn
                .prepare_cached(&sql)?
                .query_map(params![query, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut hits = Vec::with_capacity(found.len());
            for (rowid, score) in found {
                if let Some(id) = HitId::of_rowid(rowid) {
                    hits.extend(describe(conn, id, &words, -score)?);
                }
            }
            Ok(hits)
        })
    }
}

impl Tx<'_> {
    /// Builds the text index anew from the rows; how many texts it holds.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn rebuild_text(&self) -> Result<u64, StoreError> {
        self.run(|conn| {
            conn.execute("INSERT INTO memory_text (memory_text) VALUES ('delete-all')", [])?;
            let mut texts = 0;
            for (source, make) in [
                ("SELECT id FROM observations", observation as fn(i64) -> HitId),
                ("SELECT id FROM summaries", summary),
                ("SELECT id FROM turns", prompt),
            ] {
                let ids: Vec<i64> = conn
                    .prepare(source)?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                for id in ids {
                    texts += u64::from(index(conn, make(id))?);
                }
            }
            Ok(texts)
        })
    }
}

fn observation(id: i64) -> HitId {
    HitId::Observation(ObservationId(id))
}

fn summary(id: i64) -> HitId {
    HitId::Summary(SummaryId(id))
}

fn prompt(id: i64) -> HitId {
    HitId::Prompt(TurnId(id))
}

/// Puts a row's text into the index, in the place of what stood there; whether there was such a row. What
/// was replaced is not indexed.
pub(crate) fn index(conn: &Connection, id: HitId) -> rusqlite::Result<bool> {
    let Some(row) = read(conn, id)? else { return Ok(false) };
    remove(conn, id)?;
    if row.replaced {
        return Ok(false);
    }
    insert(conn, id, row.project, &row.title, &row.body)?;
    Ok(true)
}

/// Puts a new turn's prompt into the index.
pub(crate) fn index_prompt(
    conn: &Connection,
    turn: TurnId,
    project: ProjectId,
    prompt: &str,
) -> rusqlite::Result<()> {
    insert(conn, HitId::Prompt(turn), project, "", prompt)
}

/// Takes a row's text out of the index.
pub(crate) fn remove(conn: &Connection, id: HitId) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM memory_text WHERE rowid = ?1")?.execute([id.rowid()]).map(drop)
}

fn insert(conn: &Connection, id: HitId, project: ProjectId, title: &str, body: &str) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO memory_text (rowid, title, body, project) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id.rowid(), title, body, project_word(project)])
        .map(drop)
}

/// What is indexed of a row, and shown of it.
struct Text {
    title: String,
    body: String,
    at: Timestamp,
    project: ProjectId,
    replaced: bool,
}

fn read(conn: &Connection, id: HitId) -> rusqlite::Result<Option<Text>> {
    let (sql, row) = match id {
        HitId::Observation(id) => (
            "SELECT title, concat_ws(char(10), nullif(subtitle, ''), nullif(narrative, ''),
                        (SELECT group_concat(value, char(10)) FROM json_each(facts)),
                        (SELECT group_concat(value, ' ') FROM json_each(concepts)),
                        (SELECT group_concat(path, char(10)) FROM observation_files
                         WHERE observation_id = observations.id)),
                    at, project_id, superseded_by IS NOT NULL FROM observations WHERE id = ?1",
            id.0,
        ),
        HitId::Summary(id) => (
            "SELECT request, concat_ws(char(10), nullif(completed, ''), nullif(learned, ''),
                        nullif(investigated, ''), nullif(next_steps, ''), nullif(notes, '')),
                    at, project_id, superseded_by IS NOT NULL FROM summaries WHERE id = ?1",
            id.0,
        ),
        HitId::Prompt(id) => ("SELECT '', prompt, started_at, project_id, 0 FROM turns WHERE id = ?1", id.0),
    };
    conn.prepare_cached(sql)?
        .query_row([row], |row| {
            Ok(Text {
                title: row.get(0)?,
                body: row.get(1)?,
                at: Timestamp(row.get(2)?),
                project: ProjectId(row.get(3)?),
                replaced: row.get(4)?,
            })
        })
        .optional()
}

fn describe(conn: &Connection, id: HitId, words: &[&str], score: f64) -> rusqlite::Result<Option<Hit>> {
    Ok(read(conn, id)?.map(|text| {
        let snippet = snippet(&text.body, words);
        let (title, snippet) = match id {
            HitId::Prompt(_) => {
                let title = one_line(&text.body, SNIPPET);
                let says_more = snippet != title;
                (title, if says_more { snippet } else { String::new() })
            }
            _ => (text.title, snippet),
        };
        Hit { id, title, snippet, at: text.at, project: text.project, score }
    }))
}

/// The line of the text around the first word that stands in it, else its beginning.
fn snippet(text: &str, words: &[&str]) -> String {
    let folded = text.to_lowercase();
    // Folding may move bytes about in rare scripts; then the place is only near.
    let at = words.iter().filter_map(|word| folded.find(&word.to_lowercase())).min().unwrap_or(0);
    let before = floor_boundary(text, at.saturating_sub(SNIPPET / 3));
    let start = if before == 0 {
        0
    } else {
        text[before..].find(char::is_whitespace).map_or(before, |space| before + space)
    };
    let line = one_line(&text[start..], SNIPPET);
    if start == 0 || line.is_empty() { line } else { format!("…{line}") }
}

/// The words of a query that can be looked for, each once: those with a letter or digit in them, and the
/// longer parts of a compound such as `lex.rs:42`, which as a whole asks for its parts in a row.
fn split(query: &str) -> Vec<&str> {
    let query = &query[..floor_boundary(query, QUERY_BYTES)];
    let mut words: Vec<&str> = Vec::new();
    for word in query.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let word = &word[..floor_boundary(word, WORD_BYTES)];
        let parts = word.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().nth(2).is_some());
        for word in std::iter::once(word).chain(parts) {
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
        if words.len() >= WORDS {
            break;
        }
    }
    words.truncate(WORDS);
    words
}

fn query_of(words: &[&str], project: Option<ProjectId>) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    let any = format!("{{title body}} : ({})", quoted.join(" OR "));
    match project {
        Some(project) => format!("{any} AND project : \"{}\"", project_word(project)),
        None => any,
    }
}

fn project_word(project: ProjectId) -> String {
    format!("p{}", project.0)
}
