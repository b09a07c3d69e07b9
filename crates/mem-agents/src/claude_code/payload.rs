//! One hook payload of Claude Code → one core event.
//!
//! Nothing in a payload is trusted to be there or to have its type: what is missing becomes a default, what is
//! odd a defect, what is unknown a raw event. Only bytes that are no JSON object are refused. Must not judge:
//! the `SubagentStop` that a compaction fires comes through as [`Body::SubagentStopped`] without a subagent, and
//! the skip rules drop it by that sign. Texts are not cut here; the byte bound follows redaction.

use std::borrow::Cow;

use mem_core::event::{Agent, Body, Event, StartSource, Subagent};
use mem_core::frame::Header;
use mem_core::id::SessionId;
use serde_json::Value;
use serde_json::error::Category;

use super::fields::{Defects, Fields, kind_of};
use super::{keys, tools, words};

/// The session of a payload that names none.
const UNKNOWN_SESSION: &str = "unknown";

/// A payload as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it says.
    pub event: Event,
    /// What was malformed in it, in words; empty for a payload as Claude Code sends it.
    pub defects: Vec<String>,
}

/// Why bytes are no payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No bytes, or only white space.
    #[error("the payload is empty")]
    Empty,
    /// The JSON breaks off.
    #[error("the payload breaks off after {len} bytes (line {line}, column {column})")]
    CutShort {
        /// How many bytes there are.
        len: usize,
        /// Line of the end, from 1.
        line: usize,
        /// Column of the end, from 1.
        column: usize,
    },
    /// No JSON.
    #[error("the payload is no JSON at line {line}, column {column}: {reason}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// JSON, but not an object.
    #[error("the payload should be a JSON object, found {found}")]
    NotAnObject {
        /// What it is, in words.
        found: &'static str,
    },
}

/// Reads a hook payload. `header` gives the time, and the event's name where the payload does not.
///
/// # Errors
/// [`PayloadError`] when the bytes are no JSON object. Everything else is told in [`Parsed::defects`].
pub fn parse(payload: &[u8], header: &Header) -> Result<Parsed, PayloadError> {
    let mut defects = Defects::default();
    let value = read_json(payload, &mut defects)?;
    let Value::Object(map) = &value else {
        return Err(PayloadError::NotAnObject { found: kind_of(&value) });
    };
    let fields = Fields::new(map);
    let name = event_name(fields, header, &mut defects);
    let session = fields.label("session_id", &mut defects).unwrap_or_else(|| {
        defects.note("`session_id` is missing".to_owned());
        UNKNOWN_SESSION.to_owned()
    });
    let prompt_id = fields.label("prompt_id", &mut defects);
    let agent_id = fields.label("agent_id", &mut defects);
    let transcript = fields.optional_path("transcript_path", &mut defects);
    let body = body(&name, &value, fields, transcript.as_deref(), &mut defects);
    let event = Event {
        agent: Agent::ClaudeCode,
        session: SessionId(session),
        at: header.at,
        cwd: fields.path("cwd", &mut defects),
        key: keys::of(&body, prompt_id.as_deref(), agent_id.as_deref()),
        subagent: subagent(agent_id, fields, &mut defects),
        transcript,
        prompt_id,
        body,
    };
    Ok(Parsed { event, defects: defects.into_vec() })
}

fn event_name(fields: Fields<'_>, header: &Header, defects: &mut Defects) -> String {
    fields.label("hook_event_name", defects).unwrap_or_else(|| {
        if header.event.is_empty() {
            defects.note("`hook_event_name` is missing".to_owned());
        }
        header.event.clone()
    })
}

fn body(
    name: &str,
    payload: &Value,
    fields: Fields<'_>,
    transcript: Option<&str>,
    defects: &mut Defects,
) -> Body {
    let memory = tools::MemoryFolders::beside(transcript);
    let class = |key: &str, defects: &mut Defects| fields.label(key, defects).unwrap_or_default();
    match name {
        "SessionStart" => Body::SessionStarted {
            source: StartSource::parse(&class("source", defects)),
            model: fields.label("model", defects),
        },
        "UserPromptSubmit" => Body::Prompted { prompt: fields.content("prompt", defects) },
        "PostToolUse" => Body::ToolUsed(tools::succeeded(fields, &memory, defects)),
        "PostToolUseFailure" => Body::ToolUsed(tools::failed(fields, &memory, defects)),
        "PostToolBatch" => Body::ToolsBatched {
            calls: fields
                .list("tool_calls", defects)
                .iter()
                .map(|call| tools::batched(Fields::of(call), &memory, defects))
                .collect(),
        },
        "SubagentStart" => Body::SubagentStarted,
        "SubagentStop" => Body::SubagentStopped { said: fields.content("last_assistant_message", defects) },
        "Stop" => Body::Answered { said: fields.content("last_assistant_message", defects) },
        "StopFailure" => Body::AnswerFailed {
            error: fields.content("error", defects),
            details: fields.content("error_details", defects),
            said: fields.content("last_assistant_message", defects),
        },
        "PreCompact" => Body::Compacting { trigger: class("trigger", defects) },
        "PostCompact" => Body::Compacted {
            trigger: class("trigger", defects),
            summary: fields.content("compact_summary", defects),
        },
        "CwdChanged" => {
            Body::Moved { from: fields.path("old_cwd", defects), to: fields.path("new_cwd", defects) }
        }
        "SessionEnd" => Body::SessionEnded { reason: class("reason", defects) },
        other => Body::Raw { name: other.to_owned(), json: words::json(payload) },
    }
}

/// A subagent has an id and a kind; the one that compacts a conversation has an empty kind and is none.
fn subagent(agent_id: Option<String>, fields: Fields<'_>, defects: &mut Defects) -> Option<Subagent> {
    let id = agent_id?;
    if fields.get("agent_type").is_none() {
        defects.note("`agent_type` is missing".to_owned());
        return Some(Subagent { id, kind: "unknown".to_owned() });
    }
    fields.label("agent_type", defects).map(|kind| Subagent { id, kind })
}

fn read_json(payload: &[u8], defects: &mut Defects) -> Result<Value, PayloadError> {
    let payload = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload);
    if payload.trim_ascii().is_empty() {
        return Err(PayloadError::Empty);
    }
    match serde_json::from_slice(payload) {
        Ok(value) => return Ok(value),
        Err(error) if error.classify() == Category::Eof => return Err(refusal(payload, &error)),
        Err(_) => {}
    }
    let text = String::from_utf8_lossy(payload);
    if matches!(text, Cow::Owned(_)) {
        defects.note("the payload is not UTF-8 throughout; the odd bytes were replaced".to_owned());
    }
    let (text, lone) = without_lone_surrogates(&text);
    if lone > 0 {
        defects.note(format!("{lone} halves of a character were replaced"));
    }
    serde_json::from_str(&text).map_err(|error| refusal(payload, &error))
}

fn refusal(payload: &[u8], error: &serde_json::Error) -> PayloadError {
    let (line, column) = (error.line(), error.column());
    if error.classify() == Category::Eof {
        return PayloadError::CutShort { len: payload.len(), line, column };
    }
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
    PayloadError::NotJson { line, column, reason }
}

/// Replaces every `\ud8xx` escape that lacks its other half, and says how many there were.
///
/// Claude Code cuts output by UTF-16 units; a cut through an emoji leaves half of it, which JSON may carry and
/// a Rust string may not.
fn without_lone_surrogates(json: &str) -> (String, usize) {
    let bytes = json.as_bytes();
    let unit = |at: usize| {
        let escape = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(escape).ok()?, 16).ok()
    };
    let mut mended = String::with_capacity(json.len());
    let (mut at, mut copied, mut lone) = (0, 0, 0);
    while let Some(step) = json[at..].find('\\') {
        at += step;
        let width = match unit(at) {
            Some(0xd800..0xdc00) if matches!(unit(at + 6), Some(0xdc00..0xe000)) => 12,
            Some(0xd800..0xe000) => {
                mended.push_str(&json[copied..at]);
                mended.push_str("\\ufffd");
                copied = at + 6;
                lone += 1;
                6
            }
            Some(_) => 6,
            None => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
        at += width;
    }
    mended.push_str(&json[copied..]);
    (mended, lone)
}
