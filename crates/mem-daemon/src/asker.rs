//! Who asks, from where, and under which rules. All of it is handed in, since nobody here reads the environment.

use std::path::PathBuf;

use mem_logic::capture::Capture;
use mem_logic::layers::Layers;

use crate::home::Home;

/// Environment variables by name, handed in.
pub type Lookup<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// Someone who wants an answer about a directory.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Our data directory.
    pub home: Home,
    /// The directory asked about.
    pub cwd: PathBuf,
    /// The user's override of the project.
    pub over: Option<String>,
    /// The agent's own folder, whose memory files are not repeated.
    pub config_dir: Option<PathBuf>,
    /// The user's home directory.
    pub user_home: Option<PathBuf>,
}

impl Asker {
    /// The capture rules that hold for this asker.
    pub fn capture(&self, layers: &Layers) -> Capture {
        let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
        let user_home = self.user_home.as_deref().map(text).unwrap_or_default();
        Capture::new(&layers.settings, &text(self.home.dir()), &user_home)
    }
}
