//! A turn goes to the model once, and what it writes stands in the place of what the local distiller wrote.

use serde_json::json;

use super::stage::{GOOD, Stage};

#[test]
fn a_turn_is_asked_about_once_and_its_memory_replaces_the_local_one() {
    let stage = Stage::new(&json!({ "else": { "mode": "well", "text": GOOD } }), 1);
    stage.turn("s1", 1);
    stage.wait_for("done", 1);
    let observations = stage.observations();
    assert_eq!(observations, [("claude/haiku".to_owned(), "The parser keeps trailing commas".to_owned())]);
    let brief = stage.env.claude_mem(&["brief"]).ok().stdout;
    assert!(brief.contains("The parser keeps trailing commas") && brief.contains("src/parse.rs"), "{brief}");
    assert_eq!(stage.fake.messages().len(), 1);
    assert_eq!(stage.spent(), (1000, 1500));
    stage.assert_nothing_lost(4);
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}
