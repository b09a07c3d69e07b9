//! What one step of the observer works with, all of it lent by the shift.

use mem_core::time::Timestamp;
use mem_logic::capture::Capture;
use mem_logic::layers::Layers;
use mem_store::Store;

use super::models::Chosen;
use crate::log::Log;
use crate::shift::Context;

/// What one step works with.
pub struct Desk<'d> {
    /// All the daemon was given.
    pub context: &'d Context,
    /// The store, with the inbox lock held.
    pub store: &'d mut Store,
    /// The settings in force.
    pub layers: &'d Layers,
    /// The rules of redaction in force.
    pub capture: &'d Capture,
    /// The daemon's log.
    pub log: &'d mut Log,
    /// This moment.
    pub now: Timestamp,
}

impl Desk<'_> {
    /// The model for a batch, `ordered` or chosen; none where there is none, or none may be asked here.
    pub(super) fn chosen(&self, ordered: Option<&str>) -> Option<Chosen> {
        Chosen::of(self.layers, ordered).filter(|_| self.context.may_ask)
    }

    /// Marks a step between two things that must both be survived: a test may want the process dead exactly here.
    pub(super) fn passes(&self, step: &str) {
        if self.context.die_at.as_deref() == Some(step) {
            let _nobody_is_left_to_care =
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
