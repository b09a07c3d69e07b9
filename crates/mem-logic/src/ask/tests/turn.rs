//! Builds the events of a turn as the agent's hooks tell them, and composes them.

use mem_core::event::{Action, Agent, Body, Event, NaturalKey, Outcome, Subagent, ToolUse};
use mem_core::id::{EventId, SessionId};
use mem_core::time::Timestamp;

use crate::ask::{Asked, Bounds, Composed, Earlier, Material, compose};
use crate::mode::{Mode, load};

pub(super) const TOP: &str = "/home/dev/proj";
pub(super) const NORMAL: Bounds = Bounds { tokens: 8_000, smaller: 0 };

pub(super) fn code() -> Mode {
    load("code", &mut |_| None).0
}

/// A turn, event by event.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) prompt: String,
    pub(super) events: Vec<(EventId, Event)>,
    pub(super) earlier: Earlier,
    pub(super) part: u32,
    closed: bool,
    subagent: Option<Subagent>,
}

impl Turn {
    pub(super) fn asked(prompt: &str) -> Self {
        let turn = Self {
            prompt: prompt.to_owned(),
            events: Vec::new(),
            earlier: Earlier::default(),
            part: 1,
            closed: true,
            subagent: None,
        };
        turn.happened(Body::Prompted { prompt: prompt.to_owned() })
    }

    pub(super) fn happened(mut self, body: Body) -> Self {
        let id = EventId(self.events.len() as i64 + 1);
        let event = Event {
            agent: Agent::ClaudeCode,
            session: SessionId("s-1".to_owned()),
            at: Timestamp(1_763_650_000_000 + id.0 * 1_000),
            cwd: TOP.to_owned(),
            transcript: None,
            prompt_id: Some("p-1".to_owned()),
            subagent: self.subagent.clone(),
            key: NaturalKey::Fixed(format!("k-{}", id.0)),
            body,
        };
        self.events.push((id, event));
        self
    }

    pub(super) fn used(self, tool: &str, action: Action, outcome: Outcome) -> Self {
        let id = Some(format!("toolu_{}", self.events.len()));
        let call = ToolUse { id, tool: tool.to_owned(), action, outcome, duration_ms: None };
        self.happened(Body::ToolUsed(call))
    }

    pub(super) fn ran(self, command: &str, output: &str) -> Self {
        let action = Action::Ran {
            command: command.to_owned(),
            description: String::new(),
            exit_code: Some(0),
            output: output.to_owned(),
        };
        self.used("Bash", action, Outcome::Succeeded)
    }

    pub(super) fn failed(self, command: &str, code: i32, output: &str) -> Self {
        let action = Action::Ran {
            command: command.to_owned(),
            description: String::new(),
            exit_code: Some(code),
            output: output.to_owned(),
        };
        self.used("Bash", action, Outcome::Failed { error: format!("Exit code {code}\n{output}") })
    }

    pub(super) fn edited(self, path: &str, patch: &str) -> Self {
        let count = |mark: char| patch.lines().filter(|line| line.starts_with(mark)).count() as u32;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("{TOP}/{path}") };
        let action = Action::Changed {
            path,
            created: false,
            patch: patch.to_owned(),
            added: count('+'),
            removed: count('-'),
        };
        self.used("Edit", action, Outcome::Succeeded)
    }

    pub(super) fn read(self, path: &str, lines: usize) -> Self {
        let action = Action::Read { path: format!("{TOP}/{path}"), content: "let x = 1;\n".repeat(lines) };
        self.used("Read", action, Outcome::Succeeded)
    }

    pub(super) fn searched(self, query: &str, found: &str) -> Self {
        let action = Action::Searched {
            query: query.to_owned(),
            place: format!("{TOP}/src"),
            found: found.to_owned(),
        };
        self.used("Grep", action, Outcome::Succeeded)
    }

    pub(super) fn delegated(self, subagent: Option<&str>, task: &str, said: &str) -> Self {
        let action = Action::Delegated {
            subagent: subagent.map(str::to_owned),
            kind: "Explore".to_owned(),
            task: task.to_owned(),
            said: said.to_owned(),
        };
        self.used("Agent", action, Outcome::Succeeded)
    }

    pub(super) fn by_subagent(mut self, id: &str) -> Self {
        self.subagent = Some(Subagent { id: id.to_owned(), kind: "Explore".to_owned() });
        self
    }

    pub(super) fn by_agent(mut self) -> Self {
        self.subagent = None;
        self
    }

    pub(super) fn answered(self, said: &str) -> Self {
        self.happened(Body::Answered { said: said.to_owned() })
    }

    pub(super) fn unfinished(mut self) -> Self {
        self.closed = false;
        self
    }

    /// The events behind `after`, composed.
    pub(super) fn compose_after(&self, after: EventId, bounds: Bounds) -> Composed {
        let from = self.events.partition_point(|(id, _)| *id <= after);
        let material = Material {
            prompt: &self.prompt,
            events: &self.events[from..],
            top: TOP,
            project: "proj",
            closed: self.closed,
            part: self.part,
            earlier: &self.earlier,
        };
        let composed = compose(&material, &code(), &bounds);
        assert_eq!(composed, compose(&material, &code(), &bounds), "the same input gives the same bytes");
        composed
    }

    pub(super) fn composed(&self) -> Asked {
        match self.compose_after(EventId(0), NORMAL) {
            Composed::Asked(asked) => asked,
            Composed::Trivial { .. } => panic!("this turn is worth asking about"),
        }
    }

    /// What is told between `<happened>` and its end.
    pub(super) fn told(&self) -> String {
        let text = self.composed().ask.text;
        let (_, inside) = text.split_once("<happened>\n").unwrap();
        inside.split_once("</happened>").unwrap().0.to_owned()
    }

    pub(super) fn is_trivial(&self) -> bool {
        let last = self.events.last().unwrap().0;
        self.compose_after(EventId(0), NORMAL) == Composed::Trivial { through: last }
    }
}
