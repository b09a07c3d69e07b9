//! An endpoint makes the vectors: set, told, killed in between, and never chosen by a project.

use mem_testkit::model_api::embeddings;
use mem_testkit::{Gate, ModelApi, Reply, TestEnv, wait};
use serde_json::Value;

use crate::hook_input::{prompt, settled, world};

const KEY: &str = "sk-planted-0123456789";

fn say(env: &TestEnv, numbers: std::ops::Range<u32>) {
    for number in numbers {
        env.hook(&prompt(env, &format!("p{number}"), &format!("Number {number} is about the parser.")));
    }
}

fn set(env: &TestEnv, name: &str, value: &str) {
    let _set = env.claude_mem(&["config", "set", &format!("CLAUDE_MEM_EMBEDDING_{name}"), value]).ok();
}

/// A world in which an endpoint is set, with a key and a price.
fn chosen(api: &ModelApi) -> TestEnv {
    let env = world();
    set(&env, "MODEL", "small");
    set(&env, "API_KEY", KEY);
    set(&env, "PRICE", "1");
    set(&env, "BASE_URL", &format!("{}/v1", api.url()));
    env
}

/// What `status` says of meaning, once all is embedded.
fn embedded(env: &TestEnv) -> Value {
    wait::until("all to be embedded", || {
        let meaning = env.status()["meaning"].clone();
        let done = meaning["passages"].as_u64() > Some(0) && meaning["embedded"] == meaning["passages"];
        done.then_some(meaning)
    })
}

/// An endpoint that gives 24 numbers, a world in which it has embedded three prompts, and what `status` says.
fn of_three_prompts() -> (ModelApi, TestEnv, Value) {
    let api = ModelApi::start();
    api.on_request(embeddings(24));
    let env = chosen(&api);
    say(&env, 0..3);
    settled(&env);
    env.daemon_start();
    let meaning = embedded(&env);
    (api, env, meaning)
}

#[test]
fn an_endpoint_is_told_everywhere_with_what_it_took_and_never_with_its_key() {
    let (api, env, meaning) = of_three_prompts();
    assert_eq!(meaning["endpoint"]["address"], format!("{}/v1", api.url()));
    assert_eq!((&meaning["model"], &meaning["endpoint"]["dimension"]), (&"small".into(), &24.into()));
    let status = env.claude_mem(&["status"]).ok().stdout;
    assert!(status.contains(&format!("Meaning: small at {}/v1; ", api.url())), "{status}");
    let model = env.claude_mem(&["model", "status"]).ok().stdout;
    assert!(model.contains("makes the vectors.") && model.contains("24 numbers each"), "{model}");
    assert!(model.contains("all-MiniLM-L6-v2 is not installed, and is not needed."), "{model}");
    let doctor = env.claude_mem(&["doctor"]).stdout;
    assert!(doctor.contains("/v1 makes the vectors, of 24 numbers each; it answers in "), "{doctor}");
    let cost = env.claude_mem(&["cost"]).ok().stdout;
    assert!(cost.contains("embedding/small"), "{cost}");
    let config = env.claude_mem(&["config", "list"]).ok().stdout;
    for text in [status, model, doctor, cost, config] {
        assert!(!text.contains(KEY), "{text}");
    }
    assert_eq!(api.requests()[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    // it goes away while there is more to do
    drop(api);
    say(&env, 3..4);
    settled(&env);
    let problem = wait::until("the problem to be told", || {
        let problems = env.status()["problems"].as_array().unwrap().clone();
        problems.into_iter().find(|problem| problem["what"].as_str().unwrap().contains("is not available"))
    });
    assert!(problem["remedy"].as_str().unwrap().starts_with("Start it"), "{problem}");
    let doctor = env.claude_mem(&["doctor"]);
    assert_eq!(doctor.code, Some(1), "{doctor}");
    assert!(doctor.stdout.contains("is not available"), "{doctor}");
    let found = env.claude_mem(&["search", "parser"]).ok().stdout;
    assert!(found.contains("Number 3"), "recall goes on by words: {found}");
}

#[test]
fn an_endpoint_is_asked_in_the_language_of_the_question() {
    let (api, env, _) = of_three_prompts();
    api.forget();
    let question = "Warum ist der Parser so langsam?";
    let found = env.claude_mem(&["search", "--json", question]).json();
    // words are looked for in English too; which languages its model knows is the service's business
    assert_eq!(found["how"]["gloss"]["english"], "why Parser slow", "{found:#}");
    let asked = wait::until("the question to be sent", || {
        api.requests().first().map(|request| request.body["input"][0].clone())
    });
    assert_eq!(asked, question);
}

#[test]
fn a_worker_that_is_killed_while_a_request_is_out_counts_it_and_asks_again() {
    let api = ModelApi::start();
    let gate = Gate::new();
    // the probe is answered, the first texts are not
    let (held, mut once) = (gate.clone(), true);
    api.on_request(move |request| {
        let texts = request.body["input"].as_array()?.len();
        (texts > 1 && std::mem::take(&mut once)).then(|| Reply::Held(held.clone(), Box::new(Reply::Drop)))
    });
    api.on_request(embeddings(8));
    let env = chosen(&api);
    say(&env, 0..8);
    settled(&env);
    env.daemon_start();
    let lost = api.wait_for("texts to be sent", |request| request.body["input"][1].is_string());
    assert!(env.kill_daemon());
    gate.open();
    env.daemon_start();
    let meaning = embedded(&env);
    assert!(meaning["passages"].as_u64() >= Some(8), "{meaning}");
    env.daemon_stop();
    let store = mem_store::Store::open_read(&env.data_dir().join("memory.db")).unwrap();
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
    assert_eq!(store.open_requests().unwrap(), [], "nothing is left open");
    let costs = store.costs(mem_core::time::Timestamp(0)).unwrap();
    // the texts, and what questions might have taken
    assert!(costs.iter().map(|row| row.estimated).sum::<u64>() >= 4000, "{costs:?}");
    let mut asked: Vec<String> = Vec::new();
    for request in api.requests().iter().filter(|request| **request != lost) {
        let texts = request.body["input"].as_array().unwrap();
        asked.extend(texts.iter().map(|text| text.to_string()));
    }
    let all = asked.len();
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len(), all, "nothing but what was lost is asked twice");
}

#[test]
fn what_leaves_the_network_is_said_when_it_is_set() {
    let env = world();
    let set = |name: &str, value: &str| {
        let key = format!("CLAUDE_MEM_EMBEDDING_{name}");
        env.claude_mem(&["config", "set", &key, value]).ok().stderr
    };
    let told = [
        set("BASE_URL", "http://127.0.0.1:11434/v1"),
        set("MODEL", "small"),
        set("BASE_URL", "http://far.example/v1"),
        set("BASE_URL", "https://far.example/v1"),
        set("BASE_URL", ""),
    ];
    insta::assert_snapshot!(told.join("--\n"), @"
    Nothing is embedded yet: the embeddings service needs the name of a model: set CLAUDE_MEM_EMBEDDING_MODEL.
    --
    --
    Nothing is embedded yet: CLAUDE_MEM_EMBEDDING_BASE_URL is not encrypted and leads out of this network: use https.
    --
    Everything that is remembered, and every question, is sent to far.example from now on. `claude-mem cost` shows what it takes; `claude-mem config unset CLAUDE_MEM_EMBEDDING_BASE_URL` ends it.
    --
    ");
}

#[test]
fn a_project_names_no_endpoint() {
    let api = ModelApi::start();
    api.on_request(embeddings(8));
    let mut env = world();
    let settings = serde_json::json!({ "env": {
        "CLAUDE_MEM_EMBEDDING_BASE_URL": format!("{}/v1", api.url()),
        "CLAUDE_MEM_EMBEDDING_MODEL": "small",
    } });
    let folder = env.project().join(".claude");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.json"), settings.to_string()).unwrap();
    env.set("CLAUDE_PROJECT_DIR", env.project().to_str().unwrap().to_owned());
    env.set("CLAUDE_MEM_EMBEDDING_BASE_URL", format!("{}/v1", api.url()));
    env.set("CLAUDE_MEM_EMBEDDING_MODEL", "small".to_owned());
    say(&env, 0..2);
    settled(&env);
    env.daemon_start();
    let meaning = wait::until("what is said to be indexed", || {
        let meaning = env.status()["meaning"].clone();
        (meaning["passages"].as_u64() >= Some(2)).then_some(meaning)
    });
    assert_eq!(meaning["endpoint"], Value::Null);
    env.daemon_stop();
    assert_eq!(api.requests(), []);
}
