//! Searches with conditions, orders and limits, through the whole program.

use mem_testkit::TestEnv;
use serde_json::{Value, json};

const FIRST: &str = "383770b4-367f-4ad8-96fb-6f6bacf6d8c7";
const SECOND: &str = "5d1c9a52-0d5e-4a64-8d6c-0f3f1f0b7c11";

fn turn(env: &TestEnv, session: &str, prompt: &str, file: &str, answer: &str) {
    let path = env.project().join(file);
    let text = format!("<p>{prompt}</p>\n");
    let written = json!({
        "tool_name": "Write", "tool_use_id": format!("toolu_{file}"),
        "tool_input": {"file_path": path, "content": text},
        "tool_response": {"type": "create", "filePath": path, "content": text, "structuredPatch": []},
    });
    for (event, more) in [
        ("UserPromptSubmit", json!({"prompt": prompt})),
        ("PostToolUse", written),
        ("Stop", json!({"last_assistant_message": answer})),
    ] {
        let mut input = json!({
            "session_id": session, "transcript_path": "/none.jsonl", "cwd": env.project(), "hook_event_name": event,
            "prompt_id": format!("{session}:{file}"),
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(env.hook(&input).code, Some(0));
    }
}

/// A turn about zebras on `main`, and one about them on a branch, each in a session of its own.
fn env() -> TestEnv {
    let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
    env.write("README.md", "zoo\n");
    env.git_init();
    turn(
        &env,
        FIRST,
        "Write the zebra crossing page",
        "pages/zebra.html",
        "The crossing is striped, says the warden.",
    );
    let before = env.claude_mem(&["search", "zebra", "--json"]).json();
    assert_ne!(before["hits"], json!([]));
    let _switched = env.git(&["checkout", "-q", "-b", "savanna"]);
    turn(&env, SECOND, "Feed the zebra at noon", "plans/feeding.txt", "The zebra eats hay, says the keeper.");
    env
}

fn search(env: &TestEnv, args: &[&str]) -> Value {
    env.claude_mem(&[&["search", "--json"], args].concat()).json()
}

fn hits(found: &Value) -> &Vec<Value> {
    found["hits"].as_array().unwrap()
}

fn all<'f>(found: &'f Value, field: &str) -> Vec<&'f str> {
    let mut values: Vec<&str> =
        hits(found).iter().map(|hit| hit[field].as_str().unwrap_or_default()).collect();
    values.sort_unstable();
    values.dedup();
    values
}

#[test]
fn a_search_says_what_it_looked_through() {
    let env = env();
    let found = search(&env, &["zebra"]);
    assert!(found["coverage"]["passages"].as_u64().unwrap() >= 6, "{found:#}");
    assert_eq!(found["coverage"]["waiting"], 0, "{found:#}");
    assert!(
        !found["how"]["legs"].as_array().unwrap().is_empty() && found["how"]["words"] == json!(["zebra"])
    );
    for hit in hits(&found) {
        assert!(hit["tokens"].as_u64().unwrap() > 0 && hit["session"] != "", "{hit:#}");
    }
    let observation = hits(&found).iter().find(|hit| hit["kind"] == "observation").unwrap();
    assert!(observation["type"].is_string() && observation["file"].is_string(), "{observation:#}");
}

#[test]
fn conditions_hold() {
    let env = env();
    let wide = ["zebra", "--per-session", "0", "--limit", "50"];
    let found = |args: &[&str]| search(&env, &[&wide[..], args].concat());
    assert_eq!(all(&found(&[]), "session"), [FIRST, SECOND]);
    for args in [
        &["--file", "zebra.html"][..],
        &["--file", "pages/zebra.html"],
        &["--folder", "pages"],
        &["--session", "383770b4"],
        &["--branch", "main"],
    ] {
        assert_eq!(all(&found(args), "session"), [FIRST], "{args:?}");
    }
    assert_eq!(all(&found(&["--branch", "savanna"]), "session"), [SECOND]);
    assert_eq!(all(&found(&["--file", "zebra.html", "--file", "feeding.txt"]), "session"), [FIRST, SECOND]);
    assert_eq!(hits(&found(&["--file", "zebra.html", "--branch", "savanna"])).len(), 0);
    for (kind, one) in [
        ("prompts", "prompt"),
        ("observations", "observation"),
        ("sessions", "summary"),
        ("answers", "answer"),
    ] {
        assert_eq!(all(&found(&["--type", kind]), "kind"), [one]);
    }
    let of_type = all(&found(&["--type", "observations"]), "type").join(",");
    assert_eq!(all(&found(&["--type", &of_type]), "kind"), ["observation"]);
    assert_eq!(hits(&found(&["--to", "2020-01-01"])).len(), 0);
    assert_eq!(hits(&found(&["--from", "today", "--agent", "claude-code"])).len(), hits(&found(&[])).len());
}

#[test]
fn what_no_row_meets_is_named() {
    let env = env();
    let name = env.claude_mem(&["whoami", "--json"]).json()["project"].as_str().unwrap().to_owned();
    for (args, wanted) in [
        (["--file", "src/x.rs"], format!("No observation of {name} names a file src/x.rs.")),
        (["--folder", "src"], format!("No observation of {name} names a file directly in src.")),
        (
            ["--concept", "nothing-like-it"],
            format!("No observation of {name} has the concept nothing-like-it."),
        ),
        (["--type", "security_alert"], format!("No observation of {name} has the type security_alert.")),
        (["--branch", "tundra"], format!("Nothing of {name} happened on a branch tundra.")),
        (["--worktree", "tundra"], format!("Nothing of {name} happened in a worktree tundra.")),
        (["--to", "2020-01-01"], format!("Nothing of {name} happened before 2020-01-02 00:00.")),
        (["--from", "2099-01-01"], format!("Nothing of {name} happened from 2099-01-01 00:00 on.")),
    ] {
        for words in [&["zebra"][..], &[]] {
            let args = [words, &args].concat();
            assert_eq!(search(&env, &args)["unmet"], json!([wanted]), "{args:?}");
            let said = env.claude_mem(&[&["search"], &args[..]].concat()).ok();
            assert!(said.stdout.is_empty() && said.stderr.contains(&wanted), "{said}");
        }
    }
    // each is met by something, but by nothing together
    assert_eq!(search(&env, &["--file", "zebra.html", "--branch", "savanna"])["unmet"], Value::Null);
}

#[test]
fn conditions_alone_list_the_newest_first() {
    let env = env();
    let listed = search(&env, &["--type", "prompts"]);
    let titles: Vec<&str> = hits(&listed).iter().map(|hit| hit["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Feed the zebra at noon", "Write the zebra crossing page"]);
    assert_eq!(listed["how"]["legs"], json!(["conditions"]));
    let oldest = search(&env, &["--type", "prompts", "--order", "oldest"]);
    assert_eq!(hits(&oldest)[0]["title"], "Write the zebra crossing page");
    let said = env.claude_mem(&["search", "--type", "prompts", "--from", "today"]).ok();
    assert!(said.stdout.contains("Feed the zebra"), "{said}");
}

#[test]
fn orders_limits_and_pages() {
    let env = env();
    let found = |args: &[&str]| search(&env, &[&["zebra", "--per-session", "0"], args].concat());
    let ids = |found: &Value| -> Vec<String> {
        hits(found).iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
    };
    let whole = found(&[]);
    let count = whole["total"].as_u64().unwrap();
    assert!(count as usize >= ids(&whole).len() && ids(&whole).len() >= 4, "{whole:#}");
    let second = found(&["--limit", "1", "--offset", "1"]);
    assert_eq!(ids(&second), ids(&whole)[1..2]);
    let said = env.claude_mem(&["search", "zebra", "--offset", "500"]).ok();
    assert!(said.stderr.contains("--offset 500 skips all of them"), "{said}");
    let times =
        |found: &Value| -> Vec<i64> { hits(found).iter().map(|hit| hit["at"].as_i64().unwrap()).collect() };
    assert!(times(&found(&["--order", "newest"])).is_sorted_by(|one, other| one >= other));
    assert!(times(&found(&["--order", "oldest"])).is_sorted());
    let few = search(&env, &["zebra", "--per-session", "1"]);
    assert_eq!((hits(&few).len(), all(&few, "session")), (2, vec![FIRST, SECOND]));
}

#[test]
fn a_hit_says_why_when_asked() {
    let env = env();
    let found = search(&env, &["zebra", "--explain"]);
    for hit in hits(&found) {
        assert!(!hit["reasons"].as_array().unwrap().is_empty(), "{hit:#}");
    }
    assert!(hits(&search(&env, &["zebra"])).iter().all(|hit| hit["reasons"].is_null()));
    let said = env.claude_mem(&["search", "zebra", "--explain"]).ok();
    assert!(said.stdout.contains("    score ") && said.stdout.contains("  passages"), "{said}");
}

#[test]
fn answers_are_found_by_what_they_say() {
    let env = env();
    let found = search(&env, &["warden", "striped"]);
    assert!(hits(&found).iter().any(|hit| hit["kind"] == "answer"), "{found:#}");
    let id = hits(&search(&env, &["warden", "--type", "answers"]))[0]["id"].as_str().unwrap().to_owned();
    assert!(env.claude_mem(&["show", &id]).ok().stdout.contains("says the warden"));
    let around = env.claude_mem(&["timeline", &id, "--json"]).json();
    assert_eq!(around["anchor"], id.as_str());
}

#[test]
fn it_is_asked_as_of_a_moment() {
    let env = env();
    let found = |moment: &str| search(&env, &["zebra", "--per-session", "0", "--as-of", moment]);
    assert_eq!(all(&found("2099-01-01"), "session"), [FIRST, SECOND]);
    let before = found("2020-01-01");
    assert_eq!((hits(&before).len(), &before["unmet"]), (0, &Value::Null), "{before:#}");
    // the second session began after this one ended
    let listed = env.claude_mem(&["sessions", "--json"]).json();
    let sessions = listed["sessions"].as_array().unwrap();
    let ended = sessions.iter().find(|session| session["id"] == FIRST).unwrap()["last_at"].as_i64().unwrap();
    assert_eq!(all(&found(&(ended + 1).to_string()), "session"), [FIRST]);
    let refused = env.claude_mem(&["search", "zebra", "--as-of", "soon"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("\"soon\" is no date"), "{refused}");
}

#[test]
fn words_of_time_are_told_and_that_nothing_is_of_that_time() {
    let env = env();
    let said = env.claude_mem(&["search", "zebra", "this", "year"]).ok();
    assert!(said.stderr.contains("\"this year\" means ") && said.stderr.contains("stands higher"), "{said}");
    let found = search(&env, &["zebra", "last", "week"]);
    assert_eq!(found["how"]["window"]["said"], "last week", "{found:#}");
    assert_eq!(found["how"]["window"]["found"], 0, "{found:#}");
    let said = env.claude_mem(&["search", "zebra last week"]).ok();
    assert!(
        said.stderr.contains("\"last week\" means ")
            && said.stderr.contains("nothing that fits happened then"),
        "{said}"
    );
}

#[test]
fn mistyped_words_are_corrected_and_that_is_told() {
    let env = env();
    let found = search(&env, &["crosing"]);
    assert_eq!(found["how"]["corrected"], json!([["crosing", "crossing"]]), "{found:#}");
    let said = env.claude_mem(&["search", "crosing"]).ok();
    assert!(
        said.stdout.contains("crossing") && said.stderr.contains("Looked for crossing instead of crosing."),
        "{said}"
    );
}

#[test]
fn a_question_in_german_is_read_as_english_and_that_is_told() {
    let env = env();
    let asked = ["Wer hat die Seite geschrieben?"];
    let found = search(&env, &asked);
    assert_eq!(found["how"]["gloss"]["language"], "German", "{found:#}");
    let english = found["how"]["gloss"]["english"].as_str().unwrap();
    assert_eq!(english, "who page write");
    assert_eq!(hits(&found)[0]["session"], FIRST, "{found:#}");
    let said = env.claude_mem(&["search", asked[0]]).ok();
    assert!(said.stderr.contains(&format!("Read from German as: \"{english}\".")), "{said}");
    assert_eq!(search(&env, &["zebra at noon"])["how"].get("gloss"), None);
}

#[test]
fn several_projects_are_searched_together() {
    let mut env = env();
    env.set("CLAUDE_MEM_PROJECT", "aviary");
    turn(
        &env,
        "aaaaaaaa-0000-4000-8000-000000000001",
        "Count the zebra finches",
        "finches.txt",
        "There are nine.",
    );
    env.set("CLAUDE_MEM_PROJECT", "elsewhere");
    turn(&env, "bbbbbbbb-0000-4000-8000-000000000001", "Paint a zebra", "paint.txt", "Painted.");
    let all_names = all(&search(&env, &["zebra", "--all"]), "project").len();
    assert_eq!(all_names, 3);
    let found = search(&env, &["zebra", "--project", "aviary,elsewhere"]);
    assert_eq!(all(&found, "project"), ["aviary", "elsewhere"]);
    assert_eq!(found["projects"], json!(["aviary", "elsewhere"]));
    let said = env.claude_mem(&["search", "zebra", "--project", "aviary", "--project", "elsewhere"]).ok();
    assert!(said.stdout.contains("  aviary  ") && said.stderr.contains("in aviary, elsewhere"), "{said}");
}

#[test]
fn a_file_at_hand_that_no_memory_names_is_named() {
    let env = env();
    for words in ["zebra", "giraffe"] {
        let found = search(&env, &[words, "--near", "nosuchfile,pages/zebra.html"]);
        assert_eq!(found["unmet"], json!(["No memory names nosuchfile."]), "{words}");
        let said = env.claude_mem(&["search", words, "--near", "nosuchfile"]).ok();
        assert!(said.stderr.contains("No memory names nosuchfile."), "{said}");
    }
    let inside = env.project().join("pages/zebra.html");
    for known in ["zebra.html", "./pages/zebra.html", inside.to_str().unwrap()] {
        assert_eq!(search(&env, &["zebra", "--near", known])["unmet"], Value::Null, "{known}");
    }
}

#[test]
fn what_is_held_back_of_a_session_is_told_and_a_list_holds_nothing_back() {
    let env = env();
    for number in 0..5 {
        let file = format!("plans/{number}.txt");
        turn(&env, FIRST, &format!("Count the okapi, round {number}"), &file, "It is counted.");
    }
    let of = |args: &[&str]| {
        let found = search(&env, args);
        (hits(&found).len(), found["held_back"].clone())
    };
    assert_eq!(of(&["okapi", "--type", "prompts"]), (3, json!(2)));
    assert_eq!(of(&["okapi", "--type", "prompts", "--per-session", "0"]), (5, Value::Null));
    let said = env.claude_mem(&["search", "okapi", "--type", "prompts"]).ok();
    assert!(said.stderr.contains("2 hits held back: 3 a session; `--per-session 0` shows all."), "{said}");
    // without words
    assert_eq!(of(&["--type", "prompts"]), (7, Value::Null));
    assert_eq!(of(&["today", "--type", "prompts"]), (7, Value::Null));
    assert_eq!(of(&["--type", "prompts", "--per-session", "3"]), (4, json!(3)), "it was asked for");
}
