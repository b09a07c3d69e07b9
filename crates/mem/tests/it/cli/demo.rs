//! The demo: it works, and leaves nothing behind, also when it is interrupted.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use mem_testkit::run::run;
use mem_testkit::{TestEnv, wait};

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

fn nothing_is_left(env: &TestEnv) {
    assert_eq!(std::fs::read_dir(env.tmp()).unwrap().count(), 0);
    assert!(!env.data_dir().exists());
    wait::until("the demo's worker to be gone", || env.processes().is_empty().then_some(()));
}

#[test]
fn it_shows_what_was_kept_made_and_told() {
    let env = env();
    let steps = include_str!("../../../src/commands/demo/session.jsonl").lines().count();
    let shown = env.claude_mem(&["demo"]).ok();
    let counted = format!("{steps} events in: ");
    for words in
        ["UserPromptSubmit", &counted, "#1 ", "| # [example]", "| #1 ", "claude-mem install claude-code"]
    {
        assert!(shown.stdout.contains(words), "{words:?} is missing from {shown}");
    }
    assert!(shown.took < Duration::from_secs(30), "{:?}", shown.took);
    nothing_is_left(&env);
}

#[test]
fn an_interrupted_demo_clears_up() {
    let env = env();
    let mut command = env.command(env.program());
    command.arg("demo").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // the first steps are told when the hooks have run: in the middle of it
    let step = lines.by_ref().map(Result::unwrap).find(|line| line.contains("PostToolUse"));
    assert!(step.is_some());
    let mut kill = env.command("kill");
    kill.args(["-INT", &child.id().to_string()]);
    let _told = run(kill, b"", Duration::from_secs(10));
    lines.for_each(drop);
    let ended = child.wait().unwrap();
    assert!(ended.code().is_some(), "it ends by itself: {ended:?}");
    nothing_is_left(&env);
}
