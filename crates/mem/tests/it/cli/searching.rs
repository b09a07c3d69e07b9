//! Searching and timelines as people and scripts meet them: documents, words, and what bad input gets.

use mem_testkit::TestEnv;
use mem_testkit::run::Finished;
use serde_json::{Value, json};

const SESSION: &str = "383770b4-367f-4ad8-96fb-6f6bacf6d8c7";

/// A memory of one turn: a prompt, a new file, an answer.
fn env() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    let path = env.project().join("zebra.html");
    let written = json!({
        "tool_name": "Write", "tool_use_id": "toolu_1",
        "tool_input": {"file_path": path, "content": "<p>zebra</p>\n"},
        "tool_response": {"type": "create", "filePath": path, "content": "<p>zebra</p>\n", "structuredPatch": []},
    });
    for (event, more) in [
        ("UserPromptSubmit", json!({"prompt": "Write the zebra crossing page"})),
        ("PostToolUse", written),
        ("Stop", json!({"last_assistant_message": "The page is in zebra.html."})),
    ] {
        let mut input = json!({
            "session_id": SESSION, "transcript_path": "/none.jsonl", "cwd": env.project(), "hook_event_name": event,
            "prompt_id": "a14dacf1-5600-4c2f-a0e1-8dfb8f4d2343",
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(env.hook(&input).code, Some(0));
    }
    env
}

/// That a command said what was wrong on one line and what to do on another, and nothing else.
#[track_caller]
fn assert_refused(ended: &Finished, code: i32, parts: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended}");
    assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains("\nhint: "), "{ended}");
    for part in parts {
        assert!(ended.stderr.contains(part), "no {part:?} in {ended}");
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn whatever_is_typed_is_looked_for() {
    let env = env();
    for query in [
        "zebra",
        "zebra OR",
        "NOT zebra",
        "NEAR(zebra crossing, 2)",
        "title:zebra\"",
        "\"zebra crossing",
        "zebra*",
        "{title} : zebra AND (",
        "zebra\u{200b} 🦓 \u{1f468}\u{200d}\u{1f4bb}",
        "zebra ' ; DROP TABLE observations; --",
    ] {
        let found = env.claude_mem(&["search", "--json", "--", query]).json();
        assert_ne!(found["hits"], json!([]), "{query}");
        assert_eq!(found["query"], query);
    }
}

#[test]
fn what_is_nowhere_is_said_to_be_nowhere() {
    let env = env();
    for query in ["?!*^", "\"\"", "🦓", "- + ( )", "giraffe", "\u{7f}"] {
        let said = env.claude_mem(&["search", "--", query]).ok();
        assert_eq!(said.stdout, "", "{said}");
        assert!(said.stderr.starts_with("Nothing found for "), "{said}");
        let word = query.chars().any(char::is_alphanumeric);
        assert_eq!(said.stderr.contains("There is no word in it"), !word, "{said}");
        let found = env.claude_mem(&["search", "--json", "--", query]).json();
        assert_eq!((&found["hits"], &found["total"]), (&json!([]), &json!(0)), "{found:#}");
    }
}

#[test]
fn a_very_long_query_is_answered_in_few_words() {
    let env = env();
    let long = "zebra ".repeat(17_000) + &"x".repeat(18_000); // 120 kB; one argument may have 128 KiB
    let said = env.claude_mem(&["search", &long]).ok();
    assert!(said.stdout.contains("zebra crossing") && said.stderr.len() < 1000, "{}", said.stderr);
    let long = "x".repeat(100_000);
    let said = env.claude_mem(&["search", &long]).ok();
    assert!(
        said.stderr.starts_with("Nothing found for \"xxx") && said.stderr.len() < 1000,
        "{}",
        said.stderr
    );
    let said = env.claude_mem(&["timeline", &long]).ok();
    assert!(
        said.stderr.starts_with("Nothing found for \"xxx") && said.stderr.len() < 1000,
        "{}",
        said.stderr
    );
}

#[test]
fn nothing_to_look_for_is_a_mistake_in_the_asking() {
    let env = env();
    for args in
        [&["search"][..], &["search", ""], &["search", " \t"], &["search", "--all"], &["search", "--json"]]
    {
        assert_refused(
            &env.claude_mem(args),
            2,
            &["nothing to look for", "claude-mem search --type decision"],
        );
    }
}

#[test]
fn what_means_nothing_is_refused_and_what_is_known_is_named() {
    let env = env();
    let name = env.claude_mem(&["whoami", "--json"]).json()["project"].as_str().unwrap().to_owned();
    let table: [(&[&str], &[&str]); 14] = [
        (&["--project", "nobody"], &["no project is called \"nobody\"", &name]),
        (&["--project", ""], &["a project without a name"]),
        (&["--type", "bugfx"], &["\"bugfx\"", "Did you mean bugfix?", "discovery", "commit"]),
        (&["--type", "prompts,bugfix"], &["a prompt has no type"]),
        (&["--session", "nope"], &["begins with \"nope\"", "claude-mem sessions"]),
        (&["--agent", "copilot"], &["\"copilot\"", "claude-code"]),
        (&["--from", "soon"], &["\"soon\" is no date", "2026-11-01"]),
        (&["--to", "2026-02-30"], &["\"2026-02-30\" is no date"]),
        (&["--from", "2026-01-02", "--to", "2026-01-01"], &["reversed"]),
        (&["--from", "today", "--to", "7d"], &["reversed"]),
        (&["--file", ""], &["a file without a name"]),
        (&["--file", "./"], &["names no file"]),
        (&["--folder", " "], &["a folder without a name"]),
        (&["--concept", "a,,b"], &["a concept without a name"]),
    ];
    for (args, parts) in table {
        let args = [&["search", "zebra"], args].concat();
        assert_refused(&env.claude_mem(&args), 2, parts);
        let json = [&args[..], &["--json"]].concat();
        assert_refused(&env.claude_mem(&json), 2, parts);
    }
    for args in [
        &["--order", "random"][..],
        &["--limit", "0"],
        &["--limit", "-1"],
        &["--limit", "many"],
        &["--offset", "x"],
        &["--all", "--project", "a"],
        &["--file", "a", "--folder", "b"],
        &["--colour", "red"],
    ] {
        let args = [&["search", "zebra"], args].concat();
        let refused = env.claude_mem(&args);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused}");
    }
}

#[test]
fn a_search_is_one_document() {
    let env = env();
    let found = env.claude_mem(&["search", "zebra", "--json"]).json();
    assert_eq!(keys(&found), ["version", "query", "projects", "how", "coverage", "total", "hits"]);
    let found = env.claude_mem(&["search", "zebra", "--json", "--explain"]).json();
    let explained = ["version", "query", "projects", "answered_by", "how", "coverage", "total", "hits"];
    assert_eq!(keys(&found), explained);
    assert_eq!((&found["version"], found["projects"].as_array().unwrap().len()), (&json!(2), 1));
    assert_eq!(keys(&found["coverage"]), ["passages", "waiting", "rebuilding"]);
    for name in ["bounded", "corrected", "left_out", "legs", "words"] {
        assert!(!found["how"][name].is_null(), "{name}");
    }
    let hit = &found["hits"][0];
    for name in ["id", "kind", "title", "snippet", "at", "project", "session", "tokens", "score"] {
        assert!(!hit[name].is_null(), "no {name} in {hit:#}");
    }
    assert_eq!(env.claude_mem(&["search", "zebra", "--all", "--json"]).json()["projects"], json!([]));
    let name = found["projects"][0].as_str().unwrap();
    let named = env.claude_mem(&["search", "zebra", "--project", name, "--json"]).json();
    assert_eq!(
        (&named["projects"], &named["hits"]),
        (&json!([name]), &env.claude_mem(&["search", "zebra", "--json"]).json()["hits"])
    );
}

#[test]
fn people_see_rows_and_are_told_how_to_go_on() {
    let env = env();
    let said = env.claude_mem(&["search", "zebra"]).ok();
    assert!(said.stdout.lines().any(|line| line.starts_with("#1 ") && line.contains("zebra")), "{said}");
    assert!(said.stderr.contains("passage") && said.stderr.contains("claude-mem timeline "), "{said}");
    assert!(!said.stdout.contains('\x1b'));
    let coloured = env.claude_mem(&["search", "zebra", "--color", "always"]).ok();
    assert!(coloured.stdout.contains("\x1b[1m#1\x1b[0m"), "{coloured}");
}

#[test]
fn a_timeline_is_one_document_around_one_thing() {
    let env = env();
    let timeline = |args: &[&str]| env.claude_mem(&[&["timeline", "--json"], args].concat()).json();
    let ids = |timeline: &Value| -> Vec<String> {
        let items = timeline["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let around = timeline(&["#1"]);
    let wanted =
        ["version", "asked", "searched", "anchor", "title", "at", "projects", "before", "after", "items"];
    assert_eq!(keys(&around), wanted);
    assert_eq!(ids(&around), ["T1", "#1", "S1"]);
    assert_eq!(
        (&around["anchor"], &around["before"], &around["after"]),
        (&json!("#1"), &json!(1), &json!(1))
    );
    let item = &around["items"][1];
    let wanted = ["id", "kind", "type", "title", "at", "project", "session", "file", "tokens", "anchor"];
    assert_eq!(keys(item), wanted);
    assert_eq!(
        (&item["anchor"], &item["file"], &item["kind"]),
        (&json!(true), &json!("zebra.html"), &json!("observation"))
    );
    for (args, wanted) in [
        (&["1", "--before", "0"][..], &["#1", "S1"][..]),
        (&["T1", "--after", "1"], &["T1", "#1"]),
        (&["E3"], &["T1", "#1", "S1", "E3"]),
        (&["E2"], &["T1", "#1", "S1"]),
        (&["s1", "--type", "summaries"], &["S1"]),
        (&[], &["T1", "#1", "S1"]),
        (&["--type", "prompts,answers"], &["T1", "E3"]),
        (&["today"], &["T1", "#1", "S1"]),
        (&["1d", "--after", "1"], &["T1"]),
        (&["2020-01-01", "--after", "0"], &[]),
    ] {
        let shown = timeline(args);
        assert_eq!(ids(&shown), wanted, "{args:?}");
    }
    let words = timeline(&["zebra", "crossing"]);
    assert_eq!((&words["searched"], ids(&words).len()), (&json!(true), 3));
    let nothing = timeline(&["giraffe"]);
    assert_eq!((&nothing["items"], &nothing["anchor"]), (&json!([]), &Value::Null));
    assert_eq!(timeline(&["--all", "#1"])["projects"], json!([]));

    let said = env.claude_mem(&["timeline", "#1"]).ok();
    assert!(said.stdout.lines().any(|line| line.starts_with('→') && line.contains("#1 ")), "{said}");
    assert!(said.stderr.starts_with("1 before and 1 after #1 in "), "{said}");
}

#[test]
fn a_timeline_around_nothing_says_so() {
    let env = env();
    for id in ["#999", "S77", "T99", "E99", "C1", "999"] {
        assert_refused(&env.claude_mem(&["timeline", id]), 1, &["nothing has the id", "claude-mem search"]);
    }
    assert_refused(&env.claude_mem(&["timeline", "#1", "--project", "nobody"]), 2, &["no project is called"]);
    assert_refused(
        &env.claude_mem(&["timeline", "--type", "bugfix"]),
        2,
        &["is no kind of document", "prompt"],
    );
    for args in [&["--before", "-1"][..], &["--after", "1001"], &["--before", "x"]] {
        let args = [&["timeline", "#1"], args].concat();
        assert_eq!(env.claude_mem(&args).code, Some(2), "{args:?}");
    }
    // a code of an error is a word, though it looks like an event's id
    for word in ["giraffe", "E0308"] {
        let said = env.claude_mem(&["timeline", word]).ok();
        assert!(said.stderr.starts_with(&format!("Nothing found for \"{word}\"")), "{said}");
    }
    let said = env.claude_mem(&["timeline", "giraffe"]).ok();
    assert!(said.stdout.is_empty() && said.stderr.starts_with("Nothing found for \"giraffe\""), "{said}");
}

#[test]
fn a_place_without_memory_has_an_empty_document() {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    let found = env.claude_mem(&["search", "zebra", "--json"]).json();
    assert_eq!((&found["hits"], &found["version"]), (&json!([]), &json!(2)));
    let timeline = env.claude_mem(&["timeline", "zebra", "--json"]).json();
    assert_eq!((&timeline["items"], &timeline["searched"]), (&json!([]), &json!(true)));
    assert!(!env.data_dir().exists(), "looking around lays nothing out");
    // beside a memory of other places
    let mut env = self::env();
    env.set("CLAUDE_MEM_PROJECT", "elsewhere");
    for args in [&["search", "zebra"][..], &["timeline"], &["timeline", "zebra"]] {
        let said = env.claude_mem(args).ok();
        assert!(
            said.stdout.is_empty() && said.stderr.contains("Nothing is remembered of elsewhere yet."),
            "{said}"
        );
    }
    let around = env.claude_mem(&["timeline", "#1", "--json"]).json();
    assert_eq!(around["items"].as_array().unwrap().len(), 3, "an id is looked at where it is");
}
