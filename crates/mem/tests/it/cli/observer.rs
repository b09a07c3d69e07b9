//! Choosing who distils: told first, asked, and only then written.

use mem_testkit::TestEnv;

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

fn settings(env: &TestEnv) -> String {
    std::fs::read_to_string(env.data_dir().join("settings.json")).unwrap_or_default()
}

#[test]
fn looking_leaves_nothing_and_nothing_is_chosen_by_default() {
    let env = env();
    let shown = env.claude_mem(&["observer"]).ok();
    assert!(shown.stdout.starts_with("observer    local: no model is asked"), "{shown}");
    assert!(shown.stderr.is_empty(), "{shown}");
    let document = env.claude_mem(&["observer", "--json"]).json();
    assert_eq!(document["version"], 1);
    assert_eq!(document["chosen"]["observer"], "local");
    assert_eq!(document["choices"].as_array().unwrap().len(), 6);
    assert!(!env.data_dir().exists());
}

#[test]
fn without_a_yes_nothing_is_written() {
    let env = env();
    let refused = env.claude_mem(&["observer", "use", "claude"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    for said in [
        "CLAUDE_MEM_OBSERVER = claude",
        "to Anthropic, by Claude Code",
        "a turn, at most $1.00 a day",
        "`--yes`",
    ] {
        assert!(refused.stderr.contains(said), "{said}: {refused}");
    }
    assert!(!env.data_dir().exists());
    let nameless = env.claude_mem(&["observer", "use", "openai", "--yes"]);
    assert!(nameless.code == Some(1) && nameless.stderr.contains("--model NAME"), "{nameless}");
    assert!(!env.data_dir().exists());
}

#[test]
fn a_choice_is_written_beside_what_is_there() {
    let mut env = env();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(
        env.data_dir().join("settings.json"),
        "{\"CLAUDE_MEM_PROVIDER\":\"gemini\",\"CLAUDE_MEM_MODEL\":\"claude-haiku-4-5-20251001\",\"zebra\":1}",
    )
    .unwrap();
    let suggested = env.claude_mem(&["observer"]).ok();
    assert!(
        suggested.stderr.contains("no consent to spend: `claude-mem observer use gemini` is"),
        "{suggested}"
    );
    env.set("GEMINI_API_KEY", "planted-key");
    let chosen = env.claude_mem(&["observer", "use", "gemini", "--yes", "--json"]);
    let document = chosen.json();
    assert_eq!(document["chosen"]["model"], "gemini-flash-latest");
    assert_eq!(document["key_from"], "GEMINI_API_KEY in the environment");
    assert_eq!(document["obstacle"], serde_json::Value::Null);
    assert!(!format!("{chosen}").contains("planted-key"), "{chosen}");
    let text = settings(&env);
    for part in ["\"CLAUDE_MEM_PROVIDER\": \"gemini\"", "\"zebra\": 1", "\"CLAUDE_MEM_OBSERVER\": \"gemini\""]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("\"CLAUDE_MEM_MODEL\": \"gemini-flash-latest\""), "{text}");
    assert!(!env.claude_mem(&["observer"]).ok().stderr.contains("consent"));

    env.set("CLAUDE_MEM_OBSERVER", "claude");
    let overruled = env.claude_mem(&["observer", "use", "local", "--yes"]).ok();
    assert!(overruled.stderr.contains("The environment says otherwise"), "{overruled}");
    assert!(settings(&env).contains("\"CLAUDE_MEM_OBSERVER\": \"local\""));
}

#[test]
fn a_model_of_ones_own_is_free_and_a_missing_key_is_said() {
    let mut env = env();
    let missing = env.claude_mem(&["observer", "use", "openai", "--model", "small", "--yes"]).ok();
    assert!(
        missing.stderr.contains("warning: it cannot be asked yet: the compatible service needs a key"),
        "{missing}"
    );
    env.set("CLAUDE_MEM_OPENAI_BASE_URL", "http://127.0.0.1:11434");
    let status = env.status();
    env.set("CLAUDE_MEM_OPENAI_BASE_URL", "");
    let told = env.status()["problems"].to_string();
    assert_eq!(status["problems"], serde_json::json!([]), "{status:#}");
    assert!(told.contains("openai/small is chosen and cannot be asked"), "{told}");
    assert!(told.contains("Give it to `claude-mem config set CLAUDE_MEM_OPENAI_API_KEY -`"), "{told}");
    env.set("CLAUDE_MEM_OPENAI_BASE_URL", "http://127.0.0.1:11434");
    let own = env.claude_mem(&["observer", "use", "openai", "--model", "small", "--yes"]).ok();
    assert!(own.stderr.contains("http://127.0.0.1:11434/v1, which is on this machine or network"), "{own}");
    assert!(own.stderr.contains("is taken to cost nothing") && !own.stderr.contains("warning"), "{own}");
}

#[test]
fn an_address_is_written_with_the_choice() {
    let env = env();
    let url = "http://127.0.0.1:11434/v1";
    let args = ["observer", "use", "openai", "--url", url, "--model", "qwen3:8b"];
    let dry = env.claude_mem(&[&args[..], &["--json"]].concat()).json();
    assert_eq!((&dry["written"], &dry["address"]), (&false.into(), &url.into()), "{dry:#}");
    assert!(!env.data_dir().exists());
    let chosen = env.claude_mem(&[&args[..], &["--yes"]].concat()).ok();
    assert!(!chosen.stderr.contains("warning"), "{chosen}");
    assert!(
        settings(&env).contains(&format!("\"CLAUDE_MEM_OPENAI_BASE_URL\": \"{url}\"")),
        "{}",
        settings(&env)
    );
    let table: [(&[&str], &str); 2] = [
        (&["claude", "--url", url], "no address to choose"),
        (&["openai", "--url", "nowhere", "--model", "m"], "is no address"),
    ];
    for (args, said) in table {
        let refused = env.claude_mem(&[&["observer", "use"], args, &["--yes"]].concat());
        assert!(refused.code == Some(1) && refused.stderr.contains(said), "{refused}");
    }
}

#[test]
fn claude_is_looked_for_and_a_key_in_its_place_is_said() {
    let mut env = env();
    env.set("CLAUDE_CODE_PATH", "/nonexistent/claude");
    env.set("CLAUDE_MEM_DAY_USD", "0");
    let chosen = env.claude_mem(&["observer", "use", "claude", "--yes"]).ok();
    for said in [
        "/nonexistent/claude, which is not there",
        "with its login",
        "A subscription",
        "CLAUDE_MEM_DAY_USD is 0",
    ] {
        assert!(chosen.stderr.contains(said), "{said}: {chosen}");
    }
    env.set("ANTHROPIC_API_KEY", "sk-planted");
    env.set("ANTHROPIC_BASE_URL", "http://127.0.0.1:9");
    let keyed = env.claude_mem(&["observer", "use", "claude", "--yes"]).ok();
    let said = "go to http://127.0.0.1:9, by Claude Code and with ANTHROPIC_API_KEY instead of its login";
    assert!(keyed.stderr.contains(said) && !keyed.stderr.contains("subscription"), "{keyed}");
    assert!(!keyed.stderr.contains("planted"), "{keyed}");
}
