//! A turn goes to the model once, and what it writes stands in the place of what the local distiller wrote.

use serde_json::json;

use super::stage::{GOOD, Stage};

#[test]
fn a_turn_is_asked_about_once_and_its_memory_replaces_the_local_one() {
    let stage = Stage::new(&json!({ "else": { "mode": "well", "text": GOOD } }), 1);
    stage.turn("s1", 1);
    stage.wait_for("done", 1);
    let observations = stage.observations();
    assert_eq!(observations, [("claude/haiku".to_owned(), "The parser keeps trailing commas".to_owned())]);
    let brief = stage.env.claude_mem(&["brief"]).ok().stdout;
    assert!(brief.contains("The parser keeps trailing commas") && brief.contains("src/parse.rs"), "{brief}");
    assert_eq!(stage.fake.messages().len(), 1);
    assert_eq!(stage.spent(), (1000, 1500));
    stage.assert_nothing_lost(4);
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}

#[test]
fn a_hundred_and_fifty_trivial_turns_cost_nothing_and_none_waits() {
    let stage = Stage::new(&json!({ "else": { "mode": "well", "text": GOOD } }), 1);
    stage.env.daemon_stop();
    let closed = stage.close();
    for number in 0..150 {
        let prompt_id = format!("p{number}");
        stage.event("s1", "UserPromptSubmit", json!({ "prompt_id": prompt_id, "prompt": "Thanks, go on" }));
        let said =
            json!({ "prompt_id": prompt_id, "stop_hook_active": false, "last_assistant_message": "Gladly." });
        stage.event("s1", "Stop", said);
    }
    stage.open(closed);
    stage.wait_for("skipped", 150);
    assert_eq!(stage.fake.messages(), [""; 0]);
    stage.assert_nothing_lost(300);
}

#[test]
fn a_session_that_waits_for_a_slot_costs_no_time() {
    let script = json!({ "requests": [{ "mode": "stall" }], "else": { "mode": "well", "text": GOOD } });
    let stage = Stage::new(&script, 1);
    stage.set("CLAUDE_MEM_MAX_CONCURRENT_AGENTS", "1");
    stage.turn("busy", 1);
    stage.wait_for("leased", 1);
    stage.turn("waits", 1);
    stage.wait_for("waiting", 1);
    let daemon = stage.env.daemon_pid().expect("the daemon runs");
    let before = ticks_of(daemon);
    std::thread::park_timeout(std::time::Duration::from_secs(2));
    let spent = ticks_of(daemon) - before;
    // a hundred ticks a second by every Linux; one that looped would have spent most of two hundred
    assert!(spent < 40, "{spent} ticks in two seconds of waiting");
    stage.env.daemon_stop();
}

/// Time of the processor that a process has used, in ticks (proc(5): the 14th and 15th field of `stat`).
fn ticks_of(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process is there");
    let fields = stat.rsplit_once(')').expect("a name in parentheses").1.split_whitespace();
    fields.skip(11).take(2).map(|field| field.parse::<u64>().expect("a number")).sum()
}

#[test]
fn work_behind_a_thousand_silent_events_is_asked_about_all_the_same() {
    let stage = Stage::new(&json!({ "else": { "mode": "well", "text": GOOD } }), 1);
    stage.event("s1", "UserPromptSubmit", json!({ "prompt_id": "s1-p1", "prompt": "Keep trailing commas" }));
    for number in 0..1030 {
        // bookkeeping says nothing to a model
        let task = json!({ "prompt_id": "s1-p1", "tool_name": "TaskUpdate", "tool_use_id": format!("b{number}"),
            "tool_input": { "taskId": "1", "status": "in_progress" }, "tool_response": { "success": true } });
        stage.event("s1", "PostToolUse", task);
    }
    let path = stage.env.project().join("src/parse.rs");
    let edit = json!({ "prompt_id": "s1-p1", "tool_name": "Edit", "tool_use_id": "e1",
        "tool_input": { "file_path": path, "old_string": "a", "new_string": "b" },
        "tool_response": { "filePath": path, "structuredPatch": [{ "oldStart": 1, "oldLines": 1,
            "newStart": 1, "newLines": 1, "lines": ["-a", "+b"] }] } });
    stage.event("s1", "PostToolUse", edit);
    let said = json!({ "prompt_id": "s1-p1", "stop_hook_active": false, "last_assistant_message": "It keeps them now." });
    stage.event("s1", "Stop", said);
    stage.wait_for("done", 1);
    assert!(stage.fake.messages().iter().any(|message| message.contains("src/parse.rs")));
    stage.env.daemon_stop();
}
