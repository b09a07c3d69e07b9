//! The words a hook may say: the brief at the start of a session.
//!
//! The ready one costs a few file status calls. Otherwise this process drains the inbox itself where it can, reads
//! the store and renders: so the brief appears with the daemon stopped, hung or never started. Must not be reached
//! on the capture path.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use mem_agents::claude_code::reply::{self, Reply};
use mem_daemon::answer;
use mem_daemon::asker::Asker;
use mem_daemon::briefs;
use mem_daemon::home::Home;

use crate::env;

/// What is wanted, and where.
#[derive(Debug)]
pub(super) struct Wanted {
    event: String,
    cwd: PathBuf,
    over: Option<String>,
}

/// Whether an event of this name can carry words at all; cheap, before the rest of the payload is looked at.
pub(super) fn may_speak(event: &str) -> bool {
    reply::wants_words(event, Some("startup"))
}

impl Wanted {
    /// What is wanted at this event; `None` where a brief would only repeat itself.
    pub(super) fn at(
        event: String,
        source: Option<&str>,
        cwd: Option<String>,
        over: Option<String>,
    ) -> Option<Self> {
        if !reply::wants_words(&event, source) {
            return None;
        }
        let cwd = cwd.map(PathBuf::from).or_else(|| std::env::current_dir().ok())?;
        Some(Self { event, cwd, over })
    }
}

/// The brief that lies ready, if it is as fresh as the store and nothing waits in the inbox.
pub(super) fn ready(data_dir: &Path, wanted: &Wanted) -> Option<String> {
    briefs::ready(&Home::new(data_dir), &wanted.cwd, wanted.over.as_deref())
}

/// Renders the brief here and now. `refused` is why our own frame could not be kept, which the brief then says.
pub(super) fn render(
    data_dir: &Path,
    wanted: &Wanted,
    refused: Option<&io::Error>,
    deadline: Instant,
) -> Option<String> {
    let asker = Asker {
        home: Home::new(data_dir),
        cwd: wanted.cwd.clone(),
        over: wanted.over.clone(),
        config_dir: env::config_dir(),
        user_home: env::home(),
    };
    Some(answer::brief(&asker, &mut env::setting, refused.map(ToString::to_string), deadline))
}

/// Prints the answer in the form the event allows; an empty one is silence.
pub(super) fn say(wanted: &Wanted, brief: Option<String>) {
    let reply = brief.map_or(Reply::Quiet, Reply::Context);
    if let Some(json) = reply::render(&wanted.event, &reply) {
        let mut stdout = io::stdout().lock();
        let _nobody_listens = stdout.write_all(json.as_bytes()).and_then(|()| stdout.flush());
    }
}
