//! Which crate may use which: arrows go down only, and crates of one level never see each other.

use super::check::Violation;
use super::source::Source;
use super::tree::{File, Tree};

/// Every crate with the crates of ours it may depend on. Whatever is not in this table may not exist.
const LAYERS: [(&str, &[&str]); 13] = [
    ("mem-core", &[]),
    ("mem-logic", &["mem-core"]),
    ("mem-wire", &["mem-core"]),
    ("mem-agents", &["mem-core"]),
    ("mem-embed", &[]),
    ("mem-store", &["mem-core"]),
    ("mem-observer", &["mem-core"]),
    ("mem-daemon", LOWER),
    ("mem-server", LOWER),
    ("claude-mem", ALL),
    ("claude-mem-fuzz", LOWER),
    ("mem-testkit", &["mem-core"]),
    ("xtask", ALL),
];

/// What lies below the shells.
const LOWER: &[&str] =
    &["mem-core", "mem-logic", "mem-wire", "mem-agents", "mem-embed", "mem-store", "mem-observer"];

/// The same with the shells.
const ALL: &[&str] = &[
    "mem-core",
    "mem-logic",
    "mem-wire",
    "mem-agents",
    "mem-embed",
    "mem-store",
    "mem-observer",
    "mem-daemon",
    "mem-server",
];

/// Crates that judge and must not act, and what they may therefore not name.
const PURE: [&str; 2] = ["crates/mem-core/src/", "crates/mem-logic/src/"];
const ACTS: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
];

/// The files that may hold `unsafe`, and the name of the lint that forbids it elsewhere.
const UNSAFE: [&str; 2] = ["crates/mem-embed/src/native/kernels.rs", "crates/mem-daemon/src/idle/heap.rs"];
const LIFTED: &str = "unsafe_code";

/// The page that says what each dependency is for.
const REASONS: &str = "docs/design/003-dependencies.md";

/// The dependencies of every crate of ours stay within the table.
pub(crate) fn crates(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.name() == "Cargo.toml" && file.path != "Cargo.toml") {
        let Some(name) = package_name(&file.text) else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(known, _)| *known == name) else {
            found.push(Violation::new(
                &file.path,
                1,
                format!("{name} has no layer: give it a row in xtask/src/tidy/layers.rs"),
            ));
            continue;
        };
        for (line, section, dependency) in dependencies_of(&file.text) {
            let ours = LAYERS.iter().any(|(known, _)| *known == dependency);
            let beside = dependency == "mem-testkit"
                && (name == "xtask" || section == "dev-dependencies" && name != "mem-core");
            if ours && !allowed.contains(&dependency) && !beside {
                let what = format!(
                    "{name} may not depend on {dependency}: move what is shared down, or the use of it up"
                );
                found.push(Violation::new(&file.path, line, what));
            }
        }
    }
    found
}

/// Every dependency of the workspace is used, and has its row of reasons once that page exists.
pub(crate) fn dependencies(tree: &Tree) -> Vec<Violation> {
    let Some(manifest) = tree.find("Cargo.toml") else { return Vec::new() };
    let reasons = tree.find(REASONS).map(|page| rows(&page.text));
    let members = tree.files.iter().filter(|file| file.name() == "Cargo.toml" && file.path != manifest.path);
    let used: Vec<&str> =
        members.flat_map(|file| dependencies_of(&file.text)).map(|(_, _, dependency)| dependency).collect();
    let mut found = Vec::new();
    for (line, section, name) in dependencies_of(&manifest.text) {
        if section != "workspace.dependencies" || LAYERS.iter().any(|(ours, _)| *ours == name) {
            continue;
        }
        if !used.contains(&name) {
            found.push(Violation::new("Cargo.toml", line, format!("nobody uses {name}: remove it")));
        }
        if reasons.as_ref().is_some_and(|reasons| !reasons.contains(&name)) {
            let what = format!("{name} has no row in {REASONS}: say what it saves us");
            found.push(Violation::new("Cargo.toml", line, what));
        }
    }
    found
}

/// The words in the first cells of a page's tables.
fn rows(page: &str) -> Vec<&str> {
    let cells = page.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    cells.flat_map(|cell| cell.split(move |c| !is_name(c))).filter(|word| !word.is_empty()).collect()
}

/// The crates that judge name nothing that acts or looks at the world.
pub(crate) fn purity(file: &File, source: &Source) -> Vec<Violation> {
    if !PURE.iter().any(|crate_root| file.path.starts_with(crate_root)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for word in ACTS {
        for at in source.find(word) {
            let line = source.line_of(at);
            if !source.is_test(line) {
                let what = format!("{word} in a crate that only judges: take the value as an argument");
                found.push(Violation::new(&file.path, line, what));
            }
        }
    }
    found
}

/// `unsafe` is allowed in two files only: the lint denies it, and nobody else lifts the lint.
pub(crate) fn safety(file: &File, source: &Source) -> Vec<Violation> {
    if UNSAFE.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let what =
        format!("unsafe code is allowed in {} only: do without, or move it there", UNSAFE.join(" and "));
    source
        .find(LIFTED)
        .into_iter()
        .map(|at| Violation::new(&file.path, source.line_of(at), what.clone()))
        .collect()
}

fn package_name(manifest: &str) -> Option<&str> {
    let (_, package) = manifest.split_once("[package]")?;
    let line = package.lines().find(|line| line.starts_with("name"))?;
    line.split('"').nth(1)
}

/// `(line, section, name)` of every dependency a manifest names.
fn dependencies_of(manifest: &str) -> Vec<(usize, &str, &str)> {
    let mut section = "";
    let mut found = Vec::new();
    for (at, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[') {
            section = head.trim_end_matches(']');
        } else if section.ends_with("dependencies") && !line.starts_with('#') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if !name.is_empty() && line.contains('=') {
                found.push((at + 1, section, name));
            }
        }
    }
    found
}
