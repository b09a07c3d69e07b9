//! How we behave as a guest of the real client: silent, private, confined to a project, gone when asked.

use std::path::{Path, PathBuf};

use mem_testkit::tools::PINNED;
use mem_testkit::{Reply, wait};
use serde_json::Value;

use crate::scene::{Scene, TASK, briefs};

#[test]
fn every_hook_succeeds_and_only_the_brief_is_said() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    let mut session = scene.client(PINNED).session(&["--include-hook-events"]);
    scene
        .api
        .on_prompt("Look around", vec![Reply::bash("ls; exit 3"), Reply::bash("ls"), Reply::text("Seen.")]);
    session.ask("Look around");
    session.ask("/compact");

    let ended: Vec<Value> =
        session.seen().iter().filter(|line| line["subtype"] == "hook_response").cloned().collect();

    assert!(ended.len() >= 12, "two hooks for each of six events at least: {ended:#?}");
    for hook in &ended {
        assert_eq!((&hook["exit_code"], &hook["stderr"]), (&Value::from(0), &Value::from("")), "{hook:#}");
        let said = hook["stdout"].as_str().unwrap_or_default();
        assert!(said.is_empty() || hook["hook_event"] == "SessionStart", "{hook:#}");
    }
    let said: Vec<&str> =
        ended.iter().filter_map(|hook| hook["stdout"].as_str()).filter(|said| !said.is_empty()).collect();
    assert_eq!(said.len(), 2, "one brief at the start and one after the compaction: {said:#?}");
    for said in said {
        let reply: Value = serde_json::from_str(said).expect("a reply is JSON");
        assert_eq!(reply["hookSpecificOutput"]["hookEventName"], "SessionStart");
    }
    assert_eq!(session.close(), Some(0));
    scene.assert_nothing_lost();
}

#[test]
fn a_worktree_shares_the_memory_of_its_repository() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    let worktree = scene.env.root().join("slugs-next");
    scene.env.git(&["worktree", "add", "--quiet", "-b", "next", &worktree.to_string_lossy()]);
    scene.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
    scene.api.forget();

    scene.client(PINNED).cwd(&worktree).prompt("What is new?");

    let told = briefs(&scene.api.requests()[0]).join("\n");
    scene.assert_tells_story(&told);
    scene.assert_nothing_lost();
}

#[test]
fn another_project_is_told_nothing() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    let other = scene.env.root().join("other");
    std::fs::create_dir(&other).expect("a folder can be made");
    scene.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
    scene.api.forget();

    scene.client(PINNED).cwd(&other).prompt("What is new?");

    assert_eq!(briefs(&scene.api.requests()[0]), [""; 0]);
    scene.assert_nothing_lost();
}

#[test]
fn a_session_that_is_switched_off_leaves_no_trace() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    let before = scene.env.status()["events"]["received"].clone();
    scene.api.on_prompt("Keep this to yourself", vec![Reply::text("I do.")]);
    scene.api.forget();

    scene.client(PINNED).var("CLAUDE_MEM_DISABLE", "1").prompt("Keep this to yourself");

    assert_eq!(briefs(&scene.api.requests()[0]), [""; 0]);
    assert_eq!(scene.env.status()["events"]["received"], before);
}

#[test]
fn after_uninstall_the_client_works_as_before_and_we_hear_nothing() {
    let scene = Scene::new();
    scene.client(PINNED).prompt(TASK);
    scene.recorder.forget();
    let _gone = scene.env.claude_mem(&["uninstall", "claude-code", "--yes"]).ok();
    let before = scene.env.status()["events"]["received"].clone();
    scene.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
    scene.api.forget();
    let mut session = scene.client(PINNED).session(&["--include-hook-events"]);

    assert_eq!(session.ask("What is new?")["result"], "Nothing much.");

    let ended = session.seen().iter().filter(|line| line["subtype"] == "hook_response").count();
    assert_eq!(ended, scene.recorder.inputs().len(), "only the recorder's hooks ran");
    assert_eq!(session.close(), Some(0));
    assert_eq!(briefs(&scene.api.requests()[0]), [""; 0]);
    assert_eq!(scene.env.status()["events"]["received"], before);
}

#[test]
fn planted_keys_are_found_nowhere() {
    let planted = [
        concat!("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"),
        concat!("sk-ant-", "api03-Zx81mQvT0sWb7LrYkE5dHc2NfGu9JpAo3RiXeKtVy6BnMw4CqDhUzSgFlPjT1vIa-3Bk2mAAA"),
        concat!("AKIA", "Q3EGRZ7NDKXW5T2M"),
        "correct-horse-battery-9",
    ];
    let [token, key, access, password] = planted;
    let scene = Scene::new();
    scene.env.write(
        ".env",
        &format!("API_TOKEN={token}\nDATABASE_URL=postgres://app:{password}@db.example.org/app\n"),
    );
    scene.api.on_prompt(
        "Which keys",
        vec![
            Reply::bash("cat .env"),
            Reply::bash(&format!("echo export ANTHROPIC_API_KEY={key}")),
            scene.writes("deploy.sh", &format!("export AWS_ACCESS_KEY_ID={access}\n./deploy\n")),
            Reply::text(format!("The token is {token} and the key is {key}.")),
        ],
    );
    scene.client(PINNED).prompt(&format!("Which keys are there besides {access}?"));
    scene.assert_nothing_lost();
    let brief = scene.brief_of_next_session(PINNED);
    wait::until("the inbox to be drained", || (scene.env.status()["events"]["pending"] == 0).then_some(()));

    let stored = scene.env.status()["events"]["stored"].as_u64().expect("a number");
    let ids: Vec<String> = (1..=stored).map(|id| format!("E{id}")).collect();
    let words: Vec<&str> = ["show", "--json"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    let events = scene.env.claude_mem(&words).ok().stdout;
    assert!(events.contains("deploy.sh"), "the events are there: {events}");
    let redacted = scene.env.status()["redacted"].clone();
    assert!(redacted.as_object().is_some_and(|kinds| !kinds.is_empty()), "{redacted}");
    scene.env.daemon_stop();
    for secret in planted {
        assert!(!brief.contains(secret), "{secret} in the brief:\n{brief}");
        assert!(!events.contains(secret), "{secret} in the events:\n{events}");
        let holders = files_with(&scene.env.data_dir(), secret.as_bytes());
        assert!(holders.is_empty(), "{secret} in {holders:?}");
    }
}

/// Every file under `folder` that holds these bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("a file has a kind");
        if kind.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if kind.is_file() {
            let text = std::fs::read(&path).expect("a file can be read");
            if text.windows(bytes.len()).any(|window| window == bytes) {
                found.push(path);
            }
        }
    }
    found
}
