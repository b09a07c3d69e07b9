//! A shift of the daemon's work, driven as the daemon drives it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use mem_daemon::clock::Clock;
use mem_daemon::event::Wake;
use mem_daemon::health::{self, Problem};
use mem_daemon::meaning::{self, News, Standing};
use mem_daemon::recall::{Ask, Recall};
use mem_daemon::settings;
use mem_daemon::shift::{Context, Shift};
use mem_logic::layers::Layers;
use mem_store::{CostRow, VectorModel, VectorModelId};
use mem_testkit::ModelApi;
use mem_testkit::model_api::embeddings;
use serde_json::json;

use crate::world::{World, prompt};

/// How long anything is waited for before a test gives up.
const LONG: Duration = Duration::from_secs(120);

/// What wakes the daemon.
pub(super) type Woken = Receiver<Wake>;

/// Passages of a thing said: the prompt, and the summary of its turn.
pub(super) const PASSAGES: usize = 2;

/// What the thread did, as far as it was heard.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// Times that a model was read, or tried to be.
    pub(super) opened: usize,
    /// Vectors that came back.
    pub(super) vectors: usize,
}

impl World {
    /// Says so many things, the first with this number.
    pub(super) fn say(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.put(&prompt(number));
        }
    }

    pub(super) fn model_folder(&self) -> PathBuf {
        mem_daemon::embedding_model::folder(&self.home)
    }

    /// Lays the real model there.
    pub(super) fn install(&self) {
        let folder = self.model_folder();
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(mem_testkit::tools::model(), folder).unwrap();
    }

    /// Lays a folder with links to the real model's files there, which can be put in another's place one by one.
    pub(super) fn install_files(&self) {
        let folder = self.model_folder();
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["model.safetensors", "tokenizer.json", "config.json"] {
            let file = mem_testkit::tools::model().join(name);
            if file.exists() {
                std::os::unix::fs::symlink(file, folder.join(name)).unwrap();
            }
        }
    }

    /// Puts other bytes in the place of a file of the model.
    pub(super) fn replace(&self, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let bytes = std::fs::read(mem_testkit::tools::model().join(name)).unwrap();
        let path = self.model_folder().join(name);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(path, change(bytes)).unwrap();
    }

    pub(super) fn standing(&self) -> Standing {
        with_context(self, |context, layers| {
            let endpoint = meaning::Endpoint::of(context, layers);
            meaning::standing(&self.home, &self.store(), endpoint.as_ref()).unwrap()
        })
    }

    /// Passages with their vector, and passages.
    pub(super) fn stretch(&self) -> (u64, u64) {
        let stretch = self.standing().stretch;
        (stretch.embedded, stretch.passages)
    }

    pub(super) fn models(&self) -> Vec<VectorModel> {
        self.store().vector_models().unwrap()
    }

    /// The vectors of a model: hash and numbers.
    pub(super) fn vectors(&self, model: VectorModelId) -> Vec<(i64, Vec<u8>)> {
        let model = self.models().into_iter().find(|one| one.id == model).unwrap();
        let mut found = Vec::new();
        let read = self
            .store()
            .read_vectors(&model, 0, |hash, _, bytes| found.push((hash, bytes.to_vec())))
            .unwrap();
        assert_eq!(read.defects, 0);
        found
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let layers = settings::load(&self.home, &mut |_| None);
        health::problems(&self.home, Some(&self.store()), &layers, None)
    }

    pub(super) fn found(&self, text: &str) -> Vec<DocId> {
        let now = mem_core::time::Timestamp(1_763_700_100_000);
        let ask = Ask { text: text.to_owned(), ..Ask::now(now) };
        Recall::default().search(&self.store(), &ask).unwrap().hits.into_iter().map(|hit| hit.id).collect()
    }
}

impl World {
    /// Has a service make the vectors, with more settings.
    pub(super) fn set(&self, url: &str, more: &[(&str, &str)]) {
        let mut settings = json!({
            "CLAUDE_MEM_EMBEDDING_BASE_URL": format!("{url}/v1"),
            "CLAUDE_MEM_EMBEDDING_MODEL": "small",
        });
        for (name, value) in more {
            settings[format!("CLAUDE_MEM_{name}")] = json!(value);
        }
        std::fs::write(self.home.path("settings.json"), settings.to_string()).unwrap();
    }

    pub(super) fn unset(&self) {
        std::fs::remove_file(self.home.path("settings.json")).unwrap();
    }

    pub(super) fn costs(&self) -> Vec<CostRow> {
        self.store().costs(Timestamp(0)).unwrap()
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path("daemon.log")).unwrap()
    }
}

/// A service that answers as it should, with so many numbers.
pub(super) fn answering(dimension: usize) -> ModelApi {
    let api = ModelApi::start();
    api.on_request(embeddings(dimension));
    api
}

/// Has the daemon's work done by `drive`, which gets the shift and what wakes it.
pub(super) fn work<T>(world: &World, drive: impl FnOnce(&mut Shift<'_>, &Receiver<Wake>) -> T) -> T {
    work_at(world, 1, drive)
}

/// The same, by a daemon that leaves in good order.
pub(super) fn work_and_leave<T>(
    world: &World,
    drive: impl FnOnce(&mut Shift<'_>, &Receiver<Wake>) -> T,
) -> T {
    in_shift(world, 1, |mut shift, woken| {
        let driven = drive(&mut shift, woken);
        shift.end();
        driven
    })
}

/// The same, with a clock for rests that runs so many times as fast.
pub(super) fn work_at<T>(
    world: &World,
    rate: u32,
    drive: impl FnOnce(&mut Shift<'_>, &Receiver<Wake>) -> T,
) -> T {
    in_shift(world, rate, |mut shift, woken| drive(&mut shift, woken))
}

/// What a process of the user's has at hand.
pub(super) fn with_context<T>(world: &World, ask: impl FnOnce(&Context, &Layers) -> T) -> T {
    ask(&context(world, 1), &settings::load(&world.home, &mut |_| None))
}

fn context(world: &World, rate: u32) -> Context {
    Context {
        home: world.home.clone(),
        config_dir: None,
        user_home: None,
        exe: std::env::current_exe().unwrap(),
        environment: Vec::new(),
        model_environment: Vec::new(),
        may_ask: true,
        version: "0".to_owned(),
        clock: Clock::new(rate),
        modes_dir: None,
        die_at: None,
    }
}

fn in_shift<T>(world: &World, rate: u32, live: impl FnOnce(Shift<'_>, &Receiver<Wake>) -> T) -> T {
    let context = context(world, rate);
    let (wakes, woken) = mpsc::sync_channel(64);
    let mut lookup = |_: &str| None;
    let shift = Shift::begin(&context, &mut lookup, Arc::new(AtomicBool::new(false)), wakes);
    live(shift, &woken)
}

/// Works until there is nothing left to do, or `enough` says so of what was heard.
pub(super) fn until(shift: &mut Shift<'_>, woken: &Receiver<Wake>, enough: impl Fn(&Heard) -> bool) -> Heard {
    let mut heard = Heard::default();
    loop {
        let outcome = shift.work();
        if outcome.at_once || outcome.again {
            continue;
        }
        if !outcome.busy {
            return heard;
        }
        let Wake::Meaning(news) = woken.recv_timeout(LONG).expect("something comes back") else { continue };
        match &news {
            News::Opened { .. } => heard.opened += 1,
            News::Embedded { vectors, .. } => heard.vectors += vectors.len(),
            News::Answered(answered) => {
                heard.vectors += answered.result.as_ref().map_or(0, |answer| answer.vectors.len());
            }
            News::Changed | News::Poor => {}
        }
        if enough(&heard) {
            return heard;
        }
        shift.hear_of_meaning(news);
    }
}

/// Works until there is nothing left to do.
pub(super) fn settle(shift: &mut Shift<'_>, woken: &Receiver<Wake>) -> Heard {
    until(shift, woken, |_| false)
}
