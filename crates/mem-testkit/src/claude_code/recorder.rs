//! A second, tiny plugin that writes down every hook input it gets: what really fired, counted by somebody else.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::TestEnv;

/// Writes its input into a file of its own: first under a name nobody reads, then, whole, under its real one.
/// Names begin with a number that grows: the clock is read in nanoseconds where the system has them.
const SCRIPT: &str = r#"#!/bin/sh
folder=$1
name=$(date +%s%N)-$$
cat > "$folder/.$name"
mv "$folder/.$name" "$folder/$name.json"
"#;

/// The plugin and its log.
pub struct Recorder {
    plugin: PathBuf,
    log: PathBuf,
}

impl Recorder {
    /// Makes the plugin; it listens to these events.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn new(env: &TestEnv, events: &[impl AsRef<str>]) -> Self {
        let recorder = Self { plugin: env.root().join("recorder"), log: env.root().join("recorded") };
        std::fs::create_dir_all(&recorder.log).expect("a folder of the test can be made");
        let hook = json!({
            "type": "command",
            "command": "/bin/sh",
            "args": ["${CLAUDE_PLUGIN_ROOT}/record.sh", recorder.log],
            "timeout": 20,
        });
        let hooks: Map<String, Value> =
            events.iter().map(|event| (event.as_ref().to_owned(), json!([{ "hooks": [hook] }]))).collect();
        let about =
            json!({ "name": "recorder", "version": "1.0.0", "description": "Writes hook inputs down." });
        recorder.put(".claude-plugin/plugin.json", &about.to_string());
        recorder.put("hooks/hooks.json", &json!({ "hooks": hooks }).to_string());
        recorder.put("record.sh", SCRIPT);
        recorder
    }

    /// The folder to load it from.
    pub fn plugin(&self) -> &Path {
        &self.plugin
    }

    /// Every input so far, in the order in which the hooks began.
    ///
    /// # Panics
    /// When one is no JSON.
    pub fn inputs(&self) -> Vec<Value> {
        let entries = std::fs::read_dir(&self.log).expect("the log can be read");
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
        paths.sort();
        let read = |path: &PathBuf| std::fs::read_to_string(path).expect("the log can be read");
        paths.iter().map(|path| serde_json::from_str(&read(path)).expect("hook inputs are JSON")).collect()
    }

    /// The inputs of one event.
    pub fn inputs_of(&self, event: &str) -> Vec<Value> {
        self.inputs().into_iter().filter(|input| input["hook_event_name"] == event).collect()
    }

    /// How often each event fired, such as `Stop 1`, in order of name.
    pub fn counts(&self) -> Vec<String> {
        let mut counts = std::collections::BTreeMap::new();
        for input in self.inputs() {
            *counts
                .entry(input["hook_event_name"].as_str().unwrap_or_default().to_owned())
                .or_insert(0_u32) += 1;
        }
        counts.into_iter().map(|(event, count)| format!("{event} {count}")).collect()
    }

    /// Forgets the inputs so far.
    ///
    /// # Panics
    /// When they cannot be removed.
    pub fn forget(&self) {
        std::fs::remove_dir_all(&self.log).expect("the log can be removed");
        std::fs::create_dir_all(&self.log).expect("the log can be made again");
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.plugin.join(path);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
}
