//! What may be wrong with the model, as it is told to people: what stands on record, and what helps.

use std::path::Path;

use mem_core::fault::{Fault, FaultKind};
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_embed::ModelError;
use mem_logic::spend::Ceiling;
use mem_store::{StoreError, Tx};

use super::endpoint::DIMENSION;
use crate::health::Problem;
use crate::observer::moment;

/// A model that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Which kind of problem: its name on record.
    pub(super) kind: &'static str,
    /// What is said about it.
    pub(super) said: String,
}

const MISSING: &str = "meaning:missing";
const UNREADABLE: &str = "meaning:unreadable";
const DAMAGED: &str = "meaning:damaged";
const ANOTHER: &str = "meaning:another";
const UNPUBLISHED: &str = "meaning:unpublished";
const SETUP: &str = "meaning:service-setup";
const AUTH: &str = "meaning:service-auth";
const QUOTA: &str = "meaning:service-quota";
const RATE: &str = "meaning:service-rate";
const REFUSED: &str = "meaning:service-refused";
const UNREACHED: &str = "meaning:service-unreached";
const NONSENSE: &str = "meaning:service-nonsense";
const LENGTH: &str = "meaning:service-dimension";
const CEILING: &str = "meaning:ceiling";
const KINDS: [&str; 14] = [
    MISSING,
    UNREADABLE,
    DAMAGED,
    ANOTHER,
    UNPUBLISHED,
    SETUP,
    AUTH,
    QUOTA,
    RATE,
    REFUSED,
    UNREACHED,
    NONSENSE,
    LENGTH,
    CEILING,
];

impl Trouble {
    pub(super) fn of(error: &ModelError) -> Self {
        let kind = match error {
            ModelError::Missing { .. } => MISSING,
            ModelError::Unreadable { .. } => UNREADABLE,
            ModelError::CutShort { .. } | ModelError::Damaged { .. } => DAMAGED,
            ModelError::Another { .. } => ANOTHER,
        };
        Self::new(kind, &error.to_string())
    }

    /// A model over which we stumbled: files of a form that nobody thought of.
    pub(super) fn stumbled() -> Self {
        Self::new(DAMAGED, "reading it went wrong in a way that was not foreseen")
    }

    /// A model that loads and is not the published one. Nobody has measured what it finds, and a file that was damaged
    /// without a trace in its form looks like that.
    pub(super) fn unpublished(folder: &Path) -> Self {
        let what = format!(
            "what lies in {} is not the published model; its numbers may be damaged",
            folder.display()
        );
        Self::new(UNPUBLISHED, &what)
    }

    /// A service that does not answer as it should. `until` is when it is asked again.
    pub(super) fn of_endpoint(address: &str, fault: &Fault, until: Option<Timestamp>) -> Self {
        let (said, until) = (&fault.said, until.map_or_else(|| "later".to_owned(), moment));
        let (kind, why) = match fault.kind {
            FaultKind::Setup => (SETUP, format!("the embeddings service cannot be asked ({said})")),
            FaultKind::Auth => (AUTH, format!("the embeddings service does not accept us ({said})")),
            FaultKind::Quota => (QUOTA, format!("the quota of the embeddings service is used up ({said})")),
            FaultKind::Rate => (RATE, format!("the embeddings service was asked too often ({said})")),
            FaultKind::Refused | FaultKind::Overflow => {
                (REFUSED, format!("the embeddings service refuses what it is asked ({said})"))
            }
            FaultKind::Misbehaved => (NONSENSE, format!("the embeddings service gives no vectors ({said})")),
            FaultKind::Transport | FaultKind::Ended => {
                (UNREACHED, format!("the embeddings service at {address} is not available ({said})"))
            }
        };
        let before = if matches!(kind, QUOTA | RATE) { format!(" before {until}") } else { String::new() };
        Self { kind, said: format!("nothing is embedded{before}, since {why}") }
    }

    /// Vectors of another length than those before: another model answers under that name.
    pub(super) fn another_dimension(host: &str, now: usize, before: usize) -> Self {
        let said = format!(
            "nothing is embedded, since {host} answers with vectors of {now} numbers where it gave {before} before"
        );
        Self { kind: LENGTH, said }
    }

    /// Vectors that are longer than any we compare.
    pub(super) fn too_long(host: &str, now: usize) -> Self {
        let said = format!(
            "nothing is embedded, since {host} answers with vectors of {now} numbers, which is too many"
        );
        Self { kind: NONSENSE, said }
    }

    /// A ceiling that the next request would pass.
    pub(super) fn ceiling(ceiling: Ceiling, until: Timestamp) -> Self {
        let said = format!("nothing is embedded before {}, since {ceiling} is reached", moment(until));
        Self { kind: CEILING, said }
    }

    /// Whether it is a ceiling that was reached.
    pub(super) fn is_ceiling(&self) -> bool {
        self.kind == CEILING
    }

    fn new(kind: &'static str, what: &str) -> Self {
        Self {
            kind,
            said: format!("searches go by words alone, since the embedding model cannot be used: {what}"),
        }
    }
}

/// An installed model that cannot be used, as a problem; the same words that stand on record once the daemon has looked.
pub fn of_installed(error: &ModelError) -> Problem {
    Problem::new(Trouble::of(error).said, remedy_of(error))
}

/// Whether a problem on record is one of the installed model's files, which are seen to be whole or not by looking.
pub fn is_of_files(kind: &str) -> bool {
    [MISSING, UNREADABLE, DAMAGED, ANOTHER, UNPUBLISHED].contains(&kind)
}

/// What helps against a model that cannot be used: the same words, whoever looks at it.
pub fn remedy_of(error: &ModelError) -> &'static str {
    match error {
        ModelError::Damaged { path, .. } if path.ends_with(layout::MODELS) => {
            "Move it away, then run `claude-mem model install`"
        }
        _ => remedy(Trouble::of(error).kind).unwrap_or_default(),
    }
}

/// What helps against a problem on record, where it is one of these.
pub fn remedy(kind: &str) -> Option<&'static str> {
    match kind {
        MISSING | DAMAGED | UNPUBLISHED => {
            Some("Run `claude-mem model install`, which puts what is not as published in place anew")
        }
        UNREADABLE => Some("Make the file readable for this user"),
        ANOTHER => Some(
            "Run `claude-mem model remove`, then `claude-mem model install`; no other model than all-MiniLM-L6-v2 can be computed here",
        ),
        SETUP => Some("Mend it with `claude-mem config set`; it is tried again by itself"),
        AUTH => Some("Mend the key with `claude-mem config set CLAUDE_MEM_EMBEDDING_API_KEY -`"),
        QUOTA | RATE => Some("It goes on by itself then; searches go by words meanwhile"),
        REFUSED => Some("See whether the service has the model that CLAUDE_MEM_EMBEDDING_MODEL names"),
        UNREACHED => Some(
            "Start it, or mend CLAUDE_MEM_EMBEDDING_BASE_URL; it is tried again by itself, and searches go by words meanwhile",
        ),
        NONSENSE => Some(
            "See whether CLAUDE_MEM_EMBEDDING_BASE_URL and CLAUDE_MEM_EMBEDDING_MODEL name a model that embeds; searches go by words meanwhile",
        ),
        LENGTH => Some(
            "Have the model from before answer under that name, or run `claude-mem status --clear` to have all embedded anew by the one that answers now",
        ),
        CEILING => Some(
            "Work waits until then; `claude-mem cost` shows what was spent, `claude-mem config set` raises a ceiling",
        ),
        _ => None,
    }
}

/// Whether a problem on record is one of an endpoint, or of what it costs.
pub(super) fn is_of_endpoint(kind: &str) -> bool {
    [SETUP, AUTH, QUOTA, RATE, REFUSED, UNREACHED, NONSENSE, LENGTH, CEILING].contains(&kind)
}

/// What is forgotten together with a problem that the user has forgotten.
///
/// # Errors
/// [`StoreError`] when the store cannot be written.
pub fn forgotten(tx: &Tx<'_>, kind: &str, now: Timestamp) -> Result<(), StoreError> {
    if kind == LENGTH { tx.set_mark(DIMENSION, None, now) } else { Ok(()) }
}

/// Takes all of them off the record; whether there was any.
pub(super) fn clear(tx: &Tx<'_>) -> Result<bool, StoreError> {
    let mut any = false;
    for kind in KINDS {
        any |= tx.clear_fault(kind)?;
    }
    Ok(any)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_kind_has_its_remedy() {
        let path = || PathBuf::from("/m/model.safetensors");
        let errors = [
            ModelError::Missing { path: path() },
            ModelError::Unreadable { path: path(), why: std::io::Error::other("no") },
            ModelError::CutShort { path: path(), is: 1, should: 2 },
            ModelError::Damaged { path: path(), what: "holes".to_owned() },
            ModelError::Another { path: path(), what: "wide".to_owned() },
        ];
        for error in &errors {
            let trouble = Trouble::of(error);
            assert!(trouble.said.contains("/m/model.safetensors"), "{trouble:?}");
            assert!(KINDS.contains(&trouble.kind) && remedy(trouble.kind).is_some(), "{trouble:?}");
            assert_eq!(Some(remedy_of(error)), remedy(trouble.kind));
        }
        let unpublished = Trouble::unpublished(Path::new("/m"));
        assert!(unpublished.said.contains("not the published model; its numbers may be damaged"));
        assert!(KINDS.contains(&unpublished.kind) && remedy(unpublished.kind).is_some());
        for kind in FaultKind::ALL {
            let trouble = Trouble::of_endpoint("http://h/v1", &Fault::free(kind, "why"), None);
            assert!(trouble.said.contains("why") && remedy(trouble.kind).is_some(), "{trouble:?}");
            assert!(KINDS.contains(&trouble.kind));
        }
        for kind in KINDS {
            assert!(remedy(kind).is_some(), "{kind}");
        }
        assert_eq!(remedy("model:auth"), None);
    }
}
