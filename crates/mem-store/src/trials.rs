//! Requests that belong to no batch (`doctor` tries a model out and pays like any other; a service is asked for vectors),
//! and what runs have taken.
//!
//! Trials stand in the ledger beside the others, count for the same ceilings, and carry no memory.

use mem_core::id::{RequestId, SessionRow};
use mem_core::model::{Answer, MicroUsd};
use mem_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::ledger::{self, TOKENS, believed, number};
use crate::open::Reader;
use crate::write::Tx;

/// What a run of the observer has taken so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunTotal {
    /// The agent's id of the session it was asked about; none where it was not asked, or tried out.
    pub session: Option<String>,
    /// Requests it was sent.
    pub requests: u64,
    /// Whether one of them is out.
    pub busy: bool,
    /// Input tokens of every sort; an estimate where there is no answer.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
}

/// A request that is out, by the run it was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// The run.
    pub run: String,
    /// The model, as `ModelId` writes it.
    pub model: String,
    /// The agent's id of the session it is about; none for a trial.
    pub session: Option<String>,
    /// When it was sent.
    pub at: Timestamp,
}

impl Reader {
    /// What a run of the observer has taken so far.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn run_total(&self, run: &str) -> Result<RunTotal, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(&format!(
                "SELECT count(*), coalesce(max(state = 'open'), 0), coalesce(sum({TOKENS}), 0),
                        coalesce(sum(output), 0), max(s.agent_session)
                 FROM requests LEFT JOIN sessions s ON s.id = session_id WHERE run = ?1"
            ))?
            .query_row([run], |row| {
                Ok(RunTotal {
                    session: row.get(4)?,
                    requests: number(row, 0)?,
                    busy: row.get(1)?,
                    input: number(row, 2)?,
                    output: number(row, 3)?,
                })
            })
        })
    }

    /// The run that was asked about a session last.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn newest_run(&self, session: SessionRow) -> Result<Option<String>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT run FROM requests WHERE session_id = ?1 ORDER BY at DESC, id DESC LIMIT 1",
            )?
            .query_row([session.0], |row| row.get(0))
            .optional()
        })
    }

    /// The requests that are out, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn open_requests(&self) -> Result<Vec<OpenRequest>, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "SELECT r.run, r.model, s.agent_session, r.at
                 FROM requests r LEFT JOIN sessions s ON s.id = r.session_id
                 WHERE r.state = 'open' ORDER BY r.at, r.id",
            )?
            .query_map([], |row| {
                Ok(OpenRequest {
                    run: row.get(0)?,
                    model: row.get(1)?,
                    session: row.get(2)?,
                    at: Timestamp(row.get(3)?),
                })
            })?
            .collect()
        })
    }
}

impl Tx<'_> {
    /// Opens the ledger row of a trial: to be committed before the request is sent. `through` and `proof` of the lease
    /// mean nothing here.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written; nothing may be sent then.
    pub fn open_trial(&self, lease: &ledger::Lease, now: Timestamp) -> Result<RequestId, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "INSERT INTO requests (at, state, model, run, through_event, est_tokens, est_money)
                 VALUES (?1, 'open', ?2, ?3, 0, ?4, ?5)",
            )?
            .insert(params![
                now.0,
                lease.model,
                lease.run,
                believed(lease.est_tokens),
                believed(lease.est_money.0)
            ])
            .map(RequestId)
        })
    }

    /// Settles a trial that was answered: what it took, its price and where that comes from. Whether it was open, or
    /// given up by a worker that started meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn settle_trial(
        &self,
        request: RequestId,
        answer: &Answer,
        money: MicroUsd,
        priced: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "UPDATE requests SET state = 'settled', outcome = 'trial', ended_at = ?2, input = ?3, output = ?4,
                     cache_read = ?5, cache_write = ?6, money = ?7, priced = ?8, model_session = ?9, cut = ?10
                 WHERE id = ?1 AND batch_id IS NULL AND state IN ('open', 'lost')",
            )?
            .execute(params![
                request.0,
                now.0,
                believed(answer.usage.input),
                believed(answer.usage.output),
                believed(answer.usage.cache_read),
                believed(answer.usage.cache_write),
                believed(money.0),
                priced,
                answer.model_session,
                answer.cut
            ])
            .map(|rows| rows > 0)
        })
    }

    /// Ends a trial that failed; `paid` says whether it may have been paid for. Whether it was open.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn fail_trial(
        &self,
        request: RequestId,
        outcome: &str,
        said: &str,
        paid: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "UPDATE requests SET state = 'failed', outcome = ?2, said = ?3, paid = ?4, ended_at = ?5
                 WHERE id = ?1 AND batch_id IS NULL AND state IN ('open', 'lost')",
            )?
            .execute(params![request.0, outcome, said, paid, now.0])
            .map(|rows| rows > 0)
        })
    }
}

impl Tx<'_> {
    /// To be called by the one who alone opens trials of `run`, before it does: those that are open were left by a process
    /// that died, and count by their estimate. How many.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written.
    pub fn lose_trials(&self, run: &str, now: Timestamp) -> Result<usize, StoreError> {
        self.run(|conn| {
            conn.prepare_cached(
                "UPDATE requests SET state = 'lost', outcome = 'lost', ended_at = ?2
                 WHERE batch_id IS NULL AND state = 'open' AND run = ?1",
            )?
            .execute(params![run, now.0])
        })
    }
}

/// Gives up the trials whose process died: they count by their estimate.
pub(crate) fn give_up(
    conn: &rusqlite::Connection,
    before: Timestamp,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "UPDATE requests SET state = 'lost', outcome = 'lost', ended_at = ?2
         WHERE batch_id IS NULL AND state = 'open' AND at < ?1",
    )?
    .execute([before.0, now.0])
}
