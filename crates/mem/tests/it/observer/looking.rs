//! Looking at the observer from outside: the runs that live, and the doctor beside them.

use mem_testkit::wait;
use serde_json::{Value, json};

use super::stage::{GOOD, Stage};

fn worker(stage: &Stage) -> Value {
    stage.env.claude_mem(&["worker", "status", "--json"]).json()
}

#[test]
fn a_run_is_listed_with_its_processes_and_what_it_took() {
    let stage = Stage::new(&json!({ "else": { "mode": "well", "text": GOOD } }), 1);
    assert_eq!(worker(&stage)["slots"], 2);
    stage.turn("session-one", 1);
    stage.wait_for("done", 1);
    let run = wait::until("the run to be idle", || {
        let run = worker(&stage)["runs"][0].clone();
        (run["state"] == "idle").then_some(run)
    });
    assert_eq!((&run["session"], &run["model"]), (&json!("session-one"), &json!("claude/haiku")), "{run:#}");
    assert_eq!((&run["requests"], &run["input"]), (&json!(1), &json!(1000)), "{run:#}");
    let living: Vec<u64> = stage.env.processes().iter().map(|process| u64::from(process.pid)).collect();
    let pids: Vec<u64> = run["pids"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    assert!(pids.len() == 2 && pids.iter().all(|pid| living.contains(pid)), "{run:#}\n{living:?}");
    let told = stage.env.claude_mem(&["worker", "status"]).ok().stdout;
    assert!(told.contains("1 of 2 slots taken") && told.contains("session-  claude/haiku  idle"), "{told}");
    let told = stage.env.claude_mem(&["status"]).ok().stdout;
    assert!(told.contains("claude/haiku: 1 request, 1k tokens, $0.0015 today."), "{told}");
    stage.env.daemon_stop();
    assert_eq!(worker(&stage)["runs"], json!([]));
    stage.env.wait_quiet();
}

#[test]
fn the_doctor_asks_claude_once_and_nothing_of_it_stays() {
    let stage = Stage::new(&json!({ "else": { "mode": "well", "text": "ready" } }), 1);
    let ended = stage.env.claude_mem(&["doctor"]);
    assert!(ended.stdout.contains("claude/haiku answers in"), "{ended}");
    assert!(ended.stdout.contains("$0.0015"), "the program says itself what it cost: {ended}");
    assert_eq!((stage.fake.messages().len(), stage.spent()), (1, (1000, 1500)));
    assert_eq!(worker(&stage)["runs"], json!([]));
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}

#[test]
fn a_doctor_that_succeeds_ends_what_held_the_worker_back() {
    let script = json!({ "requests": [{ "mode": "error", "class": "auth" }], "else": { "mode": "well", "text": GOOD } });
    let stage = Stage::new(&script, 1);
    stage.turn("session-one", 1);
    let problem = wait::until("the user to be told", || {
        let problems = stage.env.status()["problems"].clone();
        problems
            .as_array()
            .unwrap()
            .iter()
            .find(|problem| problem["what"].to_string().contains("writes no memory"))
            .cloned()
    });
    assert!(problem["remedy"].as_str().unwrap().contains("claude-mem doctor"), "{problem:#}");
    assert_eq!(stage.env.status()["events"]["waiting_for_model"], 1, "it waits and is not given up");
    let ended = stage.env.claude_mem(&["doctor"]);
    assert!(ended.stdout.contains("claude/haiku answers in"), "{ended}");
    stage.wait_for("done", 1);
    assert!(!stage.env.status()["problems"].to_string().contains("writes no memory"));
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}
