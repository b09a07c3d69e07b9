//! What these tests share: a world, how children are started in it, and a model in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mem_core::model::Ask;
use mem_observer::child::{Launcher, Start, Talk};
use mem_observer::claude::{Claude, Finder, Place};
use mem_observer::model::Rope;
use mem_testkit::{TestEnv, wait};

/// A world and what starts children in it.
pub(crate) struct Scene {
    pub(crate) env: TestEnv,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { env: TestEnv::with_built_program() }
    }

    /// The environment of a daemon in this world, with these variables more.
    pub(crate) fn environment(&self, more: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        let command = self.env.command("any");
        let all = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        all.chain(more.iter().map(|(name, value)| (name.into(), value.into()))).collect()
    }

    pub(crate) fn launcher(&self, more: &[(&str, &str)]) -> Launcher {
        Launcher { exe: self.env.program().to_path_buf(), environment: self.environment(more) }
    }

    /// Starts a child to talk to.
    pub(crate) fn talk(&self, program: impl AsRef<Path>, args: &[&str], more: &[(&str, &str)]) -> Talk {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let environment = self.environment(more);
        let dir = self.env.project();
        let start = Start { program: program.as_ref(), args: &args, dir: &dir, environment: &environment };
        self.launcher(&[]).talk(&start).expect("a child can be started")
    }

    /// Where the register lies.
    pub(crate) fn registry(&self) -> PathBuf {
        self.env.data_dir().join("runs")
    }

    /// A model that is that program.
    pub(crate) fn claude(&self, program: &Path, more: &[(&str, &str)]) -> (Claude, Rope) {
        Claude::new(Place {
            launcher: self.launcher(more),
            finder: Arc::new(Finder::default()),
            setting: program.display().to_string(),
            model: "claude-haiku-4-5".to_owned(),
            folder: self.env.data_dir().join("observer"),
            registry: self.registry(),
            session: "session-1".to_owned(),
        })
    }

    /// Waits until no process of this world is left.
    pub(crate) fn wait_deserted(&self) {
        wait::until("every process to leave", || self.env.processes().is_empty().then_some(()));
    }
}

/// Cuts a rope when a test panics, which would wait for ever for its thread that asks.
pub(crate) struct CutInPanic<'a>(pub(crate) &'a Rope);

impl Drop for CutInPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.cut();
        }
    }
}

/// A request.
pub(crate) fn ask(text: &str) -> Ask {
    Ask { system: "You are a scribe.".to_owned(), text: text.to_owned(), most_output: 4000 }
}

/// Reads from a child until it has said that many lines.
pub(crate) fn lines(talk: &Talk, count: usize) -> Vec<String> {
    let mut said: Vec<u8> = Vec::new();
    wait::until("a child to speak", || {
        if said.split(|byte| *byte == b'\n').count() > count {
            return Some(());
        }
        said.extend(talk.hear_within(Duration::from_millis(100)).unwrap_or_default());
        None
    });
    String::from_utf8(said).expect("it speaks UTF-8").lines().map(str::to_owned).collect()
}
