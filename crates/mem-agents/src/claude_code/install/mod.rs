//! Our plugin in Claude Code: put there, looked at, taken back.
//!
//! Claude Code reads plugins from a marketplace, which may be a plain folder; ours lies in the data directory.
//! Two settings keys declare it. That alone runs no hooks in the first session of 2.1.197, so the two files in
//! which Claude Code keeps what it knows of marketplaces and plugins get an entry each, in the form that
//! `claude plugin marketplace add` and `claude plugin install` give them. Everything is taken back byte for byte.
//! Must not read the environment, start a program or touch a key that is not ours.

mod config_file;
mod places;
mod plugin;
mod put;
mod record;
mod survey;
mod take_back;

#[cfg(test)]
mod tests;

pub use places::{
    Change, Changes, InstallError, MARKETPLACE, MCP_SERVER, ORIGINAL_PLUGIN, PLUGIN_ID, PLUGIN_NAME, Places,
};
pub use put::install;
pub use survey::{Broken, HooksOff, Survey, survey};
pub use take_back::uninstall;
