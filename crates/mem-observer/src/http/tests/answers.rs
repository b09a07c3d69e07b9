//! What is asked and what is made of answers.

use std::cell::Cell;

use mem_core::model::{MicroUsd, Usage};
use mem_testkit::{ModelApi, Reply};
use serde_json::{Value, json};

use super::super::endpoint::Dialect;
use super::scene::{DIALECTS, KEY, ask, environment, model, pointed, question};
use crate::model::Model;

#[test]
fn every_dialect_asks_once_and_reads_the_answer() {
    for (dialect, ..) in DIALECTS {
        let api = ModelApi::start();
        api.on_prompt("what happened?", vec![Reply::text("<skip_summary/>")]);
        let heard = Cell::new(0);
        let (mut model, _) = model(&pointed(dialect, &api.url()), &environment(&[]));
        let answer =
            model.ask(&question("what happened?"), &|| heard.set(heard.get() + 1)).expect("it answers");
        assert_eq!((answer.text.as_str(), answer.cut), ("<skip_summary/>", false), "{dialect:?}");
        assert!(answer.usage.input > 0 && answer.usage.output > 0, "{dialect:?}");
        assert!(heard.get() >= 2, "the head and the body were heard");
        let requests = api.requests();
        let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
        assert_eq!(request.method, "POST");
        assert_eq!(request.body["model"], "small");
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("claude-mem/")));
        assert!(!request.body.to_string().contains(KEY));
        Box::new(model).end();
    }
}

#[test]
fn each_dialect_asks_in_its_own_words() {
    let said = |dialect: Dialect| {
        let api = ModelApi::start();
        api.next(Reply::text("yes"));
        ask(&pointed(dialect, &api.url()), &environment(&[])).expect("it answers");
        api.requests().remove(0)
    };
    let request = said(Dialect::Anthropic);
    assert_eq!(request.path, "/v1/messages");
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
    let wanted = json!({
        "model": "small",
        "max_tokens": 700,
        "system": [{ "type": "text", "text": "You distil.", "cache_control": { "type": "ephemeral" } }],
        "messages": [{ "role": "user", "content": "what happened?" }],
    });
    assert_eq!(request.body, wanted);

    let wanted = json!({
        "model": "small",
        "messages": [
            { "role": "system", "content": "You distil." },
            { "role": "user", "content": "what happened?" },
        ],
        "max_tokens": 700,
        "temperature": 0.3,
    });
    for dialect in [Dialect::OpenAi, Dialect::Gemini] {
        let request = said(dialect);
        assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
        assert_eq!(request.body, wanted);
    }
    let request = said(Dialect::OpenRouter);
    assert_eq!(request.path, "/api/v1/chat/completions");
    assert_eq!(request.header("x-title"), Some("claude-mem"));
    assert_eq!(request.body["usage"], json!({ "include": true }));
}

#[test]
fn an_answer_at_its_limit_is_known_to_be_cut() {
    for (dialect, ..) in DIALECTS {
        let api = ModelApi::start();
        api.next(Reply::Cut("<observation><ty".to_owned()));
        let answer = ask(&pointed(dialect, &api.url()), &environment(&[])).expect("half is an answer");
        assert_eq!((answer.text.as_str(), answer.cut), ("<observation><ty", true), "{dialect:?}");
    }
}

#[test]
fn tokens_and_money_are_read_as_each_counts_them() {
    let answer = |dialect: Dialect, body: Value| {
        let api = ModelApi::start();
        api.next(Reply::Raw { code: 200, body });
        let answer = ask(&pointed(dialect, &api.url()), &environment(&[])).expect("it answers");
        (answer.usage, answer.cost)
    };
    let anthropic = json!({
        "content": [{ "type": "text", "text": "a" }],
        "usage": {
            "input_tokens": 10, "cache_read_input_tokens": 2000, "cache_creation_input_tokens": 30,
            "output_tokens": 4,
        },
    });
    let wanted = Usage { input: 10, output: 4, cache_read: 2000, cache_write: 30 };
    assert_eq!(answer(Dialect::Anthropic, anthropic), (wanted, None));

    let chat = |usage: Value| json!({ "choices": [{ "message": { "content": "a" } }], "usage": usage });
    let rows = [
        // a cached part is one of the prompt
        (
            json!({ "prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107, "prompt_tokens_details": { "cached_tokens": 40 } }),
            Usage { input: 60, output: 7, cache_read: 40, cache_write: 0 },
            None,
        ),
        // Google's thinking is in the sum only
        (
            json!({ "prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 150 }),
            Usage { input: 100, output: 50, ..Usage::default() },
            None,
        ),
        (
            json!({ "prompt_tokens": 100, "completion_tokens": 7, "cost": 0.0012 }),
            Usage { input: 100, output: 7, ..Usage::default() },
            Some(MicroUsd(1200)),
        ),
        (
            json!({ "prompt_tokens": 1, "cost": 0.001, "is_byok": true, "cost_details": { "upstream_inference_cost": 0.01 } }),
            Usage { input: 1, ..Usage::default() },
            Some(MicroUsd(11_000)),
        ),
        (
            json!({ "prompt_tokens": 1, "cost": 0.01, "is_byok": false, "cost_details": { "upstream_inference_cost": 0.01 } }),
            Usage { input: 1, ..Usage::default() },
            Some(MicroUsd(10_000)),
        ),
        (Value::Null, Usage::default(), None),
    ];
    for (usage, wanted, cost) in rows {
        assert_eq!(answer(Dialect::OpenRouter, chat(usage.clone())), (wanted, cost), "{usage}");
    }
}

#[test]
fn content_comes_in_many_shapes_and_may_be_empty() {
    let rows = [
        (json!({ "content": "words" }), "words"),
        (
            json!({ "content": [{ "type": "text", "text": "wo" }, { "type": "text", "text": "rds" }] }),
            "words",
        ),
        (json!({ "content": null, "reasoning": "hm" }), ""),
        (json!({ "content": "" }), ""),
        (json!({ "content": "<think>should I? <observation>no</observation></think>\n\nwords" }), "words"),
        (json!({ "content": "<think>I never" }), ""),
        (json!({ "content": null, "refusal": "I will not." }), "I will not."),
        (json!({ "role": "assistant" }), ""),
    ];
    for (message, text) in rows {
        let api = ModelApi::start();
        let body = json!({ "choices": [{ "message": message.clone(), "finish_reason": "stop" }] });
        api.next(Reply::Raw { code: 200, body });
        let answer = ask(&pointed(Dialect::OpenAi, &api.url()), &environment(&[])).expect("it answers");
        assert_eq!((answer.text.as_str(), answer.cut), (text, false), "{message}");
    }
}

#[test]
fn what_is_refused_is_asked_otherwise_and_remembered() {
    let api = ModelApi::start();
    api.on_request(|request| {
        let refuse = |parameter: &str, message: &str| {
            let error = json!({ "message": message, "type": "invalid_request_error", "param": parameter, "code": "unsupported_parameter" });
            Some(Reply::Raw { code: 400, body: json!({ "error": error }) })
        };
        if request.body["max_tokens"].is_number() {
            return refuse(
                "max_tokens",
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            );
        }
        if request.body["temperature"].is_number() {
            return refuse("temperature", "'temperature' does not support 0.3 with this model.");
        }
        None
    });
    api.on_prompt("what happened?", vec![Reply::text("yes")]);
    let settings = pointed(Dialect::OpenAi, &api.url());
    ask(&settings, &environment(&[])).expect("it answers in the end");
    let requests = api.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[2].body["max_completion_tokens"], 700);
    assert_eq!(requests[2].body["temperature"], Value::Null);
    ask(&settings, &environment(&[])).expect("another model of the same name knows already");
    assert_eq!(api.requests().len(), 4);
}
