//! Fifty searches at once, while the daemon drains as fast as it can: none of them fails.

use std::sync::Barrier;

use mem_core::frame::{self, Header};
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

use super::story::{self, search, world};

const FRAMES: u32 = 5_000;
const SEARCHES: usize = 50;
/// One prompt in so many events.
const TURN: u32 = 10;

/// Lays frames into the inbox, as that many hooks would have.
fn spool(env: &TestEnv) {
    let inbox = env.data_dir().join(layout::INBOX);
    for number in 0..FRAMES {
        let (turn, step) = (number / TURN, number % TURN);
        let mut input = json!({
            "session_id": format!("crowd-{}", turn / 20), "cwd": env.project(), "prompt_id": format!("p{turn}"),
        });
        let more = if step == 0 {
            json!({"hook_event_name": "UserPromptSubmit", "prompt": format!("Feed animal number {turn} of the zoo")})
        } else {
            let path = env.project().join(format!("pens/pen{number}.txt"));
            let text = format!("The animal of pen {number} eats hay.\n").repeat(8);
            json!({
                "hook_event_name": "PostToolUse", "tool_name": "Write", "tool_use_id": format!("toolu_{number}"),
                "tool_input": {"file_path": path, "content": text},
                "tool_response": {"type": "create", "filePath": path, "content": text, "structuredPatch": []},
            })
        };
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let at = Timestamp(1_763_700_000_000 + i64::from(number));
        let header = Header { agent: "claude-code".to_owned(), at, ..Header::default() };
        let name = frame::new_id(1_763_700_000_000_000_000 + u128::from(number), 1);
        let bytes = frame::encode(&header, input.to_string().as_bytes());
        std::fs::write(inbox.join(format!("{name}.frame")), bytes).unwrap();
    }
}

/// Searches with these words, in turn, all at once; each answer is looked at.
fn all_at_once(env: &TestEnv, words: &[&str], look: impl Fn(&str, &Value) + Sync) {
    let start = Barrier::new(SEARCHES);
    std::thread::scope(|scope| {
        for number in 0..SEARCHES {
            let (start, look, words) = (&start, &look, words[number % words.len()]);
            scope.spawn(move || {
                start.wait();
                let ended = env.claude_mem(&["search", "--json", words]);
                assert_eq!((ended.code, ended.late), (Some(0), false), "{ended}");
                let found: Value = serde_json::from_str(&ended.stdout).unwrap();
                assert_eq!(found["version"], 2, "{found:#}");
                look(words, &found);
            });
        }
    });
}

#[test]
fn damage_that_all_meet_at_once_is_mended_once() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    assert!(story::leads_to(&search(&env, &["wombat"]), "T"));
    let store = rusqlite::Connection::open(env.data_dir().join("memory.db")).unwrap();
    let generation =
        || -> i64 { store.query_row("SELECT generation FROM index_state", [], |row| row.get(0)).unwrap() };
    let before = generation();
    store.execute_batch("DROP TABLE passage_terms").unwrap();
    all_at_once(&env, &["wombat"], |_, found| {
        let told = found["coverage"]["waiting"] != 0;
        assert!(story::leads_to(found, "T") || told, "found, or said not to be looked through: {found:#}");
    });
    assert_eq!(generation(), before + 1);
}

#[test]
fn fifty_searches_while_five_thousand_frames_are_drained() {
    let env = world();
    story::story(&env);
    wait::until("the story", || story::leads_to(&search(&env, &["wombat"]), "T").then_some(()));
    env.daemon_stop();
    spool(&env);
    env.daemon_start();
    let words = ["wombat", "zoo", "pen4321.txt", "animal hay", "quokka --type x", "\"of the zoo\" pen*"];
    all_at_once(&env, &words, |words, found| {
        if words == "wombat" {
            assert!(story::leads_to(found, "T"), "what was found before is found: {found:#}");
        }
    });
    let sought = mem_testkit::wait::within(std::time::Duration::from_secs(180), || {
        let found = search(&env, &["pen4999.txt"]);
        (found["coverage"]["waiting"] == 0 && !found["hits"].as_array().unwrap().is_empty()).then_some(found)
    });
    assert!(sought.is_some(), "{:#}", env.status());
}
