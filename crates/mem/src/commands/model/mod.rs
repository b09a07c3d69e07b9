//! `model`: the embedding model, which is installed only when somebody asks for it.
//!
//! Where it lies and how it gets there is the business of `mem-daemon`, which loads it; here it is said beforehand what
//! that takes, asked, and told how it went. A model that an observer asks is another thing: see `observer`.

mod args;
mod install;
mod progress;
mod remove;
mod run;
mod status;

#[cfg(test)]
mod tests;

pub(crate) use args::{MODEL, ModelCommand};
pub(crate) use run::run;
pub(crate) use status::look;
