//! What an earlier daemon left, as the next one finds it.

use mem_core::time::Timestamp;
use mem_observer::child::Talk;
use mem_observer::strays::{self, Entry, Process};
use mem_testkit::{FakeClaude, leftovers, wait};
use serde_json::json;

use crate::scene::{Scene, lines};

/// A run by this name; each test has its own, since a sweep looks through all processes there are.
fn entry(run: &str, keeper: Process, session: &str) -> Entry {
    Entry {
        run: run.to_owned(),
        owner: None,
        keeper,
        child: None,
        session: session.to_owned(),
        model: "claude/haiku".to_owned(),
        since: Timestamp(1),
    }
}

/// A run whose child has a deaf descendant in a session of its own.
fn start(scene: &Scene, run: &str) -> (Talk, Process) {
    let fake = FakeClaude::new(&scene.env, &json!({}));
    let script = r#""$1" --descend deaf,session,orphan; echo; cat"#;
    let program = fake.program();
    let args = ["-c", script, "sh", program.to_str().unwrap()];
    let talk = scene.talk("/bin/sh", &args, &[("CLAUDE_MEM_RUN", run)]);
    lines(&talk, 2);
    let keeper = Process::now(i32::try_from(talk.line().keeper()).unwrap());
    (talk, keeper)
}

#[test]
fn what_outlived_its_keeper_is_found_by_its_run() {
    let (scene, run) = (Scene::new(), "outlived");
    let (talk, keeper) = start(&scene, run);
    strays::register(&scene.registry(), &entry(run, keeper, "s")).unwrap();
    // the one end that a keeper cannot survive to see to
    leftovers::kill(talk.line().keeper());
    talk.line().wait(wait::SOON).unwrap();
    assert!(!keeper.lives());
    assert!(!scene.env.processes().is_empty(), "the orphan lives on");

    let swept = strays::sweep(&scene.registry());
    assert_eq!(swept.len(), 1);
    assert!(swept[0].ended >= 1 && swept[0].left == 0, "{swept:?}");
    assert_eq!(strays::list(&scene.registry()), []);
    scene.wait_deserted();
}

#[test]
fn a_run_that_is_still_kept_is_ended_whole() {
    let (scene, run) = (Scene::new(), "kept");
    let (talk, keeper) = start(&scene, run);
    strays::register(&scene.registry(), &entry(run, keeper, "s")).unwrap();
    assert_eq!(strays::sweep_session(&scene.registry(), "another", &[]), []);
    assert!(keeper.lives());
    let swept = strays::sweep_session(&scene.registry(), "s", &[]);
    assert!(swept[0].ended >= 3 && swept[0].left == 0, "{swept:?}");
    assert!(talk.line().wait(wait::SOON).is_some());
    scene.wait_deserted();
}

#[test]
fn what_another_that_lives_owns_is_left_alone() {
    let (scene, run) = (Scene::new(), "owned");
    let (talk, keeper) = start(&scene, run);
    let mut another = scene.env.command("sleep").arg("100").spawn().unwrap();
    let owner = Process::now(i32::try_from(another.id()).unwrap());
    let owned = |owner: Process| Entry { owner: Some(owner), ..entry(run, keeper, "s") };
    strays::register(&scene.registry(), &owned(owner)).unwrap();
    strays::note_child(&scene.registry(), run, keeper).unwrap();
    assert_eq!(strays::sweep(&scene.registry()), []);
    assert_eq!(strays::sweep_session(&scene.registry(), "s", &[]), []);
    assert!(keeper.lives());

    another.kill().unwrap();
    another.wait().unwrap();
    let swept = strays::sweep(&scene.registry());
    assert!(swept[0].ended >= 3 && swept[0].left == 0, "{swept:?}");
    assert!(talk.line().wait(wait::SOON).is_some());
    // one of our own is no other's, and neither is one whose owner's id a stranger got
    let mut stranger = Process::own();
    stranger.started = stranger.started.map(|start| start + 1);
    for owner in [Process::own(), stranger] {
        strays::register(&scene.registry(), &owned(owner)).unwrap();
        assert_eq!(strays::sweep_session(&scene.registry(), "s", &[]).len(), 1);
    }
    scene.wait_deserted();
}

#[test]
fn a_stranger_with_the_id_of_a_stray_is_spared() {
    let scene = Scene::new();
    let mut stranger = scene.env.command("sleep").arg("100").spawn().unwrap();
    let now = Process::now(i32::try_from(stranger.id()).unwrap());
    let reused = Process { started: now.started.map(|start| start - 1), ..now };
    strays::register(&scene.registry(), &Entry { child: Some(reused), ..entry("stranger", reused, "s") })
        .unwrap();
    let swept = strays::sweep(&scene.registry());
    assert_eq!((swept[0].ended, swept[0].left), (0, 0));
    assert!(now.lives());
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}
