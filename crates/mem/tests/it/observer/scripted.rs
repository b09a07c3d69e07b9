//! The same place with a scripted service in it: models over HTTP, or the real program, that really send something.

use std::os::unix::fs::PermissionsExt;

use mem_core::id::BatchId;
use mem_core::time::Timestamp;
use mem_store::{BatchRow, CostRow};
use mem_testkit::{FakeClaude, ModelApi, Reply, Request, TestEnv, wait};
use serde_json::{Value, json};

use super::stage::Stage;

/// What every request of the observer's holds and no other.
const RECORD: &str = "<observed_from_primary_session>";

/// A key that services are given, found by nobody else.
pub(super) const KEY: &str = "sk-given-to-the-service-77";

/// Observers that are asked over HTTP, and what follows the host in their address.
pub(super) const OVER_HTTP: [(&str, &str); 4] =
    [("anthropic", ""), ("openai", "/v1"), ("openrouter", "/api/v1"), ("gemini", "/v1beta/openai")];

/// A world with a daemon and a scripted scripted.
pub(super) struct Scripted {
    pub(super) api: ModelApi,
    pub(super) stage: Stage, // after the service, since it looks whether all others have left
}

impl Scripted {
    /// A world whose daemon does not run yet, set up by `dress`.
    pub(super) fn asleep(dress: impl FnOnce(&mut TestEnv, &ModelApi)) -> Self {
        let api = ModelApi::start();
        let mut env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
        dress(&mut env, &api);
        env.git_init();
        let fake = FakeClaude::new(&env, &json!({}));
        Self { api, stage: Stage { fake, env } }
    }

    /// The same, awake.
    pub(super) fn new(dress: impl FnOnce(&mut TestEnv, &ModelApi)) -> Self {
        let scripted = Self::asleep(dress);
        scripted.stage.env.daemon_start();
        scripted
    }

    /// Lets a hook of a session that begins start the daemon, and waits until it has taken its first step: what ended
    /// before that is the past, which a model that is just chosen is not asked about.
    pub(super) fn wake_by_hook(&self) {
        self.stage.event("first", "SessionStart", json!({ "source": "startup" }));
        wait::until("a hook to start the daemon", || self.stage.env.daemon_pid());
        wait::until("its first step", || {
            self.stage.env.status()["events"]["stored"].as_u64().filter(|stored| *stored > 0)
        });
    }

    /// A world that asks one of [`OVER_HTTP`], with these variables more.
    pub(super) fn over_http(observer: &str, more: &[(&str, &str)]) -> Self {
        Self::new(|env, api| {
            point(env, &api.url(), observer);
            for (name, value) in more {
                env.set(name, *value);
            }
        })
    }

    /// A world that asks the real program of that version, with a login in the environment; `rate` is the clock's.
    pub(super) fn with_claude(version: &str, rate: u32) -> Self {
        Self::new(|env, api| {
            real_claude(env, version);
            env.set("ANTHROPIC_BASE_URL", api.url());
            env.set("ANTHROPIC_API_KEY", KEY);
            env.set("CLAUDE_MEM_CLOCK_RATE", rate.to_string());
        })
    }

    /// Answers every request of the observer with this.
    pub(super) fn always(&self, text: &str) {
        let text = text.to_owned();
        self.api.on_request(move |request| is_ours(request).then(|| Reply::text(&text)));
    }

    /// The requests of the observer.
    pub(super) fn asked(&self) -> Vec<Request> {
        self.api.requests().into_iter().filter(is_ours).collect()
    }

    /// Every byte that the service was sent, headers included.
    pub(super) fn all_sent(&self) -> String {
        let told = |request: &Request| format!("{} {:?} {}", request.path, request.headers, request.body);
        self.api.requests().iter().map(told).collect::<Vec<_>>().join("\n")
    }

    /// The only batch there is.
    #[track_caller]
    pub(super) fn batch(&self) -> BatchRow {
        let batch = self.stage.store().batch(BatchId(1)).expect("the store can be read");
        batch.expect("there is a batch")
    }

    /// The first two batches, as far as there are any.
    pub(super) fn batches(&self) -> Vec<BatchRow> {
        let store = self.stage.store();
        [1, 2].into_iter().filter_map(|id| store.batch(BatchId(id)).expect("the store can be read")).collect()
    }

    /// Waits until the first batch fits.
    #[track_caller]
    pub(super) fn wait_batch(&self, what: &str, fits: impl Fn(&BatchRow) -> bool) -> BatchRow {
        let found = wait::within(wait::SOON, || {
            let batch = self.stage.store().batch(BatchId(1)).expect("the store can be read");
            batch.filter(|batch| fits(batch))
        });
        found.unwrap_or_else(|| {
            panic!("no batch that {what}: {:?}\n{}", self.stage.store().batch(BatchId(1)), self.stage.log())
        })
    }

    /// The ledger.
    pub(super) fn costs(&self) -> Vec<CostRow> {
        self.stage.store().costs(Timestamp(0)).expect("the ledger can be read")
    }

    /// What `status` says is wrong, each with its remedy. That the worker is slow to answer is left out: the machine
    /// may be.
    #[track_caller]
    pub(super) fn problems(&self) -> Vec<String> {
        let status = self.stage.env.status();
        let all = status["problems"].as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told =
            all.iter().map(|problem| format!("{}. {}.", word(&problem["what"]), word(&problem["remedy"])));
        told.filter(|said| !said.contains("does not answer; events wait")).collect()
    }

    /// Writes the keys file of the data directory.
    pub(super) fn keys_file(env: &TestEnv, text: &str, mode: u32) {
        let path = env.data_dir().join(".env");
        std::fs::create_dir_all(env.data_dir()).expect("a folder can be made");
        std::fs::write(&path, text).expect("a file can be written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    }
}

/// Whether a request is the observer's.
pub(super) fn is_ours(request: &Request) -> bool {
    request.text().contains(RECORD)
}

/// Chooses one of [`OVER_HTTP`] at `url`.
pub(super) fn point(env: &mut TestEnv, url: &str, observer: &str) {
    let (_, path) = OVER_HTTP.into_iter().find(|(known, _)| *known == observer).expect("one of those");
    let prefix = format!("CLAUDE_MEM_{}", observer.to_uppercase());
    env.set("CLAUDE_MEM_OBSERVER", observer);
    env.set("CLAUDE_MEM_MODEL", "small");
    env.set(&format!("{prefix}_BASE_URL"), format!("{url}{path}"));
}

/// Chooses the real program of that version.
pub(super) fn real_claude(env: &mut TestEnv, version: &str) {
    let program = env.tools().claude_code(version).to_string_lossy().into_owned();
    env.set("CLAUDE_MEM_OBSERVER", "claude");
    env.set("CLAUDE_CODE_PATH", program);
    env.set("NO_PROXY", "127.0.0.1");
}

/// Whether a batch waits for that reason: the word, or the word and what was said.
pub(super) fn waits_for(batch: &BatchRow, word: &str) -> bool {
    let reason = batch.reason.as_deref().unwrap_or_default();
    reason.split(':').next() == Some(word)
}

/// Tells a number that was measured, to whoever runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "a measurement is for people to read")]
pub(super) fn tell(measured: &str) {
    println!("{measured}");
}
