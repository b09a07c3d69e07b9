//! The closed list of everything that can wake the daemon.

use std::os::unix::net::UnixStream;

use crate::meaning;
use crate::observer::News;

/// One reason to wake.
#[derive(Debug)]
pub enum Wake {
    /// A hook wrote a frame.
    Nudged,
    /// Somebody asks something over the answer socket.
    Asked {
        /// The first word of the request.
        question: String,
        /// Where the answer goes.
        reply: UnixStream,
    },
    /// A search met a bug; whoever asked was told to search for themselves.
    SearchStumbled,
    /// A run of the observer has something to tell.
    Run(News),
    /// The thread that embeds has something to tell.
    Meaning(meaning::News),
    /// The system or the user wants us to leave.
    ToldToStop {
        /// The signal's name.
        why: &'static str,
    },
    /// The root commit of a repository was found, or is known not to exist.
    HistoryWalked {
        /// The directory it was asked for.
        cwd: String,
        /// The root commit.
        root: Option<String>,
    },
}
