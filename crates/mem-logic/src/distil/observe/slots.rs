//! Which observations a turn yields, each in its slot.

use mem_core::observation::Observation;

use super::aside::{answer, cure_observations, decision};
use super::phrases::lasting_files;
use super::work::work;
use crate::distil::cures::strands;
use crate::distil::evidence::Evidence;

/// All observations of the turn, each with its slot.
pub(in crate::distil) fn observations(evidence: &Evidence) -> Vec<(String, Observation)> {
    let strands = strands(evidence);
    let mut found = Vec::new();
    let lasting = lasting_files(evidence);
    let work = work(evidence, &strands, &lasting);
    found.extend(decision(evidence, &lasting).map(|decision| ("decision".to_owned(), decision)));
    let changed = work.is_some();
    found.splice(0..0, work.map(|work| ("work".to_owned(), work)));
    found.extend(cure_observations(evidence, &strands));
    if !changed {
        found.extend(answer(evidence).map(|answer| ("answer".to_owned(), answer)));
    }
    found
}
