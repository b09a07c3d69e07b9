//! Child processes of the daemon: a deadline or a line to talk on, an owner, and an end tied to ours.
//!
//! Every child is started through our own binary, which stands between as its keeper. The keeper holds the other end of
//! a pipe of the daemon's: when that closes, because the daemon wants it or because the daemon is gone, SIGKILL
//! included, it ends everything that descends from it. As a child subreaper it inherits what its descendants leave
//! behind, so neither a session of its own nor a deaf ear for signals lets one escape.
//!
//! There are two kinds: a program that is run to its end for what it prints (`claude-mem __keep PROGRAM ARGS…`), and one
//! that is talked to line by line (`claude-mem __run PROGRAM ARGS…`). Nothing else in the product starts a process,
//! except the hook that starts the daemon.

mod family;
mod keeper;
mod launch;
mod talk;

pub use family::{holds_variable, processes, started_at};
pub use keeper::{BECOME, KEEP, RUN, become_program, keep, keep_talking};
pub use launch::Launcher;
pub(crate) use talk::code_of;
pub use talk::{Line, Start, Talk};
