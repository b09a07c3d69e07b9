//! How each call of a command line ended, judged from the line's exit and from what it printed.
//!
//! The exit code speaks for the last call of a line only; what is before it is believed where `&&` or the output
//! says so. Must not take silence for success: then the verdict is `Unknown`.

use std::sync::LazyLock;

use regex::Regex;

use super::commands::{Call, Class};
use super::errors;
use super::shell::Joint;
use super::tests_seen;

/// How a trial ended, as far as the evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    Failed,
    Unknown,
}

static WELL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^\s*(?:ok\s+\S+\s+(?:[\d.]+s|\(cached\))|PASS$|BUILD SUCCESS|OK$|Finished `?\w|All checks passed|✓ built in|Success: no issues|Compiled successfully)",
    )
    .expect("a valid pattern")
});
static BADLY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?:FAIL\b|BUILD FAIL|error(?:\[|:)|--- FAIL)").expect("a valid pattern")
});

/// How each call of a line ended, from the line's exit (`failed`, ended `well`, or neither known) and its output.
pub(super) fn judge<'a>(
    calls: &'a [Call],
    failed: bool,
    well: bool,
    output: &str,
) -> Vec<(&'a Call, Verdict)> {
    let tests = calls.iter().any(|call| call.class == Class::Test);
    let tally = if tests { tests_seen::read(output) } else { None };
    let broken =
        |call: &Call| call.class == Class::Test && tally.as_ref().is_some_and(|tally| tally.failed > 0);
    let telling: Vec<usize> = (0..calls.len()).filter(|at| calls[*at].class != Class::Look).collect();
    let culprit = if failed {
        telling.iter().copied().find(|at| broken(&calls[*at])).or(telling.last().copied())
    } else {
        None
    };
    let verdict = |at: usize, call: &Call| match culprit {
        Some(culprit) if at == culprit => Verdict::Failed,
        // What stands before the culprit ran well only where `&&` says so.
        Some(culprit)
            if at < culprit && calls[at..culprit].iter().all(|call| call.part.after == Joint::And) =>
        {
            Verdict::Passed
        }
        Some(_) => Verdict::Unknown,
        None if broken(call) => Verdict::Failed,
        None if call.class == Class::Look => Verdict::Unknown,
        None if well && call.told => Verdict::Passed,
        None if BADLY.is_match(output) || errors::sure_line(output).is_some() => {
            if telling.len() == 1 {
                Verdict::Failed
            } else {
                Verdict::Unknown
            }
        }
        None if call.class == Class::Test && tally.is_some() => Verdict::Passed,
        None if WELL.is_match(output) => Verdict::Passed,
        None => Verdict::Unknown,
    };
    calls.iter().enumerate().map(|(at, call)| (call, verdict(at, call))).collect()
}

/// What the command printed: a failed tool tells it in its error, after a line with the exit code.
pub(super) fn whole_output(output: &str, error: &str) -> String {
    let told = match error.split_once('\n') {
        Some((first, rest)) if code_in(first).is_some() => rest,
        None if code_in(error).is_some() => "",
        _ => error,
    };
    if output.contains(told.trim()) { output.to_owned() } else { format!("{told}\n{output}") }
}

pub(super) fn code_in(error: &str) -> Option<i32> {
    error.trim_start().strip_prefix("Exit code ")?.split_whitespace().next()?.parse().ok()
}
