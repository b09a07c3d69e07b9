//! The order of things in a hook, its deadlines, and its only exit.
//!
//! A watchdog thread holds the deadline, since no read, write or lock of ours may be trusted to return. Our own work is a
//! millisecond; what the deadline cuts short is waiting. While the agent is still handing its input over
//! we go on as long as bytes keep coming, up to [`LONGEST`]: an event is worth more than the last milliseconds.
//! Only `std`, the frame codec and the environment table, until words are wanted.

use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use mem_core::frame::Header;
use mem_core::layout;
use mem_core::peek::top_level_strings;
use mem_core::time::Timestamp;

use super::intake::Intake;
use super::{daemon, spool, words};
use crate::env;

/// The agent that is meant when nobody says.
pub(crate) const DEFAULT_AGENT: &str = "claude-code";

/// Without progress for this long, capture ends.
const CAPTURE: Duration = Duration::from_millis(50);
/// Since the start: where words are wanted, this is when we fall silent instead.
const WORDS: Duration = Duration::from_millis(300);
/// Since the start: by then we have stopped waiting, whatever happens.
const LONGEST: Duration = Duration::from_millis(400);
/// Since the start: an input that has come whole gets this long to reach the disk; then we are gone.
const LAST: Duration = Duration::from_millis(490);

/// How the hook was called.
#[derive(Debug)]
pub(crate) struct Call {
    /// The agent's name.
    pub(crate) agent: String,
    /// The event, when the command line says it; the payload does otherwise.
    pub(crate) event: String,
}

impl Default for Call {
    fn default() -> Self {
        Self { agent: DEFAULT_AGENT.to_owned(), event: String::new() }
    }
}

/// Runs the hook. There is no other exit code.
pub(crate) fn run(call: Call) -> ExitCode {
    panic::set_hook(Box::new(|_silent| {}));
    let began = Instant::now();
    let _a_bug_costs_one_event = panic::catch_unwind(|| {
        if env::hooks_are_off() {
            return;
        }
        let Some(data_dir) = data_dir() else { return };
        if data_dir.join(layout::DISABLED).exists() {
            return;
        }
        capture(call, &data_dir, began);
    });
    ExitCode::SUCCESS
}

/// The data directory: the environment, else the line that `install` wrote beside the plugin's binary, else the
/// default. Never the settings file, which a hook does not read.
pub(crate) fn data_dir() -> Option<PathBuf> {
    env::data_dir().or_else(line_beside_us).or_else(env::default_data_dir)
}

fn line_beside_us() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.with_file_name(layout::DATA_DIR_LINE);
    let line = std::fs::read_to_string(beside).ok()?;
    let line = line.trim_end_matches(['\n', '\r']);
    (!line.is_empty()).then(|| PathBuf::from(line))
}

fn capture(call: Call, data_dir: &Path, began: Instant) {
    let header = Header {
        agent: call.agent,
        event: call.event,
        at: Timestamp(i64::try_from(spool::since_epoch().as_millis()).unwrap_or(i64::MAX)),
        project: env::project(),
    };
    let watch = Arc::new(Watch {
        phase: AtomicU8::new(READING),
        intake: Intake::new(data_dir, &header),
        began,
        data_dir: data_dir.to_path_buf(),
        header,
    });
    let all = watch.intake.fill_at_once();
    set_guard(&watch);
    if !all {
        watch.intake.fill();
    }
    if !watch.enter(READING, KEEPING) {
        wait_for_the_end();
    }
    let wanted = watch.intake.with_head(|head| wanted(&watch.header, head));
    // before our own frame lies in the inbox, which would make every brief look stale
    let ready = wanted.as_ref().and_then(|wanted| words::ready(data_dir, wanted));
    let kept = watch.intake.finish(true);
    if daemon::nudge(data_dir) == daemon::Daemon::Absent && kept.is_ok() {
        daemon::start(data_dir);
    }
    let Some(wanted) = wanted else { return };
    watch.enter(KEEPING, SPEAKING);
    let deadline = watch.began + WORDS;
    let brief = match (ready, kept) {
        (Some(ready), Ok(())) => Some(ready),
        (_, kept) => words::render(data_dir, &wanted, kept.err().as_ref(), deadline),
    };
    if watch.enter(SPEAKING, PRINTING) {
        words::say(&wanted, brief);
    }
}

/// Sets a watchdog that ends the process at its deadline.
fn set_guard(watch: &Arc<Watch>) {
    let guard = Arc::clone(watch);
    // without a thread there is no deadline, but still an event to keep
    let _unguarded = std::thread::Builder::new().stack_size(64 * 1024).spawn(move || guard.stand());
}

/// What the agent wants to be told, if it wants words at this event.
fn wanted(header: &Header, payload: &[u8]) -> Option<words::Wanted> {
    let event = if header.event.is_empty() {
        let [event] = top_level_strings(payload, ["hook_event_name"]);
        event?
    } else {
        header.event.clone()
    };
    if !words::may_speak(&event) {
        return None;
    }
    let [source, cwd] = top_level_strings(payload, ["source", "cwd"]);
    words::Wanted::at(event, source.as_deref(), cwd, header.project.clone())
}

const READING: u8 = 0;
const KEEPING: u8 = 1;
const SPEAKING: u8 = 2;
const PRINTING: u8 = 3;
const CUTTING: u8 = 4;

/// What the watchdog and the work share.
struct Watch {
    phase: AtomicU8,
    intake: Intake,
    began: Instant,
    data_dir: PathBuf,
    header: Header,
}

impl Watch {
    /// Goes from one phase to the next, unless the watchdog was faster.
    fn enter(&self, from: u8, to: u8) -> bool {
        self.phase.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Stands watch until the process ends, which is all that ever ends this thread.
    fn stand(&self) {
        let mut seen_before = 0;
        loop {
            let elapsed = self.began.elapsed();
            let next = match self.phase.load(Ordering::Acquire) {
                SPEAKING => WORDS,
                KEEPING => LAST,
                _ => LONGEST,
            };
            std::thread::park_timeout(CAPTURE.min(next.saturating_sub(elapsed)));
            let elapsed = self.began.elapsed();
            match self.phase.load(Ordering::Acquire) {
                READING => {
                    let seen = self.intake.seen();
                    let stalled = seen > 0 && seen == seen_before;
                    if (stalled || elapsed >= LONGEST) && self.enter(READING, CUTTING) {
                        self.keep_what_came();
                        leave();
                    }
                    seen_before = seen;
                }
                SPEAKING if elapsed >= WORDS && self.enter(SPEAKING, CUTTING) => leave(),
                KEEPING if elapsed < LAST => {}
                _ if elapsed >= LONGEST => leave(),
                _ => {}
            }
        }
    }

    /// Keeps the part of the input that came.
    fn keep_what_came(&self) {
        if self.intake.seen() > 0
            && self.intake.finish(false).is_ok()
            && daemon::nudge(&self.data_dir) == daemon::Daemon::Absent
        {
            daemon::start(&self.data_dir);
        }
    }
}

/// The watchdog was faster and is about to end the process.
fn wait_for_the_end() -> ! {
    loop {
        std::thread::park_timeout(LONGEST);
    }
}

/// The only exit besides returning: silent, and never anything but 0.
fn leave() -> ! {
    #[expect(clippy::exit, reason = "the watchdog must end the process while another thread hangs")]
    std::process::exit(0)
}
