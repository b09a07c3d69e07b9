//! Turns with several calls on one line: what is claimed of each, and what stays open.

use super::stories::{CARGO_PASSES, Story};

#[test]
fn a_refused_commit_in_a_chain_is_not_claimed() {
    let patch = "@@ -1 +1 @@\n-a\n+b\n";
    for (command, output) in [
        ("git commit -am 'Release 0.2.0' && git push", "lint: 2 problems in a.rs"),
        ("git commit -qam 'Release 0.2.0' && git push", "lint: 2 problems in a.rs"),
        ("git commit -am 'Release 0.2.0' && git tag v0.2.0", "nothing to commit, working tree clean"),
    ] {
        let distilled =
            Story::asked("release 0.2.0").edited("a.rs", patch).failed(command, 1, output).answered("Hm.");
        assert_eq!(distilled.observations[0].1.subtitle, "a.rs +1 −1", "{command}");
        let summary = distilled.summary.unwrap();
        assert_eq!(summary.completed, "Changed a.rs (+1 −1)", "{command}");
        assert!(summary.next_steps.contains("` still failed (exit 1): "), "{}", summary.next_steps);
    }
}

#[test]
fn a_chain_that_failed_as_a_whole_is_settled_when_all_of_it_passed() {
    let story = || {
        Story::asked("make the checks pass")
            .failed("npm run lint && npm test", 1, "it went wrong")
            .edited("a.js", "@@ -1 +1 @@\n-a\n+b\n")
    };
    let open = story().answered("Changed.").summary.unwrap();
    assert_eq!(open.next_steps, "`npm run lint && npm test` still failed (exit 1): it went wrong");
    assert_eq!(open.completed, "Changed a.js (+1 −1)");
    let half = story().ran("npm test", "").answered("Changed.").summary.unwrap();
    assert_eq!(
        half.next_steps,
        "`npm run lint && npm test` was not seen passing again in full; `npm test` passed"
    );
    let whole = story().ran("npm run lint && npm test", "").answered("Changed.").summary.unwrap();
    assert_eq!(whole.next_steps, "");
}

#[test]
fn a_quiet_commit_is_proved_by_the_log_behind_it() {
    for command in [
        "git commit -qm 'Read tabs' && git log --oneline | head -3",
        "git commit -qm 'Read tabs'; git log --oneline -1",
        "git add -A; git commit -q -m 'Read tabs' 2>&1 | tail -1; git log --oneline -1",
    ] {
        let distilled = Story::asked("read tabs too, and commit")
            .edited("a.rs", "@@ -1 +1 @@\n-a\n+b\n")
            .ran(command, "8e4e67e Read tabs\n1a2b3c4 Older")
            .answered("Done.");
        let (_, work) = &distilled.observations[0];
        assert_eq!(
            (work.title.as_str(), work.subtitle.as_str()),
            ("Read tabs", "a.rs +1 −1; commit 8e4e67e")
        );
    }
    let other = Story::asked("read tabs too, and commit")
        .edited("a.rs", "@@ -1 +1 @@\n-a\n+b\n")
        .ran("git commit -qm 'Read tabs'; git log --oneline -1", "1a2b3c4 Older")
        .answered("Done.");
    assert_eq!(other.observations[0].1.subtitle, "a.rs +1 −1");
}

#[test]
fn what_clippy_could_not_compile_is_settled_by_tests_that_ran() {
    let undefined = "error[E0425]: cannot find value `y` in this scope\n --> src/lib.rs:2:5\nerror: could not compile `p` (lib) due to 1 previous error";
    let chain = "cargo clippy --all-targets && cargo test";
    let story = || {
        Story::asked("make it clean")
            .failed(chain, 101, undefined)
            .edited("src/lib.rs", "@@ -1 +1 @@\n-a\n+b\n")
    };
    let open = story().answered("Done.").summary.unwrap();
    assert!(
        open.next_steps.starts_with("`cargo clippy --all-targets` still failed (exit 101): error[E0425]")
    );
    assert_eq!(open.completed, "Changed src/lib.rs (+1 −1)");
    let tested = story().ran("cargo test 2>&1 | tail -5", CARGO_PASSES).answered("Done.").summary.unwrap();
    assert_eq!(tested.next_steps, "");
    let whole = story().ran(chain, CARGO_PASSES).answered("Done.").summary.unwrap();
    assert_eq!(whole.next_steps, "");
    assert!(whole.learned.ends_with("cured by the change"), "{}", whole.learned);
}

#[test]
fn a_call_that_worked_in_another_form_is_named_once() {
    let distilled = Story::asked("install and test")
        .failed("npm ci && npm test", 1, "npm error code ERESOLVE\nnpm error ERESOLVE could not resolve")
        .ran("npm ci --legacy-peer-deps && npm test", "# pass 3\n# fail 0")
        .answered("Installed.");
    let (slot, cure) = &distilled.observations[0];
    assert_eq!(slot, "cure:1");
    assert_eq!(cure.facts[0], "`npm ci` failed (exit 1): ERESOLVE could not resolve");
    assert_eq!(cure.facts[1], "`npm ci --legacy-peer-deps` succeeded");
}
