//! The real Claude Code answers through the scripted model, runs a tool, fires the hooks of a plugin.

use mem_testkit::tools::{OLDER, PINNED};
use mem_testkit::{Block, ClaudeCode, Gate, ModelApi, Recorder, Reply, TestEnv, wait};

const EVENTS: [&str; 12] = [
    "SessionStart",
    "UserPromptSubmit",
    "PostToolUse",
    "PostToolUseFailure",
    "SubagentStart",
    "SubagentStop",
    "Stop",
    "StopFailure",
    "PreCompact",
    "PostCompact",
    "CwdChanged",
    "SessionEnd",
];

fn one_prompt_runs_a_tool_and_fires_hooks(version: &str) {
    let env = TestEnv::new();
    let api = ModelApi::start();
    api.on_prompt(
        "say hello",
        vec![Reply::bash("echo hello > hello.txt && cat hello.txt"), Reply::text("I said it.")],
    );
    let recorder = Recorder::new(&env, &EVENTS);
    let client = ClaudeCode::new(&env, &api, version).plugin(recorder.plugin());

    let answer = client.prompt("please say hello");

    assert_eq!(answer.text, "I said it.");
    assert_eq!(env.read("hello.txt"), "hello\n");
    let requests = api.requests();
    assert_eq!(requests.len(), 2, "{:?}", api.unexpected());
    assert_eq!(requests[0].session(), Some(answer.session.as_str()));
    assert_eq!(requests[1].tool_results(), ["hello"]);
    let wanted = ["PostToolUse 1", "SessionEnd 1", "SessionStart 1", "Stop 1", "UserPromptSubmit 1"];
    assert_eq!(recorder.counts(), wanted);
    assert_eq!(recorder.inputs_of("PostToolUse")[0]["tool_response"]["stdout"], "hello");
    assert_eq!(recorder.inputs_of("Stop")[0]["last_assistant_message"], "I said it.");
}

#[test]
fn the_pinned_version_runs_a_tool_and_fires_hooks() {
    one_prompt_runs_a_tool_and_fires_hooks(PINNED);
}

#[test]
fn the_older_version_runs_a_tool_and_fires_hooks() {
    one_prompt_runs_a_tool_and_fires_hooks(OLDER);
}

#[test]
fn a_session_takes_prompts_commands_interrupts_and_death() {
    let env = TestEnv::new();
    let api = ModelApi::start();
    let gate = Gate::new();
    api.on_prompt("first", vec![Reply::text("One.")]);
    api.on_prompt(
        "second",
        vec![Reply::Stalled(gate.clone(), vec![Block::Text("Never finished.".to_owned())])],
    );
    api.on_prompt("third", vec![Reply::text("Three.")]);
    let recorder = Recorder::new(&env, &EVENTS);
    let client = ClaudeCode::new(&env, &api, PINNED).plugin(recorder.plugin());

    let mut session = client.session(&[]);
    assert_eq!(session.ask("first")["result"], "One.");
    let before = session.id();
    assert_eq!(recorder.inputs_of("Stop").len(), 1);
    session.ask("/compact");
    assert_eq!(recorder.inputs_of("PostCompact").len(), 1);
    session.ask("/clear");
    session.send("second");
    api.wait_for("the second prompt", |request| request.prompt() == "second");
    session.interrupt();
    assert_eq!(session.result()["subtype"], "error_during_execution");
    assert_ne!(session.id(), before, "clearing begins another session");
    assert_eq!(session.ask("third")["result"], "Three.");
    assert_eq!(recorder.inputs_of("Stop").len(), 2, "an interrupted turn does not stop, it ends");
    session.kill();
    assert_eq!(recorder.inputs_of("SessionEnd").len(), 1, "only /clear ended one");
    gate.open();
}

#[test]
fn a_session_resumes_with_its_conversation() {
    let env = TestEnv::new();
    let api = ModelApi::start();
    api.on_prompt("remember", vec![Reply::text("The word is plum.")]);
    api.on_prompt("which word", vec![Reply::text("Plum.")]);
    let client = ClaudeCode::new(&env, &api, PINNED);
    let first = client.prompt("remember a word");
    let second = client.resume(&first.session, "which word was it");
    assert_eq!((second.text.as_str(), &second.session), ("Plum.", &first.session));
    assert!(api.requests()[1].text().contains("The word is plum."));
}

#[test]
fn a_subagent_speaks_for_itself() {
    let env = TestEnv::new();
    let api = ModelApi::start();
    api.on_prompt("delegate", vec![Reply::subagent("count the files"), Reply::text("It counted.")]);
    api.on_prompt("count the files", vec![Reply::bash("ls | wc -l"), Reply::text("There are none.")]);
    let recorder = Recorder::new(&env, &EVENTS);
    let client = ClaudeCode::new(&env, &api, PINNED).plugin(recorder.plugin());
    assert_eq!(client.prompt("delegate this").text, "It counted.", "{:#?}", api.unexpected());
    assert_eq!(recorder.inputs_of("SubagentStop")[0]["last_assistant_message"], "There are none.");
    assert!(recorder.inputs_of("PostToolUse").iter().any(|input| input["agent_id"].is_string()));
    assert_eq!(recorder.inputs_of("UserPromptSubmit").len(), 1);
    assert_eq!(api.unexpected(), [""; 0]);
}

#[test]
fn a_background_subagent_reports_as_a_prompt_nobody_wrote() {
    let env = TestEnv::new();
    let api = ModelApi::start();
    let replies = vec![
        Reply::background_subagent("count the files"),
        Reply::text("I wait."),
        Reply::text("It counted."),
    ];
    api.on_prompt("delegate", replies);
    api.on_prompt("count the files", vec![Reply::text("There are none.")]);
    let recorder = Recorder::new(&env, &EVENTS);
    let client = ClaudeCode::new(&env, &api, PINNED).plugin(recorder.plugin());
    client.prompt("delegate this");
    let prompts = recorder.inputs_of("UserPromptSubmit");
    assert_eq!(prompts[0]["prompt"], "delegate this");
    let report = prompts[1]["prompt"].as_str().expect("a prompt is text");
    assert!(report.contains("<task-notification>") && report.contains("There are none."), "{report}");
}

#[test]
fn faults_reach_the_client() {
    let env = TestEnv::new();
    let api = ModelApi::start();
    api.on_prompt("hello", vec![Reply::text("Here I am.")]);
    let recorder = Recorder::new(&env, &EVENTS);
    let client = ClaudeCode::new(&env, &api, PINNED).plugin(recorder.plugin());
    let mut session = client.session(&[]);
    api.next(Reply::overloaded());
    assert_eq!(session.ask("hello")["result"], "Here I am.");
    api.next(Reply::no_credit());
    assert_eq!(session.ask("hello again")["is_error"], true);
    wait::until("StopFailure, which nobody waits for", || recorder.inputs_of("StopFailure").pop());
    assert_eq!(session.close(), Some(1), "its last word was a failure");
}
