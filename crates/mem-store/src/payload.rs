//! The stored form of what happened: compact JSON, compressed.
//!
//! Only the body, and of the envelope what has no column. Reading never fails: fields that are absent have
//! their empty value, and a payload of a kind we do not know, or a damaged one, becomes [`Body::Raw`].
//! A prompt's text is not in here, since it stands in its turn; the store puts it back.

use mem_core::event::{Action, Body, Outcome, StartSource, ToolUse};
use serde_json::{Map, Value, json};
use zstd::bulk::{Compressor, Decompressor};

/// zstd's level: the second fastest; payloads are small and written once.
const LEVEL: i32 = 2;
/// Largest payload that is unpacked, in bytes; more is damage.
const LARGEST: usize = 256 * 1024 * 1024;

/// Packs and unpacks payloads, keeping its work space from one to the next.
#[derive(Default)]
pub(crate) struct Press {
    pack: Option<Compressor<'static>>,
    unpack: Option<Decompressor<'static>>,
}

impl Press {
    /// The compressed form. Fails only when memory does.
    pub(crate) fn pack(&mut self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        let pack = match &mut self.pack {
            Some(pack) => pack,
            None => self.pack.insert(Compressor::new(LEVEL)?),
        };
        pack.compress(plain)
    }

    /// The plain form of `packed`, which had `len` bytes; `None` when damaged.
    pub(crate) fn unpack(&mut self, packed: &[u8], len: usize) -> Option<Vec<u8>> {
        if len > LARGEST {
            return None;
        }
        let unpack = match &mut self.unpack {
            Some(unpack) => unpack,
            None => self.unpack.insert(Decompressor::new().ok()?),
        };
        unpack.decompress(packed, len).ok()
    }
}

/// The JSON of a body and of the transcript's path.
pub(crate) fn encode(body: &Body, transcript: Option<&str>) -> Vec<u8> {
    let mut fields = encode_body(body);
    if let (Some(path), Value::Object(fields)) = (transcript, &mut fields) {
        fields.insert("transcript".to_owned(), json!(path));
    }
    serde_json::to_vec(&fields).expect("a tree of strings and numbers is JSON")
}

/// The body and the transcript of a stored payload.
pub(crate) fn decode(kind: &str, plain: &[u8]) -> (Body, Option<String>) {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(plain) else {
        return (unreadable(kind, plain), None);
    };
    let transcript = match fields.shift_remove("transcript") {
        Some(Value::String(path)) => Some(path),
        _ => None,
    };
    (decode_body(kind, Fields(fields)), transcript)
}

/// What becomes of a payload that cannot be read: its kind and whatever text it holds.
pub(crate) fn unreadable(kind: &str, plain: &[u8]) -> Body {
    Body::Raw { name: kind.to_owned(), json: String::from_utf8_lossy(plain).into_owned() }
}

fn encode_body(body: &Body) -> Value {
    match body {
        Body::SessionStarted { source, model } => json!({"source": source.as_str(), "model": model}),
        Body::Prompted { prompt: _ } => json!({}),
        Body::ToolUsed(call) => encode_call(call),
        Body::ToolsBatched { calls } => json!({"calls": calls.iter().map(encode_call).collect::<Vec<_>>()}),
        Body::SubagentStarted => json!({}),
        Body::SubagentStopped { said } | Body::Answered { said } => json!({"said": said}),
        Body::AnswerFailed { error, details, said } => {
            json!({"error": error, "details": details, "said": said})
        }
        Body::Compacting { trigger } => json!({"trigger": trigger}),
        Body::Compacted { trigger, summary } => json!({"trigger": trigger, "summary": summary}),
        Body::Moved { from, to } => json!({"from": from, "to": to}),
        Body::SessionEnded { reason } => json!({"reason": reason}),
        Body::Raw { name, json } => json!({"name": name, "json": json}),
    }
}

fn encode_call(call: &ToolUse) -> Value {
    let mut fields = encode_action(&call.action);
    fields["tool"] = json!(call.tool);
    if let Some(id) = &call.id {
        fields["id"] = json!(id);
    }
    match &call.outcome {
        Outcome::Succeeded => {}
        Outcome::Failed { error } => fields["failed"] = json!(error),
        Outcome::Interrupted => fields["interrupted"] = json!(true),
    }
    if let Some(ms) = call.duration_ms {
        fields["ms"] = json!(ms);
    }
    fields
}

fn encode_action(action: &Action) -> Value {
    match action {
        Action::Ran { command, description, exit_code, output } => json!({
            "do": "ran", "command": command, "description": description, "exit": exit_code, "output": output
        }),
        Action::Changed { path, created, patch, added, removed } => json!({
            "do": "changed", "path": path, "created": created, "patch": patch, "added": added,
            "removed": removed
        }),
        Action::Read { path, content } => json!({"do": "read", "path": path, "content": content}),
        Action::Searched { query, place, found } => {
            json!({"do": "searched", "query": query, "place": place, "found": found})
        }
        Action::Fetched { target, content } => json!({"do": "fetched", "target": target, "content": content}),
        Action::Noted { path, text } => json!({"do": "noted", "path": path, "text": text}),
        Action::Delegated { subagent, kind, task, said } => json!({
            "do": "delegated", "subagent": subagent, "kind": kind, "task": task, "said": said
        }),
        Action::Other { input, output } => json!({"do": "other", "input": input, "output": output}),
    }
}

/// The fields of an object, taken out one by one.
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&mut self, name: &str) -> String {
        self.maybe_text(name).unwrap_or_default()
    }

    fn maybe_text(&mut self, name: &str) -> Option<String> {
        match self.0.get_mut(name)? {
            Value::String(text) => Some(std::mem::take(text)),
            _ => None,
        }
    }

    fn number<N: TryFrom<i128>>(&self, name: &str) -> Option<N> {
        let number = self.0.get(name)?;
        let wide = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))?;
        N::try_from(wide).ok()
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn rest(self) -> String {
        Value::Object(self.0).to_string()
    }
}

fn decode_body(kind: &str, mut of: Fields) -> Body {
    match kind {
        "session_started" => Body::SessionStarted {
            source: StartSource::parse(&of.text("source")),
            model: of.maybe_text("model"),
        },
        "prompted" => Body::Prompted { prompt: String::new() },
        "tool_used" => Body::ToolUsed(decode_call(of)),
        "tools_batched" => {
            let calls = match of.0.shift_remove("calls") {
                Some(Value::Array(calls)) => calls,
                _ => Vec::new(),
            };
            let object = |value| match value {
                Value::Object(fields) => Some(decode_call(Fields(fields))),
                _ => None,
            };
            Body::ToolsBatched { calls: calls.into_iter().filter_map(object).collect() }
        }
        "subagent_started" => Body::SubagentStarted,
        "subagent_stopped" => Body::SubagentStopped { said: of.text("said") },
        "answered" => Body::Answered { said: of.text("said") },
        "answer_failed" => {
            Body::AnswerFailed { error: of.text("error"), details: of.text("details"), said: of.text("said") }
        }
        "compacting" => Body::Compacting { trigger: of.text("trigger") },
        "compacted" => Body::Compacted { trigger: of.text("trigger"), summary: of.text("summary") },
        "moved" => Body::Moved { from: of.text("from"), to: of.text("to") },
        "session_ended" => Body::SessionEnded { reason: of.text("reason") },
        "raw" => Body::Raw { name: of.text("name"), json: of.text("json") },
        other => Body::Raw { name: other.to_owned(), json: of.rest() },
    }
}

fn decode_call(mut of: Fields) -> ToolUse {
    ToolUse {
        id: of.maybe_text("id"),
        tool: of.text("tool"),
        outcome: match of.maybe_text("failed") {
            Some(error) => Outcome::Failed { error },
            None if of.flag("interrupted") => Outcome::Interrupted,
            None => Outcome::Succeeded,
        },
        duration_ms: of.number("ms"),
        action: decode_action(of),
    }
}

fn decode_action(mut of: Fields) -> Action {
    match of.text("do").as_str() {
        "ran" => Action::Ran {
            command: of.text("command"),
            description: of.text("description"),
            exit_code: of.number("exit"),
            output: of.text("output"),
        },
        "changed" => Action::Changed {
            path: of.text("path"),
            created: of.flag("created"),
            patch: of.text("patch"),
            added: of.number("added").unwrap_or_default(),
            removed: of.number("removed").unwrap_or_default(),
        },
        "read" => Action::Read { path: of.text("path"), content: of.text("content") },
        "searched" => {
            Action::Searched { query: of.text("query"), place: of.text("place"), found: of.text("found") }
        }
        "fetched" => Action::Fetched { target: of.text("target"), content: of.text("content") },
        "noted" => Action::Noted { path: of.text("path"), text: of.text("text") },
        "delegated" => Action::Delegated {
            subagent: of.maybe_text("subagent"),
            kind: of.text("kind"),
            task: of.text("task"),
            said: of.text("said"),
        },
        "other" => Action::Other { input: of.text("input"), output: of.text("output") },
        _ => Action::Other { input: of.rest(), output: String::new() },
    }
}
