//! Status in odd places: nothing there, only the original system there, losses on record, hooks that never ran.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use mem_testkit::TestEnv;

fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

fn names(env: &TestEnv) -> BTreeSet<String> {
    let entries = std::fs::read_dir(env.data_dir()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn nothing_there_is_fine_and_stays_so() {
    let env = env();
    let status = env.status();
    assert_eq!(status["version"], 1);
    assert_eq!(status["events"]["received"], 0);
    assert_eq!(status["events"]["balanced"], true);
    assert_eq!(status["store"]["state"], "missing");
    assert_eq!(status["daemon"]["state"], "absent");
    assert_eq!(status["problems"], serde_json::json!([]));
    assert!(!env.data_dir().exists());
    assert!(env.processes().is_empty());
}

#[test]
fn a_directory_of_the_original_system_is_only_looked_at() {
    let env = env();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("claude-mem.db"), "theirs").unwrap();
    std::fs::write(env.data_dir().join("settings.json"), "{\"CLAUDE_MEM_PROVIDER\":\"claude\"}").unwrap();
    let before = names(&env);
    for args in
        [&["status"][..], &["sessions"], &["search", "x"], &["brief"], &["whoami"], &["worker", "status"]]
    {
        let _looked = env.claude_mem(args).ok();
    }
    assert_eq!(names(&env), before);
}

#[test]
fn losses_are_told_until_they_are_forgotten() {
    let env = env();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("hook.faults"), format!("{:512}", "3 17 No space left on device"))
        .unwrap();
    let status = env.status();
    assert_eq!(status["lost"]["count"], 3);
    assert!(status["problems"][0]["what"].as_str().unwrap().contains("3 events"), "{status:#}");
    let text = env.claude_mem(&["status"]).ok().stdout;
    assert!(text.contains("problem: 3 events could not be written down"), "{text}");
    let _cleared = env.claude_mem(&["status", "--clear"]).ok();
    assert_eq!(env.status()["lost"], serde_json::Value::Null);
}

#[test]
fn what_was_set_aside_stays_until_it_is_deleted_on_purpose() {
    let env = env();
    let folder = env.data_dir().join("parked");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("1-2.frame"), "odd").unwrap();
    std::fs::write(folder.join("1-2.why"), "it begins with no header\n").unwrap();
    let told = env.claude_mem(&["status", "--clear"]).ok();
    assert!(told.stdout.contains("worker retry") && told.stdout.contains("worker discard"), "{told}");
    assert!(told.stderr.contains("1 frame stays set aside"), "{told}");
    let refused = env.claude_mem(&["worker", "discard"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("1-2: it begins with no header"), "{refused}");
    assert_eq!(env.status()["events"]["parked"], 1);
    let done = env.claude_mem(&["worker", "discard", "--yes"]).ok();
    assert_eq!(done.stdout, "1 frame deleted.\n");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(env.status()["events"]["parked"], 0);
    assert_eq!(env.claude_mem(&["worker", "discard"]).ok().stdout, "Nothing was set aside.\n");
}

#[test]
fn an_agent_that_works_without_a_word_to_us_is_noticed() {
    let env = env();
    let slug: String = env
        .project()
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let folder = env.config_dir().join("projects").join(slug);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("s.jsonl"), "{}\n").unwrap();
    let settings = env.config_dir().join("settings.json");
    std::fs::write(&settings, "{\"disableAllHooks\": true}").unwrap();
    let status = env.status();
    assert_eq!(status["hooks"]["firing"], false, "{status:#}");
    let told = status["problems"].to_string();
    assert!(told.contains("no hook told us") && told.contains("disableAllHooks"), "{told}");

    // once installed, what was before it does not count
    std::fs::remove_file(&settings).unwrap();
    let file = std::fs::File::options().write(true).open(folder.join("s.jsonl")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    let status = env.status();
    assert_eq!(status["hooks"]["firing"], serde_json::Value::Null, "{status:#}");
    assert_eq!(status["hooks"]["installed"], true);
    assert_eq!(status["problems"], serde_json::json!([]));
}
