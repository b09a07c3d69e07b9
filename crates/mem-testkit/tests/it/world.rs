//! A world of one's own is clean, bounded and leaves nothing behind.

use std::time::Duration;

use mem_testkit::{TestEnv, run, wait};

#[test]
fn children_see_only_what_the_world_says() {
    let mut env = TestEnv::new();
    env.set("EXTRA", "yes");
    let seen = run::run(env.command("env"), b"", Duration::from_secs(10)).ok().stdout;
    let mut names: Vec<&str> =
        seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    names.retain(|name| !name.starts_with("GIT_"));
    names.sort_unstable();
    assert_eq!(names, ["EXTRA", "HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ"]);
}

#[test]
fn commits_are_the_same_wherever_they_are_made() {
    let hash = || {
        let env = TestEnv::new();
        env.write("a.txt", "a\n");
        env.git_init();
        env.git(&["rev-parse", "HEAD"])
    };
    assert_eq!(hash(), hash());
}

#[test]
fn a_deadline_ends_the_whole_group() {
    let env = TestEnv::new();
    let mut command = env.command("sh");
    command.args(["-c", "cat >/dev/null; sleep 600 & sleep 600"]);
    let finished = run::run(command, b"some input", Duration::from_millis(300));
    assert!(finished.late && finished.signal == Some(9), "{finished}");
    wait::until("the group to be gone", || env.processes().is_empty().then_some(()));
}

#[test]
fn whoever_outlives_the_test_is_found() {
    let env = TestEnv::new();
    let mut command = env.command("sh");
    command.args(["-c", "setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!"]);
    let pid = run::run(command, b"", Duration::from_secs(10))
        .ok()
        .stdout
        .trim()
        .parse::<u32>()
        .expect("a process id");
    let left = env.processes();
    assert!(left.iter().any(|process| process.shown.contains("sleep 600")), "{pid}: {left:?}");
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(env)));
    let words = told.expect_err("a world says who outlived it");
    assert!(words.downcast_ref::<String>().is_some_and(|words| words.contains("sleep 600")));
}
