//! What of our environment the user put there, and what a project did.
//!
//! A hook, or a command that the agent runs, has the environment of a session, into which the settings of a project can
//! put anything: addresses, keys, choices, even where our own settings lie. None of that is the user's word. Where the
//! project's settings cannot be read, nobody knows what they set, and nothing that matters is believed.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use mem_agents::claude_code::project_settings::{self, Named};

use crate::env;

/// Where programs are looked for when a project has said where.
const PLAIN_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What every program needs, and what is worth nothing to a project that lies about it; all but home and search path
/// are believed whoever set them.
const PLAIN: [&str; 10] =
    ["HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"];

/// What a project has put into our environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Theirs {
    /// These variables, and no others.
    Names(Vec<String>),
    /// Nobody knows: any of them.
    Any,
}

impl Theirs {
    /// Of the session that we, or the hook that started us, run in; nothing outside of one.
    pub(crate) fn of_session() -> Self {
        let Some(dir) = env::started_in() else { return Self::Names(Vec::new()) };
        match project_settings::variables(&dir) {
            Named::Unknown => Self::Any,
            // the settings of a session in the home directory are the user's own, unless they moved it
            Named::These(names) if env::home() == Some(dir) && !names.iter().any(|name| name == "HOME") => {
                Self::Names(Vec::new())
            }
            Named::These(names) => Self::Names(names),
        }
    }

    /// Whether the variable of that name says what the user says.
    pub(crate) fn is_ours(&self, name: &str) -> bool {
        match self {
            Self::Names(names) => !names.iter().any(|known| known == name),
            Self::Any => PLAIN.contains(&name),
        }
    }

    /// Whether a project may have decided where our settings and memories lie: then nothing there is consent to anything.
    pub(crate) fn chose_place(&self, data_dir: &Path) -> bool {
        let within =
            |project: &Path| data_dir.starts_with(project) && env::home().as_deref() != Some(project);
        match self {
            Self::Names(names) => {
                names.iter().any(|name| [env::DATA_DIR, "HOME"].contains(&name.as_str()))
                    || env::started_in().is_some_and(|project| within(&project))
            }
            Self::Any => env::default_data_dir().as_deref() != Some(data_dir),
        }
    }

    /// `vars` without what is theirs; where the search path is, a plain one stands for it.
    pub(crate) fn without(&self, vars: Vec<(OsString, OsString)>) -> Vec<(OsString, OsString)> {
        let is_ours = |name: &OsStr| name.to_str().is_some_and(|name| self.is_ours(name));
        let mut kept: Vec<_> = vars.into_iter().filter(|(name, _)| is_ours(name)).collect();
        if !kept.iter().any(|(name, _)| name == "PATH") {
            kept.push(("PATH".into(), PLAIN_PATH.into()));
        }
        kept
    }

    /// A setting, where the environment has it and the user put it there.
    pub(crate) fn setting(&self, name: &str) -> Option<String> {
        self.is_ours(name).then(|| env::setting(name)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_project_names_is_not_the_users_and_where_nobody_knows_little_is() {
        let named = Theirs::Names(vec!["ANTHROPIC_BASE_URL".to_owned(), "PATH".to_owned()]);
        assert!(named.is_ours("ANTHROPIC_API_KEY") && !named.is_ours("ANTHROPIC_BASE_URL"));
        assert!(Theirs::Any.is_ours("LANG") && !Theirs::Any.is_ours("ANTHROPIC_API_KEY"));
        assert!(!Theirs::Any.is_ours("CLAUDE_MEM_OBSERVER"));
        let vars = [("PATH", "/evil"), ("HOME", "/h"), ("ANTHROPIC_BASE_URL", "http://evil")]
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let kept = named.without(vars.to_vec());
        assert_eq!(kept, [("HOME".into(), "/h".into()), ("PATH".into(), OsString::from(PLAIN_PATH))]);
    }

    #[test]
    fn a_place_that_a_project_chose_is_no_place_for_consent() {
        let moved = Theirs::Names(vec!["CLAUDE_MEM_DATA_DIR".to_owned()]);
        assert!(moved.chose_place(Path::new("/anywhere")));
        assert!(Theirs::Names(vec!["HOME".to_owned()]).chose_place(Path::new("/anywhere")));
        assert!(Theirs::Any.chose_place(Path::new("/no/default")));
        assert!(!Theirs::Names(Vec::new()).chose_place(Path::new("/anywhere")));
    }
}
