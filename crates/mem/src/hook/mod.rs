//! The hook: takes what the agent hands over, keeps it, and speaks only where the agent wants words.
//!
//! One process per event, about a millisecond: read stdin, write one frame, nudge the daemon, start one if none
//! lives, exit 0. Files in reading order:
//! - `run`: the order of things, the deadline, the exit;
//! - `intake`: stdin to the end, or as far as it came;
//! - `spool`: the frame in the inbox;
//! - `daemon`: the nudge, and starting one;
//! - `words`: the brief, the only part that loads anything.
//!
//! Everything but `words` uses `std`, the frame codec and the environment table only. No exit code but 0, no
//! word on stderr, no word on stdout but the event's own JSON.

mod daemon;
mod intake;
mod run;
mod spool;
mod words;

pub(crate) use daemon::{Daemon, nudge};
pub(crate) use run::{Call, DEFAULT_AGENT, data_dir, run};
