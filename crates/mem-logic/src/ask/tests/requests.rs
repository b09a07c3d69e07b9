//! What a model reads: the instructions, a whole turn, the parts of a long one, what is not worth asking about.

use mem_core::event::{Action, Body, Outcome, StartSource};
use mem_core::id::EventId;
use mem_core::observation::Summary;

use super::turn::{NORMAL, Turn, code};
use crate::ask::Composed;
use crate::ask::system::system;
use crate::mode::{bundled, load};

#[test]
fn the_instructions_of_code() {
    let text = system(&code());
    assert!(text.chars().count() < 6_000, "{}", text.chars().count());
    insta::assert_snapshot!(text);
}

#[test]
fn the_instructions_are_the_same_for_the_same_mode_and_bounded_for_any() {
    for (id, _) in bundled() {
        let mode = load(&id, &mut |_| None).0;
        let text = system(&mode);
        assert_eq!(text, system(&mode));
        assert!(text.chars().count() < 6_500, "{id}");
        assert!(text.ends_with("password.") == mode.text("language").is_empty(), "{id}");
    }
    let wordy =
        r#"{"prompts": {"recording_focus": "LONG", "footer": "LONG", "xml_fact_placeholder": "LONG"}}"#
            .replace("LONG", &"many words ".repeat(5_000));
    let mode = load("wordy", &mut |id| (id == "wordy").then(|| wordy.clone())).0;
    assert!(system(&mode).chars().count() <= 24_000);
    assert!(system(&mode).contains("characters left out"));
}

/// A turn as it happens: a failing test, its cause, the cure, the commit.
fn mended() -> Turn {
    let failure = format!(
        "running 3 tests\n{}test header::tests::empty_value ... FAILED\n\nfailures:\n\n---- header::tests::empty_value stdout ----\n\
         thread 'header::tests::empty_value' panicked at src/header.rs:48:9:\nassertion `left == right` failed\n  left: 0\n right: 1\n\n\
         test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n",
        "   Compiling proj v0.1.0 (/home/dev/proj)\n".repeat(3)
    );
    let mut turn = Turn::asked("The header test fails since yesterday. Find out why and fix it.")
        .happened(Body::SessionStarted { source: StartSource::Resume, model: None })
        .failed("cargo test -p proj header", 101, &failure)
        .searched("fn parse_header", "src/header.rs:12\nsrc/lib.rs:3")
        .read("src/header.rs", 120)
        .edited(
            "src/header.rs",
            "@@ -20,7 +20,7 @@ pub fn parse_header(text: &str) -> Vec<Field> {\n     let Some((name, value)) = line.split_once(':') else {\n-        continue;\n+        break;\n     };\n",
        )
        .edited(
            "src/header.rs",
            "@@ -31,3 +31,3 @@\n-    if value.is_empty() { return fields; }\n+    // an empty value is a value\n",
        )
        .ran("cargo test -p proj header", "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out")
        .ran("git commit -qam 'header: empty values are kept' && git log -1 --oneline", "3f2a91c header: empty values are kept")
        .answered("The parser returned early on an empty value, so the field was dropped. It keeps such fields now; the test passes and the fix is committed as 3f2a91c.")
        .happened(Body::SessionEnded { reason: "other".to_owned() });
    turn.earlier.summaries.push(Summary {
        request: "Parse headers by hand".to_owned(),
        completed: "Changed src/header.rs (+90 −0)".to_owned(),
        ..Summary::default()
    });
    turn.earlier.titles.push("Headers are parsed without a regex".to_owned());
    turn
}

#[test]
fn a_turn_as_it_is_sent() {
    let asked = mended().composed();
    assert!(asked.ask.text.starts_with('<'));
    assert_eq!(asked.ask.most_output, 4_096);
    insta::assert_snapshot!(asked.ask.text);
}

#[test]
fn a_request_covers_all_events_and_proves_what_tools_did() {
    let turn = mended();
    let asked = turn.composed();
    assert!(asked.whole);
    assert_eq!(asked.through, turn.events.last().unwrap().0);
    assert_eq!(asked.proof.modified, [("src/header.rs".to_owned(), EventId(6))]);
    assert_eq!(asked.proof.read, [("src/header.rs".to_owned(), EventId(5))]);
    // all but the beginning and the end of the session
    assert_eq!(asked.proof.sources, [1, 3, 4, 5, 6, 7, 8, 9, 10].map(EventId));
}

#[test]
fn work_of_subagents_is_proof_too_and_scratch_or_failure_is_none() {
    let noted =
        Action::Noted { path: "/home/dev/.claude/projects/p/memory/MEMORY.md".into(), text: "x".into() };
    let refused = Action::Changed {
        path: "/home/dev/proj/src/b.rs".into(),
        created: false,
        patch: String::new(),
        added: 0,
        removed: 0,
    };
    let asked = Turn::asked("Change it.")
        .by_subagent("a-1")
        .edited("src/a.rs", "@@ -1 +1 @@\n-a\n+b\n")
        .read("src/c.rs", 3)
        .by_agent()
        .edited("/tmp/scratch.rs", "@@ -1 +1 @@\n-a\n+b\n")
        .used("Write", noted, Outcome::Succeeded)
        .used("Edit", refused, Outcome::Failed { error: "not read yet".into() })
        .edited("/etc/hosts", "@@ -1 +1 @@\n-a\n+b\n")
        .answered("Changed.")
        .composed();
    let modified: Vec<&str> = asked.proof.modified.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(modified, ["src/a.rs", "/etc/hosts"]);
    assert_eq!(asked.proof.read, [("src/c.rs".to_owned(), EventId(3))]);
}

#[test]
fn what_a_model_could_add_nothing_to_is_trivial() {
    let long = "Because the queue is drained by one thread. ".repeat(4);
    let trivial = [
        Turn::asked("Thanks!").answered("You are welcome."),
        Turn::asked("Add a retry.").happened(Body::AnswerFailed {
            error: "rate_limit".into(),
            details: "resets at 5".into(),
            said: String::new(),
        }),
        Turn::asked("Add a retry to the sender."),
        Turn::asked("Where is parse?")
            .searched("fn parse", "src/a.rs:3")
            .read("src/a.rs", 40)
            .answered("In src/a.rs, line 3."),
        Turn::asked("What did I change?").ran("git status --short", " M src/a.rs").answered("Only src/a.rs."),
        Turn::asked("hm").happened(Body::SessionEnded { reason: "other".into() }),
    ];
    for turn in trivial {
        assert!(turn.is_trivial(), "{}", turn.prompt);
    }
    let worth = [
        Turn::asked("How is the queue drained?").answered(&long),
        Turn::asked("Plan the move to SQLite.").answered(&long.repeat(4)),
        Turn::asked("Where is parse?")
            .read("src/a.rs", 40)
            .answered("In src/a.rs.\n\nIt is called twice, which looks wrong."),
        Turn::asked("Where is parse?").read("src/a.rs", 40).answered("In src/a.rs.").unfinished(),
        Turn::asked("Does it build?").ran("cargo build", "").answered("Yes."),
        Turn::asked("What is wrong?").failed("cat nothing", 1, "No such file").answered("It is missing."),
        Turn::asked("Let's use jiff instead of chrono.")
            .edited("Cargo.toml", "@@ -1 +1 @@\n-chrono\n+jiff\n"),
    ];
    for turn in worth {
        assert!(!turn.is_trivial(), "{}", turn.prompt);
    }
}

#[test]
fn a_long_turn_goes_in_parts() {
    let mut turn = Turn::asked("Rename the module everywhere.");
    for at in 0..60 {
        let patch = format!("@@ -{at} +{at} @@\n-{}\n+{}\n", "old line ".repeat(30), "new line ".repeat(30));
        turn = turn.edited(&format!("src/file_{at}.rs"), &patch);
    }
    turn =
        turn.answered("Renamed it in sixty files.").happened(Body::SessionEnded { reason: "other".into() });
    let (mut after, mut parts, mut sources) = (EventId(0), Vec::new(), Vec::new());
    loop {
        let Composed::Asked(asked) = turn.compose_after(after, NORMAL) else {
            panic!("every part tells something")
        };
        after = asked.through;
        sources.extend(asked.proof.sources);
        parts.push(asked.ask.text);
        if asked.whole {
            break;
        }
        turn.part += 1;
    }
    assert_eq!(parts.len(), 2);
    assert_eq!(after, turn.events.last().unwrap().0);
    assert_eq!(sources, (1..=62).map(EventId).collect::<Vec<_>>());
    assert!(parts[0].contains("<part>\nThe turn goes on after what is shown here.\n</part>"));
    assert!(parts[1].contains("Part 2 of the turn") && parts[1].contains("Renamed it in sixty files."));
}

#[test]
fn an_answer_left_for_a_later_part_is_not_trivial_and_an_end_is() {
    let mut turn = Turn::asked("Change it.").edited("a.rs", "@@ -1 +1 @@\n-a\n+b\n").answered("Done.");
    turn.part = 2;
    assert!(matches!(turn.compose_after(EventId(2), NORMAL), Composed::Asked(_)));
    let turn = turn.happened(Body::SessionEnded { reason: "other".into() });
    assert_eq!(turn.compose_after(EventId(3), NORMAL), Composed::Trivial { through: EventId(4) });
}

/// Thirty calls over three prompts, of the sizes one sees: files of a few hundred lines, outputs of a few thousand
/// characters, edits of a screen.
#[test]
fn thirty_calls_over_three_prompts_are_cheap() {
    let output = "   Compiling proj v0.1.0 (/home/dev/proj)\nwarning: unused variable: `x`\n".repeat(60);
    let patch = format!(
        "@@ -10,20 +10,24 @@\n{}",
        "-    let old = compute(a, b);\n+    let new = compute(a, b)?;\n".repeat(12)
    );
    let mut chars = 0;
    for prompt in
        ["Add retries to the sender.", "Now make the delay configurable.", "Write it down in the docs."]
    {
        let turn = Turn::asked(prompt)
            .searched("fn send", &"src/send.rs:10: fn send()\n".repeat(20))
            .read("src/send.rs", 400)
            .read("src/config.rs", 250)
            .edited("src/send.rs", &patch)
            .edited("src/send.rs", &patch)
            .failed(
                "cargo test",
                101,
                &format!("{output}error[E0308]: mismatched types\n --> src/send.rs:12:5\n"),
            )
            .edited("src/send.rs", &patch)
            .ran("cargo test", &format!("{output}test result: ok. 31 passed; 0 failed; 0 ignored"))
            .ran("git diff --stat", " src/send.rs | 24 ++++++++++------------\n 1 file changed")
            .ran("git commit -qam 'send: retries'", "[main 1234567] send: retries")
            .answered("The sender retries three times with a growing delay. All tests pass.");
        let asked = turn.composed();
        assert!(asked.whole);
        chars += asked.ask.chars();
    }
    println!("thirty calls over three prompts: {chars} characters in 3 requests");
    assert!(chars < 60_000, "{chars}");
}
