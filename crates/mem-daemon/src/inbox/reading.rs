//! From the bytes of a frame to what becomes of it: the adapter's parse and the capture's judgement, in a row.
//!
//! Nothing here touches the disk. A panic of either is caught, since a frame that cannot be read must cost
//! neither the frames after it nor the daemon.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mem_agents::claude_code::payload;
use mem_core::event::{Agent, Event};
use mem_core::frame;
use mem_core::time::Timestamp;
use mem_logic::capture::{Capture, Judged};

use super::drain::now;

/// What a frame turned out to be.
#[derive(Debug)]
pub(super) enum Reading {
    /// An event and what is to become of it.
    Event {
        /// Already stripped, redacted and bounded.
        event: Box<Event>,
        /// Keep or skip, and what was taken out.
        judged: Judged,
        /// The user's override of the project, from the hook's environment.
        over: Option<String>,
        /// What was odd about the payload.
        defects: usize,
    },
    /// The hook was given nothing.
    Empty,
    /// Nobody can read it.
    Unreadable {
        /// Why, for the note beside it.
        why: String,
    },
    /// It made the reader panic.
    Crashed,
}

/// Reads one frame.
pub(super) fn read(bytes: &[u8], capture: &Capture) -> Reading {
    catch_unwind(AssertUnwindSafe(|| read_unguarded(bytes, capture))).unwrap_or(Reading::Crashed)
}

/// What of an unreadable frame may be kept on disk: its text without secrets, or, where even scrubbing
/// panics, a word about its size.
pub(super) fn scrubbed(bytes: &[u8], capture: &Capture) -> Vec<u8> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        capture.scrub_text(&mut text);
        text.into_bytes()
    }))
    .unwrap_or_else(|_panic| format!("[{} bytes that could not be scrubbed]\n", bytes.len()).into_bytes())
}

/// The hook's moment, or this one where the hook's clock was plainly wrong: an event dated 1970 would be pruned at once,
/// one of the far future would be the newest for ever.
fn sane(at: Timestamp) -> Timestamp {
    /// 2020-01-01, before which there was nothing to capture.
    const FIRST: Timestamp = Timestamp(1_577_836_800_000);
    /// A clock may have been set back between hook and drain.
    const AHEAD_MS: i64 = 60_000;
    let now = now();
    if at < FIRST || at > now.plus_ms(AHEAD_MS) { now } else { at }
}

fn read_unguarded(bytes: &[u8], capture: &Capture) -> Reading {
    let frame = match frame::decode(bytes) {
        Ok(frame) => frame,
        Err(error) => return Reading::Unreadable { why: error.to_string() },
    };
    let Some(Agent::ClaudeCode) = Agent::parse(&frame.header.agent) else {
        return Reading::Unreadable { why: format!("from an agent we do not know: {}", frame.header.agent) };
    };
    if frame.complete && frame.payload.trim_ascii().is_empty() {
        return Reading::Empty;
    }
    let parsed = match payload::parse(frame.payload, &frame.header) {
        Ok(parsed) => parsed,
        Err(error) if frame.complete => return Reading::Unreadable { why: error.to_string() },
        Err(error) => {
            return Reading::Unreadable {
                why: format!("cut short after {} bytes: {error}", frame.payload.len()),
            };
        }
    };
    let mut event = Box::new(parsed.event);
    event.at = sane(event.at);
    let judged = capture.judge(&mut event);
    Reading::Event { event, judged, over: frame.header.project, defects: parsed.defects.len() }
}
