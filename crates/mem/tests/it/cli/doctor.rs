//! The doctor: everything tried out for real, nothing of the user's touched, nothing left behind.

use mem_testkit::{ModelApi, Reply, TestEnv};
use serde_json::{Value, json};

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

fn installed() -> TestEnv {
    let env = env();
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    env
}

/// The same with a model of the scripted service chosen.
fn with_model() -> (TestEnv, ModelApi) {
    let env = installed();
    let api = ModelApi::start();
    let base = format!("{}/v1", api.url());
    for (key, value) in [
        ("CLAUDE_MEM_OPENAI_BASE_URL", base.as_str()),
        ("CLAUDE_MEM_MODEL", "small"),
        ("CLAUDE_MEM_OBSERVER", "openai"),
    ] {
        let _set = env.claude_mem(&["config", "set", key, value]).ok();
    }
    (env, api)
}

fn outcome(document: &Value, name: &str) -> String {
    let checks = document["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    check["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn all_is_well_after_an_installation() {
    let env = installed();
    env.hook(&json!({
        "session_id": "s", "cwd": env.project(), "hook_event_name": "UserPromptSubmit", "prompt_id": "p",
        "prompt": "Remember me",
    }));
    let checkup = env.claude_mem(&["doctor", "--json"]).json();
    assert_eq!(checkup["well"], true, "{checkup:#}");
    for (name, wanted) in [
        ("data directory", "ok"),
        ("search index", "ok"),
        ("hooks", "ok"),
        ("round trip", "ok"),
        ("worker", "ok"),
        ("model", "skipped"),
        ("embedding", "skipped"),
    ] {
        assert_eq!(outcome(&checkup, name), wanted, "{name}: {checkup:#}");
    }
    assert_eq!(std::fs::read_dir(env.tmp()).unwrap().count(), 0, "the place of the round trip is gone");
    assert_eq!(env.status()["events"]["received"], 1, "nothing of it is in the user's memory");
}

#[test]
fn what_fails_is_named_with_its_remedy() {
    let env = env();
    let ended = env.claude_mem(&["doctor"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stdout.contains("claude-mem install claude-code"), "{ended}");
    assert!(ended.stdout.contains("round trip") && ended.stderr.contains("1 of 8 checks failed"), "{ended}");
    assert!(!env.data_dir().exists(), "looking around lays nothing out");

    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("memory.db"), vec![b'x'; 8192]).unwrap();
    let ended = env.claude_mem(&["doctor", "--json"]);
    let checkup: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((outcome(&checkup, "store"), outcome(&checkup, "round trip")), ("failed".into(), "ok".into()));
}

#[test]
fn the_chosen_model_is_asked_once_and_that_counts() {
    let (env, api) = with_model();
    api.on_prompt("Say: ready", vec![Reply::text("ready")]);
    let checkup = env.claude_mem(&["doctor", "--json"]).json();
    assert_eq!(outcome(&checkup, "model"), "ok", "{checkup:#}");
    let model = &checkup["checks"][6];
    assert_eq!(model["request"]["model"], "openai/small", "{checkup:#}");
    assert_eq!(api.requests().len(), 1);
    let cost = env.claude_mem(&["cost", "--json"]).json();
    assert_eq!((&cost["total"]["requests"], &cost["open"]), (&json!(1), &json!(0)), "{cost:#}");
    assert_eq!(cost["rows"][0]["project"], Value::Null, "{cost:#}");
    assert_eq!(cost["today"]["tokens"], model["request"]["input"], "{cost:#}");
}

#[test]
fn a_key_of_this_shell_alone_is_told() {
    let (mut env, api) = with_model();
    env.set("OPENAI_API_KEY", "sk-planted");
    api.on_prompt("Say: ready", vec![Reply::text("ready")]);
    let told = env.claude_mem(&["doctor"]).ok().stdout;
    assert!(told.contains("its key is OPENAI_API_KEY from this shell's environment"), "{told}");
}

#[test]
fn a_model_that_does_not_accept_us_fails_the_check() {
    let (env, api) = with_model();
    api.next(Reply::Status {
        code: 401,
        kind: "authentication_error".into(),
        message: "Incorrect API key provided".into(),
        retry_after: None,
    });
    let ended = env.claude_mem(&["doctor"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stdout.contains("openai/small does not answer (auth:"), "{ended}");
    assert!(ended.stdout.contains("mend the key"), "{ended}");
    let cost = env.claude_mem(&["cost", "--json"]).json();
    assert_eq!((&cost["total"]["failed"], &cost["today"]["tokens"]), (&json!(1), &json!(0)), "{cost:#}");
}

#[test]
fn a_ceiling_holds_for_the_doctor_too() {
    let (env, api) = with_model();
    let _set = env.claude_mem(&["config", "set", "CLAUDE_MEM_DAY_TOKENS", "0"]).ok();
    let ended = env.claude_mem(&["doctor"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(
        ended.stdout.contains("was not asked, since the ceiling of tokens for a day is reached"),
        "{ended}"
    );
    assert_eq!(api.requests().len(), 0);
}
