//! What a hook just told of is found by the next search, whatever it is, with a daemon and without one.

use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

use super::story::{self, ids, leads_to, search, world};

/// Each part of the story with words of it alone, and how the id of what it leads to begins.
type Part = (fn(&TestEnv), &'static str, &'static str);
const PARTS: [Part; 4] = [
    (|env| story::prompt(env, "Dig a burrow for the wombat"), "wombat burrow", "T"),
    (|env| story::write(env, "src/quokka.rs", "fn quokka() {}\n"), "src/quokka.rs", "#"),
    (|env| story::commit(env, "Teach the numbat to climb"), "numbat climb", "C"),
    (|env| story::answer(env, "The bilby is asleep now."), "bilby asleep", "E"),
];

#[test]
fn what_just_happened_is_found_without_a_daemon() {
    let env = world();
    let _lock = story::without_daemon(&env);
    for (tell, words, letter) in PARTS {
        tell(&env);
        let found = search(&env, &[words]);
        assert!(leads_to(&found, letter), "{words}: {found:#}");
        assert_eq!(found["coverage"]["waiting"], 0, "{words}: {found:#}");
    }
    assert_eq!(env.daemon_pid(), None);
}

#[test]
fn what_just_happened_is_found_beside_a_daemon() {
    let env = world();
    let pid = env.daemon_start();
    for (tell, words, letter) in PARTS {
        tell(&env);
        wait::until(words, || leads_to(&search(&env, &[words]), letter).then_some(()));
    }
    assert_eq!(env.daemon_pid(), Some(pid));
    let found = search(&env, &["wombat", "numbat", "bilby"]);
    assert_eq!(found["coverage"]["waiting"], 0, "{found:#}");
}

#[test]
fn what_a_daemon_that_hangs_does_not_do_is_done_by_the_search() {
    let env = world();
    let pid = env.daemon_start();
    env.freeze(pid);
    story::story(&env);
    for (_, words, letter) in PARTS {
        let found = search(&env, &[words]);
        assert!(leads_to(&found, letter), "{words}: {found:#}");
    }
}

#[test]
fn a_search_lets_go_of_the_inbox() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let all = env.claude_mem(&["search", "wombat", "--json"]).json();
    story::another(&env, "And a second burrow");
    assert!(leads_to(&search(&env, &["second", "burrow"]), "T"));
    assert_ne!(ids(&all), [""; 0]);
}

#[test]
fn a_commit_is_shown_listed_and_found_beside_its_turn() {
    let env = world();
    let _lock = story::without_daemon(&env);
    story::story(&env);
    let shown = env.claude_mem(&["show", "C1", "T1", "--json"]).json();
    let commit = &shown["items"][0];
    let field = |name: &str| commit[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        ["kind", "id", "hash", "subject", "turn", "event", "session", "branch"].map(field),
        ["commit", "C1", "3f2a91c", "Teach the numbat to climb", "T1", "E3", story::SESSION, "main"]
    );
    assert_eq!(shown["items"][1]["commits"], json!(["C1"]));
    let said = env.claude_mem(&["show", "c1"]).ok();
    assert!(said.stdout.starts_with("C1 commit  Teach the numbat to climb\n"), "{said}");
    assert!(said.stderr.contains("claude-mem timeline C1") && said.stderr.contains("show E3"), "{said}");
    assert!(env.claude_mem(&["show", "T1"]).ok().stdout.contains("C1 Teach the numbat to climb"));
    let around = env.claude_mem(&["timeline", "C1", "--json"]).json();
    let kinds: Vec<&Value> = around["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert!(kinds.contains(&&json!("commit")) && kinds.contains(&&json!("prompt")), "{around:#}");
    assert_eq!(around["anchor"], "C1");
    let only = env.claude_mem(&["timeline", "--type", "commits", "--json"]).json();
    assert_eq!(only["items"].as_array().unwrap().len(), 1, "{only:#}");
    let listed = search(&env, &["--type", "commits"]);
    assert_eq!(ids(&listed), ["C1"], "{listed:#}");
    assert_eq!(env.claude_mem(&["show", "C2"]).code, Some(1));
}
