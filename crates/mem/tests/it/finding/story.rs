//! A small story that hooks tell, and looking for parts of it.

use std::fs::File;

use mem_core::layout;
use mem_testkit::TestEnv;
use serde_json::{Value, json};

/// The session it happens in.
pub(crate) const SESSION: &str = "383770b4-367f-4ad8-96fb-6f6bacf6d8c7";

/// A place with our program and nothing else.
pub(crate) fn world() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

/// Keeps every daemon from beginning for as long as it is held: whoever holds this lock is the daemon.
pub(crate) fn without_daemon(env: &TestEnv) -> File {
    std::fs::create_dir_all(env.data_dir()).unwrap();
    let lock = File::create(env.data_dir().join(layout::DAEMON_LOCK)).unwrap();
    lock.lock().unwrap();
    lock
}

/// Has a hook say that something happened.
pub(crate) fn tell(env: &TestEnv, event: &str, more: &Value) {
    let mut input = json!({
        "session_id": SESSION, "transcript_path": "/none.jsonl", "cwd": env.project(), "hook_event_name": event,
        "prompt_id": "a14dacf1-5600-4c2f-a0e1-8dfb8f4d2343",
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let told = env.hook(&input);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{told}");
}

pub(crate) fn prompt(env: &TestEnv, prompt: &str) {
    tell(env, "UserPromptSubmit", &json!({"prompt": prompt}));
}

/// A prompt that begins another turn.
pub(crate) fn another(env: &TestEnv, prompt: &str) {
    tell(env, "UserPromptSubmit", &json!({"prompt": prompt, "prompt_id": prompt}));
}

pub(crate) fn write(env: &TestEnv, file: &str, text: &str) {
    let path = env.project().join(file);
    let response = json!({"type": "create", "filePath": path, "content": text, "structuredPatch": []});
    let used = json!({
        "tool_name": "Write", "tool_use_id": format!("toolu_{file}"),
        "tool_input": {"file_path": path, "content": text}, "tool_response": response,
    });
    tell(env, "PostToolUse", &used);
}

pub(crate) fn commit(env: &TestEnv, message: &str) {
    let used = json!({
        "tool_name": "Bash", "tool_use_id": "toolu_commit",
        "tool_input": {"command": format!("git commit -am \"{message}\""), "description": "Commit"},
        "tool_response": {
            "stdout": format!("[main 3f2a91c] {message}\n 1 file changed, 2 insertions(+)"), "stderr": "",
            "interrupted": false, "isImage": false,
        },
    });
    tell(env, "PostToolUse", &used);
}

pub(crate) fn answer(env: &TestEnv, said: &str) {
    tell(env, "Stop", &json!({"last_assistant_message": said}));
}

/// The whole story.
pub(crate) fn story(env: &TestEnv) {
    prompt(env, "Dig a burrow for the wombat");
    write(env, "src/quokka.rs", "fn quokka() {}\n");
    commit(env, "Teach the numbat to climb");
    answer(env, "The bilby is asleep now.");
}

/// What a search finds, as one document.
pub(crate) fn search(env: &TestEnv, args: &[&str]) -> Value {
    env.claude_mem(&[&["search", "--json"], args].concat()).json()
}

/// Every id that the hits of an answer stand for.
pub(crate) fn ids(found: &Value) -> Vec<String> {
    let hits = found["hits"].as_array().unwrap();
    let also = |hit: &Value| hit["also"].as_array().cloned().unwrap_or_default();
    let all = hits.iter().flat_map(|hit| std::iter::once(hit["id"].clone()).chain(also(hit)));
    all.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// Whether one of the hits is, or stands for, a document whose id begins so.
pub(crate) fn leads_to(found: &Value, letter: &str) -> bool {
    ids(found).iter().any(|id| id.starts_with(letter))
}
