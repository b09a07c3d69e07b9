//! What a command line was for: which tests, builds and installations it ran, and whether its exit code tells.
//!
//! `cargo test 2>&1 | tail -5` ends with the exit code of `tail`; so every call says whether the code of the
//! line speaks for it. Must not look at output.

use super::shell::{Joint, Part, parts};

/// What a call was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Ran tests.
    Test,
    /// Built or type-checked.
    Build,
    /// Checked style.
    Lint,
    /// Added dependencies or tools.
    Install,
    /// Changed the history or the tree by git, or told a forge.
    Git,
    /// Only looked, or moved about.
    Look,
    /// Anything else that did something.
    Run,
}

/// One program call of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// What it was for.
    pub(super) class: Class,
    /// Under which name calls of the same thing are compared: `cargo test`, `pytest`, `python app.py`.
    pub(super) key: String,
    /// Arguments that narrow it down, without flags.
    pub(super) scope: Vec<String>,
    /// The call as typed, words joined.
    pub(super) shown: String,
    /// Packages it adds.
    pub(super) packages: Vec<String>,
    /// Whether a success of the whole line is a success of this call.
    pub(super) told: bool,
    /// The parsed command, runner prefixes removed.
    pub(super) part: Part,
}

/// The calls of a command line, in order; `sh -c '…'` is looked into.
pub(super) fn calls(command: &str) -> Vec<Call> {
    calls_within(command, 0)
}

/// Whether a command line only looked around, and changed, built and tried nothing.
pub(crate) fn only_looks(command: &str) -> bool {
    let calls = calls(command);
    !calls.is_empty()
        && calls.iter().all(|call| call.class == Class::Look && shell_changes(call).is_empty())
        && calls.iter().all(|call| call.part.writes.iter().all(|place| place == "/dev/null"))
}

fn calls_within(command: &str, depth: usize) -> Vec<Call> {
    let parts = parts(command);
    let told: Vec<bool> = (0..parts.len()).map(|at| told_by_exit(&parts, at)).collect();
    let mut found = Vec::new();
    for (mut part, told) in parts.into_iter().zip(told) {
        let module = strip_prefixes(&mut part.words);
        let inner = part.words.iter().position(|word| matches!(word.as_str(), "-c" | "-lc"));
        if let (Some(at), true) = (inner, depth == 0 && is_shell(part.words.first()))
            && let Some(script) = part.words.get(at + 1)
        {
            let mut nested = calls_within(script, depth + 1);
            for call in &mut nested {
                call.told &= told;
            }
            found.append(&mut nested);
            continue;
        }
        if let Some(mut call) = read_call(part, told) {
            if module && !known_by_itself(&call.key) {
                call.key.insert_str(0, "python -m ");
                call.shown.insert_str(0, "python -m ");
            }
            found.push(call);
        }
    }
    found
}

fn is_shell(word: Option<&String>) -> bool {
    word.is_some_and(|word| matches!(program_of(word), "sh" | "bash" | "zsh"))
}

/// Whether exit code 0 of the line means that the part at `at` ended with 0: it must not be followed by a
/// pipe, and nothing behind it by an `||` or a separator. What `&&` hangs on it may be a pipe.
fn told_by_exit(parts: &[Part], at: usize) -> bool {
    parts[at].after != Joint::Pipe
        && parts[at..].iter().all(|part| matches!(part.after, Joint::And | Joint::Edge | Joint::Pipe))
        || (parts[at].after == Joint::Then && parts[at + 1..].is_empty())
}

fn program_of(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// Whether a module of Python is also a command of its own, so that it is called by its bare name.
fn known_by_itself(key: &str) -> bool {
    const TOOLS: [&str; 18] = [
        "pytest",
        "pip",
        "mypy",
        "ruff",
        "black",
        "flake8",
        "pylint",
        "isort",
        "tox",
        "nox",
        "pyright",
        "poetry",
        "pipx",
        "uv",
        "pdm",
        "hatch",
        "nosetests",
        "playwright",
    ];
    key.split(' ').next().is_some_and(|program| TOOLS.contains(&program))
}

/// Removes shell keywords, assignments and programs that only run another one; whether what is left is a module
/// that Python runs.
fn strip_prefixes(words: &mut Vec<String>) -> bool {
    let mut module = false;
    loop {
        let Some(first) = words.first() else { return module };
        let second = words.get(1).map(String::as_str).unwrap_or_default();
        module |= matches!((program_of(first), second), ("python" | "python3" | "py", "-m"));
        let drop = match (program_of(first), second) {
            // flags of the runner stand before the program it runs
            ("npx" | "bunx" | "pnpx" | "uvx", _) => 1 + flags_of_runner(&words[1..]),
            (
                "then" | "do" | "else" | "if" | "while" | "!" | "{" | "}" | "time" | "sudo" | "command"
                | "exec" | "nohup" | "env" | "xvfb-run" | "nice",
                _,
            ) => 1,
            ("poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye", "run") => 2,
            ("bundle" | "pnpm" | "mise" | "npm", "exec") | ("pnpm" | "yarn", "dlx") => 2,
            ("timeout", _) => 2,
            ("python" | "python3" | "py", "-m") => 2,
            ("-n" | "--", _) => 1,
            ("-y" | "--yes" | "-E" | "-k" | "-s", _) => 1,
            _ if is_assignment(first) => 1,
            _ if first.chars().all(|c| c.is_ascii_digit()) => 1,
            _ => return module,
        };
        words.drain(..drop.min(words.len()));
    }
}

/// How many words at the beginning are flags; some take the word after them.
fn flags_of_runner(words: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        at += if matches!(word.as_str(), "-p" | "--package" | "--from" | "--with") { 2 } else { 1 };
    }
    at
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn read_call(part: Part, told: bool) -> Option<Call> {
    let first = part.words.first()?;
    let program = match program_of(first) {
        "python3" | "py" => "python",
        "pip3" => "pip",
        "gradlew" => "gradle",
        "mvnw" => "mvn",
        other => other,
    }
    .to_owned();
    let args: Vec<String> =
        part.words[1..].iter().filter(|word| !word.starts_with(['-', '+'])).cloned().collect();
    let sub = args.first().map(String::as_str).unwrap_or_default();
    let (class, takes_sub) = classify(&program, sub, &part);
    let named = match (takes_sub, sub) {
        (false, _) | (_, "") => 0,
        (true, "run" | "run-script") => 2,
        (true, _) => 1,
    };
    let key = std::iter::once(program.as_str()).chain(args.iter().take(named).map(String::as_str));
    let mut key = key.collect::<Vec<_>>().join(" ");
    if program == "node" && class == Class::Test {
        key.push_str(" --test"); // the flag is its name: `node` alone runs anything
    }
    if part.words.iter().any(|word| matches!(word.as_str(), "-c" | "-e" | "-")) && class == Class::Run {
        key = part.words.join(" "); // a script on the line: only the same text is the same thing
    }
    let scope: Vec<String> = args.iter().skip(named).cloned().collect();
    let packages = if class == Class::Install { packages_of(&key, &scope) } else { Vec::new() };
    let shown = part.words.join(" ");
    Some(Call { class, key, scope, shown, packages, told, part })
}

/// The class of a call, and whether its first argument belongs to its name.
fn classify(program: &str, sub: &str, part: &Part) -> (Class, bool) {
    use Class::{Build, Git, Install, Lint, Look, Run, Test};
    match (program, sub) {
        (
            "cargo" | "go" | "dotnet" | "swift" | "bun" | "deno" | "mix" | "zig" | "flutter" | "dart"
            | "rails" | "forge" | "npm" | "pnpm" | "yarn" | "make" | "just" | "task" | "gradle" | "mvn"
            | "bazel" | "sbt" | "composer" | "stack" | "cabal" | "lein" | "rake",
            _,
        ) => build_tool(program, sub, part),
        (
            "pytest" | "py.test" | "unittest" | "nosetests" | "jest" | "vitest" | "mocha" | "ava" | "tap"
            | "rspec" | "phpunit" | "pest" | "ctest" | "tox" | "nox" | "playwright" | "cypress" | "bats"
            | "karma" | "doctest" | "busted" | "minitest" | "gotestsum" | "cargo-nextest",
            _,
        ) => (Test, false),
        ("node", _) if part.words.iter().any(|word| word == "--test") => (Test, false),
        (
            "tsc" | "webpack" | "vite" | "esbuild" | "rollup" | "gcc" | "g++" | "clang" | "clang++" | "cc"
            | "javac" | "rustc" | "cmake" | "ninja" | "meson" | "mypy" | "pyright" | "next" | "xcodebuild",
            _,
        ) => (Build, false),
        (
            "eslint" | "ruff" | "flake8" | "pylint" | "black" | "prettier" | "rustfmt" | "clippy" | "biome"
            | "isort" | "golangci-lint" | "shellcheck" | "rubocop" | "gofmt" | "stylelint" | "hadolint"
            | "phpstan",
            _,
        ) => (Lint, false),
        (
            "pip" | "brew" | "apt" | "apt-get" | "gem" | "pipx" | "conda" | "apk" | "dnf" | "yum",
            "install",
        )
        | ("uv" | "poetry" | "pdm" | "apk" | "rustup", "add" | "sync")
        | ("uv", "pip")
        | ("bundle", "install" | "add") => (Install, true),
        ("git", _) => (git_class(sub, part), true),
        ("gh" | "glab", "pr" | "mr" | "release" | "issue") => {
            let telling = matches!(part.words.get(2).map(String::as_str), Some("create" | "merge" | "close"));
            (if telling { Git } else { Look }, true)
        }
        ("sed" | "perl", _) if part.words.iter().any(|word| word.starts_with("-i")) => (Run, false),
        ("cat" | "echo" | "printf" | "tee", _) if !part.writes.is_empty() => (Run, false),
        _ if looks_only(program) => (Look, false),
        (
            "python" | "node" | "ruby" | "php" | "perl" | "bash" | "sh" | "zsh" | "tsx" | "ts-node" | "java",
            _,
        ) => (if named_like_tests(sub) { Test } else { Run }, true),
        _ if named_like_tests(program) => (Test, false),
        _ => (Run, sub.chars().all(|c| c.is_ascii_lowercase() || c == '-')),
    }
}

/// Tools with subcommands that test, build or install.
fn build_tool(program: &str, sub: &str, part: &Part) -> (Class, bool) {
    use Class::{Build, Install, Lint, Look, Run, Test};
    let script = || part.words.iter().skip(2).find(|word| !word.starts_with('-')).map_or("", String::as_str);
    match (program, sub) {
        ("npm" | "pnpm" | "yarn" | "bun" | "deno" | "composer" | "task" | "rake", "run" | "run-script") => {
            (script_class(script()), true)
        }
        ("npm" | "pnpm" | "yarn", "t") | ("cargo", "nextest" | "t") | ("mvn" | "gradle", "verify") => {
            (Test, true)
        }
        ("mvn" | "gradle" | "sbt" | "bazel", _) if part.words.iter().any(|w| named_like_tests(w)) => {
            (Test, named_like_tests(sub))
        }
        ("make" | "just" | "task" | "rake", "") => (Build, false),
        ("npm" | "pnpm" | "yarn" | "bun", "install" | "i" | "add" | "ci")
        | ("cargo", "add" | "install")
        | ("go", "get" | "install")
        | ("dotnet", "add")
        | ("deno" | "mix" | "flutter" | "dart", "add" | "deps.get" | "install")
        | ("composer", "require" | "install") => (Install, true),
        ("npm" | "pnpm" | "yarn", "ls" | "list" | "view" | "outdated" | "why")
        | ("cargo", "tree" | "metadata" | "search" | "info")
        | ("go", "list" | "env" | "version" | "doc") => (Look, true),
        ("cargo", "clippy" | "fmt" | "deny") | ("go", "vet" | "fmt") | ("dart", "analyze" | "format") => {
            (Lint, true)
        }
        ("cargo", "b" | "c" | "doc") | ("go", "mod") | ("mvn", "package" | "install") => (Build, true),
        _ => match script_class(sub) {
            Run if matches!(program, "mvn" | "gradle" | "make" | "bazel") => (Build, true),
            class => (class, true),
        },
    }
}

fn script_class(name: &str) -> Class {
    if named_like_tests(name) {
        return Class::Test;
    }
    let name = name.to_lowercase();
    if name.contains("lint") || name.contains("format") || name == "fmt" {
        Class::Lint
    } else if ["build", "compile", "check", "typecheck", "tsc", "all", "assemble"]
        .iter()
        .any(|n| name.contains(n))
    {
        Class::Build
    } else {
        Class::Run
    }
}

/// Whether a script's or target's name says that it runs tests: a whole word `test`, `tests`, `spec`.
fn named_like_tests(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word.to_ascii_lowercase().as_str(), "test" | "tests" | "spec" | "specs" | "e2e"))
}

fn git_class(sub: &str, part: &Part) -> Class {
    let bare = part.words.len() <= 2;
    match sub {
        "commit" | "push" | "merge" | "rebase" | "cherry-pick" | "revert" | "reset" | "restore"
        | "checkout" | "switch" | "rm" | "mv" | "am" | "apply" | "clean" | "pull" => Class::Git,
        "tag" | "branch" | "stash" if !bare => Class::Git,
        "stash" => Class::Git,
        _ => Class::Look,
    }
}

fn looks_only(program: &str) -> bool {
    const LOOKING: &str = " ls cat head tail grep egrep fgrep rg ag find fd wc sed awk pwd echo printf which tree \
        stat file du df sort uniq cut tr jq yq diff cmp xxd od less more type whereis ps top env date true false \
        sleep test [ [[ cd pushd popd export source . set unset alias read ulimit umask mkdir touch chmod wait kill \
        basename dirname realpath readlink id whoami uname hostname man help for in done fi esac case tee xargs \
        column nl tac seq rev strings md5sum sha256sum git-log bat eza lsof pgrep curl wget ";
    LOOKING.contains(&format!(" {program} "))
}

fn packages_of(key: &str, scope: &[String]) -> Vec<String> {
    if key == "npm ci" || key.ends_with(" sync") {
        return Vec::new();
    }
    let skip = usize::from(key == "uv pip") + usize::from(key == "dotnet add" && scope.len() > 1);
    scope
        .iter()
        .skip(skip)
        .filter(|name| !matches!(name.as_str(), "." | "package" | "component" | "target"))
        .filter(|name| name.chars().any(char::is_alphanumeric))
        .cloned()
        .collect()
}

/// A file made, moved or removed from the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShellChange {
    /// `wrote`, `edited`, `moved`, `removed`.
    pub(super) verb: &'static str,
    /// The file; for a move, `from → to`.
    pub(super) path: String,
}

/// What a call did to files, when it says so by itself.
pub(super) fn shell_changes(call: &Call) -> Vec<ShellChange> {
    let scratch = |path: &str| {
        path.starts_with("/dev/")
            || path.starts_with("/tmp/")
            || path.contains(['$', '*'])
            || path.ends_with(".log")
    };
    let named = |verb: &'static str, paths: &[String]| {
        let kept = paths.iter().filter(|path| !scratch(path));
        kept.map(|path| ShellChange { verb, path: path.clone() }).collect::<Vec<_>>()
    };
    let program = call.key.split(' ').next().unwrap_or_default();
    let mut found = match (program, call.scope.as_slice()) {
        ("mv" | "git", [from, to]) if program == "mv" || call.key == "git mv" => {
            if scratch(to) {
                named("removed", std::slice::from_ref(from))
            } else {
                named("moved", &[format!("{from} → {to}")])
            }
        }
        ("rm" | "git", paths) if program == "rm" || call.key == "git rm" => named("removed", paths),
        ("sed", [_, paths @ ..]) if call.class == Class::Run => named("edited", paths),
        _ => Vec::new(),
    };
    // A redirected test or build is a log; a redirected `cat` or `echo` makes a file.
    if matches!(program, "cat" | "echo" | "printf") && call.class == Class::Run {
        found.extend(named("wrote", &call.part.writes));
    }
    found
}
