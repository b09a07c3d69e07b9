//! What every command starts from: who asks, from which directory, and the memory, as fresh as can be had at once.
//!
//! Must not create anything for someone who only looks: without a store and an inbox there is no memory, and that is
//! an answer. Must not print, except for saying that nothing is remembered yet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mem_core::id::ProjectId;
use mem_core::layout;
use mem_core::project::Facts;
use mem_daemon::answer::{self, Fresh};
use mem_daemon::asker::Asker;
use mem_daemon::home::Home;
use mem_daemon::{place, settings};
use mem_logic::layers::Layers;
use mem_store::{Reader, Store, StoreError};

use super::trust::Theirs;
use crate::cli::Options;
use crate::failure::Failure;
use crate::{env, hook};

/// How long a command may spend on draining what waits, so that what just happened is visible.
const CATCH_UP: Duration = Duration::from_secs(2);

/// How long a command that has to write waits for whoever writes now.
const WRITE: Duration = Duration::from_secs(10);

/// What every command starts from.
#[derive(Debug)]
pub(crate) struct Desk {
    /// Who asks.
    pub(crate) asker: Asker,
    /// Whether documents are wanted instead of text.
    pub(crate) json: bool,
    /// What of our environment a project put there.
    pub(crate) theirs: Theirs,
    /// A store that was searched before.
    kept: Mutex<Option<Store>>,
}

/// Which projects are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them.
    All,
    /// One that is known.
    Project(ProjectId, String),
    /// This directory's, of which nothing is remembered yet.
    Unknown(String),
}

impl Desk {
    /// Finds out who asks. Looks at no file.
    pub(crate) fn open(options: &Options) -> Result<Self, Failure> {
        let named = options.data_dir.clone().map(env::expand).and_then(|dir| std::path::absolute(dir).ok());
        let Some(data_dir) = named.or_else(hook::data_dir) else {
            return Err(Failure::environment("nobody says where things are kept: HOME is not set")
                .hint("Name a directory with `--data-dir` or CLAUDE_MEM_DATA_DIR."));
        };
        let asker = Asker {
            home: Home::new(data_dir),
            // a directory that is gone belongs to no project, which every command copes with
            cwd: std::env::current_dir().unwrap_or_default(),
            over: env::project(),
            config_dir: env::config_dir(),
            user_home: env::home(),
        };
        Ok(Self { asker, json: options.json, theirs: Theirs::of_session(), kept: Mutex::default() })
    }

    /// Our data directory.
    pub(crate) fn home(&self) -> &Home {
        &self.asker.home
    }

    /// The settings that hold here.
    pub(crate) fn layers(&self) -> Layers {
        settings::load(self.home(), &mut |name| self.theirs.setting(name))
    }

    /// Whether the user has excluded the directory asked about.
    pub(crate) fn is_excluded(&self) -> bool {
        self.asker.capture(&self.layers()).is_excluded(&text(&self.asker.cwd))
    }

    /// What can be seen of the directory asked about.
    pub(crate) fn facts(&self) -> Facts {
        place::facts(&self.asker.cwd, self.asker.over.as_deref())
    }

    /// Whether there is anything of ours to look into; if not, looking would lay it out.
    pub(crate) fn has_begun(&self) -> bool {
        // what may not be looked at is there
        let there = |path: PathBuf| path.try_exists().unwrap_or(true);
        there(self.home().store()) || there(self.home().path(layout::INBOX))
    }

    /// The memory, after draining what waits; `None` when there is none yet.
    pub(crate) fn memory(&self) -> Result<Option<Fresh>, StoreError> {
        if !self.has_begun() {
            return Ok(None);
        }
        match answer::catch_up(&self.asker, &self.layers(), Instant::now() + CATCH_UP) {
            Ok(fresh) => Ok(Some(fresh)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The memory for a search, as fresh as can be had; `None` when there is none yet.
    pub(crate) fn memory_to_search(&self) -> Result<Option<Fresh>, StoreError> {
        if !self.has_begun() {
            return Ok(None);
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let deadline = Instant::now() + CATCH_UP;
        match answer::catch_up_to_search(&self.asker, || self.layers(), deadline, kept) {
            Ok(fresh) => Ok(Some(fresh)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps what was searched for the next search of this process, with its pages still warm.
    pub(crate) fn keep(&self, fresh: Fresh) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.store);
    }

    /// Has an index of this generation, which was found damaged, built anew, or waits until somebody else has done it.
    pub(crate) fn mend_index(&self, generation: u64) -> Result<(), StoreError> {
        answer::mend_index(self.home(), generation, Instant::now() + WRITE)
    }

    /// Writes into the memory, as fresh as can be had; it is laid out if need be. Waits for whoever writes now.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        self.home().create()?;
        let mut fresh = answer::catch_up(&self.asker, &self.layers(), Instant::now() + WRITE)?;
        match work(&mut fresh.store) {
            // opened for reading only because somebody else did not let go of the inbox
            Err(StoreError::ReadOnly { source: None, .. }) if !fresh.store.frozen() => {
                Err(Failure::environment("somebody else writes into the memory and does not let go")
                    .hint("Try again; if it stays so, `claude-mem worker restart` ends whoever holds it."))
            }
            done => Ok(done?),
        }
    }

    /// The project of this directory, or all of them.
    pub(crate) fn scope(&self, store: &Reader, all: bool) -> Result<Scope, StoreError> {
        if all {
            return Ok(Scope::All);
        }
        let facts = self.facts();
        let known = match store.project_by_keys(&facts)? {
            // a directory that is gone belongs where it last did, unless the user says otherwise
            None if self.asker.over.is_none() => {
                store.last_place(&text(&self.asker.cwd))?.map(|place| place.project)
            }
            found => found,
        };
        let row = known.map(|id| store.project(id)).transpose()?.flatten();
        Ok(row.map_or_else(|| Scope::Unknown(facts.name()), |row| Scope::Project(row.id, row.name)))
    }
}

impl Scope {
    /// The project's name, when it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Project(_, name) | Self::Unknown(name) => Some(name),
        }
    }

    /// In words that follow "in" or "of".
    pub(crate) fn words(&self) -> String {
        self.name().map_or_else(|| "all projects".to_owned(), ToOwned::to_owned)
    }
}

/// Names of projects, each looked up once.
pub(crate) struct Names<'a> {
    store: &'a Reader,
    known: BTreeMap<ProjectId, String>,
}

impl<'a> Names<'a> {
    /// None looked up yet.
    pub(crate) fn new(store: &'a Reader) -> Self {
        Self { store, known: BTreeMap::new() }
    }

    /// The name of a project.
    pub(crate) fn of(&mut self, id: ProjectId) -> Result<String, StoreError> {
        if let Some(name) = self.known.get(&id) {
            return Ok(name.clone());
        }
        let name = self.store.project(id)?.map(|row| row.name).unwrap_or_default();
        self.known.insert(id, name.clone());
        Ok(name)
    }
}

/// Why nothing is kept of an excluded directory, and nothing told there.
pub(crate) const EXCLUDED: &str = "This directory is excluded by CLAUDE_MEM_EXCLUDED_PROJECTS: nothing is kept of it, and nothing told here.";

/// A path as text, for output and for the store.
pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Our own program.
pub(crate) fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::environment(format!("our own program cannot be found: {error}")))
}

/// Our version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
