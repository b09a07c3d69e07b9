//! The machine: takes in what happened, lets time pass, and says what is to be done.
//!
//! Every happening changes a little state, and a look at all of it (`settle`) then draws every consequence, so that
//! no rule depends on which happening came first. Must not forget a batch: what is taken out of the queue is sent,
//! given back or expired at once, and what was sent is settled by a happening or by the end of its run.

use mem_core::id::{BatchId, RunId, SessionRow};
use mem_core::time::Timestamp;

use super::breaker::Breaker;
use super::guard::Guard;
use super::queue::Queue;
use super::runs::{Run, Runs, State};
use super::words::{Departure, Effect, EndReason, GiveBack, Happening, Limits, Notice, RunView};

/// Decides about runs and batches.
#[derive(Debug)]
pub struct Supervisor {
    limits: Limits,
    queue: Queue,
    runs: Runs,
    guard: Guard,
    breaker: Breaker,
    stopping: bool,
    /// The moment up to which all consequences are drawn.
    seen: Timestamp,
    /// Whether something changed since, so that the next look is due at once.
    unsettled: bool,
}

impl Supervisor {
    /// A machine that knows of no run and no batch.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            queue: Queue::default(),
            runs: Runs::default(),
            guard: Guard::default(),
            breaker: Breaker::default(),
            stopping: false,
            seen: Timestamp::default(),
            unsettled: false,
        }
    }

    /// Other limits from now on; what follows from them comes with the next [`Supervisor::tick`], which is due at once.
    pub fn set_limits(&mut self, limits: Limits) {
        self.unsettled |= self.limits != limits;
        self.limits = limits;
    }

    /// What is to be done about something that happened, and about the time that has passed.
    pub fn on(&mut self, now: Timestamp, what: Happening) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.keep_time(now);
        match what {
            Happening::Wanted { session, batch, begun_at, asked } => {
                self.queue.begun(session, begun_at);
                if self.runs.request_of(batch).is_none() {
                    self.queue.want(session, batch, asked);
                }
            }
            Happening::Dropped { batch } => self.dropped(batch),
            Happening::Started { run } => self.with(run, |run| run.started(now)),
            Happening::Spoke { run } => self.with(run, |run| run.spoke(now)),
            Happening::Withheld { run } => {
                self.with(run, |run| {
                    run.free(now, false);
                });
            }
            Happening::Answered { run, well } => self.answered(now, run, well),
            Happening::Failed { run, well_behaved, counts } => {
                self.failed(now, run, well_behaved, counts, &mut effects);
            }
            Happening::Stray { session, run } => self.runs.stray(now, session, run),
            Happening::StartFailed { run } => self.gone(now, run, Departure::Crashed, &mut effects),
            Happening::Gone { run, how } => self.gone(now, run, how, &mut effects),
            Happening::Changed => {
                for (_, run) in self.runs.iter_mut() {
                    run.outdated = true;
                }
                (self.guard, self.breaker) = (Guard::default(), Breaker::default());
            }
            Happening::Stopping => self.stopping = true,
        }
        self.settle(now, &mut effects);
        effects
    }

    /// What time alone brings. Harmless at any moment, due at [`Supervisor::next`].
    pub fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.keep_time(now);
        self.settle(now, &mut effects);
        effects
    }

    /// When [`Supervisor::tick`] should be called if nothing happens before; none: never. It also falls due when a
    /// notice passes, so that what was given back for it can be wanted again.
    pub fn next(&self) -> Option<Timestamp> {
        if self.unsettled {
            return Some(self.seen);
        }
        if self.stopping {
            return None;
        }
        let runs = self.runs.values().flat_map(|run| {
            let past = run.is_free().then(|| self.queue.past_at(run.session)).flatten();
            [run.silent_at(), run.idle_at(), past]
        });
        let others = [self.queue.next(), self.guard.closed_until(self.seen), self.breaker.next(self.seen)];
        runs.chain(others).flatten().min()
    }

    /// Why no memory is being written, as far as it is decided here.
    pub fn notices(&self, now: Timestamp) -> Vec<Notice> {
        let guard = self.guard.closed_until(now).map(|until| Notice::GuardClosed { until });
        let breaker = self.breaker.notice(self.runs.in_flight(), |batch| self.queue.contains(batch));
        guard.into_iter().chain(breaker).collect()
    }

    /// The runs that live.
    pub fn runs(&self) -> impl Iterator<Item = RunView> {
        self.runs.views()
    }

    /// Whether no run lives and nobody waits.
    pub fn is_idle(&self) -> bool {
        self.runs.held() == 0 && self.queue.is_empty()
    }

    /// Whether the batch is the machine's: it waits, or is in flight.
    pub fn wants(&self, batch: BatchId) -> bool {
        let sent = |run: &Run| run.request.is_some_and(|request| request.batch == batch && request.wanted);
        self.queue.contains(batch) || self.runs.values().any(sent)
    }

    /// A clock that was set back takes everything that was measured by it along, so that nothing waits for the hours
    /// between.
    fn keep_time(&mut self, now: Timestamp) {
        let ms = now.since(self.seen);
        if ms < 0 {
            self.queue.shift(ms);
            self.runs.shift(ms);
            self.guard.shift(ms);
            self.breaker.shift(ms);
        }
        self.seen = now;
    }

    fn with(&mut self, run: RunId, change: impl FnOnce(&mut Run)) {
        if let Some(run) = self.runs.ours(run) {
            change(run);
        }
    }

    fn dropped(&mut self, batch: BatchId) {
        self.queue.take(batch);
        if let Some(request) = self.runs.request_of(batch) {
            // the request goes on, and what becomes of it still tells about the model
            request.wanted = false;
        }
    }

    fn answered(&mut self, now: Timestamp, run: RunId, well: bool) {
        // also from a run that was told to end: what has been paid for is taken
        let Some(run) = self.runs.ours(run) else { return };
        if !run.free(now, true) || run.outdated {
            return;
        }
        if well {
            self.breaker.succeeded();
        } else {
            self.breaker.failed(now);
        }
    }

    fn failed(
        &mut self,
        now: Timestamp,
        id: RunId,
        well_behaved: bool,
        counts: bool,
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.runs.ours(id) else { return };
        let counts = counts || run.state == State::Ending(EndReason::Stuck);
        if run.free(now, true) && counts && !run.outdated {
            self.breaker.failed(now);
        }
        if !well_behaved && run.stays() {
            if !run.outdated {
                self.guard.crashed(now);
            }
            run.end(now, EndReason::Misbehaved);
            effects.push(Effect::Kill { run: id, why: EndReason::Misbehaved });
        }
    }

    fn gone(&mut self, now: Timestamp, id: RunId, how: Departure, effects: &mut Vec<Effect>) {
        let Some(run) = self.runs.remove(id) else { return };
        // however a run goes after it was told to, that is no crash
        if run.stays() && how == Departure::Crashed && !run.outdated {
            self.guard.crashed(now);
        }
        let lost = if self.stopping { GiveBack::Stopping } else { GiveBack::RunLost };
        if let Some(request) = run.request {
            let failed = match run.state {
                State::Ending(why) => why == EndReason::Stuck,
                _ => matches!(how, Departure::Crashed | Departure::Finished),
            };
            if failed && !run.outdated {
                self.breaker.failed(now);
            }
            if request.wanted {
                effects.push(Effect::GiveBack { batch: request.batch, why: lost });
            }
        }
        if run.stays() && how == Departure::Intended {
            // who ended it does not want to see the next one at once
            let batches = self.queue.take_where(|_, session| session == run.session);
            give_back(batches, lost, effects);
        }
    }

    /// Draws every consequence of what is known now, until there is none: a run that ends may leave somebody without
    /// one whom the guard then turns away. Each round takes something from the queue or from the runs that stay, or
    /// fills a slot, so it ends.
    fn settle(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.unsettled = false;
        let mut before = usize::MAX;
        while effects.len() != before {
            before = effects.len();
            self.draw(now, effects);
        }
    }

    fn draw(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.stopping {
            let all = self.queue.take_where(|_, _| true);
            give_back(all, GiveBack::Stopping, effects);
            self.end_where(now, effects, |_| Some(EndReason::Stopping));
        } else {
            self.kill_silent(now, effects);
            effects.extend(self.queue.take_expired(now).into_iter().map(|batch| Effect::Expire { batch }));
            let warm = self.limits.warm;
            self.end_where(now, effects, |run| match run.is_free() {
                true if run.outdated => Some(EndReason::Outdated),
                true if run.served && !warm => Some(EndReason::Done),
                _ => None,
            });
            self.turn_away(now, effects);
            self.send(now, effects);
            self.start(now, effects);
            self.end_idle(now, effects);
            self.note_served(now);
            let unserved = self.queue.take_unserved(now);
            give_back(unserved, GiveBack::NoSlot, effects);
            self.make_room(now, effects);
        }
        self.note_served(now);
    }

    /// Ends the runs for which there is a reason and that are not ending yet.
    fn end_where(
        &mut self,
        now: Timestamp,
        effects: &mut Vec<Effect>,
        reason: impl Fn(&Run) -> Option<EndReason>,
    ) {
        for (id, run) in self.runs.iter_mut().filter(|(_, run)| run.stays()) {
            if let Some(why) = reason(run) {
                run.end(now, why);
                effects.push(Effect::End { run: id, why });
            }
        }
    }

    fn kill_silent(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        for (id, run) in self.runs.iter_mut() {
            if run.silent_at().is_some_and(|at| at <= now) {
                if run.state == State::Starting && !run.outdated {
                    self.guard.crashed(now);
                }
                // its request stays with it until it is gone: an answer may still be on its way
                run.end(now, EndReason::Stuck);
                effects.push(Effect::Kill { run: id, why: EndReason::Stuck });
            }
        }
    }

    /// Gives back what the guard or the breaker does not let through.
    fn turn_away(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.guard.closed_until(now).is_some() {
            let runs = &self.runs;
            let stranded = self.queue.take_where(|_, session| !runs.has_staying(session));
            give_back(stranded, GiveBack::Guard, effects);
        }
        if self.breaker.is_open() {
            let waits = |batch| self.queue.contains(batch);
            let trial = self.breaker.trial(now, self.runs.in_flight(), waits, self.queue.first());
            let others = self.queue.take_where(|batch, _| Some(batch) != trial);
            give_back(others, GiveBack::Breaker, effects);
        }
    }

    fn send(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        for session in self.queue.sessions() {
            if self.runs.has_stray(session) {
                continue;
            }
            let free = self.runs.iter_mut().find(|(_, run)| run.session == session && run.is_free());
            if let (Some((id, run)), Some(batch)) = (free, self.queue.first_of(session)) {
                self.queue.take(batch);
                run.send(now, batch);
                effects.push(Effect::Send { run: id, batch });
            }
        }
    }

    fn start(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        for session in self.queue.sessions() {
            if self.runs.held() >= self.limits.slots() {
                break;
            }
            if !self.runs.any_of(session) {
                let run = self.runs.start(now, session);
                effects.push(Effect::Start { run, session });
            }
        }
    }

    fn end_idle(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let (warm, queue) = (self.limits.warm, &self.queue);
        let past: Vec<SessionRow> =
            self.runs.values().map(|run| run.session).filter(|&s| queue.is_past(s, now)).collect();
        self.end_where(now, effects, |run| match run.is_free() {
            true if past.contains(&run.session) => Some(EndReason::Expired),
            true if !warm => Some(EndReason::Done),
            true if run.idle_at().is_some_and(|at| at <= now) => Some(EndReason::Idle),
            _ => None,
        });
    }

    /// Ends the idlest free runs, one for each session that needs a slot which neither is free nor becomes so anyway.
    fn make_room(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let sessions = self.queue.sessions();
        let needing = sessions.iter().filter(|&&session| !self.runs.has_staying(session)).count();
        let staying = self.runs.values().filter(|run| run.stays()).count();
        let excess = (needing + staying).saturating_sub(self.limits.slots());
        for _ in 0..excess {
            let free =
                self.runs.iter_mut().filter(|(_, run)| run.is_free() && !sessions.contains(&run.session));
            let Some((id, run)) = free.min_by_key(|(_, run)| run.used_at) else { break };
            run.end(now, EndReason::Evicted);
            effects.push(Effect::End { run: id, why: EndReason::Evicted });
        }
    }

    fn note_served(&mut self, now: Timestamp) {
        let runs = &self.runs;
        let served = |session| runs.has_staying(session) && !runs.has_stray(session);
        self.queue.note_served(now, served, |session| runs.any_of(session));
    }
}

fn give_back(batches: Vec<BatchId>, why: GiveBack, effects: &mut Vec<Effect>) {
    effects.extend(batches.into_iter().map(|batch| Effect::GiveBack { batch, why }));
}
