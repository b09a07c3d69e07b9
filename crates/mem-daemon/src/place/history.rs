//! The root commit of a repository, from git itself. Only the daemon asks: it walks the whole history.

use std::path::Path;
use std::time::Duration;

use mem_observer::child::Launcher;

/// How long git may take. A history of a million commits takes about ten seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// The hash of the oldest root commit reachable from the checked-out branch of the repository at `dir`.
///
/// `None` when there is no commit yet, no git, or no answer in time. A shallow clone has no root to be known by.
pub fn root_commit(launcher: &Launcher, dir: &Path) -> Option<String> {
    let git = |args: &[&str]| launcher.output("git", args, dir, DEADLINE);
    if git(&["rev-parse", "--is-shallow-repository"])?.trim() == "true" {
        return None;
    }
    let roots = git(&["rev-list", "--max-parents=0", "HEAD"])?;
    // newest first: the last line is the oldest root, which a merged-in history does not change
    let oldest = roots.lines().last()?.trim();
    (oldest.len() >= 40 && oldest.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| oldest.to_owned())
}
