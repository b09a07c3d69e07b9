//! Installing asks, and uninstalling leaves what is not ours, byte for byte.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mem_testkit::TestEnv;
use mem_testkit::run::run;
use serde_json::json;

fn env() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    std::fs::create_dir_all(env.config_dir()).unwrap();
    std::fs::write(
        env.config_dir().join("settings.json"),
        "{\n\t\"model\": \"opus\",\n\t\"enabledPlugins\": {\"claude-mem@thedotmack\": true}\n}\n",
    )
    .unwrap();
    env
}

/// A line for the shell, which finds programs by their names.
fn shell(env: &TestEnv, line: &str) -> Command {
    let mut command = env.command("sh");
    command.args(["-c", line]);
    command
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.insert(path, bytes);
            }
        }
    }
    found
}

#[test]
fn without_a_yes_nothing_is_written() {
    let env = env();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("memory.db"), "ours").unwrap();
    let before = files(&env.home());
    for args in
        [&["install", "claude-code"][..], &["install", "claude-code", "--replace"], &["uninstall", "--purge"]]
    {
        let refused = env.claude_mem(args);
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.stderr.contains("--yes"), "{refused}");
    }
    let shown = env.claude_mem(&["install", "claude-code"]).stderr;
    assert!(shown.contains("settings.json") && shown.contains("both would record every session"), "{shown}");
    assert_eq!(files(&env.home()), before);
}

#[test]
fn who_has_installed_is_not_told_to_install_when_nothing_is_remembered_yet() {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    let told = || env.claude_mem(&["search", "wombat"]).ok().stderr;
    let before = told();
    assert!(before.contains("`claude-mem install claude-code` makes"), "{before}");
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    let after = told();
    assert!(after.contains("Claude Code reports to claude-mem") && !after.contains("install"), "{after}");
    let mut off = env.command(env.program());
    off.args(["search", "wombat"]).env("CLAUDE_MEM_DISABLE", "1");
    let off = run(off, b"", Duration::from_secs(60)).stderr;
    assert!(off.contains("does not report to claude-mem: CLAUDE_MEM_DISABLE is set here"), "{off}");
    let mut excluded = env.command(env.program());
    excluded.args(["search", "wombat"]).env("CLAUDE_MEM_EXCLUDED_PROJECTS", env.project());
    let excluded = run(excluded, b"", Duration::from_secs(60)).stderr;
    assert!(excluded.contains("This directory is excluded"), "{excluded}");
}

#[test]
fn everything_comes_back_and_a_shared_directory_keeps_what_is_theirs() {
    let env = env();
    std::fs::create_dir_all(env.data_dir().join("logs")).unwrap();
    for (name, text) in [
        ("claude-mem.db", "theirs"),
        (
            "settings.json",
            "{\n  \"CLAUDE_MEM_PROVIDER\": \"claude\",\n  \"CLAUDE_MEM_LOG_LEVEL\": \"INFO\"\n}\n",
        ),
        ("logs/worker.log", "theirs too"),
    ] {
        std::fs::write(env.data_dir().join(name), text).unwrap();
    }
    let before = files(&env.home());
    let installed = env.claude_mem(&["install", "claude-code", "--yes", "--replace", "--json"]).json();
    assert_eq!(
        (installed["changed"].as_bool(), installed["working"].as_bool()),
        (Some(true), Some(true)),
        "{installed:#}"
    );
    let again = env.claude_mem(&["install", "claude-code", "--yes", "--replace", "--json"]).json();
    assert_eq!(again["changed"], false, "{again:#}");
    assert_eq!(env.status()["hooks"]["enabled"], true);

    let input = json!({
        "session_id": "s", "cwd": env.project(), "hook_event_name": "UserPromptSubmit", "prompt_id": "p",
        "prompt": "Remember me",
    });
    env.hook(&input);
    env.daemon_start();
    let _set = env.claude_mem(&["config", "set", "CLAUDE_MEM_IDLE_MINUTES", "5"]).ok();

    let gone = env.claude_mem(&["uninstall", "--yes", "--json"]).json();
    assert_eq!(env.daemon_pid(), None, "the worker is stopped");
    assert!(gone["kept"].to_string().contains("memory.db"), "{gone:#}");
    assert!(gone["kept"].to_string().contains("settings.json"), "{gone:#}");
    assert_eq!(env.status()["events"]["stored"], 1, "memories stay");

    let purged = env.claude_mem(&["uninstall", "--yes", "--purge"]).ok();
    assert!(purged.stdout.contains("memory.db: deleted"), "{purged}");
    assert_eq!(files(&env.home()), before);
}

#[test]
fn the_program_is_found_by_its_name() {
    let mut env = env();
    let folder = env.home().join(".local/bin");
    std::fs::create_dir_all(&folder).unwrap();
    let link = folder.join("claude-mem");
    let planned = env.claude_mem(&["install", "claude-code"]).stderr;
    assert!(planned.contains(link.to_str().unwrap()), "{planned}");
    let installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    let program = env.data_dir().join("claude-code-plugin/plugin/bin/claude-mem");
    assert!(installed.stdout.contains(&format!("Call it with `{} …`", program.display())), "{installed}");
    assert!(installed.stderr.contains("is not on your PATH"), "{installed}");
    assert_eq!(std::fs::read_link(&link).unwrap(), program);

    // with the folder on the PATH, the name will do
    let path = format!("{}:{}", folder.display(), env.tools().path);
    env.set("PATH", path);
    let again = env.claude_mem(&["install", "claude-code", "--yes", "--json"]).json();
    assert_eq!(
        (again["changed"].as_bool(), again["call"].as_str()),
        (Some(false), Some("claude-mem")),
        "{again:#}"
    );
    let gone = run(shell(&env, "claude-mem uninstall --yes"), b"", Duration::from_secs(60)).ok();
    assert!(gone.stdout.contains(&format!("{}: deleted", link.display())), "{gone}");
    assert!(std::fs::symlink_metadata(&link).is_err());
    assert!(folder.is_dir());
}

#[test]
fn what_has_the_name_already_stays() {
    let env = env();
    let folder = env.home().join(".local/bin");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("claude-mem"), "theirs").unwrap();
    let before = files(&env.home());
    let installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    assert!(!installed.stderr.contains(".local/bin"), "{installed}");
    let _gone = env.claude_mem(&["uninstall", "--yes", "--purge"]).ok();
    assert_eq!(files(&env.home()), before);
}

#[test]
fn a_directory_of_ours_alone_goes_with_the_memories() {
    let env = env();
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    env.daemon_start();
    let _gone = env.claude_mem(&["uninstall", "--yes", "--purge"]).ok();
    assert!(!env.data_dir().exists(), "{:?}", files(&env.data_dir()).keys());
}

#[test]
fn another_data_directory_takes_out_nothing_and_says_whose_it_is() {
    let mut env = env();
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    let before = files(&env.home());
    let other = env.root().join("other");
    std::fs::create_dir(&other).unwrap();
    env.set("CLAUDE_MEM_DATA_DIR", other.to_str().unwrap());
    for args in [&["uninstall", "--yes"][..], &["uninstall"], &["uninstall", "--yes", "--purge"]] {
        let gone = env.claude_mem(args).ok();
        assert!(gone.stdout.starts_with("There was nothing of ours"), "{gone}");
        assert!(gone.stderr.contains(env.data_dir().to_str().unwrap()), "{gone}");
    }
    assert_eq!(files(&env.home()), before);
    assert!(other.is_dir());
}

#[test]
fn the_question_lists_what_goes_and_the_second_time_there_is_nothing() {
    let env = env();
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    std::fs::write(env.data_dir().join("memory.db"), "ours").unwrap();
    let asked = env.claude_mem(&["uninstall"]).stderr;
    for words in ["claude-code-plugin", "installed.json", ".claude\n", "The memories stay in"] {
        assert!(asked.contains(words), "{words:?} is missing from {asked}");
    }
    assert!(!asked.contains("memory.db"), "{asked}");
    let asked = env.claude_mem(&["uninstall", "--purge"]).stderr;
    assert!(asked.contains("memory.db") && asked.contains("cannot be brought back"), "{asked}");
    let _gone = env.claude_mem(&["uninstall", "--yes"]).ok();
    let again = env.claude_mem(&["uninstall", "--yes"]).ok();
    assert!(again.stdout.starts_with("There was nothing of ours"), "{again}");
    assert!(again.stdout.contains("memory.db") && !again.stdout.contains("Restart"), "{again}");
}

#[test]
fn sockets_outside_a_long_data_directory_go_with_it() {
    let mut env = env();
    let long = env.root().join("a-rather-long-name-of-a-folder/".repeat(4)).join("mem");
    env.set("CLAUDE_MEM_DATA_DIR", long.to_str().unwrap());
    let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
    let _started = env.claude_mem(&["worker", "start"]).ok();
    let owner = std::fs::metadata(&long).unwrap().uid();
    let sockets = mem_core::layout::socket_folder(&long, Path::new("/tmp"), owner);
    assert!(sockets.is_dir() && sockets != long);
    let gone = env.claude_mem(&["uninstall", "--yes", "--purge"]).ok();
    assert!(!sockets.exists() && !long.exists(), "{gone}");
}

#[test]
fn a_broken_file_of_the_agents_is_refused() {
    let env = env();
    let settings = env.config_dir().join("settings.json");
    std::fs::write(&settings, "{ broken").unwrap();
    for args in [&["install", "claude-code", "--yes"][..], &["uninstall", "--yes"]] {
        let refused = env.claude_mem(args);
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.stderr.contains("settings.json is broken"), "{refused}");
    }
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), "{ broken");
    assert!(!env.data_dir().exists());
}
