//! The `chat/completions` shape of an answer: what everybody but Anthropic speaks.

use serde_json::{Value, json};

use super::Block;
use super::reply::{tool_id, written};

/// A message as one JSON value; `serial` makes its id unique, `read` is its input in tokens.
pub(super) fn completion(blocks: &[Block], model: &str, serial: u64, read: usize, cut: bool) -> Value {
    let text: String = blocks.iter().filter_map(said).collect();
    let calls: Vec<Value> =
        blocks.iter().enumerate().filter_map(|(at, block)| call(block, serial, at)).collect();
    let reason = match (cut, calls.is_empty()) {
        (true, _) => "length",
        (false, true) => "stop",
        (false, false) => "tool_calls",
    };
    let mut message = json!({ "role": "assistant", "content": text });
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    let output = written(blocks);
    json!({
        "id": format!("chatcmpl-{serial:024}"),
        "object": "chat.completion",
        "model": model,
        "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": output,
            "total_tokens": read + output,
            "prompt_tokens_details": { "cached_tokens": 0 },
        },
    })
}

/// The body of an error: the number stands in it too, as OpenRouter and Google have it.
pub(super) fn error(code: u16, kind: &str, message: &str) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}

fn said(block: &Block) -> Option<&str> {
    match block {
        Block::Text(text) => Some(text),
        Block::Tool { .. } => None,
    }
}

fn call(block: &Block, serial: u64, at: usize) -> Option<Value> {
    match block {
        Block::Text(_) => None,
        Block::Tool { name, input } => Some(json!({
            "id": tool_id(serial, at),
            "type": "function",
            "function": { "name": name, "arguments": input.to_string() },
        })),
    }
}
