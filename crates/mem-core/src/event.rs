//! One normalised happening in an agent's session, the same whichever agent and whichever source told it.
//!
//! An adapter in `mem-agents` makes these from a hook payload (and later from a transcript); from there on
//! nobody needs to know which agent it was. Must not judge: what is kept, skipped or redacted is decided in
//! `mem-logic::capture`.

use crate::id::SessionId;
use crate::time::Timestamp;

/// The coding agents we listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agent {
    /// Claude Code, by Anthropic.
    ClaudeCode,
}

impl Agent {
    /// The agent's name on the command line, in frames and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
        }
    }

    /// The agent of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "claude-code" => Some(Self::ClaudeCode),
            _ => None,
        }
    }
}

/// A happening, where and when it took place, and how to know it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Whose session it is.
    pub agent: Agent,
    /// The agent's id of the session.
    pub session: SessionId,
    /// When the hook received it.
    pub at: Timestamp,
    /// Working directory at that moment; empty when the agent did not say.
    pub cwd: String,
    /// Path of the agent's transcript, when it said so.
    pub transcript: Option<String>,
    /// The agent's id of the prompt this belongs to; absent before the first prompt.
    pub prompt_id: Option<String>,
    /// Set when a subagent did it.
    pub subagent: Option<Subagent>,
    /// How the same happening is recognised when it comes again, from a hook or a transcript.
    pub key: NaturalKey,
    /// What happened.
    pub body: Body,
}

/// Which subagent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subagent {
    /// The agent's id of it.
    pub id: String,
    /// Its kind, such as `general-purpose`.
    pub kind: String,
}

/// How an event is known again, whoever reports it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NaturalKey {
    /// Complete in itself: a tool use id, or a prompt id with the kind of event.
    Fixed(String),
    /// A digest of the normalised text: the store adds the ordinal of its occurrence in the session.
    Counted(String),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A session began or went on.
    SessionStarted {
        /// Why it began.
        source: StartSource,
        /// The agent's model, where it says so.
        model: Option<String>,
    },
    /// The user wrote a prompt.
    Prompted {
        /// Its text.
        prompt: String,
    },
    /// A tool ran, successfully or not.
    ToolUsed(ToolUse),
    /// Several tools ran; only says again what single events said, and what was rejected.
    ToolsBatched {
        /// The calls.
        calls: Vec<ToolUse>,
    },
    /// A subagent began.
    SubagentStarted,
    /// A subagent ended.
    SubagentStopped {
        /// Its last words.
        said: String,
    },
    /// The agent finished its turn.
    Answered {
        /// Its last words.
        said: String,
    },
    /// The turn ended by a failure of the agent's model.
    AnswerFailed {
        /// Short class of failure, such as `rate_limit`.
        error: String,
        /// What the model's service said.
        details: String,
        /// The agent's last words.
        said: String,
    },
    /// The conversation is about to be compacted.
    Compacting {
        /// `manual` or `auto`.
        trigger: String,
    },
    /// The conversation was compacted.
    Compacted {
        /// `manual` or `auto`.
        trigger: String,
        /// What the agent kept of it.
        summary: String,
    },
    /// The working directory changed.
    Moved {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// The session ended.
    SessionEnded {
        /// Such as `clear`, `prompt_input_exit`, `other`.
        reason: String,
    },
    /// Something we do not know, kept as it came.
    Raw {
        /// The agent's name of the event.
        name: String,
        /// The payload, as compact JSON.
        json: String,
    },
}

impl Body {
    /// The kind of event, as the store and the skip rules name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SessionStarted { .. } => "session_started",
            Self::Prompted { .. } => "prompted",
            Self::ToolUsed(_) => "tool_used",
            Self::ToolsBatched { .. } => "tools_batched",
            Self::SubagentStarted => "subagent_started",
            Self::SubagentStopped { .. } => "subagent_stopped",
            Self::Answered { .. } => "answered",
            Self::AnswerFailed { .. } => "answer_failed",
            Self::Compacting { .. } => "compacting",
            Self::Compacted { .. } => "compacted",
            Self::Moved { .. } => "moved",
            Self::SessionEnded { .. } => "session_ended",
            Self::Raw { .. } => "raw",
        }
    }
}

/// Why a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartSource {
    /// A new session.
    Startup,
    /// An old conversation goes on under its id.
    Resume,
    /// An old conversation goes on under a new id.
    Fork,
    /// The user cleared the conversation.
    Clear,
    /// The conversation was compacted.
    Compact,
    /// Something newer than this code.
    Other,
}

impl StartSource {
    /// The name in payloads and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Resume => "resume",
            Self::Fork => "fork",
            Self::Clear => "clear",
            Self::Compact => "compact",
            Self::Other => "other",
        }
    }

    /// The source of that name; unknown names are [`StartSource::Other`].
    pub fn parse(name: &str) -> Self {
        match name {
            "startup" => Self::Startup,
            "resume" => Self::Resume,
            "fork" => Self::Fork,
            "clear" => Self::Clear,
            "compact" => Self::Compact,
            _ => Self::Other,
        }
    }

    /// Whether the conversation no longer holds an earlier brief, so that one is wanted.
    pub fn wants_brief(self) -> bool {
        matches!(self, Self::Startup | Self::Clear | Self::Compact)
    }
}

/// One use of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolUse {
    /// The agent's id of the call.
    pub id: Option<String>,
    /// The agent's name of the tool, such as `Bash`.
    pub tool: String,
    /// What it did, in our words.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub duration_ms: Option<u64>,
}

/// How a tool use ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As wanted.
    Succeeded,
    /// With an error, in the tool's words.
    Failed {
        /// The error text.
        error: String,
    },
    /// Stopped by the user.
    Interrupted,
}

/// What a tool did, independent of the agent's names for tools.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Ran a command.
    Ran {
        /// The command line.
        command: String,
        /// What the agent said it is for.
        description: String,
        /// Exit code where known: 0 when the tool succeeded, else read from the error.
        exit_code: Option<i32>,
        /// What it printed, standard output and error together.
        output: String,
    },
    /// Created or edited a file.
    Changed {
        /// The file.
        path: String,
        /// Whether the file is new.
        created: bool,
        /// What changed, as unified diff hunks (`@@ -1,2 +1,3 @@` and lines with ` `, `-`, `+`).
        patch: String,
        /// Lines added, counted before anything was cut.
        added: u32,
        /// Lines removed, counted before anything was cut.
        removed: u32,
    },
    /// Read a file.
    Read {
        /// The file.
        path: String,
        /// What was read.
        content: String,
    },
    /// Looked for files or text.
    Searched {
        /// What was looked for.
        query: String,
        /// Where.
        place: String,
        /// What was found.
        found: String,
    },
    /// Asked the web.
    Fetched {
        /// The address or the question.
        target: String,
        /// What came back.
        content: String,
    },
    /// Wrote into the agent's own memory files: a note of the agent, not a change of code.
    Noted {
        /// The file.
        path: String,
        /// What was written.
        text: String,
    },
    /// Handed work to a subagent.
    Delegated {
        /// The subagent's id, where known.
        subagent: Option<String>,
        /// Its kind.
        kind: String,
        /// What it was asked.
        task: String,
        /// What it answered.
        said: String,
    },
    /// Anything else.
    Other {
        /// The tool's input, as compact JSON.
        input: String,
        /// The tool's output, as text or compact JSON.
        output: String,
    },
}

/// What a text of an event is, for those who treat texts differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRole {
    /// Words, output, content, patches: anything that may hold a secret and may be cut.
    Content,
    /// A path: may be redacted, is never cut.
    Path,
}

impl Event {
    /// Calls `visit` for every text of the body, so that redaction and bounds reach each of them.
    pub fn visit_texts(&mut self, visit: &mut dyn FnMut(TextRole, &mut String)) {
        use TextRole::{Content, Path};
        match &mut self.body {
            Body::SessionStarted { .. } | Body::SubagentStarted => {}
            Body::Prompted { prompt } => visit(Content, prompt),
            Body::ToolUsed(call) => call.visit_texts(visit),
            Body::ToolsBatched { calls } => calls.iter_mut().for_each(|call| call.visit_texts(visit)),
            Body::SubagentStopped { said } | Body::Answered { said } => visit(Content, said),
            Body::AnswerFailed { error, details, said } => {
                visit(Content, error);
                visit(Content, details);
                visit(Content, said);
            }
            Body::Compacting { .. } => {}
            Body::Compacted { summary, .. } => visit(Content, summary),
            Body::Moved { from, to } => {
                visit(Path, from);
                visit(Path, to);
            }
            Body::SessionEnded { reason } => visit(Content, reason),
            Body::Raw { json, .. } => visit(Content, json),
        }
    }
}

impl ToolUse {
    /// Calls `visit` for every text of this call.
    pub fn visit_texts(&mut self, visit: &mut dyn FnMut(TextRole, &mut String)) {
        use TextRole::{Content, Path};
        match &mut self.action {
            Action::Ran { command, description, output, .. } => {
                visit(Content, command);
                visit(Content, description);
                visit(Content, output);
            }
            Action::Changed { path, patch, .. } => {
                visit(Path, path);
                visit(Content, patch);
            }
            Action::Read { path, content } => {
                visit(Path, path);
                visit(Content, content);
            }
            Action::Searched { query, place, found } => {
                visit(Content, query);
                visit(Path, place);
                visit(Content, found);
            }
            Action::Fetched { target, content } => {
                visit(Content, target);
                visit(Content, content);
            }
            Action::Noted { path, text } => {
                visit(Path, path);
                visit(Content, text);
            }
            Action::Delegated { task, said, .. } => {
                visit(Content, task);
                visit(Content, said);
            }
            Action::Other { input, output } => {
                visit(Content, input);
                visit(Content, output);
            }
        }
        if let Outcome::Failed { error } = &mut self.outcome {
            visit(Content, error);
        }
    }
}
