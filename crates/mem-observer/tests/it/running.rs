//! A run of the program from its first request to its end, with a fake that behaves where nothing else is said.

use std::time::{Duration, Instant};

use mem_core::fault::FaultKind;
use mem_core::model::{Ask, MicroUsd};
use mem_observer::model::Model;
use mem_observer::strays;
use mem_testkit::{FakeClaude, leftovers, wait};
use serde_json::{Value, json};

use crate::scene::{CutInPanic, Scene, ask};

fn scene(script: &Value) -> (Scene, FakeClaude) {
    let scene = Scene::new();
    let fake = FakeClaude::new(&scene.env, script);
    (scene, fake)
}

#[test]
fn one_process_answers_request_after_request() {
    let (scene, fake) = scene(
        &json!({ "requests": [{ "text": "one", "cost": 0.5, "input": 7 }, { "text": "two", "cost": 0.25 }] }),
    );
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    assert_eq!(fake.starts(), 0, "nothing is started before it is asked");
    let heard = std::cell::Cell::new(0);
    let first = model.ask(&ask("first"), &|| heard.set(heard.get() + 1)).unwrap();
    assert_eq!((first.text.as_str(), first.cost, first.usage.input), ("one", Some(MicroUsd(500_000)), 7));
    assert!(heard.get() > 0);
    let second = model.ask(&ask("second"), &|| ()).unwrap();
    assert_eq!((second.text.as_str(), second.cost), ("two", Some(MicroUsd(250_000))));
    assert_eq!(first.model_session, second.model_session);
    assert_eq!(fake.messages(), ["first", "second"]);
    assert_eq!(fake.starts(), 1);

    let registered = strays::list(&scene.registry());
    assert_eq!(registered.len(), 1);
    assert_eq!(registered[0].owner, Some(strays::Process::own()));
    assert_eq!(
        (registered[0].session.as_str(), registered[0].model.as_str()),
        ("session-1", "claude/claude-haiku-4-5")
    );
    let child = registered[0].child.expect("the program said who it is");
    assert!(child.lives() && registered[0].keeper.lives());
    Box::new(model).end();
    assert!(!child.lives() && !registered[0].keeper.lives());
    assert_eq!(strays::list(&scene.registry()), []);
    assert_eq!(scene.env.processes(), []);
}

#[test]
fn the_surrounding_session_is_not_seen() {
    let (scene, fake) = scene(&json!({}));
    std::fs::create_dir_all(scene.env.config_dir()).unwrap();
    std::fs::write(
        scene.env.config_dir().join("settings.json"),
        r#"{"env":{"ANTHROPIC_AUTH_TOKEN":"t","CLAUDE_CODE_EFFORT_LEVEL":"max"},"apiKeyHelper":"key","hooks":{}}"#,
    )
    .unwrap();
    let around = [
        ("CLAUDECODE", "1"),
        ("CLAUDE_CODE_ENTRYPOINT", "cli"),
        ("CLAUDE_CODE_MAX_RETRIES", "9"),
        ("CLAUDE_MEM_DATA_DIR", "/d"),
        ("OPENAI_API_KEY", "sk-x"),
        ("https_proxy", "http://proxy"),
    ];
    let (mut model, _rope) = scene.claude(&fake.program(), &around);
    model.ask(&ask("x"), &|| ()).unwrap();
    let start = fake.log().into_iter().find(|line| line["start"].is_array()).unwrap();
    let env = start["env"].as_object().unwrap();
    for name in [
        "CLAUDECODE",
        "CLAUDE_CODE_ENTRYPOINT",
        "CLAUDE_MEM_DATA_DIR",
        "OPENAI_API_KEY",
        "CLAUDE_CODE_EFFORT_LEVEL",
    ] {
        assert!(!env.contains_key(name), "{name}");
    }
    for name in ["https_proxy", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_MEM_RUN", "HOME"] {
        assert!(env.contains_key(name), "{name}");
    }
    assert_eq!((&env["CLAUDE_MEM_INTERNAL"], &env["CLAUDE_CODE_MAX_RETRIES"]), (&json!("1"), &json!("0")));
    let words: Vec<&str> = start["start"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(words.contains(&"--tools=") && words.contains(&"--strict-mcp-config"), "{words:?}");
    let login = words[words.iter().position(|word| *word == "--settings").unwrap() + 1];
    assert_eq!(std::fs::read_to_string(login).unwrap(), r#"{"apiKeyHelper":"key"}"#);
}

#[test]
fn a_conversation_is_reset_before_it_grows_too_long() {
    let (scene, fake) = scene(&json!({}));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    let long = "x".repeat(30_000);
    let first = model.ask(&ask(&long), &|| ()).unwrap();
    let second = model.ask(&ask(&long), &|| ()).unwrap();
    let third = model.ask(&ask("short"), &|| ()).unwrap();
    let clears = fake.log().iter().filter(|line| line["clear"] == true).count();
    assert_eq!((clears, fake.starts()), (1, 1));
    assert_ne!(first.model_session, second.model_session);
    assert_eq!(second.model_session, third.model_session);
    assert_eq!(second.cost, Some(MicroUsd(1500)), "what was spent begins anew with the conversation");
}

#[test]
fn a_program_that_cannot_forget_is_started_again() {
    let (scene, fake) = scene(&json!({ "deaf_to_clear": true }));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    let long = "x".repeat(30_000);
    model.ask(&ask(&long), &|| ()).unwrap();
    model.ask(&ask(&long), &|| ()).unwrap();
    assert_eq!(fake.starts(), 2);
}

#[test]
fn other_instructions_need_another_process() {
    let (scene, fake) = scene(&json!({}));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    model.ask(&ask("x"), &|| ()).unwrap();
    model.ask(&Ask { system: "Other.".to_owned(), ..ask("x") }, &|| ()).unwrap();
    assert_eq!(fake.starts(), 2);
    assert_eq!(scene.env.processes().iter().filter(|left| left.shown.contains("__run")).count(), 1);
}

#[test]
fn a_program_that_ended_while_idle_is_started_again() {
    let (scene, fake) = scene(&json!({ "requests": [{ "die_at": "after-result", "code": 0 }] }));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    model.ask(&ask("x"), &|| ()).unwrap();
    wait::until("it to leave", || scene.env.processes().is_empty().then_some(()));
    model.ask(&ask("y"), &|| ()).unwrap();
    assert_eq!(fake.starts(), 2);
}

#[test]
fn a_rope_ends_what_is_being_asked() {
    for (script, gracefully) in [
        (json!({ "else": { "mode": "stall" } }), false),
        (
            json!({ "else": { "mode": "stall-mid", "grandchild": "deaf,session" }, "ignore_term": true }),
            false,
        ),
        (json!({ "else": { "mode": "stall" } }), true),
    ] {
        let (scene, fake) = scene(&script);
        let (mut model, rope) = scene.claude(&fake.program(), &[]);
        let puller = std::thread::scope(|scope| {
            let asked = scope.spawn(|| model.ask(&ask("x"), &|| ()));
            let _whatever_happens = CutInPanic(&rope);
            // a request that was only read is free still
            wait::until("it to begin", || (fake.begun() == 1).then_some(()));
            let start = Instant::now();
            if gracefully {
                rope.let_go();
            } else {
                rope.cut();
            }
            (asked.join().unwrap().unwrap_err(), start.elapsed())
        });
        let (fault, took) = puller;
        assert_eq!((fault.kind, fault.paid), (FaultKind::Ended, true), "{script}");
        assert!(took < Duration::from_secs(if gracefully { 30 } else { 15 }), "{took:?} {script}");
        assert_eq!(scene.env.processes(), []);
        assert_eq!(
            model.ask(&ask("x"), &|| ()).unwrap_err().kind,
            FaultKind::Ended,
            "nothing is started any more"
        );
        assert_eq!(fake.starts(), 1);
    }
}

#[test]
fn whatever_it_ignores_it_is_gone_at_the_end() {
    let (scene, fake) = scene(&json!({
        "ignore_eof": true, "ignore_term": true, "else": { "grandchild": "deaf,session,orphan" },
    }));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    model.ask(&ask("x"), &|| ()).unwrap();
    Box::new(model).end();
    assert_eq!(scene.env.processes(), []);
    assert_eq!(strays::list(&scene.registry()), []);
}

#[test]
fn what_is_dropped_is_ended() {
    let (scene, fake) = scene(&json!({}));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    model.ask(&ask("x"), &|| ()).unwrap();
    drop(model);
    assert_eq!(scene.env.processes(), []);
}

#[test]
fn a_keeper_that_is_killed_leaves_nobody_either() {
    let (scene, fake) =
        scene(&json!({ "requests": [{ "mode": "stall", "grandchild": "deaf,session,orphan" }] }));
    let (mut model, rope) = scene.claude(&fake.program(), &[]);
    let fault = std::thread::scope(|scope| {
        let asked = scope.spawn(|| model.ask(&ask("x"), &|| ()));
        let _whatever_happens = CutInPanic(&rope);
        wait::until("the grandchild", || {
            let all = scene.env.processes();
            all.iter().any(|left| left.shown.ends_with("--descend deaf,session")).then_some(())
        });
        let keeper = strays::list(&scene.registry())[0].keeper.pid;
        leftovers::kill(u32::try_from(keeper).unwrap());
        asked.join().unwrap().unwrap_err()
    });
    assert_eq!(fault.kind, FaultKind::Misbehaved);
    assert_eq!(scene.env.processes(), []);
    model.ask(&ask("y"), &|| ()).unwrap();
}

#[test]
fn a_program_that_stops_its_keeper_is_gone_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    for stop in ["kill -STOP $PPID; sleep 100", "while :; do kill -STOP $PPID; done"] {
        let (scene, fake) = scene(&json!({}));
        let program = scene.env.project().join("claude");
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = --version ] && exec echo '2.1.329 (Claude Code)'\n\
             '{}' --descend deaf,session,orphan\n{stop}\n",
            fake.program().display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let (mut model, rope) = scene.claude(&program, &[]);
        let long = "word ".repeat(100_000);
        let (fault, took) = std::thread::scope(|scope| {
            let asked = scope.spawn(|| model.ask(&ask(&long), &|| ()));
            let _whatever_happens = CutInPanic(&rope);
            wait::until("the keeper to be stopped", || {
                let keeper = strays::list(&scene.registry()).first()?.keeper.pid;
                let stat = std::fs::read_to_string(format!("/proc/{keeper}/stat")).ok()?;
                stat.rsplit_once(')')?.1.trim_start().starts_with('T').then_some(())
            });
            let start = Instant::now();
            rope.cut();
            assert!(start.elapsed() < Duration::from_secs(10), "who cuts does not wait");
            (asked.join().unwrap().unwrap_err(), start.elapsed())
        });
        assert_eq!(fault.kind, FaultKind::Ended, "{stop}");
        assert!(took < Duration::from_secs(30), "{took:?} {stop}");
        scene.wait_deserted();
        assert_eq!(strays::list(&scene.registry()), []);
    }
}
