//! Searching where little can be done: in a place that cannot be written, and in a memory of an earlier version.

use std::time::Duration;

use mem_testkit::run::run;
use mem_testkit::{Finished, TestEnv, wait};
use rusqlite::Connection;
use serde_json::json;

use super::story::{self, ids, leads_to, search, world};

const LIMIT: Duration = Duration::from_secs(60);

/// Searches with the data directory mounted so that nothing can be written there.
fn search_read_only(env: &TestEnv, words: &str) -> Finished {
    let mut command = env.command("unshare");
    command.args(if rustix::process::geteuid().is_root() { ["--mount"] } else { ["-rm"] });
    let script = "mount --bind \"$DATA\" \"$DATA\"; mount -o remount,bind,ro \"$DATA\"; \
                  \"$MEM\" search --json \"$WORDS\"";
    command.args(["sh", "-euc", script]);
    command.env("MEM", env.program()).env("DATA", env.data_dir()).env("WORDS", words);
    run(command, b"", LIMIT)
}

#[test]
fn a_place_that_cannot_be_written_is_searched_as_it_is() {
    let env = world();
    let lock = story::without_daemon(&env);
    story::story(&env);
    let before = ids(&search(&env, &["wombat"]));
    story::another(&env, "Count the dingoes");
    let found = search_read_only(&env, "wombat").ok().json();
    assert_eq!(ids(&found), before, "{found:#}");
    // what waits in the inbox stays there, and is told of
    let waits = search_read_only(&env, "dingoes").ok().json();
    assert_eq!((ids(&waits).len(), &waits["coverage"]["waiting"]), (0, &json!(1)), "{waits:#}");
    drop(lock);
    wait::until("the prompt that waited", || leads_to(&search(&env, &["dingoes"]), "T").then_some(()));
}

#[test]
fn damage_that_cannot_be_mended_is_said() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let _searched = search(&env, &["wombat"]);
    let store = Connection::open(env.data_dir().join("memory.db")).unwrap();
    store.execute_batch("DROP TABLE passage_terms").unwrap();
    drop(store);
    let refused = search_read_only(&env, "wombat");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{refused}");
    assert!(refused.stderr.contains("index") && refused.stderr.contains("Nothing is lost."), "{refused}");
    assert_ne!(ids(&search(&env, &["wombat"])), [""; 0], "where it can be written, it is mended");
}

/// A memory as schema 2 holds it, of the project `widgets`.
fn old_memory(env: &TestEnv) {
    const SCRIPTS: [&str; 3] = [
        include_str!("../../../../mem-store/migrations/001_first.sql"),
        include_str!("../../../../mem-store/migrations/002_observer.sql"),
        include_str!("../../../../mem-store/tests/released/v2.sql"),
    ];
    std::fs::create_dir_all(env.data_dir()).unwrap();
    let store = Connection::open(env.data_dir().join("memory.db")).unwrap();
    store.pragma_update(None, "auto_vacuum", "INCREMENTAL").unwrap();
    store.pragma_update(None, "journal_mode", "WAL").unwrap();
    for script in SCRIPTS {
        store.execute_batch(script).unwrap();
    }
    store.pragma_update(None, "user_version", 2).unwrap();
    store.pragma_update(None, "application_id", 0x636d_656d).unwrap();
}

#[test]
fn a_memory_of_an_earlier_version_is_searched_after_its_upgrade() {
    let env = world();
    old_memory(&env);
    let refused = env.claude_mem(&["search", "tokens", "--json"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{refused}");
    assert!(refused.stderr.contains("claude-mem worker start"), "{refused}");
    env.daemon_start();
    let found = wait::until("the upgrade and the index", || {
        let found = env.claude_mem(&["search", "tokens", "--project", "widgets", "--json"]);
        let found: serde_json::Value = serde_json::from_str(&found.stdout).ok()?;
        (found["coverage"]["waiting"] == 0 && leads_to(&found, "#")).then_some(found)
    });
    assert!(leads_to(&found, "#1"), "{found:#}");
    let checkup = env.claude_mem(&["doctor", "--json"]).stdout;
    assert!(checkup.contains("\"search index\"") && !checkup.contains("damaged"), "{checkup}");
}
