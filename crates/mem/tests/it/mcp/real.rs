//! The installed plugin in the real client: its server connects, two tools are at hand, and they find what was done.

use std::time::{Duration, Instant};

use mem_testkit::Reply;
use mem_testkit::run::run;
use mem_testkit::tools::{OLDER, PINNED};
use serde_json::{Value, json};

use crate::scene::{COMMIT, Scene, TASK};

const ASKED: &str = "Did we ever mend the slugs?";
const SEARCH: &str = "mcp__plugin_mem_recall__search";
const FETCH: &str = "mcp__plugin_mem_recall__get_observations";
const TIMELINE: &str = "mcp__plugin_mem_recall__timeline";

/// What Claude Code loses when a server does not answer what it asks before `initialize`.
const LOST: Duration = Duration::from_secs(3);

fn a_later_session_finds_what_an_earlier_one_did(version: &str, deferring: bool) {
    let scene = Scene::new();
    scene.client(version).prompt(TASK);
    scene.assert_story_happened();
    scene.api.forget();
    scene.api.on_prompt(
        ASKED,
        vec![
            Reply::tool(SEARCH, json!({ "query": "slug replaceAll" })),
            Reply::tool(FETCH, json!({ "ids": [1] })),
            Reply::text("Yes, see above."),
        ],
    );

    let mut session = scene.client(version).session(&[]);
    let result = session.ask(ASKED);

    assert_eq!(result["result"], "Yes, see above.");
    let init =
        session.seen().iter().find(|line| line["subtype"] == "init").expect("the client says how it began");
    let servers: Vec<(&Value, &Value)> = init["mcp_servers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|server| (&server["name"], &server["status"]))
        .collect();
    assert_eq!(servers, [(&json!("plugin:mem:recall"), &json!("connected"))]);
    let requests = scene.api.requests();
    let tools: Vec<&str> = requests[0].body["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    for loaded in [SEARCH, FETCH] {
        assert!(tools.contains(&loaded), "{tools:?}");
    }
    assert_eq!(tools.contains(&TIMELINE), !deferring, "{tools:?}");
    let told = requests.last().expect("three requests").tool_results();
    assert!(told[0].contains("Found ") && told[0].contains("#1"), "{told:#?}");
    assert!(told[1].contains("\"narrative\"") && told[1].contains("src/slug.js"), "{told:#?}");
    assert!(told.join("\n").contains(COMMIT), "{told:#?}");
    assert_eq!(session.close(), Some(0));
    scene.assert_nothing_lost();
}

#[test]
fn the_plugins_server_answers_in_the_client() {
    a_later_session_finds_what_an_earlier_one_did(PINNED, true);
}

#[test]
fn the_plugins_server_answers_in_the_older_client_too() {
    // with an address of its own for the model, this version defers nothing
    a_later_session_finds_what_an_earlier_one_did(OLDER, false);
}

/// On a machine that stands still a start takes longer; one that never takes less than what is lost is the server's fault.
#[test]
fn the_server_does_not_hold_up_the_client() {
    let scene = Scene::new();
    scene.api.on_prompt("Hello", vec![Reply::text("Hi."); 10]);
    let quick = (0..10).any(|_| {
        let start = Instant::now();
        scene.client(PINNED).prompt("Hello");
        start.elapsed() < LOST
    });
    assert!(quick, "no start took less than {LOST:?}");
}

#[test]
fn the_client_calls_the_plugin_valid() {
    let scene = Scene::new();
    let plugin = scene.env.data_dir().join(mem_core::layout::PLUGIN).join("plugin");
    for version in [PINNED, OLDER] {
        let mut command = scene.env.command(scene.env.tools().claude_code(version));
        command.args(["plugin", "validate"]).arg(&plugin);
        let said = run(command, b"", Duration::from_secs(60)).ok();
        assert!(said.stdout.contains("Validation passed"), "{said}");
    }
}
