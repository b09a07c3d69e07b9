//! Which model a batch is for, and how to come by it.
//!
//! Settings, keys, programs and modes meet here and nowhere else. Must not ask anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mem_core::fault::Fault;
use mem_core::layout;
use mem_core::model::{ModelId, ModelKind};
use mem_core::settings::{ObserverSettings, Settings};
use mem_logic::layers::Layers;
use mem_logic::mode::{self, Mode, ModeProblem};
use mem_logic::supervise::Limits;
use mem_observer::child::Launcher;
use mem_observer::claude::{Claude, Finder, Place};
use mem_observer::http::{self, Keys};
use mem_observer::model::{Model, Rope};
use mem_observer::strays;

use crate::home::{Home, read_regular};
use crate::shift::Context;

/// Most bytes of a mode file.
const MOST: u64 = 1024 * 1024;

/// How to come by a model, when a run first needs it or needs another.
pub type Maker = Box<dyn Fn() -> Result<(Box<dyn Model>, Rope), Fault> + Send>;

/// The model a batch is for, and the settings to reach it with.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The model.
    pub model: ModelId,
    /// The settings to reach it with.
    pub settings: ObserverSettings,
    /// Whether it is on this machine or network, so that it costs nothing.
    pub local: bool,
}

impl Chosen {
    /// The model that the settings choose, or that was `ordered` (as [`ModelId`] writes it); none where neither does.
    pub fn of(layers: &Layers, ordered: Option<&str>) -> Option<Self> {
        let settings = match ordered {
            None => layers.settings.observer.clone(),
            Some(ordered) => settings_for(layers, &ModelId::parse(ordered)?),
        };
        let model = settings.model.clone()?;
        let local = model.kind != ModelKind::Claude && http::is_local(&settings.base_url);
        Some(Self { model, settings, local })
    }
}

/// The settings as if the user had chosen `model`.
fn settings_for(layers: &Layers, model: &ModelId) -> ObserverSettings {
    let known = layers.settings.observer.clone();
    let same_kind = known.model.as_ref().is_some_and(|known| known.kind == model.kind);
    if same_kind {
        return ObserverSettings { model: Some(model.clone()), ..known };
    }
    let (settings, _told_for_the_settings_in_force) = Settings::read(&mut |name| match name {
        "CLAUDE_MEM_OBSERVER" => Some(model.kind.as_str().to_owned()),
        "CLAUDE_MEM_MODEL" => Some(model.name.clone()),
        _ => layers.origins.iter().find(|origin| origin.key == name).map(|origin| origin.value.clone()),
    });
    settings.observer
}

/// Makes models, and remembers what it found on the way.
#[derive(Debug, Default)]
pub struct Models {
    finder: Arc<Finder>,
    mode: Option<(String, Mode)>,
}

impl Models {
    /// Forgets what depends on the settings.
    pub(super) fn forget(&mut self) {
        self.mode = None;
    }

    /// What the settings and the chosen model allow.
    pub(super) fn limits(layers: &Layers) -> Limits {
        let observer = &layers.settings.observer;
        let warm = observer.model.as_ref().is_some_and(|model| model.kind == ModelKind::Claude);
        Limits { pool: observer.pool, warm }
    }

    /// The mode in force; a problem with it is told by `status`, which reads it too.
    pub(super) fn mode(&mut self, context: &Context, layers: &Layers) -> Mode {
        let id = &layers.settings.observer.mode;
        match &self.mode {
            Some((known, mode)) if known == id => mode.clone(),
            _ => {
                let (mode, _told_by_status) =
                    load_mode(&mode_folders(&context.home, context.modes_dir.as_deref()), id);
                self.mode = Some((id.clone(), mode.clone()));
                mode
            }
        }
    }

    /// How to come by a model, for the run that will ask it. `session` is whose run it is.
    pub fn maker(&self, context: &Context, chosen: &Chosen, session: &str) -> Maker {
        let settings = chosen.settings.clone();
        if chosen.model.kind == ModelKind::Claude {
            let place = Place {
                launcher: Launcher {
                    exe: context.exe.clone(),
                    environment: context.model_environment.clone(),
                },
                finder: Arc::clone(&self.finder),
                setting: settings.claude_path,
                model: chosen.model.name.clone(),
                folder: context.home.path(layout::OBSERVER),
                registry: context.home.path(layout::RUNS),
                session: session.to_owned(),
            };
            return Box::new(move || {
                // one process a session: whatever an earlier life of ours left of this one goes first
                let _gone = strays::sweep_session(&place.registry, &place.session, &[]);
                let (model, rope) = Claude::new(place.clone());
                Ok((Box::new(model) as Box<dyn Model>, rope))
            });
        }
        let (environment, dir) = (context.model_environment.clone(), context.home.dir().to_path_buf());
        Box::new(move || open(&settings, &Keys::read(&environment, &dir)))
    }

    /// Ends what an earlier daemon left; how many processes.
    pub(super) fn sweep(context: &Context) -> usize {
        strays::sweep(&context.home.path(layout::RUNS)).iter().map(|swept| swept.ended).sum()
    }
}

fn open(settings: &ObserverSettings, keys: &Keys) -> Result<(Box<dyn Model>, Rope), Fault> {
    let (model, rope) = http::open(settings, keys)?;
    Ok((Box::new(model), rope))
}

/// Where modes of the user lie, the first to be looked into first: a folder the user named, and that of the data
/// directory.
pub fn mode_folders(home: &Home, named: Option<&Path>) -> Vec<PathBuf> {
    named.map(Path::to_path_buf).into_iter().chain([home.path(layout::MODES)]).collect()
}

/// Loads a mode: the user's of that id where there is one, else ours.
pub fn load_mode(folders: &[PathBuf], id: &str) -> (Mode, Vec<ModeProblem>) {
    mode::load(id, &mut |id| folders.iter().find_map(|folder| read(&folder.join(format!("{id}.json")))))
}

fn read(path: &Path) -> Option<String> {
    let bytes = read_regular(path, MOST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
