//! The ledger: a row for each request, written before it is sent, and what it took.
//!
//! A row is never deleted. While a request is out, or was lost with a daemon that died, its estimate counts; once there
//! is an answer, its numbers do. An answer on record is weighed, however often we die before that: it is not paid for
//! twice.

use mem_core::id::{BatchId, EventId, ProjectId, RequestId};
use mem_core::model::{Answer, MicroUsd, Usage};
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::batches::{self, BatchRow, BatchState, End, Retry};
use crate::error::StoreError;
use crate::open::Reader;
use crate::payload::Press;
use crate::trials;
use crate::write::Tx;

/// Requests of a batch that may have been paid for nothing before it is given up.
const MOST_PAID: u32 = 3;
/// Largest number of tokens or of millionths of a dollar that is believed, so that no sum can overflow.
const LARGEST: u64 = 1 << 40;
/// A trial that has been out for longer than this, in ms, belongs to a process that died: the longest a model is waited
/// for is ten minutes.
const LONGEST_TRIAL: i64 = 15 * 60 * 1000;
/// Length of the steps of time that costs are told in, in ms: every time zone is a number of these away from UTC.
const QUARTER: i64 = 15 * 60 * 1000;

/// What is known of a request before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'l> {
    /// The run of the observer that sends it.
    pub run: &'l str,
    /// The model, as `ModelId` writes it.
    pub model: &'l str,
    /// A careful estimate of its input tokens.
    pub est_tokens: u64,
    /// A careful estimate of its price.
    pub est_money: MicroUsd,
    /// The last event it is about.
    pub through: EventId,
    /// Whatever the caller needs to weigh the answer, also after a crash.
    pub proof: &'l [u8],
}

/// What happens to a batch after a request for it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It waits and is asked again.
    Again {
        /// Not before this moment.
        due_at: Timestamp,
        /// Whether it has to become smaller.
        smaller: bool,
        /// Whether this was an attempt of its own.
        counts: bool,
    },
    /// It is given up; the local distiller's memory stands.
    Park,
}

/// An answer on record that is not weighed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredRow {
    /// The request.
    pub request: RequestId,
    /// Its batch.
    pub batch: BatchRow,
    /// The model that answered, as `ModelId` writes it.
    pub model: String,
    /// What it answered. A damaged reply is an empty text. `cost` is what was put down for it.
    pub answer: Answer,
    /// The last event it is about.
    pub through: EventId,
    /// What [`Lease::proof`] was.
    pub proof: Vec<u8>,
}

/// What was found and settled when the daemon started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Requests that were out and whose answer nobody will bring.
    pub lost: u64,
    /// Batches that were given up for that, since it happened too often.
    pub parked: u64,
    /// Answers on record that wait to be weighed.
    pub answered: u64,
}

/// What was spent in a quarter of an hour for one project on one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRow {
    /// Beginning of that quarter of an hour.
    pub at: Timestamp,
    /// The project; none for a trial.
    pub project: Option<ProjectId>,
    /// The model, as `ModelId` writes it.
    pub model: String,
    /// How many requests were made.
    pub requests: u64,
    /// How many of them brought no memory (failed or lost).
    pub failed: u64,
    /// How many of those may have been paid for; a question of `doctor` is none of them, as it wants no memory.
    pub in_vain: u64,
    /// What the answers took.
    pub usage: Usage,
    /// Input tokens put down by estimate: requests that are out, lost or failed without numbers but perhaps paid.
    pub estimated: u64,
    /// What it cost.
    pub money: MicroUsd,
    /// Of that, what is a guess or an estimate.
    pub guessed: MicroUsd,
}

/// A request as the ledger holds it: what a memory was made by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its row.
    pub id: RequestId,
    /// The batch it was made for.
    pub batch: BatchId,
    /// When it was sent.
    pub at: Timestamp,
    /// `open`, `answered`, `settled`, `failed` or `lost`.
    pub state: String,
    /// The model, as `ModelId` writes it.
    pub model: String,
    /// The run of the observer that sent it.
    pub run: String,
    /// The id of the model's own session, where it has one.
    pub model_session: Option<String>,
    /// What it took; nothing while there is no answer.
    pub usage: Usage,
    /// What it cost.
    pub money: MicroUsd,
    /// Where that number comes from: `told`, `own`, `free`, `table`, `guess` or `estimate`.
    pub priced: String,
    /// What came of it, one word.
    pub outcome: Option<String>,
    /// What was said about it.
    pub said: Option<String>,
}

/// Input tokens that count for a request: its numbers, else its estimate unless it was surely free.
pub(crate) const TOKENS: &str = "CASE WHEN input IS NOT NULL THEN input + cache_read + cache_write
                           WHEN paid THEN est_tokens ELSE 0 END";
/// Money that counts for it.
const MONEY: &str = "CASE WHEN money IS NOT NULL THEN money WHEN paid THEN est_money ELSE 0 END";

impl Reader {
    /// What was spent since `at`: input tokens of every sort, and money.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn spent_since(&self, at: Timestamp) -> Result<(u64, MicroUsd), StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&spent_sql())?
                .query_row([at.0], |row| Ok((number(row, 0)?, MicroUsd(number(row, 1)?))))
        })
    }

    /// What was spent since `at`, by quarter of an hour, project and model, in that order.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn costs(&self, since: Timestamp) -> Result<Vec<CostRow>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "SELECT at / {QUARTER} * {QUARTER} AS quarter, project_id, model, count(*),
                        sum(state IN ('failed', 'lost')),
                        coalesce(sum(input), 0), coalesce(sum(output), 0), coalesce(sum(cache_read), 0),
                        coalesce(sum(cache_write), 0), sum(iif(input IS NULL, {TOKENS}, 0)),
                        sum({MONEY}), sum(iif(money IS NULL OR priced IN ('guess', 'estimate'), {MONEY}, 0)),
                        sum(state IN ('failed', 'lost') AND paid AND batch_id IS NOT NULL)
                 FROM requests WHERE at >= ?1
                 GROUP BY quarter, project_id, model ORDER BY quarter, project_id, model"
            ))?
            .query_map([since.0], |row| {
                Ok(CostRow {
                    at: Timestamp(row.get(0)?),
                    project: row.get::<_, Option<i64>>(1)?.map(ProjectId),
                    model: row.get(2)?,
                    requests: number(row, 3)?,
                    failed: number(row, 4)?,
                    in_vain: number(row, 12)?,
                    usage: Usage {
                        input: number(row, 5)?,
                        output: number(row, 6)?,
                        cache_read: number(row, 7)?,
                        cache_write: number(row, 8)?,
                    },
                    estimated: number(row, 9)?,
                    money: MicroUsd(number(row, 10)?),
                    guessed: MicroUsd(number(row, 11)?),
                })
            })?
            .collect()
        })
    }

    /// The answers on record that are not weighed yet, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn answered_requests(&self) -> Result<Vec<AnsweredRow>, StoreError> {
        let mut press = self.press.borrow_mut();
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "SELECT {}, r.id, r.model, r.through_event, r.proof, r.reply, r.reply_bytes, r.cut, r.input,
                        r.output, r.cache_read, r.cache_write, r.money, r.model_session
                 FROM batches b JOIN requests r ON r.batch_id = b.id JOIN sessions s ON s.id = b.session_id
                 WHERE b.state = 'answered' AND r.state = 'answered' ORDER BY r.id",
                batches::COLUMNS
            ))?
            .query_map([], |row| read_answered(row, &mut press))?
            .filter_map(Result::transpose)
            .collect()
        })
    }

    /// The request a memory was made by; none for what our own rules made, and for prompts.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn request_of(&self, id: DocId) -> Result<Option<RequestRow>, StoreError> {
        let (table, row) = match id {
            DocId::Observation(id) => ("observations", id.0),
            DocId::Summary(id) => ("summaries", id.0),
            DocId::Prompt(_) | DocId::Answer(_) | DocId::Commit(_) => return Ok(None),
        };
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "SELECT id, batch_id, at, state, model, run, model_session, coalesce(input, 0),
                        coalesce(output, 0), coalesce(cache_read, 0), coalesce(cache_write, 0), {MONEY}, priced,
                        outcome, said
                 FROM requests WHERE id = (SELECT request_id FROM {table} WHERE id = ?1)"
            ))?
            .query_row([row], read_request)
            .optional()
        })
    }
}

impl Tx<'_> {
    /// Takes a waiting batch out and opens its row in the ledger: to be committed before the request is sent. None
    /// when the batch does not wait.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written; nothing may be sent then.
    pub fn lease(
        &self,
        batch: BatchId,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Option<RequestId>, StoreError> {
        self.run(|conn| {
            if !batches::lease(conn, batch, lease.through)? {
                return Ok(None);
            }
            conn.prepare_cached(
                "INSERT INTO requests (batch_id, session_id, project_id, at, state, model, run, through_event,
                                       est_tokens, est_money, proof)
                 SELECT b.id, b.session_id, t.project_id, ?2, 'open', ?3, ?4, ?5, ?6, ?7, ?8
                 FROM batches b JOIN turns t ON t.id = b.turn_id WHERE b.id = ?1 RETURNING id",
            )?
            .query_row(
                params![
                    batch.0,
                    now.0,
                    lease.model,
                    lease.run,
                    lease.through.0,
                    believed(lease.est_tokens),
                    believed(lease.est_money.0),
                    lease.proof
                ],
                |row| row.get(0).map(RequestId),
            )
            .optional()
        })
    }

    /// Puts the answer of an open request on record, with its price and where that comes from; from here on it is
    /// weighed and not paid for again. Whether the request was open.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn record_answer(
        &self,
        request: RequestId,
        answer: &Answer,
        money: MicroUsd,
        priced: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let reply = self
            .press
            .borrow_mut()
            .pack(answer.text.as_bytes())
            .map_err(|source| StoreError::Io { path: self.path().to_path_buf(), source })?;
        self.run(|conn| {
            let batch = conn
                .prepare_cached(
                    "UPDATE requests SET state = 'answered', ended_at = ?2, input = ?3, output = ?4,
                         cache_read = ?5, cache_write = ?6, money = ?7, priced = ?8, model_session = ?9, cut = ?10,
                         reply = ?11, reply_bytes = ?12
                     WHERE id = ?1 AND state = 'open' RETURNING batch_id",
                )?
                .query_row(
                    params![
                        request.0,
                        now.0,
                        believed(answer.usage.input),
                        believed(answer.usage.output),
                        believed(answer.usage.cache_read),
                        believed(answer.usage.cache_write),
                        believed(money.0),
                        priced,
                        answer.model_session,
                        answer.cut,
                        reply,
                        answer.text.len() as i64
                    ],
                    |row| row.get(0).map(BatchId),
                )
                .optional()?;
            let Some(batch) = batch else { return Ok(false) };
            batches::answered(conn, batch)?;
            Ok(true)
        })
    }

    /// Ends a request that brought no memory: it failed, or its answer is not what was asked for. `paid`: whether it
    /// may have been paid for (an answer on record was). Whether it was open or answered.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn fail(
        &self,
        request: RequestId,
        outcome: &str,
        said: &str,
        paid: bool,
        next: Next,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(|conn| {
            let before: Option<(BatchId, bool)> = conn
                .prepare_cached(
                    "SELECT batch_id, state = 'answered' FROM requests
                     WHERE id = ?1 AND state IN ('open', 'answered')",
                )?
                .query_row([request.0], |row| Ok((BatchId(row.get(0)?), row.get(1)?)))
                .optional()?;
            let Some((batch, answered)) = before else { return Ok(false) };
            conn.prepare_cached(
                "UPDATE requests SET state = 'failed', outcome = ?2, said = ?3, paid = ?4,
                     ended_at = coalesce(ended_at, ?5)
                 WHERE id = ?1",
            )?
            .execute(params![request.0, outcome, said, paid || answered, now.0])?;
            if paid && !answered {
                batches::count_paid(conn, batch)?;
            }
            let reason = reason(outcome, said);
            match next {
                Next::Again { due_at, smaller, counts } => {
                    batches::reopen(conn, batch, &Retry { due_at, smaller, counts, reason: &reason }, now)?;
                }
                Next::Park => {
                    let from = if answered { BatchState::Answered } else { BatchState::Leased };
                    let end = End { state: BatchState::Parked, reason: Some(&reason), through: None, now };
                    batches::settle(conn, batch, from, &end)?;
                }
            }
            Ok(true)
        })
    }

    /// To be called when the daemon starts, before anything is asked: requests that were out are lost, and count by
    /// their estimate; their batches wait again, or are given up when it was the third that may have been paid for
    /// nothing. Answers on record stay for whoever weighs them.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn recover(&self, now: Timestamp) -> Result<Recovered, StoreError> {
        const LOST: &str = "lost: the daemon ended while it was asked";
        self.run(|conn| {
            let mut found = Recovered::default();
            let open: Vec<BatchId> = conn
                .prepare_cached(
                    "SELECT b.id FROM batches b JOIN requests r ON r.batch_id = b.id
                     WHERE b.state = 'leased' AND r.state = 'open' ORDER BY b.id",
                )?
                .query_map([], |row| row.get(0).map(BatchId))?
                .collect::<rusqlite::Result<_>>()?;
            for batch in open {
                conn.prepare_cached(
                    "UPDATE requests SET state = 'lost', outcome = 'lost', ended_at = ?2
                     WHERE batch_id = ?1 AND state = 'open'",
                )?
                .execute([batch.0, now.0])?;
                found.lost += 1;
                if batches::count_paid(conn, batch)? >= MOST_PAID {
                    let end = End { state: BatchState::Parked, reason: Some(LOST), through: None, now };
                    batches::settle(conn, batch, BatchState::Leased, &end)?;
                    found.parked += 1;
                } else {
                    let retry = Retry { due_at: now, smaller: false, counts: true, reason: LOST };
                    batches::reopen(conn, batch, &retry, now)?;
                }
            }
            trials::give_up(conn, now.plus_ms(-LONGEST_TRIAL), now)?;
            found.answered = conn
                .prepare_cached("SELECT count(*) FROM batches WHERE state = 'answered'")?
                .query_row([], |row| number(row, 0))?;
            Ok(found)
        })
    }
}

/// Settles an answered request whose memory is written in this transaction; the batch, and the last event it was
/// about. None when it was not answered, or is settled already.
pub(crate) fn settle(
    conn: &Connection,
    request: RequestId,
    outcome: &str,
) -> rusqlite::Result<Option<(BatchId, EventId)>> {
    conn.prepare_cached(
        "UPDATE requests SET state = 'settled', outcome = ?2 WHERE id = ?1 AND state = 'answered'
             RETURNING batch_id, through_event",
    )?
    .query_row(params![request.0, outcome], |row| Ok((BatchId(row.get(0)?), EventId(row.get(1)?))))
    .optional()
}

/// Lets go of the replies a batch ever had, and of what was needed to weigh them.
pub(crate) fn forget_replies(conn: &Connection, batch: BatchId) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE requests SET reply = NULL, proof = NULL WHERE batch_id = ?1")?
        .execute([batch.0])
        .map(drop)
}

pub(crate) fn spent_sql() -> String {
    format!("SELECT coalesce(sum({TOKENS}), 0), coalesce(sum({MONEY}), 0) FROM requests WHERE at >= ?1")
}

fn read_answered(row: &Row, press: &mut Press) -> rusqlite::Result<Option<AnsweredRow>> {
    const FIRST: usize = 17; // after the columns of a batch
    let Some(batch) = batches::read_batch(row)? else { return Ok(None) };
    let packed: Vec<u8> = row.get::<_, Option<_>>(FIRST + 4)?.unwrap_or_default();
    let len = row.get::<_, Option<i64>>(FIRST + 5)?.unwrap_or_default().max(0) as usize;
    let text = press.unpack(&packed, len).and_then(|plain| String::from_utf8(plain).ok());
    Ok(Some(AnsweredRow {
        request: RequestId(row.get(FIRST)?),
        batch,
        model: row.get(FIRST + 1)?,
        through: EventId(row.get(FIRST + 2)?),
        proof: row.get::<_, Option<_>>(FIRST + 3)?.unwrap_or_default(),
        answer: Answer {
            text: text.unwrap_or_default(),
            cut: row.get(FIRST + 6)?,
            usage: Usage {
                input: number(row, FIRST + 7)?,
                output: number(row, FIRST + 8)?,
                cache_read: number(row, FIRST + 9)?,
                cache_write: number(row, FIRST + 10)?,
            },
            cost: Some(MicroUsd(number(row, FIRST + 11)?)),
            model_session: row.get(FIRST + 12)?,
        },
    }))
}

fn read_request(row: &Row) -> rusqlite::Result<RequestRow> {
    Ok(RequestRow {
        id: RequestId(row.get(0)?),
        batch: BatchId(row.get(1)?),
        at: Timestamp(row.get(2)?),
        state: row.get(3)?,
        model: row.get(4)?,
        run: row.get(5)?,
        model_session: row.get(6)?,
        usage: Usage {
            input: number(row, 7)?,
            output: number(row, 8)?,
            cache_read: number(row, 9)?,
            cache_write: number(row, 10)?,
        },
        money: MicroUsd(number(row, 11)?),
        priced: row.get(12)?,
        outcome: row.get(13)?,
        said: row.get(14)?,
    })
}

pub(crate) fn number(row: &Row, at: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(at).map(|n| n.max(0) as u64)
}

pub(crate) fn believed(number: u64) -> i64 {
    number.min(LARGEST) as i64
}

fn reason(outcome: &str, said: &str) -> String {
    if said.is_empty() { outcome.to_owned() } else { format!("{outcome}: {said}") }
}
