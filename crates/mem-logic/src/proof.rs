//! What the events of a request prove, whatever a model makes of them: which files were read and changed, and by which
//! event. Made where the request is composed, used where the reply is weighed.

use mem_core::id::EventId;

/// What the events that were sent prove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// Files that were read, each with the event that shows it; relative to the project where possible.
    pub read: Vec<(String, EventId)>,
    /// Files that were changed, each with the event that shows it.
    pub modified: Vec<(String, EventId)>,
    /// All events that were sent, in order.
    pub sources: Vec<EventId>,
}
