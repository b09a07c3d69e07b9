//! Anything may happen in any order: a world that obeys the effects checks them against what must always hold.

use std::collections::BTreeMap;

use mem_core::id::{BatchId, RunId, SessionRow};
use mem_core::time::Timestamp;
use proptest::prelude::*;

use super::scene::{HOUR, MINUTE, SECOND};
use crate::supervise::{
    Departure, Effect, EndReason, GiveBack, HARD_CAP, Happening, Limits, Notice, Supervisor,
};

/// A step of a story. Runs are named by their place among those that live, or by a name nobody may have.
#[derive(Debug, Clone)]
enum Step {
    Want { session: i64, batch: i64, age: i64, asked: bool },
    Drop(i64),
    Started(usize),
    StartFailed(usize),
    Spoke(usize),
    Withheld(usize),
    Answered(usize, bool),
    Failed(usize, bool, bool),
    Gone(usize, Departure),
    Stray(i64),
    Nonsense(i64, usize),
    Limit(usize, bool),
    Changed,
    Pass(i64),
    Next,
    Stopping,
}

fn step() -> impl Strategy<Value = Step> {
    let age = prop_oneof![4 => Just(0), 1 => Just(4 * HOUR - MINUTE), 1 => Just(4 * HOUR + 1)];
    let how = prop_oneof![
        Just(Departure::Wanted),
        Just(Departure::Intended),
        Just(Departure::Crashed),
        Just(Departure::Finished)
    ];
    let pass = prop_oneof![0..SECOND, 0..MINUTE, 0..5 * MINUTE, 0..HOUR, -2 * HOUR..0];
    prop_oneof![
        12 => (0..5i64, 0..12i64, age, prop::bool::weighted(0.2))
            .prop_map(|(session, batch, age, asked)| Step::Want { session, batch, age, asked }),
        2 => (0..12i64).prop_map(Step::Drop),
        8 => (0..12usize).prop_map(Step::Started),
        1 => (0..12usize).prop_map(Step::StartFailed),
        2 => (0..12usize).prop_map(Step::Spoke),
        1 => (0..12usize).prop_map(Step::Withheld),
        6 => (0..12usize, any::<bool>()).prop_map(|(run, well)| Step::Answered(run, well)),
        3 => (0..12usize, any::<bool>(), any::<bool>()).prop_map(|(run, well, c)| Step::Failed(run, well, c)),
        6 => (0..12usize, how).prop_map(|(run, how)| Step::Gone(run, how)),
        1 => (0..5i64).prop_map(Step::Stray),
        1 => (-9..99i64, 0..7usize).prop_map(|(run, what)| Step::Nonsense(run, what)),
        1 => (0..14usize, any::<bool>()).prop_map(|(pool, warm)| Step::Limit(pool, warm)),
        1 => Just(Step::Changed),
        4 => pass.prop_map(Step::Pass),
        6 => Just(Step::Next),
    ]
}

#[derive(Debug)]
struct Process {
    session: i64,
    started: bool,
    told: bool,
    /// The request in flight.
    batch: Option<i64>,
}

/// What is out there, and where each batch is.
struct World {
    machine: Supervisor,
    limits: Limits,
    now: Timestamp,
    processes: BTreeMap<i64, Process>,
    waiting: BTreeMap<i64, i64>,
    strays: i64,
    stopping: bool,
}

impl World {
    fn new(pool: usize, warm: bool) -> Self {
        let limits = Limits { pool, warm };
        Self {
            machine: Supervisor::new(limits),
            limits,
            now: Timestamp(1_760_000_000_000),
            processes: BTreeMap::new(),
            waiting: BTreeMap::new(),
            strays: 0,
            stopping: false,
        }
    }

    fn take(&mut self, step: Step) {
        let slot = |at: usize| self.processes.keys().nth(at).copied();
        match step {
            Step::Want { session, batch, age, asked } => {
                // a batch has one session
                let session = (session + batch) % 2 + 2 * (batch % 3);
                let flies = self.processes.values().any(|process| process.batch == Some(batch));
                if !flies {
                    self.waiting.entry(batch).or_insert(session);
                }
                let begun_at = self.now.plus_ms(-age);
                let (session, batch) =
                    (SessionRow(self.waiting.get(&batch).copied().unwrap_or(session)), BatchId(batch));
                self.tell(Happening::Wanted { session, batch, begun_at, asked });
            }
            Step::Drop(batch) => {
                self.waiting.remove(&batch);
                // the process goes on with what nobody will hear of
                for process in self.processes.values_mut().filter(|process| process.batch == Some(batch)) {
                    process.batch = Some(-1);
                }
                self.tell(Happening::Dropped { batch: BatchId(batch) });
            }
            Step::Started(at) => {
                let Some(run) = slot(at) else { return };
                self.processes.entry(run).and_modify(|process| process.started = true);
                self.tell(Happening::Started { run: RunId(run) });
            }
            Step::Spoke(at) => {
                if let Some(run) = slot(at) {
                    self.tell(Happening::Spoke { run: RunId(run) });
                }
            }
            Step::Withheld(at) => self.settled(slot(at), |run| Happening::Withheld { run }),
            Step::Answered(at, well) => self.settled(slot(at), |run| Happening::Answered { run, well }),
            Step::Failed(at, well_behaved, counts) => {
                self.settled(slot(at), |run| Happening::Failed { run, well_behaved, counts });
            }
            Step::StartFailed(at) => {
                let run = slot(at).filter(|run| !self.processes[run].started);
                self.left(run, |run| Happening::StartFailed { run });
            }
            Step::Gone(at, how) => self.left(slot(at), |run| Happening::Gone { run, how }),
            Step::Stray(session) => {
                self.strays -= 1;
                let process = Process { session, started: true, told: true, batch: None };
                self.processes.insert(self.strays, process);
                self.tell(Happening::Stray { session: SessionRow(session), run: RunId(self.strays) });
            }
            Step::Nonsense(run, what) => self.nonsense(run, what),
            Step::Limit(pool, warm) => {
                self.limits = Limits { pool, warm };
                self.machine.set_limits(self.limits);
                self.tick();
            }
            Step::Changed => self.tell(Happening::Changed),
            Step::Pass(ms) => {
                self.now = self.now.plus_ms(ms);
                self.tick();
            }
            Step::Next => {
                if let Some(next) = self.machine.next() {
                    self.now = next;
                    self.tick();
                }
            }
            Step::Stopping => {
                self.stopping = true;
                self.tell(Happening::Stopping);
            }
        }
    }

    /// Reports an outcome of the request in flight, if there is one.
    fn settled(&mut self, run: Option<i64>, say: impl Fn(RunId) -> Happening) {
        let Some(run) = run else { return };
        if self.processes.get_mut(&run).and_then(|process| process.batch.take()).is_some() {
            self.tell(say(RunId(run)));
        }
    }

    /// Reports the end of a process; its request is lost and has to be given back at once.
    fn left(&mut self, run: Option<i64>, say: impl Fn(RunId) -> Happening) {
        let Some(run) = run else { return };
        let Some(process) = self.processes.remove(&run) else { return };
        let lost = process.batch.filter(|&batch| batch >= 0);
        if let Some(batch) = lost {
            self.waiting.insert(batch, process.session);
        }
        let effects = self.machine.on(self.now, say(RunId(run)));
        if let Some(batch) = lost {
            let why = if self.stopping { GiveBack::Stopping } else { GiveBack::RunLost };
            assert_eq!(effects.first(), Some(&Effect::GiveBack { batch: BatchId(batch), why }));
        }
        self.obey(&effects);
    }

    /// Happenings about a run that does not live.
    fn nonsense(&mut self, run: i64, what: usize) {
        if self.processes.contains_key(&run) {
            return;
        }
        let run = RunId(run);
        let effects = self.machine.on(
            self.now,
            match what {
                0 => Happening::Started { run },
                1 => Happening::StartFailed { run },
                2 => Happening::Spoke { run },
                3 => Happening::Withheld { run },
                4 => Happening::Answered { run, well: true },
                5 => Happening::Failed { run, well_behaved: false, counts: true },
                _ => Happening::Gone { run, how: Departure::Crashed },
            },
        );
        assert_eq!(effects, [], "nothing follows from nonsense");
    }

    fn tell(&mut self, what: Happening) {
        let effects = self.machine.on(self.now, what);
        self.obey(&effects);
    }

    fn tick(&mut self) {
        let effects = self.machine.tick(self.now);
        self.obey(&effects);
        assert_eq!(self.machine.tick(self.now), [], "a second look at the same moment finds nothing");
    }

    fn obey(&mut self, effects: &[Effect]) {
        for &effect in effects {
            match effect {
                Effect::Start { run, session } => self.start(run.0, session.0),
                Effect::Send { run, batch } => self.send(run.0, batch.0),
                Effect::End { run, why } => self.end(run.0, why),
                Effect::Kill { run, why } => {
                    assert!(matches!(why, EndReason::Stuck | EndReason::Misbehaved));
                    self.tell_to_end(run.0);
                }
                Effect::GiveBack { batch, .. } | Effect::Expire { batch } => {
                    assert!(self.waiting.remove(&batch.0).is_some(), "{effect:?} of what nobody wants");
                }
            }
        }
        self.check();
    }

    fn start(&mut self, run: i64, session: i64) {
        assert!(!self.stopping, "a start while stopping");
        assert!(self.processes.len() < self.limits.pool.clamp(1, HARD_CAP), "too many live");
        assert!(
            self.processes.values().all(|process| process.session != session),
            "two of session {session}"
        );
        assert!(self.waiting.values().any(|&waiting| waiting == session), "a start for nobody");
        let guard = |notice: &Notice| matches!(notice, Notice::GuardClosed { .. });
        assert!(!self.machine.notices(self.now).iter().any(guard), "a start while the guard is closed");
        let process = Process { session, started: false, told: false, batch: None };
        assert!(self.processes.insert(run, process).is_none(), "a name given twice");
    }

    fn send(&mut self, run: i64, batch: i64) {
        let open = |notice: &Notice| matches!(notice, Notice::BreakerOpen { .. });
        if self.machine.notices(self.now).iter().any(open) {
            assert!(self.processes.values().all(|process| process.batch.is_none()), "two while it is open");
        }
        let process = self.processes.get_mut(&run).expect("a request goes to a run that lives");
        assert!(process.started && !process.told && process.batch.is_none() && !self.stopping);
        assert_eq!(self.waiting.remove(&batch), Some(process.session), "sent what its session does not want");
        process.batch = Some(batch);
    }

    fn end(&mut self, run: i64, why: EndReason) {
        let process = &self.processes[&run];
        assert!(why == EndReason::Stopping || (process.started && process.batch.is_none()), "{why:?}");
        self.tell_to_end(run);
    }

    fn tell_to_end(&mut self, run: i64) {
        let process = self.processes.get_mut(&run).expect("a run that is ended lives");
        assert!(!process.told, "told twice");
        process.told = true;
    }

    /// What holds between any two happenings.
    fn check(&self) {
        for batch in 0..12 {
            let flies = self.processes.values().any(|process| process.batch == Some(batch));
            let wanted = flies || self.waiting.contains_key(&batch);
            assert_eq!(self.machine.wants(BatchId(batch)), wanted, "b{batch}");
        }
        let seen: Vec<_> = self.machine.runs().map(|view| (view.run.0, view.session.0)).collect();
        let real: Vec<_> = self.processes.iter().map(|(&run, process)| (run, process.session)).collect();
        assert_eq!(seen, real);
        assert_eq!(self.machine.is_idle(), real.is_empty() && self.waiting.is_empty());
        assert!(self.machine.next().is_none_or(|next| next > self.now), "due now: a busy loop");
        let unserved = |session| !real.iter().any(|&(_, of)| of == session);
        let unserved = self.waiting.values().any(|&session| unserved(session)).then_some(MINUTE);
        let bounds = self.machine.runs().filter_map(|view| match view.state {
            "idle" => Some(3 * MINUTE),
            "busy" | "starting" => Some(4 * MINUTE),
            _ => None,
        });
        if let Some(bound) = bounds.chain(unserved).min().filter(|_| !self.stopping) {
            let next = self.machine.next().expect("somebody waits or lives for nothing");
            assert!(next <= self.now.plus_ms(bound), "looked at too late");
        }
    }

    /// From here on everything goes well: nobody may wait or live for ever.
    fn ends(&mut self) {
        for _ in 0..400 {
            if self.machine.is_idle() {
                return;
            }
            let next = self.processes.iter().find_map(|(&run, process)| match process {
                Process { told: true, .. } => Some((run, 0)),
                Process { started: false, .. } => Some((run, 1)),
                Process { batch: Some(_), .. } => Some((run, 2)),
                _ => None,
            });
            match next {
                Some((run, 0)) => self.left(Some(run), |run| Happening::Gone { run, how: Departure::Wanted }),
                Some((run, 1)) => {
                    self.processes.entry(run).and_modify(|process| process.started = true);
                    self.tell(Happening::Started { run: RunId(run) });
                }
                Some((run, _)) => self.settled(Some(run), |run| Happening::Answered { run, well: true }),
                None => self.take(Step::Next),
            }
        }
        panic!("never idle: {:?} {:?}", self.processes, self.waiting);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_happens_the_rules_hold(
        pool in 0..14usize,
        warm: bool,
        steps in prop::collection::vec(step(), 1..120),
        stops in prop::bool::weighted(0.3),
    ) {
        let mut world = World::new(pool, warm);
        for step in steps {
            world.take(step);
        }
        if stops {
            world.take(Step::Stopping);
        }
        world.ends();
    }
}
