//! Where the project lies and how its tools are called: the root, cargo, steps that must succeed.
//!
//! The root comes from where xtask was compiled, so that every verb works from any directory.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a verb answers: nothing, or one sentence that says what failed.
pub(crate) type Outcome = Result<(), String>;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask lies in the workspace").to_path_buf()
}

/// `cargo` with these arguments, at the root.
///
/// Settings that the calling `cargo run` made for xtask are not handed on: they would make the inner cargo
/// build everything again.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(root());
    for name in ["DIR", "PATH", "LINKS"] {
        command.env_remove(format!("CARGO_MANIFEST_{name}"));
    }
    for name in ["NAME", "VERSION", "VERSION_MAJOR", "VERSION_MINOR", "VERSION_PATCH", "VERSION_PRE"] {
        command.env_remove(format!("CARGO_PKG_{name}"));
    }
    command
}

/// Runs a command that must end well.
///
/// # Errors
/// What was run and how it ended.
pub(crate) fn must(command: &mut Command) -> Outcome {
    let shown = show(command);
    let status = command.status().map_err(|why| format!("{shown} could not be started: {why}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown} ended with {status}")) }
}

/// A command as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        shown.push(' ');
        shown.push_str(&arg.to_string_lossy());
    }
    shown
}
