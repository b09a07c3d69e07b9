//! What the machine is told and what it answers, and the numbers it goes by.
//!
//! The driver speaks these words and no others to it. Must hold no judgement beyond clamping a setting.

use mem_core::id::{BatchId, RunId, SessionRow};
use mem_core::time::Timestamp;

/// Most processes of the observer that ever live at once, whatever the settings say (the observer issue, point 5; the
/// old one had 155 of them in 51 GB).
pub const HARD_CAP: usize = 10;

/// How long a session waits for a slot before its batches are given back (point 5: 60 s at most).
pub(super) const SLOT_WAIT_MS: i64 = 60_000;

/// How long a warm run is kept without work (point 5: 3 min).
pub(super) const IDLE_MS: i64 = 3 * 60_000;

/// How long a request may go without any output (point 5: 4 min, since the CLI itself asks and pays again at 5).
pub(super) const SILENCE_MS: i64 = 4 * 60_000;

/// How long after its last start or resume a session is still distilled by a model; the very last millisecond counts
/// (point 5: strictly more than 4 h).
pub(super) const WALL_CLOCK_MS: i64 = 4 * 60 * 60_000;

/// As many crashes within [`GUARD_WINDOW_MS`] close the guard: once is bad luck, twice may be, thrice is a loop.
pub(super) const GUARD_CRASHES: usize = 3;

/// The window in which crashes add up (point 5: a guard over a time window). Ten minutes: at most 18 attempts an hour.
pub(super) const GUARD_WINDOW_MS: i64 = 10 * 60_000;

/// As many failed requests in a row open the breaker (point 5: three).
pub(super) const BREAKER_FAILURES: u32 = 3;

/// How long the open breaker lets nothing through (point 5: one try every 30 min).
pub(super) const BREAKER_REST_MS: i64 = 30 * 60_000;

/// What the settings and the model allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Runs that may live at once; taken as at least 1 and at most [`HARD_CAP`].
    pub pool: usize,
    /// Whether a run is kept between requests; false where it ends after its answer.
    pub warm: bool,
}

impl Limits {
    /// The slots there really are.
    pub(super) fn slots(self) -> usize {
        self.pool.clamp(1, HARD_CAP)
    }
}

/// What happened. What names a run or batch that is unknown, or comes twice, changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A batch should go to the model. It is the machine's until an effect or another happening settles it.
    Wanted {
        /// The session it belongs to.
        session: SessionRow,
        /// The batch. Lower ids are older and go first.
        batch: BatchId,
        /// When the session was last started or resumed, as stored.
        begun_at: Timestamp,
        /// Whether the user ordered it, so that the session's age does not matter.
        asked: bool,
    },
    /// A batch was settled otherwise. If its request is in flight the run finishes it, but nothing more is said of it.
    Dropped {
        /// The batch.
        batch: BatchId,
    },
    /// The process of a run is there.
    Started {
        /// The run.
        run: RunId,
    },
    /// There will be no process: it counts as a crash, and the run as gone.
    StartFailed {
        /// The run.
        run: RunId,
    },
    /// Output of a run was seen.
    Spoke {
        /// The run.
        run: RunId,
    },
    /// What [`Effect::Send`] asked for was not sent (nothing in it, a ceiling, a pause); the batch is settled, the run
    /// is free, nothing failed.
    Withheld {
        /// The run.
        run: RunId,
    },
    /// A whole reply came; the batch is settled.
    Answered {
        /// The run.
        run: RunId,
        /// Whether it advanced the batch: valid, an explicit skip, or salvaged.
        well: bool,
    },
    /// A fault came instead of a reply; the batch is settled.
    Failed {
        /// The run.
        run: RunId,
        /// Whether the run may be used again. If not it counts as a crash and is killed.
        well_behaved: bool,
        /// Whether the breaker counts it; not for what is paused otherwise (login, quota, rate).
        counts: bool,
    },
    /// A process of this session that an earlier daemon left behind was found alive and is being ended. It holds a slot
    /// and its session until it is gone.
    Stray {
        /// The session.
        session: SessionRow,
        /// A name for it; the driver gives negative ones, since the machine counts its own upwards from 1.
        run: RunId,
    },
    /// The process of a run is gone and was waited for.
    Gone {
        /// The run.
        run: RunId,
        /// How it went.
        how: Departure,
    },
    /// The model or its settings are others now: runs end once they are free, and failures of the old ones are forgotten
    /// or not counted.
    Changed,
    /// The daemon leaves. Nothing is started or sent any more.
    Stopping,
}

/// How a process went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Departure {
    /// As we had asked.
    Wanted,
    /// Somebody outside ended it on purpose (SIGTERM, or 143): no crash, and not started again at once.
    Intended,
    /// By itself and not well.
    Crashed,
    /// By itself with exit code 0.
    Finished,
}

/// What is to be done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Start a run; [`Happening::Started`] or [`Happening::StartFailed`] follows.
    Start {
        /// The run's new name.
        run: RunId,
        /// Whose it is.
        session: SessionRow,
    },
    /// Send a batch to a free run; a reply, a fault, a refusal to send or the run's end follows.
    Send {
        /// The run.
        run: RunId,
        /// The batch.
        batch: BatchId,
    },
    /// End a run gracefully; [`Happening::Gone`] follows. At most one `End` or `Kill` is said of a run.
    End {
        /// The run.
        run: RunId,
        /// Why.
        why: EndReason,
    },
    /// End a run at once; [`Happening::Gone`] follows.
    Kill {
        /// The run.
        run: RunId,
        /// Why.
        why: EndReason,
    },
    /// Not now: the batch is no longer the machine's and may be wanted again.
    GiveBack {
        /// The batch.
        batch: BatchId,
        /// Why not.
        why: GiveBack,
    },
    /// The batch's session is too old: the local result stays.
    Expire {
        /// The batch.
        batch: BatchId,
    },
}

/// Why a run is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// It was free for 3 min.
    Idle,
    /// Another session waits for its slot, or there are fewer slots now.
    Evicted,
    /// Its session is too old for a model.
    Expired,
    /// It did its one request.
    Done,
    /// The model or its settings are others now.
    Outdated,
    /// It was silent for 4 min with a request in flight, or while it was being started.
    Stuck,
    /// It did something no model does.
    Misbehaved,
    /// The daemon leaves.
    Stopping,
}

/// Why a batch is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GiveBack {
    /// No slot became free within 60 s.
    NoSlot,
    /// Runs crash; none is started until [`Notice::GuardClosed`] says.
    Guard,
    /// Requests fail; none is sent until [`Notice::BreakerOpen`] says.
    Breaker,
    /// The run it was sent to is gone without an answer, or somebody outside ended the run it waited for.
    RunLost,
    /// The daemon leaves.
    Stopping,
}

/// Why no memory is being written at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Runs crashed too often.
    GuardClosed {
        /// From then on runs are started again.
        until: Timestamp,
    },
    /// Requests failed too often in a row.
    BreakerOpen {
        /// From then on one request is let through; it lies in the past while none has been wanted since.
        until: Timestamp,
        /// Whether that request is on its way, so that no other is let through before its outcome.
        trying: bool,
    },
}

/// A run that lives, for people to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunView {
    /// Its name.
    pub run: RunId,
    /// Whose it is.
    pub session: SessionRow,
    /// `starting`, `idle`, `busy`, `ending` or `stray`.
    pub state: &'static str,
    /// When it entered that state.
    pub since: Timestamp,
    /// When it was started (a stray: found).
    pub begun_at: Timestamp,
    /// What it is working on.
    pub batch: Option<BatchId>,
}
