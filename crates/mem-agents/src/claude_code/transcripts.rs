//! Where Claude Code keeps the transcripts and memories of a directory.
//!
//! Only names and times: nothing is opened here. Transcripts tell whether sessions ran of which no hook told us;
//! the memory files are those whose text a brief must not repeat.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use mem_core::time::Timestamp;

/// Longest slug that Claude Code uses whole; longer ones are cut and get a digest that we do not know.
const LONGEST_SLUG: usize = 200;

/// The newest transcript of a session in `cwd`, and when it was last written.
pub fn newest_transcript(config_dir: &Path, cwd: &str) -> Option<(PathBuf, Timestamp)> {
    let slug = slug(cwd);
    let projects = config_dir.join("projects");
    let folders: Vec<PathBuf> = if slug.len() <= LONGEST_SLUG {
        vec![projects.join(slug)]
    } else {
        let start = &slug[..LONGEST_SLUG];
        entries(&projects).filter(|path| name(path).starts_with(start)).collect()
    };
    folders
        .iter()
        .flat_map(|folder| entries(folder))
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .filter_map(|path| written_at(&path).map(|at| (path, at)))
        .max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)))
}

/// The files of instructions and memories that Claude Code itself puts before the model in a session in `cwd`,
/// whether they exist or not. `project_top` is the top of the work tree; outside git, `cwd` itself.
pub fn own_memory_texts(config_dir: &Path, cwd: &str, project_top: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut add = |path: PathBuf| {
        if !found.contains(&path) {
            found.push(path);
        }
    };
    for start in [project_top, cwd] {
        if !Path::new(start).is_absolute() {
            continue;
        }
        for folder in Path::new(start).ancestors() {
            for file in ["CLAUDE.md", "CLAUDE.local.md", ".claude/CLAUDE.md"] {
                add(folder.join(file));
            }
        }
    }
    add(config_dir.join("CLAUDE.md"));
    for place in [project_top, cwd].into_iter().filter(|place| !place.is_empty()) {
        add(config_dir.join("projects").join(slug(place)).join("memory/MEMORY.md"));
    }
    found
}

/// A directory's name among the projects: every UTF-16 unit that is no ASCII letter or digit becomes a dash.
fn slug(cwd: &str) -> String {
    let dashes = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { "-".repeat(c.len_utf16()) };
    cwd.chars().map(dashes).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()))
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn written_at(path: &Path) -> Option<Timestamp> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    Some(Timestamp(modified.duration_since(UNIX_EPOCH).ok()?.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn slugs_are_those_of_claude_code() {
        assert_eq!(slug("/home/dev/proj"), "-home-dev-proj");
        assert_eq!(slug("/a.b_c d-é"), "-a-b-c-d--");
    }

    fn write(path: &Path, seconds: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn the_newest_transcript_of_the_directory_is_found() {
        let config = tempfile::tempdir().unwrap();
        let folder = config.path().join("projects/-p");
        for (name, seconds) in
            [("a.jsonl", 10), ("b.jsonl", 30), ("c.jsonl", 20), ("d.txt", 99), ("e/x.jsonl", 99)]
        {
            write(&folder.join(name), seconds);
        }
        write(&config.path().join("projects/-other/z.jsonl"), 99);
        assert_eq!(newest_transcript(config.path(), "/p"), Some((folder.join("b.jsonl"), Timestamp(30_000))));
        assert_eq!(newest_transcript(config.path(), "/q"), None);
        assert_eq!(newest_transcript(Path::new("/nowhere"), "/p"), None);
    }

    #[test]
    fn a_long_directory_is_found_by_its_start() {
        let config = tempfile::tempdir().unwrap();
        let cwd = format!("/{}", "long/".repeat(60));
        let folder = format!("projects/{}-x1y2z3", &slug(&cwd)[..LONGEST_SLUG]);
        write(&config.path().join(&folder).join("a.jsonl"), 5);
        assert!(newest_transcript(config.path(), &cwd).is_some());
    }

    #[test]
    fn the_texts_a_brief_must_not_repeat() {
        let paths = own_memory_texts(Path::new("/h/.claude"), "/h/p/sub", "/h/p");
        let told: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        /h/p/CLAUDE.md
        /h/p/CLAUDE.local.md
        /h/p/.claude/CLAUDE.md
        /h/CLAUDE.md
        /h/CLAUDE.local.md
        /h/.claude/CLAUDE.md
        /CLAUDE.md
        /CLAUDE.local.md
        /.claude/CLAUDE.md
        /h/p/sub/CLAUDE.md
        /h/p/sub/CLAUDE.local.md
        /h/p/sub/.claude/CLAUDE.md
        /h/.claude/projects/-h-p/memory/MEMORY.md
        /h/.claude/projects/-h-p-sub/memory/MEMORY.md
        ");
    }
}
