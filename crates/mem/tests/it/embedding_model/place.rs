//! What these tests share: a world without a memory, and what lies where the model belongs.

use std::fs;
use std::path::{Path, PathBuf};

use mem_testkit::{Finished, TestEnv, tools};
use serde_json::Value;

/// Bytes of the weights.
pub(super) const WEIGHTS: u64 = 90_868_376;

pub(super) fn env() -> TestEnv {
    TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"))
}

/// The folder of the model.
pub(super) fn folder(env: &TestEnv) -> PathBuf {
    env.data_dir().join("models/all-MiniLM-L6-v2")
}

/// The folder of what has not arrived.
pub(super) fn begun(env: &TestEnv) -> PathBuf {
    env.data_dir().join("models/all-MiniLM-L6-v2.part")
}

pub(super) fn install(env: &TestEnv, from: &str) -> Finished {
    env.claude_mem(&["model", "install", "--yes", "--from", from])
}

pub(super) fn status(env: &TestEnv) -> Value {
    env.claude_mem(&["model", "status", "--json"]).json()
}

/// That the model is there, whole, and nothing else is.
#[track_caller]
pub(super) fn assert_whole(env: &TestEnv) {
    let found = status(env);
    assert_eq!((&found["standing"], &found["begun"]), (&"whole".into(), &0.into()), "{found:#}");
    assert_eq!(names(&env.data_dir().join("models")), ["all-MiniLM-L6-v2"]);
    assert_eq!(names(&folder(env)), ["model.safetensors", "tokenizer.json"]);
}

/// That an attempt failed with these words and a remedy, and left nothing at all.
#[track_caller]
pub(super) fn assert_failed_without_a_trace(env: &TestEnv, finished: &Finished, words: &str) {
    assert_eq!(finished.code, Some(1), "{finished}");
    assert!(finished.stderr.contains(words) && finished.stderr.contains("\nhint: "), "{words}: {finished}");
    assert!(finished.stdout.is_empty(), "{finished}");
    assert!(!env.data_dir().exists(), "{:?}", names(&env.data_dir()));
}

/// The names in a folder, in order.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).map(|all| all.map(|entry| entry.unwrap().file_name())).unwrap();
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// A copy of the real model in a folder of this world.
pub(super) fn copied(env: &TestEnv, name: &str) -> PathBuf {
    let copy = env.root().join(name);
    fs::create_dir_all(&copy).unwrap();
    for file in ["tokenizer.json", "model.safetensors"] {
        let _bytes = fs::copy(tools::model().join(file), copy.join(file)).unwrap();
    }
    copy
}

/// Turns one byte of a file round.
pub(super) fn damage(path: &Path, at: u64) {
    use std::os::unix::fs::FileExt;
    let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[!byte[0]], at).unwrap();
}

/// A path as an argument.
pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
