//! Puts the misbehaving `claude` of the test kit into a test's world, and reads what happened to it.
//!
//! The program itself is `src/bin/fake-claude`; its script and log are described there.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::TestEnv;

/// The program in a folder of its own.
pub struct FakeClaude {
    folder: PathBuf,
}

impl FakeClaude {
    /// Puts it into `env` with that script.
    ///
    /// # Panics
    /// When it was not built.
    pub fn new(env: &TestEnv, script: &Value) -> Self {
        let test = std::env::current_exe().expect("a test knows its own path");
        let built = test.ancestors().nth(2).expect("tests lie in target/…/deps").join("fake-claude");
        assert!(built.is_file(), "{} is not built: run `cargo build --workspace`", built.display());
        let fake = Self { folder: env.root().join("fake") };
        std::fs::create_dir_all(&fake.folder).expect("a folder of the test can be made");
        let _stays = std::fs::remove_file(fake.program()); // of an earlier call, if any
        std::os::unix::fs::symlink(built, fake.program()).expect("a link can be made");
        fake.script(script);
        fake
    }

    /// The program, called `claude`; its folder can be put on a search path.
    pub fn program(&self) -> PathBuf {
        self.folder.join("claude")
    }

    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes the script, for processes that start from now on.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn script(&self, script: &Value) {
        std::fs::write(self.folder.join("fake-claude.json"), script.to_string())
            .expect("a script can be written");
    }

    /// Everything that was logged, in order. A line that is being written at the moment is not there yet.
    ///
    /// # Panics
    /// When a line is no JSON.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.join("fake-claude.log")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).expect("the log is JSON")).collect()
    }

    /// The requests it got, in order.
    pub fn messages(&self) -> Vec<String> {
        self.log().iter().filter_map(|line| line["message"].as_str().map(str::to_owned)).collect()
    }

    /// How many requests it said that it began with: from there on one counts as paid.
    pub fn begun(&self) -> usize {
        self.log().iter().filter(|line| line["begun"] == true).count()
    }

    /// How often it was started.
    pub fn starts(&self) -> usize {
        self.log().iter().filter(|line| line["start"].is_array()).count()
    }
}
