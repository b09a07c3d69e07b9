//! Turns that do not end as they should, or are not the user's own: nothing of them is lost.

use mem_testkit::tools::PINNED;
use mem_testkit::{Block, Gate, Reply, wait};
use serde_json::Value;

use crate::scene::Scene;

/// What the agent writes in these turns.
const FILE: &str = "src/title.js";
const TEXT: &str = "export const title = (slug) => slug.replaceAll('-', ' ');\n";

#[test]
fn what_a_subagent_did_is_remembered() {
    let scene = Scene::new();
    scene.api.on_prompt(
        "Have a title made",
        vec![Reply::subagent("Make a title of a slug"), Reply::text("It is made.")],
    );
    scene.api.on_prompt(
        "Make a title of a slug",
        vec![scene.writes(FILE, TEXT), Reply::text("title() is there.")],
    );
    scene.client(PINNED).prompt("Have a title made");
    assert_eq!(scene.recorder.inputs_of("SubagentStop").len(), 1);

    let brief = scene.brief_of_next_session(PINNED);

    assert!(brief.contains(FILE), "{brief}");
    scene.assert_nothing_lost();
}

#[test]
fn a_subagent_in_the_background_is_no_user() {
    let scene = Scene::new();
    let replies =
        vec![Reply::background_subagent("Make a title"), Reply::text("I wait."), Reply::text("It is made.")];
    scene.api.on_prompt("Have it made", replies);
    scene.api.on_prompt("Make a title", vec![scene.writes(FILE, TEXT), Reply::text("title() is there.")]);
    scene.client(PINNED).prompt("Have it made");
    let prompts = scene.recorder.inputs_of("UserPromptSubmit");
    assert!(prompts[1]["prompt"].as_str().is_some_and(|prompt| prompt.starts_with("<task-notification>")));

    let brief = scene.brief_of_next_session(PINNED);

    assert!(brief.contains(FILE), "{brief}");
    for noise in ["task-notification", "task-id", "output-file"] {
        assert!(!brief.contains(noise), "what the client tells the agent is no prompt of the user:\n{brief}");
    }
    scene.assert_nothing_lost();
}

#[test]
fn an_interrupted_turn_is_remembered_as_far_as_it_went() {
    let scene = Scene::new();
    let gate = Gate::new();
    let stalled = Reply::Stalled(gate.clone(), vec![Block::Text("I was about to say".to_owned())]);
    scene.api.on_prompt("Make a title", vec![scene.writes(FILE, TEXT), stalled]);
    scene.api.on_prompt("Something else", vec![Reply::text("Gladly.")]);
    let mut session = scene.client(PINNED).session(&[]);
    session.send("Make a title");
    scene.api.wait_for("the request after the file", |request| request.step() == 1);

    session.interrupt();

    assert_eq!(session.result()["subtype"], "error_during_execution");
    assert_eq!(scene.recorder.inputs_of("Stop"), [Value::Null; 0], "an interrupt fires no Stop");
    assert_eq!(session.ask("Something else")["result"], "Gladly.");
    assert_eq!(session.close(), Some(0));
    gate.open();
    let brief = scene.brief_of_next_session(PINNED);
    assert!(brief.contains(FILE), "{brief}");
    scene.assert_nothing_lost();
}

#[test]
fn a_client_killed_in_its_turn_leaves_what_it_did() {
    let scene = Scene::new();
    let gate = Gate::new();
    let held = Reply::Held(gate.clone(), Box::new(Reply::text("Nobody hears this.")));
    scene.api.on_prompt("Make a title", vec![scene.writes(FILE, TEXT), held]);
    let mut session = scene.client(PINNED).session(&[]);
    session.send("Make a title");
    scene.api.wait_for("the request after the file", |request| request.step() == 1);

    session.kill();

    gate.open();
    assert_eq!(scene.recorder.inputs_of("SessionEnd"), [Value::Null; 0], "death fires nothing");
    let brief = scene.brief_of_next_session(PINNED);
    assert!(brief.contains(FILE), "{brief}");
    scene.assert_nothing_lost();
}

#[test]
fn a_turn_the_model_failed_is_remembered_as_far_as_it_went() {
    let scene = Scene::new();
    scene.api.on_prompt("Make a title", vec![scene.writes(FILE, TEXT), Reply::no_credit()]);
    let mut session = scene.client(PINNED).session(&[]);

    let result = session.ask("Make a title");

    assert_eq!(result["is_error"], true);
    wait::until("StopFailure, which nobody waits for", || scene.recorder.inputs_of("StopFailure").pop());
    scene.assert_nothing_lost(); // now, since a client that leaves ends the hooks it did not wait for
    assert_eq!(session.close(), Some(1), "its last word was a failure");
    let brief = scene.brief_of_next_session(PINNED);
    assert!(brief.contains(FILE), "{brief}");
    scene.assert_nothing_lost();
}
