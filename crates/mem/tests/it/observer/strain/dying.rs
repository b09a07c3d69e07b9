//! The daemon dies by SIGKILL, at every step of a request and at any moment: nothing is lost, nothing is stored twice,
//! nothing is paid twice once its answer is on record, and whoever descends from it is gone within a second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mem_core::id::BatchId;
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_testkit::{leftovers, wait};
use serde_json::{Value, json};

use crate::observer::stage::{GOOD, Stage};

/// Within this after the death of the daemon everything that descends from it is gone.
const SECOND: Duration = Duration::from_secs(1);

fn good() -> Value {
    json!({ "mode": "well", "text": GOOD })
}

/// A daemon that kills itself at that step; waits until it has.
fn die_at(stage: &mut Stage, step: &str) {
    stage.env.set("CLAUDE_MEM_DIE_AT", step);
    let mut command = stage.env.command(stage.env.program());
    let mut daemon = command.args(["worker", "run"]).spawn().expect("the daemon can be started");
    let died = wait::within(wait::SOON, || daemon.try_wait().expect("it is our child"));
    let status = died.unwrap_or_else(|| {
        daemon.kill().expect("it is our child");
        panic!("it does not die at {step}: {}", stage.told())
    });
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{step}: {}", stage.log());
    stage.env.set("CLAUDE_MEM_DIE_AT", "");
}

#[test]
fn a_daemon_that_dies_at_any_step_loses_nothing_and_pays_once_for_what_is_on_record() {
    // how many requests reach the program in all, at least and at most
    let steps = [
        ("composed", 1, 1),
        ("leased", 1, 1),
        // it was on its way: whether it was paid nobody knows, and it is asked again
        ("sent", 1, 2),
        ("answered", 2, 2),
        ("recorded", 1, 1),
        ("settled", 1, 1),
    ];
    std::thread::scope(|scope| {
        for (step, least, most) in steps {
            scope.spawn(move || {
                let script =
                    json!({ "else": { "mode": "well", "text": GOOD, "grandchild": "deaf,session,orphan" } });
                let (mut stage, closed) = Stage::closed(&script, 1);
                stage.tell("s1", 1);
                closed.lift();
                die_at(&mut stage, step);
                let start = Instant::now();
                stage.wait_until("its descendants to go", |stage| stage.env.processes().is_empty());
                assert!(start.elapsed() < SECOND * 5 / 2, "{step}: {:?}", start.elapsed());
                stage.env.daemon_start();
                stage.wait_for("done", 1);
                let asked = stage.fake.messages().len();
                assert!((least..=most).contains(&asked), "{step}: asked {asked} times");
                assert_eq!(stage.observations().len(), 1, "{step}: {:?}", stage.observations());
                let row = stage.store().batch(BatchId(1)).expect("it is read").expect("there is one");
                let lost = matches!(step, "leased" | "sent" | "answered");
                assert_eq!(row.paid, 1 + u32::from(lost), "{step}: {row:?}");
                stage.assert_nothing_lost(4);
                stage.env.daemon_stop();
                stage.env.wait_quiet();
            });
        }
    });
}

#[test]
fn a_batch_whose_daemon_dies_three_times_is_set_aside() {
    let (mut stage, closed) = Stage::closed(&json!({ "else": good() }), 1);
    stage.tell("s1", 1);
    closed.lift();
    for _ in 0..3 {
        die_at(&mut stage, "leased");
    }
    stage.env.daemon_start();
    stage.wait_for("parked", 1);
    assert_eq!(stage.fake.messages().len(), 0);
    assert!(stage.observations().iter().all(|(by, _)| by == "local"), "{:?}", stage.observations());
    stage.assert_nothing_lost(4);
    stage.tell("s1", 2);
    stage.wait_for("done", 1);
}

#[test]
fn thirty_deaths_in_twenty_turns_lose_nothing_and_store_nothing_twice() {
    const TURNS: u32 = 20;
    const DEATHS: u32 = 30;
    let stage = Stage::new(&json!({ "else": good() }), 1);
    let kill = stage.env.daemon_killer();
    let mut chance = Chance(0x5eed_1234_abcd_ef01);
    let (mut told, mut died) = (0, 0);
    while died < DEATHS {
        if told < TURNS {
            told += 1;
            stage.tell(&format!("s{}", told % 5), told);
        }
        // a moment in the work, told by what the log of the program has come to or by the time that passed
        let before = stage.fake.messages().len();
        let limit = Duration::from_millis(chance.below(250));
        let _time_passed = wait::within(limit, || (stage.fake.messages().len() > before + 1).then_some(()));
        died += u32::try_from(kill()).expect("few daemons");
        let _started = stage.env.claude_mem(&["worker", "start"]);
    }
    stage.env.daemon_start();
    let settled = |stage: &Stage| stage.batches("done") + stage.batches("parked") == u64::from(TURNS);
    stage.wait_until("all turns to be settled", settled);
    stage.assert_nothing_lost(4 * u64::from(TURNS));
    let store = stage.store();
    let rows: Vec<_> = (1..=i64::from(TURNS))
        .map(|id| store.batch(BatchId(id)).expect("a batch is read").expect("one for each turn"))
        .collect();
    let mut by_model: BTreeMap<String, usize> = BTreeMap::new();
    for (by, _) in stage.observations() {
        *by_model.entry(by).or_default() += 1;
    }
    let done = stage.batches("done");
    assert_eq!(by_model.get("claude/haiku").copied().unwrap_or_default() as u64, done, "{by_model:?}");
    // each answer on record made its memory, and none was asked for again
    let costs = store.costs(Timestamp(0)).expect("costs are summed");
    let (requests, failed) =
        costs.iter().fold((0, 0), |(all, bad), cost| (all + cost.requests, bad + cost.failed));
    assert_eq!(requests - failed, done, "{}", stage.told());
    assert_eq!(costs.iter().map(|cost| cost.usage.input).sum::<u64>(), 1000 * done);
    let paid: u64 = rows.iter().map(|row| u64::from(row.paid)).sum();
    assert!(stage.fake.messages().len() as u64 <= paid, "{} asked", stage.fake.messages().len());
    stage.env.daemon_stop();
    stage.env.wait_quiet();
}

#[test]
fn a_daemon_and_its_keeper_killed_together_leave_a_stray_that_the_next_one_sweeps() {
    let script = json!({
        "requests": [{ "mode": "stall", "grandchild": "deaf,session,orphan" }], "else": good(), "ignore_term": true,
    });
    let stage = Stage::new(&script, 1);
    stage.tell("s1", 1);
    stage.wait_until("the request", |stage| stage.fake.messages().len() == 1);
    stage.wait_until("the grandchild", |stage| grandchildren(stage).len() == 1);
    let entries = || mem_runs(&stage);
    stage.wait_until("the register to know the program", |_| {
        entries().first().is_some_and(|entry| entry["child"]["pid"].is_u64())
    });
    let keeper = entries()[0]["keeper"]["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
    let keeper = keeper.expect("the register knows the keeper");
    let daemon = stage.env.daemon_pid().expect("it is there");
    // who is frozen sees nobody die: as if both had been killed at one moment
    stage.env.freeze(daemon);
    leftovers::kill(keeper);
    leftovers::kill(daemon);
    let gone = |pid| stage.env.processes().iter().all(|left| left.pid != pid);
    stage.wait_until("both to go", |_| gone(keeper) && gone(daemon));
    assert_eq!(grandchildren(&stage).len(), 1, "it has nobody who ends it");

    stage.env.daemon_start();
    stage.wait_for("done", 1);
    assert_eq!(grandchildren(&stage), [] as [u32; 0], "{}", stage.log());
    assert_eq!((stage.fake.messages().len(), stage.observations().len()), (2, 1));
    stage.env.daemon_stop();
    stage.env.wait_quiet();
    assert_eq!(entries(), [] as [Value; 0]);
}

#[test]
fn a_stranger_with_a_pid_of_the_register_is_spared() {
    let (stage, closed) = Stage::closed(&json!({ "else": good() }), 1);
    let mut command = std::process::Command::new(stage.fake.program());
    let stranger = command.args(["--descend", "deaf"]).stdin(std::process::Stdio::piped());
    let mut stranger = stranger.stdout(std::process::Stdio::null()).spawn().expect("it can be started");
    let folder = stage.env.data_dir().join(layout::RUNS);
    std::fs::create_dir_all(&folder).expect("the register can be made");
    let who = json!({ "pid": stranger.id(), "started": 12345 });
    let entry = json!({
        "run": "01890000-0000-7000-8000-000000000000", "keeper": who, "child": who, "session": "1",
        "model": "claude/haiku", "since": 1,
    });
    std::fs::write(folder.join("01890000-0000-7000-8000-000000000000.json"), entry.to_string())
        .expect("the register can be written");
    stage.tell("s1", 1);
    stage.open(closed);
    stage.wait_for("done", 1);
    let lives = stranger.try_wait().expect("it is our child").is_none();
    stranger.kill().expect("it is our child");
    let _it_is_gone = stranger.wait().expect("it is our child");
    assert!(lives, "the stranger was ended: {}", stage.log());
    assert!(mem_runs(&stage).iter().all(|entry| entry["since"] != 1), "what is over stays registered");
}

#[test]
fn descendants_of_a_killed_daemon_are_gone_within_a_second() {
    let script = json!({
        "else": { "mode": "stall", "grandchild": "deaf,session,orphan" }, "ignore_term": true, "ignore_eof": true,
    });
    let stage = Stage::new(&script, 1);
    stage.tell("s1", 1);
    stage.tell("s2", 1);
    stage.wait_until("both grandchildren", |stage| grandchildren(stage).len() == 2);
    let start = Instant::now();
    assert!(stage.env.kill_daemon());
    stage.wait_until("everybody to go", |stage| stage.env.processes().is_empty());
    let took = start.elapsed();
    // a second, and what a busy machine needs to look
    assert!(took < SECOND * 5 / 2, "{took:?}");
}

/// The deaf ones who belong to this world.
fn grandchildren(stage: &Stage) -> Vec<u32> {
    let all = stage.env.processes();
    all.into_iter().filter(|left| left.shown.starts_with("claude-grandchild")).map(|left| left.pid).collect()
}

/// What the register of runs holds.
fn mem_runs(stage: &Stage) -> Vec<Value> {
    let folder = std::fs::read_dir(stage.env.data_dir().join(layout::RUNS)).into_iter().flatten().flatten();
    let texts = folder.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    texts.filter_map(|text| serde_json::from_str(&text).ok()).collect()
}

/// Moments by chance, the same ones every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        // xorshift: any numbers will do that do not come evenly
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
