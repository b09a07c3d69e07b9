//! Help, completions, exit codes, and outputs that nobody or nothing takes.

use std::process::Stdio;
use std::time::Duration;

use mem_testkit::TestEnv;
use mem_testkit::run::run;

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

#[test]
fn the_reference_is_what_the_program_says() {
    let env = env();
    let dir = env.root().join("reference");
    let _written = env.claude_mem(&["__reference", dir.to_str().unwrap()]).ok();
    let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    for name in ["cli.md", "config.md", "env.md"] {
        assert!(
            std::fs::read_to_string(dir.join(name)).unwrap()
                == std::fs::read_to_string(committed.join(name)).unwrap(),
            "docs/reference/{name} is out of date: run `cargo run -- __reference docs/reference`"
        );
    }
}

#[test]
fn help_costs_nothing_and_leaves_nothing() {
    let env = env();
    for args in [
        &["--help"][..],
        &["help", "worker"],
        &["--version"],
        &["hook", "--help"],
        &["worker", "run", "--help"],
        &["config", "set", "--help"],
    ] {
        let said = env.claude_mem(args).ok();
        assert!(!said.stdout.is_empty() && said.stderr.is_empty(), "{said}");
    }
    assert!(!env.data_dir().exists());
}

#[test]
fn completions_are_there_for_every_shell() {
    let env = env();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = env.claude_mem(&["completions", shell]).ok().stdout;
        for part in ["uninstall", "timeline", "per-session", "newest"] {
            assert!(script.contains(part) || (shell == "elvish" && part == "newest"), "{shell} {part}");
        }
    }
}

#[test]
fn exit_codes_are_those_of_the_table() {
    let env = env();
    let table: [(&[&str], i32); 13] = [
        (&["status"], 0),
        (&["sessions"], 0),
        (&["search", "anything"], 0),
        (&["search"], 2),
        (&["timeline"], 0),
        (&["timeline", "#1"], 0),
        (&["timeline", "--type", "bugfix"], 2),
        (&["worker", "stop"], 0),
        (&["config", "get", "NO_SUCH_KEY"], 1),
        (&["install", "claude-code"], 1),
        (&["uninstall"], 0),
        (&["no-such-command"], 2),
        (&["show"], 2),
    ];
    for (args, code) in table {
        let ended = env.claude_mem(args);
        assert_eq!(ended.code, Some(code), "{ended}");
        assert_eq!(ended.stderr.is_empty(), ended.stdout.contains('\n') && code == 0, "{ended}");
    }
    assert!(!env.data_dir().exists(), "looking around lays nothing out");
}

#[test]
fn a_reader_that_left_is_no_failure() {
    let env = env();
    let mut command = env.command(env.program());
    command.args(["config", "list"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let env = env();
    let mut command = env.command("sh");
    command.args(["-c", "\"$0\" whoami > /dev/full"]).arg(env.program());
    let ended = run(command, b"", Duration::from_secs(60));
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stderr.starts_with("error: No space left"), "{ended}");
}

#[test]
fn without_a_home_the_way_out_is_named() {
    let env = env();
    let mut command = env.command(env.program());
    command.env_remove("HOME").arg("status");
    let ended = run(command, b"", Duration::from_secs(60));
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stderr.contains("HOME") && ended.stderr.contains("--data-dir"), "{ended}");
    let mut command = env.command(env.program());
    command.env_remove("HOME").args(["--data-dir", "elsewhere", "status"]);
    assert!(run(command, b"", Duration::from_secs(60)).ok().stdout.contains("elsewhere"));
}

#[test]
fn colours_are_only_for_those_who_want_them() {
    let env = env();
    assert!(!env.claude_mem(&["status"]).ok().stdout.contains('\x1b'));
    assert!(env.claude_mem(&["status", "--color", "always"]).ok().stdout.contains('\x1b'));
    assert!(!env.claude_mem(&["status", "--color", "never"]).ok().stdout.contains('\x1b'));
}
