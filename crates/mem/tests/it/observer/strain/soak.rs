//! Two hundred short sessions, half of them killed, with a model that fails at random: everything is accounted for, and
//! nothing grows but the store.

use std::path::Path;

use mem_testkit::wait;
use serde_json::{Value, json};

use crate::observer::stage::{GOOD, Stage};

const SESSIONS: u32 = 200;
/// Processes of a run: its keeper and the program, and for a moment the one that becomes it.
const PER_RUN: usize = 3;
/// The pool unless a setting says otherwise.
const POOL: usize = 2;

#[test]
fn two_hundred_sessions_leave_nothing_behind() {
    // half an hour of the breaker's rest are nine seconds, and the wall clock of a session is more than a minute
    let stage = Stage::new(&script(), 200);
    let daemon = stage.env.daemon_pid().expect("the daemon runs");
    let mut events = 0;
    let mut early = 0;
    for number in 0..SESSIONS {
        let session = format!("soak-{number}");
        if number % 2 == 0 {
            stage.turn(&session, number);
            stage.event(&session, "SessionEnd", json!({ "reason": "other" }));
            events += 5;
        } else {
            // killed: nobody says that it ended
            stage.unfinished_turn(&session, number);
            events += 3;
        }
        let alive = stage.fakes();
        assert!(alive <= POOL * PER_RUN, "{alive} processes of runs");
        if number == SESSIONS / 4 {
            early = memory_of(daemon);
        }
    }
    // the user comes back to those that were killed, which closes the turns that nobody closed
    for number in (1..SESSIONS).step_by(2) {
        stage.event(&format!("soak-{number}"), "SessionStart", json!({ "source": "resume" }));
        events += 1;
    }
    stage.assert_nothing_lost(events);
    let settled = wait::within(std::time::Duration::from_secs(60), || {
        let counts = stage.store().batch_counts().expect("batches are counted");
        let of = |state: &str| counts.get(state).copied().unwrap_or(0);
        let waiting = of("waiting") + of("leased") + of("answered");
        (waiting == 0 && of("done") + of("parked") + of("skipped") >= u64::from(SESSIONS)).then_some(counts)
    });
    let Some(counts) = settled else {
        panic!("{:?}\n{:#}\n{}", stage.store().batch_counts(), stage.env.status(), stage.log())
    };
    assert!(counts["done"] >= u64::from(SESSIONS) / 2, "{counts:?}");
    let late = memory_of(daemon);
    println!("memory of the daemon: {early} kB after a quarter, {late} kB at the end; batches {counts:?}");
    assert!(late < early * 3 / 2 + 8 * 1024, "{early} kB grew to {late} kB");
    assert_eq!(stage.env.daemon_pid(), Some(daemon), "it is the same daemon");
    let files = files_below(&stage.env.data_dir());
    assert!(files < 60, "{files} files");
    stage.env.daemon_stop();
    stage.env.wait_quiet();
    assert_eq!(files_below(&stage.env.data_dir().join(mem_core::layout::RUNS)), 0);
    assert_eq!(stage.store().quick_check().expect("it can be checked"), [""; 0]);
}

/// Answers of every sort, the same in every run of the test.
fn script() -> Value {
    let mut chance: u64 = 0x2545_f491_4f6c_dd1d;
    let requests: Vec<Value> = (0..400)
        .map(|_| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match (chance >> 33) % 20 {
                0 => json!({ "mode": "prose" }),
                1 => json!({ "mode": "half" }),
                2 => json!({ "mode": "nothing" }),
                3 => json!({ "mode": "error", "class": "transport" }),
                4 => json!({ "mode": "error", "class": "rate" }),
                5 => json!({ "mode": "well", "text": GOOD, "die_at": "mid-answer", "code": 143 }),
                6 => json!({ "mode": "well", "text": GOOD, "grandchild": "deaf,session" }),
                _ => json!({ "mode": "well", "text": GOOD }),
            }
        })
        .collect();
    json!({ "requests": requests, "else": { "mode": "well", "text": GOOD } })
}

/// Resident memory in kB.
fn memory_of(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).expect("a process has memory")
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { 1 }).sum()
}
