//! Searches that the daemon answers: nothing in them tells who answered, and a daemon that fails in any way costs a moment.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use mem_core::layout;
use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

use super::story::{self, ids, leads_to, search, world};
use crate::mcp::client::Client;

/// Questions of every kind, each with its conditions.
const QUESTIONS: [&[&str]; 16] = [
    &["wombat"],
    &["where does the wombat dig its burrow and what sleeps"],
    &["\"burrow for the wombat\""],
    &["wom* num*"],
    &["src/quokka.rs"],
    &["wobmat"],
    &["zzzz nowhere"],
    &["wombat today"],
    &["yesterday"],
    &["animal", "--limit", "2", "--offset", "3"],
    &["animal", "--order", "newest", "--per-session", "1"],
    &["animal", "--order", "oldest", "--limit", "1000"],
    &["animal wombat", "--near", "src/quokka.rs", "--all"],
    &["--type", "commits"],
    &["animal", "--from", "today", "--file", "pens/pen3.txt"],
    &["burrow \u{1}\u{7f} 日本語 🦓 \"", "--branch", "main"],
];

/// A memory of a story and some animals, at rest, with a daemon that has answered.
fn told() -> TestEnv {
    let env = world();
    env.daemon_start();
    story::story(&env);
    for number in 0..12 {
        story::another(&env, &format!("Feed animal number {number}"));
        story::write(&env, &format!("pens/pen{number}.txt"), "hay\n");
        story::answer(&env, &format!("Animal {number} of pen {number} has eaten."));
    }
    wait::until("all of it", || {
        let found = search(&env, &["eaten", "--limit", "50"]);
        (found["coverage"]["waiting"] == 0 && found["total"].as_u64() >= Some(12)).then_some(())
    });
    worker_answers(&env);
    env
}

/// The worker answers searches: at once, or on a machine that is slow now, when that is over.
fn worker_answers(env: &TestEnv) {
    wait::until("an answer of the worker", || (by(env) == "worker").then_some(()));
}

fn by(env: &TestEnv) -> String {
    search(env, &["wombat", "--explain"])["answered_by"].as_str().unwrap().to_owned()
}

/// What is told of each question where it is answered by the one of that name: as a document, and as people read it.
fn answers(env: &TestEnv, by: &str) -> Vec<(Value, String)> {
    let told = QUESTIONS.map(|args| {
        let document = wait::until(by, || {
            let mut document = search(env, &[args, &["--explain"]].concat());
            (document["answered_by"].take() == by).then_some(document)
        });
        let people = env.claude_mem(&[&["search", "--explain"], args].concat()).ok();
        (document, people.stdout + &people.stderr)
    });
    let around = env.claude_mem(&["timeline", "wombat burrow", "--json"]).json();
    let mut client = Client::begun(env);
    let listed = client.told("search", json!({ "query": "wombat animal", "limit": 7 }));
    let line = client.told("timeline", json!({ "query": "animal number 3" }));
    client.leave();
    let others = [(around, listed), (Value::Null, line)];
    told.into_iter().chain(others).collect()
}

#[test]
fn nobody_can_tell_who_answered() {
    let env = told();
    let there = answers(&env, "worker");
    env.daemon_stop();
    let here = answers(&env, "process");
    for (there, here) in there.iter().zip(&here) {
        assert_eq!(there, here);
    }
    assert!(leads_to(&here[0].0, "T"));
    env.daemon_start();
    worker_answers(&env);
}

#[test]
fn a_daemon_that_stands_still_is_waited_for_no_longer_than_a_moment() {
    let env = told();
    let before = search(&env, &["wombat"]);
    env.freeze(env.daemon_pid().unwrap());
    let begun = Instant::now();
    assert_eq!(search(&env, &["wombat"]), before);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "promised is a third of a second, here on any machine"
    );
    assert_eq!(by(&env), "process");
    // a process that stays has waited once
    let mut client = Client::begun(&env);
    for _ in 0..3 {
        assert!(client.told("search", json!({ "query": "wombat" })).contains("wombat"));
    }
    client.leave();
}

#[test]
fn a_daemon_that_dies_between_question_and_answer_is_no_loss() {
    let env = told();
    let before = search(&env, &["wombat", "--explain"]);
    let pid = env.daemon_pid().unwrap();
    let killer = env.daemon_killer();
    env.freeze(pid);
    let asked = std::thread::scope(|scope| {
        let asked = scope.spawn(|| search(&env, &["wombat", "--explain"]));
        // a question lies with the daemon now, or was given up by a machine that is this slow
        let _lies_there = wait::within(Duration::from_millis(200), || (clients(&env) > 1).then_some(()));
        assert_eq!(killer(), 1);
        asked.join().unwrap()
    });
    assert_eq!((ids(&asked), &asked["answered_by"]), (ids(&before), &json!("process")));
    assert_eq!(asked["hits"], before["hits"]);
    assert_eq!(by(&env), "process", "and nobody is waited for any more");
}

/// How many ends of sockets bear the name of the daemon's.
fn clients(env: &TestEnv) -> usize {
    let name = env.data_dir().join(layout::ANSWER_SOCKET).to_string_lossy().into_owned();
    let all = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
    all.lines().filter(|line| line.ends_with(&name)).count()
}

#[test]
fn fifty_at_once_are_all_answered_and_alike() {
    let env = told();
    let before = search(&env, &["animal wombat", "--limit", "30"]);
    let start = std::sync::Barrier::new(50);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            let (env, start, before) = (&env, &start, &before);
            scope.spawn(move || {
                start.wait();
                assert_eq!(&search(env, &["animal wombat", "--limit", "30"]), before);
            });
        }
    });
    worker_answers(&env);
}

#[test]
fn a_store_that_was_replaced_is_not_answered_for_from_what_was_kept() {
    let env = told();
    let (store, fresh) = (env.data_dir().join(layout::STORE), env.root().join("fresh.db"));
    let title = || search(&env, &["wombat", "--type", "prompts"])["hits"][0]["title"].clone();
    assert_eq!(title(), "Dig a burrow for the wombat");
    let source = rusqlite::Connection::open(&store).unwrap();
    source.execute("VACUUM INTO ?1", [fresh.to_str().unwrap()]).unwrap();
    drop(source);
    let changed = rusqlite::Connection::open(&fresh).unwrap();
    changed.execute("UPDATE turns SET prompt = replace(prompt, 'Dig', 'Fill')", []).unwrap();
    drop(changed);
    std::fs::rename(&fresh, &store).unwrap();
    for of_the_one_before in ["memory.db-wal", "memory.db-shm"] {
        let _there_or_not = std::fs::remove_file(env.data_dir().join(of_the_one_before));
    }
    assert_eq!(title(), "Fill a burrow for the wombat");
    worker_answers(&env);
}

#[test]
fn a_daemon_that_answers_keeps_answering_its_other_questions() {
    let env = told();
    let pid = env.daemon_pid().unwrap();
    let socket = env.data_dir().join(layout::ANSWER_SOCKET);
    let connect = || UnixStream::connect(&socket).unwrap();
    let store = mem_store::Store::open_read(&env.data_dir().join(layout::STORE)).unwrap();
    let store = store.which().unwrap().to_string();
    let before = resident_kb(pid);
    for client in 0..8 {
        super::rude::behave(client, &connect);
    }
    let crowd: Vec<UnixStream> = super::rude::crowd(&connect, &store);
    assert_eq!(env.daemon_pid(), Some(pid), "a greeting is answered while others misbehave");
    let found = search(&env, &["wombat"]);
    assert!(leads_to(&found, "T"), "{found:#}");
    drop(crowd);
    worker_answers(&env);
    let grown = resident_kb(pid).saturating_sub(before);
    assert!(grown < 64 * 1024, "{grown} kB more");
    assert_eq!(env.daemon_pid(), Some(pid));
    story::another(&env, "Count the dingoes");
    wait::until("news", || leads_to(&search(&env, &["dingoes"]), "T").then_some(()));
}

/// What a process takes of memory.
fn resident_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
