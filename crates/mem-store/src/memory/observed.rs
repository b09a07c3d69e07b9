//! Keeping what a model made of a part of a turn: its memory, what that replaces and the settling of its request, all
//! in one transaction, so that a reply is never weighed twice and never lost.
//!
//! What the model had no say in stays: memories of events it was not shown, what the user pinned, and everything where
//! it found nothing worth an observation.

use std::collections::BTreeSet;

use mem_core::id::{EventId, ObservationId, RequestId, SessionRow};
use mem_core::observation::{Distilled, Distiller, Summary};
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::distilled::{Origin, origin};
use super::{observations, summaries};
use crate::batches::{self, BatchState, End, Part};
use crate::error::StoreError;
use crate::ledger;
use crate::open::Reader;
use crate::write::Tx;

/// Characters of an earlier observation's title.
const TITLE: usize = 200;

impl Reader {
    /// What is known of a session before the turn of that ordinal, oldest first: the newest summaries and titles of
    /// observations, at most `limit` of each. What was replaced is passed over.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn earlier(
        &self,
        session: SessionRow,
        before_turn_ordinal: u32,
        limit: usize,
    ) -> Result<(Vec<Summary>, Vec<String>), StoreError> {
        let newest = |columns: &str, table: &str| {
            format!(
                "SELECT {columns} FROM {table} m JOIN turns t ON t.id = m.turn_id
                 WHERE m.session_id = ?1 AND t.ordinal < ?2 AND m.superseded_by IS NULL
                 ORDER BY t.ordinal DESC, m.id DESC LIMIT ?3"
            )
        };
        let limits = params![session.0, before_turn_ordinal, limit as i64];
        self.run(|conn| {
            let mut said: Vec<Summary> = conn
                .prepare_cached(&newest(summaries::SAID, "summaries"))?
                .query_map(limits, |row| summaries::read_said(row, 0))?
                .collect::<rusqlite::Result<_>>()?;
            let mut titles: Vec<String> = conn
                .prepare_cached(&newest("m.title", "observations"))?
                .query_map(limits, |row| Ok(one_line(row.get_ref(0)?.as_str()?, TITLE)))?
                .collect::<rusqlite::Result<_>>()?;
            said.reverse();
            titles.reverse();
            Ok((said, titles))
        })
    }
}

impl Tx<'_> {
    /// Keeps what `by` made of an answered request's events, the last of which happened at `at`, and settles the
    /// request, its batch and the turn up to there. Slots are put below the batch's part (`p2:…`). Only that part's
    /// slots are replaced, and those of later parts of an older order that this one has covered by now; what others
    /// made of the same events is superseded.
    ///
    /// The ids come in the order of the observations. None when the request was settled before or has no answer; no
    /// ids when a newer order for the turn was faster, so that nothing is written.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be written; the answer stays on record then.
    pub fn settle_observed(
        &self,
        request: RequestId,
        by: &Distiller,
        made: &Distilled,
        outcome: &str,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<ObservationId>>, StoreError> {
        self.run(|conn| {
            let Some((batch, through)) = ledger::settle(conn, request, outcome)? else { return Ok(None) };
            let part = batches::part(conn, batch)?;
            let mut ids = Vec::new();
            let mut reason = Some("overtaken by a newer order");
            if !part.overtaken
                && let Some((origin, pruned)) = origin(conn, part.turn, by, at, now)?
            {
                let reply = Reply { request, through, part, origin, pruned };
                ids = reply.keep(conn, made)?;
                reason = None;
            }
            let end = End { state: BatchState::Done, reason, through: Some(through), now };
            batches::settle(conn, batch, BatchState::Answered, &end)?;
            Ok(Some(ids))
        })
    }
}

/// A reply that is being kept.
struct Reply<'d> {
    request: RequestId,
    through: EventId,
    part: Part,
    origin: Origin<'d>,
    /// Whether some of the turn's events were pruned, so that nobody knows what is no longer made.
    pruned: bool,
}

impl Reply<'_> {
    fn keep(&self, conn: &Connection, made: &Distilled) -> rusqlite::Result<Vec<ObservationId>> {
        let mut ids = Vec::with_capacity(made.observations.len());
        for (slot, said) in &made.observations {
            let id = observations::put(conn, &self.origin, &self.slot(slot), said)?;
            observations::claim(conn, id, self.request)?;
            ids.push(id);
        }
        if !self.pruned {
            self.remove_others(conn, &ids)?;
        }
        self.supersede_others(conn, made, &ids)?;
        if let Some(said) = &made.summary {
            let id = summaries::put(conn, &self.origin, said)?;
            summaries::claim(conn, id, self.request)?;
            summaries::supersede_others(conn, self.part.turn, id)?;
        }
        Ok(ids)
    }

    /// The slot below its part, whether or not the caller named the part already.
    fn slot(&self, slot: &str) -> String {
        let part = format!("p{}:", self.part.number);
        if slot.starts_with(&part) { slot.to_owned() } else { part + slot }
    }

    /// Removes what this distiller made before and no longer makes, except what is pinned.
    fn remove_others(&self, conn: &Connection, kept: &[ObservationId]) -> rusqlite::Result<()> {
        for (id, slot) in observations::unpinned_slots(conn, &self.origin)? {
            let gone = match part_of(&slot) {
                Some(part) if part == self.part.number => !kept.contains(&id),
                Some(part) if part > self.part.number => {
                    observations::sources(conn, id)?.iter().all(|event| *event <= self.through)
                }
                _ => false,
            };
            if gone {
                observations::remove(conn, id)?;
            }
        }
        Ok(())
    }

    /// Lets the new observations stand in the place of what other distillers made of events up to here and at least in
    /// part of this reply's; each in the place of those it shares most sources with. None at all when there are no new.
    fn supersede_others(
        &self,
        conn: &Connection,
        made: &Distilled,
        ids: &[ObservationId],
    ) -> rusqlite::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let sets: Vec<BTreeSet<EventId>> =
            made.observations.iter().map(|(_, said)| said.sources.iter().copied().collect()).collect();
        for old in observations::live_of_others(conn, &self.origin)? {
            let sources = observations::sources(conn, old)?;
            let covered = sources.iter().all(|event| *event <= self.through);
            let new_here = sources.is_empty() || sources.iter().any(|event| *event > self.part.after);
            if !covered || !new_here {
                continue;
            }
            let shared = |at: usize| sources.iter().filter(|event| sets[at].contains(event)).count();
            // the first of the best: `max_by_key` would give the last
            let best = (0..ids.len()).rev().max_by_key(|at| shared(*at)).expect("there is a new one");
            observations::supersede(conn, old, ids[best])?;
        }
        Ok(())
    }
}

/// The part of an order that a slot belongs to; none when it is not one of ours.
fn part_of(slot: &str) -> Option<u32> {
    slot.strip_prefix('p')?.split_once(':')?.0.parse().ok()
}
