//! The life of runs and sessions: how many live, for how long, what ends them, and who is served when.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mem_core::id::{BatchId, SessionRow};
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_testkit::wait;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::observer::stage::{GOOD, Stage};

/// As fast as the clock runs where silence must not end an honest program: 4 min are 2.4 s.
const RATE: u32 = 100;
/// The same where half an hour has to pass.
const FAST: u32 = 300;
/// How many minutes a session is distilled by a model.
const WALL_CLOCK: i64 = 4 * 60;
const MINUTE: Duration = Duration::from_secs(60);

fn good() -> Value {
    json!({ "mode": "well", "text": GOOD })
}

/// The name of the kind of fault that the store tells of models, if any.
fn faults(stage: &Stage) -> Vec<String> {
    let faults = stage.store().faults().expect("faults are read");
    faults.into_iter().map(|fault| fault.kind).filter(|kind| kind.starts_with("model:")).collect()
}

/// Ends the program that runs, as somebody outside would.
fn terminate(stage: &Stage) {
    for pid in stage.programs() {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process has an id");
        let _gone_already = kill_process(pid, Signal::TERM);
    }
}

#[test]
fn six_sessions_share_two_slots_in_the_order_in_which_they_came() {
    let (stage, closed) = Stage::closed(&json!({ "else": good() }), 1);
    for number in 1..=6 {
        stage.tell(&format!("s{number}"), number);
    }
    // a second turn of the first: it may not keep the others waiting for ever, nor get a run of its own
    stage.tell("s1", 7);
    stage.open(closed);
    let mut most = 0;
    let mut doubled = BTreeSet::new();
    stage.wait_until("all to be served", |stage| {
        most = most.max(stage.programs().len());
        let sessions = sessions_of_living_runs(stage);
        let different: BTreeSet<&String> = sessions.iter().collect();
        if different.len() < sessions.len() {
            doubled.extend(sessions);
        }
        stage.batches("done") == 7
    });
    assert!((1..=2).contains(&most), "{most} programs at once");
    assert_eq!(doubled, BTreeSet::new(), "two runs of one session");
    let firsts: Vec<u64> = (2..=6).map(|row| run_number(&stage, SessionRow(row))).collect();
    assert!(firsts.is_sorted(), "runs by session: {firsts:?}\n{}", stage.told());
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}

/// Whose runs are registered and not over, by the register.
fn sessions_of_living_runs(stage: &Stage) -> Vec<String> {
    let folder = std::fs::read_dir(stage.env.data_dir().join(layout::RUNS)).into_iter().flatten().flatten();
    // one that begins with a dot is just being written, beside what it replaces
    let whole = folder.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let texts = whole.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    let values = texts.filter_map(|text| serde_json::from_str::<Value>(&text).ok());
    values.filter_map(|value| value["session"].as_str().map(str::to_owned)).collect()
}

/// The number of the newest run of a session among those of its daemon.
fn run_number(stage: &Stage, session: SessionRow) -> u64 {
    let run = stage.store().newest_run(session).expect("the ledger is read").expect("it had a run");
    u64::from_str_radix(run.rsplit('-').next().unwrap_or_default(), 16).expect("it is named by number")
}

#[test]
fn a_warm_run_serves_several_requests_and_forgets_before_it_grows_too_long() {
    std::thread::scope(|scope| {
        for deaf in [false, true] {
            scope.spawn(move || grow_too_long(deaf));
        }
    });
}

/// Three long answers of one run, whose program is deaf to the wish to forget, or not.
fn grow_too_long(deaf: bool) {
    let long = format!("{GOOD}{}", " ".repeat(30_000));
    let script = json!({ "else": { "mode": "well", "text": long }, "deaf_to_clear": deaf });
    let (stage, closed) = Stage::closed(&script, 1);
    for number in 1..=3 {
        stage.tell("s1", number);
    }
    stage.open(closed);
    stage.wait_for("done", 3);
    let log = stage.fake.log();
    let cleared = log.iter().filter(|line| line["clear"] == true).count();
    assert!(cleared >= 1, "{log:#?}");
    assert_eq!(stage.fake.messages().len(), 3, "what it does not forget is not sent twice");
    assert_eq!((stage.fake.starts() > 1, stage.observations().len()), (deaf, 3), "{}", stage.told());
    assert_eq!(stage.spent().0, 3000);
}

/// Whom nothing but a kill ends keeps its slot until it is gone.
#[test]
fn a_slot_is_not_free_before_its_program_is_gone() {
    let script = json!({
        "else": { "mode": "well", "text": GOOD, "grandchild": "deaf,session,orphan" }, "ignore_eof": true,
        "ignore_term": true,
    });
    let (mut stage, closed) = Stage::closed(&script, 1);
    stage.env.set("CLAUDE_MEM_MAX_CONCURRENT_AGENTS", "1");
    stage.tell("s1", 1);
    stage.tell("s2", 2);
    let start = Instant::now();
    stage.open(closed);
    let mut most = 0;
    stage.wait_until("both to be served", |stage| {
        most = most.max(stage.programs().len());
        stage.batches("done") == 2
    });
    assert_eq!(most, 1);
    // 2 s for the end of its input and 5 s for the signal
    assert!(start.elapsed() >= Duration::from_secs(7), "{:?}", start.elapsed());
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}

#[test]
fn an_idle_run_is_ended_after_three_minutes_and_a_silent_one_killed_after_four() {
    let script = json!({ "requests": [{ "mode": "stall" }], "else": good(), "ignore_term": true });
    let stage = Stage::new(&script, RATE);
    let start = Instant::now();
    stage.tell("s1", 1);
    stage.wait_until("it to be asked again", |stage| stage.fake.messages().len() == 2);
    assert!(start.elapsed() >= 4 * MINUTE / RATE, "killed after {:?}", start.elapsed());
    stage.wait_for("done", 1);
    stage.wait_until("the idle run to end", |stage| stage.programs().is_empty());
    assert!(start.elapsed() >= 7 * MINUTE / RATE, "ended after {:?}", start.elapsed());
    let row = stage.store().batch(BatchId(1)).expect("it is read").expect("there is one");
    assert_eq!((row.attempts, row.paid), (2, 2));
    assert!(stage.env.daemon_pid().is_some());
    stage.tell("s1", 2);
    stage.wait_for("done", 2);
    assert_eq!(stage.fake.starts(), 3);
}

#[test]
fn a_session_is_distilled_by_a_model_for_four_hours_after_its_last_start() {
    // when it started and was resumed, and whether a model still sees its turn
    let cases = [
        ("past", vec![(WALL_CLOCK + 1, "startup")], "skipped"),
        ("just", vec![(WALL_CLOCK - 5, "startup")], "done"),
        ("resumed", vec![(2 * WALL_CLOCK, "startup"), (1, "resume")], "done"),
        // compaction is no new beginning
        ("compacted", vec![(2 * WALL_CLOCK, "startup"), (1, "compact")], "skipped"),
    ];
    std::thread::scope(|scope| {
        for (session, starts, state) in cases {
            scope.spawn(move || {
                let (stage, closed) = Stage::closed(&json!({ "else": good() }), 1);
                for (ago, source) in &starts {
                    stage.past(*ago, session, "SessionStart", json!({ "source": source }));
                }
                stage.tell(session, 1);
                stage.open(closed);
                stage.wait_for(state, 1);
                let by_model = stage.observations().iter().filter(|(by, _)| by == "claude/haiku").count();
                assert_eq!(
                    (by_model, stage.fake.messages().len()),
                    if state == "done" { (1, 1) } else { (0, 0) }
                );
                assert!(!stage.observations().is_empty(), "{session}: our own rules' memory stands");
                stage.assert_nothing_lost(4 + starts.len() as u64);
                if state == "skipped" {
                    let row = stage.store().batch(BatchId(1)).expect("it is read").expect("there is one");
                    assert_eq!(row.reason.as_deref(), Some("wall_clock"));
                    stage.event(session, "SessionStart", json!({ "source": "resume" }));
                    stage.tell(session, 2);
                    stage.wait_for("done", 1);
                }
            });
        }
    });
}

#[test]
fn what_waits_for_a_ceiling_or_a_login_does_not_grow_too_old_for_its_session() {
    std::thread::scope(|scope| {
        for login in [false, true] {
            scope.spawn(move || wait_past_the_wall_clock(login));
        }
    });
}

/// A turn waits for a login, or for a ceiling, until its session is too old for a model.
fn wait_past_the_wall_clock(login: bool) {
    let requests = if login { vec![json!({ "mode": "error", "class": "login" })] } else { vec![] };
    let (stage, closed) = Stage::closed(&json!({ "requests": requests, "else": good() }), FAST);
    if !login {
        let _set = stage.env.claude_mem(&["config", "set", "CLAUDE_MEM_DAY_TOKENS", "1"]).ok();
    }
    stage.past(WALL_CLOCK - 15, "s1", "SessionStart", json!({ "source": "startup" }));
    stage.tell("s1", 1);
    stage.open(closed);
    stage.wait_until("the hold", |stage| !faults(stage).is_empty());
    let past = Instant::now() + 16 * MINUTE / FAST;
    stage.wait_until("the session to be too old", |_| Instant::now() > past);
    let (key, value) =
        if login { ("CLAUDE_MEM_LOG_LEVEL", "debug") } else { ("CLAUDE_MEM_DAY_TOKENS", "500000") };
    stage.set(key, value);
    stage.wait_for("done", 1);
    assert_eq!(faults(&stage), [] as [String; 0]);
}

#[test]
fn three_crashes_close_the_guard_and_time_opens_it() {
    let crash = json!({ "mode": "die", "die_at": "before-init", "signal": 9 });
    let stage = Stage::new(&json!({ "requests": [crash, crash, crash], "else": good() }), FAST);
    let start = Instant::now();
    stage.tell("s1", 1);
    stage.wait_for("parked", 1);
    let crashed = Instant::now();
    stage.wait_until("the user to be told", |stage| faults(stage).contains(&"model:crash".to_owned()));
    let status = stage.env.claude_mem(&["status"]).stdout;
    assert!(status.contains("it keeps crashing"), "{status}");
    stage.tell("s2", 2);
    stage.wait_until("it to be served", |stage| stage.fake.messages().len() > 3);
    assert!(start.elapsed() >= 10 * MINUTE / FAST, "{:?}", start.elapsed());
    assert!(crashed.elapsed() < wait::SOON * 3);
    stage.wait_for("done", 1);
    stage.wait_until("the trouble to be over", |stage| faults(stage).is_empty());
    stage.assert_nothing_lost(8);
}

#[test]
fn three_failures_open_the_breaker_and_one_request_every_half_hour_tries() {
    let overload = json!({ "mode": "error", "class": "overload" });
    let script = json!({ "requests": [overload, overload, overload, overload], "else": good() });
    let stage = Stage::new(&script, FAST);
    let start = Instant::now();
    for number in 1..=3 {
        stage.tell(&format!("s{number}"), number);
    }
    stage.wait_until("the breaker", |stage| faults(stage).contains(&"model:breaker".to_owned()));
    // of three sessions at two slots one more may have been on its way
    stage.wait_until("a trial", |stage| stage.fake.messages().len() >= 4);
    stage.wait_for("done", 3);
    assert!(start.elapsed() >= 30 * MINUTE / FAST, "{:?}", start.elapsed());
    stage.wait_until("the trouble to be over", |stage| faults(stage).is_empty());
    assert_eq!(stage.observations().iter().filter(|(by, _)| by == "claude/haiku").count(), 3);
    assert_eq!(stage.fake.messages().len(), 7, "{}", stage.told());
    stage.assert_nothing_lost(12);
}

#[test]
fn a_program_that_somebody_ends_from_outside_has_not_crashed() {
    let stall = json!({ "mode": "stall" });
    let script = json!({ "requests": [stall, stall, good(), stall, stall], "else": good() });
    let stage = Stage::new(&script, RATE / 4);
    for (turn, asked) in [(1, [1, 2]), (2, [4, 5])] {
        stage.tell("s1", turn);
        for asked in asked {
            stage.wait_until("it to be asked", |stage| stage.fake.messages().len() == asked);
            terminate(&stage);
        }
        stage.wait_for("done", u64::from(turn));
    }
    assert_eq!(faults(&stage), [] as [String; 0]);
    let row = stage.store().batch(BatchId(1)).expect("it is read").expect("there is one");
    assert_eq!((row.attempts, row.paid), (1, 3), "an end on purpose is no attempt, though it may have cost");
    assert_eq!(stage.observations().len(), 2);
}

#[test]
fn an_idle_program_that_somebody_ends_is_started_again_for_the_next_turn() {
    let stage = Stage::new(&json!({ "else": good() }), 1);
    for number in 1..=5 {
        stage.tell("s1", number);
        stage.wait_for("done", u64::from(number));
        terminate(&stage);
        stage.wait_until("it to go", |stage| stage.programs().is_empty());
    }
    assert_eq!((faults(&stage).len(), stage.fake.messages().len(), stage.fake.starts()), (0, 5, 5));
    assert_eq!(stage.spent().0, 5000);
}

#[test]
fn a_daemon_with_busy_runs_leaves_within_about_a_second() {
    let script = json!({
        "else": { "mode": "stall", "grandchild": "deaf,session,orphan" }, "ignore_term": true, "ignore_eof": true,
    });
    let stage = Stage::new(&script, RATE / 10);
    stage.tell("s1", 1);
    stage.tell("s2", 2);
    stage.wait_until("both to be asked", |stage| stage.fake.messages().len() == 2);
    let start = Instant::now();
    stage.env.daemon_stop();
    stage.wait_until("everybody to go", |stage| stage.env.processes().is_empty());
    let took = start.elapsed();
    // a second, and what a busy machine needs to look
    assert!(took < Duration::from_secs(3), "{took:?}");
    let rows = [1, 2].map(|id| stage.store().batch(BatchId(id)).expect("it is read").expect("there is one"));
    for row in rows {
        assert_eq!((row.state.as_str(), row.attempts, row.paid), ("waiting", 0, 1), "{row:?}");
    }
    stage.fake.script(&json!({ "else": good() }));
    stage.env.daemon_start();
    stage.wait_for("done", 2);
}

#[test]
fn a_silent_session_is_closed_and_opened_by_a_later_event() {
    let stage = Stage::new(&json!({ "else": good() }), 1);
    stage.env.daemon_stop();
    stage.past(20, "s1", "UserPromptSubmit", json!({ "prompt_id": "p1", "prompt": "Have a look" }));
    stage.past(19, "s1", "Stop", json!({ "prompt_id": "p1", "last_assistant_message": "It looks well." }));
    stage.env.daemon_start();
    let ended = |stage: &Stage, name: &str| -> Option<(Timestamp, String)> {
        let all = stage.store().sessions(None, 10).ok()?;
        let one = all.into_iter().find(|listed| listed.session.0 == name)?;
        Some((one.ended_at?, one.end_reason.unwrap_or_default()))
    };
    stage.wait_until("it to be closed", |stage| ended(stage, "s1").is_some());
    stage.tell("s1", 2);
    stage.wait_for("done", 1);
    assert_eq!(ended(&stage, "s1"), None);
    stage.assert_nothing_lost(6);
}
