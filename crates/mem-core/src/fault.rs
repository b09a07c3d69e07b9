//! What went wrong with a model: one classification, made once where the model is reached, carried unchanged from there.

use std::fmt;

use crate::time::Timestamp;

/// The kinds of failure that differ in what is to be done about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// It cannot even be asked: the program is missing or too old, a key or an address is not set.
    Setup,
    /// It does not accept who asks: no login, a wrong key.
    Auth,
    /// What may be used is used up: credit, subscription, quota.
    Quota,
    /// Too many requests at the moment.
    Rate,
    /// The request is longer than the model takes.
    Overflow,
    /// The request is refused for what it is: an unknown model, a parameter it does not take.
    Refused,
    /// The way to it failed: connection, server, overload, silence.
    Transport,
    /// It did something no model does: foreign output, a wrong session, a flood, an end without an answer.
    Misbehaved,
    /// It was ended on purpose, by us or by somebody outside.
    Ended,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Setup,
        Self::Auth,
        Self::Quota,
        Self::Rate,
        Self::Overflow,
        Self::Refused,
        Self::Transport,
        Self::Misbehaved,
        Self::Ended,
    ];

    /// The name in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Auth => "auth",
            Self::Quota => "quota",
            Self::Rate => "rate",
            Self::Overflow => "overflow",
            Self::Refused => "refused",
            Self::Transport => "transport",
            Self::Misbehaved => "misbehaved",
            Self::Ended => "ended",
        }
    }
}

/// A failure of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What sort of failure.
    pub kind: FaultKind,
    /// What was said about it, one line, no secrets in it.
    pub said: String,
    /// When it says it can be asked again.
    pub retry_at: Option<Timestamp>,
    /// Whether the request may have been paid for: it was sent, and nobody said that it was refused.
    pub paid: bool,
}

impl Fault {
    /// A failure that surely cost nothing.
    pub fn free(kind: FaultKind, said: impl Into<String>) -> Self {
        Self { kind, said: said.into(), retry_at: None, paid: false }
    }

    /// A failure after which the request may have been paid for all the same.
    pub fn perhaps_paid(kind: FaultKind, said: impl Into<String>) -> Self {
        Self { kind, said: said.into(), retry_at: None, paid: true }
    }

    /// The same, with the moment from which it can be asked again.
    #[must_use]
    pub fn until(mut self, at: Option<Timestamp>) -> Self {
        self.retry_at = at;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.said)
    }
}
