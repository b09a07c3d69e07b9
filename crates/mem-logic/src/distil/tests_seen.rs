//! What the output of a test runner says: how many passed and failed, and which.
//!
//! One table of patterns for all runners, because output is often seen without the command that names the
//! runner (`make check`, `./ci.sh`). Must not guess: no pattern, no tally.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// The counts of one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Tests that passed, where the output says so.
    pub(super) passed: Option<u32>,
    /// Tests that failed or broke.
    pub(super) failed: u32,
    /// Names of failing tests, in order, each once.
    pub(super) failing: Vec<String>,
}

/// How many names of failing tests are kept.
const MOST_NAMES: usize = 8;

/// How the counts of one line relate to those of others.
#[derive(Clone, Copy, PartialEq)]
enum Fold {
    /// Lines add up: one per test binary.
    Sum,
    /// The last line is the total.
    Last,
}

/// A line with counts; groups `p` (passed), `f` (failed), `e` (errors), `n` (all that ran).
static COUNTS: LazyLock<Vec<(Regex, Fold)>> = LazyLock::new(|| {
    [
        // cargo test
        (r"^test result: \w+\. (?P<p>\d+) passed; (?P<f>\d+) failed", Fold::Sum),
        // cargo nextest
        (r"^\s*Summary \[.*?\] +\d+ tests? run: (?P<p>\d+) passed(?:.*?, (?P<f>\d+) failed)?", Fold::Last),
        // pytest
        (
            r"^(?:=+ )?(?:(?P<f>\d+) failed)?(?:, )?(?:(?P<p>\d+) passed)?(?:, \d+ (?:skipped|deselected|xfailed|xpassed|warnings?))*(?:, (?P<e>\d+) errors?)? in [\d.]+s",
            Fold::Last,
        ),
        (r"^=+ (?P<e>\d+) errors? in [\d.]+s", Fold::Last),
        // unittest
        (r"^Ran (?P<n>\d+) tests? in [\d.]+s", Fold::Last),
        (r"^FAILED \((?:failures=(?P<f>\d+))?(?:, )?(?:errors=(?P<e>\d+))?", Fold::Last),
        // jest, vitest
        (r"^Tests:\s+(?:(?P<f>\d+) failed, )?(?:\d+ (?:skipped|todo), )*(?:(?P<p>\d+) passed, )?\d+ total", Fold::Last),
        (r"^\s*Tests\s+(?:(?P<f>\d+) failed)?(?: \| )?(?:(?P<p>\d+) passed)?.*\(\d+\)\s*$", Fold::Last),
        // mocha
        (r"^\s+(?P<p>\d+) passing\b", Fold::Last),
        (r"^\s+(?P<f>\d+) failing\b", Fold::Last),
        // node --test, TAP
        (r"^(?:#|ℹ) pass (?P<p>\d+)", Fold::Last),
        (r"^(?:#|ℹ) fail (?P<f>\d+)", Fold::Last),
        // maven, gradle
        (r"^(?:\[\w+\] )?Tests run: (?P<n>\d+), Failures: (?P<f>\d+), Errors: (?P<e>\d+)", Fold::Last),
        (r"^(?P<n>\d+) tests? completed, (?P<f>\d+) failed", Fold::Last),
        // rspec, minitest
        (r"^(?P<n>\d+) examples?, (?P<f>\d+) failures?", Fold::Last),
        (r"^(?P<n>\d+) (?:runs|tests), \d+ assertions, (?P<f>\d+) failures, (?P<e>\d+) errors", Fold::Last),
        // phpunit
        (r"^OK \((?P<p>\d+) tests?,", Fold::Last),
        (r"^Tests: (?P<n>\d+), Assertions: \d+(?:, Errors: (?P<e>\d+))?(?:, Failures: (?P<f>\d+))?", Fold::Last),
        // dotnet
        (r"^\s*(?:Failed|Passed)!\s+- Failed:\s+(?P<f>\d+), Passed:\s+(?P<p>\d+)", Fold::Sum),
        // ctest
        (r"^\d+% tests passed, (?P<f>\d+) tests? failed out of (?P<n>\d+)", Fold::Last),
        // bun, deno
        (r"^\s*(?P<p>\d+) pass$", Fold::Last),
        (r"^\s*(?P<f>\d+) fail$", Fold::Last),
        (r"^(?:ok|FAILED) \| (?P<p>\d+) passed.*\| (?P<f>\d+) failed", Fold::Last),
    ]
    .into_iter()
    .map(|(pattern, fold)| (ascii(pattern), fold))
    .collect()
});

/// A line that names a failing test in group 1.
static FAILING: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"^test (\S+) \.\.\. FAILED",                          // cargo test
        r"^\s+FAIL \[[^\]]*\] +(?:\([^)]*\) +)?\S+ (\S+)\s*$", // nextest
        r"^(?:FAILED|ERROR) (\S+\.py(?:::\S+)?)",              // pytest
        r"^(?:FAIL|ERROR): (\w+) \(",                          // unittest
        r"^\s*● (\S.* › .+)$",                                 // jest
        r"^\s*(?:FAIL|×)\s+(\S+ > .+?)(?:\s+\d+ms)?$",         // vitest
        r"^\s*--- FAIL: (\S+)",                                // go test
        r"^not ok \d+ -? ?(.+?)(?: # .*)?$",                   // TAP
        r"^✖ (.+?) \([\d.]+ms\)$",                             // node --test
        r"^rspec (\./\S+)",                                    // rspec
        r"^\s*\d+\) (\w+(?:\\\w+)*::\w+)",                     // phpunit
        r"^\[ERROR\] +([\w.]+[.:#]\w+)(?::\d+)?\b.*(?:expected|FAILURE|Error|»)", // maven
        r"^(\w+ > .+) FAILED$",                                // gradle
        r"^\s+Failed (\S+) \[",                                // dotnet
        r"^\s+\d+ - (\S+) \(Failed\)",                         // ctest
        r"^\(fail\) (.+?)(?: \[[\d.]+ms\])?$",                 // bun
    ]
    .into_iter()
    .map(ascii)
    .collect()
});

/// A pattern whose digits and letters are ASCII ones: runners print no others, and the Unicode tables would
/// make up most of the time it takes to build them.
fn ascii(pattern: &str) -> Regex {
    let pattern = pattern.replace(r"\d", "[0-9]").replace(r"\w", "[A-Za-z0-9_]").replace(r"\s", r"[ \t]");
    Regex::new(&pattern).expect("the tables of runners are valid")
}

/// All patterns in one, so that the many lines that say nothing are passed over in one go.
static TELLING: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = COUNTS.iter().map(|(pattern, _)| pattern).chain(FAILING.iter()).map(Regex::as_str);
    RegexSet::new(patterns).expect("the tables are valid together")
});

/// Whether a line is one of a runner's telling ones: counts, or the name of a failing test.
pub(crate) fn tells(line: &str) -> bool {
    line.len() < 400 && TELLING.is_match(line)
}

/// Reads the tally out of `output`, cleaned of escapes; none when no runner's words are found.
pub(super) fn read(output: &str) -> Option<Tally> {
    let output: Vec<&str> = output.lines().filter(|line| tells(line)).collect();
    let mut tally = Tally::default();
    let (mut seen, mut ran) = (false, None);
    for (pattern, fold) in COUNTS.iter() {
        let mut found: Option<[Option<u32>; 4]> = None;
        for line in &output {
            let Some(groups) = pattern.captures(line) else { continue };
            let count = |name: &str| groups.name(name).and_then(|m| m.as_str().parse::<u32>().ok());
            let counts = [count("p"), count("f"), count("e"), count("n")];
            if counts.iter().all(Option::is_none) {
                continue;
            }
            found = Some(match (found, fold) {
                (Some(old), Fold::Sum) => std::array::from_fn(|at| match (old[at], counts[at]) {
                    (None, None) => None,
                    (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
                }),
                _ => counts,
            });
        }
        let Some([passed, failed, errors, all]) = found else { continue };
        seen = true;
        tally.passed = passed.or(tally.passed);
        tally.failed = tally.failed.max(failed.unwrap_or(0).saturating_add(errors.unwrap_or(0)));
        ran = all.or(ran);
    }
    tally.failing = failing(&output);
    tally.failed = tally.failed.max(tally.failing.len() as u32);
    if tally.passed.is_none() {
        tally.passed = ran.map(|ran| ran.saturating_sub(tally.failed));
    }
    (seen || !tally.failing.is_empty()).then_some(tally)
}

fn failing(lines: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        let Some(name) =
            FAILING.iter().find_map(|pattern| pattern.captures(line)).map(|found| found[1].to_owned())
        else {
            continue;
        };
        if !names.contains(&name) && names.len() < MOST_NAMES {
            names.push(name);
        }
    }
    // A Go test and its subtest are one failure; the subtest says more.
    let parents: Vec<String> =
        names.iter().filter_map(|name| name.split_once('/')).map(|(p, _)| p.to_owned()).collect();
    names.retain(|name| !parents.contains(name));
    names
}
