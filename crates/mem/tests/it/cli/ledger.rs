//! What models cost, memories made anew, and the runs: from nothing chosen to a memory that says who made it.

use mem_testkit::{ModelApi, Reply, TestEnv, wait};
use serde_json::{Value, json};

const SESSION: &str = "383770b4-367f-4ad8-96fb-6f6bacf6d8c7";
/// A model of the scripted service, which is on this machine and therefore free.
const MODEL: &str = "openai/small";
/// A reply as the mode asks for it.
const REPLY: &str = "<observation>
  <type>feature</type>
  <title>The zebra page has stripes</title>
  <subtitle>zebra.html was written from nothing</subtitle>
  <facts><fact>zebra.html holds one paragraph</fact></facts>
  <narrative>The page for the zebra crossing was written.</narrative>
  <concepts><concept>what-changed</concept></concepts>
  <files_read></files_read>
  <files_modified><file>zebra.html</file></files_modified>
</observation>
<summary>
  <request>Write the zebra crossing page</request>
  <investigated>Nothing</investigated>
  <learned>Nothing</learned>
  <completed>zebra.html is there</completed>
  <next_steps>None</next_steps>
  <notes></notes>
</summary>";

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

/// A memory of one turn by our own rules, and no model chosen.
fn remembered() -> TestEnv {
    let env = env();
    let path = env.project().join("zebra.html");
    for (event, more) in [
        ("UserPromptSubmit", json!({"prompt": "Write the zebra crossing page"})),
        (
            "PostToolUse",
            json!({
                "tool_name": "Write", "tool_use_id": "toolu_1",
                "tool_input": {"file_path": path, "content": "<p>zebra</p>\n"},
                "tool_response": {"type": "create", "filePath": path, "content": "<p>zebra</p>\n", "structuredPatch": []},
            }),
        ),
        ("Stop", json!({"last_assistant_message": "The page is in zebra.html."})),
    ] {
        let mut input = json!({
            "session_id": SESSION, "transcript_path": "/none.jsonl", "cwd": env.project(),
            "hook_event_name": event, "prompt_id": "a14dacf1-5600-4c2f-a0e1-8dfb8f4d2343",
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(env.hook(&input).code, Some(0));
    }
    assert_eq!(env.status()["memory"]["turns"], 1);
    env
}

/// The same with a service that answers as the mode asks, reachable by name.
fn reachable() -> (TestEnv, ModelApi) {
    let env = remembered();
    let api = ModelApi::start();
    let base = format!("{}/v1", api.url());
    let _set = env.claude_mem(&["config", "set", "CLAUDE_MEM_OPENAI_BASE_URL", &base]).ok();
    (env, api)
}

/// Waits until nothing waits for a model any more, and gives the status of then.
fn settled(env: &TestEnv) -> Value {
    wait::until("the model's memories", || {
        let status = env.status();
        (status["events"]["waiting_for_model"] == 0).then_some(status)
    })
}

#[test]
fn without_a_model_nothing_was_spent_and_nothing_is_laid_out() {
    let env = env();
    let told = env.claude_mem(&["cost"]).ok();
    assert_eq!((told.stdout.as_str(), told.stderr.contains("No model has been asked")), ("", true), "{told}");
    let cost = env.claude_mem(&["cost", "--json", "--here"]).json();
    assert_eq!(
        (&cost["rows"], &cost["today"]["most_micro_usd"]),
        (&json!([]), &json!(1_000_000)),
        "{cost:#}"
    );
    let worker = env.claude_mem(&["worker", "status", "--json"]).json();
    assert_eq!((&worker["runs"], &worker["slots"]), (&json!([]), &json!(0)), "{worker:#}");
    assert!(env.status().get("observer").is_none());
    let refused = env.claude_mem(&["redistill", "--all", "--yes"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(
        refused.stderr.contains("no model is chosen") && refused.stderr.contains("--model local"),
        "{refused}"
    );
    assert!(!env.data_dir().exists());
}

#[test]
fn an_order_that_says_nothing_clear_is_refused() {
    let (env, _api) = reachable();
    let table: [(&[&str], i32, &str); 8] = [
        (&["--all", "--model", "gemini", "--yes"], 1, "config set CLAUDE_MEM_GEMINI_API_KEY -"),
        (&["--cancel", "--all"], 2, "cannot be used with"),
        (&["--since", "lately", "--model", MODEL], 1, "2026-11-01"),
        (&["--session", "ffff", "--model", MODEL], 1, "claude-mem sessions"),
        (&["--all", "--model", "small"], 1, "kind/name"),
        (&["--all", "--model", "openai"], 1, "openai/NAME"),
        (&["--all", "--since", "7d"], 2, "cannot be used with"),
        (&["--all", "--model", MODEL], 1, "--yes"),
    ];
    for (args, code, hint) in table {
        let refused = env.claude_mem(&[&["redistill"], args].concat());
        assert_eq!(refused.code, Some(code), "{refused}");
        assert!(refused.stderr.contains(hint), "{refused}");
    }
    let asked = env.claude_mem(&["redistill", "--all", "--model", MODEL]).stderr;
    assert!(asked.contains("1 turn with 3 events") && asked.contains("at most about 1 request"), "{asked}");
    assert!(
        asked.contains("goes to http://127.0.0.1") && asked.contains("is taken to cost nothing"),
        "{asked}"
    );
    let dry = env.claude_mem(&["redistill", "--all", "--model", MODEL, "--json"]).json();
    assert_eq!((&dry["ordered"], &dry["estimate"]["turns"]), (&Value::Null, &json!(1)), "{dry:#}");
    assert_eq!(env.status()["events"]["waiting_for_model"], 0, "nothing was ordered");
    let nothing = env.claude_mem(&["redistill", "--model", MODEL]).ok();
    assert!(nothing.stderr.contains("Nothing was set aside"), "{nothing}");
}

#[test]
fn an_order_can_be_taken_back() {
    let mut env = remembered();
    // nobody can be asked there, so that orders wait
    env.set("CLAUDE_MEM_DAY_TOKENS", "0");
    env.daemon_stop(); // the one that a hook started knows nothing of that ceiling
    let base = "http://127.0.0.1:9/v1";
    let _set = env.claude_mem(&["config", "set", "CLAUDE_MEM_OPENAI_BASE_URL", base]).ok();
    let order = || {
        let ordered = env.claude_mem(&["redistill", "--all", "--model", MODEL, "--yes"]).ok();
        assert!(ordered.stderr.contains("CLAUDE_MEM_DAY_TOKENS is 0"), "{ordered}");
    };
    let mut takers: [&[&str]; 3] = [
        &["redistill", "--cancel"],
        &["redistill", "--all", "--model", "local", "--yes"],
        &["observer", "use", "local", "--yes"],
    ];
    for taker in &mut takers {
        order();
        assert_eq!(env.status()["events"]["waiting_for_model"], 1);
        let told = env.claude_mem(taker).ok();
        let said = format!("{}{}", told.stdout, told.stderr);
        assert!(said.contains("1 ordered turn will not be asked"), "{told}");
        assert_eq!(env.status()["events"]["waiting_for_model"], 0, "{taker:?}");
    }
    let none = env.claude_mem(&["redistill", "--cancel"]).ok();
    assert!(none.stdout.contains("No ordered turn waits"), "{none}");
    order();
    let told = env.claude_mem(&["observer", "use", "openai", "--model", "small", "--yes"]).ok();
    assert!(told.stderr.contains("1 ordered turn waits, and will be asked"), "{told}");
}

#[test]
fn our_own_rules_can_go_over_it_again() {
    let env = remembered();
    let done = env.claude_mem(&["redistill", "--session", "383770b4", "--model", "local", "--yes"]).ok();
    assert!(done.stdout.contains("1 turn is made anew by our own rules"), "{done}");
    assert_eq!(env.claude_mem(&["cost", "--json"]).json()["rows"], json!([]));
    assert!(env.claude_mem(&["show", "1"]).ok().stdout.contains("zebra"));
}

#[test]
fn a_memory_made_anew_says_who_made_it_and_what_that_cost() {
    let (env, api) = reachable();
    api.on_request(|_| Some(Reply::text(REPLY)));
    let args = ["redistill", "--since", "1h", "--here", "--model", MODEL, "--yes", "--json"];
    let ordered = env.claude_mem(&args).json();
    assert_eq!((&ordered["ordered"], &ordered["model"]), (&json!(1), &json!(MODEL)), "{ordered:#}");
    assert_eq!(ordered["estimate"]["micro_usd"], 0, "a service on this machine is free: {ordered:#}");
    let status = settled(&env);
    assert_eq!(status["observer"]["requests_today"], 1, "{status:#}");

    let session = env.claude_mem(&["show", SESSION, "--json"]).json();
    let id = session["items"][0]["observation_list"][0].as_str().unwrap().to_owned();
    let shown = env.claude_mem(&["show", &id, "S1", "--json"]).json();
    let observation = &shown["items"][0];
    assert_eq!(observation["by"], MODEL, "{shown:#}");
    assert_eq!(observation["ledger"]["model"], MODEL, "{shown:#}");
    assert_eq!(observation["supersedes"], json!(["#1"]), "{shown:#}");
    assert_eq!(shown["items"][1]["superseded_by"], "S2", "{shown:#}");
    let text = env.claude_mem(&["show", &id, "S1"]).ok().stdout;
    for words in ["Made by openai/small", "run ", "tokens, $0 (free)", "Supersedes #1.", "Superseded by S2."]
    {
        assert!(text.contains(words), "{words:?} is missing from {text}");
    }

    let cost = env.claude_mem(&["cost", "--json", "--here"]).json();
    assert_eq!(
        (cost["rows"].as_array().unwrap().len(), &cost["total"]["requests"]),
        (1, &json!(1)),
        "{cost:#}"
    );
    assert!(cost["total"]["output"].as_u64().unwrap() > 0, "{cost:#}");
    let text = env.claude_mem(&["cost"]).ok();
    assert!(text.stdout.contains(MODEL) && text.stdout.contains("Today: $0 of $1.00"), "{text}");
    assert!(env.claude_mem(&["status"]).ok().stdout.contains("No model is chosen; 1 request"));
}

#[test]
fn an_order_to_openrouter_goes_to_openrouter() {
    let (env, api) = reachable();
    let other = ModelApi::start();
    let base = format!("{}/api/v1", other.url());
    let _set = env.claude_mem(&["config", "set", "CLAUDE_MEM_OPENROUTER_BASE_URL", &base]).ok();
    other.on_request(|_| Some(Reply::text(REPLY)));
    let args = ["redistill", "--all", "--model", "openrouter/vendor/small", "--yes", "--json"];
    let ordered = env.claude_mem(&args).json();
    assert_eq!(ordered["model"], "openrouter/vendor/small", "{ordered:#}");
    let _status = settled(&env);
    assert_eq!((other.requests().len(), api.requests().len()), (1, 0));
    let cost = env.claude_mem(&["cost", "--json"]).json();
    assert_eq!(cost["rows"][0]["model"], "openrouter/vendor/small", "{cost:#}");
}

#[test]
fn what_a_model_could_not_do_is_told_and_can_be_tried_again() {
    let (env, api) = reachable();
    let refusal = Reply::Status {
        code: 404,
        kind: "invalid_request_error".into(),
        message: "The model `small` does not exist".into(),
        retry_after: None,
    };
    api.next(refusal);
    let _ordered = env.claude_mem(&["redistill", "--all", "--model", MODEL, "--yes"]).ok();
    let status = settled(&env);
    assert_eq!(status["observer"]["set_aside"][0]["turn"], "T1", "{status:#}");
    let told = env.claude_mem(&["status"]).ok().stdout;
    assert!(
        told.contains("could not make memories of T1") && told.contains("`claude-mem redistill`"),
        "{told}"
    );

    api.on_request(|_| Some(Reply::text(REPLY)));
    let again = env.claude_mem(&["redistill", "--model", MODEL, "--yes"]).ok();
    assert!(again.stdout.contains("1 turn is made anew"), "{again}");
    let status = settled(&env);
    assert_eq!(status["observer"]["set_aside_in_all"], 0, "{status:#}");
    assert_eq!(status["problems"], json!([]), "{status:#}");
}
