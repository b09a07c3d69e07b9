//! Takes the hook input from stdin: any size, to its end, or as far as it came before the deadline.
//!
//! The bytes are shared with the watchdog, which can cut the reading short and spool what is there. Only `std`.

use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct Intake {
    bytes: Mutex<Vec<u8>>,
    seen: AtomicUsize,
}

impl Intake {
    /// Reads stdin to its end. An error of stdin is its end: what came before it counts.
    pub(super) fn fill(&self) {
        let mut stdin = io::stdin().lock();
        let mut chunk = vec![0; 64 * 1024];
        loop {
            match stdin.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => {
                    if let Ok(mut bytes) = self.bytes.lock() {
                        bytes.extend_from_slice(&chunk[..read]);
                    }
                    self.seen.fetch_add(read, Ordering::Release);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    /// How many bytes have come.
    pub(super) fn seen(&self) -> usize {
        self.seen.load(Ordering::Acquire)
    }

    /// Takes what has come; whoever comes second finds nothing.
    pub(super) fn take(&self) -> Vec<u8> {
        self.bytes.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default()
    }
}
