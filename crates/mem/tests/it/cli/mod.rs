//! The command line as people and scripts meet it: help, exit codes, documents, and what each command leaves alone.
#![expect(clippy::unwrap_used, reason = "a test may fail wherever something is not as it was laid out")]

mod config;
mod demo;
mod doctor;
mod help;
mod install;
mod ledger;
mod observer;
mod searching;
mod show;
mod status;
