//! Reading what is remembered: ids, lists, searches, and the brief.

use mem_testkit::TestEnv;
use serde_json::{Value, json};

const SESSION: &str = "383770b4-367f-4ad8-96fb-6f6bacf6d8c7";

fn hook(env: &TestEnv, event: &str, more: Value) {
    let mut input = json!({
        "session_id": SESSION, "transcript_path": "/none.jsonl", "cwd": env.project(), "hook_event_name": event,
        "prompt_id": "a14dacf1-5600-4c2f-a0e1-8dfb8f4d2343",
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(env.hook(&input).code, Some(0));
}

/// A memory of one turn: a prompt, a new file, an answer.
fn env() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    hook(&env, "UserPromptSubmit", json!({"prompt": "Write the zebra crossing page"}));
    let path = env.project().join("zebra.html");
    hook(
        &env,
        "PostToolUse",
        json!({
            "tool_name": "Write", "tool_use_id": "toolu_1",
            "tool_input": {"file_path": path, "content": "<p>zebra</p>\n"},
            "tool_response": {"type": "create", "filePath": path, "content": "<p>zebra</p>\n", "structuredPatch": []},
        }),
    );
    hook(&env, "Stop", json!({"last_assistant_message": "The page is in zebra.html."}));
    env
}

#[test]
fn what_just_happened_is_visible_without_waiting() {
    let env = env();
    let status = env.status();
    assert_eq!(status["events"]["stored"], 3, "{status:#}");
    assert_eq!(status["events"]["balanced"], true);
    let sessions = env.claude_mem(&["sessions", "--json"]).json();
    assert_eq!(sessions["sessions"][0]["id"], SESSION);
    assert_eq!(sessions["sessions"][0]["first_prompt"], "Write the zebra crossing page");
    assert!(env.claude_mem(&["sessions"]).ok().stdout.contains("383770b4"));
    let brief = env.claude_mem(&["brief"]).ok().stdout;
    assert!(brief.contains("zebra.html"), "{brief}");
    assert_eq!(env.claude_mem(&["brief", "--json"]).json()["text"], brief.trim_end_matches('\n'));
}

#[test]
fn a_commit_is_found_by_as_much_of_its_hash_as_one_has() {
    let env = env();
    for (at, hash) in ["3f2a91c", "3f2a55d", "77777777", "c123456", "bcd1234", "bcd12345"].iter().enumerate()
    {
        hook(
            &env,
            "PostToolUse",
            json!({
                "tool_name": "Bash", "tool_use_id": format!("toolu_c{at}"),
                "tool_input": {"command": format!("git commit -m 'Draw stripe {at}'")},
                "tool_response": {
                    "stdout": format!("[main {hash}] Draw stripe {at}\n 1 file changed, 1 insertion(+)"),
                    "stderr": "", "interrupted": false,
                },
            }),
        );
    }
    hook(&env, "Stop", json!({"last_assistant_message": "All stripes are drawn."}));
    let shown = |hash: &str| env.claude_mem(&["show", "--json", hash]).json()["items"][0].clone();
    for hash in ["3f2a91c", "3F2A9", "3f2a91c5500e4c2f8a0e18dfb8f4d2343383770b"] {
        assert_eq!(
            (&shown(hash)["kind"], &shown(hash)["subject"]),
            (&json!("commit"), &json!("Draw stripe 0")),
            "{hash}"
        );
    }
    assert_eq!(shown("77777777")["subject"], "Draw stripe 2", "digits alone");
    assert_eq!(shown("c123456")["subject"], "Draw stripe 3", "as an id of ours looks");
    assert_eq!(shown("bcd12345")["subject"], "Draw stripe 5", "one that another begins");
    for hash in ["3f2a91c", "77777777", "c123456"] {
        let around = env.claude_mem(&["timeline", "--json", hash]).json();
        assert_eq!(around["title"], shown(hash)["subject"], "{hash}: {around}");
    }
    for (hash, complaint) in [
        ("3f2a", "3f2a is the beginning of 2 commits' hashes: C1 3f2a91c, C2 3f2a55d"),
        ("bcd1234", "bcd1234 is the beginning of 2 commits' hashes: C5 bcd1234, C6 bcd12345"),
        (&"3f2a91c5".repeat(9), "nothing has the id 3f2a91c5"),
        ("3f2a91d", "nothing has the id 3f2a91d"),
        ("3f2%", "nothing has the id 3f2%"),
    ] {
        let refused = env.claude_mem(&["show", hash]);
        assert!(refused.code == Some(1) && refused.stderr.contains(complaint), "{refused}");
    }
}

#[test]
fn a_session_is_found_by_digits_alone() {
    let env = env();
    let input = json!({
        "session_id": "44444444-367f-4ad8-96fb-6f6bacf6d8c7", "cwd": env.project(),
        "hook_event_name": "UserPromptSubmit", "prompt_id": "p4", "prompt": "Another",
    });
    assert_eq!(env.hook(&input).code, Some(0));
    let shown = env.claude_mem(&["show", "--json", "44444444", "1"]).json();
    assert_eq!(
        (&shown["items"][0]["kind"], &shown["items"][1]["kind"]),
        (&json!("session"), &json!("observation"))
    );
    let missing = env.claude_mem(&["show", "#44444444"]);
    assert_eq!(missing.code, Some(1), "{missing}");
}

#[test]
fn every_kind_of_id_is_shown() {
    let env = env();
    let shown = env.claude_mem(&["show", "--json", "#1", "S1", "T1", "E1", SESSION, "383770b4"]).json();
    let kinds: Vec<&str> =
        shown["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["observation", "summary", "turn", "event", "session", "session"]);
    assert_eq!(shown["missing"], json!([]));
    let uuid = shown["items"][0]["uuid"].as_str().unwrap();
    assert_eq!(env.claude_mem(&["show", "--json", uuid]).json()["items"][0]["id"], "#1");
    let title = shown["items"][0]["title"].as_str().unwrap();
    let session = env.claude_mem(&["show", SESSION]).ok().stdout;
    assert!(session.contains(&format!("#1 {title}")), "{session}");
    let text = env.claude_mem(&["show", "1", "E2"]).ok().stdout;
    assert!(
        text.starts_with("#1 ") && text.contains("zebra.html") && text.contains("E2 tool_used"),
        "{text}"
    );
    let further = env.claude_mem(&["show", "1"]).ok().stderr;
    assert!(
        further.contains("claude-mem timeline '#1'") && further.contains("claude-mem show E"),
        "{further}"
    );
    let program = env.claude_mem(&["show", "1", "--json"]).ok();
    assert_eq!(program.stderr, "", "programs are told nothing beside the document");
}

#[test]
fn an_id_that_leads_nowhere_is_named_and_the_rest_is_shown() {
    let env = env();
    let ended = env.claude_mem(&["show", "#1", "#999", "S77", "?"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stdout.contains("zebra"), "{ended}");
    assert!(
        ended.stderr.contains("#999") && ended.stderr.contains("S77") && ended.stderr.contains("\"?\""),
        "{ended}"
    );
    assert!(!ended.stderr.contains("#1;") && ended.stderr.contains("hint: "), "{ended}");
}

#[test]
fn a_search_says_what_it_looked_through() {
    let env = env();
    let found = env.claude_mem(&["search", "zebra", "crossing", "--json"]).json();
    assert!(!found["hits"].as_array().unwrap().is_empty(), "{found:#}");
    assert!(found["coverage"]["passages"].is_u64() && found["total"].as_u64().unwrap() >= 1, "{found:#}");
    let id = found["hits"][0]["id"].as_str().unwrap().to_owned();
    let _shown = env.claude_mem(&["show", &id]).ok();
    let nothing = env.claude_mem(&["search", "giraffe"]).ok();
    assert_eq!(nothing.stdout, "");
    assert!(
        nothing.stderr.contains("Nothing found for \"giraffe\"") && nothing.stderr.contains("passages"),
        "{nothing}"
    );
}

#[test]
fn an_excluded_directory_says_that_it_is() {
    let mut env = env();
    assert_eq!(env.claude_mem(&["whoami", "--json"]).json()["excluded"], false);
    env.set("CLAUDE_MEM_EXCLUDED_PROJECTS", env.project().to_str().unwrap());
    for args in [&["brief"][..], &["whoami"], &["status"]] {
        let said = env.claude_mem(args).ok();
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(all.contains("excluded by CLAUDE_MEM_EXCLUDED_PROJECTS"), "{said}");
        let mut args = args.to_vec();
        args.push("--json");
        assert_eq!(env.claude_mem(&args).json()["excluded"], true, "{args:?}");
    }
}

#[test]
fn a_list_of_nothing_is_not_asked_for() {
    let env = env();
    for args in [&["sessions", "--limit", "0"][..], &["search", "zebra", "--limit", "0"]] {
        let refused = env.claude_mem(args);
        assert_eq!(refused.code, Some(2), "{refused}");
    }
}

#[test]
fn another_directory_has_its_own_memory() {
    let mut env = env();
    env.set("CLAUDE_MEM_PROJECT", "elsewhere");
    assert_eq!(env.claude_mem(&["search", "zebra", "--json"]).json()["hits"], json!([]));
    assert_ne!(env.claude_mem(&["search", "zebra", "--all", "--json"]).json()["hits"], json!([]));
    let who = env.claude_mem(&["whoami", "--json"]).json();
    assert_eq!((who["project"].as_str(), who["id"].as_str()), (Some("elsewhere"), None));
    assert_eq!(who["keys"], json!([{"kind": "override", "value": "elsewhere"}]));
}
