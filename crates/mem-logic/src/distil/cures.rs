//! Failures matched with what came after: cured and by what, or still open.
//!
//! A failure counts as cured only when the same thing was seen to succeed later, at least as widely as it had
//! failed; what was done between is the remedy. Must not assume success from silence.

use super::commands::Class;
use super::errors::same_key;
use super::evidence::{Evidence, Trial};
use super::tests_seen::Tally;
use super::verdict::Verdict;
use super::words::line;

/// All trials of one thing (`cargo test`, `python app.py`).
#[derive(Debug)]
pub(super) struct Strand<'a> {
    /// Its name.
    pub(super) key: &'a str,
    /// What it is for.
    pub(super) class: Class,
    /// Its failures, in order.
    pub(super) failures: Vec<&'a Trial>,
    /// How it stood at the end.
    pub(super) end: End<'a>,
}

/// How a strand stood at the end of the turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum End<'a> {
    /// Its last trial that tells passed, as widely as it had failed.
    Passed(&'a Trial),
    /// Only a narrower trial passed after the last failure.
    Partly(&'a Trial),
    /// It failed last.
    Failed(&'a Trial),
    /// No trial tells.
    Unknown,
}

/// What was done between a failure and the success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Files of the project were changed.
    Edited,
    /// Another command put it right.
    Did(String),
    /// The same program was called differently.
    Recalled(String),
    /// Nothing that we saw.
    Nothing,
}

/// An error that was met and is gone.
#[derive(Debug, Clone)]
pub(super) struct Cure<'a> {
    /// The error's telling line.
    pub(super) error: String,
    /// The trial that met it first.
    pub(super) met: &'a Trial,
    /// The trial that succeeded.
    pub(super) gone: &'a Trial,
    /// What was done.
    pub(super) remedy: Remedy,
}

/// The strands of a turn in the order in which they began.
pub(super) fn strands(evidence: &Evidence) -> Vec<Strand<'_>> {
    let mut found: Vec<(&str, Vec<&Trial>)> = Vec::new();
    for trial in &evidence.trials {
        match found.iter_mut().find(|(key, _)| *key == trial.call.key) {
            Some((_, trials)) => trials.push(trial),
            None => found.push((&trial.call.key, vec![trial])),
        }
    }
    let mut strands: Vec<Strand> = found
        .into_iter()
        .map(|(key, trials)| Strand {
            key,
            class: trials[0].call.class,
            failures: trials.iter().copied().filter(|trial| trial.verdict == Verdict::Failed).collect(),
            end: end_of(&trials),
        })
        .collect();
    for strand in &mut strands {
        if let End::Failed(last) = strand.end {
            strand.end = match (all_passed(evidence, last), passed_otherwise(evidence, last)) {
                (Some(passed), _) => End::Passed(passed),
                (None, Some(other)) => End::Partly(other),
                (None, None) => strand.end,
            };
        }
    }
    strands
}

/// The last success by which every call of a line that failed as a whole has passed since.
fn all_passed<'a>(evidence: &'a Evidence, failed: &Trial) -> Option<&'a Trial> {
    let passed = |name: &String| {
        evidence.trials.iter().rev().find(|trial| {
            trial.step > failed.step && trial.verdict == Verdict::Passed && trial.call.key == *name
        })
    };
    let passed: Option<Vec<&Trial>> = failed.members.iter().map(passed).collect();
    passed?.into_iter().max_by_key(|trial| trial.step)
}

/// A later success under another name that makes it doubtful that the failure stands: other tests, or for a
/// build whatever the same tool did with success.
fn passed_otherwise<'a>(evidence: &'a Evidence, failed: &Trial) -> Option<&'a Trial> {
    let tool = |key: &str| key.split(' ').next().unwrap_or_default().to_owned();
    evidence
        .trials
        .iter()
        .rev()
        .filter(|trial| trial.step > failed.step && trial.verdict == Verdict::Passed)
        .find(|trial| match failed.call.class {
            Class::Test => trial.call.class == Class::Test,
            // what the compiler refused is in order once the same tool got further
            Class::Build | Class::Lint if failed.call.class == Class::Build || not_compiled(failed) => {
                matches!(trial.call.class, Class::Test | Class::Build)
                    && tool(&trial.call.key) == tool(&failed.call.key)
            }
            _ => false,
        })
}

fn not_compiled(failed: &Trial) -> bool {
    failed.error.as_deref().is_some_and(|error| error.starts_with("error[E"))
}

fn end_of<'a>(trials: &[&'a Trial]) -> End<'a> {
    let telling: Vec<&Trial> =
        trials.iter().copied().filter(|trial| trial.verdict != Verdict::Unknown).collect();
    let Some(last) = telling.last().copied() else { return End::Unknown };
    if last.verdict == Verdict::Failed {
        return End::Failed(last);
    }
    let Some(at) = telling.iter().rposition(|trial| trial.verdict == Verdict::Failed) else {
        return End::Passed(last);
    };
    match telling[at + 1..].iter().rev().find(|passed| covers(passed, telling[at])) {
        Some(passed) => End::Passed(passed),
        None => End::Partly(last),
    }
}

/// Whether the later success ran at least what had failed: the same arguments, fewer of them, or arguments
/// that name the failing tests.
fn covers(passed: &Trial, failed: &Trial) -> bool {
    if failed.call.class != Class::Test
        || passed.call.scope.is_empty()
        || passed.call.scope == failed.call.scope
    {
        return true;
    }
    if passed.call.scope.iter().all(|word| failed.call.scope.contains(word)) {
        return true;
    }
    let failing = failed.tally.as_ref().map(|tally| tally.failing.as_slice()).unwrap_or_default();
    !failing.is_empty()
        && failing.iter().all(|name| {
            passed.call.scope.iter().any(|word| name.contains(word.as_str()) || word.contains(name.as_str()))
        })
}

/// The errors of a strand that are gone at its end, each once.
pub(super) fn cures<'a>(evidence: &Evidence, strand: &Strand<'a>) -> Vec<Cure<'a>> {
    let End::Passed(gone) = strand.end else { return Vec::new() };
    let errors: Vec<Option<(String, String)>> = strand
        .failures
        .iter()
        .map(|failed| told_error(failed).map(|error| (same_key(&error), error)))
        .collect();
    let mut found: Vec<Cure> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (at, met) in strand.failures.iter().enumerate() {
        let Some((same, error)) = &errors[at] else { continue };
        if seen.contains(&same.as_str()) {
            continue;
        }
        let again = errors.iter().rposition(|other| other.as_ref().is_some_and(|(key, _)| key == same));
        let last = again.unwrap_or(at);
        let until = strand.failures.get(last + 1).map_or(gone.step, |next| next.step);
        let remedy = remedy(evidence, strand.failures[last], gone, until);
        seen.push(same);
        found.push(Cure { error: error.clone(), met, gone, remedy });
    }
    found
}

/// The error of a failed trial, or how its tests ended where no line says more.
pub(super) fn told_error(trial: &Trial) -> Option<String> {
    let failed = trial.tally.as_ref().filter(|tally| tally.failed > 0);
    trial.error.clone().or_else(|| failed.map(failing_words))
}

/// `2 failed (a, b)`.
pub(super) fn failing_words(tally: &Tally) -> String {
    let names = super::words::listed(&tally.failing, 3);
    if names.is_empty() {
        format!("{} failed", tally.failed)
    } else {
        format!("{} failed ({names})", tally.failed)
    }
}

/// Whether an error is about the machine rather than the code.
pub(super) fn environmental(error: &str) -> bool {
    const SIGNS: [&str; 13] = [
        "ModuleNotFoundError",
        "No module named",
        "Cannot find module",
        "Cannot find package",
        "not found",
        "No such file or directory",
        "Connection refused",
        "Permission denied",
        "ERESOLVE",
        "address already in use",
        "Address already in use",
        "no such command",
        "EACCES",
    ];
    SIGNS.iter().any(|sign| error.contains(sign))
}

/// Whether a program could not even start, because it is not there.
pub(super) fn not_installed(failed: &Trial) -> bool {
    let name = failed.call.part.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    let error = failed.error.as_deref().unwrap_or_default();
    let forms = [
        format!("No module named {name}"),
        format!("No module named '{name}'"),
        format!("{name}: command not found"),
        format!("{name}: not found"),
        format!("command not found: {name}"),
    ];
    !name.is_empty()
        && (forms.iter().any(|form| error.ends_with(form))
            || error.contains("could not determine executable to run"))
}

/// Whether a script was typed on the line itself: a look at something rather than a part of the work.
pub(super) fn exploratory(trial: &Trial) -> bool {
    trial.call.class == Class::Run
        && trial.call.part.words.iter().any(|word| matches!(word.as_str(), "-c" | "-e" | "-p" | "-"))
}

/// Whether tests passed after the failure.
pub(super) fn tested_after(evidence: &Evidence, failed: &Trial) -> bool {
    evidence.trials.iter().any(|trial| {
        trial.step > failed.step && trial.call.class == Class::Test && trial.verdict == Verdict::Passed
    })
}

fn remedy(evidence: &Evidence, failed: &Trial, gone: &Trial, until: usize) -> Remedy {
    let between = |step: usize| step > failed.step && step < until;
    let did = |install: bool| {
        evidence.trials.iter().rev().find(|trial| {
            (between(trial.step) || (trial.step == gone.step && trial.call.key != gone.call.key))
                && trial.verdict == Verdict::Passed
                && trial.call.key != failed.call.key
                && match (install, trial.call.class) {
                    (true, class) => class == Class::Install,
                    (false, class) => matches!(class, Class::Run | Class::Git),
                }
        })
    };
    let error = told_error(failed).unwrap_or_default();
    let mut steps = evidence.files.iter().flat_map(|file| &file.steps).chain(&evidence.shell_steps);
    let edited = steps.any(|step| between(*step));
    let installed = did(true).map(|trial| Remedy::Did(line(&trial.call.shown, 80)));
    let recalled =
        || (gone.call.shown != failed.call.shown).then(|| Remedy::Recalled(line(&gone.call.shown, 80)));
    match installed {
        Some(remedy) if environmental(&error) || !edited => remedy,
        _ if edited => Remedy::Edited,
        _ => recalled()
            .or_else(|| did(false).map(|trial| Remedy::Did(line(&trial.call.shown, 80))))
            .unwrap_or(Remedy::Nothing),
    }
}
