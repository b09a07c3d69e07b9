//! Lines and arguments that no good client sends: each is answered or passed over, and the next is served.

use mem_testkit::TestEnv;
use serde_json::{Value, json};

use super::client::Client;

fn env() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    let input = json!({
        "session_id": "s", "cwd": env.project(), "hook_event_name": "UserPromptSubmit", "prompt_id": "p1",
        "prompt": "Write the zebra crossing page",
    });
    assert_eq!(env.hook(&input).code, Some(0));
    env
}

#[test]
fn a_line_that_is_no_message_gets_its_error_and_the_next_is_served() {
    let env = env();
    let mut client = Client::begun(&env);
    let deep = "[".repeat(100_000);
    let lines: [(&[u8], i64, Value); 12] = [
        (b"{", -32700, Value::Null),
        (b"hello", -32700, Value::Null),
        (b"\xff\xfe{}", -32700, Value::Null),
        (b"{\"a\":\"\0\"}", -32700, Value::Null),
        (deep.as_bytes(), -32700, Value::Null),
        (b"[]", -32600, Value::Null),
        (b"42", -32600, Value::Null),
        (b"{\"id\":5}", -32600, json!(5)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":{\"a\":1},\"method\":\"ping\"}", -32600, Value::Null),
        (b"{\"jsonrpc\":\"1.0\",\"id\":6,\"method\":\"ping\"}", -32600, json!(6)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":5}", -32602, json!(7)),
    ];
    for (line, code, id) in lines {
        client.send(line);
        let shown = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
        let refused = client.next();
        assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(code), &id), "{shown}: {refused}");
        assert_eq!(client.ask("ping", json!({}))["result"], json!({}), "{shown}");
    }
    let passed_over: [&[u8]; 6] = [
        b"",
        b"  \r",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/no-such\"}",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":99}}",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":7}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
    ];
    for line in passed_over {
        client.send(line);
        assert_eq!(client.ask("ping", json!({}))["result"], json!({}));
    }
    client.leave();
}

#[test]
fn a_huge_line_kills_nobody() {
    let env = env();
    let mut client = Client::begun(&env);
    let (said, failed) = client.call("search", json!({ "query": "zebra ".repeat(2_000_000) }));
    assert!(!failed && said.len() < 60_000, "{}", &said[..said.len().min(500)]);
    client.send(&vec![b'x'; 40 * 1024 * 1024]);
    assert_eq!(client.next()["error"]["code"], -32600);
    assert!(client.told("search", json!({ "query": "zebra" })).contains("zebra"));
    client.leave();
}

#[test]
fn no_query_is_a_mistake_of_grammar() {
    let env = env();
    let mut client = Client::begun(&env);
    for query in [
        "\"",
        "'",
        "\"zebra",
        "*",
        "zebra*",
        "AND",
        "zebra AND (",
        "NEAR(zebra",
        "title:zebra",
        "-zebra",
        "^",
        "zebra\u{0}crossing",
        "🦓",
        "?!…",
        "\u{202e}arbez",
        "%s%n",
        "'; DROP TABLE events; --",
        "日本語",
        "\\",
    ] {
        let (said, failed) = client.call("search", json!({ "query": query }));
        assert!(!failed && said.contains("\n\nSearched "), "{query:?}: {said}");
    }
    client.leave();
}

#[test]
fn arguments_of_the_wrong_shape_are_words_and_no_crash() {
    let env = env();
    let mut client = Client::begun(&env);
    let odd = [
        json!({}),
        json!([[]]),
        json!([null, {}]),
        json!(true),
        json!(-1),
        json!(1e300),
        json!("\u{0}"),
        json!(null),
    ];
    for value in odd {
        for (tool, name) in [
            ("search", "query"),
            ("search", "limit"),
            ("search", "offset"),
            ("search", "files"),
            ("search", "project"),
            ("search", "dateStart"),
            ("search", "platformSource"),
            ("timeline", "anchor"),
            ("timeline", "depth_before"),
            ("get_observations", "ids"),
            ("get_observations", "limit"),
            ("session_start_context", "project"),
        ] {
            let mut arguments = json!({ "query": "zebra" });
            arguments[name] = value.clone();
            let (said, _failed) = client.call(tool, arguments.clone());
            assert!(!said.is_empty() && !said.contains("stumbled"), "{tool} {arguments}: {said}");
        }
    }
    let refused = client.ask("tools/call", json!({ "name": "no_such", "arguments": {} }));
    assert_eq!(refused["error"]["code"], -32602, "{refused:#}");
    assert!(client.call("search", Value::Null).1, "no arguments at all");
    client.leave();
}
