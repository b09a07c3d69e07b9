//! What a real session costs: three prompts with thirty tool calls, the real client as the agent and as the model.

use std::path::Path;

use mem_testkit::tools::{OLDER, PINNED};
use mem_testkit::{Reply, wait};
use serde_json::json;

use super::scripted::{is_ours, real_claude, tell};
use crate::scene::Scene;

/// Most requests, and most characters of input in all.
const MOST_REQUESTS: usize = 6;
const MOST_CHARACTERS: usize = 250_000;

const PROMPTS: [&str; 3] =
    ["Make a list of titles.", "Sort that list by name.", "Write down how the list is sorted."];

/// What the model remembers of a prompt.
fn memory(number: usize) -> String {
    format!(
        "<observation>\n<type>feature</type>\n<title>Titles, step {number} of three</title>\n\
         <facts><fact>src/titles-{number}.js was written in step {number}</fact></facts>\n\
         <narrative>The list of titles went through step {number}.</narrative>\n\
         <concepts><concept>how-it-works</concept></concepts>\n\
         <files_modified><file>src/titles-{number}.js</file><file>src/invented.js</file></files_modified>\n\
         </observation>\n<summary>\n<request>Step {number}</request>\n<completed>Step {number} is done</completed>\n</summary>"
    )
}

/// Ten tool calls: files written, changed, read and run.
fn ten_calls(scene: &Scene, number: usize) -> Vec<Reply> {
    let file = format!("src/titles-{number}.js");
    let path = scene.path(&file);
    let lines: Vec<String> =
        (0..40).map(|line| format!("export const title{line} = 'Title number {line}';\n")).collect();
    let mut replies = vec![scene.writes(&file, &lines.concat())];
    for change in 0..3 {
        let (old, new) = (format!("'Title number {change}'"), format!("'The title number {change}'"));
        replies.push(Reply::tool("Edit", json!({ "file_path": path, "old_string": old, "new_string": new })));
        replies.push(Reply::bash(&format!("cat {file}; seq 1 400")));
    }
    replies.push(Reply::tool("Read", json!({ "file_path": path })));
    replies.push(Reply::bash(&format!("node --check {file}; wc -l {file}")));
    replies.push(Reply::bash("git status --short"));
    assert_eq!(replies.len(), 10);
    replies.push(Reply::text(format!("Step {number} is done: {file} holds forty titles and can be parsed.")));
    replies
}

#[test]
fn a_real_session_costs_few_requests_and_becomes_memory() {
    session_of(PINNED);
}

#[test]
fn a_real_session_with_the_older_client_costs_no_more() {
    session_of(OLDER);
}

fn session_of(version: &str) {
    let mut scene = Scene::new();
    real_claude(&mut scene.env, version);
    for (at, prompt) in PROMPTS.into_iter().enumerate() {
        scene.api.on_prompt(prompt, ten_calls(&scene, at + 1));
    }
    scene.api.on_request(|request| {
        // the last of the prompts that a request tells of is the one it is about
        let about = is_ours(request).then(|| asked_about(&request.prompt()));
        about.map(|number| Reply::text(memory(number)))
    });

    let mut session = scene.client(version).session(&[]);
    for prompt in PROMPTS {
        assert!(session.ask(prompt)["is_error"] != true, "{:?}", session.seen().last());
    }
    let id = session.id();
    assert_eq!(session.close(), Some(0));
    let store =
        || mem_store::Store::open_read(&scene.env.data_dir().join(mem_core::layout::STORE)).expect("a store");
    let counts = || store().batch_counts().expect("batches are counted");
    wait::until("the model to have answered", || (counts().get("done") == Some(&3)).then_some(()));
    let calls =
        scene.recorder.inputs_of("PostToolUse").len() + scene.recorder.inputs_of("PostToolUseFailure").len();
    assert_eq!(calls, 30, "{:?}", scene.recorder.counts());
    // the observer's own hooks were inert: nobody but the agent fired one
    scene.assert_nothing_lost();

    let requests: Vec<_> = scene.api.requests().into_iter().filter(is_ours).collect();
    let characters: usize = requests.iter().map(|request| request.body.to_string().chars().count()).sum();
    tell(&format!(
        "{version}: {} requests of the observer, {characters} characters of input in all",
        requests.len()
    ));
    assert!(requests.len() <= MOST_REQUESTS, "{} requests", requests.len());
    assert!(characters <= MOST_CHARACTERS, "{characters} characters");
    assert_eq!(scene.api.unexpected(), [""; 0], "nothing else was asked");

    let brief = scene.brief_of_next_session(version);
    for number in 1..=3 {
        assert!(brief.contains(&format!("Titles, step {number} of three")), "{brief}");
        assert!(brief.contains(&format!("src/titles-{number}.js")), "{brief}");
    }
    assert!(!brief.contains("invented"), "what nothing shows was not changed:\n{brief}");

    scene.env.daemon_stop();
    scene.env.wait_quiet();
    assert_no_trace(&scene, &id);
}

/// Which of the prompts a request is about.
fn asked_about(text: &str) -> usize {
    let request = text.split("<user_request>").nth(1).and_then(|rest| rest.split("</user_request>").next());
    let request = request.unwrap_or_default().trim();
    PROMPTS.iter().position(|prompt| request.contains(prompt)).map_or(0, |at| at + 1)
}

/// That nothing of the observer lies where the client keeps the user's sessions.
fn assert_no_trace(scene: &Scene, id: &str) {
    let config = scene.env.config_dir();
    let projects = files(&config.join("projects"));
    assert!(projects.iter().any(|path| path.contains(id)), "the user's own is there: {projects:#?}");
    let other = |path: &String| path.contains("observer") || path.contains(".claude-mem");
    assert!(!projects.iter().any(other), "{projects:#?}");
    for path in &projects {
        let text = std::fs::read(path).expect("a file can be read");
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains("<observed_from_primary_session>"), "{path} tells of the observer");
    }
    // the user's session, and the one that was asked for its brief
    let sessions = projects.iter().filter(|path| path.ends_with(".jsonl")).count();
    assert_eq!(sessions, 2, "{projects:#?}");
    assert_eq!(files(&config.join("sessions")), [""; 0]);
    let history = std::fs::read_to_string(config.join("history.jsonl")).unwrap_or_default();
    assert!(!history.contains("observed_from"), "{history}");
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
