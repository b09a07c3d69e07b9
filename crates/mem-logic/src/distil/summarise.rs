//! The summary of a turn: what was asked, looked at, learned, done, and what is open.
//!
//! One for each turn with content. Failures that were not resolved stand here as open ends, never as facts.

use mem_core::observation::Summary;

use super::asked;
use super::commands::Class;
use super::cures::{
    End, Remedy, Strand, cures, environmental, exploratory, not_installed, strands, tested_after, told_error,
};
use super::evidence::{Ending, Evidence};
use super::observe::{failures, given_up, lasting_files, packages, set_back_words, size, strand_words};
use super::said::{closing_words, remaining, whole_words};
use super::words::{capitalised, joined, line, listed};

/// Words of an open end that a failed command leaves, and of one that a turn without an answer leaves; the
/// brief looks for them to tell whether later turns settled it.
pub(crate) const STILL_FAILED: &str = "still failed";
pub(crate) const REQUEST_OPEN: &str = "its request may be open";
/// Words of tests that only passed in part since they failed, and what stands before the agent's own list.
pub(crate) const NOT_IN_FULL: &str = "was not seen passing again in full";
pub(crate) const NAMED: &str = "the agent named as remaining: ";

/// Characters of the request, and of every other field.
const REQUEST: usize = 200;
const FIELD: usize = 600;
/// Closing words shorter than this ("Done.") say nothing that the rest does not.
const CLOSING: usize = 30;
/// A prompt shorter than this that nothing followed is not worth a summary.
const SHORT_PROMPT: usize = 12;

/// The summary; none for small talk and for turns in which nothing happened.
pub(super) fn summary(evidence: &Evidence) -> Option<Summary> {
    let idle = evidence.deeds == 0;
    let answered = evidence.ending == Ending::Answered;
    let substance = asked::is_question(&evidence.asked) && evidence.said.trim().len() >= 80;
    if idle && answered && !substance {
        return None;
    }
    if idle && !answered && (evidence.asked.chars().count() < SHORT_PROMPT || asked::goes_on(&evidence.asked))
    {
        return None;
    }
    let strands = strands(evidence);
    Some(Summary {
        request: request(evidence),
        investigated: investigated(evidence),
        learned: learned(evidence, &strands),
        completed: completed(evidence, &strands),
        next_steps: next_steps(evidence, &strands),
        notes: notes(evidence),
    })
}

fn request(evidence: &Evidence) -> String {
    asked::request(&evidence.asked, REQUEST)
}

fn investigated(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    if !evidence.read.is_empty() {
        parts.push(format!("read {}", listed(&evidence.read, 6)));
    }
    if !evidence.searched.is_empty() {
        let quoted: Vec<String> = evidence.searched.iter().map(|query| format!("“{query}”")).collect();
        parts.push(format!("searched for {}", listed(&quoted, 4)));
    }
    if !evidence.fetched.is_empty() {
        parts.push(format!("looked up {}", listed(&evidence.fetched, 3)));
    }
    for work in evidence.delegated.iter().take(3) {
        parts.push(format!("asked a subagent ({}): {}", work.kind, line(&work.task, 100)));
    }
    capitalised(&joined(&parts, "; ", FIELD))
}

/// Errors and what cured them, the answers of subagents, and the answer itself where nothing was changed.
fn learned(evidence: &Evidence, strands: &[Strand]) -> String {
    let mut parts = Vec::new();
    for cure in strands.iter().flat_map(|strand| cures(evidence, strand)) {
        let how = match &cure.remedy {
            Remedy::Edited => "cured by the change".to_owned(),
            Remedy::Did(command) => format!("cured by `{command}`"),
            Remedy::Recalled(command) => format!("`{command}` worked"),
            Remedy::Nothing => "gone when run again unchanged".to_owned(),
        };
        parts.push(format!("{} – {how}", cure.error));
    }
    if given_up(evidence) {
        parts.push("the change was tried and set back".to_owned());
        parts.extend(failures(strands));
    }
    let changed = !evidence.files.is_empty() || !evidence.commits.is_empty();
    for work in evidence.delegated.iter().take(2) {
        let words = closing_words(&work.said, 200);
        if !words.is_empty() {
            parts.push(format!("subagent {} said: “{words}”", work.kind));
        }
    }
    if !changed && evidence.ending == Ending::Answered && evidence.said.len() >= 80 {
        parts.push(format!("the agent said: “{}”", whole_words(&evidence.said, 480)));
    }
    capitalised(&joined(&parts, "; ", FIELD))
}

fn completed(evidence: &Evidence, strands: &[Strand]) -> String {
    let lasting = lasting_files(evidence);
    let mut parts = Vec::new();
    let files: Vec<String> =
        lasting.iter().map(|file| format!("{} ({})", file.path, size(file.added, file.removed))).collect();
    if !files.is_empty() {
        parts.push(format!("changed {}", listed(&files, 4)));
    }
    for (_, commit) in evidence.commits.iter().rev().take(3).rev() {
        let on = if commit.branch.is_empty() { String::new() } else { format!(" on {}", commit.branch) };
        parts.push(format!("{} “{}”{on}", commit.short(), line(&commit.subject, 120)));
    }
    parts.extend(evidence.told.iter().map(|(_, words)| line(words, 100)));
    parts.extend(evidence.set_back.iter().map(|(_, files, _)| set_back_words(files)));
    parts.extend(evidence.shell.iter().take(3).map(|(_, change)| format!("{} {}", change.verb, change.path)));
    let well = |strand: &&Strand| {
        matches!(strand.class, Class::Test | Class::Build | Class::Lint)
            && matches!(strand.end, End::Passed(_))
    };
    parts.extend(
        packages(evidence)
            .into_iter()
            .map(|(command, names)| format!("added {} with `{command}`", listed(&names, 5))),
    );
    let command_first = parts.is_empty();
    parts.extend(strands.iter().filter(well).filter_map(|strand| strand_words(strand, true)));
    let text = joined(&parts, "; ", FIELD);
    // the name of a command is written as one types it
    if command_first { text } else { capitalised(&text) }
}

/// Failures not resolved, what the agent named as remaining, and a turn that did not reach its end.
fn next_steps(evidence: &Evidence, strands: &[Strand]) -> String {
    let mut parts = Vec::new();
    for strand in strands.iter().filter(|_| !given_up(evidence)) {
        match strand.end {
            End::Failed(last) => {
                let Some(error) = told_error(last) else { continue };
                let slight = strand.class == Class::Run
                    && strand.failures.len() == 1
                    && (environmental(&error) || (exploratory(last) && tested_after(evidence, last)));
                let dispensable = not_installed(last) && tested_after(evidence, last);
                if matches!(evidence.ending, Ending::Answered) && (slight || dispensable) {
                    continue; // tried once and done otherwise
                }
                let code = last
                    .exit_code
                    .filter(|code| *code != 0)
                    .map_or(String::new(), |c| format!(" (exit {c})"));
                parts.push(format!("`{}` {STILL_FAILED}{code}: {error}", line(&last.call.shown, 80)));
            }
            End::Partly(_) if strand.failures.last().is_some_and(|failed| not_installed(failed)) => {}
            End::Partly(last) if strand.class == Class::Test => parts.push(format!(
                "`{}` {NOT_IN_FULL}; `{}` passed",
                line(strand.failures.last().map_or("", |trial| trial.call.shown.as_str()), 80),
                line(&last.call.shown, 80)
            )),
            End::Partly(_) | End::Passed(_) | End::Unknown => {}
        }
    }
    let named = remaining(&evidence.said);
    if !named.is_empty() {
        parts.push(format!("{NAMED}{}", named.join("; ")));
    }
    match &evidence.ending {
        Ending::Failed(error) => parts.push(format!("the turn broke off, {REQUEST_OPEN} ({error})")),
        Ending::Interrupted | Ending::Silent => {
            parts.push(format!("the turn ended without an answer, {REQUEST_OPEN}"));
        }
        Ending::Running | Ending::Answered => {}
    }
    capitalised(&joined(&parts, "; ", FIELD))
}

fn notes(evidence: &Evidence) -> String {
    match &evidence.ending {
        // where nothing was changed, the answer itself stands under what was learned
        Ending::Answered if evidence.files.is_empty() && evidence.commits.is_empty() => String::new(),
        Ending::Answered => {
            let words = closing_words(&evidence.said, 240);
            if words.chars().count() < CLOSING {
                String::new()
            } else {
                format!("The agent said: “{words}”")
            }
        }
        Ending::Failed(error) => line(&format!("The agent's model failed: {error}"), FIELD),
        Ending::Interrupted => "The user interrupted the turn.".to_owned(),
        Ending::Silent => "The turn ended without an answer.".to_owned(),
        Ending::Running => "The turn was not over when this was written.".to_owned(),
    }
}
