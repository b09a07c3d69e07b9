//! The local distiller: what a turn amounts to, from its evidence alone, with no model.
//!
//! The events of a turn are folded (`evidence`), commands are read (`shell`, `commands`, `commits`), their
//! output is read (`tests_seen`, `errors`), failures are matched with what cured them (`cures`), and the result
//! is put in words (`observe`, `summarise`). Must not state what no event shows: plans, guesses and unresolved
//! failures become open ends of the summary, never facts. The same events always give the same bytes, so that a
//! turn can be distilled again.

mod asked;
mod commands;
mod commits;
mod cures;
mod errors;
mod evidence;
mod functions;
mod observe;
mod said;
mod shell;
pub(crate) mod summarise;
#[cfg(test)]
mod tests;
mod tests_seen;
mod turn;
mod verdict;
pub(crate) mod words;

pub(crate) use asked::without_host_blocks;
pub(crate) use commands::only_looks;
pub(crate) use tests_seen::tells;
pub use turn::{Turn, distil};
pub(crate) use verdict::whole_output;
