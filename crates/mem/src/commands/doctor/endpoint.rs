//! The endpoint that makes vectors, asked once for real: one word, in the ledger like any other request.
//!
//! What answers ends the rest that the worker gave it, and what the user was told of that.

use std::time::Instant;

use mem_daemon::meaning::{Endpoint, Trial, Wrong};
use mem_wire::doctor::Check;

use super::super::desk::Desk;
use super::super::{print, worker};
use super::checks::{failed, ok, skipped, stumbled};
use crate::failure::Failure;

/// Asks it.
pub(super) fn asked(desk: &Desk, name: &str, endpoint: Endpoint) -> Check {
    let settings = &endpoint.settings;
    let whose = format!("{} at {}", print::tame(&settings.model), print::tame(&settings.base_url));
    if !desk.has_begun() {
        return skipped(name, format!("{whose} makes the vectors, and has not been asked yet"));
    }
    match ask(desk, endpoint) {
        Ok(Ok((dimension, took))) => ok(
            name,
            format!("{whose} makes the vectors, of {dimension} numbers each; it answers in {took:.1} s"),
        ),
        Ok(Err((what, remedy))) => failed(name, print::tame(&what), remedy),
        Err(failure) => stumbled(name, &failure),
    }
}

/// The length of its vectors and the seconds it took, or what is wrong and what helps.
type Found = Result<(usize, f64), Wrong>;

/// One request, made and ended here.
fn ask(desk: &Desk, endpoint: Endpoint) -> Result<Found, Failure> {
    let trial = match desk.write(|store| Trial::begin(endpoint, store))? {
        Ok(trial) => trial,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let began = Instant::now();
    let answer = trial.ask();
    let took = began.elapsed().as_secs_f64();
    let ended = desk.write(|store| trial.end(store, &answer))?;
    if ended.is_ok() {
        worker::wake(desk.home())?;
    }
    Ok(ended.map(|dimension| (dimension, took)))
}
