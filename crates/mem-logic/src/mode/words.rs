//! What a mode holds, in our types. Must not know the JSON it came from.

use std::collections::BTreeMap;
use std::fmt;

/// A type of observation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kind {
    /// Its id, as it stands in replies and in the store: `bugfix`.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// What falls under it.
    pub description: String,
    /// The sign it is listed with.
    pub emoji: String,
    /// The sign of work of this type that is going on.
    pub work_emoji: String,
}

/// A concept: what sort of knowledge an observation holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concept {
    /// Its id, as it stands in replies and in the store: `gotcha`.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// What falls under it.
    pub description: String,
}

/// A mode: types, concepts, and the texts a model is asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// The id it was found under; that of the fallback when the wanted one was not usable.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Types of observations, never empty; the first stands in for one that is missing.
    pub kinds: Vec<Kind>,
    /// Concepts, never empty.
    pub concepts: Vec<Concept>,
    pub(super) prompts: BTreeMap<String, String>,
}

impl Mode {
    /// The text under that key of `prompts`; empty when neither the mode nor `code` has one.
    pub fn text(&self, key: &str) -> &str {
        self.prompts.get(key).map_or("", String::as_str)
    }

    /// The ids of the types, in order.
    pub fn kind_ids(&self) -> Vec<String> {
        self.kinds.iter().map(|kind| kind.id.clone()).collect()
    }

    /// The ids of the concepts, in order.
    pub fn concept_ids(&self) -> Vec<String> {
        self.concepts.iter().map(|concept| concept.id.clone()).collect()
    }
}

/// Something about a mode file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeProblem {
    /// The mode it is about.
    pub mode: String,
    /// What is wrong, and what is taken instead.
    pub what: String,
    /// What would mend it.
    pub remedy: String,
}

impl fmt::Display for ModeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mode {:?}: {}. {}.", self.mode, self.what, self.remedy)
    }
}
