//! What a person is told when a command cannot do its work: what, why, what to do about it, and the exit code.
//!
//! The one translator for people: every error of the libraries becomes a [`Failure`] here, with its kind and its
//! hints, and is printed here and nowhere else. Must not be reached by the hook, which never fails.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

pub(crate) use mem_daemon::damage::chain;

use mem_daemon::damage;
use mem_daemon::inbox::drain::DrainError;
use mem_store::StoreError;

/// Whose business a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line asks for what means nothing: an unknown value, a reversed stretch of time.
    Usage,
    /// Something was asked for that cannot be had.
    User,
    /// A file that the user or an agent owns says something we cannot use.
    Config,
    /// The machine: disks, permissions, processes.
    Environment,
    /// A mistake of ours.
    Internal,
    /// Whoever read our output has left, as `head` does: nobody is to blame and nobody listens.
    Closed,
}

/// All exit codes.
const EXIT_CODES: [(Kind, u8); 6] = [
    (Kind::Usage, USAGE),
    (Kind::User, 1),
    (Kind::Config, 1),
    (Kind::Environment, 1),
    (Kind::Internal, 70),
    (Kind::Closed, 0),
];

/// The exit code of a command line that was not understood, by its parser or by the command.
pub(crate) const USAGE: u8 = 2;

impl Kind {
    /// The exit code of this kind.
    pub(crate) fn exit_code(self) -> u8 {
        EXIT_CODES.iter().find(|(kind, _)| *kind == self).map_or(70, |(_, code)| *code)
    }
}

/// Why a command ended without doing its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    hints: Vec<String>,
}

impl Failure {
    /// A failure of that kind; the message is a fragment in lower case without a final stop.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    /// What was asked for means nothing.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Something was asked for that cannot be had.
    pub(crate) fn user(message: impl Into<String>) -> Self {
        Self::new(Kind::User, message)
    }

    /// A file says something we cannot use.
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// The machine does not let us.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self::new(Kind::Environment, message)
    }

    /// Adds what to do about it, a whole sentence.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// What is wrong, and the first thing to do about it.
    pub(crate) fn parts(&self) -> (&str, Option<&str>) {
        (&self.message, self.hints.first().map(String::as_str))
    }

    /// Tells the person and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        if self.kind != Kind::Closed {
            let mut stderr = anstream::stderr().lock();
            let _nobody_listens = stderr.write_all(self.words(true).as_bytes());
        }
        ExitCode::from(self.kind.exit_code())
    }

    /// The words, one line for what is wrong and one for each hint.
    fn words(&self, styled: bool) -> String {
        let (red, cyan, plain) = if styled { ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") } else { ("", "", "") };
        let mut words = format!("{red}error:{plain} {}\n", self.message);
        for hint in &self.hints {
            words.push_str(&format!("{cyan}hint:{plain} {hint}\n"));
        }
        if self.kind == Kind::Internal {
            words.push_str(&format!(
                "{cyan}hint:{plain} This is a mistake of claude-mem; please report it.\n"
            ));
        }
        words
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words(false).trim_end())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let failure = Self::environment(chain(&error));
        match error.kind() {
            ErrorKind::BrokenPipe => Self::new(Kind::Closed, "nobody reads our output any more"),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => failure.hint(
                "Make it writable for you, or choose another place with `--data-dir` or CLAUDE_MEM_DATA_DIR.",
            ),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => failure.hint("Free some space there."),
            _ => failure,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::Missing { .. } => Kind::User,
            StoreError::Foreign { .. } | StoreError::Newer { .. } | StoreError::Older { .. } => Kind::Config,
            StoreError::Corrupt { .. }
            | StoreError::NoFile { .. }
            | StoreError::Cut { .. }
            | StoreError::Log { .. }
            | StoreError::Index { .. }
            | StoreError::Full { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::Busy { .. }
            | StoreError::Backup { .. }
            | StoreError::Moved { .. }
            | StoreError::Io { .. } => Kind::Environment,
            // which says whom to tell
            StoreError::Sqlite { .. } => return Self::new(Kind::Internal, chain(&error)),
        };
        let waits = match error {
            StoreError::Corrupt { .. }
            | StoreError::NoFile { .. }
            | StoreError::Cut { .. }
            | StoreError::Log { .. } => " New events wait in the inbox meanwhile.",
            _ => "",
        };
        Self::new(kind, chain(&error)).hint(format!("{}.{waits}", damage::remedy(&error)))
    }
}

impl From<DrainError> for Failure {
    fn from(error: DrainError) -> Self {
        match error {
            DrainError::Inbox(error) => error.into(),
            DrainError::Store(error) => error.into(),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => io::Error::new(kind, error.to_string()).into(),
            None => Self::new(Kind::Internal, chain(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn every_kind_has_its_exit_code() {
        let kinds = [Kind::Usage, Kind::User, Kind::Config, Kind::Environment, Kind::Internal, Kind::Closed];
        assert_eq!(kinds.map(Kind::exit_code), [2, 1, 1, 1, 70, 0]);
    }

    #[test]
    fn a_closed_pipe_is_nobodys_fault() {
        let failure = Failure::from(io::Error::from(ErrorKind::BrokenPipe));
        assert_eq!(failure.kind, Kind::Closed);
        let failure = Failure::from(serde_json::Error::io(ErrorKind::BrokenPipe.into()));
        assert_eq!(failure.kind, Kind::Closed);
    }

    #[test]
    fn words_say_what_and_what_to_do() {
        insta::assert_snapshot!(
            Failure::from(StoreError::Newer { path: PathBuf::from("/m/memory.db"), found: 9, known: 1 }),
            @r"
        error: the store /m/memory.db has schema 9, newer than this program writes (1); it can only be read
        hint: Update claude-mem. What happens meanwhile waits in the inbox.
        "
        );
        insta::assert_snapshot!(Failure::new(Kind::Internal, "two and two is five"), @r"
        error: two and two is five
        hint: This is a mistake of claude-mem; please report it.
        ");
    }
}
