//! What the demo replays is a recording of the real client: this plays the demo's story with it and holds the recording
//! against what its hooks really get.
//!
//! The fresh recording is left in `target/demo-session.jsonl`; when the client's inputs change shape, that file becomes
//! `crates/mem/src/commands/demo/session.jsonl`.

use std::collections::BTreeMap;
use std::path::Path;

use mem_testkit::tools::PINNED;
use mem_testkit::{ClaudeCode, ModelApi, Recorder, Reply, TestEnv};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../src/commands/demo/session.jsonl");

const BROKEN: &str = "export function parseDuration(text) {\n  const [, amount, unit] = text.match(/(\\d+)(s|m|h)/);\n  \
                      const seconds = { s: 1, m: 60, h: 3600 };\n  return Number(amount) * seconds[unit];\n}\n";
const BROKEN_PART: &str = "  const [, amount, unit] = text.match(/(\\d+)(s|m|h)/);\n  \
                           const seconds = { s: 1, m: 60, h: 3600 };\n  return Number(amount) * seconds[unit];\n";
const MENDED_PART: &str = "  const seconds = { s: 1, m: 60, h: 3600 };\n  let total = 0;\n  \
                           for (const [, amount, unit] of text.matchAll(/(\\d+)(s|m|h)/g)) {\n    \
                           total += Number(amount) * seconds[unit];\n  }\n  return total;\n";
const TEST: &str = "import test from \"node:test\";\nimport assert from \"node:assert/strict\";\n\
                    import { parseDuration } from \"../src/duration.js\";\n\ntest(\"one unit\", () => {\n  \
                    assert.equal(parseDuration(\"90s\"), 90);\n});\n\ntest(\"several units add up\", () => {\n  \
                    assert.equal(parseDuration(\"1h30m\"), 5400);\n});\n";
const TASK: &str = "parseDuration(\"1h30m\") gives 3600 instead of 5400. Write a failing test first, then fix it and commit.";
const DONE: &str = "Fixed: `parseDuration` took only the first unit. It now adds up every unit it finds, so \"1h30m\" \
                    gives 5400. The new test failed before and passes now.\n\nOpen: days (`d`) are still not understood.";
const ANSWER: &str = "An empty string gives 0, since no unit is found. Before the fix it threw a TypeError, because \
                      `match` returned null. I decided to keep 0, as an empty setting means no delay.";

#[test]
fn the_demo_replays_what_the_real_client_gives_its_hooks() {
    let fresh = record();
    let left = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/demo-session.jsonl");
    let lines: Vec<String> = fresh.iter().map(Value::to_string).collect();
    std::fs::write(&left, lines.join("\n") + "\n").unwrap();
    let recorded: Vec<Value> = RECORDED.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shapes = |inputs: &[Value]| inputs.iter().map(shape).collect::<Vec<_>>();
    assert_eq!(
        shapes(&recorded),
        shapes(&fresh),
        "the client's inputs changed: copy target/demo-session.jsonl to crates/mem/src/commands/demo/session.jsonl"
    );
}

/// Which event, which tool, which fields.
fn shape(input: &Value) -> String {
    let mut fields: Vec<&str> =
        input.as_object().map_or_else(Vec::new, |object| object.keys().map(String::as_str).collect());
    fields.sort_unstable();
    format!("{} {} {}", input["hook_event_name"], input["tool_name"], fields.join(","))
}

/// Plays the story and gives what the hooks got, with the names of this run taken out.
fn record() -> Vec<Value> {
    let token = format!("{}_{}", "ghp", "0123456789abcdefghijABCDEFGHIJ012345");
    let question = format!(
        "What does it do with an empty string? The staging server uses API_TOKEN={token} if you need it."
    );
    let api = ModelApi::start();
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    env.write("package.json", "{ \"name\": \"durations\", \"type\": \"module\" }\n");
    env.write("src/duration.js", BROKEN);
    env.git_init();
    let events: Vec<&str> = mem_agents::spec::CLAUDE_CODE.events.iter().map(|event| event.name).collect();
    let recorder = Recorder::new(&env, &events);
    let path = |file: &str| env.project().join(file).to_string_lossy().into_owned();
    let bash =
        |command: &str, why: &str| Reply::tool("Bash", json!({ "command": command, "description": why }));
    api.on_prompt(
        TASK,
        vec![
            Reply::tool("Read", json!({ "file_path": path("src/duration.js") })),
            Reply::tool("Write", json!({ "file_path": path("test/duration.test.js"), "content": TEST })),
            bash("node --test", "Run the tests"),
            Reply::tool(
                "Edit",
                json!({ "file_path": path("src/duration.js"), "old_string": BROKEN_PART, "new_string": MENDED_PART }),
            ),
            bash("node --test", "Run the tests again"),
            bash("git add -A && git commit -m \"duration: add up all units\"", "Commit the fix"),
            Reply::text(DONE),
        ],
    );
    api.on_prompt(
        "What does it do with an empty string?",
        vec![
            bash(
                "node -e 'import(\"./src/duration.js\").then(d => console.log(d.parseDuration(\"\")))'",
                "Try an empty string",
            ),
            Reply::text(ANSWER),
        ],
    );
    let client = ClaudeCode::new(&env, &api, PINNED).plugin(recorder.plugin());
    let mut session = client.session(&[]);
    session.ask(TASK);
    session.ask(&question);
    session.close();
    env.wait_quiet();
    assert_eq!(api.unexpected(), [""; 0]);
    let mut names = BTreeMap::new();
    names.insert(env.project().to_string_lossy().into_owned(), "{{project}}".to_owned());
    names.insert(env.root().to_string_lossy().into_owned(), "{{project}}/..".to_owned());
    names.insert(token, "{{token}}".to_owned());
    recorder.inputs().into_iter().map(|input| anonymous(input, &names)).collect()
}

/// The input without what belongs to this run and machine: paths, durations.
fn anonymous(mut input: Value, names: &BTreeMap<String, String>) -> Value {
    if let Some(took) = input.get_mut("duration_ms") {
        *took = json!(12);
    }
    input["transcript_path"] = json!("{{project}}/transcript.jsonl");
    let mut text = input.to_string();
    // the longest names first: the project lies in the folder of the test
    let mut longest: Vec<_> = names.iter().collect();
    longest.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, stands_for) in longest {
        text = text.replace(name, stands_for);
    }
    serde_json::from_str(&text).expect("names are replaced by names")
}
