//! The daemon is optional: killed before every event, hung, or never able to start, the story is told all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mem_core::layout;
use mem_testkit::tools::PINNED;
use mem_testkit::wait;

use crate::scene::{SAID, Scene, TASK, briefs};

#[test]
fn the_story_survives_a_daemon_killed_before_every_event() {
    let scene = Scene::new();
    let killed = Arc::new(AtomicUsize::new(0));
    let (kill, count) = (scene.env.daemon_killer(), Arc::clone(&killed));
    // a request of the model lies between any two events of a turn
    scene.api.on_request(move |_| {
        count.fetch_add(kill(), Ordering::SeqCst);
        None
    });
    let kill = scene.env.daemon_killer();

    let mut session = scene.client(PINNED).session(&[]);
    wait::until("the session to start", || scene.recorder.inputs_of("SessionStart").pop());
    wait::until("the first daemon", || scene.env.daemon_pid());
    killed.fetch_add(kill(), Ordering::SeqCst);
    assert_eq!(session.ask(TASK)["result"], SAID);
    killed.fetch_add(kill(), Ordering::SeqCst);
    assert_eq!(session.close(), Some(0));
    killed.fetch_add(kill(), Ordering::SeqCst);

    scene.assert_story_happened();
    assert!(killed.load(Ordering::SeqCst) >= 2, "daemons died: {killed:?}");
    let brief = scene.brief_without_daemon(PINNED);
    scene.assert_tells_story(&brief);
    scene.assert_nothing_lost();
}

#[test]
fn the_story_survives_without_any_daemon() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.env.data_dir()).expect("the data directory can be made");
    let lock =
        std::fs::File::create(scene.env.data_dir().join(layout::DAEMON_LOCK)).expect("the lock can be made");
    lock.lock().expect("the lock is free"); // whoever holds it is the daemon: we are, and we do nothing

    scene.client(PINNED).prompt(TASK);
    scene.assert_story_happened();
    assert_eq!(scene.env.daemon_pid(), None);

    let brief = scene.brief_without_daemon(PINNED);

    scene.assert_tells_story(&brief);
    scene.assert_nothing_lost();
    drop(lock);
}

#[test]
fn the_story_survives_a_daemon_that_does_nothing() {
    let scene = Scene::new();
    let pid = scene.env.daemon_start();
    scene.env.freeze(pid);

    scene.client(PINNED).prompt(TASK);
    scene.assert_story_happened();
    let brief = scene.brief_without_daemon(PINNED);

    scene.assert_tells_story(&brief);
    scene.assert_nothing_lost();
}

#[test]
fn the_brief_is_the_same_with_and_without_a_daemon() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    let with = scene.env.claude_mem(&["brief"]).ok().stdout;
    scene.env.daemon_stop();
    let without = scene.env.claude_mem(&["brief"]).ok().stdout;
    assert_eq!(with, without);
    assert!(briefs(&scene.api.requests()[0]).is_empty());
}
