//! Anthropic's Messages API: one message in, the texts of one message out.
//!
//! The instructions go as a block that is cached, since they are the same for every request. No temperature: newer
//! models refuse it.

use mem_core::model::{Answer, Ask, Usage};
use serde_json::{Value, json};

/// The body of a request.
pub(super) fn request(model: &str, ask: &Ask) -> Value {
    json!({
        "model": model,
        "max_tokens": ask.most_output,
        "system": [{ "type": "text", "text": ask.system, "cache_control": { "type": "ephemeral" } }],
        "messages": [{ "role": "user", "content": ask.text }],
    })
}

/// The answer in a body; `None` when there is none.
pub(super) fn answer(body: &Value) -> Option<Answer> {
    let blocks = body["content"].as_array()?;
    let texts = blocks.iter().filter(|block| block["type"] == "text");
    let count = |name: &str| body["usage"][name].as_u64().unwrap_or_default();
    Some(Answer {
        text: texts.filter_map(|block| block["text"].as_str()).collect(),
        cut: body["stop_reason"] == "max_tokens" || body["stop_reason"] == "model_context_window_exceeded",
        usage: Usage {
            input: count("input_tokens"),
            output: count("output_tokens"),
            cache_read: count("cache_read_input_tokens"),
            cache_write: count("cache_creation_input_tokens"),
        },
        cost: None,
        model_session: None,
    })
}
