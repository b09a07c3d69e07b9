//! The names of the rules by which an event is left out, as `status` counts them.
//!
//! Every event that comes in is stored or filtered by exactly one of these, so the names are part of what
//! users see and never change their meaning. Must not decide: `judge` does.

/// Whether an event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes into the store.
    Keep,
    /// It is left out, and counted under this rule.
    Skip(Rule),
}

/// Why an event is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// It happened inside our own data directory.
    Internal,
    /// It happened in a directory the user excluded.
    Excluded,
    /// The prompt was private from end to end.
    Private,
    /// The prompt held nothing but blocks the host put in.
    HostPrompt,
    /// The tool is one whose uses are not kept.
    SkippedTool,
    /// The prompt was the host's word that a background task ended.
    TaskNotification,
    /// The end of a subagent that never was: the host compacting.
    HostCompaction,
    /// A batch, which only says again what its single events said.
    Batched,
    /// The host keeping its own notes about the session.
    AgentMemoryMeta,
}

impl Rule {
    /// Every rule, in the order `status` lists them.
    pub const ALL: [Self; 9] = [
        Self::Internal,
        Self::Excluded,
        Self::Private,
        Self::HostPrompt,
        Self::SkippedTool,
        Self::TaskNotification,
        Self::HostCompaction,
        Self::Batched,
        Self::AgentMemoryMeta,
    ];

    /// The name in the store and in `status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Excluded => "excluded",
            Self::Private => "private",
            Self::HostPrompt => "host_prompt",
            Self::SkippedTool => "skipped_tool",
            Self::TaskNotification => "task_notification",
            Self::HostCompaction => "host_compaction",
            Self::Batched => "batched",
            Self::AgentMemoryMeta => "agent_memory_meta",
        }
    }

    /// The rule of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_known_by_its_name() {
        for rule in Rule::ALL {
            assert_eq!(Rule::parse(rule.as_str()), Some(rule));
        }
        assert_eq!(Rule::parse("boredom"), None);
    }
}
