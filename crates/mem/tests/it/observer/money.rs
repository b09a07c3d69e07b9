//! What may be spent: at a ceiling work waits and nothing is dropped, the user is told once, and raising it is enough.

use mem_core::id::BatchId;
use serde_json::{Value, json};

use super::stage::{GOOD, Stage};

/// A ceiling: its setting, a value that the first answer nearly reaches, what that answer takes, a value that is ample,
/// and how the user is told.
struct Ceiling {
    key: &'static str,
    low: &'static str,
    first: Value,
    ample: &'static str,
    told: &'static str,
}

fn good() -> Value {
    json!({ "mode": "well", "text": GOOD })
}

fn ceilings() -> [Ceiling; 4] {
    let tokens = json!({ "mode": "well", "text": GOOD, "input": 499_999 });
    let money = json!({ "mode": "well", "text": GOOD, "cost": 0.49995 });
    let ceiling =
        |key, low, first: &Value, ample, told| Ceiling { key, low, first: first.clone(), ample, told };
    [
        ceiling(
            "CLAUDE_MEM_DAY_TOKENS",
            "500000",
            &tokens,
            "900000",
            "since the ceiling of tokens for a day is reached",
        ),
        ceiling(
            "CLAUDE_MEM_MONTH_TOKENS",
            "500000",
            &tokens,
            "900000",
            "since the ceiling of tokens for a month is reached",
        ),
        ceiling(
            "CLAUDE_MEM_DAY_USD",
            "0.5",
            &money,
            "0.9",
            "since the ceiling of money for a day is reached",
        ),
        ceiling(
            "CLAUDE_MEM_MONTH_USD",
            "0.5",
            &money,
            "0.9",
            "since the ceiling of money for a month is reached",
        ),
    ]
}

#[test]
fn at_a_ceiling_work_waits_is_told_of_once_and_goes_on_when_it_is_raised() {
    std::thread::scope(|scope| {
        for ceiling in ceilings() {
            scope.spawn(move || meet(&ceiling));
        }
    });
}

fn meet(ceiling: &Ceiling) {
    let stage = Stage::new(&json!({ "requests": [ceiling.first], "else": good() }), 1);
    // only one of them is to stand in the way
    stage.set("CLAUDE_MEM_DAY_TOKENS", "900000");
    stage.set(ceiling.key, ceiling.low);
    stage.tell("s1", 1);
    stage.wait_for("done", 1);
    stage.tell("s1", 2);
    stage.tell("s2", 3);
    stage.wait_until("the ceiling to be met", |stage| !told(stage).is_empty());
    stage.wait_for("waiting", 2);
    assert_told_once(&stage, ceiling);

    stage.env.daemon_stop();
    stage.env.daemon_start();
    stage.tell("s3", 4);
    stage.wait_for("waiting", 3);
    assert_told_once(&stage, ceiling);
    assert!(stage.env.kill_daemon());
    stage.tell("s4", 5);
    stage.env.daemon_start();
    stage.wait_for("waiting", 4);
    assert_told_once(&stage, ceiling);
    assert_eq!(stage.fake.messages().len(), 1, "{}: {}", ceiling.key, stage.told());
    stage.assert_nothing_lost(20);
    let by_model = |stage: &Stage| stage.observations().iter().filter(|(by, _)| by != "local").count();
    assert_eq!(by_model(&stage), 1, "what waits has what our own rules made");
    assert!(stage.observations().len() >= 5, "{:?}", stage.observations());

    stage.set(ceiling.key, ceiling.ample);
    stage.wait_for("done", 5);
    assert_eq!(told(&stage), [] as [String; 0]);
    assert_eq!((stage.fake.messages().len(), by_model(&stage)), (5, 5), "{}", ceiling.key);
    stage.assert_nothing_lost(20);
}

/// The problems that `status` tells of models.
fn told(stage: &Stage) -> Vec<String> {
    let status = stage.env.status();
    let problems = status["problems"].as_array().cloned().unwrap_or_default();
    let told =
        problems.iter().map(|problem| format!("{}. {}.", text(&problem["what"]), text(&problem["remedy"])));
    told.filter(|line| line.contains("no model")).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// That `status` and the brief say it, in one sentence and with the remedy.
fn assert_told_once(stage: &Stage, ceiling: &Ceiling) {
    let lines = told(stage);
    let [line] = lines.as_slice() else { panic!("{}: told {lines:?}", ceiling.key) };
    assert!(line.contains(ceiling.told) && line.contains("`claude-mem config set` raises"), "{line}");
    let brief = stage.env.claude_mem(&["brief"]).ok().stdout;
    assert_eq!(brief.matches(ceiling.told).count(), 1, "{}: {brief}", ceiling.key);
}

#[test]
fn choosing_a_model_does_not_go_over_the_past_and_leaving_it_drops_nothing() {
    let stage = Stage::local(&json!({ "else": good() }));
    let choose = |observer: &str| {
        stage.set("CLAUDE_MEM_OBSERVER", observer);
        let chosen = |stage: &Stage| stage.store().mark("observer.since").is_ok_and(|mark| mark.is_some());
        stage.wait_until("the choice to be known", |stage| chosen(stage) == (observer != "local"));
    };
    let remembered = |turns: usize| {
        stage.wait_until("our own rules to be done", |stage| stage.observations().len() >= turns);
    };
    stage.tell("s1", 1);
    remembered(1);
    choose("claude");
    stage.tell("s1", 2);
    stage.wait_for("done", 1);

    stage.set("CLAUDE_MEM_DAY_TOKENS", "1");
    stage.tell("s1", 3);
    stage.wait_for("waiting", 1);
    choose("local");
    stage.wait_for("skipped", 1);
    let left = stage.store().batch(BatchId(2)).expect("it is read").expect("there is one");
    assert_eq!(left.reason.as_deref(), Some("no model"));
    stage.tell("s1", 4);
    remembered(4);

    stage.set("CLAUDE_MEM_DAY_TOKENS", "500000");
    choose("claude");
    stage.tell("s2", 5);
    stage.wait_for("done", 2);
    assert_eq!(stage.fake.messages().len(), 2, "{}", stage.told());
    let batches: u64 = stage.store().batch_counts().expect("they are counted").values().sum();
    assert_eq!(batches, 3, "turns of before have none");
    let by_model = stage.observations().iter().filter(|(by, _)| by == "claude/haiku").count();
    assert_eq!(by_model, 2, "{:?}", stage.observations());
    assert!(stage.observations().len() >= 5, "what a model did not see is as our own rules have it");
    stage.assert_nothing_lost(20);
}

#[test]
fn an_answer_that_says_it_took_nothing_counts_as_it_was_estimated() {
    let free = json!({ "mode": "well", "text": GOOD, "input": 0, "output": 0, "cost": -1.0 });
    let stage = Stage::new(&json!({ "else": free }), 1);
    stage.turn("s1", 1);
    stage.wait_for("done", 1);
    let (tokens, money) = stage.spent();
    assert!(tokens > 1000 && money > 1000, "{tokens} tokens, {money} millionths of a dollar");
}
