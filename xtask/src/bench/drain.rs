//! How many frames a second go from the inbox into the store, and what the daemon weighs afterwards.

use std::time::{Duration, Instant};

use mem_core::frame::{self, Header};
use mem_core::layout;
use mem_core::time::Timestamp;

use super::subject::{Subject, vm_mb, wait, write};
use crate::house::Outcome;

/// Frames in the inbox when the daemon starts.
const FRAMES: usize = 20_000;
/// Frames a second that keep the promise.
const AIM: f64 = 5_000.0;

/// Measures it.
///
/// # Errors
/// What kept it from measuring, or that it is slower than promised.
pub(crate) fn run(_args: &[&str]) -> Outcome {
    let mut subject = Subject::new("drain")?;
    for number in 0..FRAMES {
        let payload = String::from_utf8(subject.payload(4 << 10)).expect("made of text");
        let payload = payload.replace("toolu_bench", &format!("toolu_{number}"));
        let header = Header {
            agent: "claude-code".to_owned(),
            event: String::new(),
            at: Timestamp(1_763_700_000_000 + number as i64),
            project: None,
        };
        let name = frame::new_id(1_763_700_000_000_000_000 + number as u128, 1);
        let path = subject.data().join(layout::INBOX).join(format!("{name}.frame"));
        write(&path, &frame::encode(&header, payload.as_bytes()))?;
    }
    let start = Instant::now();
    let pid = subject.start_daemon()?;
    if !wait(Duration::from_secs(120), || subject.waiting() == 0) {
        return Err("the inbox did not become empty in two minutes".to_owned());
    }
    let rate = FRAMES as f64 / start.elapsed().as_secs_f64();
    // its last commit and the briefs after it
    let _nothing_to_wait_for = wait(Duration::from_secs(2), || false);
    println!("drain of {FRAMES} frames of 4 kB: {rate:.0} frames/s (promised {AIM:.0})");
    println!("daemon, idle afterwards: {:.1} MB resident (promised 30)\n", vm_mb(pid, "VmRSS")?);
    if rate < AIM { Err(format!("{rate:.0} frames/s")) } else { Ok(()) }
}
