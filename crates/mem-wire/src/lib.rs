//! What programs get to read: one serde type for every document that `--json` prints.
//!
//! Each kind of document carries its own `version`, which grows when a field changes its meaning or goes; new fields
//! may come at any time. Times are milliseconds since the Unix epoch, UTC, in fields that end in `_at`. Must not
//! decide anything and knows only the core vocabulary: rows of the store are turned into these types by the
//! commands that print them. `exchange` alone is not printed: it is what a client and the daemon say to each other.

pub mod brief;
pub mod config;
pub mod cost;
pub mod doctor;
pub mod exchange;
pub mod install;
pub mod memory;
pub mod observer;
pub mod redistill;
pub mod search;
pub mod sessions;
pub mod status;
pub mod timeline;
pub mod whoami;
pub mod worker;
