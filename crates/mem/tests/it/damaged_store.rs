//! What lies where the store should be is no file, or damaged: everybody says so with what helps, nobody hangs, no event
//! is lost, and what is said to help does.

use std::path::{Path, PathBuf};

use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

use crate::mcp::client::Client;

fn world() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    env.write("src/slug.js", "");
    env.git_init();
    env
}

/// A session of its own, in which the user says just this.
fn say(env: &TestEnv, session: &str, prompt: &str) {
    let input = json!({
        "session_id": session, "cwd": env.project(), "hook_event_name": "UserPromptSubmit", "prompt_id": session,
        "prompt": prompt,
    });
    let said = env.hook(&input);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said}");
}

fn store(env: &TestEnv) -> PathBuf {
    env.data_dir().join("memory.db")
}

fn frames(env: &TestEnv) -> usize {
    let inbox = std::fs::read_dir(env.data_dir().join("inbox")).expect("it is there");
    inbox.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == "frame")).count()
}

/// What `status` says of the memory: what is wrong, and the remedy.
#[track_caller]
fn problem(env: &TestEnv) -> (String, String) {
    let status = env.status();
    let problems = status["problems"].as_array().expect("a list");
    let found = problems.iter().find(|problem| {
        problem["what"].as_str().is_some_and(|what| what.starts_with("the memory cannot be read"))
    });
    let found = found.unwrap_or_else(|| panic!("no problem: {status:#}"));
    (text(&found["what"]), text(&found["remedy"]))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// How the doctor's check of that name ended, with its remedy.
fn check(env: &TestEnv, name: &str) -> (String, String) {
    let checkup: Value = serde_json::from_str(&env.claude_mem(&["doctor", "--json"]).stdout).expect("JSON");
    let checks = checkup["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["name"] == name).expect("it looks at that");
    (text(&check["outcome"]), check["remedy"].as_str().unwrap_or_default().to_owned())
}

/// Waits until every event is in the store, and nothing is wrong.
#[track_caller]
fn all_is_well(env: &TestEnv, events: u64) {
    wait::until("the events to be stored", || {
        let status = env.status();
        let stored = status["events"]["stored"] == events && status["events"]["pending"] == 0;
        (stored && status["problems"].as_array().is_some_and(Vec::is_empty)).then_some(())
    });
    assert_eq!(check(env, "store").0, "ok");
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.expect("there is mkfifo").success());
}

#[test]
fn a_pipe_for_a_store_hangs_nobody_and_costs_no_event() {
    for (what, lay) in [
        ("a pipe", pipe as fn(&Path)),
        ("a folder", |path: &Path| std::fs::create_dir(path).expect("it can be made")),
    ] {
        let env = world();
        std::fs::create_dir_all(env.data_dir()).expect("it can be made");
        lay(&store(&env));
        say(&env, "s1", "Write the zebra page");
        let wrong = format!("memory.db is {what} and no file");
        let (said, remedy) = problem(&env);
        assert!(said.contains(&wrong), "{said}");
        assert!(remedy.starts_with(&format!("Move {} away", store(&env).display())), "{remedy}");
        for command in [["search", "zebra"], ["timeline", "zebra"]] {
            let told = env.claude_mem(&command);
            assert!(told.code == Some(1) && told.stderr.contains(&wrong), "{told}");
        }
        assert!(env.claude_mem(&["brief"]).ok().stdout.contains(&wrong));
        let begin = json!({
            "session_id": "s9", "cwd": env.project(), "hook_event_name": "SessionStart", "source": "startup",
        });
        let told = env.hook(&begin);
        assert!(told.code == Some(0) && told.stderr.is_empty() && told.stdout.contains(&wrong), "{told}");
        assert_eq!(check(&env, "store").0, "failed");
        let mut client = Client::begun(&env);
        let (said, failed) = client.call("search", json!({ "query": "zebra" }));
        assert!(failed && said.contains(&wrong), "{said}");
        client.leave();
        env.daemon_start();
        say(&env, "s2", "Write the okapi page");
        assert_eq!(frames(&env), 3);
        if what == "a pipe" {
            std::fs::remove_file(store(&env)).expect("it is there");
        } else {
            std::fs::remove_dir(store(&env)).expect("it is empty");
        }
        all_is_well(&env, 3);
    }
}
