//! A damaged index costs nothing but a moment: a search builds it anew from the store and answers.

use std::time::Duration;

use mem_testkit::TestEnv;
use rusqlite::Connection;
use serde_json::Value;

use super::story::{self, ids, leads_to, search, world};

/// What may become of the tables of the index.
const DAMAGE: [&str; 11] = [
    "DELETE FROM passage_terms_data WHERE id > 10",
    "UPDATE passage_terms_data SET block = x'00ff00ff00ff' WHERE id > 10",
    // reads as empty
    "UPDATE passage_terms_data SET block = x'' WHERE id = 10",
    "DROP TABLE passage_terms",
    "DROP TABLE passages",
    "DROP TABLE passage_blocks",
    "DROP TABLE passage_labels",
    "DELETE FROM passage_labels",
    "DELETE FROM passage_terms_config",
    "DELETE FROM passages",
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'passage_terms_data';",
];

fn damage(env: &TestEnv, sql: &str) {
    let store = Connection::open(env.data_dir().join("memory.db")).unwrap();
    store.busy_timeout(Duration::from_secs(10)).unwrap();
    store.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The story is found, twice, and nothing is wrong any more.
fn assert_mended(env: &TestEnv, sql: &str, before: &[String]) {
    let found = search(env, &["wombat"]);
    assert_eq!(ids(&found), before, "{sql}: {found:#}");
    let filtered = search(env, &["numbat", "--branch", "main", "--type", "commits"]);
    assert!(leads_to(&filtered, "C"), "{sql}: {filtered:#}");
    let status = env.status();
    assert_eq!(status["search"]["waiting"], 0, "{sql}: {status:#}");
    assert_eq!(status["search"]["rebuilding"], false, "{sql}: {status:#}");
    assert_eq!(status["faults"], Value::Array(Vec::new()), "{sql}: {status:#}");
    let checkup: Value = serde_json::from_str(&env.claude_mem(&["doctor", "--json"]).stdout).unwrap();
    for name in ["store", "search index"] {
        let checks = checkup["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == name).unwrap();
        assert_eq!(check["outcome"], "ok", "{sql}: {checkup:#}");
        assert!(!check["found"].as_str().unwrap().contains("damaged"), "{sql}: {checkup:#}");
    }
}

#[test]
fn a_search_without_a_daemon_mends_it() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let before = ids(&search(&env, &["wombat"]));
    assert_ne!(before, [""; 0]);
    for sql in DAMAGE {
        damage(&env, sql);
        assert_mended(&env, sql, &before);
    }
}

#[test]
fn a_search_beside_a_daemon_mends_it() {
    let env = world();
    let pid = env.daemon_start();
    story::story(&env);
    let before = mem_testkit::wait::until("the story", || {
        let found = search(&env, &["wombat"]);
        (found["coverage"]["waiting"] == 0 && leads_to(&search(&env, &["bilby"]), "E")).then(|| ids(&found))
    });
    for sql in DAMAGE {
        damage(&env, sql);
        assert_mended(&env, sql, &before);
    }
    assert_eq!(env.daemon_pid(), Some(pid));
    // and the daemon goes on with the new one
    story::another(&env, "Count the dingoes");
    mem_testkit::wait::until("news", || leads_to(&search(&env, &["dingoes"]), "T").then_some(()));
}

#[test]
fn news_mend_it_too() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let _searched = search(&env, &["wombat"]);
    damage(&env, "DROP TABLE passage_terms");
    story::another(&env, "Count the dingoes");
    assert!(leads_to(&search(&env, &["dingoes"]), "T"));
    assert_ne!(ids(&search(&env, &["wombat"])), [""; 0]);
}

#[test]
fn the_doctor_mends_what_no_search_has_met() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let _searched = search(&env, &["wombat"]);
    for sql in DAMAGE.into_iter().chain(["DROP TABLE passage_vocabulary"]) {
        damage(&env, sql);
        let told = env.claude_mem(&["doctor"]).stdout;
        let line = told.lines().find(|line| line.contains("search index")).unwrap_or_default();
        assert!(line.starts_with("ok ") && line.contains("was damaged"), "{sql}: {told}");
        assert!(line.contains("built anew; 5 documents in 5 passages."), "{sql}: {told}");
        let told = env.claude_mem(&["doctor"]).stdout;
        assert!(!told.contains("damaged"), "{sql}: {told}");
    }
}

#[test]
fn it_is_built_anew_by_hand() {
    let env = world();
    let nothing = env.claude_mem(&["worker", "reindex"]).ok();
    assert!(nothing.stdout.starts_with("Nothing is remembered yet"), "{nothing}");
    assert!(!env.data_dir().exists(), "looking around lays nothing out");
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let before = ids(&search(&env, &["wombat"]));
    let passages = env.status()["search"]["passages"].as_u64().unwrap();
    for sql in ["", "DROP TABLE passages"] {
        damage(&env, sql);
        let done = env.claude_mem(&["worker", "reindex", "--json"]).json();
        let said = done["done"].as_str().unwrap();
        assert_eq!(said, format!("The search index was built anew: {passages} passages."), "{sql}");
        assert_eq!(ids(&search(&env, &["wombat"])), before, "{sql}");
    }
}
