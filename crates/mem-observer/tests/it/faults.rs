//! Every way the program can fail: one fault each, nobody left, and the next request works.

use std::path::Path;
use std::sync::Arc;

use mem_core::fault::FaultKind;
use mem_core::time::Timestamp;
use mem_observer::claude::{Finder, Version};
use mem_observer::model::Model;
use mem_testkit::FakeClaude;
use serde_json::{Value, json};

use crate::scene::{Scene, ask};

/// Whether the same process can go on after it.
const STAYS: usize = 1;
const GOES: usize = 2;

#[test]
fn every_failure_is_one_fault_and_the_next_request_works() {
    use FaultKind::{Auth, Ended, Misbehaved, Overflow, Quota, Rate, Refused, Transport};
    let error = |class: &str| json!({ "mode": "error", "class": class });
    let die = |at: &str, code: u8| json!({ "mode": "die", "die_at": at, "code": code });
    let table: [(Value, FaultKind, bool, usize); 20] = [
        (error("auth"), Auth, false, STAYS),
        (error("login"), Auth, false, STAYS),
        (error("rate"), Rate, false, STAYS),
        (error("quota"), Quota, false, STAYS),
        (error("credit"), Quota, false, STAYS),
        (error("overload"), Transport, false, STAYS),
        (error("overflow"), Overflow, false, STAYS),
        (error("refused"), Refused, false, STAYS),
        (error("drop"), Transport, true, STAYS),
        (json!({ "mode": "lie" }), Misbehaved, true, GOES),
        (json!({ "mode": "flood-line" }), Misbehaved, true, GOES),
        (json!({ "mode": "flood-lines" }), Misbehaved, true, GOES),
        (die("before-init", 1), Misbehaved, false, GOES),
        (die("after-init", 1), Misbehaved, true, GOES),
        (die("after-init", 0), Misbehaved, true, GOES),
        (die("mid-answer", 70), Misbehaved, true, GOES),
        (json!({ "mode": "die", "die_at": "after-init", "signal": 15 }), Ended, true, GOES),
        (json!({ "mode": "die", "die_at": "mid-answer", "signal": 9 }), Misbehaved, true, GOES),
        (json!({ "mode": "die", "die_at": "after-init", "code": 143 }), Ended, true, GOES),
        (
            json!({ "mode": "die", "die_at": "after-init", "code": 1, "grandchild": "deaf,session" }),
            Misbehaved,
            true,
            GOES,
        ),
    ];
    for (request, kind, paid, starts) in table {
        let scene = Scene::new();
        let fake = FakeClaude::new(&scene.env, &json!({ "requests": [request] }));
        let (mut model, _rope) = scene.claude(&fake.program(), &[]);
        let fault = model.ask(&ask("x"), &|| ()).unwrap_err();
        assert_eq!((fault.kind, fault.paid), (kind, paid), "{request}: {fault}");
        if starts == GOES {
            assert_eq!(scene.env.processes(), [], "{request}");
        }
        let answer = model.ask(&ask("y"), &|| ()).unwrap_or_else(|fault| panic!("{request}: {fault}"));
        assert!(answer.text.starts_with("<observation>"), "{request}");
        assert_eq!(fake.starts(), starts, "{request}");
        Box::new(model).end();
        assert_eq!(scene.env.processes(), [], "{request}");
    }
}

#[test]
fn a_death_is_told_in_its_own_last_words() {
    let scene = Scene::new();
    let script = json!({ "else": { "mode": "die", "die_at": "before-init", "code": 1, "complaint": "error: unknown option" } });
    let fake = FakeClaude::new(&scene.env, &script);
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    let fault = model.ask(&ask("x"), &|| ()).unwrap_err();
    assert_eq!(fault.said, "claude ended: error: unknown option");
}

#[test]
fn a_quota_says_until_when() {
    let scene = Scene::new();
    let fake = FakeClaude::new(&scene.env, &json!({ "else": { "mode": "error", "class": "quota" } }));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    let fault = model.ask(&ask("x"), &|| ()).unwrap_err();
    assert_eq!(fault.retry_at, Some(Timestamp(1_893_456_000_000)));
}

#[test]
fn odd_answers_are_answers() {
    for (mode, start) in [("prose", "I looked at"), ("half", "<observation>"), ("nothing", "")] {
        let scene = Scene::new();
        let fake = FakeClaude::new(&scene.env, &json!({ "else": { "mode": mode } }));
        let (mut model, _rope) = scene.claude(&fake.program(), &[]);
        let answer = model.ask(&ask("x"), &|| ()).unwrap();
        assert!(answer.text.starts_with(start) && answer.text.is_empty() == start.is_empty(), "{mode}");
    }
}

#[test]
fn a_program_that_is_missing_or_too_old_is_a_matter_of_setup() {
    let scene = Scene::new();
    let (mut model, _rope) = scene.claude(Path::new("/no/such/claude"), &[]);
    let fault = model.ask(&ask("x"), &|| ()).unwrap_err();
    assert_eq!((fault.kind, fault.paid), (FaultKind::Setup, false));
    assert!(fault.said.starts_with("CLAUDE_CODE_PATH names /no/such/claude"), "{fault}");

    let fake = FakeClaude::new(&scene.env, &json!({ "version": "2.0.76" }));
    let (mut model, _rope) = scene.claude(&fake.program(), &[]);
    let fault = model.ask(&ask("x"), &|| ()).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Setup);
    assert!(fault.said.contains("2.0.76") && fault.said.contains("too old"), "{fault}");
}

#[test]
fn the_newest_program_of_the_usual_places_is_found_and_a_new_one_noticed() {
    let scene = Scene::new();
    let fake = FakeClaude::new(&scene.env, &json!({ "version": "2.1.300" }));
    let local = scene.env.home().join(".local/bin");
    std::fs::create_dir_all(&local).unwrap();
    let newer = |version: &str| {
        let program = local.join("claude");
        std::fs::write(&program, format!("#!/bin/sh\necho '{version} (Claude Code)'\n")).unwrap();
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, all).unwrap();
        program
    };
    let path = format!("{}:{}", fake.folder().display(), "/usr/bin:/bin");
    let launcher = scene.launcher(&[("PATH", &path)]);
    let finder = Arc::new(Finder::default());
    let find = |setting: &str| finder.find(&launcher, setting, &scene.env.project());

    assert_eq!(find("").unwrap().program, fake.program());
    let local = newer("2.1.301");
    let found = find("").unwrap();
    assert_eq!((found.program, found.version), (local.clone(), Version(2, 1, 301)));
    newer("2.1.2");
    assert_eq!(find("").unwrap().program, fake.program(), "a file that changed is asked again");
    assert_eq!(find("~/.local/bin/claude").unwrap().version, Version(2, 1, 2), "the user's word decides");
}
