//! Every way to fail, for every dialect, over real connections.

use std::net::TcpListener;

use mem_core::fault::{Fault, FaultKind};
use mem_testkit::{Block, ModelApi, Reply};
use serde_json::{Value, json};

use super::super::endpoint::Dialect;
use super::scene::{DIALECTS, KEY, ask, environment, pointed};

/// Name, what the service does, the kind of fault, whether it may have cost something, and whether it says until when.
type Row = (&'static str, Reply, FaultKind, bool, bool);

fn status(code: u16, kind: &str, message: &str) -> Reply {
    Reply::Status { code, kind: kind.to_owned(), message: message.to_owned(), retry_after: None }
}

fn refusals() -> Vec<Row> {
    use FaultKind::{Auth, Overflow, Quota, Rate, Refused, Setup, Transport};
    let slow = Reply::Status {
        code: 429,
        kind: "rate_limit_error".to_owned(),
        message: "slow down".to_owned(),
        retry_after: Some(30),
    };
    let rate = || status(429, "rate_limit_error", "slow down");
    vec![
        ("wrong key", status(401, "authentication_error", &format!("bad key {KEY}")), Auth, false, false),
        ("no permission", status(403, "permission_error", "not yours"), Auth, false, false),
        ("Google's wrong key", status(400, "INVALID_ARGUMENT", "API key not valid."), Auth, false, false),
        ("no money", status(402, "billing_error", "pay first"), Quota, false, false),
        ("no credit", Reply::no_credit(), Quota, false, false),
        (
            "no quota",
            status(429, "insufficient_quota", "You exceeded your current quota"),
            Quota,
            false,
            false,
        ),
        ("used up", status(403, "forbidden", "Key limit exceeded (daily limit)"), Quota, false, false),
        ("slow down", slow, Rate, false, true),
        ("slow down, no word when", rate(), Rate, false, false),
        ("slow down, limits", rate().with("x-ratelimit-reset-tokens", "40s"), Rate, false, true),
        (
            "slow down, a date",
            rate().with("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"),
            Rate,
            false,
            false,
        ),
        ("too long", Reply::too_long(), Overflow, false, false),
        ("too long, coded", status(400, "context_length_exceeded", "too many"), Overflow, false, false),
        (
            "too long for the minute",
            status(429, "tokens", "Request too large for gpt"),
            Overflow,
            false,
            false,
        ),
        (
            "too large",
            status(413, "request_too_large", "Request exceeds the maximum size"),
            Overflow,
            false,
            false,
        ),
        ("unknown model", status(404, "not_found_error", "model: small"), Refused, false, false),
        ("odd parameter", status(400, "invalid_request_error", "top_p: what?"), Refused, false, false),
        ("unprocessable", status(422, "invalid_request_error", "no"), Refused, false, false),
        ("flagged", status(403, "forbidden", "Your input was flagged by moderation"), Refused, false, false),
        ("overloaded", Reply::overloaded(), Transport, false, false),
        (
            "unavailable",
            status(503, "unavailable", "try later").with("retry-after", "9"),
            Transport,
            false,
            true,
        ),
        ("broken", status(500, "api_error", "quota exceeded inside"), Transport, false, false),
        ("gave up", Reply::Raw { code: 504, body: Value::Null }, Transport, true, false),
        ("timed out", status(408, "timeout", "too slow"), Transport, false, false),
        (
            "sent on",
            Reply::Raw { code: 307, body: Value::Null }
                .with("location", "https://elsewhere.example/v1?key=x"),
            Setup,
            false,
            false,
        ),
        ("dropped", Reply::Drop, Transport, true, false),
        ("dropped within", Reply::DropMidStream, Transport, true, false),
        ("garbage", Reply::Garbage, FaultKind::Misbehaved, true, false),
        ("nothing", Reply::Raw { code: 200, body: json!({}) }, FaultKind::Misbehaved, true, false),
        (
            "an error in a success",
            Reply::Raw { code: 200, body: json!({ "error": { "code": 429, "message": "Rate limited" } }) },
            Rate,
            false,
            false,
        ),
    ]
}

#[test]
fn every_fault_of_every_dialect_is_told_apart() {
    for (dialect, ..) in DIALECTS {
        let api = ModelApi::start();
        let settings = pointed(dialect, &api.url());
        for (name, reply, kind, paid, until) in refusals() {
            api.next(reply);
            let fault = ask(&settings, &environment(&[])).expect_err(name);
            let context = format!("{dialect:?}, {name}: {fault}");
            assert_eq!((fault.kind, fault.paid, fault.retry_at.is_some()), (kind, paid, until), "{context}");
            check_words(&fault, &context);
        }
        assert_eq!(api.requests().len(), refusals().len(), "nothing is asked twice");
    }
}

/// What holds for every text.
fn check_words(fault: &Fault, context: &str) {
    assert!(!fault.said.is_empty() && !fault.said.contains(KEY), "{context}");
    assert!(!fault.said.contains('\n') && fault.said.chars().count() <= 300, "{context}");
    assert!(!format!("{fault:?}").contains(KEY), "{context}");
}

#[test]
fn what_cannot_be_reached_costs_nothing() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        format!("http://{}", listener.local_addr().expect("it has an address"))
    };
    let plain = ModelApi::start();
    // a label of more than 63 letters is refused by the resolver itself, so that nobody is asked
    let unknown = format!("http://{}", "n".repeat(64));
    for (dialect, ..) in DIALECTS {
        for (url, says) in [
            (refused.as_str(), "refused"),
            (unknown.as_str(), "cannot be reached"),
            (plain.url().replace("http:", "https:").as_str(), "cannot be reached"),
        ] {
            let fault = ask(&pointed(dialect, url), &environment(&[])).expect_err(says);
            let context = format!("{dialect:?} {url}: {fault}");
            assert_eq!((fault.kind, fault.paid), (FaultKind::Transport, false), "{context}");
            assert!(fault.said.contains(says), "{context}");
            check_words(&fault, &context);
        }
    }
    assert_eq!(plain.requests(), []);
}

#[test]
fn errors_are_read_in_every_shape_they_come_in() {
    use FaultKind::{Auth, Overflow, Quota, Rate, Refused};
    let day = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
    let minute = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    let google = |quota: &str| {
        json!([{ "error": {
            "code": 429,
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "status": "RESOURCE_EXHAUSTED",
            "details": [
                { "violations": [{ "quotaId": quota }] },
                { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s" },
            ],
        } }])
    };
    let rows = [
        (429, google(day), Quota, "RESOURCE_EXHAUSTED"),
        (429, google(minute), Rate, "RESOURCE_EXHAUSTED"),
        (
            400,
            json!([{ "error": { "message": "Bad.", "status": "INVALID_ARGUMENT", "details": [{ "reason": "API_KEY_INVALID" }] } }]),
            Auth,
            "API_KEY_INVALID",
        ),
        (404, json!({ "error": "model 'small' not found" }), Refused, "model 'small' not found"),
        (
            400,
            json!({ "object": "error", "message": "This model's maximum context length is 4096 tokens.", "type": "BadRequestError", "code": 400 }),
            Overflow,
            "maximum context length",
        ),
        (422, json!({ "detail": "field required" }), Refused, "field required"),
        (
            200,
            json!({ "choices": [{ "error": { "code": 402, "message": "Insufficient credits" } }] }),
            Quota,
            "Insufficient credits",
        ),
        (
            400,
            json!({ "error": { "code": 400, "message": "Provider returned error", "metadata": { "raw": "prompt is too long" } } }),
            Overflow,
            "prompt is too long",
        ),
        (401, json!({ "error": { "code": "key_invalid", "action": "login" } }), Auth, "401"),
    ];
    let api = ModelApi::start();
    for (code, body, kind, says) in rows {
        api.next(Reply::Raw { code, body });
        let fault = ask(&pointed(Dialect::OpenRouter, &api.url()), &environment(&[])).expect_err(says);
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(fault.said.contains(says), "{fault}");
    }
}

#[test]
fn a_failure_with_output_may_have_cost_something() {
    let api = ModelApi::start();
    let broke = json!({ "code": 502, "message": "the provider broke off" });
    for (usage, paid) in [(Value::Null, false), (json!({ "completion_tokens": 12 }), true)] {
        let body = json!({ "choices": [{ "message": { "content": "ha" }, "error": broke }], "usage": usage });
        api.next(Reply::Raw { code: 200, body });
        let fault = ask(&pointed(Dialect::OpenRouter, &api.url()), &environment(&[])).expect_err("it broke");
        assert_eq!((fault.kind, fault.paid), (FaultKind::Transport, paid), "{fault}");
    }
}

#[test]
fn a_flood_is_not_read_to_its_end() {
    let api = ModelApi::start();
    api.next(Reply::Message(vec![Block::Text("a".repeat(17 << 20))]));
    let fault = ask(&pointed(Dialect::Anthropic, &api.url()), &environment(&[])).expect_err("too much");
    assert_eq!((fault.kind, fault.paid), (FaultKind::Misbehaved, true));
}

#[test]
fn a_long_message_becomes_one_short_line() {
    let api = ModelApi::start();
    api.next(status(400, "invalid_request_error", &format!("{KEY} \u{1b}[31m\n{}", "so ".repeat(500))));
    let fault = ask(&pointed(Dialect::OpenAi, &api.url()), &environment(&[])).expect_err("it is refused");
    check_words(&fault, "long");
    assert!(fault.said.contains("(key)") && fault.said.ends_with('…') && !fault.said.contains('\u{1b}'));
}
