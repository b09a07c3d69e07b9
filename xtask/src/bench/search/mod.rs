//! `bench search`: how long a search takes in a store of up to a million passages, filtered and not, warm and cold.
//!
//! `words` and `text` write what is remembered, from `chance` alone; `fill` puts it into a store as drains would and has
//! the real daemon index it. `queries` is what is asked, `warm` a process that is asked again and again, `measured` the
//! measuring and `adding` what one thing more costs; `hybrid` asks all of it with an embedding model and what `vectors` makes
//! up; `run` is the bench.

mod adding;
mod chance;
mod fill;
mod hybrid;
mod measured;
mod queries;
mod run;
mod text;
mod vectors;
mod warm;
mod words;

pub(crate) use run::run;
