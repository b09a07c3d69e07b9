//! Newtyped identities, so that a turn can never be looked up as an observation.
//!
//! Row ids are what people type (`#12`, `S3`) and never change once given.

use std::fmt;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);
    };
}

row_id!(
    /// Row of a stored event.
    EventId
);
row_id!(
    /// Row of an observation; shown as `#12`.
    ObservationId
);
row_id!(
    /// Row of a summary; shown as `S3`.
    SummaryId
);
row_id!(
    /// Row of a turn.
    TurnId
);
row_id!(
    /// Row of a session.
    SessionRow
);
row_id!(
    /// Row of a project.
    ProjectId
);
row_id!(
    /// Row of a commit that was made; shown as `C6`.
    CommitId
);
row_id!(
    /// Row of a batch: events of one turn that go to a model together.
    BatchId
);
row_id!(
    /// Row of the ledger: one request that was or will be paid for.
    RequestId
);
row_id!(
    /// A run of the observer, unique while the daemon lives.
    RunId
);

impl fmt::Display for ObservationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for SummaryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", self.0)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{}", self.0)
    }
}

/// The agent's own id of a session, as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub String);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name a frame was spooled under; guards against reading one frame twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub String);

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
