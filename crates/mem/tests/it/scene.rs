//! Where the stories of these tests take place: a small project, our program installed for the real client, a
//! scripted model, and a recorder that counts independently of us which hooks fired.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mem_testkit::{ClaudeCode, ModelApi, Recorder, Reply, Request, TestEnv, wait};
use serde_json::{Value, json};

/// The function that loses words, and what the story makes of it.
const BROKEN: &str = "export function slug(title) {\n  return title.toLowerCase().replace(' ', '-');\n}\n";
const BROKEN_LINE: &str = "replace(' ', '-')";
const MENDED_LINE: &str = "replaceAll(' ', '-')";
const TEST: &str = "import test from 'node:test';\nimport assert from 'node:assert';\nimport { slug } from '../src/slug.js';\n\n\
                    test('keeps every word', () => {\n  assert.strictEqual(slug('One Two Three'), 'one-two-three');\n});\n";

/// What the user asks for in the story.
pub(crate) const TASK: &str =
    "Slugs go wrong after the second word. Write a failing test, mend it and commit.";
/// What the commit of the story is called.
pub(crate) const COMMIT: &str = "Keep every word of a slug";
/// What the agent says at its end.
pub(crate) const SAID: &str =
    "slug() replaced only the first space; it uses replaceAll now, and the test passes.";

/// One story at a time: a hook keeps its deadline whatever the machine is doing, and clients by the dozen on two cores
/// are a test of the machine and not of us.
static STAGE: Mutex<()> = Mutex::new(());

/// The project, the program, the model, the recorder.
pub(crate) struct Scene {
    pub(crate) api: ModelApi,
    pub(crate) recorder: Recorder,
    pub(crate) env: TestEnv, // after these, since it looks whether all others have left
    _stage: MutexGuard<'static, ()>,
}

impl Scene {
    /// A project with a mistake in it, our program installed for the client, nothing remembered yet.
    pub(crate) fn new() -> Self {
        let stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner); // whoever failed has left it
        let env = TestEnv::with_program(env!("CARGO_BIN_EXE_claude-mem"));
        env.write(
            "package.json",
            "{ \"name\": \"slugs\", \"type\": \"module\", \"scripts\": { \"test\": \"node --test\" } }\n",
        );
        env.write("src/slug.js", BROKEN);
        env.git_init();
        let _installed = env.claude_mem(&["install", "claude-code", "--yes"]).ok();
        let recorder = Recorder::new(&env, &subscribed(&env));
        let api = ModelApi::start();
        let scene = Self { api, recorder, env, _stage: stage };
        scene.script_story();
        scene
    }

    /// The client of that version; our plugin comes from its settings, the recorder from its arguments.
    pub(crate) fn client(&self, version: &str) -> ClaudeCode<'_> {
        ClaudeCode::new(&self.env, &self.api, version).plugin(self.recorder.plugin())
    }

    /// The absolute path of a file of the project, as tools want it.
    pub(crate) fn path(&self, file: &str) -> String {
        self.env.project().join(file).to_string_lossy().into_owned()
    }

    /// A wish to write a file of the project.
    pub(crate) fn writes(&self, file: &str, text: &str) -> Reply {
        Reply::tool("Write", json!({ "file_path": self.path(file), "content": text }))
    }

    /// What the model does about [`TASK`].
    fn script_story(&self) {
        let slug = self.path("src/slug.js");
        self.api.on_prompt(
            TASK,
            vec![
                Reply::tool("Read", json!({ "file_path": slug })),
                self.writes("test/slug.test.js", TEST),
                Reply::bash("node --test"),
                Reply::tool(
                    "Edit",
                    json!({ "file_path": slug, "old_string": BROKEN_LINE, "new_string": MENDED_LINE }),
                ),
                Reply::bash("node --test"),
                Reply::bash(&format!("git add --all && git commit --message '{COMMIT}'")),
                Reply::text(SAID),
            ],
        );
    }

    /// The brief that a session began with, seen by the model: asks something and looks at the first request.
    pub(crate) fn brief_of_next_session(&self, version: &str) -> String {
        self.api.forget();
        self.api.on_prompt("What is new?", vec![Reply::text("Nothing much.")]);
        let _answer = self.client(version).prompt("What is new?");
        briefs(&self.api.requests()[0]).join("\n")
    }

    /// The same where no daemon helps: the hook of a session start drains, distils and renders within its deadline of
    /// 300 ms. A test allows ten times the deadline, so a machine that stands still is asked again, nine times.
    pub(crate) fn brief_without_daemon(&self, version: &str) -> String {
        let briefs = std::iter::repeat_with(|| self.brief_of_next_session(version));
        briefs.take(10).find(|brief| !brief.is_empty()).unwrap_or_default()
    }

    /// That the story took place as scripted: whatever fails later is then not the fault of the scene.
    #[track_caller]
    pub(crate) fn assert_story_happened(&self) {
        assert_eq!(self.api.unexpected(), [""; 0]);
        assert!(self.env.read("src/slug.js").contains(MENDED_LINE));
        assert_eq!(self.env.git(&["log", "-1", "--format=%s"]), COMMIT);
        let failed = self.recorder.inputs_of("PostToolUseFailure");
        assert_eq!(failed.len(), 1, "only the first run of the test fails: {failed:#?}");
    }

    /// That a brief tells the story: the file, that the test passes now, the commit by its words and its hash.
    #[track_caller]
    pub(crate) fn assert_tells_story(&self, brief: &str) {
        let hash = self.env.git(&["log", "-1", "--format=%h", &format!("--grep={COMMIT}")]);
        for part in ["src/slug.js", "then passed", COMMIT, &hash] {
            assert!(brief.contains(part), "no {part:?} in the brief:\n{brief}");
        }
    }

    /// That every hook that fired is accounted for: as many as the recorder saw, each in exactly one place.
    #[track_caller]
    pub(crate) fn assert_nothing_lost(&self) {
        let mut last = Value::Null;
        let fired = wait::within(Duration::from_secs(10), || {
            let fired = self.recorder.inputs().len();
            last = self.env.status()["events"].clone();
            (last["received"] == fired).then_some(fired)
        });
        assert!(fired.is_some(), "fired {:?}\nbut counted {last:#}", self.recorder.counts());
        let sum = |value: &Value| match value {
            Value::Object(rules) => rules.values().filter_map(Value::as_u64).sum(),
            other => other.as_u64().unwrap_or(0),
        };
        let parts: u64 =
            ["stored", "filtered", "pending", "parked"].iter().map(|part| sum(&last[part])).sum();
        assert_eq!(last["received"], parts, "{last:#}");
        assert_eq!(last["parked"], 0, "{last:#}");
    }
}

/// The briefs in a request, in order. The recorder says nothing, so that every context of a hook is ours.
pub(crate) fn briefs(request: &Request) -> Vec<String> {
    request.session_context()
}

/// The events our installed plugin listens to.
fn subscribed(env: &TestEnv) -> Vec<String> {
    let plugin = env.data_dir().join(mem_core::layout::PLUGIN).join("plugin/hooks/hooks.json");
    let text = std::fs::read_to_string(&plugin).unwrap_or_else(|why| panic!("{}: {why}", plugin.display()));
    let hooks: Value = serde_json::from_str(&text).expect("hooks.json is JSON");
    hooks["hooks"].as_object().expect("hooks by event").keys().cloned().collect()
}
