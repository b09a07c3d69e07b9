//! The worker embeds what is remembered: seen from outside, killed in between, and with a model that is none.

use std::path::PathBuf;
use std::time::Duration;

use mem_testkit::{TestEnv, wait};
use serde_json::Value;

use crate::hook_input::{prompt, settled, world};

fn folder(env: &TestEnv) -> PathBuf {
    env.data_dir().join("models/all-MiniLM-L6-v2")
}

/// Lays the real model where it belongs.
pub(crate) fn install(env: &TestEnv) {
    std::fs::create_dir_all(env.data_dir().join("models")).expect("a folder for models");
    std::os::unix::fs::symlink(mem_testkit::tools::model(), folder(env)).expect("a link to the model");
}

fn say(env: &TestEnv, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let words = "a sentence about the parser and its errors ".repeat(10);
        env.hook(&prompt(env, &format!("p{number}"), &format!("Number {number}: {words}")));
    }
}

/// What `status` says of meaning, once all is embedded.
pub(crate) fn embedded(env: &TestEnv) -> Value {
    wait::until("all to be embedded", || {
        let meaning = env.status()["meaning"].clone();
        let done = meaning["passages"].as_u64() > Some(0) && meaning["embedded"] == meaning["passages"];
        done.then_some(meaning)
    })
}

/// How far a thread of a process steps back for others.
#[cfg(target_os = "linux")]
fn niceness(pid: u32, thread: &str) -> Option<i32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut stats = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("stat")).ok());
    stats.find_map(|stat| {
        let (head, rest) = stat.rsplit_once(") ")?;
        // the nineteenth field, the third of which is the first behind the name
        head.ends_with(&format!("({thread}")).then(|| rest.split(' ').nth(16)?.parse().ok())?
    })
}

#[test]
fn what_is_said_is_embedded_within_moments_and_status_tells_by_what() {
    let env = world();
    say(&env, 0..3);
    settled(&env);
    let text = env.claude_mem(&["status"]).ok().stdout;
    assert!(text.contains("Meaning: no model installed (`claude-mem model install`)."), "{text}");
    assert_eq!(env.status()["meaning"]["installed"], false);
    install(&env);
    let _started = env.claude_mem(&["worker", "restart"]).ok();
    let meaning = embedded(&env);
    assert_eq!((&meaning["model"], &meaning["replaces"]), (&"all-MiniLM-L6-v2".into(), &false.into()));
    #[cfg(target_os = "linux")]
    assert_eq!(niceness(env.daemon_pid().unwrap(), "embedder"), Some(19), "everything else comes first");
    let before = meaning["passages"].as_u64().unwrap();
    say(&env, 3..5);
    settled(&env);
    wait::until("what was said next", || {
        let meaning = embedded(&env);
        (meaning["passages"].as_u64() >= Some(before + 2)).then_some(())
    });
    let text = env.claude_mem(&["status"]).ok().stdout;
    assert!(text.contains("Meaning: all-MiniLM-L6-v2, ") && !text.contains("problem:"), "{text}");
    let checkup = env.claude_mem(&["doctor"]).stdout;
    assert!(checkup.contains("all-MiniLM-L6-v2, as published; loads in "), "{checkup}");
}

#[test]
fn a_worker_that_is_killed_while_it_embeds_has_lost_and_doubled_nothing() {
    let env = world();
    install(&env);
    say(&env, 0..90);
    settled(&env);
    let mut kills = 0;
    let mut before = 0;
    while kills < 4 {
        env.daemon_start();
        let reached = wait::until("a batch or the end", || {
            let meaning = env.status()["meaning"].clone();
            let embedded = meaning["embedded"].as_u64().unwrap_or(0);
            (embedded > before || meaning["embedded"] == meaning["passages"]).then_some(embedded)
        });
        kills += u32::from(env.kill_daemon());
        assert!(reached >= before, "what was embedded stays: {reached} of {before}");
        before = reached;
    }
    env.daemon_start();
    let meaning = embedded(&env);
    assert!(meaning["passages"].as_u64() >= Some(90), "{meaning}");
    env.daemon_stop();
    let store = mem_store::Store::open_read(&env.data_dir().join("memory.db")).unwrap();
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
    let model = store.serving_model().unwrap().unwrap();
    let mut hashes = Vec::new();
    store.read_vectors(&model, 0, |hash, _, _| hashes.push(hash)).unwrap();
    let all = hashes.len();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!((hashes.len(), model.vectors), (all, all as u64));
}

#[test]
fn a_model_that_is_cut_short_is_told_of_with_its_remedy_and_searches_go_on() {
    let env = world();
    install(&env);
    std::fs::remove_file(folder(&env)).unwrap();
    std::fs::create_dir(folder(&env)).unwrap();
    let sound = mem_testkit::tools::model();
    std::fs::copy(sound.join("tokenizer.json"), folder(&env).join("tokenizer.json")).unwrap();
    let mut weights = std::fs::read(sound.join("model.safetensors")).unwrap();
    weights.truncate(1 << 20);
    std::fs::write(folder(&env).join("model.safetensors"), weights).unwrap();
    say(&env, 0..2);
    settled(&env);
    env.daemon_start();
    let problem = wait::until("the problem to be told", || {
        let problems = env.status()["problems"].as_array().unwrap().clone();
        problems.into_iter().find(|problem| problem["what"].as_str().unwrap().contains("cut short"))
    });
    assert!(problem["remedy"].as_str().unwrap().contains("`claude-mem model install`"), "{problem}");
    let text = env.claude_mem(&["status"]).ok().stdout;
    assert_eq!(text.matches("cut short").count(), 1, "told once: {text}");
    let check = of_doctor(&env);
    assert!(check["found"].as_str().unwrap().contains("is cut short (1048576 of "), "{check}");
    assert_eq!(check["remedy"], problem["remedy"], "one place says what helps");
    let found = env.claude_mem(&["search", "parser errors"]).ok().stdout;
    assert!(found.contains("Number 1"), "{found}");
    // the model is taken away: no trouble is left, and the worker may leave when it is idle
    std::fs::remove_dir_all(env.data_dir().join("models")).unwrap();
    env.daemon_stop();
    env.daemon_start();
    wait::until("the problem to be gone", || {
        (env.status()["problems"] == Value::Array(Vec::new())).then_some(())
    });
    assert!(env.claude_mem(&["doctor"]).took < Duration::from_secs(60));
}

/// What `doctor` says of the model.
fn of_doctor(env: &TestEnv) -> Value {
    let checkup: Value = serde_json::from_str(&env.claude_mem(&["doctor", "--json"]).stdout).expect("JSON");
    let checks = checkup["checks"].as_array().expect("a list");
    checks.iter().find(|check| check["name"] == "embedding").expect("it looks at that").clone()
}

#[test]
fn a_model_that_is_installed_beside_a_worker_embeds_at_once() {
    let env = world();
    let pid = env.daemon_start();
    say(&env, 0..3);
    settled(&env);
    wait::until("the index", || {
        let search = env.status()["search"].clone();
        (search["waiting"] == 0 && search["passages"].as_u64() >= Some(3)).then_some(())
    });
    let from = mem_testkit::tools::model();
    let _installed = env.claude_mem(&["model", "install", "--yes", "--from", from.to_str().unwrap()]).ok();
    let meaning = embedded(&env);
    assert_eq!((&meaning["model"], env.daemon_pid()), (&"all-MiniLM-L6-v2".into(), Some(pid)));
}

/// Every vector as it stands in the store.
fn vectors(env: &TestEnv) -> Vec<(i64, i64, f64, Vec<u8>)> {
    let store = rusqlite::Connection::open(env.data_dir().join("memory.db")).expect("it opens");
    let sql = "SELECT model, text, scale, vals FROM vectors ORDER BY id";
    let mut rows = store.prepare(sql).expect("there are vectors");
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let rows = rows.query_map([], row).expect("they can be read");
    rows.map(|row| row.expect("each of them")).collect()
}

#[test]
fn a_model_of_which_one_bit_is_turned_makes_and_replaces_no_vector() {
    use std::os::unix::fs::FileExt;
    let env = world();
    std::fs::create_dir_all(folder(&env)).unwrap();
    for name in ["tokenizer.json", "model.safetensors"] {
        std::fs::copy(mem_testkit::tools::model().join(name), folder(&env).join(name)).unwrap();
    }
    say(&env, 0..3);
    settled(&env);
    env.daemon_start();
    embedded(&env);
    let before = vectors(&env);
    let found = env.claude_mem(&["search", "parser errors", "--json"]).json()["hits"].clone();
    env.daemon_stop();

    // amid the numbers: it loads as ever
    let weights = folder(&env).join("model.safetensors");
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&weights).unwrap();
    let (mut byte, at) = ([0], file.metadata().unwrap().len() / 2);
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x40], at).unwrap();
    drop(file);
    assert!(mem_embed::Model::load(&folder(&env)).is_ok());
    env.daemon_start();
    say(&env, 3..5);
    settled(&env);
    let problem = wait::until("the problem to be told", || {
        let problems = env.status()["problems"].as_array().unwrap().clone();
        problems.into_iter().find(|problem| {
            problem["what"]
                .as_str()
                .unwrap()
                .contains("is not the published model; its numbers may be damaged")
        })
    });
    let remedy = problem["remedy"].as_str().unwrap();
    assert!(remedy.contains("`claude-mem model install`"), "{problem}");
    let check = of_doctor(&env);
    assert_eq!((&check["outcome"], &check["remedy"]), (&"failed".into(), &remedy.into()), "{check}");
    let model = env.claude_mem(&["model", "status", "--json"]).json();
    assert_eq!(model["standing"], "faulty", "{model}");
    assert_eq!(model["fault"]["remedy"], format!("{remedy}."), "{model}");
    // nothing of it is stored, nothing of before is touched, and what was found is found, by words
    assert_eq!(vectors(&env), before);
    assert_eq!(env.status()["meaning"]["embedded"].as_u64(), Some(before.len() as u64));
    for hit in env.claude_mem(&["search", "parser errors", "--json"]).json()["hits"].as_array().unwrap() {
        assert!(hit["title"].as_str().unwrap().contains("parser"), "{hit}");
    }
    assert!(!found.as_array().unwrap().is_empty());

    let from = mem_testkit::tools::model();
    let _mended = env.claude_mem(&["model", "install", "--yes", "--from", from.to_str().unwrap()]).ok();
    embedded(&env);
    let after = vectors(&env);
    assert!(after.len() > before.len() && after[..before.len()] == before, "those of before are good");
    wait::until("the problem to be gone", || {
        (env.status()["problems"] == Value::Array(Vec::new())).then_some(())
    });
}
