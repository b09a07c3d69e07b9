//! `cargo xtask bench NAME`: what the project promises about speed, measured on the machine at hand.
//!
//! Benches print and write numbers and are never tests with a clock in them: ratios to a reference measured in
//! the same run are what is compared, since seconds belong to a machine. Each bench is one file.

mod brief;
mod drain;
mod embed;
mod hook;
mod measure;
mod model;
mod pick;
mod recall;
mod reference;
mod search;
mod subject;

pub(crate) use pick::run;
