//! The table of agents: what each is called and which of its hook events we subscribe to.
//!
//! One row per agent of [`mem_core::event::Agent`]. Must not know how an agent is installed or read; that is in
//! its folder.

use mem_core::event::Agent;

/// One coding agent.
#[derive(Debug, Clone, Copy)]
pub struct AgentSpec {
    /// Which one.
    pub agent: Agent,
    /// The events we subscribe to, in the order in which a session has them.
    pub events: &'static [HookEvent],
}

/// One hook event we subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookEvent {
    /// The agent's name of it.
    pub name: &'static str,
    /// After how many seconds the agent may end the hook. Ours ends itself far earlier; this is for a machine
    /// that stands still.
    pub timeout_s: u32,
}

/// Claude Code. `PostToolBatch` is left out: it would double the cost of each call to say the same again.
/// `SessionEnd` has 1.5 s by default, which a stalled disk can outlast; so it is raised like the rest.
pub const CLAUDE_CODE: AgentSpec = AgentSpec {
    agent: Agent::ClaudeCode,
    events: &[
        event("SessionStart"),
        event("UserPromptSubmit"),
        event("PostToolUse"),
        event("PostToolUseFailure"),
        event("SubagentStart"),
        event("SubagentStop"),
        event("Stop"),
        event("StopFailure"),
        event("PreCompact"),
        event("PostCompact"),
        event("CwdChanged"),
        event("SessionEnd"),
    ],
};

/// All agents.
pub const AGENTS: &[AgentSpec] = &[CLAUDE_CODE];

/// Seconds an agent may give a hook of ours.
const TIMEOUT_S: u32 = 10;

const fn event(name: &'static str) -> HookEvent {
    HookEvent { name, timeout_s: TIMEOUT_S }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_agent_that_core_knows_by_name() {
        for spec in AGENTS {
            assert_eq!(Agent::parse(spec.agent.as_str()), Some(spec.agent));
            let mut names: Vec<_> = spec.events.iter().map(|event| event.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), spec.events.len(), "an event is listed twice");
            assert!(spec.events.iter().all(|event| (2..=60).contains(&event.timeout_s)));
        }
    }
}
