//! What is folded, and what is kept of each kind of event.

use mem_core::event::{Action, Body, Outcome, ToolUse};

use super::turn::{TOP, Turn};

#[test]
fn looking_around_becomes_lines() {
    let told = Turn::asked("Explain the parser.")
        .read("src/a.rs", 12)
        .searched("fn parse", "src/a.rs:1\nsrc/b.rs:2")
        .read("src/a.rs", 12)
        .used(
            "Read",
            Action::Read { path: format!("{TOP}/gone.rs"), content: String::new() },
            Outcome::Failed { error: "File does not exist.".into() },
        )
        .used(
            "Write",
            Action::Noted {
                path: "/home/dev/.claude/projects/p/memory/MEMORY.md".into(),
                text: "likes tabs".into(),
            },
            Outcome::Succeeded,
        )
        .answered("It is a recursive descent parser.\nIt has two entry points.")
        .told();
    insta::assert_snapshot!(told, @r"
    <steps>
    read src/a.rs (12 lines) (2 times)
    searched “fn parse” in src (2 lines found)
    read gone.rs: failed (File does not exist.)
    wrote into its own memory: /home/dev/.claude/projects/p/memory/MEMORY.md
    </steps>
    <answer>
    It is a recursive descent parser.
    It has two entry points.
    </answer>
    ");
}

#[test]
fn a_repeated_command_is_told_once_with_a_count() {
    let told = Turn::asked("Wait for the build.")
        .ran(
            "gh run view 7",
            "in progress, 10 s, still compiling the workspace with all of its features and tests",
        )
        .ran(
            "gh run view 7",
            "in progress, 20 s, still compiling the workspace with all of its features and tests",
        )
        .ran(
            "gh run view 7",
            "completed after 30 s, all of the workspace with all of its features and tests is fine",
        )
        .ran("sleep 1", "")
        .ran(
            "gh run view 7",
            "completed after 31 s, all of the workspace with all of its features and tests is fine",
        )
        .failed("gh run view 7", 1, "no such run")
        .answered("It is green.")
        .told();
    insta::assert_snapshot!(told, @r"
    <ran>
    $ gh run view 7
    ok (3 times; this is the last)
    completed after 30 s, all of the workspace with all of its features and tests is fine
    </ran>
    <ran>
    $ sleep 1
    ok
    </ran>
    <ran>
    $ gh run view 7
    ok
    (printed the same as before)
    </ran>
    <ran>
    $ gh run view 7
    failed, exit 1
    no such run
    </ran>
    <answer>
    It is green.
    </answer>
    ");
}

#[test]
fn edits_of_one_file_in_a_row_are_one_change() {
    let told = Turn::asked("Change it.")
        .edited("src/a.rs", "@@ -1 +1 @@\n-a\n+b\n")
        .edited("src/a.rs", "@@ -9 +9,2 @@\n c\n+d\n")
        .edited("src/b.rs", "@@ -1 +1 @@\n-x\n+y\n")
        .edited("src/a.rs", "@@ -3 +3 @@\n-e\n+f\n")
        .answered("Changed.")
        .told();
    insta::assert_snapshot!(told, @r"
    <changed>
    src/a.rs: edited 2 times, +2 -1 lines
    @@ -1 +1 @@
    -a
    +b
    @@ -9 +9,2 @@
     c
    +d
    </changed>
    <changed>
    src/b.rs: edited, +1 -1 lines
    @@ -1 +1 @@
    -x
    +y
    </changed>
    <changed>
    src/a.rs: edited, +1 -1 lines
    @@ -3 +3 @@
    -e
    +f
    </changed>
    <answer>
    Changed.
    </answer>
    ");
}

#[test]
fn a_failure_keeps_its_tail_and_a_success_its_head() {
    let lines = |from: usize| (from..from + 900).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
    let well = Turn::asked("Build it.").ran("make all", &lines(1000)).answered("Built.").told();
    let badly = Turn::asked("Build it.").failed("make all", 2, &lines(1000)).answered("It fails.").told();
    let (head, tail) = well.split_once("characters left out").unwrap();
    assert!(head.len() > tail.len(), "{well}");
    let (head, tail) = badly.split_once("characters left out").unwrap();
    assert!(head.len() < tail.len() && tail.contains("line 1899"), "{badly}");
    assert!(badly.len() > 2 * well.len(), "a failure is told at more length");
    let kept = |told: &str| {
        told.lines()
            .filter(|line| line.starts_with("line "))
            .map(|line| line.chars().count() + 1)
            .sum::<usize>()
    };
    let gone: usize = badly.split("… [").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let all = lines(1000).chars().count();
    assert!((kept(&badly) + gone).abs_diff(all) <= 2, "{} + {gone} of {all}", kept(&badly));
}

#[test]
fn the_words_of_a_test_runner_survive_the_cut() {
    let noise = "some long line of output that nobody needs to see\n".repeat(100);
    let output = format!(
        "{noise}test deep::inside ... FAILED\ntest result: FAILED. 7 passed; 1 failed; 0 ignored\n{noise}"
    );
    for told in [
        Turn::asked("Test it.").failed("make check", 2, &output).answered("One fails.").told(),
        Turn::asked("Test it.").ran("make check | cat", &output).answered("One fails.").told(),
    ] {
        assert!(
            told.contains("left out] …\ntest deep::inside ... FAILED\ntest result: FAILED. 7 passed"),
            "{told}"
        );
    }
}

#[test]
fn a_subagent_is_one_block() {
    let mut turn =
        Turn::asked("Find out how sessions end.").by_subagent("a-1").happened(Body::SubagentStarted);
    for at in 0..25 {
        turn = turn
            .read(&format!("src/file_{at}.rs"), 100)
            .ran(&format!("grep -n end src/file_{at}.rs"), "1: end\n");
    }
    let told = turn
        .edited("notes.md", "@@ -0,0 +1 @@\n+Sessions end by idling.\n")
        .edited("notes.md", "@@ -1 +1,2 @@\n Sessions end by idling.\n+Or by a signal.\n")
        .failed("cargo test", 101, "error: no tests")
        .failed("cargo test", 101, "error: no tests")
        .happened(Body::SubagentStopped { said: "Sessions end after three idle minutes.".into() })
        .by_agent()
        .delegated(Some("a-1"), "Look for where sessions end", "Sessions end after three idle minutes.")
        .delegated(None, "Another question", "Another answer")
        .answered("They end by idling.\nSee notes.md.")
        .told();
    assert!(told.len() < 1_500, "{}", told.len());
    insta::assert_snapshot!(told, @r"
    <subagent>
    Explore: Look for where sessions end
    changed: notes.md (+2 -0)
    ran:
    - `cargo test` failed, exit 101 (2 times)
    looked around, 50 calls
    its last words:
    Sessions end after three idle minutes.
    </subagent>
    <subagent>
    Explore: Another question
    its last words:
    Another answer
    </subagent>
    <answer>
    They end by idling.
    See notes.md.
    </answer>
    ");
}

#[test]
fn a_batch_adds_only_what_was_rejected() {
    let call = |id: &str, outcome| ToolUse {
        id: Some(id.to_owned()),
        tool: "Write".into(),
        action: Action::Changed {
            path: format!("{TOP}/a.txt"),
            created: false,
            patch: String::new(),
            added: 0,
            removed: 0,
        },
        outcome,
        duration_ms: None,
    };
    let refused = || Outcome::Failed { error: "File has not been read yet.".into() };
    // the failed command's own event is the second of the turn, `toolu_1`
    let told = Turn::asked("Write it.")
        .failed("cat a.txt", 1, "No such file")
        .happened(Body::ToolsBatched {
            calls: vec![
                call("toolu_1", refused()),
                call("toolu_8", Outcome::Succeeded),
                call("toolu_9", refused()),
            ],
        })
        .answered("It could not be written.")
        .told();
    assert_eq!(
        told.matches("<rejected>\nWrite a.txt: failed (File has not been read yet.)\n</rejected>").count(),
        1
    );
    assert_eq!(told.matches("not been read").count(), 1, "{told}");
}

#[test]
fn other_tools_pages_and_interruptions_are_told_and_bookkeeping_is_not() {
    let other = |input: &str, output: &str| Action::Other { input: input.into(), output: output.into() };
    let told = Turn::asked("Look it up.")
        .used("TaskCreate", other("{\"subject\":\"x\"}", "ok"), Outcome::Succeeded)
        .used("mcp__tracker__issue", other("{\"id\":7}", "Title: crash on start"), Outcome::Succeeded)
        .used(
            "WebFetch",
            Action::Fetched { target: "https://example.org/a".into(), content: "word ".repeat(900) },
            Outcome::Succeeded,
        )
        .used(
            "WebFetch",
            Action::Fetched { target: "https://example.org/b".into(), content: String::new() },
            Outcome::Failed { error: "404".into() },
        )
        .used(
            "Bash",
            Action::Ran {
                command: "sleep 100".into(),
                description: "wait".into(),
                exit_code: None,
                output: String::new(),
            },
            Outcome::Interrupted,
        )
        .happened(Body::Compacted { trigger: "auto".into(), summary: "a long summary".into() })
        .happened(Body::Prompted { prompt: "Leave it then.".into() })
        .happened(Body::AnswerFailed {
            error: "overloaded".into(),
            details: "try later".into(),
            said: "I was about to".into(),
        })
        .told();
    assert!(told.len() < 2_200, "{}", told.len());
    insta::assert_snapshot!(told.replace(&"word ".repeat(100), "(a hundred words) "), @r#"
    <called>
    mcp__tracker__issue {"id":7}
    Title: crash on start
    </called>
    <fetched>
    https://example.org/a
    (a hundred words) word word word word word word word word word word word word word word word word word word word word
    … [3600 characters left out] …
     word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word
    </fetched>
    <failed>
    WebFetch https://example.org/b: failed (404)
    </failed>
    <ran>
    $ sleep 100
    (meant to: wait)
    stopped by the user
    </ran>
    <added>
    Leave it then.
    </added>
    <broke_off>
    overloaded: try later
    I was about to
    </broke_off>
    "#);
}

#[test]
fn the_digest_keeps_the_newest() {
    let mut turn = Turn::asked("Go on.").edited("a.rs", "@@ -1 +1 @@\n-a\n+b\n").answered("Done.");
    for at in 0..100 {
        let text = |name: &str| format!("{name} {at} {}", "and so on ".repeat(20));
        turn.earlier.summaries.push(mem_core::observation::Summary {
            request: text("request"),
            completed: text("completed"),
            ..Default::default()
        });
        turn.earlier.titles.push(text("title"));
    }
    let text = turn.composed().ask.text;
    let (_, digest) = text.split_once("<earlier>\n").unwrap();
    let digest = digest.split_once("\n</earlier>").unwrap().0;
    assert!((1_500..=2_500).contains(&digest.chars().count()), "{}", digest.chars().count());
    for newest in ["request 99", "completed 99", "title 99"] {
        assert!(digest.contains(newest), "{digest}");
    }
    assert!(!digest.contains("request 10 ") && digest.find("request 98") < digest.find("request 99"));
}
