//! What was said in other words is found: from the hook to the answer, through the real programs.

use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

use crate::embedding::{embedded, install};
use crate::hook_input::{prompt, settled, stop, world};
use crate::mcp::client::Client;

/// What is asked, in no word that was said.
const ASKED: &str = "laggy conversation overview while swiping";
const SAID: &str = "The list of chats stutters when scrolling";

fn story(env: &TestEnv) {
    let said = [
        (SAID, "Avatars are decoded beside the main thread; frames stay below 16 ms."),
        ("Statements of the bank are not imported", "The parser streams them now."),
        ("Which rounding do we use for taxes", "Half away from zero, on each line of an invoice."),
        ("Move the cluster to another gateway", "All routes are moved; the old one is scaled to zero."),
    ];
    for (at, (asked, answer)) in said.into_iter().enumerate() {
        let of = |mut input: Value| {
            input["session_id"] = json!(format!("session-{at}"));
            input["prompt_id"] = json!(format!("p{at}"));
            input
        };
        env.hook(&of(prompt(env, "p", asked)));
        env.hook(&of(stop(env, answer)));
    }
}

/// The first hit of a search, and what was compared.
fn first(env: &TestEnv) -> (String, Vec<String>) {
    let found = env.claude_mem(&["search", "--json", "--explain", ASKED]).json();
    let legs = found["how"]["legs"].as_array().expect("legs").iter();
    let legs = legs.map(|leg| leg.as_str().expect("a name").to_owned()).collect();
    let hit = &found["hits"][0];
    if let Some(reasons) = hit["reasons"].as_array() {
        assert!(reasons.iter().any(|reason| reason["of"] == "meaning"), "{hit:#}");
    }
    (hit["title"].as_str().unwrap_or_default().to_owned(), legs)
}

#[test]
fn what_was_said_in_other_words_is_found_with_the_worker_and_without_and_by_agents() {
    let env = world();
    story(&env);
    settled(&env);
    let nothing = env.claude_mem(&["search", "--json", ASKED]).json();
    assert_eq!(nothing["hits"], json!([]), "not by words");
    install(&env);
    let _started = env.claude_mem(&["worker", "restart"]).ok();
    let meaning = embedded(&env);
    assert!(meaning["passages"].as_u64() >= Some(8), "{meaning}");
    let with = first(&env);
    assert_eq!(with.0, SAID);
    assert!(with.1.iter().any(|leg| leg == "meaning"), "{with:?}");
    let told = env.claude_mem(&["search", ASKED]).ok();
    assert!(told.stdout.contains(SAID) && told.stderr.contains("what is meant"), "{told}");
    let mut client = Client::begun(&env);
    let told = client.told("search", json!({ "query": ASKED }));
    assert!(told.contains(SAID) && told.contains("meaning"), "{told}");
    client.leave();

    env.daemon_stop();
    let _lock = crate::finding::story::without_daemon(&env);
    assert_eq!(first(&env), with, "with nobody there to keep vectors");
    let mut client = Client::begun(&env);
    let told = client.told("search", json!({ "query": ASKED }));
    assert!(told.contains(SAID) && told.contains("meaning"), "{told}");
    client.leave();
    // the model is taken away: words are left, and say so
    std::fs::remove_file(env.data_dir().join("models/all-MiniLM-L6-v2")).expect("a link");
    let gone = env.claude_mem(&["search", "--json", ASKED]).json();
    assert_eq!(gone["hits"], json!([]));
    let by_words = env.claude_mem(&["search", "chats scrolling"]).ok();
    assert!(by_words.stdout.contains(SAID) && by_words.stderr.contains("Searched "), "{by_words}");
    assert!(!by_words.stderr.contains("what is meant"), "{by_words}");
}

#[test]
fn fifty_searches_while_the_worker_embeds_all_answer_and_the_last_ones_by_meaning() {
    let env = world();
    story(&env);
    for number in 0..150 {
        let text = format!("Number {number}: {}", "a sentence about the parser and its errors ".repeat(12));
        env.hook(&prompt(&env, &format!("many-{number}"), &text));
    }
    settled(&env);
    install(&env);
    let _started = env.claude_mem(&["worker", "restart"]).ok();
    let start = std::sync::Barrier::new(50);
    let long = "x".repeat(100_000);
    let asked = ["parser errors", ASKED, "🎻 \u{202e}", "Number 17", long.as_str()];
    std::thread::scope(|scope| {
        for number in 0..50 {
            let (env, start, asked) = (&env, &start, asked[number % asked.len()]);
            scope.spawn(move || {
                start.wait();
                let ended = env.claude_mem(&["search", "--json", asked]);
                assert_eq!((ended.code, ended.late), (Some(0), false), "{ended}");
                let found: Value = serde_json::from_str(&ended.stdout).expect("an answer");
                let any = found["hits"].as_array().is_some_and(|hits| !hits.is_empty());
                assert!(any || !asked.starts_with(['p', 'N']), "words find what they found: {found:#}");
            });
        }
    });
    embedded(&env);
    let (title, legs) = wait::until("what is meant", || {
        let (title, legs) = first(&env);
        legs.iter().any(|leg| leg == "meaning").then_some((title, legs))
    });
    assert_eq!(title, SAID, "{legs:?}");
}
