//! The API speaks its protocol, follows its script and fails on demand.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Gate, ModelApi, Reply, Request};

fn post(api: &ModelApi, path: &str, body: &Value) -> String {
    let address = api.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).expect("the API listens");
    let body = body.to_string();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).expect("the API reads");
    stream.shutdown(std::net::Shutdown::Write).expect("one request is all");
    let mut answer = String::new();
    let _cut = stream.read_to_string(&mut answer); // a dropped connection is one of the answers
    answer
}

fn asked(prompt: &str) -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": prompt }] })
}

#[test]
fn a_prompt_gets_its_answers_in_order() {
    let api = ModelApi::start();
    api.on_prompt("fix", vec![Reply::bash("ls"), Reply::text("fixed")]);
    let mut body = asked("please fix it");
    assert!(post(&api, "/v1/messages", &body).contains(r#""name":"Bash","input":{"command":"ls""#));
    let messages = body["messages"].as_array_mut().expect("messages are a list");
    messages
        .push(json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "t", "name": "Bash" }] }));
    messages.push(json!({ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": "t", "content": "a.txt" },
        { "type": "text", "text": "<system-reminder>3 tokens left</system-reminder>" },
    ]}));
    assert!(post(&api, "/v1/messages", &body).contains(r#""text":"fixed""#));
    let requests = api.requests();
    assert_eq!(requests.iter().map(Request::step).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(requests[1].tool_results(), ["a.txt"]);
    assert_eq!(api.unexpected(), [""; 0]);
}

#[test]
fn streams_hold_the_whole_message_in_order() {
    let api = ModelApi::start();
    api.on_prompt("hi", vec![Reply::text("grüß dich")]);
    let mut body = asked("hi");
    body["stream"] = json!(true);
    let answer = post(&api, "/v1/messages?beta=true", &body);
    let kinds: Vec<&str> = answer.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let wanted = ["message_start", "content_block_start", "content_block_delta", "content_block_delta"];
    assert_eq!(kinds[..4], wanted);
    assert_eq!(kinds[4..], ["content_block_stop", "message_delta", "message_stop"]);
    let said: String = answer
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter_map(|event| event["delta"]["text"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(said, "grüß dich");
}

#[test]
fn faults_come_once_and_first() {
    let api = ModelApi::start();
    api.on_prompt("hi", vec![Reply::text("hello")]);
    api.next(Reply::Status {
        code: 429,
        kind: "rate_limit_error".into(),
        message: "slow".into(),
        retry_after: Some(1),
    });
    api.next(Reply::Drop);
    api.next(Reply::Garbage);
    let limited = post(&api, "/v1/messages", &asked("hi"));
    assert!(limited.starts_with("HTTP/1.1 429 ") && limited.contains("retry-after: 1\r\n"), "{limited}");
    assert_eq!(post(&api, "/v1/messages", &asked("hi")), "");
    assert!(post(&api, "/v1/messages", &asked("hi")).contains("<html>"));
    assert!(post(&api, "/v1/messages", &asked("hi")).contains("hello"));
}

#[test]
fn a_held_answer_waits_for_its_gate() {
    let api = ModelApi::start();
    let gate = Gate::new();
    api.on_prompt("hi", vec![Reply::Held(gate.clone(), Box::new(Reply::text("at last")))]);
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| post(&api, "/v1/messages", &asked("hi")));
        api.wait_for("the request", |request| request.prompt() == "hi");
        assert!(!answer.is_finished());
        gate.open();
        assert!(answer.join().expect("asking does not panic").contains("at last"));
    });
}

#[test]
fn compactions_and_the_unexpected_are_answered_too() {
    let api = ModelApi::start();
    let prompt = "CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.";
    assert!(post(&api, "/v1/messages", &asked(prompt)).contains("<summary>"));
    assert!(post(&api, "/v1/messages", &asked("who are you?")).contains("nothing in the script"));
    assert_eq!(api.unexpected(), ["who are you?"]);
    assert!(post(&api, "/v1/messages/count_tokens", &asked("x")).contains("input_tokens"));
    assert!(post(&api, "/v1/elsewhere", &asked("x")).starts_with("HTTP/1.1 404"));
}

#[test]
fn the_same_script_answers_in_the_shape_of_the_path() {
    let api = ModelApi::start();
    api.on_prompt("hi", vec![Reply::text("hello")]);
    for path in ["/v1/chat/completions", "/v1beta/openai/chat/completions", "/api/v1/chat/completions"] {
        let answer = post(&api, path, &asked("hi"));
        assert!(answer.contains(r#""message":{"role":"assistant","content":"hello"}"#), "{answer}");
        assert!(answer.contains(r#""finish_reason":"stop""#) && answer.contains(r#""prompt_tokens":"#));
    }
    let slow =
        Reply::Status { code: 429, kind: "rate_limit".into(), message: "slow".into(), retry_after: Some(1) };
    api.next(slow.with("x-ratelimit-reset-tokens", "40s"));
    let limited = post(&api, "/v1/chat/completions", &asked("hi"));
    assert!(limited.contains("x-ratelimit-reset-tokens: 40s\r\nretry-after: 1\r\n"), "{limited}");
    assert!(limited.ends_with(r#"{"error":{"message":"slow","type":"rate_limit","param":null,"code":429}}"#));
    api.next(Reply::Cut("half".into()));
    assert!(post(&api, "/v1/chat/completions", &asked("hi")).contains(r#""finish_reason":"length""#));
    api.next(Reply::Cut("half".into()));
    assert!(post(&api, "/v1/messages", &asked("hi")).contains(r#""stop_reason":"max_tokens""#));
    api.next(Reply::DropMidStream);
    let half = post(&api, "/v1/chat/completions", &asked("hi"));
    assert!(half.contains("chat.completion") && !half.contains("\r\n0\r\n"), "{half}");
}

#[test]
fn a_proxy_leads_whole_addresses_and_tunnels_to_its_target() {
    let api = ModelApi::start();
    api.on_prompt("hi", vec![Reply::text("hello"), Reply::text("again")]);
    let proxy = crate::Proxy::start(api.url().trim_start_matches("http://"));
    let body = asked("hi").to_string();
    let rest = format!("Host: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let exchange = |sent: String| {
        let mut stream = TcpStream::connect(proxy.url().trim_start_matches("http://")).expect("it listens");
        stream.write_all(sent.as_bytes()).expect("it reads");
        stream.shutdown(std::net::Shutdown::Write).expect("one request is all");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers in text");
        answer
    };
    assert!(exchange(format!("POST http://far.example/v1/messages HTTP/1.1\r\n{rest}")).contains("hello"));
    let tunnel = "CONNECT far.example:80 HTTP/1.1\r\nHost: far.example:80\r\n\r\n";
    assert!(exchange(format!("{tunnel}POST /v1/messages HTTP/1.1\r\n{rest}")).contains("hello"));
    let heads = proxy.heads();
    assert!(heads[0].starts_with("POST http://far.example/v1/messages ") && heads[1] == tunnel, "{heads:?}");
}
