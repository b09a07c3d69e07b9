//! Before and at `initialize`.

use mem_testkit::TestEnv;
use serde_json::json;

use super::client::{Client, PROTOCOL};

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

/// Claude Code 2.1.329 asks `server/discover` first, with a text for an id, and waits 3 s for an answer.
#[test]
fn a_request_before_initialize_is_answered_at_once() {
    let env = env();
    let mut client = Client::start(&env);
    client.tell(&json!({
        "jsonrpc": "2.0", "id": "server-discover-probe-1", "method": "server/discover",
        "params": { "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "claude-code", "version": "2.1.329" },
            "io.modelcontextprotocol/clientCapabilities": {},
        } },
    }));
    let refused = client.next();
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!("server-discover-probe-1"), &json!(-32601))
    );
    for method in ["tools/list", "tools/call", "resources/list", "no/such"] {
        let refused = client.ask(method, json!({ "name": "search" }));
        assert_eq!(refused["error"]["code"], -32601, "{refused:#}");
    }
    assert_eq!(client.ask("ping", json!({}))["result"], json!({}));

    let said = client.begin();

    assert_eq!(said["protocolVersion"], PROTOCOL);
    assert_eq!(said["serverInfo"]["name"], "claude-mem");
    assert_eq!(said["capabilities"], json!({ "tools": {} }));
    assert!(
        said["instructions"].as_str().is_some_and(|words| words.contains("earlier sessions")),
        "{said:#}"
    );
    assert_eq!(client.ask("ping", json!({}))["result"], json!({}));
    assert_eq!(client.ask("server/discover", json!({}))["error"]["code"], -32601);
    client.leave();
}

#[test]
fn a_known_version_of_the_protocol_is_echoed_and_another_answered_with_one() {
    let env = env();
    for (asked, answered) in
        [("2024-11-05", Some("2024-11-05")), ("2025-06-18", Some("2025-06-18")), ("1999-01-01", None)]
    {
        let mut client = Client::start(&env);
        let info = json!({ "name": "any", "version": "1" });
        let said = client
            .ask("initialize", json!({ "protocolVersion": asked, "capabilities": {}, "clientInfo": info }));
        let version = said["result"]["protocolVersion"].as_str().expect("a version").to_owned();
        assert!(version.starts_with("202"), "{said:#}");
        assert!(answered.is_none_or(|wanted| wanted == version), "{asked}: {version}");
        // without the notification that it is initialized, which not every client sends
        let listed = client.ask("tools/list", json!({}));
        assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(4), "{listed:#}");
        client.leave();
    }
}

#[test]
fn the_tools_as_clients_see_them() {
    let env = env();
    let mut client = Client::begun(&env);
    let listed = client.ask("tools/list", json!({}));
    insta::assert_snapshot!("tools", format!("{:#}", listed["result"]));
    client.leave();
}

#[test]
fn who_only_looks_lays_nothing_out() {
    let env = env();
    let mut client = Client::begun(&env);
    assert!(client.told("search", json!({ "query": "zebra" })).contains("Nothing is remembered yet"));
    assert!(client.told("timeline", json!({ "anchor": 1 })).contains("Nothing is remembered yet"));
    assert!(client.told("get_observations", json!({ "ids": [1] })).contains("Nothing is remembered yet"));
    assert!(client.told("session_start_context", json!({})).contains("Nothing is remembered yet"));
    client.leave();
    assert!(!env.data_dir().exists());
}

#[test]
fn switched_off_it_serves_and_says_so() {
    let mut env = env();
    env.set("CLAUDE_MEM_DISABLE", "1");
    let mut client = Client::start(&env);
    assert!(client.begin()["instructions"].is_null(), "who is switched off asks for nothing");
    let (said, failed) = client.call("search", json!({ "query": "zebra" }));
    assert!(failed && said.contains("switched off"), "{said}");
    client.leave();
}

/// What our observer asks must not be answered from the memory that it is to judge for.
#[test]
fn a_child_of_our_own_gets_no_tools() {
    let mut env = env();
    env.set("CLAUDE_MEM_INTERNAL", "1");
    let mut client = Client::start(&env);
    assert!(client.begin()["instructions"].is_null());
    assert_eq!(client.ask("tools/list", json!({}))["result"]["tools"], json!([]));
    let refused = client.ask("tools/call", json!({ "name": "search", "arguments": { "query": "zebra" } }));
    assert_eq!(refused["error"]["code"], -32602, "{refused:#}");
    client.leave();
}
