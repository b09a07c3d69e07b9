//! Holds the judgement of events against tables: which rule, what is withheld, in which order.

use mem_core::event::{Action, Agent, Body, Event, NaturalKey, Outcome, StartSource, Subagent, ToolUse};
use mem_core::id::SessionId;
use mem_core::settings::Settings;
use mem_core::time::Timestamp;

use super::super::judge::{Capture, Judged, WITHHELD};
use super::super::rules::{Rule, Verdict};

fn event(body: Body) -> Event {
    Event {
        agent: Agent::ClaudeCode,
        session: SessionId("s".into()),
        at: Timestamp(1),
        cwd: "/w/app".into(),
        transcript: None,
        prompt_id: None,
        subagent: None,
        key: NaturalKey::Counted("k".into()),
        body,
    }
}

fn prompt(text: &str) -> Event {
    event(Body::Prompted { prompt: text.into() })
}

fn used(tool: &str, action: Action) -> Event {
    event(Body::ToolUsed(ToolUse {
        id: None,
        tool: tool.into(),
        action,
        outcome: Outcome::Succeeded,
        duration_ms: None,
    }))
}

fn ran(command: &str, output: &str) -> Event {
    used(
        "Bash",
        Action::Ran {
            command: command.into(),
            description: String::new(),
            exit_code: Some(0),
            output: output.into(),
        },
    )
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings::read(&mut |name| {
        pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
    .0
}

fn capture() -> Capture {
    Capture::new(&Settings::default(), "/home/u/.claude-mem", "/home/u")
}

fn judge(event: &mut Event) -> Judged {
    capture().judge(event)
}

fn all_text(event: &mut Event) -> String {
    let mut all = String::new();
    event.visit_texts(&mut |_, text| {
        all.push_str(text);
        all.push('\n');
    });
    all
}

#[test]
fn each_rule_has_its_event() {
    let mut inside = prompt("hi");
    inside.cwd = "/home/u/.claude-mem/observer".into();
    let read = |path: &str| Action::Read { path: path.into(), content: "x".into() };
    for (rule, mut given) in [
        (Rule::Internal, inside),
        (Rule::Private, prompt("<private>all of it</private>")),
        (Rule::HostPrompt, prompt("<system-reminder>only the host</system-reminder>")),
        (Rule::SkippedTool, used("TodoWrite", Action::Other { input: "{}".into(), output: String::new() })),
        (Rule::TaskNotification, prompt("<task-notification id=\"1\">\ndone\n</task-notification>\n")),
        (Rule::HostCompaction, event(Body::SubagentStopped { said: "summary".into() })),
        (Rule::Batched, event(Body::ToolsBatched { calls: Vec::new() })),
        (Rule::AgentMemoryMeta, used("Edit", read("/home/u/.claude/projects/a/session-memory/summary.md"))),
    ] {
        assert_eq!(judge(&mut given).verdict, Verdict::Skip(rule));
    }
}

#[test]
fn what_only_resembles_a_skipped_event_is_kept() {
    let mut beside = prompt("hi");
    beside.cwd = "/home/u/.claude-mem-notes".into();
    let mut subagent = event(Body::SubagentStopped { said: "done".into() });
    subagent.subagent = Some(Subagent { id: "a1".into(), kind: "Explore".into() });
    for mut given in [
        beside,
        subagent,
        prompt("<task-notification>x</task-notification> and a question"),
        prompt("<task-notifications>x</task-notifications>"),
        prompt("open <private>x</private> words"),
        used("Read", Action::Read { path: "/w/app/session-memory/a.rs".into(), content: "x".into() }),
        event(Body::Answered { said: "<private>x</private>".into() }),
    ] {
        assert_eq!(judge(&mut given).verdict, Verdict::Keep, "{given:?}");
    }
}

#[test]
fn excluded_directories_by_glob() {
    for (globs, cwd, excluded) in [
        ("/w/app", "/w/app", true),
        ("/w/app", "/w/app/sub", false),
        ("/w/app/**", "/w/app/sub/deep", true),
        ("/w/*", "/w/app/sub", false),
        ("app", "/w/app", true),
        ("ap?", "/w/app", true),
        ("a.p", "/w/app", false),
        ("~/secret*", "/home/u/secrets", true),
        ("~/secret*", "/home/u/other", false),
        ("x, **/client-*", "/w/a/client-7", true),
        ("C:/w/*", "C:\\w\\app\\", true),
        ("", "/w/app", false),
    ] {
        let capture = Capture::new(&settings(&[("CLAUDE_MEM_EXCLUDED_PROJECTS", globs)]), "", "/home/u");
        let mut given = prompt("hi");
        given.cwd = cwd.into();
        let verdict = if excluded { Verdict::Skip(Rule::Excluded) } else { Verdict::Keep };
        assert_eq!(capture.judge(&mut given).verdict, verdict, "{globs} {cwd}");
        assert_eq!(capture.is_excluded(cwd), excluded);
    }
}

#[test]
fn contents_of_secret_files_are_withheld() {
    let planted = "PLANTED, in no known shape";
    let mut failed = ran("cat .env; false", planted);
    if let Body::ToolUsed(call) = &mut failed.body {
        call.outcome = Outcome::Failed { error: format!("Exit code 1\n{planted}") };
    }
    for mut given in [
        used("Read", Action::Read { path: "/w/app/.env".into(), content: planted.into() }),
        used(
            "Edit",
            Action::Changed {
                path: "/w/app/server.pem".into(),
                created: true,
                patch: planted.into(),
                added: 1,
                removed: 0,
            },
        ),
        used("Write", Action::Noted { path: "/h/.claude/.credentials.json".into(), text: planted.into() }),
        used(
            "Grep",
            Action::Searched { query: "x".into(), place: "/w/app/.env.local".into(), found: planted.into() },
        ),
        used(
            "Grep",
            Action::Searched {
                query: "x".into(),
                place: "/w".into(),
                found: format!("a.rs:1:x\n.env:2:{planted}"),
            },
        ),
        ran("cat .env", planted),
        ran("grep -r x .", &format!("./config/.env:{planted}")),
        ran(&format!("cat > .env <<EOF\n{planted}\nEOF"), ""),
        failed,
        used(
            "MultiEdit",
            Action::Other {
                input: format!("{{\"file_path\":\".env\",\"new\":\"{planted}\"}}"),
                output: planted.into(),
            },
        ),
        used(
            "Shell",
            Action::Other { input: "{\"command\":\"cat ~/.netrc\"}".into(), output: planted.into() },
        ),
        event(Body::Raw {
            name: "FileChanged".into(),
            json: format!("{{\"path\":\"/w/id_rsa\",\"content\":\"{planted}\"}}"),
        }),
    ] {
        let judged = judge(&mut given);
        let text = all_text(&mut given);
        assert!(judged.withheld > 0 && !text.contains("PLANTED") && text.contains(WITHHELD), "{text}");
        assert_eq!(judged.verdict, Verdict::Keep);
    }
}

#[test]
fn the_path_the_counts_and_the_command_stay() {
    let mut given = used(
        "Write",
        Action::Changed { path: ".env".into(), created: true, patch: "+A=1".into(), added: 7, removed: 2 },
    );
    judge(&mut given);
    let wanted =
        Action::Changed { path: ".env".into(), created: true, patch: WITHHELD.into(), added: 7, removed: 2 };
    assert!(matches!(&given.body, Body::ToolUsed(call) if call.action == wanted), "{given:?}");

    let mut given = ran("cat .env | head", "A=1");
    judge(&mut given);
    assert!(
        matches!(&given.body, Body::ToolUsed(ToolUse { action: Action::Ran { command, exit_code, .. }, .. })
            if command == "cat .env | head" && *exit_code == Some(0)),
        "{given:?}"
    );
}

#[test]
fn the_users_own_globs_withhold_too() {
    let capture = Capture::new(&settings(&[("CLAUDE_MEM_SKIP_PATHS", "*.secret.md,/w/vault/**")]), "", "");
    for mut given in [
        used("Read", Action::Read { path: "/w/app/a.secret.md".into(), content: "PLANTED".into() }),
        used("Read", Action::Read { path: "/w/vault/x/y".into(), content: "PLANTED".into() }),
        ran("cat /w/vault/x", "PLANTED"),
    ] {
        assert_eq!(capture.judge(&mut given).withheld, 1);
        assert!(!all_text(&mut given).contains("PLANTED"));
    }
}

#[test]
fn redaction_sees_the_text_before_it_is_cut() {
    let secret = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
    let capture = Capture::new(&settings(&[("CLAUDE_MEM_FIELD_LIMIT", "1024")]), "", "");
    for before in 600..720 {
        let mut given = ran("x", &format!("{}{secret}{}", " ".repeat(before), " ".repeat(2000)));
        let judged = capture.judge(&mut given);
        let text = all_text(&mut given);
        assert!(!text.contains("a1B2") && !text.contains("q7R8"), "{before}: {text}");
        assert_eq!((judged.cut, judged.redacted["github"]), (1, 1));
    }
}

#[test]
fn a_prompt_of_pictures_has_a_stand_in() {
    let mut given = prompt(" \n");
    assert_eq!(judge(&mut given).verdict, Verdict::Keep);
    assert_eq!(all_text(&mut given), "[media prompt]\n");
}

#[test]
fn tags_and_secrets_in_every_text() {
    let token = ["xox", "b-1234567890-abcdefghij"].concat();
    let mut given = ran(&format!("deploy {token}"), &format!("<private>x</private>sent {token}"));
    let judged = judge(&mut given);
    assert_eq!(all_text(&mut given), "deploy [redacted:slack]\n\nsent [redacted:slack]\n");
    assert_eq!((judged.redacted["slack"], judged.stripped.private, judged.withheld), (2, 1, 0));
    assert_eq!(given.cwd, "/w/app");
}

#[test]
fn a_text_of_no_event_is_scrubbed() {
    let mut text = format!(
        "{{\"a\":\"\\u003cprivate\\u003ex\\u003c/private\\u003e\",\"b\":\"{}\"}}",
        ["sk-", "ant-", "api03-0123456789abcdef"].concat()
    );
    let counts = capture().scrub_text(&mut text);
    assert_eq!(text, "{\"a\":\"\",\"b\":\"[redacted:anthropic]\"}");
    assert_eq!(counts["anthropic"], 1);
}

#[test]
fn ids_and_names_are_redacted_and_stay_without_secrets() {
    let secret = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
    let named = |text: &str| {
        let call = |action| {
            Body::ToolUsed(ToolUse {
                id: Some(text.into()),
                tool: text.into(),
                action,
                outcome: Outcome::Succeeded,
                duration_ms: None,
            })
        };
        [
            Body::SessionStarted { source: StartSource::Startup, model: Some(text.into()) },
            Body::Compacting { trigger: text.into() },
            Body::Compacted { trigger: text.into(), summary: text.into() },
            Body::Raw { name: text.into(), json: "{}".into() },
            call(Action::Delegated {
                subagent: Some(text.into()),
                kind: text.into(),
                task: text.into(),
                said: text.into(),
            }),
            Body::Moved { from: text.into(), to: text.into() },
            Body::SubagentStarted,
        ]
        .map(|body| Event {
            session: SessionId(text.into()),
            cwd: text.into(),
            transcript: Some(text.into()),
            prompt_id: Some(text.into()),
            subagent: Some(Subagent { id: text.into(), kind: text.into() }),
            key: NaturalKey::Fixed(text.into()),
            ..event(body)
        })
    };
    for mut given in named(&format!("/w/{secret}")) {
        let judged = judge(&mut given);
        assert!(!format!("{given:?}").contains(&secret), "{given:?}");
        assert!(judged.redacted["github"] >= 7, "{given:?}");
        assert_eq!(given.cwd, "/w/[redacted:github]");
    }
    for text in
        ["/home/u/w/app", "0b7c5b0a-9d3e-4c51-8f3a-1f6f5f1f2a3b", "toolu_01A9yKxVpQ7mWs3rT8bNfZdE", ""]
    {
        for mut given in named(text) {
            let before = given.clone();
            judge(&mut given);
            assert_eq!(given, before);
        }
    }
}

/// Of a text beyond all measure only the ends are read, and nothing of a secret on the cut stays.
#[test]
fn huge_texts_are_cut_before_they_are_read() {
    let secret = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
    let capture = Capture::new(&settings(&[("CLAUDE_MEM_FIELD_LIMIT", "1024")]), "", "");
    for piece in ["password=", "x ", &format!("{secret} "), "é"] {
        let mut given = ran("x", &format!("HEAD {}{secret} TAIL", piece.repeat(6_000_000 / piece.len())));
        let judged = capture.judge(&mut given);
        let text = all_text(&mut given);
        assert!(text.contains("HEAD") && text.contains("TAIL") && text.len() <= 1100, "{}", text.len());
        assert!(!text.contains("o5P6") && !text.contains("a1B2"), "{piece}");
        assert!(text.contains("[… 59") || text.contains("[… 60"), "{piece}");
        assert_eq!(judged.cut, 1);
    }
}
