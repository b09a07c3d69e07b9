//! The references that measurements are held against, built when they are needed.

use std::path::PathBuf;
use std::process::Command;

use crate::house::{must, root};

/// The source of the cheapest program, which is no part of the workspace.
const CHEAPEST: &str = include_str!("cheapest.rs.txt");

/// Builds the cheapest static program of this machine and gives its path.
///
/// It is compiled as our own release binary is (optimised, static, stripped), so that the difference between
/// the two is what ours does and not how it was built.
///
/// # Errors
/// What kept it from being built.
pub(crate) fn cheapest() -> Result<PathBuf, String> {
    let folder = folder()?;
    let source = folder.join("cheapest.rs");
    let program = folder.join("cheapest");
    std::fs::write(&source, CHEAPEST)
        .map_err(|why| format!("{} cannot be written: {why}", source.display()))?;
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-C", "opt-level=3", "-C", "strip=symbols"]);
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        rustc.args(["-C", "target-feature=+crt-static"]);
    }
    let linked = folder.join("cheapest.linked");
    must(rustc.arg("-o").arg(&linked).arg(&source).current_dir(root()))?;
    // a copy, as the program it is compared with
    let _not_there_yet = std::fs::remove_file(&program);
    super::subject::copy(&linked, &program)?;
    Ok(program)
}

/// Where benches keep what they build and write.
///
/// # Errors
/// Why it cannot be made.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder).map_err(|why| format!("{} cannot be made: {why}", folder.display()))?;
    Ok(folder)
}
