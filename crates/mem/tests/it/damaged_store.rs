//! What lies where the store should be is no file, or damaged: everybody says so with what helps, nobody hangs, no event
//! is lost, and what is said to help does.

use std::path::{Path, PathBuf};

use mem_testkit::{TestEnv, wait};
use rusqlite::config::DbConfig;
use serde_json::{Value, json};

use crate::finding::story;
use crate::mcp::client::Client;

fn world() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    env.write("src/slug.js", "");
    env.git_init();
    env
}

/// A session of its own, in which the user says just this.
fn say(env: &TestEnv, session: &str, prompt: &str) {
    let input = json!({
        "session_id": session, "cwd": env.project(), "hook_event_name": "UserPromptSubmit", "prompt_id": session,
        "prompt": prompt,
    });
    let said = env.hook(&input);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said}");
}

fn store(env: &TestEnv) -> PathBuf {
    env.data_dir().join("memory.db")
}

fn frames(env: &TestEnv) -> usize {
    let inbox = std::fs::read_dir(env.data_dir().join("inbox")).expect("it is there");
    inbox.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == "frame")).count()
}

/// What `status` says of the memory: what is wrong, and the remedy.
#[track_caller]
fn problem(env: &TestEnv) -> (String, String) {
    let status = env.status();
    let problems = status["problems"].as_array().expect("a list");
    let found = problems.iter().find(|problem| {
        problem["what"].as_str().is_some_and(|what| what.starts_with("the memory cannot be read"))
    });
    let found = found.unwrap_or_else(|| panic!("no problem: {status:#}"));
    (text(&found["what"]), text(&found["remedy"]))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// How the doctor's check of that name ended, with its remedy.
fn check(env: &TestEnv, name: &str) -> (String, String) {
    let checkup: Value = serde_json::from_str(&env.claude_mem(&["doctor", "--json"]).stdout).expect("JSON");
    let checks = checkup["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["name"] == name).expect("it looks at that");
    (text(&check["outcome"]), check["remedy"].as_str().unwrap_or_default().to_owned())
}

/// Waits until every event is in the store, and nothing is wrong.
#[track_caller]
fn all_is_well(env: &TestEnv, events: u64) {
    wait::until("the events to be stored", || {
        let status = env.status();
        let stored = status["events"]["stored"] == events && status["events"]["pending"] == 0;
        (stored && status["problems"].as_array().is_some_and(Vec::is_empty)).then_some(())
    });
    assert_eq!(check(env, "store").0, "ok");
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.expect("there is mkfifo").success());
}

#[test]
fn a_pipe_for_a_store_hangs_nobody_and_costs_no_event() {
    for (what, lay) in [
        ("a pipe", pipe as fn(&Path)),
        ("a folder", |path: &Path| std::fs::create_dir(path).expect("it can be made")),
    ] {
        let env = world();
        std::fs::create_dir_all(env.data_dir()).expect("it can be made");
        lay(&store(&env));
        say(&env, "s1", "Write the zebra page");
        let wrong = format!("memory.db is {what} and no file");
        let (said, remedy) = problem(&env);
        assert!(said.contains(&wrong), "{said}");
        assert!(remedy.starts_with(&format!("Move {} away", store(&env).display())), "{remedy}");
        for command in [["search", "zebra"], ["timeline", "zebra"]] {
            let told = env.claude_mem(&command);
            assert!(told.code == Some(1) && told.stderr.contains(&wrong), "{told}");
        }
        assert!(env.claude_mem(&["brief"]).ok().stdout.contains(&wrong));
        let begin = json!({
            "session_id": "s9", "cwd": env.project(), "hook_event_name": "SessionStart", "source": "startup",
        });
        let told = env.hook(&begin);
        assert!(told.code == Some(0) && told.stderr.is_empty() && told.stdout.contains(&wrong), "{told}");
        assert_eq!(check(&env, "store").0, "failed");
        let mut client = Client::begun(&env);
        let (said, failed) = client.call("search", json!({ "query": "zebra" }));
        assert!(failed && said.contains(&wrong), "{said}");
        client.leave();
        env.daemon_start();
        say(&env, "s2", "Write the okapi page");
        assert_eq!(frames(&env), 3);
        if what == "a pipe" {
            std::fs::remove_file(store(&env)).expect("it is there");
        } else {
            std::fs::remove_dir(store(&env)).expect("it is empty");
        }
        all_is_well(&env, 3);
    }
}

/// A copy as it is made before an upgrade, and where it lies.
fn copy(env: &TestEnv) -> PathBuf {
    let copy = env.data_dir().join("memory-backups/memory-001763700000000-v4.db");
    let conn = rusqlite::Connection::open(store(env)).expect("it opens");
    conn.execute("VACUUM INTO ?1", [copy.to_str().expect("a plain path")]).expect("it is copied");
    copy
}

/// Does what the remedy says: stops the worker, moves the store away with what lies beside it, and copies the copy.
fn replace(env: &TestEnv, copy: Option<&Path>) {
    env.daemon_stop();
    for name in ["memory.db", "memory.db-wal", "memory.db-shm"] {
        let _there_or_not = std::fs::rename(env.data_dir().join(name), env.root().join(name));
    }
    if let Some(copy) = copy {
        std::fs::copy(copy, store(env)).expect("it can be copied");
    }
}

/// A memory of two events, as a daemon that lives has it, and which is not in its log only.
fn remembered(env: &TestEnv) {
    env.daemon_start();
    say(env, "s1", "Write the zebra page");
    say(env, "s2", "Write the okapi page");
    wait::until("the events", || (env.status()["events"]["stored"] == 2).then_some(()));
    env.daemon_stop();
    env.daemon_start();
}

fn finds(env: &TestEnv, word: &str) -> bool {
    !env.claude_mem(&["search", word, "--json"]).json()["hits"].as_array().expect("a list").is_empty()
}

#[test]
fn a_store_cut_to_nothing_beside_a_daemon_is_told_and_a_copy_puts_it_right() {
    let env = world();
    remembered(&env);
    let copy = copy(&env);
    // opened once more, it has begun a log
    say(&env, "s3", "Write the quagga page");
    wait::until("the event", || (env.status()["events"]["stored"] == 3).then_some(()));
    let pid = env.daemon_pid();
    std::fs::File::create(store(&env)).expect("it can be cut");

    let (said, remedy) = problem(&env);
    assert!(said.contains("was cut to nothing"), "{said}");
    assert!(
        remedy.contains("claude-mem worker stop") && remedy.contains(copy.to_str().expect("plain")),
        "{remedy}"
    );
    say(&env, "s4", "Write the gnu page");
    let log = || std::fs::read_to_string(env.data_dir().join("daemon.log")).unwrap_or_default();
    wait::until("the daemon to notice", || log().contains("was cut to nothing").then_some(()));
    assert_eq!((env.daemon_pid(), frames(&env)), (pid, 1), "it lives, and the event waits");
    let (outcome, told) = check(&env, "store");
    assert_eq!((outcome.as_str(), told.starts_with(&remedy[..80])), ("failed", true), "{told}");
    let told = env.claude_mem(&["search", "zebra"]);
    assert!(told.code == Some(1) && told.stderr.contains("was cut to nothing"), "{told}");

    replace(&env, Some(&copy));
    say(&env, "s5", "Write the kudu page");
    all_is_well(&env, 4);
    assert!(["zebra", "okapi", "gnu", "kudu"].iter().all(|word| finds(&env, word)));
    assert!(!finds(&env, "quagga"), "it is from before");
}

#[test]
fn a_store_replaced_beside_a_daemon_is_gone_on_with_and_keeps_what_comes() {
    let env = world();
    remembered(&env);
    let copy = copy(&env);
    say(&env, "s3", "Write the quagga page");
    wait::until("the event", || (env.status()["events"]["stored"] == 3).then_some(()));
    let pid = env.daemon_pid();
    std::fs::rename(store(&env), env.root().join("old.db")).expect("it can be moved");
    std::fs::copy(&copy, store(&env)).expect("it can be copied");
    say(&env, "s4", "Write the gnu page");
    all_is_well(&env, 3);
    assert_eq!(env.daemon_pid(), pid);
    assert!(["zebra", "okapi", "gnu"].iter().all(|word| finds(&env, word)));
    assert!(!finds(&env, "quagga"), "the old one's log is not the new one's");
}

#[test]
fn a_log_overwritten_while_somebody_has_it_open_is_no_damaged_index_and_is_begun_anew_after_them() {
    let env = world();
    let _no_daemon = story::without_daemon(&env);
    say(&env, "s1", "Write the zebra page");
    assert_eq!(env.status()["events"]["stored"], 1);
    // as an agent's session does
    let holder = rusqlite::Connection::open(store(&env)).expect("it opens");
    let looked = holder.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0));
    assert_eq!(looked, Ok(1));
    for number in 0..20 {
        say(&env, &format!("q{number}"), &format!("Write the quagga page {number}"));
    }
    assert_eq!(env.status()["events"]["stored"], 21);
    let log = env.data_dir().join("memory.db-wal");
    let length = std::fs::metadata(&log).expect("it is there").len();
    let nonsense = vec![0xA5; usize::try_from(length).expect("it is small")];
    let file = std::fs::OpenOptions::new().write(true).open(&log).expect("it opens");
    std::os::unix::fs::FileExt::write_all_at(&file, &nonsense, 0).expect("it can be overwritten");

    say(&env, "s2", "Write the gnu page");
    let (said, remedy) = problem(&env);
    assert!(said.contains("the log beside the store"), "{said}");
    assert!(remedy.contains("claude-mem worker restart") && remedy.contains("there is no copy"), "{remedy}");
    let told = env.claude_mem(&["search", "zebra"]);
    assert!(told.code == Some(1) && told.stderr.contains("the log beside the store"), "{told}");
    assert!(!told.stderr.contains("index"), "{told}");
    assert_eq!(frames(&env), 1, "what happens meanwhile waits");
    // nobody has it open any more, and nobody folded it
    holder.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("it can be set");
    holder.close().expect("it closes");
    assert_eq!(env.status()["events"]["stored"], 2);
    assert!(finds(&env, "zebra") && finds(&env, "gnu") && !finds(&env, "quagga"));
    let status = env.status();
    let lost = status["problems"][0]["what"].as_str().unwrap_or_default();
    assert!(lost.contains("what was remembered last may be missing"), "{status:#}");
    let _forgotten = env.claude_mem(&["status", "--clear"]).ok();
    assert_eq!(env.status()["faults"], json!([]));
}

#[test]
fn an_index_that_cannot_be_built_anew_is_not_said_to_mend_itself() {
    let env = world();
    say(&env, "s1", "Write the zebra page");
    assert!(finds(&env, "zebra"));
    env.daemon_stop();
    let conn = rusqlite::Connection::open(store(&env)).expect("it opens");
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'passages'";
    let page: u32 = conn.query_row(root, [], |row| row.get(0)).expect("there is an index");
    conn.close().expect("all is in the file");
    // a page that is no page cannot be given back either
    let file = std::fs::OpenOptions::new().write(true).open(store(&env)).expect("it opens");
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xA5; 4096], u64::from(page - 1) * 4096)
        .expect("it can be written");
    let told = env.claude_mem(&["search", "zebra"]);
    assert!(told.code == Some(1) && told.stderr.contains("memory.db is damaged"), "{told}");
    assert!(!told.stderr.contains("by itself") && told.stderr.contains("there is no copy"), "{told}");
}
