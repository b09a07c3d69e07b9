//! Every way in which a model's program can misbehave, at every moment at which it matters.
//!
//! A fault comes once, and good answers follow. Whatever it was: no event is lost, nothing is paid for twice once an
//! answer is on record, one memory stands in the end, no slot is taken by the dead, nobody outlives the daemon, and the
//! next session is served.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mem_core::id::BatchId;
use mem_core::time::Timestamp;
use serde_json::{Value, json};

use crate::observer::stage::{GOOD, Stage};

/// As fast as the clock may run here: four minutes of silence are 2.4 s, in which any honest program has spoken.
const RATE: u32 = 100;
/// Input tokens of one answer of the fake.
const INPUT: u64 = 1000;
/// Worlds that live at once, since there are few cores.
const AT_ONCE: usize = 8;

/// One fault: its name, what the program does, and what comes of the batch that runs into it.
struct Case {
    name: &'static str,
    request: Value,
    /// Of the whole program.
    flags: Value,
    end: End,
}

/// What comes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    state: &'static str,
    /// Requests about it that reached the program.
    asked: usize,
    /// Those that were paid, or may have been.
    paid: u32,
    /// How often it was made smaller.
    smaller: u32,
    /// Answers on record.
    answers: u64,
}

/// It was answered at once.
const WELL: End = End { state: "done", asked: 1, paid: 1, smaller: 0, answers: 1 };
/// It was asked again, after a fault that cost nothing.
const FREE: End = End { state: "done", asked: 2, paid: 1, smaller: 0, answers: 1 };
/// It was asked again, after a fault that may have cost something.
const PAID: End = End { paid: 2, ..FREE };
/// It was asked again in a smaller size, after an answer that was none.
const ANEW: End = End { smaller: 1, answers: 2, ..PAID };
/// It was made smaller, since it was too long.
const SMALLER: End = End { smaller: 1, ..FREE };
/// It is not asked again.
const PARKED: End = End { state: "parked", asked: 1, paid: 0, smaller: 0, answers: 0 };

/// Where a fault comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// With the first request of all.
    First,
    /// With the second request of a run that answered its first.
    Warm,
    /// While another session waits for the only slot.
    Contended,
}

fn case(name: &'static str, request: Value, end: End) -> Case {
    Case { name, request, flags: json!({}), end }
}

/// Answers that are none, silence, floods and lies.
fn words() -> Vec<Case> {
    vec![
        case("prose", json!({ "mode": "prose" }), ANEW),
        case("half", json!({ "mode": "half" }), WELL),
        case("nothing", json!({ "mode": "nothing" }), ANEW),
        case("stall", json!({ "mode": "stall" }), PAID),
        case("stall-mid", json!({ "mode": "stall-mid" }), PAID),
        case("flood-line", json!({ "mode": "flood-line" }), PAID),
        case("flood-lines", json!({ "mode": "flood-lines" }), PAID),
        case("lie", json!({ "mode": "lie" }), PAID),
    ]
}

/// Errors that the program reports.
fn errors() -> Vec<Case> {
    [
        ("auth", FREE),
        ("login", FREE),
        ("rate", FREE),
        ("quota", FREE),
        ("credit", FREE),
        ("overload", FREE),
        ("overflow", SMALLER),
        ("refused", PARKED),
        // a connection that was lost in between may have been paid for
        ("dropped", PAID),
    ]
    .map(|(class, end)| case(class, json!({ "mode": "error", "class": class }), end))
    .into()
}

/// Ends of the program at every point and of every kind, with and without a deaf grandchild.
fn deaths() -> Vec<Case> {
    let mut cases = Vec::new();
    for (point, end) in
        [("before-init", FREE), ("after-init", PAID), ("mid-answer", PAID), ("after-result", WELL)]
    {
        for (how, with) in [
            ("code", json!({ "code": 3 })),
            ("kill", json!({ "signal": 9 })),
            ("term", json!({ "code": 143 })),
        ] {
            let mut request = json!({ "mode": "well", "text": GOOD, "die_at": point, "complaint": "Oh no" });
            let fields = request.as_object_mut().expect("an object");
            fields.extend(with.as_object().cloned().expect("an object"));
            if how == "kill" {
                fields.insert("grandchild".into(), json!("deaf,session"));
            }
            cases.push(case(how, request, end));
        }
    }
    cases
}

/// Grandchildren of every manner, and a program that is deaf itself.
fn families() -> Vec<Case> {
    let grandchild = |manner| json!({ "mode": "well", "text": GOOD, "grandchild": manner });
    let mut cases: Vec<Case> =
        ["deaf", "session", "orphan", "deaf,session", "deaf,orphan", "session,orphan", "deaf,session,orphan"]
            .map(|manner| case(manner, grandchild(manner), WELL))
            .into();
    for flag in ["ignore_eof", "ignore_term", "deaf_to_clear"] {
        let flags = json!({ flag: true });
        cases.push(Case { name: flag, request: grandchild("deaf,session"), flags, end: WELL });
    }
    let stall = json!({ "mode": "stall", "grandchild": "deaf,session,orphan" });
    cases.push(Case {
        name: "all of it",
        request: stall,
        flags: json!({ "ignore_eof": true, "ignore_term": true }),
        end: PAID,
    });
    cases
}

#[test]
fn words_at_the_first_request() {
    run(&words(), Place::First);
}

#[test]
fn words_at_a_warm_request() {
    run(&words(), Place::Warm);
}

#[test]
fn words_while_another_waits() {
    run(&words(), Place::Contended);
}

#[test]
fn errors_at_the_first_request() {
    run(&errors(), Place::First);
}

#[test]
fn errors_at_a_warm_request() {
    run(&errors(), Place::Warm);
}

#[test]
fn errors_while_another_waits() {
    run(&errors(), Place::Contended);
}

#[test]
fn deaths_at_the_first_request() {
    run(&deaths(), Place::First);
}

#[test]
fn deaths_at_a_warm_request() {
    run(&deaths(), Place::Warm);
}

#[test]
fn deaths_while_another_waits() {
    run(&deaths(), Place::Contended);
}

#[test]
fn families_at_the_first_request() {
    run(&families(), Place::First);
}

#[test]
fn families_while_another_waits() {
    let mut cases = families();
    // whom nothing but a kill ends makes others wait for 7 s, which `life` looks at
    cases.retain(|case| case.flags["ignore_eof"].is_null() || case.flags["ignore_term"].is_null());
    run(&cases, Place::Contended);
}

/// Plays all cases at that place, a few worlds at a time.
fn run(cases: &[Case], place: Place) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    play(case, place);
                }
            });
        }
    });
}

fn play(case: &Case, place: Place) {
    let good = json!({ "mode": "well", "text": GOOD });
    let before = usize::from(place == Place::Warm);
    let mut script = case.flags.clone();
    script["requests"] = json!(if before == 1 { vec![&good, &case.request] } else { vec![&case.request] });
    script["else"] = good;
    let (mut stage, closed) = Stage::closed(&script, RATE);
    let pool = if place == Place::Contended { 1 } else { 2 };
    stage.env.set("CLAUDE_MEM_MAX_CONCURRENT_AGENTS", pool.to_string());
    stage.tell("s1", 1);
    match place {
        Place::First => {}
        Place::Warm => stage.tell("s1", 2),
        Place::Contended => stage.tell("s2", 2),
    }
    stage.open(closed);
    let name = format!("{place:?}/{}/{}", case.name, case.request);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| most_programs(&stage, &over));
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let others = u64::from(place != Place::First);
            see_it_end(&stage, case, others, &name);
            next_session(&stage, case.end.state, others, &name);
        }));
        over.store(true, Ordering::Relaxed);
        let most = watch.join().expect("watching does not panic");
        if let Err(panic) = ended {
            std::panic::resume_unwind(panic);
        }
        assert!(most <= pool, "{name}: {most} programs at once");
    });
    stage.env.daemon_stop();
    stage.wait_until(&format!("{name}: all to be gone"), |stage| stage.programs().is_empty());
    stage.env.wait_quiet();
}

/// Watches the process table; most programs of the observer that lived at once.
fn most_programs(stage: &Stage, over: &AtomicBool) -> usize {
    let mut most = 0;
    while !over.load(Ordering::Relaxed) {
        most = most.max(stage.programs().len());
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    most
}

/// Waits until everything that was told is settled, and looks at what came of it. `others` batches meet no fault.
fn see_it_end(stage: &Stage, case: &Case, others: u64, name: &str) {
    let faulted = BatchId(if name.starts_with("Warm") { 2 } else { 1 });
    if matches!(case.name, "auth" | "login" | "quota" | "credit") {
        // it waits for the user, who does something about it
        stage.wait_until(&format!("{name} to be told"), |stage| {
            stage.store().faults().is_ok_and(|faults| faults.iter().any(|f| f.kind.starts_with("model:")))
        });
        stage.set("CLAUDE_MEM_LOG_LEVEL", "debug");
    }
    let state = case.end.state;
    let done = others + u64::from(state == "done");
    stage.wait_until(&format!("{name} to end"), |stage| {
        stage.batches("done") == done && (state == "done" || stage.batches(state) == 1)
    });
    let row = stage.store().batch(faulted).expect("a batch is read").expect("there is that batch");
    let costs = stage.store().costs(Timestamp(0)).expect("costs are summed");
    let answers = costs.iter().map(|cost| cost.usage.input).sum::<u64>() / INPUT;
    let found = End {
        state: row.state.as_str(),
        asked: stage.fake.messages().len() - others as usize,
        paid: row.paid,
        smaller: row.smaller,
        answers: answers - others,
    };
    assert_eq!(found, case.end, "{name}: {}", stage.told());
    let settled: u64 = costs.iter().map(|cost| cost.requests - cost.failed).sum();
    assert_eq!(settled, done, "{name}: one request of a batch is paid, answered and kept");
    stage.assert_nothing_lost(4 * (1 + others));
    assert_memories(stage, case, others, name);
}

/// One memory for each turn, by the model where it answered and by our own rules where it did not.
fn assert_memories(stage: &Stage, case: &Case, others: u64, name: &str) {
    let memories = stage.observations();
    let by_model = memories.iter().filter(|(by, _)| by == "claude/haiku").count() as u64;
    let done = others + u64::from(case.end.state == "done");
    assert_eq!(by_model, done, "{name}: {memories:?}");
    if case.end.state == "done" {
        assert_eq!(memories.len() as u64, done, "{name}: {memories:?}");
    } else {
        assert!(memories.len() as u64 > done, "{name}: {memories:?}");
    }
}

/// After all that, another session is served as if nothing had been.
fn next_session(stage: &Stage, state: &str, others: u64, name: &str) {
    let done = others + u64::from(state == "done");
    stage.tell("next", 9);
    stage.wait_until(&format!("{name}: the next session"), |stage| stage.batches("done") == done + 1);
    stage.assert_nothing_lost(4 * (2 + others));
}
