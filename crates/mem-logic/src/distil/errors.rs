//! The one line of a failed command's output that says what was wrong.
//!
//! Not the traceback, not the summary of the build tool, but the exception, the failed assertion or the
//! compiler's first error, with its place where that stands next to it.

use std::sync::LazyLock;

use regex::Regex;

use super::words::line;
use crate::pattern::pattern;

/// Longest key line kept, in characters.
const LONGEST: usize = 180;

/// Lines that say something failed, but not what.
static EMPTY_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)could not compile|aborting due to|test failed, to rerun|test run failed|^error: process didn't exit|^\s*npm (?:ERR!|error) (?:A complete log|Lifecycle|path|command|code \S+$|errno)|make(?:\[\d+\])?: \*\*\*|error Command failed|ELIFECYCLE|^\s*0 errors?|no errors?\b|Build FAILED|^\s*warning",
    )
});

/// Patterns from the most to the least telling; the first tier with a hit gives the line. Group 1, where
/// there is one, is the telling part.
static TIERS: LazyLock<Vec<(Regex, Pick)>> = LazyLock::new(|| {
    [
        // pytest's own mark
        (r"^E\s{2,}(\S.*)$", Pick::First),
        // rustc, and tools that speak like it
        (r"^error\[E\d+\]: .+$", Pick::First),
        // tsc, gcc, clang, javac, go build, swiftc, eslint's compact form
        (r"^\S+\.\w+[(:]\d+(?:[,:]\d+)?\)?:?(?: -)? (?:fatal )?error:? .+$", Pick::First),
        (r"^(?:\./)?[\w./-]+\.go:\d+(?::\d+)?: .+$", Pick::First),
        // Python, JavaScript, Java, C#: the exception's own line; in a traceback the last counts
        (r"^\s*(?:Uncaught )?(?:Exception in thread \S+ )?((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Failure|Exit|Interrupt|NotFound)(?: \[\w+\])?(?:: .+)?)$", Pick::Last),
        (r"^(\S+:\d+:in .+ \(\w+(?:::\w+)*Error\))$", Pick::First),
        (r"^(?:PHP )?(?:Fatal|Parse) error: +(.+)$", Pick::First),
        (r"^(panic: .+)$", Pick::First),
        // go test
        (r"^\s+(\w+_test\.go:\d+: .+)$", Pick::First),
        // shells
        (r"^(?:\S+: )?(?:line \d+: )?(\S+: (?:command )?not found)$", Pick::First),
        (r"^\S*: (command not found: \S+)$", Pick::First),
        (r"^npm (?:ERR!|error) (\S.*)$", Pick::First),
        (r"^(?:ERROR|FATAL|error|fatal|Error)(?:\[\w+\])?: .+$", Pick::First),
        (r"^.*: (?:No such file or directory|Permission denied|Connection refused|Address already in use).*$", Pick::First),
        (r"^.*undefined reference to .+$", Pick::First),
        (r"(?i)^.*\b(?:error|fatal|failed|failure|denied|refused|not found|cannot|unable|invalid|unrecognized|unknown|expected)\b.*$", Pick::First),
    ]
    .into_iter()
    .map(|(text, pick)| (pattern(text), pick))
    .collect()
});

/// How many of the tiers prove an error by their form alone, without a bad exit code.
const SURE: usize = 8;

#[derive(Clone, Copy, PartialEq)]
enum Pick {
    First,
    Last,
}

static PANIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^thread '[^']*'(?: \(\d+\))? panicked at (\S+?):?$").expect("a valid pattern")
});
static OLD_PANIC: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^thread '[^']*' panicked at '(.+)', (\S+)$").expect("a valid pattern"));
static SIDE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s+(left|right): (.+)$").expect("a valid pattern"));
static PLACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\s*--> (\S+)$").expect("a valid pattern"));

/// The telling line of a failed command's `output` (cleaned of escapes), one line; none when it says nothing.
pub(super) fn key_line(output: &str) -> Option<String> {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    if let Some(found) = panic_line(&lines).or_else(|| expectation(&lines)).or_else(|| diagnosis(&lines)) {
        return Some(line(&found, LONGEST));
    }
    tiered(&lines, TIERS.len()).or_else(|| {
        let last = lines.iter().rev().find(|line| !EMPTY_WORDS.is_match(line))?;
        (last.chars().count() <= 200).then(|| line(last, LONGEST))
    })
}

/// The telling line of an output whose exit code says nothing; only forms that are errors beyond doubt.
pub(super) fn sure_line(output: &str) -> Option<String> {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    panic_line(&lines).map(|found| line(&found, LONGEST)).or_else(|| tiered(&lines, SURE))
}

fn tiered(lines: &[&str], tiers: usize) -> Option<String> {
    for (pattern, pick) in TIERS.iter().take(tiers) {
        let mut hits = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.len() < 1000 && !EMPTY_WORDS.is_match(line))
            .filter_map(|(at, line)| {
                let found = pattern.captures(line)?;
                Some((at, found.get(1).or_else(|| found.get(0))?.as_str().trim().to_owned()))
            });
        let hit = if *pick == Pick::First { hits.next() } else { hits.next_back() };
        if let Some((at, mut text)) = hit {
            if let Some(place) = lines.get(at + 1).and_then(|next| PLACE.captures(next)) {
                text.push_str(&format!(" at {}", &place[1]));
            }
            return Some(line(&text, LONGEST));
        }
    }
    None
}

/// A failed expectation of jest: the call, and what was expected and received.
fn expectation(lines: &[&str]) -> Option<String> {
    let at = lines.iter().position(|line| line.trim_start().starts_with("expect(received)"))?;
    let value = |name: &str| {
        let told = lines[at + 1..].iter().take(4).find_map(|line| line.trim().strip_prefix(name))?;
        Some(told.trim().to_owned())
    };
    let call = lines[at].split("//").next().unwrap_or_default().trim();
    Some(match (value("Expected:"), value("Received:")) {
        (Some(expected), Some(received)) => format!("{call}: expected {expected}, received {received}"),
        _ => call.to_owned(),
    })
}

/// The block under a failed point of TAP (its version 13 and later): the text of `error:`, which may stand on the lines
/// below it, behind the kind of error.
fn diagnosis(lines: &[&str]) -> Option<String> {
    let failed = lines.iter().position(|line| line.trim_start().starts_with("not ok "))?;
    let block: Vec<&str> =
        lines[failed + 1..].iter().copied().take_while(|line| line.trim() != "...").take(80).collect();
    let at = block.iter().position(|line| line.trim_start().starts_with("error:"))?;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let told = block[at].trim_start().trim_start_matches("error:").trim().trim_matches(['\'', '"']);
    let said = if matches!(told, "|-" | "|" | ">-" | ">") {
        let below = block[at + 1..].iter().take_while(|line| indent(line) > indent(block[at]));
        below.take(3).map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    } else {
        told.to_owned()
    };
    let kind = block.iter().find_map(|line| line.trim().strip_prefix("name: ")).unwrap_or_default();
    let kind = kind.trim_matches(['\'', '"']);
    let said = if kind.is_empty() || said.is_empty() { said } else { format!("{kind}: {said}") };
    (!said.is_empty()).then_some(said)
}

/// A Rust panic: message, both sides of a failed comparison, place.
fn panic_line(lines: &[&str]) -> Option<String> {
    for (at, text) in lines.iter().enumerate() {
        if let Some(old) = OLD_PANIC.captures(text) {
            return Some(format!("panicked: {} at {}", &old[1], &old[2]));
        }
        let Some(found) = PANIC.captures(text) else { continue };
        let message = lines.get(at + 1).map_or("panicked", |next| next.trim());
        let sides: Vec<String> = lines[at + 1..]
            .iter()
            .take(4)
            .filter_map(|next| SIDE.captures(next).map(|side| format!("{} {}", &side[1], &side[2])))
            .collect();
        let sides = if sides.is_empty() { String::new() } else { format!(" ({})", sides.join(", ")) };
        return Some(format!("{message}{sides} at {}", &found[1]));
    }
    None
}

/// An error without what changes from run to run, for telling whether two are the same.
pub(super) fn same_key(error: &str) -> String {
    error.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().to_lowercase()
}
