//! Supervision under virtual time: tables for the rules, and a property over anything that may happen.

mod properties;
mod scene;
mod tables;
mod troubles;
