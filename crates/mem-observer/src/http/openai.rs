//! `chat/completions`, as OpenAI, OpenRouter, Google and what people run themselves speak it.
//!
//! They differ in which parameters they take: what one refuses is left out or named otherwise, and [`Manners`] remember
//! that. Whatever came is an answer, an empty one too, since it was paid for.

use mem_core::model::{Answer, Ask, MicroUsd, Usage};
use serde_json::{Value, json};

use super::endpoint::{Dialect, Endpoint};
use super::refusal::Refusal;

/// Low, as the same events should give the same memories; what the original system asks for.
const TEMPERATURE: f64 = 0.3;
/// How reasoning models that people run themselves mark what is not yet the answer.
const THINKING: [&str; 2] = ["<think>", "</think>"];

/// How a service wants to be asked, as far as it has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Manners {
    /// The limit is called `max_completion_tokens`.
    completion_limit: bool,
    /// It chooses its temperature itself.
    no_temperature: bool,
}

impl Manners {
    /// What to do differently after a refusal, which cost nothing; `None` when nothing would help.
    pub(super) fn after(self, refusal: &Refusal) -> Option<Self> {
        if !self.completion_limit && refusal.names("max_completion_tokens") {
            return Some(Self { completion_limit: true, ..self });
        }
        (!self.no_temperature && refusal.names("temperature"))
            .then_some(Self { no_temperature: true, ..self })
    }
}

/// The body of a request.
pub(super) fn request(endpoint: &Endpoint, manners: Manners, ask: &Ask) -> Value {
    let mut body = json!({
        "model": endpoint.model,
        "messages": [
            { "role": "system", "content": ask.system },
            { "role": "user", "content": ask.text },
        ],
    });
    let limit = if manners.completion_limit { "max_completion_tokens" } else { "max_tokens" };
    body[limit] = json!(ask.most_output);
    if !manners.no_temperature {
        body["temperature"] = json!(TEMPERATURE);
    }
    if endpoint.dialect == Dialect::OpenRouter {
        body["usage"] = json!({ "include": true });
    }
    body
}

/// The answer in a body; `None` when there is none.
pub(super) fn answer(body: &Value) -> Option<Answer> {
    let choice = body["choices"].as_array()?.first()?;
    let message = choice["message"].as_object()?;
    let content = message.get("content").map(text).unwrap_or_default();
    let refusal = message.get("refusal").and_then(Value::as_str).unwrap_or_default();
    let spoken = without_thinking(&content);
    Some(Answer {
        text: if spoken.is_empty() { refusal } else { spoken }.to_owned(),
        cut: choice["finish_reason"] == "length",
        usage: usage(&body["usage"]),
        cost: cost(&body["usage"]),
        model_session: None,
    })
}

/// Content comes as a text or as parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// What follows the model's thinking; nothing where it did not get beyond it.
fn without_thinking(content: &str) -> &str {
    match content.trim_start().strip_prefix(THINKING[0]) {
        Some(thinking) => thinking.split_once(THINKING[1]).map_or("", |(_, spoken)| spoken.trim_start()),
        None => content,
    }
}

/// Input read from a cache is part of the prompt's tokens here, and elsewhere beside them.
fn usage(usage: &Value) -> Usage {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let (prompt, completion) = (count(&usage["prompt_tokens"]), count(&usage["completion_tokens"]));
    let details = &usage["prompt_tokens_details"];
    let cache_read = count(&details["cached_tokens"]).min(prompt);
    let cache_write = count(&details["cache_write_tokens"]).min(prompt - cache_read);
    // Google leaves thinking out of the completion's tokens, but not out of the sum, and has it paid
    let beyond = count(&usage["total_tokens"]).saturating_sub(prompt);
    Usage {
        input: prompt - cache_read - cache_write,
        output: completion.max(beyond),
        cache_read,
        cache_write,
    }
}

/// What OpenRouter says it cost, in dollars; where the user's own key at the provider paid, that is added.
fn cost(usage: &Value) -> Option<MicroUsd> {
    let charged = usage["cost"].as_f64()?;
    let upstream = usage["cost_details"]["upstream_inference_cost"].as_f64();
    let own_key = usage["is_byok"] != false;
    Some(MicroUsd::of_dollars(charged + upstream.filter(|_| own_key).unwrap_or_default()))
}
