//! A data directory with an inbox one can fill, and the questions tests ask of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mem_core::frame::{self, Header};
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_daemon::answer;
use mem_daemon::asker::Asker;
use mem_daemon::home::Home;
use mem_daemon::inbox::drain::{Drained, Until, drain};
use mem_daemon::{inbox, settings};
use mem_store::Store;

pub(crate) struct World {
    pub(crate) tmp: tempfile::TempDir,
    pub(crate) home: Home,
    next: std::cell::Cell<u32>,
}

impl World {
    pub(crate) fn new() -> Self {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path().join("data"));
        home.create().unwrap();
        std::fs::create_dir(tmp.path().join("project")).unwrap();
        Self { tmp, home, next: std::cell::Cell::new(0) }
    }

    pub(crate) fn project(&self) -> PathBuf {
        std::fs::canonicalize(self.tmp.path()).unwrap().join("project")
    }

    /// Puts bytes into the inbox as a hook would, and gives the file.
    pub(crate) fn put_raw(&self, bytes: &[u8]) -> PathBuf {
        let number = self.next.get() + 1;
        self.next.set(number);
        let path = self.home.path(layout::INBOX).join(format!("{number:020}-1.frame"));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Puts a payload into the inbox as a hook would; `{project}` stands for the project's directory.
    pub(crate) fn put(&self, payload: &str) -> PathBuf {
        let payload = payload.replace("{project}", &self.project().to_string_lossy());
        self.put_raw(&frame::encode(&self.header(), payload.as_bytes()))
    }

    pub(crate) fn header(&self) -> Header {
        Header {
            agent: "claude-code".into(),
            event: String::new(),
            at: Timestamp(1_763_700_000_000 + i64::from(self.next.get()) * 1000),
            project: None,
        }
    }

    pub(crate) fn asker(&self) -> Asker {
        Asker {
            home: self.home.clone(),
            cwd: self.project(),
            over: None,
            config_dir: Some(self.tmp.path().join("claude")),
            user_home: Some(self.tmp.path().to_path_buf()),
        }
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.home.store(), Timestamp(1), &self.home.path(layout::BACKUPS)).unwrap()
    }

    pub(crate) fn drain(&self) -> Drained {
        let layers = settings::load(&self.home, &mut |_| None);
        drain(&self.home, &mut self.store(), &self.asker().capture(&layers), Until::DONE).unwrap()
    }

    /// The brief, with time enough for a busy machine.
    pub(crate) fn brief(&self) -> String {
        answer::brief(&self.asker(), &mut |_| None, None, Instant::now() + Duration::from_secs(20))
    }

    /// Counts as `status` shows them: received, stored, filtered in all, waiting, parked.
    pub(crate) fn counts(&self) -> [u64; 5] {
        let tallies: BTreeMap<String, u64> = self.store().tallies().unwrap();
        let tally = |name: &str| tallies.get(name).copied().unwrap_or(0);
        let filtered = tallies.iter().filter(|(name, _)| name.starts_with("filtered:")).map(|(_, n)| n).sum();
        let waiting = inbox::waiting(&self.home).unwrap().len() as u64;
        let parked = inbox::parked(&self.home).unwrap().len() as u64;
        [tally("received"), tally("stored"), filtered, waiting, parked]
    }
}

pub(crate) fn prompt(number: u32) -> String {
    format!(
        r#"{{"session_id":"s1","transcript_path":"/t","cwd":"{{project}}","prompt_id":"p{number}","hook_event_name":"UserPromptSubmit","prompt":"Do the thing number {number}"}}"#
    )
}

pub(crate) fn bash(id: &str, command: &str, output: &str) -> String {
    let (command, output) =
        (serde_json::Value::from(command).to_string(), serde_json::Value::from(output).to_string());
    format!(
        r#"{{"session_id":"s1","transcript_path":"/t","cwd":"{{project}}","prompt_id":"p1","hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{{"command":{command}}},"tool_response":{{"stdout":{output},"stderr":"","interrupted":false}},"tool_use_id":"{id}","duration_ms":4}}"#
    )
}

pub(crate) fn edit(id: &str, path: &str, from: &str, to: &str) -> String {
    format!(
        r#"{{"session_id":"s1","transcript_path":"/t","cwd":"{{project}}","prompt_id":"p1","hook_event_name":"PostToolUse","tool_name":"Edit","tool_input":{{"file_path":"{path}","old_string":"{from}","new_string":"{to}"}},"tool_response":{{"filePath":"{path}","oldString":"{from}","newString":"{to}","structuredPatch":[{{"oldStart":1,"oldLines":1,"newStart":1,"newLines":1,"lines":["-{from}","+{to}"]}}]}},"tool_use_id":"{id}"}}"#
    )
}

pub(crate) fn stop(said: &str) -> String {
    format!(
        r#"{{"session_id":"s1","transcript_path":"/t","cwd":"{{project}}","prompt_id":"p1","hook_event_name":"Stop","stop_hook_active":false,"last_assistant_message":"{said}"}}"#
    )
}
