//! Runs: one thread each, with one model, that takes one request after the other.
//!
//! A thread reports what it hears and when its model is really gone; it decides nothing. Must not touch the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mem_core::fault::{Fault, FaultKind};
use mem_core::id::{BatchId, RequestId, RunId, SessionRow};
use mem_core::model::{Answer, Ask, ModelId};
use mem_observer::model::{Model, Rope};

use mem_logic::spend::Spent;

use super::models::{Chosen, Maker};
use crate::event::Wake;

/// A run that speaks is reported at most this often: four minutes of silence are what counts.
const HEARD: Duration = Duration::from_secs(5);

/// One request for a run.
pub(super) struct Job {
    pub(super) request: RequestId,
    pub(super) ask: Ask,
    pub(super) model: ModelId,
    pub(super) maker: Maker,
}

/// What a run's thread tells the daemon.
#[derive(Debug)]
pub enum News {
    /// Output was heard.
    Spoke {
        /// Of which run.
        run: RunId,
    },
    /// A request came to its end.
    Answered {
        /// Of which run.
        run: RunId,
        /// Which.
        request: RequestId,
        /// How.
        result: Box<Result<Answer, Fault>>,
    },
    /// The run's process is gone, waited for, and its thread ends.
    Gone {
        /// Which run.
        run: RunId,
    },
}

/// A request that a run was sent.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) request: RequestId,
    pub(super) batch: BatchId,
    /// For whom, so that its price is known even where another model is chosen by the time it answers.
    pub(super) chosen: Chosen,
    /// What it was expected to take.
    pub(super) estimate: Spent,
}

/// A run as its owner sees it.
pub(super) struct Running {
    pub(super) session: SessionRow,
    /// Its name in the ledger and in the environment of its processes.
    pub(super) name: String,
    line: Line,
    /// What it was sent and has not answered.
    pub(super) open: Option<Open>,
    /// Whether it is being killed for its silence.
    pub(super) silent: bool,
    jobs: Option<Sender<Job>>,
}

impl Running {
    /// Starts the thread; the model is made with the first request.
    pub(super) fn start(run: RunId, session: SessionRow, name: String, wakes: SyncSender<Wake>) -> Self {
        let (jobs, queue) = mpsc::channel();
        let line = Line::default();
        let theirs = line.clone();
        std::thread::spawn(move || live(run, &queue, &theirs, &wakes));
        Self { session, name, line, open: None, silent: false, jobs: Some(jobs) }
    }

    /// Hands a request over; whether somebody takes it.
    pub(super) fn send(&mut self, job: Job, open: Open) -> bool {
        let taken = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if taken {
            self.open = Some(open);
        }
        taken
    }

    /// Lets it go in peace: its thread ends its model and then tells that it is gone.
    pub(super) fn end(&mut self) {
        self.line.pull(Pull::LetGo);
        self.jobs = None;
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        self.line.pull(Pull::Cut);
        self.jobs = None;
    }
}

/// What ends a run's model, whether it is made already or not.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<(Option<Pull>, Option<Rope>)>>);

/// How hard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pull {
    LetGo,
    Cut,
}

impl Line {
    /// Ends the model, now or as soon as there is one.
    fn pull(&self, how: Pull) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = Some(how);
        match (&held.1, how) {
            (Some(rope), Pull::Cut) => rope.cut(),
            (Some(rope), Pull::LetGo) => rope.let_go(),
            (None, _) => {}
        }
    }

    /// Ties a new model to it; false when it was to be ended before.
    fn fasten(&self, rope: Rope) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.1 = Some(rope);
        held.0.is_none()
    }
}

fn live(run: RunId, queue: &Receiver<Job>, line: &Line, wakes: &SyncSender<Wake>) {
    let mut made: Option<(ModelId, Box<dyn Model>)> = None;
    while let Ok(job) = queue.recv() {
        // a mistake of ours in a model costs this request and not the slot of the run
        let asked = catch_unwind(AssertUnwindSafe(|| answer(run, &mut made, &job, line, wakes)));
        let result = asked.unwrap_or_else(|_panic| {
            Err(Fault::perhaps_paid(FaultKind::Misbehaved, "claude-mem stumbled over this model"))
        });
        let news = News::Answered { run, request: job.request, result: Box::new(result) };
        let _daemon_is_leaving = wakes.send(Wake::Run(news));
    }
    if let Some((_, model)) = made {
        let _gone_all_the_same = catch_unwind(AssertUnwindSafe(|| model.end()));
    }
    let _daemon_is_leaving = wakes.send(Wake::Run(News::Gone { run }));
}

fn answer(
    run: RunId,
    made: &mut Option<(ModelId, Box<dyn Model>)>,
    job: &Job,
    line: &Line,
    wakes: &SyncSender<Wake>,
) -> Result<Answer, Fault> {
    if made.as_ref().is_some_and(|(known, _)| *known != job.model)
        && let Some((_, other)) = made.take()
    {
        other.end();
    }
    let (_, model) = match made {
        Some(made) => made,
        None => {
            let (model, rope) = (job.maker)()?;
            if !line.fasten(rope) {
                model.end();
                return Err(Fault::free(FaultKind::Ended, "the run was ended before it began"));
            }
            made.insert((job.model.clone(), model))
        }
    };
    let last = std::cell::Cell::new(Instant::now());
    model.ask(&job.ask, &|| {
        if last.get().elapsed() >= HEARD {
            last.set(Instant::now());
            let _the_next_will_do = wakes.try_send(Wake::Run(News::Spoke { run }));
        }
    })
}
