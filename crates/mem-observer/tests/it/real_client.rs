//! The real program, in both versions, against the scripted service: what it sends, what it says when that fails, and
//! that nothing of the user's runs in it.

use std::path::Path;
use std::time::{Duration, Instant};

use mem_core::fault::FaultKind;
use mem_core::model::Ask;
use mem_observer::claude::Claude;
use mem_observer::model::{Model, Rope};
use mem_observer::strays;
use mem_testkit::tools::{OLDER, PINNED};
use mem_testkit::{Gate, ModelApi, Reply, Request};
use serde_json::{Value, json};

use crate::scene::{CutInPanic, Scene, ask};

/// A failure is told within this; asking again by itself would take the program longer.
const QUICKLY: Duration = Duration::from_secs(15);

struct World {
    scene: Scene,
    api: ModelApi,
    version: &'static str,
}

impl World {
    fn new(version: &'static str) -> Self {
        Self { scene: Scene::new(), api: ModelApi::start(), version }
    }

    /// The model with these variables around it.
    fn model(&self, vars: &[(&str, &str)]) -> (Claude, Rope) {
        self.scene.claude(self.scene.env.tools().claude_code(self.version), vars)
    }

    /// The model with a login and the things that a surrounding session would have in its environment.
    fn logged_in(&self) -> (Claude, Rope) {
        let url = self.api.url();
        self.model(&[
            ("ANTHROPIC_BASE_URL", &url),
            ("ANTHROPIC_API_KEY", "dummy"),
            ("NO_PROXY", "127.0.0.1"),
            ("CLAUDECODE", "1"),
            ("CLAUDE_CODE_ENTRYPOINT", "cli"),
            ("CLAUDE_CODE_MAX_RETRIES", "3"),
        ])
    }

    /// Writes the user's settings.
    fn settings(&self, settings: &Value) {
        let folder = self.scene.env.config_dir();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("settings.json"), settings.to_string()).unwrap();
    }
}

fn both(test: fn(World)) {
    for version in [PINNED, OLDER] {
        test(World::new(version));
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            if entry.path().is_dir() {
                files(&entry.path())
            } else {
                vec![entry.path().display().to_string()]
            }
        })
        .collect()
}

fn key(request: &Request) -> &str {
    request.header("x-api-key").unwrap_or_default()
}

#[test]
fn it_is_asked_without_tools_hooks_or_a_trace() {
    both(|world| {
        let World { scene, api, .. } = &world;
        let fired = scene.env.root().join("fired");
        let hook =
            json!([{ "hooks": [{ "type": "command", "command": format!("touch {}", fired.display()) }] }]);
        world.settings(&json!({
            "hooks": { "SessionStart": hook, "UserPromptSubmit": hook, "Stop": hook, "SessionEnd": hook },
            "env": { "CLAUDE_CODE_MAX_RETRIES": "5" },
        }));
        std::fs::write(scene.env.config_dir().join("CLAUDE.md"), "Always say moo.").unwrap();
        scene.env.write("secret.txt", "the secret");
        let secret = scene.env.project().join("secret.txt");
        api.on_prompt("observed", vec![Reply::text("<observation/>")]);
        api.on_prompt("more", vec![Reply::text("<summary/>")]);

        let (mut model, _rope) = world.logged_in();
        let text = format!("<observed>look at @{} please</observed>", secret.display());
        let answer = model.ask(&ask(&text), &|| ()).unwrap();
        assert_eq!((answer.text.as_str(), answer.cut), ("<observation/>", false));
        assert!(answer.usage.all_input() > 0 && answer.usage.output > 0 && answer.cost.is_some());
        let second = model.ask(&ask("<more/>"), &|| ()).unwrap();
        assert_eq!((second.text.as_str(), second.model_session), ("<summary/>", answer.model_session));

        let requests = api.requests();
        assert_eq!(requests.len(), 2, "{}", world.version);
        let body = &requests[0].body;
        assert!(body["system"].to_string().contains("You are a scribe."), "{}", body["system"]);
        assert_eq!((&body["tools"], &body["max_tokens"]), (&json!([]), &json!(4000)));
        assert_eq!(
            (&body["model"], &body["thinking"]["type"]),
            (&json!("claude-haiku-4-5"), &json!("disabled"))
        );
        assert_eq!(requests[0].prompt(), text);
        let all = requests.iter().map(|request| request.body.to_string()).collect::<String>();
        assert!(!all.contains("moo") && !all.contains("the secret"), "{all}");
        assert!(all.len() < 12_000, "two lean requests: {} bytes", all.len());

        let child = strays::list(&scene.registry())[0].child.expect("it said who it is");
        let environment = std::fs::read(format!("/proc/{}/environ", child.pid)).unwrap();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        for foreign in ["CLAUDECODE=", "CLAUDE_CODE_ENTRYPOINT=", "CLAUDE_CODE_MAX_RETRIES=3"] {
            assert!(!environment.split('\0').any(|entry| entry.starts_with(foreign)), "{foreign}");
        }
        Box::new(model).end();
        assert_eq!(scene.env.processes(), []);
        assert_eq!(files(&scene.env.config_dir().join("projects")), [""; 0]);
        assert_eq!(files(&scene.env.config_dir().join("sessions")), [""; 0]);
        assert!(!fired.exists(), "a hook of the user's ran");
    });
}

#[test]
fn a_long_conversation_begins_anew_in_the_same_process() {
    both(|world| {
        let World { api, .. } = &world;
        api.on_prompt("first", vec![Reply::text("1")]);
        api.on_prompt("second", vec![Reply::text("2")]);
        let (mut model, _rope) = world.logged_in();
        let long = |word: &str| ask(&format!("<t>{word} {}</t>", "x".repeat(30_000)));
        model.ask(&long("first"), &|| ()).unwrap();
        let process = strays::list(&world.scene.registry())[0].child;
        let second = model.ask(&long("second"), &|| ()).unwrap();
        assert_eq!(second.text, "2");
        assert_eq!(strays::list(&world.scene.registry())[0].child, process);
        let requests = api.requests();
        assert_eq!(requests.len(), 2);
        assert!(!requests[1].text().contains("first"), "{}", world.version);
        Box::new(model).end();
    });
}

#[test]
fn every_failure_of_the_api_is_one_fault_after_one_request() {
    use FaultKind::{Auth, Overflow, Quota, Rate, Refused, Transport};
    let status = |code: u16, kind: &str, message: &str| Reply::Status {
        code,
        kind: kind.to_owned(),
        message: message.to_owned(),
        retry_after: Some(30),
    };
    let table = [
        (status(401, "authentication_error", "invalid x-api-key"), Auth, false),
        (status(403, "permission_error", "forbidden"), Auth, false),
        (status(429, "rate_limit_error", "This request would exceed your rate limit"), Rate, false),
        (Reply::overloaded(), Transport, false),
        (status(500, "api_error", "Internal server error"), Transport, false),
        (status(404, "not_found_error", "model: none"), Refused, false),
        (Reply::no_credit(), Quota, false),
        (Reply::too_long(), Overflow, false),
        (Reply::Drop, Transport, true),
        (Reply::DropMidStream, Transport, true),
        (Reply::Garbage, Transport, true),
    ];
    for version in [PINNED, OLDER] {
        let world = World::new(version);
        world.api.on_prompt("fine", vec![Reply::text("fine")]);
        let (mut model, _rope) = world.logged_in();
        for (reply, kind, paid) in &table {
            world.api.forget();
            // an unknown model is asked for once more, unstreamed, which costs nothing
            let unpaid_twice = matches!(reply, Reply::Status { code: 404, .. });
            world.api.next(reply.clone());
            if unpaid_twice {
                world.api.next(reply.clone());
            }
            let start = Instant::now();
            let asked = model.ask(&ask("<t>badly</t>"), &|| ());
            let Err(fault) = asked else { panic!("{version} {reply:?}: {asked:?}") };
            assert_eq!((fault.kind, fault.paid), (*kind, *paid), "{version} {reply:?}: {fault}");
            assert!(start.elapsed() < QUICKLY, "{version} {reply:?} took {:?}", start.elapsed());
            assert_eq!(world.api.requests().len(), 1 + usize::from(unpaid_twice), "{version} {reply:?}");
            assert_eq!(model.ask(&ask("<t>fine</t>"), &|| ()).unwrap().text, "fine", "{version} {reply:?}");
        }
        Box::new(model).end();
    }
}

#[test]
fn an_answer_that_is_too_long_is_taken_as_far_as_it_came() {
    both(|world| {
        world.api.on_request(|_| Some(Reply::Cut("<observation>half".to_owned())));
        let (mut model, _rope) = world.logged_in();
        let answer = model.ask(&ask("<t/>"), &|| ()).unwrap();
        assert_eq!((answer.text.as_str(), answer.cut), ("<observation>half", true));
        assert!(answer.usage.all_input() > 0 && answer.usage.output > 0);
        assert_eq!(world.scene.env.processes(), [], "it would ask three times more");
        assert!(world.api.requests().len() <= 3, "{} {}", world.version, world.api.requests().len());
    });
}

#[test]
fn a_login_in_the_users_settings_works() {
    both(|world| {
        world.api.on_request(|_| Some(Reply::text("in")));
        let url = world.api.url();
        world.settings(&json!({ "env": { "ANTHROPIC_API_KEY": "of-env", "ANTHROPIC_BASE_URL": url } }));
        let (mut model, _rope) = world.model(&[]);
        assert_eq!(model.ask(&ask("<t/>"), &|| ()).unwrap().text, "in");
        drop(model);
        world.settings(&json!({ "env": { "ANTHROPIC_BASE_URL": url }, "apiKeyHelper": "echo of-helper" }));
        let (mut model, _rope) = world.model(&[]);
        assert_eq!(model.ask(&ask("<t/>"), &|| ()).unwrap().text, "in");
        drop(model);
        assert_eq!(world.api.requests().iter().map(key).collect::<Vec<_>>(), ["of-env", "of-helper"]);

        world.api.forget();
        world.settings(&json!({ "env": { "ANTHROPIC_BASE_URL": url } }));
        let (mut model, _rope) = world.model(&[]);
        let fault = model.ask(&ask("<t/>"), &|| ()).unwrap_err();
        assert_eq!((fault.kind, fault.paid), (FaultKind::Auth, false), "{fault}");
        assert_eq!(world.api.requests().len(), 0);
    });
}

#[test]
fn it_can_be_ended_while_it_waits_and_leaves_no_trace() {
    both(|world| {
        let gate = Gate::new();
        world.api.next(Reply::Held(gate.clone(), Box::new(Reply::text("late"))));
        let (mut model, rope) = world.logged_in();
        let fault = std::thread::scope(|scope| {
            let asked = scope.spawn(|| model.ask(&ask("<t/>"), &|| ()));
            let _whatever_happens = CutInPanic(&rope);
            world.api.wait_for("the request", |_| true);
            rope.cut();
            asked.join().unwrap().unwrap_err()
        });
        assert_eq!((fault.kind, fault.paid), (FaultKind::Ended, true));
        assert_eq!(world.scene.env.processes(), []);
        assert_eq!(files(&world.scene.env.config_dir().join("sessions")), [""; 0]);
        assert_eq!(strays::list(&world.scene.registry()), []);
    });
}

#[test]
fn slashes_and_other_instructions_do_no_harm() {
    both(|world| {
        world.api.on_request(|_| Some(Reply::text("ok")));
        let (mut model, _rope) = world.logged_in();
        assert_eq!(model.ask(&ask("/cost"), &|| ()).unwrap().text, "ok");
        let other = Ask { system: "Another scribe.".to_owned(), ..ask("<t/>") };
        assert_eq!(model.ask(&other, &|| ()).unwrap().text, "ok");
        let requests = world.api.requests();
        assert!(requests[0].prompt().ends_with("/cost"));
        assert!(requests[1].body["system"].to_string().contains("Another scribe."));
        assert!(!requests[1].text().contains("/cost"));
        Box::new(model).end();
    });
}
