//! What the scripted model answers: messages in the wire format, and every way of failing.

use serde_json::{Value, json};

use super::Gate;

/// An answer, or a fault.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A whole message.
    Message(Vec<Block>),
    /// An HTTP error with the API's own error body.
    Status {
        /// Such as 429 or 529.
        code: u16,
        /// The API's error type, such as `rate_limit_error`.
        kind: String,
        /// Its message.
        message: String,
        /// Seconds the client is told to wait.
        retry_after: Option<u32>,
    },
    /// A text that the limit of output stopped.
    Cut(String),
    /// The connection is closed without an answer.
    Drop,
    /// The connection is closed in the middle of the answer.
    DropMidStream,
    /// Status 200 with a page that is no answer.
    Garbage,
    /// Nothing is answered until the gate opens; then this is.
    Held(Gate, Box<Reply>),
    /// The beginning of a message is streamed, and the rest of it when the gate opens; where the client did not ask for
    /// a stream, half of its bytes.
    Stalled(Gate, Vec<Block>),
    /// Exactly this: for what only some services say.
    Raw {
        /// Such as 200.
        code: u16,
        /// The body, sent as JSON.
        body: Value,
    },
    /// A reply with more headers, such as those about limits.
    With(Vec<(String, String)>, Box<Reply>),
}

/// One block of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Prose.
    Text(String),
    /// A wish to use a tool.
    Tool {
        /// The tool.
        name: String,
        /// Its input.
        input: Value,
    },
}

impl Reply {
    /// One text, and the turn ends.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Message(vec![Block::Text(text.into())])
    }

    /// One tool, and the turn goes on.
    pub fn tool(name: &str, input: Value) -> Self {
        Self::Message(vec![Block::Tool { name: name.to_owned(), input }])
    }

    /// A command for the Bash tool.
    pub fn bash(command: &str) -> Self {
        Self::tool("Bash", json!({ "command": command, "description": "Run a command" }))
    }

    /// A task for a subagent, whose answer the agent waits for.
    pub fn subagent(prompt: &str) -> Self {
        Self::tool("Agent", subagent(prompt, false))
    }

    /// A task for a subagent in the background: the turn ends without its answer, which comes later as a prompt
    /// that no user wrote.
    pub fn background_subagent(prompt: &str) -> Self {
        Self::tool("Agent", subagent(prompt, true))
    }

    /// What the API says when a conversation has grown beyond the window, which makes the client compact it.
    pub fn too_long() -> Self {
        let message = "prompt is too long: 210000 tokens > 200000 maximum".to_owned();
        Self::Status { code: 400, kind: "invalid_request_error".to_owned(), message, retry_after: None }
    }

    /// An overloaded service.
    pub fn overloaded() -> Self {
        let message = "Overloaded".to_owned();
        Self::Status { code: 529, kind: "overloaded_error".to_owned(), message, retry_after: None }
    }

    /// The same reply with one more header.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        Self::With(vec![(name.to_owned(), value.to_owned())], Box::new(self))
    }

    /// A request that may not be paid for, which the client does not repeat.
    pub fn no_credit() -> Self {
        let message = "Your credit balance is too low to access the Anthropic API.".to_owned();
        Self::Status { code: 400, kind: "invalid_request_error".to_owned(), message, retry_after: None }
    }
}

/// A message as one JSON value; `serial` makes its ids unique, `read` is its input in tokens.
pub(super) fn message(blocks: &[Block], model: &str, serial: u64, read: usize, cut: bool) -> Value {
    let mut value = opening(model, serial, read);
    value["content"] = blocks.iter().enumerate().map(|(at, block)| whole(block, serial, at)).collect();
    value["stop_reason"] = json!(if cut { "max_tokens" } else { stop_reason(blocks) });
    value["usage"]["output_tokens"] = json!(written(blocks));
    value
}

/// A message as server-sent events, in the order of the API; the second half of the pair is what comes after the
/// first block has begun to speak.
pub(super) fn events(blocks: &[Block], model: &str, serial: u64, read: usize) -> (String, String) {
    let mut head = event(&json!({ "type": "message_start", "message": opening(model, serial, read) }));
    let mut tail = String::new();
    for (at, block) in blocks.iter().enumerate() {
        let (empty, deltas) = pieces(block, serial, at);
        let target = if at == 0 { &mut head } else { &mut tail };
        target
            .push_str(&event(&json!({ "type": "content_block_start", "index": at, "content_block": empty })));
        for (nth, delta) in deltas.iter().enumerate() {
            let target = if at == 0 && nth == 0 { &mut head } else { &mut tail };
            target.push_str(&event(&json!({ "type": "content_block_delta", "index": at, "delta": delta })));
        }
        tail.push_str(&event(&json!({ "type": "content_block_stop", "index": at })));
    }
    let delta = json!({ "stop_reason": stop_reason(blocks), "stop_sequence": null });
    let usage = json!({ "output_tokens": written(blocks) });
    tail.push_str(&event(&json!({ "type": "message_delta", "delta": delta, "usage": usage })));
    tail.push_str(&event(&json!({ "type": "message_stop" })));
    (head, tail)
}

fn subagent(prompt: &str, background: bool) -> Value {
    json!({
        "description": "Look around",
        "prompt": prompt,
        "subagent_type": "general-purpose",
        "run_in_background": background,
    })
}

/// The API's body of an error.
pub(super) fn error(kind: &str, message: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message } })
}

fn event(value: &Value) -> String {
    let name = value["type"].as_str().unwrap_or_default();
    format!("event: {name}\ndata: {value}\n\n")
}

fn opening(model: &str, serial: u64, read: usize) -> Value {
    json!({
        "id": format!("msg_{serial:024}"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": {
            "input_tokens": read,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1,
        },
    })
}

fn stop_reason(blocks: &[Block]) -> &'static str {
    let wants_tool = blocks.iter().any(|block| matches!(block, Block::Tool { .. }));
    if wants_tool { "tool_use" } else { "end_turn" }
}

pub(super) fn written(blocks: &[Block]) -> usize {
    let chars = |block: &Block| match block {
        Block::Text(text) => text.chars().count(),
        Block::Tool { input, .. } => input.to_string().chars().count(),
    };
    blocks.iter().map(chars).sum::<usize>() / 4 + 1
}

pub(super) fn tool_id(serial: u64, at: usize) -> String {
    format!("toolu_{serial:020}{at:04}")
}

fn whole(block: &Block, serial: u64, at: usize) -> Value {
    match block {
        Block::Text(text) => json!({ "type": "text", "text": text }),
        Block::Tool { name, input } => {
            json!({ "type": "tool_use", "id": tool_id(serial, at), "name": name, "input": input })
        }
    }
}

/// A block as it begins, and what is then added to it, in two pieces.
fn pieces(block: &Block, serial: u64, at: usize) -> (Value, [Value; 2]) {
    let halves = |text: &str| {
        let mut middle = text.len() / 2;
        while !text.is_char_boundary(middle) {
            middle += 1;
        }
        [text[..middle].to_owned(), text[middle..].to_owned()]
    };
    match block {
        Block::Text(text) => (
            json!({ "type": "text", "text": "" }),
            halves(text).map(|half| json!({ "type": "text_delta", "text": half })),
        ),
        Block::Tool { name, input } => (
            json!({ "type": "tool_use", "id": tool_id(serial, at), "name": name, "input": {} }),
            halves(&input.to_string())
                .map(|half| json!({ "type": "input_json_delta", "partial_json": half })),
        ),
    }
}
