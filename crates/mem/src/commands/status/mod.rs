//! `status`: health as outcomes, said in few lines, and every problem with its remedy.
//!
//! It works on a missing, read-only, damaged or newer store, starts no daemon and lays nothing out where nothing of
//! ours is. `gather` makes the document, `hooks` looks whether the agent reports at all, `text` writes it for
//! people, `run` is the command.

mod gather;
pub(crate) mod hooks;
mod run;
mod text;

pub(crate) use run::run;
