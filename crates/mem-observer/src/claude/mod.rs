//! The installed Claude Code as a model: found, started without tools, settings or hooks, and talked to line by line.
//!
//! `find` looks for the program, `arguments` says how it is started, `login` what of the user's settings it needs,
//! `stream` reads what it says, `fault` classifies what it says went wrong, and `run` is the model. Must not let
//! anything of the program's own conversation, tools or hooks into what it answers.

mod arguments;
mod fault;
mod find;
mod login;
mod reset;
mod run;
mod stream;
#[cfg(test)]
mod stream_tests;

pub use arguments::arguments;
pub use find::{Finder, Found, OLDEST, Version, glance};
pub use login::{Instead, instead_of_login};
pub use run::{Claude, Place};
