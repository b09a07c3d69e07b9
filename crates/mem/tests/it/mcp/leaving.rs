//! Leaving: on a signal, at the end of the input, and when nobody listens; always with 0, and quietly.

use mem_testkit::TestEnv;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::client::Client;

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

/// Claude Code sends SIGINT first, SIGTERM 100 ms later, and kills soon after.
#[test]
fn a_signal_ends_it_well_before_and_after_initialize() {
    let env = env();
    for signal in [Signal::INT, Signal::TERM] {
        for begun in [false, true] {
            let mut client = Client::start(&env);
            if begun {
                client.begin();
            } else {
                assert_eq!(client.ask("ping", json!({}))["result"], json!({}));
            }
            client.signal(signal);
            assert_eq!(client.gone(), (Some(0), Vec::new(), String::new()), "{signal:?} {begun}");
        }
    }
}

#[test]
fn what_was_asked_before_the_end_of_the_input_is_answered() {
    let env = env();
    let mut client = Client::begun(&env);
    for id in 100..120 {
        let params = json!({ "name": "search", "arguments": { "query": "zebra" } });
        client.tell(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
    }
    client.hang_up();
    let (code, said, complaints) = client.gone();
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    let mut ids: Vec<i64> = said
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].as_i64().expect("an id"))
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (100..120).collect::<Vec<i64>>());
}

#[test]
fn without_a_word_it_leaves_as_well() {
    let env = env();
    Client::start(&env).leave();
}

#[test]
fn when_nobody_listens_any_more_it_leaves() {
    let env = env();
    let mut client = Client::begun(&env);
    client.turn_away();
    let ping = json!({ "jsonrpc": "2.0", "id": 9, "method": "ping" }).to_string();
    assert_eq!(client.pester(ping.as_bytes()), (Some(0), String::new()));
}

#[test]
fn fifty_calls_at_once_are_all_answered() {
    let env = env();
    let input = json!({
        "session_id": "s", "cwd": env.project(), "hook_event_name": "UserPromptSubmit", "prompt_id": "p1",
        "prompt": "Write the zebra crossing page",
    });
    assert_eq!(env.hook(&input).code, Some(0));
    let mut client = Client::begun(&env);
    for id in 200..250 {
        let params = json!({ "name": "search", "arguments": { "query": "zebra" } });
        client.tell(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
    }
    for _ in 200..250 {
        let answer = client.next();
        assert_eq!(answer["result"]["isError"], false, "{answer:#}");
    }
    client.leave();
}
