//! The observer from one step to the next: what happened goes to the supervisor, what it decides is carried out.
//!
//! A step is short: it plans, sends and settles, and never waits for a model. Runs are threads that report through the
//! daemon's one queue. Must be called with the inbox lock held, since it writes memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::SyncSender;

use mem_core::fault::{Fault, FaultKind};
use mem_core::id::{BatchId, RequestId, RunId};
use mem_core::model::Answer;
use mem_core::time::Timestamp;
use mem_logic::mode::Mode;
use mem_logic::supervise::{Departure, Effect, EndReason, GiveBack, Happening, Limits, Notice, Supervisor};
use mem_store::{AnsweredRow, BatchRow, BatchState, StoreError};

use super::desk::Desk;
use super::hold::{Hold, Holds, moment, reason_exempts};
use super::models::Models;
use super::plan;
use super::runs::{Job, News, Open, Running};
use super::send::{self, Sent};
use super::settle::{self, Settled};
use crate::event::Wake;
use crate::log::Level;

/// Batches that the supervisor is told of in one step.
const AT_ONCE: usize = 64;
/// A batch that had to wait for a slot in vain is wanted again after this.
const SLOT_AGAIN_MS: i64 = 1000;
/// A batch that the guard or the breaker turned away is wanted again after this, unless they say when.
const GUARD_AGAIN_MS: i64 = 60_000;

/// What a step came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Stepped {
    /// Whether memory or the queue changed.
    pub moved: bool,
    /// Whether a run lives or somebody waits for one.
    pub busy: bool,
    /// When to step again at the latest.
    pub next: Option<Timestamp>,
}

/// The observer's state.
pub struct Observer {
    supervisor: Supervisor,
    runs: BTreeMap<RunId, Running>,
    news: Vec<News>,
    holds: Holds,
    models: Models,
    wakes: SyncSender<Wake>,
    began: bool,
    changed: bool,
}

impl Observer {
    /// An observer that has done nothing yet; its runs report into `wakes`.
    pub fn new(wakes: SyncSender<Wake>) -> Self {
        Self {
            supervisor: Supervisor::new(Limits { pool: 1, warm: false }),
            runs: BTreeMap::new(),
            news: Vec::new(),
            holds: Holds::default(),
            models: Models::default(),
            wakes,
            began: false,
            changed: false,
        }
    }

    /// Takes news of a run, for the next step.
    pub fn hear(&mut self, news: News) {
        self.news.push(news);
    }

    /// Looks at everything anew: the settings changed.
    pub fn settings_changed(&mut self) {
        self.models.forget();
        self.changed = true;
    }

    /// One step.
    ///
    /// # Errors
    /// [`StoreError`]; what was not committed is done again with the next step.
    pub fn step(&mut self, desk: &mut Desk<'_>) -> Result<Stepped, StoreError> {
        let mut moved = false;
        if !self.began {
            moved |= self.begin(desk)?;
        }
        moved |= self.take_news(desk)?;
        let well = self.holds.look(desk)?;
        let chosen = desk.chosen(None);
        self.supervisor.set_limits(Models::limits(desk.layers));
        // a step is short: what does not fit into it comes with the next, at once
        let mut more = false;
        if chosen.is_some() {
            let planned = plan::plan(desk)?;
            moved |= planned > 0;
            more |= planned == plan::AT_ONCE;
        } else {
            plan::forget_choice(desk)?;
        }
        let changed = std::mem::take(&mut self.changed);
        if changed {
            self.holds.forget(desk)?;
        }
        if changed || well {
            // what waited for the old settings, or for a model that answers now, waits no longer; a hold of another still holds
            let now = desk.now;
            desk.store.write(|tx| tx.hurry(now))?;
            let effects = self.supervisor.on(desk.now, Happening::Changed);
            moved |= self.carry_out(desk, effects)?;
        }
        let effects = self.supervisor.tick(desk.now);
        moved |= self.carry_out(desk, effects)?;
        moved |= self.want(desk, chosen.is_some())?;
        // what moved may have made room, or left the rest of a turn to be planned
        more |= moved;
        self.tell_notices(desk)?;
        let next = [
            self.supervisor.next(),
            self.holds.next(),
            more.then_some(desk.now),
            // what is due already waits for a slot or a model and not for a moment: a run that ends wakes us
            desk.store.next_due(desk.now)?,
        ];
        Ok(Stepped { moved, busy: !self.supervisor.is_idle(), next: next.into_iter().flatten().min() })
    }

    /// Ends all runs; whatever was being asked is put back as perhaps paid for. Gives how many runs there were, each of
    /// which reports when it is gone.
    ///
    /// # Errors
    /// [`StoreError`]; the next daemon finds the open requests and does the same.
    pub fn stop(&mut self, desk: &mut Desk<'_>) -> Result<usize, StoreError> {
        let _nothing_is_carried_out_any_more = self.supervisor.on(desk.now, Happening::Stopping);
        for running in self.runs.values_mut() {
            running.kill();
        }
        let open: Vec<Open> = self.runs.values_mut().filter_map(|run| run.open.take()).collect();
        for open in open {
            let Some(row) = desk.store.batch(open.batch)? else { continue };
            let ended = Fault::perhaps_paid(FaultKind::Ended, "the worker left");
            settle::fault(desk, &open, &row, &ended)?;
        }
        Ok(self.runs.len())
    }

    /// What the daemon before this one left: processes, requests without an answer, answers without a memory.
    fn begin(&mut self, desk: &mut Desk<'_>) -> Result<bool, StoreError> {
        let swept = Models::sweep(desk.context);
        let now = desk.now;
        let recovered = desk.store.write(|tx| tx.recover(now))?;
        if swept + recovered.lost as usize > 0 {
            desk.log.line(
                Level::Warn,
                &format!("an earlier daemon left {swept} processes and {} open requests", recovered.lost),
            );
        }
        let answered = desk.store.answered_requests()?;
        let mode = self.models.mode(desk.context, desk.layers);
        for row in &answered {
            self.settle(desk, row, &mode)?;
        }
        // what waited for a breaker or a back-off of the daemon before is tried by this one; what a hold kept, still is
        desk.store.write(|tx| tx.hurry(now))?;
        self.holds.forget_troubles(desk)?;
        if !desk.context.may_ask {
            desk.log.line(
                Level::Warn,
                "a project chose the place of this memory, so no model is asked from here",
            );
        }
        self.began = true;
        Ok(recovered.lost > 0 || !answered.is_empty())
    }

    fn take_news(&mut self, desk: &mut Desk<'_>) -> Result<bool, StoreError> {
        let mut moved = false;
        while !self.news.is_empty() {
            let news = self.news.remove(0);
            moved |= !matches!(news, News::Spoke { .. });
            if let Err(error) = self.take(desk, &news) {
                // an error of the store is no reason to forget it
                self.news.insert(0, news);
                return Err(error);
            }
        }
        Ok(moved)
    }

    fn take(&mut self, desk: &mut Desk<'_>, news: &News) -> Result<(), StoreError> {
        let happening = match news {
            News::Spoke { run } => Some(Happening::Spoke { run: *run }),
            News::Gone { run } => Some(Happening::Gone { run: *run, how: Departure::Wanted }),
            News::Answered { run, request, result } => self.answered(desk, *run, *request, result)?,
        };
        if let Some(happening) = happening {
            let effects = self.supervisor.on(desk.now, happening);
            self.carry_out(desk, effects)?;
        }
        if let News::Gone { run } = news {
            self.runs.remove(run);
        }
        Ok(())
    }

    /// A request came to its end; what the supervisor is to know of it. One that was given up before is no news.
    fn answered(
        &mut self,
        desk: &mut Desk<'_>,
        run: RunId,
        request: RequestId,
        result: &Result<Answer, Fault>,
    ) -> Result<Option<Happening>, StoreError> {
        let Some(running) = self.runs.get(&run) else { return Ok(None) };
        let Some(open) = running.open.clone().filter(|open| open.request == request) else { return Ok(None) };
        let Some(row) = desk.store.batch(open.batch)? else { return Ok(None) };
        let happening = match result {
            Ok(answer) => {
                settle::record(desk, &open, answer)?;
                let mode = self.models.mode(desk.context, desk.layers);
                let rows = desk.store.answered_requests()?;
                let settled = match rows.iter().find(|row| row.request == request) {
                    Some(row) => self.settle(desk, row, &mode)?,
                    None => Settled::default(),
                };
                if settled.well {
                    // a hold is not over: this was asked before it began
                    self.holds.forget_troubles(desk)?;
                }
                Happening::Answered { run, well: settled.well }
            }
            Err(fault) => {
                let fault = if running.silent { silence() } else { fault.clone() };
                let settled = settle::fault(desk, &open, &row, &fault)?;
                self.take_hold(desk, settled.hold)?;
                let well_behaved = fault.kind != FaultKind::Misbehaved;
                Happening::Failed { run, well_behaved, counts: settled.counts }
            }
        };
        if let Some(running) = self.runs.get_mut(&run) {
            running.open = None;
        }
        Ok(Some(happening))
    }

    fn settle(&mut self, desk: &mut Desk<'_>, row: &AnsweredRow, mode: &Mode) -> Result<Settled, StoreError> {
        let settled = settle::settle(desk, row, mode)?;
        self.take_hold(desk, settled.hold.clone())?;
        Ok(settled)
    }

    fn take_hold(&mut self, desk: &mut Desk<'_>, hold: Option<Hold>) -> Result<(), StoreError> {
        hold.map_or(Ok(()), |hold| self.holds.take(desk, hold))
    }

    /// Tells the supervisor of the batches that are due. Whether anything came of it.
    fn want(&mut self, desk: &mut Desk<'_>, any: bool) -> Result<bool, StoreError> {
        let mut moved = false;
        for row in desk.store.due_batches(desk.now, AT_ONCE)? {
            let ordered = row.asked && row.ordered_model.is_some();
            if self.supervisor.wants(row.id) || !(any || ordered) {
                continue;
            }
            let model = desk.chosen(row.ordered_model.as_deref());
            let Some(name) = model.map(|chosen| chosen.model.to_string()) else { continue };
            if let Some(hold) = self.holds.of(desk, &name)? {
                held(desk, row.id, &hold)?;
                moved = true;
                continue;
            }
            let asked = row.asked || reason_exempts(row.reason.as_deref());
            let wanted =
                Happening::Wanted { session: row.session, batch: row.id, begun_at: row.begun_at, asked };
            let effects = self.supervisor.on(desk.now, wanted);
            moved |= self.carry_out(desk, effects)?;
        }
        Ok(moved)
    }

    fn carry_out(&mut self, desk: &mut Desk<'_>, effects: Vec<Effect>) -> Result<bool, StoreError> {
        let mut moved = false;
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Start { run, session } => {
                    let name = format!("{:012x}-{:x}-{:x}", desk.now.0, std::process::id(), run.0);
                    self.runs.insert(run, Running::start(run, session, name, self.wakes.clone()));
                    queue.extend(self.supervisor.on(desk.now, Happening::Started { run }));
                }
                Effect::Send { run, batch } => {
                    moved = true;
                    let happening = self.send(desk, run, batch)?;
                    queue
                        .extend(happening.map(|what| self.supervisor.on(desk.now, what)).unwrap_or_default());
                }
                Effect::End { run, .. } => {
                    if let Some(running) = self.runs.get_mut(&run) {
                        running.end();
                    }
                }
                Effect::Kill { run, why } => {
                    if let Some(running) = self.runs.get_mut(&run) {
                        running.silent |= why == EndReason::Stuck;
                        running.kill();
                    }
                }
                Effect::GiveBack { batch, why } => {
                    moved = true;
                    self.give_back(desk, batch, why)?;
                }
                Effect::Expire { batch } => {
                    moved = true;
                    expire(desk, batch)?;
                }
            }
        }
        Ok(moved)
    }

    /// Sends a batch; what the supervisor is to know when it was not sent.
    fn send(
        &mut self,
        desk: &mut Desk<'_>,
        run: RunId,
        batch: BatchId,
    ) -> Result<Option<Happening>, StoreError> {
        let withheld = Ok(Some(Happening::Withheld { run }));
        let Some(running) = self.runs.get(&run) else { return withheld };
        let (name, session) = (running.name.clone(), running.session);
        let ordered = desk.store.batch(batch)?.and_then(|row| row.ordered_model);
        let Some(chosen) = desk.chosen(ordered.as_deref()) else { return withheld };
        if let Some(hold) = self.holds.of(desk, &chosen.model.to_string())? {
            held(desk, batch, &hold)?;
            return withheld;
        }
        let mode = self.models.mode(desk.context, desk.layers);
        match send::lease(desk, batch, &chosen, &mode, &name)? {
            Sent::Leased { request, ask, estimate } => {
                let maker = self.models.maker(desk.context, &chosen, &session.0.to_string());
                let job = Job { request, ask, model: chosen.model.clone(), maker };
                let open = Open { request, batch, chosen, estimate };
                let taken = self.runs.get_mut(&run).is_some_and(|running| running.send(job, open.clone()));
                desk.passes("sent");
                if !taken {
                    let Some(row) = desk.store.batch(batch)? else { return withheld };
                    let left = Fault::free(FaultKind::Ended, "the run had left before it was asked");
                    settle::fault(desk, &open, &row, &left)?;
                    return withheld;
                }
                Ok(None)
            }
            Sent::Held(hold) => {
                held(desk, batch, &hold)?;
                self.holds.take(desk, hold)?;
                withheld
            }
            Sent::Trivial | Sent::Gone => withheld,
        }
    }

    fn give_back(&mut self, desk: &mut Desk<'_>, batch: BatchId, why: GiveBack) -> Result<(), StoreError> {
        let now = desk.now;
        let wait = match why {
            GiveBack::NoSlot => SLOT_AGAIN_MS,
            GiveBack::Guard | GiveBack::Breaker => self
                .supervisor
                .notices(now)
                .iter()
                .map(|notice| until(notice).since(now))
                .max()
                .unwrap_or(GUARD_AGAIN_MS)
                .max(SLOT_AGAIN_MS),
            GiveBack::RunLost | GiveBack::Stopping => 0,
        };
        let open =
            self.runs.values_mut().find(|run| run.open.as_ref().is_some_and(|open| open.batch == batch));
        let Some((open, silent)) = open.and_then(|run| Some((run.open.take()?, run.silent))) else {
            return desk.store.write(|tx| tx.give_back(batch, now.plus_ms(wait), None)).map(drop);
        };
        let Some(row) = desk.store.batch(batch)? else { return Ok(()) };
        // its run went in the middle: whether that is paid for, nobody can say
        let lost = || Fault::perhaps_paid(FaultKind::Misbehaved, "its process went away before it answered");
        let fault = if silent { silence() } else { lost() };
        settle::fault(desk, &open, &row, &fault).map(drop)
    }

    /// Puts the guard and the breaker into words for the user, while they hold.
    fn tell_notices(&mut self, desk: &mut Desk<'_>) -> Result<(), StoreError> {
        let now = desk.now;
        let notices = self.supervisor.notices(now);
        for notice in &notices {
            let (kind, said) = words(notice);
            let known = desk.store.faults()?.iter().any(|fault| fault.kind == kind && fault.said == said);
            if !known {
                desk.store.write(|tx| tx.fault(kind, &said, now))?;
            }
        }
        Ok(())
    }
}

/// Lets a batch wait for a hold, and says in its row for which.
fn held(desk: &mut Desk<'_>, batch: BatchId, hold: &Hold) -> Result<(), StoreError> {
    let reason = hold.kind.trim_start_matches("model:");
    desk.store.write(|tx| tx.give_back(batch, hold.until, Some(reason))).map(drop)
}

/// What is said of a run that was killed for its silence.
fn silence() -> Fault {
    Fault::perhaps_paid(FaultKind::Transport, "the model said nothing for four minutes")
}

/// When a notice ends.
fn until(notice: &Notice) -> Timestamp {
    match notice {
        Notice::GuardClosed { until } | Notice::BreakerOpen { until, .. } => *until,
    }
}

/// A notice as a fault of the store.
fn words(notice: &Notice) -> (&'static str, String) {
    match notice {
        Notice::GuardClosed { until } => (
            "model:crash",
            format!(
                "no model is asked before {}, since it keeps crashing or answering nonsense",
                moment(*until)
            ),
        ),
        Notice::BreakerOpen { .. } => {
            ("model:breaker", "no model memory is written, since three requests in a row failed".to_owned())
        }
    }
}

/// A session past its wall clock keeps what the local distiller made of its backlog.
fn expire(desk: &mut Desk<'_>, batch: BatchId) -> Result<(), StoreError> {
    let Some(row) = desk.store.batch(batch)?.filter(|row: &BatchRow| row.state == BatchState::Waiting) else {
        return Ok(());
    };
    let Some(turn) = desk.store.turn(row.turn)? else { return Ok(()) };
    let now = desk.now;
    desk.store.write(|tx| tx.skip_batch(batch, "wall_clock", turn.newest_event, now)).map(drop)
}
