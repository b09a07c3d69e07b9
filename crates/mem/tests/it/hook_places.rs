//! Where a hook finds itself: data directories that are read-only, full, foreign, long, or hold a broken store.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use mem_testkit::run::run;
use mem_testkit::{Finished, TestEnv, wait};
use serde_json::Value;

use crate::hook_input::{prompt, settled, start, stop, well_behaved, world, wrote};

const LIMIT: Duration = Duration::from_secs(60);

fn a_memory(env: &TestEnv) {
    env.hook(&prompt(env, "p1", "Write a.txt"));
    env.hook(&wrote(env, "t1", "a.txt", "a\n"));
    env.hook(&stop(env, "Wrote a.txt with one line."));
    settled(env);
}

fn context(finished: &Finished) -> String {
    let said: Value = serde_json::from_str(&finished.stdout).unwrap_or_default();
    said["hookSpecificOutput"]["additionalContext"].as_str().unwrap_or_default().to_owned()
}

/// Runs a shell script in a mount namespace of its own, as root there.
pub(crate) fn in_own_mounts(env: &TestEnv, script: &str) -> Finished {
    let mut command = env.command("unshare");
    let root = rustix::process::geteuid().is_root();
    command.args(if root { ["--mount"] } else { ["-rm"] });
    command.args(["sh", "-euc", script]);
    command.env("MEM", env.program()).env("DATA", env.data_dir()).env("IN", env.root().join("input"));
    run(command, b"", LIMIT)
}

#[test]
fn a_read_only_data_dir_is_read_and_told_of() {
    let env = world();
    a_memory(&env);
    env.daemon_stop();
    std::fs::write(env.root().join("input"), start(&env, "startup").to_string()).unwrap();
    let script = "mount --bind \"$DATA\" \"$DATA\"; mount -o remount,bind,ro \"$DATA\"; \"$MEM\" hook claude-code < \"$IN\"";
    let finished = in_own_mounts(&env, script);
    well_behaved(&finished);
    let brief = context(&finished);
    assert!(brief.contains("a.txt"), "the memory is still read:\n{brief}");
    assert!(brief.contains("so this session is not kept"), "{brief}");
    let script =
        "mount --bind \"$DATA\" \"$DATA\"; mount -o remount,bind,ro \"$DATA\"; \"$MEM\" status --json";
    let status = in_own_mounts(&env, script).ok().json();
    assert!(status["problems"][0]["what"].as_str().unwrap().contains("cannot be written"), "{status:#}");
}

#[test]
fn a_full_disk_costs_the_event_and_is_told_of() {
    let env = world();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.root().join("input"), wrote(&env, "t1", "big.txt", &"x".repeat(900_000)).to_string())
        .unwrap();
    std::fs::write(env.root().join("start"), start(&env, "startup").to_string()).unwrap();
    let script = "mount -t tmpfs -o size=512k none \"$DATA\"; head -c 512 /dev/zero | tr '\\0' ' ' > \"$DATA/hook.faults\"; \
                  \"$MEM\" hook claude-code < \"$IN\"; \"$MEM\" status --json";
    let finished = in_own_mounts(&env, script).ok();
    assert_eq!(finished.stderr, "");
    let status = finished.json();
    let problems = status["problems"].to_string();
    assert!(problems.contains("1 event could not be written down"), "{problems}");
    assert!(problems.contains("No space left"), "{problems}");
    assert_eq!(status["events"]["pending"], 0, "nothing half written is left");
}

#[test]
fn another_user_is_kept_out_and_served_apart() {
    if !rustix::process::geteuid().is_root() {
        // only root can become somebody else; the read-only mount above shows the rest
        return;
    }
    let env = world();
    a_memory(&env);
    std::fs::set_permissions(env.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(env.home(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let theirs = env.root().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o777)).unwrap();
    let copy = env.root().join("claude-mem");
    std::fs::copy(env.program(), &copy).unwrap();
    let as_nobody = |data: &std::path::Path, args: &[&str], input: &str| {
        let mut command = env.command("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy).args(args);
        command.env("HOME", &theirs).env("CLAUDE_MEM_DATA_DIR", data);
        run(command, input.as_bytes(), LIMIT)
    };
    let input = start(&env, "startup").to_string();
    let finished = as_nobody(&env.data_dir(), &["hook", "claude-code"], &input);
    well_behaved(&finished);
    assert!(!finished.stdout.contains("a.txt"), "one user's memory is told to another: {}", finished.stdout);
    let own = theirs.join("memory");
    well_behaved(&as_nobody(&own, &["hook", "claude-code"], &input));
    wait::until("their own event to be stored", || {
        let status = as_nobody(&own, &["status", "--json"], "").json();
        (status["events"]["stored"] == 1).then_some(())
    });
    let _done = as_nobody(&own, &["worker", "stop"], "").ok();
}

#[test]
fn a_data_dir_with_a_very_long_path_has_a_daemon_too() {
    let mut env = world();
    let long = env.root().join("a-long-name-of-a-folder/".repeat(8)).join("data");
    env.set("CLAUDE_MEM_DATA_DIR", long.to_string_lossy());
    env.hook(&prompt(&env, "p1", "Far down"));
    assert_eq!(settled(&env)["stored"], 1);
    let pid = wait::until("the daemon", || env.daemon_pid());
    env.hook(&prompt(&env, "p2", "Far down again"));
    assert_eq!(settled(&env)["stored"], 2);
    assert_eq!(env.daemon_pid(), Some(pid), "the nudge reached it");
}

#[test]
fn a_cwd_that_is_gone_is_no_reason_to_forget() {
    let env = world();
    let gone = env.project().join("gone");
    std::fs::create_dir(&gone).unwrap();
    let mut input = prompt(&env, "p1", "From a folder that will go");
    input["cwd"] = gone.to_string_lossy().into_owned().into();
    let text = input.to_string();
    let mut command = Command::new("sh");
    command.env_clear().env("HOME", env.home()).env("PATH", &env.tools().path).current_dir(&gone);
    command.args(["-c", "rmdir \"$PWD\"; exec \"$0\" hook claude-code"]).arg(env.program());
    well_behaved(&run(command, text.as_bytes(), LIMIT));
    assert_eq!(settled(&env)["stored"], 1);
}

#[test]
fn a_corrupt_store_is_left_alone_and_told_of() {
    let env = world();
    a_memory(&env);
    env.daemon_stop();
    let store = env.data_dir().join("memory.db");
    let mut bytes = std::fs::read(&store).unwrap();
    bytes[..64].fill(b'x');
    std::fs::write(&store, &bytes).unwrap();
    let finished = env.hook(&start(&env, "startup"));
    well_behaved(&finished);
    assert!(context(&finished).contains("cannot be read"), "{}", finished.stdout);
    well_behaved(&env.hook(&prompt(&env, "p9", "While broken")));
    assert_eq!(std::fs::read(&store).unwrap(), bytes, "nothing was done to it");
    let status = env.status();
    assert_eq!(status["events"]["pending"], 2, "what came meanwhile waits: {status:#}");
    assert!(status["problems"].to_string().contains("cannot be read"), "{status:#}");
    let search = env.claude_mem(&["search", "a.txt"]);
    assert_eq!(search.code, Some(1));
    assert!(search.stderr.contains("damaged"), "{}", search.stderr);
}

#[test]
fn a_newer_store_is_read_and_not_written() {
    let env = world();
    a_memory(&env);
    env.daemon_stop();
    let store = env.data_dir().join("memory.db");
    // the schema number is the four bytes at 60 of the file's header (SQLite file format, "user version")
    let mut bytes = std::fs::read(&store).unwrap();
    bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(&store, &bytes).unwrap();
    let finished = env.hook(&start(&env, "startup"));
    well_behaved(&finished);
    let brief = context(&finished);
    assert!(brief.contains("a.txt") && brief.contains("newer version"), "{brief}");
    well_behaved(&env.hook(&prompt(&env, "p9", "While newer")));
    let status = env.status();
    assert_eq!(status["events"]["pending"], 2, "{status:#}");
    assert_eq!(status["store"]["newer"], true, "{status:#}");
}

#[test]
fn the_brief_needs_no_living_daemon() {
    let env = world();
    a_memory(&env);
    let pid = env.daemon_start();
    env.freeze(pid);
    env.hook(&wrote(&env, "t2", "b.txt", "b\n"));
    let finished = env.hook(&start(&env, "startup"));
    well_behaved(&finished);
    let brief = context(&finished);
    assert!(brief.contains("a.txt") && brief.contains("b.txt"), "with a hung daemon:\n{brief}");
    assert!(env.kill_daemon());
    env.hook(&wrote(&env, "t3", "c.txt", "c\n"));
    // the hook drains within its deadline; a machine that stands still is asked again
    let briefs = std::iter::repeat_with(|| context(&env.hook(&start(&env, "startup")))).take(10);
    let briefs: Vec<String> = briefs.collect();
    assert!(briefs.iter().any(|brief| brief.contains("c.txt")), "with a killed daemon:\n{briefs:?}");
}
