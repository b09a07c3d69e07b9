//! What may be wrong with the model, as it is told to people: what stands on record, and what helps.

use std::path::Path;

use mem_embed::ModelError;
use mem_store::{StoreError, Tx};

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
const KINDS: [&str; 5] = [MISSING, UNREADABLE, DAMAGED, ANOTHER, UNPUBLISHED];

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

    fn new(kind: &'static str, what: &str) -> Self {
        Self {
            kind,
            said: format!("searches go by words alone, since the embedding model cannot be used: {what}"),
        }
    }
}

/// What helps against a problem on record, where it is one of these.
pub fn remedy(kind: &str) -> Option<&'static str> {
    match kind {
        MISSING => Some("Run `claude-mem model install`, or remove the folder"),
        UNREADABLE => Some("Make the file readable for this user"),
        UNPUBLISHED => {
            Some("Run `claude-mem model install`, which puts what is not as published in place anew")
        }
        DAMAGED => Some("Remove the folder and run `claude-mem model install`"),
        ANOTHER => Some(
            "Remove the folder and run `claude-mem model install`; no other model than all-MiniLM-L6-v2 can be computed here",
        ),
        _ => None,
    }
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
        }
        let unpublished = Trouble::unpublished(Path::new("/m"));
        assert!(unpublished.said.contains("not the published model; its numbers may be damaged"));
        assert!(KINDS.contains(&unpublished.kind) && remedy(unpublished.kind).is_some());
        assert_eq!(remedy("model:auth"), None);
    }
}
