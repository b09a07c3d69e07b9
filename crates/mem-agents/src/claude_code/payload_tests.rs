//! The payload reader against every recorded payload, tables of odd ones, and bytes that are nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mem_core::event::{Action, Body, Event, NaturalKey, Outcome, TextRole};
use mem_core::frame::Header;
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::payload::{Parsed, PayloadError, parse};

const VERSIONS: [&str; 2] = ["2.1.197", "2.1.329"];

fn header() -> Header {
    Header { agent: "claude-code".into(), at: Timestamp(1_763_712_345_678), ..Header::default() }
}

fn read(payload: &Value) -> Parsed {
    parse(payload.to_string().as_bytes(), &header()).unwrap()
}

fn tool(name: &str, input: Value, response: Value) -> Parsed {
    read(
        &json!({"hook_event_name":"PostToolUse","session_id":"s","cwd":"/p","tool_name":name,"tool_use_id":"t",
        "transcript_path":"/h/.claude/projects/-p/s.jsonl","tool_input":input,"tool_response":response}),
    )
}

fn action(parsed: Parsed) -> Action {
    match parsed.event.body {
        Body::ToolUsed(call) => call.action,
        other => panic!("no tool use: {other:?}"),
    }
}

/// Every recorded payload of `version` by `folder/name`.
fn recorded(version: &str) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/claude-code").join(version);
    let mut found = BTreeMap::new();
    let entries =
        |path: &Path| -> Vec<PathBuf> { fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect() };
    for file in entries(&root).iter().flat_map(|folder| entries(folder)) {
        let name = file.strip_prefix(&root).unwrap().with_extension("").display().to_string();
        found.insert(name, fs::read(&file).unwrap());
    }
    found
}

/// The event on one line, its long texts clipped.
fn compact(mut event: Event) -> String {
    event.visit_texts(&mut |role, text| {
        if role == TextRole::Content && text.len() > 160 {
            *text = format!("{} ({} bytes)", one_line(text, 60), text.len());
        }
    });
    format!(
        "{:?}\n  key {:?} prompt {:?} subagent {:?}",
        event.body, event.key, event.prompt_id, event.subagent
    )
}

#[test]
fn every_recorded_payload_reads_without_defects() {
    for version in VERSIONS {
        let mut told = String::new();
        for (name, bytes) in recorded(version) {
            let parsed = parse(&bytes, &header()).unwrap();
            assert_eq!(parsed.defects, Vec::<String>::new(), "{version} {name}");
            assert!(parsed.event.cwd.starts_with('/') && parsed.event.transcript.is_some(), "{name}");
            told.push_str(&format!("{name}\n  {}\n", compact(parsed.event)));
        }
        insta::assert_snapshot!(format!("recorded_{version}"), told);
    }
}

#[test]
fn what_we_subscribe_to_is_never_raw() {
    for (name, bytes) in VERSIONS.iter().flat_map(|version| recorded(version)) {
        let parsed = parse(&bytes, &header()).unwrap();
        let event = name.rsplit('/').next().unwrap().split('-').next().unwrap();
        let subscribed = crate::spec::CLAUDE_CODE.events.iter().any(|known| known.name == event);
        if subscribed || event == "PostToolBatch" {
            assert!(!matches!(parsed.event.body, Body::Raw { .. }), "{name}");
        } else {
            assert_eq!(parsed.event.body.kind(), "raw", "{name}");
        }
    }
}

/// The sessions differ, so what each says of itself (ids, durations) is taken out first.
#[test]
fn both_versions_tell_the_same_story() {
    let [old, new] = VERSIONS.map(recorded);
    let mut compared = 0;
    for (name, bytes) in &old {
        let Some(other) = new.get(name) else { continue };
        let [mine, theirs] =
            [bytes, other].map(|bytes| anonymous(parse(bytes, &header()).unwrap().event.body));
        // The recorded batches are numbered by arrival and hold different calls.
        if !name.contains("PostToolBatch") && !matches!(mine, Body::Raw { .. }) {
            assert_eq!(mine, theirs, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 10, "only {compared} payloads have a twin");
}

fn anonymous(mut body: Body) -> Body {
    if let Body::ToolUsed(call) = &mut body {
        call.id = None;
        call.duration_ms = None;
        match &mut call.action {
            Action::Delegated { subagent, .. } => *subagent = None,
            Action::Read { content, .. } => content.clear(), // read before an edit in one, after it in the other
            _ => {}
        }
    }
    body
}

#[test]
fn a_compaction_shows_as_a_stop_without_subagent() {
    let bytes = &recorded("2.1.329")["hooks-compaction-setup/SubagentStop-1"];
    let event = parse(bytes, &header()).unwrap().event;
    assert!(matches!(event.body, Body::SubagentStopped { .. }));
    assert_eq!(event.subagent, None);
}

#[test]
fn odd_fields_become_defaults_and_defects() {
    let parsed = read(&json!({"hook_event_name":"Stop","session_id":7,"cwd":["x"],"prompt_id":{},
        "last_assistant_message":{"a":1},"transcript_path":false}));
    assert_eq!(parsed.event.session.0, "unknown");
    assert_eq!(parsed.event.cwd, "");
    assert_eq!(parsed.event.body, Body::Answered { said: r#"{"a":1}"#.into() });
    insta::assert_snapshot!(parsed.defects.join("\n"), @r"
    `session_id` should be a string, found a number
    `session_id` is missing
    `prompt_id` should be a string, found an object
    `transcript_path` should be a string, found true or false
    `last_assistant_message` should be a string, found an object
    `cwd` should be a string, found an array
    ");
}

#[test]
fn the_name_of_the_event_may_come_from_the_header() {
    let with = Header { event: "Stop".into(), ..header() };
    let parsed = parse(br#"{"session_id":"s","last_assistant_message":"x"}"#, &with).unwrap();
    assert_eq!(parsed.event.body.kind(), "answered");
    assert_eq!(parsed.defects, Vec::<String>::new());
}

#[test]
fn what_is_no_object_is_refused_and_says_where() {
    let told: Vec<String> = [&b""[..], b" \n", b"{\"a\":\n\"x", b"nope", b"[1]", b"{\"a\":1}}", b"\xff\xfe"]
        .iter()
        .map(|bytes| parse(bytes, &header()).unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    the payload is empty
    the payload is empty
    the payload breaks off after 8 bytes (line 2, column 2)
    the payload is no JSON at line 1, column 2: expected ident
    the payload should be a JSON object, found an array
    the payload is no JSON at line 1, column 8: trailing characters
    the payload is no JSON at line 1, column 1: expected value
    ");
}

#[test]
fn half_a_character_and_odd_bytes_lose_nothing_else() {
    let payload = br#"{"hook_event_name":"Stop","session_id":"s","last_assistant_message":"a\ud83d b\ud83d\ude00 \\ud83d"}"#;
    let parsed = parse(payload, &header()).unwrap();
    assert_eq!(parsed.event.body, Body::Answered { said: "a\u{fffd} b😀 \\ud83d".into() });
    assert_eq!(parsed.defects.len(), 1);
    let parsed = parse(
        b"{\"hook_event_name\":\"Stop\",\"session_id\":\"s\",\"last_assistant_message\":\"\xe9t\"}",
        &header(),
    )
    .unwrap();
    assert_eq!(parsed.event.body, Body::Answered { said: "\u{fffd}t".into() });
}

#[test]
fn a_long_id_cannot_grow_without_bound() {
    let parsed =
        read(&json!({"hook_event_name":"Stop","session_id":"s".repeat(100_000),"cwd":"/a".repeat(9000)}));
    assert!(parsed.event.session.0.len() < 300 && parsed.event.cwd.len() < 5000);
    assert_eq!(parsed.defects.len(), 2);
}

#[test]
fn commands_end_in_five_ways() {
    let input = json!({"command":"make","description":"build"});
    let ran = |parsed: Parsed| match parsed.event.body {
        Body::ToolUsed(call) => match call.action {
            Action::Ran { exit_code, output, .. } => (exit_code, output, call.outcome),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let failure = |error: &str, interrupt: bool| {
        read(
            &json!({"hook_event_name":"PostToolUseFailure","session_id":"s","tool_name":"Bash","tool_use_id":"t",
            "tool_input":input,"error":error,"is_interrupt":interrupt}),
        )
    };
    let done = |response: Value| tool("Bash", input.clone(), response);
    assert_eq!(ran(done(json!({"stdout":"a","stderr":"b"}))), (Some(0), "a\nb".into(), Outcome::Succeeded));
    assert_eq!(ran(done(json!({"stdout":"a","interrupted":true}))), (None, "a".into(), Outcome::Interrupted));
    assert_eq!(
        ran(done(json!({"stdout":"","backgroundTaskId":"b1"}))),
        (None, String::new(), Outcome::Succeeded)
    );
    let error = "Exit code 2\nno rule".to_owned();
    assert_eq!(ran(failure(&error, false)), (Some(2), "no rule".into(), Outcome::Failed { error }));
    assert_eq!(ran(failure("[interrupted]", true)), (None, "[interrupted]".into(), Outcome::Interrupted));
    assert_eq!(ran(done(json!({"stdout":"data:image/png;base64,AAAA","isImage":true}))).1, "[image]");
}

#[test]
fn edits_become_hunks_and_never_carry_the_file() {
    let whole = "line\n".repeat(1000);
    let edit = tool(
        "Edit",
        json!({"file_path":"/p/a.rs","old_string":"old\nsame","new_string":"new\nsame"}),
        json!({"filePath":"/p/a.rs","originalFile":whole,"structuredPatch":[]}),
    );
    assert!(!format!("{edit:?}").contains("line\\nline"));
    let patch = "@@ -1,2 +1,2 @@\n-old\n+new\n same\n".to_owned();
    let wanted = Action::Changed { path: "/p/a.rs".into(), created: false, patch, added: 1, removed: 1 };
    assert_eq!(action(edit), wanted);

    let many = tool(
        "MultiEdit",
        json!({"file_path":"/p/a.rs","edits":[{"old_string":"a","new_string":"b"},{"old_string":"","new_string":"c"}]}),
        json!({}),
    );
    let Action::Changed { added, removed, .. } = action(many) else { panic!() };
    assert_eq!((added, removed), (2, 1));

    let rewrite = tool(
        "Write",
        json!({"file_path":"/p/a.rs","content":"one\ntwo\n"}),
        json!({"type":"update","structuredPatch":[],"originalFile":"one\n"}),
    );
    let Action::Changed { patch, created, .. } = action(rewrite) else { panic!() };
    assert_eq!((patch.as_str(), created), ("@@ -1,1 +1,2 @@\n one\n+two\n", false));

    let cell = tool(
        "NotebookEdit",
        json!({"notebook_path":"/p/n.ipynb","new_source":"x = 1"}),
        json!({"original_file":whole}),
    );
    let Action::Changed { path, added, .. } = action(cell) else { panic!() };
    assert_eq!((path.as_str(), added), ("/p/n.ipynb", 1));
}

#[test]
fn the_agents_own_memory_is_a_note() {
    let write =
        |path: &str| action(tool("Write", json!({"file_path":path,"content":"x"}), json!({"type":"create"})));
    for path in ["/h/.claude/projects/-p/memory/MEMORY.md", "/h/.claude/projects/-other/memory/a/b.md"] {
        assert_eq!(write(path), Action::Noted { path: path.into(), text: "x".into() });
    }
    for path in [
        "/p/memory/MEMORY.md",
        "/h/.claude/projects/-p/memory/../../../x.rs",
        "/h/.claude/projects/-p/s/tool-results/memory/x",
        "/elsewhere/projects/-p/memory/x.md",
        "/h/.claude/projects/-p/memory/",
    ] {
        assert!(matches!(write(path), Action::Changed { .. }), "{path}");
    }
}

#[test]
fn other_tools_find_their_action() {
    let told: Vec<String> = [
        tool(
            "Grep",
            json!({"pattern":"fn main","path":"src"}),
            json!({"mode":"files_with_matches","filenames":["a.rs","b.rs"],"numFiles":2}),
        ),
        tool("Grep", json!({"pattern":"x"}), json!({"mode":"content","filenames":[],"content":"a.rs:1:x"})),
        tool("Glob", json!({"pattern":"*.rs"}), json!({"filenames":[],"truncated":false})),
        tool("LS", json!({"path":"/p"}), json!("- a\n- b")),
        tool("WebFetch", json!({"url":"http://x","prompt":"p"}), json!({"result":"page","code":200})),
        tool(
            "WebSearch",
            json!({"query":"q"}),
            json!({"results":[{"content":[{"title":"T","url":"u"}]},"prose"]}),
        ),
        tool(
            "Read",
            json!({"file_path":"/p/a.png"}),
            json!({"type":"image","file":{"base64":"AAAA","type":"image/png"}}),
        ),
        tool(
            "Read",
            json!({"file_path":"/p/n.ipynb"}),
            json!({"type":"notebook","file":{"filePath":"/p/n.ipynb","cells":[1]}}),
        ),
        tool(
            "Task",
            json!({"prompt":"do","subagent_type":"Explore"}),
            json!({"status":"async_launched","agentId":"a1"}),
        ),
        tool("mcp__x__y", json!({"a":1}), json!({"content":[{"type":"text","text":"t"}]})),
        tool("Brand New", json!("odd"), json!(null)),
    ]
    .into_iter()
    .map(|parsed| format!("{:?}", action(parsed)))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    Searched { query: "fn main", place: "src", found: "a.rs\nb.rs" }
    Searched { query: "x", place: "", found: "a.rs:1:x" }
    Searched { query: "*.rs", place: "", found: "" }
    Searched { query: "", place: "/p", found: "- a\n- b" }
    Fetched { target: "http://x", content: "page" }
    Fetched { target: "q", content: "T u\nprose" }
    Read { path: "/p/a.png", content: "[image]" }
    Read { path: "/p/n.ipynb", content: "{\"filePath\":\"/p/n.ipynb\",\"cells\":[1]}" }
    Delegated { subagent: Some("a1"), kind: "Explore", task: "do", said: "" }
    Other { input: "{\"a\":1}", output: "{\"content\":[{\"type\":\"text\",\"text\":\"t\"}]}" }
    Other { input: "\"odd\"", output: "" }
    "#);
}

#[test]
fn keys_are_those_of_the_design() {
    let fixed = |payload: Value| match read(&payload).event.key {
        NaturalKey::Fixed(key) => key,
        NaturalKey::Counted(key) => format!("counted {key}"),
    };
    let told = [
        fixed(json!({"hook_event_name":"UserPromptSubmit","prompt_id":"p","prompt":"x"})),
        fixed(json!({"hook_event_name":"UserPromptSubmit","prompt":"x"})),
        fixed(json!({"hook_event_name":"PostToolUse","tool_name":"Bash","tool_use_id":"toolu_1"})),
        fixed(json!({"hook_event_name":"Stop","prompt_id":"p","last_assistant_message":"done"})),
        fixed(json!({"hook_event_name":"SubagentStart","agent_id":"a","agent_type":"x"})),
        fixed(
            json!({"hook_event_name":"SubagentStop","agent_id":"a","agent_type":"x","last_assistant_message":"y"}),
        ),
        fixed(json!({"hook_event_name":"SessionStart","source":"startup"})),
        fixed(json!({"hook_event_name":"CwdChanged","old_cwd":"/a","new_cwd":"/b"})),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    prompted:p
    counted prompted:08f0d807b58d20e5
    tool:toolu_1
    answered:p:5cbcc1ab81a2e063
    subagent_started:a
    subagent_stopped:a:08ed7207b58a3dbc
    counted session_started:3466a4f3d936eeb0
    counted moved:90cca251e64ef4e0
    ");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("(type|text|file|content|lines|[a-z]{1,6})", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn small_payloads() -> Vec<Vec<u8>> {
    VERSIONS
        .iter()
        .flat_map(|version| recorded(version).into_values())
        .filter(|bytes| bytes.len() < 4000)
        .collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _parsed = parse(&bytes, &header());
    }

    #[test]
    fn a_cut_payload_is_refused_as_cut(at in any::<prop::sample::Index>(), end in any::<prop::sample::Index>()) {
        let payloads = small_payloads();
        let whole = at.get(&payloads).trim_ascii_end();
        let cut = &whole[..end.index(whole.len())];
        let refused = parse(cut, &header()).unwrap_err();
        prop_assert!(matches!(refused, PayloadError::CutShort { .. } | PayloadError::Empty), "{}", refused);
    }

    #[test]
    fn flipped_bytes_never_panic(at in any::<prop::sample::Index>(), flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let payloads = small_payloads();
        let mut bytes = at.get(&payloads).clone();
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _parsed = parse(&bytes, &header());
    }

    /// Any field may hold anything; the event keeps its kind, and the same bytes give the same event.
    #[test]
    fn any_value_in_any_field_still_reads(at in any::<prop::sample::Index>(), field in any::<prop::sample::Index>(), value in any_json(), deep in any::<bool>()) {
        let payloads = small_payloads();
        let mut payload: Value = serde_json::from_slice(&payloads[at.index(payloads.len())]).unwrap();
        let object = payload.as_object_mut().unwrap();
        let inner = ["tool_response", "tool_input"].into_iter().find(|key| deep && object.get(*key).is_some_and(|v| v.as_object().is_some_and(|o| !o.is_empty())));
        let object = match inner {
            Some(key) => object.get_mut(key).unwrap().as_object_mut().unwrap(),
            None => object,
        };
        let key = field.get(&object.keys().cloned().collect::<Vec<_>>()).clone();
        object.insert(key, value);
        let first = read(&payload);
        prop_assert_eq!(first, read(&payload));
    }
}
