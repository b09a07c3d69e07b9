//! Where these tests take place: a world with the daemon, a `claude` that follows a script, and turns told by hook.

use std::fs::File;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant, SystemTime};

use mem_core::frame::{self, Header};
use mem_core::id::BatchId;
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_daemon::home::Home;
use mem_store::Store;
use mem_testkit::{FakeClaude, TestEnv, wait};
use serde_json::{Value, json};

/// A good reply about [`Stage::turn`].
pub(super) const GOOD: &str = "<observation>\n<type>bugfix</type>\n<title>The parser keeps trailing commas</title>\n\
<facts><fact>parse_list dropped the last item</fact></facts>\n<narrative>The list parser lost an item.</narrative>\n\
<concepts><concept>problem-solution</concept></concepts>\n<files_modified><file>src/parse.rs</file></files_modified>\n\
</observation>\n<summary>\n<request>Keep trailing commas</request>\n<completed>The parser keeps them</completed>\n</summary>";

/// What a busy machine may take for what is quick; only reached when a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked at; many worlds share few cores.
const GLANCE: Duration = Duration::from_millis(25);

/// The world of a test.
pub(super) struct Stage {
    pub(super) fake: FakeClaude,
    pub(super) env: TestEnv,
}

/// While it lives there is no daemon.
pub(super) struct Closed(File);

impl Closed {
    /// Lets whoever comes be the daemon.
    pub(super) fn lift(self) {
        // not by closing it: a child that another thread is just starting may hold it, too
        self.0.unlock().expect("it is locked");
    }
}

impl Stage {
    /// A world in which the observer asks a `claude` that follows `script`; its clock runs `rate` times as fast.
    pub(super) fn new(script: &Value, rate: u32) -> Self {
        let mut env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
        let fake = FakeClaude::new(&env, script);
        env.set("CLAUDE_MEM_OBSERVER", "claude");
        env.set("CLAUDE_CODE_PATH", fake.program().to_string_lossy());
        env.set("CLAUDE_MEM_CLOCK_RATE", rate.to_string());
        env.git_init();
        let stage = Self { fake, env };
        stage.env.daemon_start();
        stage
    }

    /// One hook input of a session.
    pub(super) fn event(&self, session: &str, name: &str, more: Value) {
        let _silent = self.env.hook(&self.input(session, name, more)).ok();
    }

    fn input(&self, session: &str, name: &str, more: Value) -> Value {
        let mut input = json!({
            "session_id": session,
            "transcript_path": "/t.jsonl",
            "cwd": self.env.project(),
            "hook_event_name": name,
        });
        let fields = more.as_object().cloned().unwrap_or_default();
        input.as_object_mut().expect("an object").extend(fields);
        input
    }

    /// A turn that changes a file, told by hook from its prompt to its answer: four events.
    pub(super) fn turn(&self, session: &str, number: u32) {
        for (name, more) in self.turn_of(session, number) {
            self.event(session, name, more);
        }
    }

    /// The same without its answer: three events.
    pub(super) fn unfinished_turn(&self, session: &str, number: u32) {
        for (name, more) in self.turn_of(session, number).into_iter().filter(|(name, _)| *name != "Stop") {
            self.event(session, name, more);
        }
    }

    /// The same turn, told without hooks: those keep a deadline, which would be missed where worlds are many.
    pub(super) fn tell(&self, session: &str, number: u32) {
        for (name, more) in self.turn_of(session, number) {
            self.past(0, session, name, more);
        }
        let socket = Home::new(self.env.data_dir()).socket_folder().join(layout::NUDGE_SOCKET);
        let nudge = UnixDatagram::unbound().expect("there are sockets");
        let _nobody_may_be_there = nudge.send_to(b"!", socket);
    }

    fn turn_of(&self, session: &str, number: u32) -> [(&'static str, Value); 4] {
        let prompt_id = format!("{session}-p{number}");
        let path = self.env.project().join("src/parse.rs");
        let patch = json!([{ "oldStart": number, "oldLines": 1, "newStart": number, "newLines": 1,
            "lines": ["-items.pop();", format!("+items.keep({number});")] }]);
        [
            (
                "UserPromptSubmit",
                json!({ "prompt_id": prompt_id, "prompt": format!("Keep trailing commas, take {number}") }),
            ),
            (
                "PostToolUse",
                json!({ "prompt_id": prompt_id, "tool_name": "Edit", "tool_use_id": format!("{prompt_id}-e"),
                    "tool_input": { "file_path": path, "old_string": "a", "new_string": "b" },
                    "tool_response": { "filePath": path, "structuredPatch": patch } }),
            ),
            (
                "PostToolUse",
                json!({ "prompt_id": prompt_id, "tool_name": "Bash", "tool_use_id": format!("{prompt_id}-b"),
                    "tool_input": { "command": "cargo test" },
                    "tool_response": { "stdout": "test result: ok. 3 passed; 0 failed", "stderr": "",
                        "interrupted": false } }),
            ),
            (
                "Stop",
                json!({ "prompt_id": prompt_id, "stop_hook_active": false,
                    "last_assistant_message": "The parser keeps trailing commas now; the tests pass." }),
            ),
        ]
    }

    /// How many processes of runs are alive.
    pub(super) fn fakes(&self) -> usize {
        let folder = self.fake.folder().to_string_lossy().into_owned();
        self.env.processes().iter().filter(|process| process.shown.contains(&folder)).count()
    }

    /// The store, for reading.
    pub(super) fn store(&self) -> Store {
        Store::open_read(&self.env.data_dir().join(layout::STORE)).expect("there is a store")
    }

    /// How many batches are in each state.
    pub(super) fn batches(&self, state: &str) -> u64 {
        self.store().batch_counts().expect("batches are counted").get(state).copied().unwrap_or(0)
    }

    /// A world in which the user has chosen no model yet, and chooses by the settings file.
    pub(super) fn local(script: &Value) -> Self {
        let mut env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
        let fake = FakeClaude::new(&env, script);
        env.set("CLAUDE_CODE_PATH", fake.program().to_string_lossy());
        env.git_init();
        let stage = Self { fake, env };
        stage.env.daemon_start();
        stage
    }

    /// One hook input that came that many minutes ago, for the next drain.
    pub(super) fn past(&self, minutes: i64, session: &str, name: &str, more: Value) {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later");
        let now = Timestamp(i64::try_from(since_epoch.as_millis()).expect("it is not that late"));
        let at = now.plus_ms(-minutes * 60_000);
        let header = Header { agent: "claude-code".into(), event: name.into(), at, project: None };
        let frame = frame::encode(&header, self.input(session, name, more).to_string().as_bytes());
        let inbox = self.env.data_dir().join(layout::INBOX);
        std::fs::create_dir_all(&inbox).expect("the inbox can be made");
        let id = frame::new_id(since_epoch.as_nanos(), 1);
        let unfinished = inbox.join(format!("{id}.tmp"));
        std::fs::write(&unfinished, frame).expect("a frame can be written");
        std::fs::rename(&unfinished, unfinished.with_extension("frame")).expect("a frame can be renamed");
    }

    /// A world whose observer has been chosen and whose daemon is kept away until [`Stage::open`], so that what is told
    /// meanwhile waits.
    pub(super) fn closed(script: &Value, rate: u32) -> (Self, Closed) {
        let stage = Self::new(script, 1);
        let chosen = || stage.store().mark("observer.since").ok()?;
        wait::until("the daemon to know that a model is chosen", chosen);
        stage.env.daemon_stop();
        let mut stage = stage;
        stage.env.set("CLAUDE_MEM_CLOCK_RATE", rate.to_string());
        let closed = stage.close();
        (stage, closed)
    }

    /// Keeps any daemon away: whoever holds its lock is the daemon, and we do nothing.
    pub(super) fn close(&self) -> Closed {
        let lock =
            std::fs::OpenOptions::new().write(true).open(self.env.data_dir().join(layout::DAEMON_LOCK));
        let lock = lock.expect("there was a daemon");
        lock.lock().expect("nobody is the daemon");
        Closed(lock)
    }

    /// Lets the daemon in.
    pub(super) fn open(&self, closed: Closed) {
        closed.lift();
        self.env.daemon_start();
    }

    /// Changes a setting in the file, and wakes the daemon.
    pub(super) fn set(&self, key: &str, value: &str) {
        let _set = self.env.claude_mem(&["config", "set", key, value]).ok();
        let _asked_and_so_awake = self.env.daemon_pid();
    }

    /// Programs of the observer that live: neither their keepers nor what they started.
    pub(super) fn programs(&self) -> Vec<u32> {
        let program = self.fake.program();
        let entries = std::fs::read_dir("/proc").expect("there is a process table").flatten();
        // by their arguments alone, since this is looked at often
        let is_one = |pid: &u32| {
            let shown = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            shown.starts_with(program.as_os_str().as_encoded_bytes()) && !shown.ends_with(b"--version\0")
        };
        let found: Vec<u32> =
            entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_one).collect();
        // one that is just starting a child looks like two
        let parent = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok())
        };
        found.iter().filter(|pid| !parent(pid).is_some_and(|of| found.contains(&of))).copied().collect()
    }

    /// Waits until `so` holds, for as long as a busy machine may take.
    #[track_caller]
    pub(super) fn wait_until(&self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}: {}", self.told());
            std::thread::park_timeout(GLANCE);
        }
    }

    /// All that helps to see what went wrong.
    pub(super) fn told(&self) -> String {
        let store = self.store();
        let rows: Vec<_> = (1..=9).filter_map(|id| store.batch(BatchId(id)).ok()?).collect();
        format!("{rows:#?}\n{}\n{:#?}\n{:#?}", self.log(), self.fake.log(), self.env.processes())
    }

    /// Waits until as many batches are in that state.
    #[track_caller]
    pub(super) fn wait_for(&self, state: &str, count: u64) {
        self.wait_until(&format!("{count} batches to be {state}"), |stage| stage.batches(state) == count);
    }

    /// The live observations, by whom and what.
    pub(super) fn observations(&self) -> Vec<(String, String)> {
        let store = self.store();
        let project = store.projects().expect("projects are listed").first().map(|project| project.id);
        let rows = project.map(|id| store.observations(id, 100).expect("observations are listed"));
        let rows = rows.unwrap_or_default();
        rows.into_iter().map(|row| (row.by.as_str().to_owned(), row.observation.title)).collect()
    }

    /// Tokens and money in the ledger.
    pub(super) fn spent(&self) -> (u64, u64) {
        let (tokens, money) = self.store().spent_since(Timestamp(0)).expect("the ledger is summed");
        (tokens, money.0)
    }

    /// The daemon's log.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.env.data_dir().join(layout::DAEMON_LOG)).unwrap_or_default()
    }

    /// That every event is accounted for and none waits.
    #[track_caller]
    pub(super) fn assert_nothing_lost(&self, events: u64) {
        let status = self.env.status();
        let of = &status["events"];
        let filtered: u64 = of["filtered"]
            .as_object()
            .map(|rules| rules.values().filter_map(Value::as_u64).sum())
            .unwrap_or(0);
        assert_eq!(of["stored"].as_u64().unwrap_or(0) + filtered, events, "{of:#}");
        assert_eq!((&of["pending"], &of["parked"]), (&json!(0), &json!(0)), "{of:#}");
    }
}
