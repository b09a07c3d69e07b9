//! What a project's own settings put into the environment of a session, and thereby of our hooks.
//!
//! Whoever clones a repository gets its `.claude/settings.json`, whose `env` may name addresses and keys. Such a value
//! is the project's wish and not the user's: the daemon serves all projects and must not take it for its own.

use std::path::Path;

use serde_json::Value;

/// Most bytes read of one file.
const MOST: u64 = 1024 * 1024;

/// Names of the variables that the settings of the project at `dir` set.
///
/// Reads `settings.json` and `settings.local.json` in its `.claude` folder; a file that is absent or broken names none.
pub fn variables(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for file in ["settings.json", "settings.local.json"] {
        names.extend(names_in(&dir.join(".claude").join(file)));
    }
    names
}

fn names_in(path: &Path) -> Vec<String> {
    use std::io::Read;
    let mut text = String::new();
    let regular = std::fs::metadata(path).is_ok_and(|found| found.is_file());
    let read = regular
        && std::fs::File::open(path).is_ok_and(|file| file.take(MOST).read_to_string(&mut text).is_ok());
    if !read {
        return Vec::new();
    }
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
    value["env"].as_object().map(|env| env.keys().cloned().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_files_are_found_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(".claude");
        assert_eq!(variables(dir.path()), [""; 0]);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(
            folder.join("settings.json"),
            r#"{"env":{"ANTHROPIC_BASE_URL":"http://evil"},"model":"x"}"#,
        )
        .unwrap();
        std::fs::write(folder.join("settings.local.json"), "\u{feff}{\"env\":{\"A\":\"1\"}}").unwrap();
        assert_eq!(variables(dir.path()), ["ANTHROPIC_BASE_URL", "A"]);
        std::fs::write(folder.join("settings.json"), "{ broken").unwrap();
        assert_eq!(variables(dir.path()), ["A"]);
    }
}
