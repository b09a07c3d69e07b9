//! What a hook gets, good and bad: it exits 0, silently, soon, and keeps what could be kept.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mem_testkit::run::run;
use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

/// Ten times the longest deadline of a hook: what a busy machine may make of it.
const TEN_TIMES: Duration = Duration::from_secs(4);

/// When a hook stops waiting for its input, after its start.
const GIVES_UP: Duration = Duration::from_millis(400);

pub(crate) fn world() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

pub(crate) fn start(env: &TestEnv, source: &str) -> Value {
    json!({ "session_id": "s1", "transcript_path": "/t", "cwd": env.project(),
            "hook_event_name": "SessionStart", "source": source })
}

pub(crate) fn prompt(env: &TestEnv, id: &str, text: &str) -> Value {
    json!({ "session_id": "s1", "transcript_path": "/t", "cwd": env.project(), "prompt_id": id,
            "hook_event_name": "UserPromptSubmit", "prompt": text })
}

pub(crate) fn wrote(env: &TestEnv, id: &str, path: &str, content: &str) -> Value {
    let path = env.project().join(path);
    json!({ "session_id": "s1", "transcript_path": "/t", "cwd": env.project(), "prompt_id": "p1",
            "hook_event_name": "PostToolUse", "tool_name": "Write", "tool_use_id": id,
            "tool_input": { "file_path": path, "content": content },
            "tool_response": { "type": "create", "filePath": path, "content": content, "structuredPatch": [] } })
}

pub(crate) fn stop(env: &TestEnv, said: &str) -> Value {
    json!({ "session_id": "s1", "transcript_path": "/t", "cwd": env.project(), "prompt_id": "p1",
            "hook_event_name": "Stop", "last_assistant_message": said })
}

/// Asserts what holds for every hook: code 0, no word on stderr, gone soon.
#[track_caller]
pub(crate) fn well_behaved(finished: &mem_testkit::Finished) {
    assert_eq!(finished.code, Some(0), "{}: {}", finished.shown, finished.stderr);
    assert_eq!(finished.stderr, "", "{}", finished.shown);
    assert!(finished.took < TEN_TIMES, "{} took {:?}", finished.shown, finished.took);
}

/// The counts of `status`, after everything that waits was read.
pub(crate) fn settled(env: &TestEnv) -> Value {
    wait::until("the inbox to be read", || {
        let events = env.status()["events"].clone();
        (events["pending"] == 0).then_some(events)
    })
}

#[test]
fn bad_input_is_survived_in_silence_and_counted() {
    let env = world();
    let whole = prompt(&env, "p1", "A whole one").to_string();
    let inputs: [&[u8]; 8] = [
        b"",
        b"   \n",
        b"no json at all",
        &whole.as_bytes()[..whole.len() / 2],
        b"\x00\xff\xfe binary \x80",
        b"[1,2,3]",
        br#"{"hook_event_name":"Stop"}"#,
        br#"{"session_id":7,"cwd":[],"hook_event_name":{"a":1}}"#,
    ];
    for input in inputs {
        let finished = env.claude_mem_with(&["hook", "claude-code"], input);
        well_behaved(&finished);
        assert_eq!(finished.stdout, "");
    }
    let events = settled(&env);
    assert_eq!(events["received"], inputs.len(), "{events}");
    assert_eq!(events["filtered"]["empty"], 2, "{events}");
    assert_eq!(events["parked"], 4, "{events}");
    assert_eq!(events["stored"], 2, "{events}");
    let status = env.status();
    let what = status["problems"][0]["what"].as_str().unwrap();
    assert!(what.starts_with("4 events could not be read"), "{status:#}");
    let brief = env.claude_mem(&["brief"]).ok().stdout;
    assert_eq!(brief.matches("could not be read").count(), 1, "one line in the next brief:\n{brief}");
    // and it can be tried again
    let _done = env.claude_mem(&["worker", "retry"]).ok();
    assert_eq!(settled(&env)["parked"], 4);
}

#[test]
fn fifty_megabytes_are_taken_and_bounded() {
    let env = world();
    let input = wrote(&env, "big", "big.txt", &"0123456789abcde\n".repeat(50 * 65_536)).to_string();
    assert!(input.len() > 100_000_000);
    let half = wrote(&env, "half", "half.txt", &"0123456789abcde\n".repeat(25 * 65_536)).to_string();
    let mut in_time = 0;
    for input in [input, half] {
        let finished = env.claude_mem_with(&["hook", "claude-code"], input.as_bytes());
        well_behaved(&finished);
        in_time += u64::from(finished.took < GIVES_UP);
    }
    let events = settled(&env);
    // kept whole, or as far as it came and parked; only a hook that was starved until it had to give up may have seen
    // nothing at all
    let received = events["received"].as_u64().unwrap();
    assert!((in_time..=2).contains(&received), "{in_time} hooks had the time: {events}");
    let bytes = env.status()["store"]["bytes"].as_u64().unwrap();
    assert!(bytes < 2_000_000, "{bytes} bytes in the store");
}

#[test]
fn an_input_that_never_ends_is_kept_as_far_as_it_came() {
    let env = world();
    let whole = prompt(&env, "p1", "Never closed").to_string();
    for part in [whole.as_str(), &whole[..40], ""] {
        let mut command = env.command(env.program());
        command
            .args(["hook", "claude-code"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(part.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        assert!(output.status.success());
        assert!(output.stdout.is_empty() && output.stderr.is_empty());
        assert!(start.elapsed() < TEN_TIMES);
    }
    let events = settled(&env);
    assert_eq!((&events["stored"], &events["parked"]), (&json!(1), &json!(1)), "{events}");
}

#[test]
fn an_event_name_nobody_knows_is_kept_raw() {
    let env = world();
    well_behaved(
        &env.hook(&json!({ "session_id": "s1", "cwd": env.project(), "hook_event_name": "Brandnew" })),
    );
    assert_eq!(settled(&env)["stored"], 1);
}

#[test]
fn the_hook_goes_by_its_name_and_by_bare_standard_input() {
    let env = world();
    let copy = env.root().join("claude-mem-hook");
    std::fs::copy(env.program(), &copy).unwrap();
    std::fs::write(env.root().join("claude-mem.data-dir"), format!("{}\n", env.data_dir().display()))
        .unwrap();
    let mut command = env.command(&copy);
    command.args(["whatever", "--it", "is"]);
    well_behaved(&run(command, prompt(&env, "p1", "By name").to_string().as_bytes(), TEN_TIMES * 2));
    let finished = env.claude_mem_with(&[], prompt(&env, "p2", "Bare").to_string().as_bytes());
    well_behaved(&finished);
    assert_eq!(finished.stdout, "", "an old Claude Code would put it into every prompt");
    assert_eq!(settled(&env)["stored"], 2);
}

#[test]
fn the_switches_are_looked_at_before_anything_else() {
    for name in ["CLAUDE_MEM_DISABLE", "CLAUDE_MEM_INTERNAL"] {
        let mut env = world();
        env.set(name, "1");
        well_behaved(&env.hook(&prompt(&env, "p1", "Off")));
        assert!(!env.data_dir().exists(), "{name}");
    }
    let env = world();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("claude-mem.disabled"), "").unwrap();
    well_behaved(&env.hook(&prompt(&env, "p1", "Off")));
    assert!(!env.data_dir().join("inbox").exists());
}

#[test]
fn without_a_home_there_is_silence() {
    let env = world();
    let mut command = Command::new(env.program());
    command.args(["hook", "claude-code"]).env_clear().current_dir(env.project());
    well_behaved(&run(command, prompt(&env, "p1", "Homeless").to_string().as_bytes(), TEN_TIMES * 2));
}

#[test]
fn a_closed_stdout_hurts_nobody() {
    let env = world();
    env.hook(&prompt(&env, "p1", "Write a.txt"));
    env.hook(&wrote(&env, "t1", "a.txt", "a\n"));
    env.hook(&stop(&env, "Wrote it."));
    let mut command = env.command("sh");
    command.args(["-c", "exec \"$0\" hook claude-code >&-"]).arg(env.program());
    well_behaved(&run(command, start(&env, "startup").to_string().as_bytes(), TEN_TIMES * 2));
    // and one whose reader is gone
    let mut command = env.command(env.program());
    command.args(["hook", "claude-code"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.process_group(0).spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(start(&env, "startup").to_string().as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn only_a_session_that_begins_anew_is_told_anything() {
    let env = world();
    env.hook(&prompt(&env, "p1", "Write a.txt"));
    env.hook(&wrote(&env, "t1", "a.txt", "a\n"));
    env.hook(&stop(&env, "Wrote a.txt with one line."));
    for source in ["startup", "clear", "compact"] {
        let finished = env.hook(&start(&env, source));
        well_behaved(&finished);
        let said: Value = serde_json::from_str(&finished.stdout).unwrap();
        let said = &said["hookSpecificOutput"];
        assert_eq!(said["hookEventName"], "SessionStart");
        assert!(said["additionalContext"].as_str().unwrap().contains("a.txt"), "{source}: {said}");
    }
    for source in ["resume", "fork", "something-new"] {
        let finished = env.hook(&start(&env, source));
        well_behaved(&finished);
        assert_eq!(finished.stdout, "", "{source}");
    }
}

#[test]
fn fifty_hooks_at_once_lose_nothing_and_start_one_daemon() {
    let env = world();
    std::thread::scope(|scope| {
        for number in 0..50 {
            let env = &env;
            scope.spawn(move || well_behaved(&env.hook(&prompt(env, &format!("p{number}"), "All at once"))));
        }
    });
    let events = settled(&env);
    assert_eq!((&events["received"], &events["stored"]), (&json!(50), &json!(50)), "{events}");
    wait::until("one daemon", || {
        (env.processes().iter().filter(|left| left.shown.contains("worker")).count() <= 1).then_some(())
    });
}
