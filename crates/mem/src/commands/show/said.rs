//! The texts and numbers of an event, by name, in the order in which one reads them.

use mem_core::event::{Action, Body, Outcome, ToolUse};
use serde_json::{Map, Value, json};

/// The agent's name of the tool, for uses of tools.
pub(super) fn tool(body: &Body) -> Option<String> {
    match body {
        Body::ToolUsed(call) => Some(call.tool.clone()),
        _ => None,
    }
}

/// What an event says.
pub(super) fn said(body: &Body) -> Map<String, Value> {
    match body {
        Body::SessionStarted { source, model } => {
            fields([("source", json!(source.as_str())), ("model", json!(model))])
        }
        Body::Prompted { prompt } => fields([("prompt", json!(prompt))]),
        Body::ToolUsed(call) => of_call(call),
        Body::ToolsBatched { calls } => {
            let calls: Vec<Value> = calls.iter().map(|call| Value::Object(named_call(call))).collect();
            fields([("calls", Value::Array(calls))])
        }
        Body::SubagentStarted => Map::new(),
        Body::SubagentStopped { said } | Body::Answered { said } => fields([("said", json!(said))]),
        Body::AnswerFailed { error, details, said } => {
            fields([("error", json!(error)), ("details", json!(details)), ("said", json!(said))])
        }
        Body::Compacting { trigger } => fields([("trigger", json!(trigger))]),
        Body::Compacted { trigger, summary } => {
            fields([("trigger", json!(trigger)), ("summary", json!(summary))])
        }
        Body::Moved { from, to } => fields([("from", json!(from)), ("to", json!(to))]),
        Body::SessionEnded { reason } => fields([("reason", json!(reason))]),
        Body::Raw { name, json: payload } => fields([("name", json!(name)), ("json", json!(payload))]),
    }
}

fn named_call(call: &ToolUse) -> Map<String, Value> {
    let mut said = fields([("tool", json!(call.tool))]);
    said.extend(of_call(call));
    said
}

fn of_call(call: &ToolUse) -> Map<String, Value> {
    let mut said = of_action(&call.action);
    match &call.outcome {
        Outcome::Succeeded => {}
        Outcome::Failed { error } => {
            said.insert("error".into(), json!(error));
        }
        Outcome::Interrupted => {
            said.insert("interrupted".into(), json!(true));
        }
    }
    if let Some(ms) = call.duration_ms {
        said.insert("duration_ms".into(), json!(ms));
    }
    said
}

fn of_action(action: &Action) -> Map<String, Value> {
    match action {
        Action::Ran { command, description, exit_code, output } => fields([
            ("command", json!(command)),
            ("description", json!(description)),
            ("exit_code", json!(exit_code)),
            ("output", json!(output)),
        ]),
        Action::Changed { path, created, patch, added, removed } => fields([
            ("path", json!(path)),
            ("created", json!(created)),
            ("added", json!(added)),
            ("removed", json!(removed)),
            ("patch", json!(patch)),
        ]),
        Action::Read { path, content } => fields([("path", json!(path)), ("content", json!(content))]),
        Action::Searched { query, place, found } => {
            fields([("query", json!(query)), ("place", json!(place)), ("found", json!(found))])
        }
        Action::Fetched { target, content } => {
            fields([("target", json!(target)), ("content", json!(content))])
        }
        Action::Noted { path, text } => fields([("path", json!(path)), ("text", json!(text))]),
        Action::Delegated { subagent, kind, task, said } => fields([
            ("subagent", json!(subagent)),
            ("kind", json!(kind)),
            ("task", json!(task)),
            ("said", json!(said)),
        ]),
        Action::Other { input, output } => fields([("input", json!(input)), ("output", json!(output))]),
    }
}

/// The fields that say something.
fn fields<const N: usize>(named: [(&str, Value); N]) -> Map<String, Value> {
    let says_something = |value: &Value| !value.is_null() && value.as_str() != Some("");
    named
        .into_iter()
        .filter(|(_, value)| says_something(value))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_says_how_it_failed() {
        let body = Body::ToolUsed(ToolUse {
            id: None,
            tool: "Bash".into(),
            action: Action::Ran {
                command: "cargo test".into(),
                description: String::new(),
                exit_code: Some(101),
                output: "1 failed".into(),
            },
            outcome: Outcome::Failed { error: "Exit code 101".into() },
            duration_ms: Some(7),
        });
        assert_eq!(tool(&body).as_deref(), Some("Bash"));
        assert_eq!(
            serde_json::to_string(&said(&body)).unwrap(),
            r#"{"command":"cargo test","exit_code":101,"output":"1 failed","error":"Exit code 101","duration_ms":7}"#
        );
    }
}
