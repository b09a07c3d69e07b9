//! What keeps one model from being asked keeps no other waiting, is told for as long as it lasts, and ends when somebody
//! saw the model answer.

use mem_store::{Again, Store};
use serde_json::{Value, json};

use super::stage::{GOOD, Stage};

fn good() -> Value {
    json!({ "mode": "well", "text": GOOD })
}

#[test]
fn an_order_for_a_model_without_a_key_keeps_no_other_waiting() {
    let stage = Stage::new(&json!({ "else": good() }), 1);
    stage.turn("s1", 1);
    stage.wait_for("done", 1);
    let order = |store: &mut Store| {
        let now = mem_daemon::inbox::drain::now();
        store.write(|tx| tx.order_again(&Again::default(), Some("gemini/gemini-2.5-pro"), now))
    };
    let path = stage.env.data_dir().join(mem_core::layout::STORE);
    let mut store = Store::open(&path, mem_core::time::Timestamp(1), &stage.env.data_dir().join("backups"))
        .expect("a store");
    assert_eq!(order(&mut store).expect("it can be ordered"), 1);
    drop(store);
    stage.turn("s2", 1);
    stage.wait_for("done", 2);
    stage.turn("s3", 1);
    stage.wait_for("done", 3);
    stage.wait_for("waiting", 1);
    let problems = problems(&stage);
    assert!(problems.iter().any(|problem| problem.contains("gemini/gemini-2.5-pro")), "{problems:?}");
    assert!(problems.iter().all(|problem| !problem.contains("claude/haiku")), "{problems:?}");
}

#[test]
fn a_hold_is_told_again_when_it_was_taken_off_the_list() {
    let stage = Stage::new(&json!({ "else": { "mode": "error", "class": "auth" } }), 1);
    stage.turn("s1", 1);
    let told = |stage: &Stage| problems(stage).iter().any(|problem| problem.contains("does not accept us"));
    stage.wait_until("the login to be missed", told);
    let _cleared = stage.env.claude_mem(&["status", "--clear"]).ok();
    stage.event("s1", "SessionStart", json!({ "source": "resume" }));
    stage.wait_until("the login to be missed again", told);
}

#[test]
fn a_model_that_answers_the_doctor_is_asked_at_once_whatever_failed_before() {
    let broken = json!({ "mode": "error", "class": "transport" });
    // half an hour of rest would be three minutes here
    let stage = Stage::new(&json!({ "else": broken }), 10);
    for session in ["s1", "s2", "s3"] {
        stage.turn(session, 1);
    }
    let open =
        |stage: &Stage| problems(stage).iter().any(|problem| problem.contains("three requests in a row"));
    stage.wait_until("the breaker to open", open);
    stage.fake.script(&json!({ "else": good() }));
    let doctor = stage.env.claude_mem(&["doctor"]);
    assert!(doctor.stdout.contains("claude/haiku answers"), "{doctor}");
    stage.wait_for("done", 3);
    assert_eq!(problems(&stage), [""; 0]);
}

fn problems(stage: &Stage) -> Vec<String> {
    let status = stage.env.status();
    let list = status["problems"].as_array().cloned().unwrap_or_default();
    list.iter().map(|problem| format!("{} {}", problem["what"], problem["remedy"])).collect()
}
