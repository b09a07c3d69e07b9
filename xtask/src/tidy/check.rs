//! Runs every rule over every file and says what is wrong where.

use std::path::Path;

use super::tree::Tree;
use super::{layers, names, shape, tree, words};
use crate::house::Outcome;

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// The file, from the root.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong and how to mend it.
    pub(crate) what: String,
}

impl Violation {
    /// A breach in `path` at `line`.
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Prints every violation under `root`.
///
/// # Errors
/// How many there are, when there are any, or what could not be read.
pub(crate) fn run(root: &Path) -> Outcome {
    let found = violations(root)?;
    for violation in &found {
        println!("{violation}");
    }
    if found.is_empty() { Ok(()) } else { Err(format!("tidy: {} to mend", found.len())) }
}

/// Every violation under `root`, in order of path and line.
///
/// # Errors
/// What could not be read.
pub(crate) fn violations(root: &Path) -> Result<Vec<Violation>, String> {
    let tree = Tree::read(root)?;
    let mut found = Vec::new();
    found.extend(layers::crates(&tree));
    found.extend(layers::dependencies(&tree));
    found.extend(tree::folders(&tree));
    found.extend(tree::declared(&tree));
    for file in &tree.files {
        found.extend(words::text(file));
        found.extend(names::path(file));
        if let Some(source) = &file.source {
            found.extend(layers::purity(file, source));
            found.extend(layers::safety(file, source));
            found.extend(names::identifiers(file, source));
            found.extend(shape::rules(file, source));
        }
    }
    found.sort();
    Ok(found)
}
