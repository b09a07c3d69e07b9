//! From an answer or a fault to what is remembered, what is tried again and what is set aside.
//!
//! An answer is recorded before it is judged, so that it is never paid for twice; memory and the end of the batch are
//! one transaction after that. What follows from which outcome is `mem_logic::outcome`'s to say.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mem_core::fault::{Fault, FaultKind};
use mem_core::id::RequestId;
use mem_core::model::{Answer, Usage};
use mem_core::observation::Distiller;
use mem_core::time::Timestamp;
use mem_logic::mode::Mode;
use mem_logic::outcome::{self, Outcome, Step, Tries};
use mem_logic::proof::Proof;
use mem_logic::reply::{self, Grammar};
use mem_logic::spend;
use mem_store::{AnsweredRow, BatchRow, Next, StoreError};

use super::desk::Desk;
use super::hold::{Hold, moment};
use super::proof;
use super::runs::Open;
use crate::log::Level;

/// What an end of a request means for everything else.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Whether the batch advanced.
    pub(super) well: bool,
    /// Whether the failure counts against the model.
    pub(super) counts: bool,
    /// What keeps the model from being asked.
    pub(super) hold: Option<Hold>,
}

/// Records an answer: from here on it is paid for and kept.
///
/// What a service does not say, or says of a whole answer that it took nothing, is put down as it was estimated: a
/// ceiling must not depend on its honesty. A price of nothing is believed only where ours is nothing, too.
pub(super) fn record(desk: &mut Desk<'_>, open: &Open, answer: &Answer) -> Result<bool, StoreError> {
    let chosen = &open.chosen;
    let unsaid = answer.usage.all_input() == 0;
    let mut told = answer.clone();
    if unsaid {
        let output = answer.text.chars().count() as u64 / 3;
        told.usage = Usage { input: open.estimate.tokens, output, ..Usage::default() };
    }
    let (ours, source) = spend::price(&chosen.model, &chosen.settings, chosen.local, told.usage);
    let (money, priced) = match answer.cost {
        Some(cost) if cost.0 > 0 => (cost, spend::PriceSource::Told.as_str()),
        _ if unsaid => (ours, "estimate"),
        _ => (ours, source.as_str()),
    };
    let now = desk.now;
    desk.passes("answered");
    let recorded = desk.store.write(|tx| tx.record_answer(open.request, &told, money, priced, now))?;
    desk.passes("recorded");
    Ok(recorded)
}

/// Settles a recorded answer: memory and the end of its batch in one transaction, or another try.
pub(super) fn settle(desk: &mut Desk<'_>, row: &AnsweredRow, mode: &Mode) -> Result<Settled, StoreError> {
    let proof = proof::decode(&row.proof);
    let grammar = Grammar { kinds: &mode.kind_ids(), concepts: &mode.concept_ids() };
    // a mistake of ours in reading costs this answer and not the daemon, today and after every restart
    let reply =
        catch_unwind(AssertUnwindSafe(|| reply::read(&row.answer.text, &grammar))).unwrap_or_default();
    let outcome = outcome::outcome_of(Ok(&row.answer), Some(&reply));
    for defect in &reply.defects {
        desk.log.line(Level::Debug, &format!("request {}: {defect}", row.request.0));
    }
    let salvaged = !reply.observations.is_empty();
    let step = outcome::step(outcome, salvaged, tries(&row.batch, false), None);
    match step {
        Step::Advance | Step::Salvage => {
            advance(desk, row, reply, &proof, outcome)?;
            desk.passes("settled");
            Ok(Settled { well: true, ..Settled::default() })
        }
        _ => {
            let said = mem_core::text::one_line(&row.answer.text, 200);
            let said = format!("the model answered no memory: {said}");
            fail(desk, (row.request, &row.batch, &row.model), outcome, step, &said, true)
        }
    }
}

fn advance(
    desk: &mut Desk<'_>,
    row: &AnsweredRow,
    reply: reply::Reply,
    proof: &Proof,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let by = Distiller::Model(row.model.clone());
    let mut made = reply::weigh(reply, proof, row.batch.part);
    scrub(desk, &mut made);
    let now = desk.now;
    desk.store.write(|tx| {
        let at = tx.turn(row.batch.turn)?.map_or(now, |turn| turn.last_at);
        tx.settle_observed(row.request, &by, &made, outcome.as_str(), at, now)?;
        if row.batch.asked {
            // what was ordered as a whole goes on with its next part by the same model
            tx.add_batch(row.batch.turn, now)?;
        }
        Ok(())
    })
}

/// What a model wrote is scrubbed like anything else before it reaches the store.
fn scrub(desk: &Desk<'_>, made: &mut mem_core::observation::Distilled) {
    let mut each = |text: &mut String| {
        let _counted_when_captured = desk.capture.scrub_text(text);
    };
    for (_, observation) in &mut made.observations {
        let o = observation;
        [&mut o.title, &mut o.subtitle, &mut o.narrative].into_iter().for_each(&mut each);
        o.facts.iter_mut().for_each(&mut each);
    }
    if let Some(s) = &mut made.summary {
        let fields = [&mut s.request, &mut s.investigated, &mut s.learned, &mut s.completed];
        fields.into_iter().for_each(&mut each);
        [&mut s.next_steps, &mut s.notes].into_iter().for_each(&mut each);
    }
}

/// Takes the fault that a request ended with into account: another try, a hold of its model, or set aside.
pub(super) fn fault(
    desk: &mut Desk<'_>,
    open: &Open,
    batch: &BatchRow,
    fault: &Fault,
) -> Result<Settled, StoreError> {
    let outcome = outcome::outcome_of(Err(fault), None);
    let retry_in = fault.retry_at.map(|at| at.since(desk.now).max(0));
    let step = outcome::step(outcome, false, tries(batch, fault.paid), retry_in);
    let settled = fail(
        desk,
        (open.request, batch, &open.chosen.model.to_string()),
        outcome,
        step,
        &fault.said,
        fault.paid,
    )?;
    let counts = matches!(fault.kind, FaultKind::Transport | FaultKind::Misbehaved);
    Ok(Settled { counts, ..settled })
}

fn fail(
    desk: &mut Desk<'_>,
    (request, batch, model): (RequestId, &BatchRow, &str),
    outcome: Outcome,
    step: Step,
    said: &str,
    paid: bool,
) -> Result<Settled, StoreError> {
    let mut said = mem_core::text::one_line(said, 300);
    let _nothing_to_count = desk.capture.scrub_text(&mut said);
    let now = desk.now;
    let counts = !matches!(outcome, Outcome::Auth | Outcome::Setup | Outcome::Quota | Outcome::Ended);
    let again = |wait_ms: i64, smaller: bool| Next::Again { due_at: now.plus_ms(wait_ms), smaller, counts };
    let (next, hold) = match step {
        Step::Advance | Step::Salvage => return Ok(Settled::default()),
        Step::Smaller { wait_ms } => (again(wait_ms, true), None),
        Step::Again { wait_ms } => (again(wait_ms, false), None),
        Step::Park => (Next::Park, None),
        Step::Pause { wait_ms } => {
            (again(wait_ms, false), Some(hold(model, outcome, &said, now, now.plus_ms(wait_ms))))
        }
    };
    let parked = matches!(next, Next::Park);
    desk.store.write(|tx| tx.fail(request, outcome.as_str(), &said, paid, next, now))?;
    desk.log.line(
        Level::Warn,
        &format!("batch {}: {}{}", batch.id.0, outcome.as_str(), if parked { ", set aside" } else { "" }),
    );
    let trouble = match outcome {
        Outcome::Refused if parked => {
            Some(("model:refused", format!("{model} refuses what it is asked ({said})")))
        }
        Outcome::Transport if batch.attempts >= 2 => Some((
            "model:transport",
            format!("{model} writes no memory, since it cannot be reached ({said})"),
        )),
        _ => None,
    };
    if let Some((kind, words)) = trouble {
        desk.store.write(|tx| tx.fault(kind, &words, now))?;
    }
    Ok(Settled { well: false, counts, hold })
}

fn hold(model: &str, outcome: Outcome, said: &str, since: Timestamp, until: Timestamp) -> Hold {
    let (kind, why) = match outcome {
        Outcome::Auth => {
            ("model:auth", format!("{model} writes no memory, since it does not accept us ({said})"))
        }
        Outcome::Quota => (
            "model:quota",
            format!("{model} is not asked before {}, since its quota is used up ({said})", moment(until)),
        ),
        Outcome::Rate => (
            "model:rate",
            format!("{model} is not asked before {}, since it was asked too often ({said})", moment(until)),
        ),
        _ => ("model:setup", format!("{model} writes no memory, since it cannot be asked ({said})")),
    };
    Hold { model: model.to_owned(), kind, said: why, since, until }
}

/// The tries so far, this one included.
fn tries(batch: &BatchRow, paid: bool) -> Tries {
    Tries { attempts: batch.attempts.max(1), paid: batch.paid + u32::from(paid), smaller: batch.smaller }
}
