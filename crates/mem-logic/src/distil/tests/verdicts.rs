//! Which call of a line is believed and which is blamed, from its exit and its output.

use crate::distil::commands::calls;
use crate::distil::verdict::{Verdict, judge};

#[test]
fn a_failed_chain_blames_only_whom_the_output_names() {
    use Verdict::{Failed, Passed, Unknown};
    let eslint =
        "\n/p/src/a.js\n  3:5  error  'x' is not defined  no-undef\n\n✖ 1 problem (1 error, 0 warnings)";
    let undefined = "error[E0425]: cannot find value `y` in this scope\n --> src/lib.rs:2:5\nerror: could not compile `p` (lib) due to 1 previous error";
    let only_tests = "error[E0425]: cannot find value `y` in this scope\nerror: could not compile `p` (lib test) due to 1 previous error";
    let tally = "test a ... FAILED\n\ntest result: FAILED. 2 passed; 1 failed; 0 ignored";
    let made = "[main 3f2a91c] Release 0.2.0\n 1 file changed";
    let table: &[(&str, &str, &[Verdict], usize)] = &[
        ("git commit -am 'Release 0.2.0' && git push", "checks failed, see above", &[Unknown, Unknown], 2),
        ("git commit -am X && git push", "ruff.....Failed\n- hook id: ruff", &[Failed, Unknown], 0),
        (
            "git commit -am X && git tag v0.2.0",
            "On branch main\nnothing to commit, working tree clean",
            &[Failed, Unknown],
            0,
        ),
        (
            "git commit -am X && git push",
            "[main 3f2a91c] X\n ! [rejected] main -> main (fetch first)",
            &[Passed, Failed],
            0,
        ),
        ("cargo test && git commit -am 'Release 0.2.0' && git push", made, &[Passed, Passed, Failed], 0),
        ("git commit -m X && cargo test", tally, &[Failed, Unknown], 0),
        ("git commit -qm X && cargo test", tally, &[Passed, Failed], 0),
        ("npm run lint && npm test", eslint, &[Failed, Unknown], 0),
        ("npm run lint && npm test", "it went wrong", &[Unknown, Unknown], 2),
        ("cargo build && cargo test", undefined, &[Failed, Unknown], 0),
        ("cargo build && cargo test", only_tests, &[Passed, Failed], 0),
        ("cargo clippy --all-targets && cargo test", only_tests, &[Failed, Unknown], 0),
        ("cargo fmt --check && cargo test", tally, &[Passed, Failed], 0),
        (
            "npm ci && npm test",
            "npm error code ERESOLVE\nnpm error ERESOLVE could not resolve",
            &[Failed, Unknown],
            0,
        ),
        (
            "cd nowhere && cargo test",
            "bash: line 1: cd: nowhere: No such file or directory",
            &[Failed, Unknown],
            0,
        ),
        (
            "npm run build && ls dist/x",
            "ls: cannot access 'dist/x': No such file or directory",
            &[Passed, Failed],
            0,
        ),
        (
            "git commit -am X && git merge f",
            "[main 3f2a91c] X\nCONFLICT (content): Merge conflict in a.rs",
            &[Passed, Failed],
            0,
        ),
        (
            "cargo test && git diff --quiet",
            "test result: ok. 3 passed; 0 failed; 0 ignored",
            &[Unknown, Unknown],
            1,
        ),
        ("grep -q x a.txt && cargo test", "", &[Unknown, Unknown], 1),
        ("cargo build && echo built", "it went wrong", &[Failed, Unknown], 0),
        ("make && ./ci.sh", "", &[Unknown, Unknown], 2),
        ("make; ./ci.sh", "", &[Unknown, Failed], 0),
        ("set -e\nmake\n./ci.sh", "", &[Unknown, Unknown, Unknown], 2),
    ];
    for (command, output, wanted, suspects) in table {
        let calls = calls(command);
        let judged = judge(&calls, true, false, output);
        let found: Vec<Verdict> = judged.calls.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(&found, wanted, "{command}: {output}");
        assert_eq!(judged.suspects.len(), *suspects, "{command}: {output}");
    }
}

#[test]
fn words_of_a_build_are_no_proof_of_a_commit_or_a_lint() {
    use Verdict::{Passed, Unknown};
    let built = "    Finished `dev` profile\nnothing to commit, working tree clean";
    for (command, wanted) in [
        ("cargo build; git commit -m x; git status", vec![Passed, Unknown, Unknown]),
        ("cargo clippy; cargo build; date", vec![Unknown, Unknown, Unknown]),
        ("cargo build && git commit -qm x", vec![Passed, Passed]),
    ] {
        let calls = calls(command);
        let judged = judge(&calls, false, true, built);
        let found: Vec<Verdict> = judged.calls.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(found, wanted, "{command}");
    }
}
