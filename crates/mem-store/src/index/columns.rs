//! What ranking and filters want to know of every passage, as arrays: read in one go, kept while it is of use.
//!
//! Rows are numbered from 1 without regard to gaps; what a gap holds means nothing, since no posting leads there.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::open::Reader;

/// Rows in a block.
pub(super) const BLOCK: i64 = 1024;
/// Bytes of a row in a block: time, document, session, project, turn, label, words.
const ROW: usize = 8 + 8 + 4 + 4 + 4 + 4 + 2;
/// Where its document stands in a row.
const DOC: usize = 8;

/// Arrays over the rows of the index: row `n` stands at `n - 1`.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    generation: u64,
    changes: u64,
    gaps: u64,
    /// Whether anything was read at all.
    read: bool,
    /// When it happened, in milliseconds since the Unix epoch.
    pub at: Vec<i64>,
    /// The number of its document; 0 for a gap.
    pub doc: Vec<i64>,
    /// The row of its session.
    pub session: Vec<u32>,
    /// The row of its project.
    pub project: Vec<u32>,
    /// The row of its turn; 0 where it has none.
    pub turn: Vec<u32>,
    /// Its label: see [`Reader::labels`].
    pub label: Vec<u32>,
    /// How many words it has.
    pub words: Vec<u16>,
}

impl Columns {
    /// How many rows there are, gaps included.
    pub fn len(&self) -> usize {
        self.doc.len()
    }

    /// How many rows stand in blocks: each keeps its passage or becomes a gap. Those behind may go, and others come in their
    /// place.
    pub fn sealed(&self) -> usize {
        self.len() / BLOCK as usize * BLOCK as usize
    }

    /// Which state of the index they are of: equal as long as nothing changed.
    pub fn state(&self) -> (u64, u64) {
        (self.generation, self.changes)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.doc.is_empty()
    }

    fn push(&mut self, row: &One) {
        self.at.push(row.at);
        self.doc.push(row.doc);
        self.session.push(row.session);
        self.project.push(row.project);
        self.turn.push(row.turn);
        self.label.push(row.label);
        self.words.push(row.words);
    }

    /// Makes room for that many rows in all, and no more: growing by doubling would take up to twice as much.
    fn make_room(&mut self, rows: usize) {
        let more = rows.saturating_sub(self.len());
        self.at.reserve_exact(more);
        self.doc.reserve_exact(more);
        self.session.reserve_exact(more);
        self.project.reserve_exact(more);
        self.turn.reserve_exact(more);
        self.label.reserve_exact(more);
        self.words.reserve_exact(more);
    }

    fn fill_to(&mut self, rows: usize) {
        while self.len() < rows {
            self.push(&One::default());
        }
    }

    fn forget(&mut self, rows: usize) {
        self.at.truncate(rows);
        self.doc.truncate(rows);
        self.session.truncate(rows);
        self.project.truncate(rows);
        self.turn.truncate(rows);
        self.label.truncate(rows);
        self.words.truncate(rows);
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct One {
    at: i64,
    doc: i64,
    session: u32,
    project: u32,
    turn: u32,
    label: u32,
    words: u16,
}

impl One {
    fn read(row: &rusqlite::Row) -> rusqlite::Result<(i64, Self)> {
        let number: i64 = row.get(0)?;
        let four = |at: usize| row.get::<_, i64>(at).map(|id| u32::try_from(id).unwrap_or(u32::MAX));
        Ok((
            number,
            Self {
                doc: row.get(1)?,
                at: row.get(2)?,
                session: four(3)?,
                project: four(4)?,
                turn: four(5)?,
                label: four(6)?,
                words: u16::try_from(row.get::<_, i64>(7)?).unwrap_or(u16::MAX),
            },
        ))
    }

    fn encode(self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.at.to_le_bytes());
        into.extend_from_slice(&self.doc.to_le_bytes());
        into.extend_from_slice(&self.session.to_le_bytes());
        into.extend_from_slice(&self.project.to_le_bytes());
        into.extend_from_slice(&self.turn.to_le_bytes());
        into.extend_from_slice(&self.label.to_le_bytes());
        into.extend_from_slice(&self.words.to_le_bytes());
    }

    fn decode(bytes: &[u8; ROW]) -> Self {
        let eight = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Self {
            at: eight(0),
            doc: eight(8),
            session: four(16),
            project: four(20),
            turn: four(24),
            label: four(28),
            words: u16::from_le_bytes([bytes[32], bytes[33]]),
        }
    }
}

const ROWS: &str =
    "SELECT row, doc, at, session_id, project_id, turn_id, label, words FROM passages WHERE row BETWEEN ?1 AND ?2
     ORDER BY row";

impl Reader {
    /// Brings arrays that were read before (or are empty) up to date. Cheap when little was added since.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the index is damaged; any other when the store cannot be read.
    pub fn read_columns(&self, columns: &mut Columns) -> Result<(), StoreError> {
        let state = self.index_state()?;
        if columns.read && state.generation == columns.generation && state.changes == columns.changes {
            return Ok(());
        }
        if (state.generation, state.gaps) != (columns.generation, columns.gaps) {
            *columns = Columns { generation: state.generation, gaps: state.gaps, ..Columns::default() };
        }
        columns.changes = state.changes;
        if state.version == 0 {
            return Ok(());
        }
        let read = self.of_index(|conn| read(conn, columns))?;
        let held = columns.doc.iter().filter(|doc| **doc != 0).count() as u64;
        if !read || held != state.passages {
            // half of it would be believed next time
            *columns = Columns::default();
            return Err(self.index_is_damaged());
        }
        columns.read = true;
        Ok(())
    }
}

/// Reads what is new; `false` where it cannot be what was written, which is not to be followed: a wrong number would be
/// room for billions of rows.
fn read(conn: &Connection, columns: &mut Columns) -> rusqlite::Result<bool> {
    let bounds = Bounds::of(conn)?;
    // rows behind the last block may have gone or come since they were read
    let sealed = columns.sealed() as i64;
    columns.forget(sealed as usize);
    if columns.is_empty() {
        let blocks: i64 = conn.query_row("SELECT count(*) FROM passage_blocks", [], |row| row.get(0))?;
        // one block more for what stands behind them
        columns.make_room((blocks + 1) as usize * BLOCK as usize);
    }
    let mut blocks =
        conn.prepare_cached("SELECT first, columns FROM passage_blocks WHERE first > ?1 ORDER BY first")?;
    let mut blocks = blocks.query([sealed])?;
    while let Some(block) = blocks.next()? {
        let (first, bytes) = (block.get::<_, i64>(0)?, block.get_ref(1)?.as_blob()?);
        let (rows, rest) = bytes.as_chunks::<ROW>();
        if first != columns.len() as i64 + 1 || rows.len() as i64 != BLOCK || !rest.is_empty() {
            return Ok(false);
        }
        for row in rows {
            let one = One::decode(row);
            if !bounds.hold(&one) {
                return Ok(false);
            }
            columns.push(&one);
        }
    }
    let sealed = columns.len() as i64;
    let mut tail = conn.prepare_cached(ROWS)?;
    let mut tail = tail.query([sealed + 1, i64::MAX])?;
    while let Some(row) = tail.next()? {
        let (number, one) = One::read(row)?;
        if number > sealed + BLOCK || !bounds.hold(&one) {
            return Ok(false);
        }
        columns.fill_to(number as usize - 1);
        columns.push(&one);
    }
    Ok(true)
}

/// The highest ids that were given: what lies beyond them is damage.
struct Bounds {
    session: i64,
    project: i64,
    turn: i64,
}

impl Bounds {
    fn of(conn: &Connection) -> rusqlite::Result<Self> {
        // ids that were ever given: a project may be gone before its passages are
        let given = |table: &str| {
            conn.prepare_cached("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1")?
                .query_row([table], |row| row.get(0))
        };
        Ok(Self { session: given("sessions")?, project: given("projects")?, turn: given("turns")? })
    }

    fn hold(&self, one: &One) -> bool {
        i64::from(one.session) <= self.session
            && i64::from(one.project) <= self.project
            && i64::from(one.turn) <= self.turn
            && one.doc >= 0
    }
}

/// The row the next passage gets: behind all others and behind the last block.
pub(super) fn next_row(conn: &Connection) -> rusqlite::Result<i64> {
    let last: Option<i64> =
        conn.prepare_cached("SELECT max(row) FROM passages")?.query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or(0).max(sealed(conn)?) + 1)
}

/// The last row that stands in a block.
fn sealed(conn: &Connection) -> rusqlite::Result<i64> {
    let first: Option<i64> = conn
        .prepare_cached("SELECT max(first) FROM passage_blocks")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(first.map_or(0, |first| first + BLOCK - 1))
}

/// Makes a row that is gone a gap in its block, where it stands in one. Whether it did.
pub(super) fn leave_gap(conn: &Connection, row: i64) -> rusqlite::Result<bool> {
    let first = (row - 1) / BLOCK * BLOCK + 1;
    let sealed = conn.prepare_cached("SELECT 1 FROM passage_blocks WHERE first = ?1")?.exists([first])?;
    if sealed {
        // its document is what tells a row from a gap; nothing else of the block is written
        let mut block = conn.blob_open("main", "passage_blocks", "columns", first, false)?;
        block.write_at(&0_i64.to_le_bytes(), (row - first) as usize * ROW + DOC)?;
    }
    Ok(sealed)
}

/// Writes the blocks that are complete now that `last` was the last row given.
pub(super) fn seal(conn: &Connection, last: i64) -> rusqlite::Result<()> {
    let mut first = sealed(conn)? + 1;
    while first + BLOCK - 1 <= last {
        let mut rows = vec![One::default(); BLOCK as usize];
        let mut found = conn.prepare_cached(ROWS)?;
        let mut found = found.query(params![first, first + BLOCK - 1])?;
        while let Some(row) = found.next()? {
            let (number, one) = One::read(row)?;
            rows[(number - first) as usize] = one;
        }
        let mut bytes = Vec::with_capacity(BLOCK as usize * ROW);
        for one in rows {
            one.encode(&mut bytes);
        }
        conn.prepare_cached("INSERT OR REPLACE INTO passage_blocks (first, columns) VALUES (?1, ?2)")?
            .execute(params![first, bytes])?;
        first += BLOCK;
    }
    Ok(())
}
