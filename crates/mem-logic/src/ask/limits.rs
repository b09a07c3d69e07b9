//! How much of each field is sent.
//!
//! The numbers are ours: a field's share of the default of 8,000 tokens (28,000 characters) of events a request, so that
//! a handful of large ones fit. Each step smaller halves them, down to a line.

/// Most characters of each field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// A command line.
    pub(super) command: usize,
    /// What the agent said a command is for.
    pub(super) purpose: usize,
    /// Output of a command that went well.
    pub(super) output: usize,
    /// Output of one that failed.
    pub(super) failure: usize,
    /// Output of one that only looked.
    pub(super) look: usize,
    /// All patches of one block.
    pub(super) patch: usize,
    /// A page or the hits of a web search.
    pub(super) fetched: usize,
    /// A tool's input, or its error.
    pub(super) input: usize,
    /// The output of a tool we know nothing of.
    pub(super) called: usize,
    /// The agent's last words.
    pub(super) said: usize,
    /// A subagent's task, and its last words.
    pub(super) task: usize,
    /// A path, a query, an address.
    pub(super) name: usize,
    /// The user's prompt.
    pub(super) prompt: usize,
    /// What the session did before.
    pub(super) digest: usize,
    /// Files, and commands, of a subagent that are named.
    pub(super) listed: usize,
}

impl Limits {
    /// The limits after `smaller` halvings.
    pub(super) fn of(smaller: u32) -> Self {
        // less than a line of sixty says nothing any more
        let halved = |chars: usize| (chars >> smaller.min(16)).max(60);
        Self {
            command: halved(1_200),
            purpose: halved(160),
            output: halved(1_600),
            failure: halved(4_000),
            look: halved(400),
            patch: halved(4_000),
            fetched: halved(1_000),
            input: halved(400),
            called: halved(800),
            said: halved(4_000),
            task: halved(1_500),
            name: halved(240),
            prompt: halved(4_000),
            digest: halved(2_500),
            listed: (10_usize >> smaller.min(3)).max(1),
        }
    }
}
