//! What the tools say of a small memory.

use mem_testkit::TestEnv;
use serde_json::{Value, json};

use super::client::Client;

const SESSION: &str = "383770b4-367f-4ad8-96fb-6f6bacf6d8c7";

fn hook(env: &TestEnv, event: &str, more: Value) {
    let mut input = json!({
        "session_id": SESSION, "cwd": env.project(), "hook_event_name": event, "prompt_id": "p1",
    });
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    assert_eq!(env.hook(&input).code, Some(0));
}

fn empty() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

/// One turn: a prompt, a new file, an answer.
fn work(env: &TestEnv) {
    hook(env, "UserPromptSubmit", json!({ "prompt": "Write the zebra crossing page" }));
    let path = env.project().join("zebra.html");
    let response =
        json!({ "type": "create", "filePath": path, "content": "<p>zebra</p>\n", "structuredPatch": [] });
    let input = json!({ "file_path": path, "content": "<p>zebra</p>\n" });
    let used = json!({ "tool_name": "Write", "tool_use_id": "toolu_1", "tool_input": input, "tool_response": response });
    hook(env, "PostToolUse", used);
    hook(env, "Stop", json!({ "last_assistant_message": "The page is in zebra.html." }));
}

#[test]
fn what_happens_meanwhile_is_found_by_the_next_call() {
    let env = empty();
    let mut client = Client::begun(&env);
    assert!(
        client.told("search", json!({ "query": "zebra" })).contains("No results found matching \"zebra\"")
    );
    work(&env);
    let found = client.told("search", json!({ "query": "zebra crossing", "limit": "5", "nonsense": [] }));
    assert!(found.starts_with("Found ") && found.contains("matching \"zebra crossing\""), "{found}");
    assert!(found.contains("| #1 |") && found.contains("\n\nSearched "), "{found}");
    assert!(found.ends_with("\nnot known: nonsense"), "{found}");
    let nothing = client.told("search", json!({ "query": "giraffe" }));
    assert!(nothing.starts_with("No results found matching \"giraffe\"\n\nSearched "), "{nothing}");
    client.leave();
}

#[test]
fn the_three_layers_lead_from_one_to_the_next() {
    let env = empty();
    work(&env);
    let mut client = Client::begun(&env);
    let around = client.told("timeline", json!({ "anchor": "#1", "depth_after": "3" }));
    assert!(around.starts_with("# Timeline around anchor: #1\n**Window:** "), "{around}");
    assert!(around.contains("<- **ANCHOR**") && around.contains("**🎯 S1**"), "{around}");
    let around = client.told("timeline", json!({ "query": "zebra" }));
    assert!(around.starts_with("# Timeline for query: \"zebra\"\n**Anchor:** "), "{around}");

    let full = client.told("get_observations", json!({ "ids": "1,#1" }));
    let rows: Value = serde_json::from_str(&full).expect("nothing but the array");
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{full}");
    assert_eq!((&rows[0]["id"], &rows[0]["memory_session_id"]), (&json!(1), &json!(SESSION)));
    assert_eq!(rows[0]["files_modified"], json!(["zebra.html"]));
    assert!(rows[0]["created_at_epoch"].is_i64() && rows[0]["created_at"].is_string(), "{full}");
    let mixed = client.told("get_observations", json!({ "ids": [99, "S1"] }));
    assert!(mixed.contains("\"kind\": \"summary\"") && mixed.ends_with("Not found: 99."), "{mixed}");
    client.leave();
}

#[test]
fn a_commit_is_a_row_of_its_own() {
    let env = empty();
    hook(&env, "UserPromptSubmit", json!({ "prompt": "Commit the zebra crossing" }));
    let input = json!({ "command": "git commit -am 'Stripe the crossing'" });
    let said = json!({ "stdout": "[main 3f2a91c] Stripe the crossing\n 1 file changed", "stderr": "" });
    let used =
        json!({ "tool_name": "Bash", "tool_use_id": "toolu_2", "tool_input": input, "tool_response": said });
    hook(&env, "PostToolUse", used);
    let mut client = Client::begun(&env);
    let found = client.told("search", json!({ "query": "stripe", "type": "commits" }));
    assert!(found.contains("| C1 |") && found.contains("1 commits"), "{found}");
    let row = found.lines().find(|line| line.starts_with("| C1 |")).expect("its row");
    assert!(row.contains("| ~"), "a commit has its tokens as an observation has: {row}");
    let around = client.told("timeline", json!({ "anchor": "C1" }));
    assert!(around.contains("**⎇ C1** Stripe the crossing"), "{around}");
    let rows: Value =
        serde_json::from_str(&client.told("get_observations", json!({ "ids": ["C1"] }))).expect("an array");
    assert_eq!((&rows[0]["kind"], &rows[0]["hash"]), (&json!("commit"), &json!("3f2a91c")), "{rows:#}");
    client.leave();
}

#[test]
fn the_beginning_of_a_session_is_what_its_hook_says() {
    let env = empty();
    work(&env);
    let mut client = Client::begun(&env);
    let told = client.told("session_start_context", json!({}));
    assert_eq!(told.trim_end(), env.claude_mem(&["brief"]).ok().stdout.trim_end());
    let same = client.told("session_start_context", json!({ "projects": ["project"] }));
    assert_eq!(same, told);
    let (said, failed) = client.call("session_start_context", json!({ "project": "nowhere" }));
    assert!(failed && said.contains("no project") && said.contains("project"), "{said}");
    client.leave();
}

#[test]
fn another_project_is_begun_from_where_it_lies() {
    let mut env = empty();
    work(&env);
    env.set("CLAUDE_MEM_PROJECT", "elsewhere");
    let mut client = Client::begun(&env);
    let here = client.told("session_start_context", json!({}));
    assert!(here.contains("nothing is remembered of this place"), "{here}");
    let there = client.told("session_start_context", json!({ "project": "project" }));
    assert!(there.contains("# [project] recent context") && there.contains("zebra.html"), "{there}");
    let unheard = client.told("search", json!({ "query": "zebra" }));
    assert!(unheard.contains("Nothing is remembered of elsewhere yet"), "{unheard}");
    assert!(client.told("search", json!({ "query": "zebra", "project": "*" })).contains("| #1 |"));
    client.leave();
}

#[test]
fn what_is_not_asked_well_says_what_is_needed() {
    let env = empty();
    work(&env);
    let mut client = Client::begun(&env);
    for (tool, arguments, wanted) in [
        ("search", json!({}), "query"),
        ("search", json!({ "query": " \n", "limit": 5 }), "filter"),
        ("search", json!({ "query": "a", "limit": "many" }), "limit cannot be read"),
        ("search", json!({ "query": "a", "orderBy": "color" }), "date_desc"),
        ("search", json!({ "query": "a", "dateStart": {} }), "dateStart cannot be read: {}"),
        ("search", json!({ "query": "a", "dateRange": "7d" }), "dateRange cannot be read"),
        ("search", json!({ "query": "a", "branch": " " }), "branch cannot be read"),
        ("timeline", json!({ "anchor": {} }), "anchor cannot be read"),
        ("get_observations", json!({ "ids": [1, {}] }), "ids cannot be read"),
        ("get_observations", json!({ "ids": [1], "project": ["a", "b"] }), "One project at most"),
        ("timeline", json!({}), "anchor"),
        ("timeline", json!({ "anchor": 1, "query": "zebra" }), "either"),
        ("timeline", json!({ "anchor": "#999" }), "#999"),
        ("get_observations", json!({}), "ids"),
        ("get_observations", json!({ "ids": [] }), "ids"),
        // counted as they were given, before anything else
        ("get_observations", json!({ "ids": vec![1; 1001] }), "At most 1000 ids"),
        ("get_observations", json!({ "ids": (0..100_000).collect::<Vec<_>>() }), "100000 were given"),
    ] {
        let (said, failed) = client.call(tool, arguments.clone());
        assert!(failed && said.contains(wanted), "{tool} {arguments}: {said}", arguments = begin(&arguments));
    }
    client.leave();
}

#[test]
fn an_excluded_directory_is_told_why_there_is_nothing() {
    let mut env = empty();
    work(&env);
    let _drained = env.status();
    env.set("CLAUDE_MEM_EXCLUDED_PROJECTS", env.project().to_str().expect("a plain path"));
    let mut client = Client::begun(&env);
    let told = client.told("session_start_context", json!({}));
    assert!(told.contains("excluded by CLAUDE_MEM_EXCLUDED_PROJECTS"), "{told}");
    client.leave();
}

/// Arguments, of which those that are too many need not be read.
fn begin(arguments: &Value) -> String {
    arguments.to_string().chars().take(200).collect()
}

#[test]
fn arguments_that_a_tool_does_not_know_are_named_and_a_limit_of_nothing_is_refused() {
    let env = empty();
    work(&env);
    let mut client = Client::begun(&env);
    for (tool, arguments) in [
        (
            "search",
            json!({ "query": "zebra", "project": "*", "dateRange": { "start": "7d" }, "isFolder": false }),
        ),
        ("timeline", json!({ "anchor": "#1", "depthBefore": 2, "type": "prompts" })),
        ("get_observations", json!({ "ids": [1], "order_by": "date_asc", "limit": 3 })),
        ("session_start_context", json!({ "project": "*" })),
    ] {
        let known = client.told(tool, arguments.clone());
        assert!(!known.contains("not known"), "{tool}: {known}");
        let mut more = arguments;
        more["qurey"] = json!("stripes");
        let told = client.told(tool, more);
        assert!(told.ends_with("\nnot known: qurey"), "{tool}: {told}");
    }
    let (told, failed) = client.call("search", json!({ "qurey": "zebra" }));
    assert!(failed && told.contains("not known: qurey"), "{told}");
    for limit in [0, -3] {
        for arguments in [json!({ "query": "zebra", "limit": limit }), json!({ "ids": [1], "limit": limit })]
        {
            let tool = if arguments["ids"].is_null() { "search" } else { "get_observations" };
            let (told, failed) = client.call(tool, arguments);
            assert!(failed && told.contains(&format!("limit cannot be read: {limit}")), "{told}");
        }
    }
    client.leave();
}
