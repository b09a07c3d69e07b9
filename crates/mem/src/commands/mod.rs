//! What each command does, one verb per file.
//!
//! `desk` is what all of them start from (who asks, about which directory, with which memory), `print` how they
//! speak. Data goes to stdout, words about it to stderr. A command gathers, turns rows into documents of `mem-wire`,
//! and prints either those or their text; errors go up as `Failure`.

pub(crate) mod ask;
pub(crate) mod brief;
mod call;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod desk;
pub(crate) mod doctor;
pub(crate) mod install;
pub(crate) mod ledger;
pub(crate) mod model;
pub(crate) mod observer;
pub(crate) mod print;
pub(crate) mod reference;
pub(crate) mod sessions;
pub(crate) mod show;
pub(crate) mod status;
mod trust;
pub(crate) mod uninstall;
pub(crate) mod whoami;
pub(crate) mod worker;
