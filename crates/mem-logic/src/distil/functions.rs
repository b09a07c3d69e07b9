//! Which functions and types a patch touched, read from its hunks.
//!
//! A changed line belongs to the nearest definition above it that encloses it by indentation, or to the heading
//! git writes after `@@`. Lines are read one by one, with a pattern per language; what is not in the hunk is
//! not guessed.

use std::sync::OnceLock;

use regex::Regex;

use crate::pattern::pattern;

/// Most names given for one patch.
const MOST: usize = 6;

/// A language: the endings of its files, the patterns of its definitions (group 1 is the name), and these
/// patterns built, once they are needed: a turn seldom touches more than one or two languages.
struct Language {
    endings: &'static [&'static str],
    patterns: &'static [&'static str],
    built: OnceLock<Vec<Regex>>,
}

impl Language {
    const fn new(endings: &'static [&'static str], patterns: &'static [&'static str]) -> Self {
        Self { endings, patterns, built: OnceLock::new() }
    }

    fn patterns(&self) -> &[Regex] {
        self.built.get_or_init(|| {
            let read = |text: &&str| pattern(text);
            self.patterns.iter().map(read).collect()
        })
    }
}

static LANGUAGES: [Language; 11] = [
    Language::new(
        &["rs"],
        &[
            r#"^\s*(?:pub(?:\([^)]*\))? +)?(?:(?:default|const|async|unsafe|extern(?: +"[^"]*")?) +)*fn +(\w+)"#,
            r"^\s*(?:pub(?:\([^)]*\))? +)?(?:struct|enum|trait|union|macro_rules!) +(\w+)",
        ],
    ),
    Language::new(&["py", "pyi"], &[r"^\s*(?:async +)?def +(\w+)", r"^\s*class +(\w+)"]),
    Language::new(
        &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
        &[
            r"\bfunction\*? +(\w+)",
            r"^\s*(?:export +)?(?:default +)?(?:abstract +)?(?:class|interface|enum|type) +(\w+)",
            r"^\s*(?:export +)?(?:const|let|var) +(\w+)(?: *:[^=]+)? *= *(?:async *)?(?:function\b|\([^)]*\)(?: *:[^=]+)? *=>|\w+ *=>|\($)",
            r"^\s+(?:(?:public|private|protected|static|async|get|set|readonly|override) +)*\*?(\w+) *\([^;=]*\)(?: *:[^{]+)? *\{$",
        ],
    ),
    Language::new(&["go"], &[r"^func +(?:\([^)]*\) *)?(\w+)", r"^type +(\w+)"]),
    Language::new(
        &["java", "kt", "kts", "cs", "scala", "dart"],
        &[
            r"\bfun +(?:<[^>]+> *)?(?:\w+\.)?(\w+) *\(",
            r"\bdef +(\w+)",
            r"\b(?:class|interface|enum|record|object) +(\w+)",
            r"^\s+(?:@\w+ +)*(?:(?:public|private|protected|internal|static|final|abstract|override|async|virtual|synchronized|sealed) +)*[\w<>\[\],.?]+ +(\w+) *\([^;]*$",
        ],
    ),
    Language::new(
        &["c", "h", "cc", "cpp", "cxx", "hpp", "m", "mm"],
        &[
            r"^(?:[\w:<>,*&~]+[ *&]+)+([\w:~]+) *\([^;]*$",
            r"^\s*(?:typedef +)?(?:class|struct|enum|union) +(\w+)[^;]*$",
        ],
    ),
    Language::new(&["rb", "rake"], &[r"^\s*def +(?:self\.)?([\w?!=]+)", r"^\s*(?:class|module) +([\w:]+)"]),
    Language::new(
        &["php"],
        &[r"\bfunction +&?(\w+)", r"^\s*(?:abstract |final )*(?:class|interface|trait|enum) +(\w+)"],
    ),
    Language::new(&["sh", "bash", "zsh"], &[r"^\s*(?:function +)?([\w-]+) *\(\)", r"^\s*function +([\w-]+)"]),
    Language::new(
        &["swift", "lua", "ex", "exs", "jl", "zig"],
        &[r"\b(?:func|function|defp?|fn) +([\w.:?!]+)"],
    ),
    Language::new(
        &["sql"],
        &[
            r"(?i)\bcreate +(?:or replace +)?(?:table|view|function|index|trigger)(?: +if not exists)? +([\w.]+)",
        ],
    ),
];

/// Words that look like a definition's name in a pattern but are not one.
const KEYWORDS: [&str; 15] = [
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "return",
    "function",
    "else",
    "match",
    "do",
    "new",
    "sizeof",
    "with",
    "constructor",
    "await",
];

/// Names of the functions and types touched by `patch` in a file of the name `path`, in order, each once.
pub(super) fn touched(path: &str, patch: &str) -> Vec<String> {
    let ending = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    let Some(language) = LANGUAGES.iter().find(|known| known.endings.contains(&ending.as_str())) else {
        return Vec::new();
    };
    let patterns = language.patterns();
    let mut names = Vec::new();
    let mut enclosing: Vec<(usize, String)> = Vec::new();
    for line in patch.lines() {
        if let Some(heading) = line.strip_prefix("@@") {
            enclosing.clear();
            let heading = heading.split_once("@@").map_or("", |(_, heading)| heading.trim_start());
            if let Some(name) = defined(patterns, heading) {
                enclosing.push((0, name));
            }
            continue;
        }
        let Some(mark) = line.chars().next() else { continue };
        if !matches!(mark, ' ' | '+' | '-') || line.starts_with("+++") || line.starts_with("---") {
            continue;
        }
        let text = &line[1..];
        let changed = mark != ' ' && text.chars().any(char::is_alphanumeric);
        follow(&mut enclosing, patterns, text);
        if changed
            && let Some((_, name)) = enclosing.last()
            && !names.contains(name)
            && names.len() < MOST
        {
            names.push(name.clone());
        }
    }
    names
}

/// Keeps the stack of enclosing definitions up to date with the next line of a hunk.
fn follow(enclosing: &mut Vec<(usize, String)>, patterns: &[Regex], text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let indent = text.len() - text.trim_start().len();
    if let Some(name) = defined(patterns, text) {
        enclosing.retain(|(outer, _)| *outer < indent);
        enclosing.push((indent, name));
    } else if text.trim_start().starts_with(['}', ')', ']', '{', '#', '@']) || text.trim() == "end" {
        enclosing.retain(|(outer, _)| *outer <= indent);
    } else {
        enclosing.retain(|(outer, _)| *outer < indent);
    }
}

fn defined(patterns: &[Regex], text: &str) -> Option<String> {
    if text.len() > 400 || ["//", "#", "*"].iter().any(|mark| text.trim_start().starts_with(mark)) {
        return None;
    }
    let name = patterns.iter().find_map(|pattern| pattern.captures(text)).map(|found| found[1].to_owned())?;
    (!KEYWORDS.contains(&name.as_str())).then_some(name)
}
