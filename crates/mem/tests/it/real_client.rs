//! A real Claude Code session in, a brief out.

use mem_testkit::Reply;
use mem_testkit::tools::{OLDER, PINNED};

use crate::scene::{SAID, Scene, TASK, briefs};

/// Session 1 writes a failing test, mends the code and commits; session 2 is told so before its first word.
fn the_next_session_knows(version: &str) {
    let scene = Scene::new();
    let answer = scene.client(version).prompt(TASK);
    assert_eq!(answer.text, SAID);
    scene.assert_story_happened();
    let first = &scene.api.requests()[0];
    assert_eq!(briefs(first), [""; 0], "an empty memory has nothing to say");

    let brief = scene.brief_of_next_session(version);

    scene.assert_tells_story(&brief);
    let more = scene.env.claude_mem(&["show", "1"]).ok().stdout;
    assert!(more.contains(SAID) && more.contains("test/slug.test.js"), "{more}");
    scene.assert_nothing_lost();
}

#[test]
fn the_next_session_knows_what_the_last_one_did() {
    the_next_session_knows(PINNED);
}

#[test]
fn the_next_session_knows_in_the_older_version_too() {
    the_next_session_knows(OLDER);
}

#[test]
fn a_resumed_session_is_not_told_again() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    scene.api.on_prompt("Where were we?", vec![Reply::text("At the slugs.")]);
    scene.api.on_prompt("And now?", vec![Reply::text("Still there.")]);
    let second = scene.client(PINNED).prompt("Where were we?");
    scene.api.forget();

    let resumed = scene.client(PINNED).resume(&second.session, "And now?");

    assert_eq!(resumed.session, second.session);
    let request = &scene.api.requests()[0];
    assert!(request.text().contains("At the slugs."), "it is the same conversation");
    let told = briefs(request);
    assert_eq!(told.len(), 1, "the brief it began with and no other: {told:#?}");
    scene.assert_tells_story(&told[0]);
    scene.assert_nothing_lost();
}

#[test]
fn a_resumed_session_that_began_without_a_brief_gets_none() {
    let scene = Scene::new();
    let first = scene.client(PINNED).prompt(TASK);
    scene.api.on_prompt("And now?", vec![Reply::text("Done.")]);
    scene.api.forget();
    scene.client(PINNED).resume(&first.session, "And now?");
    assert_eq!(briefs(&scene.api.requests()[0]), [""; 0], "the conversation holds what happened");
    scene.assert_nothing_lost();
}

#[test]
fn a_cleared_conversation_is_told_what_it_forgot() {
    let scene = Scene::new();
    scene.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
    let mut session = scene.client(PINNED).session(&[]);
    session.ask(TASK);
    let before = session.id();
    session.ask("/clear");
    scene.api.forget();

    session.ask("What is new?");

    assert_ne!(session.id(), before);
    let request = &scene.api.requests()[0];
    assert!(
        !request.text().contains(TASK) || !request.body.to_string().contains("tool_use"),
        "it is cleared"
    );
    let told = briefs(request);
    assert_eq!(told.len(), 1, "{told:#?}");
    scene.assert_tells_story(&told[0]);
    assert_eq!(session.close(), Some(0));
    scene.assert_nothing_lost();
}

#[test]
fn a_compacted_conversation_is_told_what_it_lost() {
    let scene = Scene::new();
    scene.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
    let mut session = scene.client(PINNED).session(&[]);
    session.ask(TASK);
    session.ask("/compact");
    scene.api.forget();

    session.ask("What is new?");

    let told = briefs(&scene.api.requests()[0]);
    assert_eq!(told.len(), 1, "{told:#?}");
    scene.assert_tells_story(&told[0]);
    assert_eq!(session.close(), Some(0));
    assert_eq!(scene.recorder.inputs_of("PostCompact").len(), 1);
    scene.assert_nothing_lost();
}

#[test]
fn a_conversation_too_long_for_the_model_is_compacted_and_told() {
    let scene = Scene::new();
    scene.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
    let mut session = scene.client(PINNED).session(&[]);
    session.ask(TASK);
    scene.api.next(Reply::too_long());

    let result = session.ask("What is new?");

    assert_eq!(result["result"], "Nothing much.");
    let requests = scene.api.requests();
    let told = briefs(requests.last().expect("the prompt was sent again"));
    assert_eq!(told.len(), 1, "{told:#?}");
    scene.assert_tells_story(&told[0]);
    assert_eq!(session.close(), Some(0));
    scene.assert_nothing_lost();
}
