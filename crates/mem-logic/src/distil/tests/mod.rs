//! Tests of the distiller: tables for each reader, whole turns as stories.

mod chains;
mod stories;
mod tables;
mod verdicts;
