//! Settings: read, changed, and a file that is never made worse.

use mem_testkit::TestEnv;

const KEY: &str = "CLAUDE_MEM_IDLE_MINUTES";

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

fn with_settings(text: &str) -> TestEnv {
    let env = env();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("settings.json"), text).unwrap();
    env
}

fn settings(env: &TestEnv) -> String {
    std::fs::read_to_string(env.data_dir().join("settings.json")).unwrap()
}

#[test]
fn what_is_set_is_read_and_what_is_unset_is_gone() {
    let mut env = env();
    assert_eq!(env.claude_mem(&["config", "get", KEY]).ok().stdout, "30\n");
    let _set = env.claude_mem(&["config", "set", KEY, "5"]).ok();
    assert_eq!(env.claude_mem(&["config", "get", KEY]).ok().stdout, "5\n");
    env.set(KEY, "7");
    let list = env.claude_mem(&["config", "list", "--json"]).json();
    let row = list["settings"].as_array().unwrap().iter().find(|row| row["key"] == KEY).unwrap().clone();
    assert_eq!((row["value"].as_str(), row["from"].as_str()), (Some("7"), Some("environment")));
    let told = env.claude_mem(&["config", "unset", KEY]).ok();
    assert!(told.stderr.contains("environment"), "who wins is said: {told}");
    assert!(!settings(&env).contains(KEY));
}

#[test]
fn a_secret_is_read_from_the_input_and_never_shown() {
    let env = env();
    let key = "CLAUDE_MEM_OPENAI_API_KEY";
    let typed = env.claude_mem_with(&["config", "set", key, "-"], b"sk-planted-1\nmore\n").ok();
    assert!(typed.stdout.contains("is set; its value is not shown"), "{typed}");
    assert!(settings(&env).contains("\"sk-planted-1\""), "{}", settings(&env));
    let given = env.claude_mem(&["config", "set", key, "sk-planted-2"]).ok();
    assert!(!format!("{}{}", given.stdout, given.stderr).contains("planted"), "{given}");
    let empty = env.claude_mem_with(&["config", "set", key, "-"], b"");
    assert!(empty.code == Some(1) && empty.stderr.contains("hint: "), "{empty}");
    let list = env.claude_mem(&["config", "list"]).ok();
    assert!(!list.stdout.contains("planted"), "{list}");
}

#[test]
fn keys_of_others_stay_in_their_order() {
    let env = with_settings("{\"CLAUDE_MEM_PROVIDER\":\"claude\",\"zebra\":1,\"apple\":2}");
    let _set = env.claude_mem(&["config", "set", KEY, "5"]).ok();
    let text = settings(&env);
    let at = |word: &str| text.find(word).unwrap();
    assert!(at("PROVIDER") < at("zebra") && at("zebra") < at("apple") && at("apple") < at(KEY), "{text}");
}

#[test]
fn a_corrupt_file_is_refused_and_never_written() {
    for text in ["{ \"CLAUDE_MEM_IDLE_MINUTES\": \"5\",", "[]", "\u{0}\u{1}"] {
        let env = with_settings(text);
        for args in [&["config", "set", KEY, "5"][..], &["config", "unset", KEY]] {
            let refused = env.claude_mem(args);
            assert_eq!(refused.code, Some(1), "{refused}");
            assert!(
                refused.stderr.contains("settings.json") && refused.stderr.contains("hint: "),
                "{refused}"
            );
            assert_eq!(settings(&env), text);
        }
        let list = env.claude_mem(&["config", "list"]).ok();
        assert!(list.stderr.contains("warning:"), "{list}");
        assert!(env.status()["problems"].to_string().contains("settings.json"));
        assert_eq!(settings(&env), text);
    }
}

#[test]
fn a_wrong_value_and_a_wrong_name_say_what_is_right() {
    let env = env();
    let refused = env.claude_mem(&["config", "set", KEY, "soon"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("a whole number from 1 to"), "{refused}");
    let refused = env.claude_mem(&["config", "set", "IDLE_MINUTE", "5"]);
    assert!(refused.code == Some(1) && refused.stderr.contains(KEY), "{refused}");
    assert!(!env.data_dir().exists(), "a refusal lays nothing out");
}
