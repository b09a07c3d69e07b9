//! `show`: memories, events, turns and sessions in full.
//!
//! `ids` reads what people type, `find` looks it up and makes documents of it, `said` names the texts of an event,
//! `text` writes it all for people, `further` says what
//! leads on from there, `run` is the command.

mod find;
mod further;
mod ids;
mod run;
mod said;
mod text;

pub(crate) use find::document;
pub(crate) use run::run;
