//! How each call of a command line ended, judged from the line's exit and from what it printed.
//!
//! A good exit code speaks for what `&&` chains to the end of a line. A bad one says only that some call of the
//! chain failed: which one, the output must tell. Must not take silence for success: then the verdict is `Unknown`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::commands::{Call, Class};
use super::commits::shown_done;
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

/// The calls of a line, judged.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    /// Each call and how it ended.
    pub(super) calls: Vec<(&'a Call, Verdict)>,
    /// Calls of which one failed, when nothing tells which: the failure is the line's. Else empty.
    pub(super) suspects: Vec<&'a Call>,
}

/// How each call of a line ended, from the line's exit (`failed`, ended `well`, or neither known) and its output.
pub(super) fn judge<'a>(calls: &'a [Call], failed: bool, well: bool, output: &str) -> Judged<'a> {
    let tests = calls.iter().any(|call| call.class == Class::Test);
    let tally = if tests { tests_seen::read(output) } else { None };
    let broken =
        |call: &Call| call.class == Class::Test && tally.as_ref().is_some_and(|tally| tally.failed > 0);
    if failed {
        return judge_failed(calls, output, &broken);
    }
    let telling = calls.iter().filter(|call| call.class != Class::Look).count();
    // Who said that all is well is plain only where one call can have said it, and git never does.
    let speakers = calls.iter().filter(|call| !matches!(call.class, Class::Look | Class::Git)).count();
    // A runner that found no test proves nothing.
    let empty = tally.as_ref().is_some_and(|tally| tally.passed == Some(0) && tally.failed == 0);
    let verdict = |call: &Call| match call.class {
        _ if broken(call) => Verdict::Failed,
        Class::Look => Verdict::Unknown,
        Class::Test if empty => Verdict::Unknown,
        _ if well && call.told => Verdict::Passed,
        _ if BADLY.is_match(output) || errors::sure_line(output).is_some() => {
            if telling == 1 {
                Verdict::Failed
            } else {
                Verdict::Unknown
            }
        }
        Class::Test if tally.is_some() => Verdict::Passed,
        Class::Git => Verdict::Unknown,
        _ if speakers == 1 && WELL.is_match(output) => Verdict::Passed,
        _ => Verdict::Unknown,
    };
    Judged { calls: calls.iter().map(|call| (call, verdict(call))).collect(), suspects: Vec::new() }
}

/// A line that failed: one call is guilty only where it stands alone or the output names it. Of several calls
/// chained by `&&`, any may have ended the line, so none of them is believed then.
fn judge_failed<'a>(calls: &'a [Call], output: &str, broken: &dyn Fn(&Call) -> bool) -> Judged<'a> {
    let strict = calls.iter().any(|call| call.key == "set" && call.shown.contains("-e"));
    let chained = |from: usize, to: usize| {
        from <= to
            && calls[from..to]
                .iter()
                .all(|call| call.part.after == Joint::And || (strict && call.part.after == Joint::Then))
    };
    let telling: Vec<usize> = (0..calls.len()).filter(|at| calls[*at].class != Class::Look).collect();
    let last = telling.last().copied().unwrap_or(0);
    // What the output shows done was reached, and is not what failed.
    let shown =
        |call: &Call| shown_done(call, output) && (call.key == "git commit" || !names_itself(call, output));
    let done = telling.iter().copied().rfind(|at| shown(&calls[*at]));
    let suspects: Vec<usize> = telling
        .iter()
        .copied()
        .filter(|at| chained(*at, last) && done.is_none_or(|done| *at > done))
        .collect();
    let keys: BTreeSet<&str> =
        calls.iter().filter(|call| broken(call)).map(|call| call.key.as_str()).collect();
    let culprit = telling
        .iter()
        .copied()
        .find(|at| keys.len() == 1 && broken(&calls[*at]))
        .or_else(|| (0..calls.len()).find(|at| look_failed(&calls[*at], output)))
        .or_else(|| suspects.iter().copied().find(|at| names_itself(&calls[*at], output)))
        .or_else(|| {
            suspects.first().copied().filter(|_| suspects.len() == 1 && !looks_decide(calls, output))
        });
    // A commit that is not quiet tells its hash; where it did not, nothing behind it ran.
    let culprit = culprit.map(|culprit| {
        let silent = |at: &usize| unseen_commit(&calls[*at], output) && chained(*at, culprit);
        suspects.iter().copied().filter(|at| *at < culprit).find(silent).unwrap_or(culprit)
    });
    let reached = |at: usize| {
        culprit.is_some_and(|culprit| at < culprit && chained(at, culprit))
            || done.is_some_and(|done| chained(at, done))
    };
    let verdict = |at: usize| match culprit {
        Some(culprit) if at == culprit => Verdict::Failed,
        _ if reached(at) => Verdict::Passed,
        _ => Verdict::Unknown,
    };
    let open = if culprit.is_none() { suspects } else { Vec::new() };
    Judged {
        calls: calls.iter().enumerate().map(|(at, call)| (call, verdict(at))).collect(),
        suspects: open.into_iter().map(|at| &calls[at]).collect(),
    }
}

/// Whether a call that only looks, and on which the rest of the line hangs, complains under its own name.
fn look_failed(call: &Call, output: &str) -> bool {
    let hangs = call.part.after == Joint::And || call.part.before == Joint::And;
    let name = call.key.split(' ').next().unwrap_or_default();
    let complains = |line: &str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(": "))
            || (line.contains(&format!(": {name}: ")) && !line.starts_with("error"))
    };
    call.class == Class::Look && hangs && call.part.after != Joint::Pipe && output.lines().any(complains)
}

/// Whether the exit may be that of a call that only looks: one chained behind the rest, or one before it that
/// ends a line without a word.
fn looks_decide(calls: &[Call], output: &str) -> bool {
    const ASKING: [&str; 9] = ["grep", "rg", "test", "[", "[[", "diff", "cmp", "false", "git diff"];
    let asks = |call: &Call| ASKING.contains(&call.key.as_str());
    let last = calls.iter().rposition(|call| call.class != Class::Look).unwrap_or(0);
    let silent = output.trim().is_empty();
    calls.iter().enumerate().any(|(at, call)| {
        asks(call)
            && ((at > last && call.part.before == Joint::And)
                || (at < last && call.part.after == Joint::And && silent))
    })
}

fn unseen_commit(call: &Call, output: &str) -> bool {
    let quiet = call.part.words.iter().any(|word| {
        word == "--quiet" || (word.starts_with('-') && !word.starts_with("--") && word.contains('q'))
    });
    call.key == "git commit" && !quiet && call.part.writes.is_empty() && !shown_done(call, output)
}

static NO_COMMIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^nothing to commit|^nothing added to commit|^no changes added to commit|^- hook id: |pre-commit\b.*\b(?:failed|exited)|^Aborting commit|^Author identity unknown|^husky - ",
    )
});
static NO_PUSH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^ ! \[(?:remote )?rejected\]|failed to push some refs|has no upstream branch|^fatal: .*(?:remote|repository)|^pre-push\b",
    )
});
static CONFLICT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^CONFLICT \(|^Automatic merge failed|^error: could not "));
static NOT_COMPILED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^error\[E\d+\]|^error: could not compile "));
static TESTS_NOT_COMPILED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?m)^error: could not compile .*(?:test\)|\(test ")"#));
static NOT_INSTALLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^(?:npm )?(?:ERR!|error) (?:code )?(?:ERESOLVE|E40\d|EUSAGE|ETARGET|ENOTFOUND|EINTEGRITY|ECONNREFUSED)|ERR_PNPM_|^ERROR: (?:Could not find a version|No matching distribution|Could not install)",
    )
});
static ESLINT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^✖ \d+ problems? \((?:[1-9])|^\s+\d+:\d+\s+error\s"));
static TSC: LazyLock<Regex> = LazyLock::new(|| pattern(r"\berror TS\d+:"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Whether the output holds words that only this call can have said of its own failure.
fn names_itself(call: &Call, output: &str) -> bool {
    let program = call.key.split(' ').next().unwrap_or_default();
    let missing = call.part.words.first().is_some_and(|name| {
        output.lines().any(|line| {
            line.ends_with(&format!("{name}: command not found"))
                || line.ends_with(&format!("{name}: not found"))
                || line.ends_with(&format!("command not found: {name}"))
                || line.ends_with(&format!("No module named {name}"))
        })
    });
    let widely = || call.part.words.iter().any(|word| word == "--all-targets" || word == "--tests");
    let own = match (call.class, program, call.key.as_str()) {
        (_, _, "git commit") => NO_COMMIT.is_match(output),
        (_, _, "git push") => NO_PUSH.is_match(output),
        (_, _, "git tag") => output.contains("fatal: tag '"),
        (_, _, "git merge" | "git rebase" | "git cherry-pick" | "git revert" | "git pull" | "git stash") => {
            CONFLICT.is_match(output)
        }
        (_, _, "cargo fmt") => output.lines().any(|line| line.starts_with("Diff in ")),
        (class, "cargo", _) if NOT_COMPILED.is_match(output) => {
            class == Class::Test || widely() || !TESTS_NOT_COMPILED.is_match(output)
        }
        (Class::Install, ..) => NOT_INSTALLED.is_match(output),
        (Class::Lint, "npm" | "pnpm" | "yarn" | "bun" | "eslint", _) => ESLINT.is_match(output),
        (Class::Build, "tsc" | "npm" | "pnpm" | "yarn" | "bun", _) => TSC.is_match(output),
        _ => false,
    };
    missing || own
}

/// What the command printed: a failed tool tells it in its error, after a line with the exit code.
pub(crate) fn whole_output(output: &str, error: &str) -> String {
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
