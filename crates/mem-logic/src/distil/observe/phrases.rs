//! Phrases and orders that observations and summaries share: files by weight, sizes, how tests went.

use crate::distil::commands::Class;
use crate::distil::cures::{End, Remedy, Strand, cures, failing_words, told_error};
use crate::distil::evidence::{Evidence, FileChange, Trial};
use crate::distil::said::closing_words;
use crate::distil::verdict::Verdict;
use crate::distil::words::{line, listed};

/// Most characters of a title, a subtitle, a fact and a narrative; most facts.
pub(super) const TITLE: usize = 120;
pub(super) const SUBTITLE: usize = 160;
pub(super) const FACT: usize = 240;
pub(super) const NARRATIVE: usize = 1_200;
pub(super) const FACTS: usize = 12;

/// Files with a lasting change, the most telling first: source before tests before the rest, larger first.
pub(in crate::distil) fn lasting_files(evidence: &Evidence) -> Vec<&FileChange> {
    let mut files: Vec<&FileChange> = evidence.files.iter().filter(|file| file.lasts()).collect();
    files.sort_by_key(|file| (rank(&file.path), std::cmp::Reverse(file.added + file.removed)));
    files
}

/// 0 for source, 1 for tests, 2 for documents and settings, 3 for what tools write.
pub(super) fn rank(path: &str) -> u8 {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending == "lock" || ending == "snap" || name.contains("lock.") || name.contains("-lock.") {
        3
    } else if matches!(
        ending,
        "md" | "txt" | "rst" | "adoc" | "toml" | "yaml" | "yml" | "json" | "ini" | "cfg" | ""
    ) || name.starts_with('.')
    {
        2
    } else {
        let test = |word: &str| matches!(word, "test" | "tests" | "spec");
        u8::from(lower.split(|c: char| !c.is_ascii_alphanumeric()).any(test))
    }
}

/// `+12 −3`; what is zero is left out.
pub(in crate::distil) fn size(added: u32, removed: u32) -> String {
    match (added, removed) {
        (0, 0) => "no net change".to_owned(),
        (added, 0) => format!("+{added}"),
        (0, removed) => format!("−{removed}"),
        (added, removed) => format!("+{added} −{removed}"),
    }
}

/// Installations that named packages: the command and what it added.
pub(in crate::distil) fn packages(evidence: &Evidence) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for trial in evidence.trials.iter().filter(|trial| trial.verdict == Verdict::Passed) {
        let command = line(&trial.call.shown, 80);
        if !trial.call.packages.is_empty() && !found.iter().any(|(known, _)| *known == command) {
            found.push((command, trial.call.packages.iter().map(|name| line(name, 40)).collect()));
        }
    }
    found
}

/// Whether files were edited and nothing of it was left.
pub(in crate::distil) fn given_up(evidence: &Evidence) -> bool {
    !evidence.files.is_empty()
        && evidence.files.iter().all(|file| !file.lasts())
        && evidence.commits.is_empty()
        && evidence.shell.is_empty()
}

/// `cargo bench failed: error[E0433]: …` for each strand that failed at the end.
pub(in crate::distil) fn failures(strands: &[Strand]) -> Vec<String> {
    let told = strands.iter().filter_map(|strand| match strand.end {
        End::Failed(last) => Some(format!("{} failed: {}", line(strand.key, 60), told_error(last)?)),
        _ => None,
    });
    told.collect()
}

/// Errors that were gone later though nothing was seen that cured them: flaky tests, services that came back.
pub(super) fn gone_unaided(evidence: &Evidence, strands: &[Strand]) -> Vec<String> {
    let cures = strands.iter().flat_map(|strand| cures(evidence, strand));
    cures
        .filter(|cure| cure.remedy == Remedy::Nothing && cure.met.error.is_some())
        .map(|cure| {
            format!("Error met, then gone unaided: {} (`{}`)", cure.error, line(&cure.met.call.shown, 60))
        })
        .collect()
}

/// How a strand went: `cargo test failed, then passed`. `full` adds counts, names, and the error that was not seen cured.
pub(in crate::distil) fn strand_words(strand: &Strand, full: bool) -> Option<String> {
    let well = match strand.class {
        Class::Test => "passed",
        Class::Lint => "was clean",
        _ => "succeeded",
    };
    let key = line(strand.key, 60);
    let count = |trial: &Trial| {
        let passed = trial.tally.as_ref().and_then(|tally| tally.passed).filter(|passed| *passed > 0);
        passed.filter(|_| full).map_or(String::new(), |passed| format!(" ({passed})"))
    };
    // whose error is told has its own tests beside it
    let told = match strand.end {
        End::Failed(last) => Some(last),
        End::Partly(_) => strand.failures.last().copied(),
        End::Passed(_) | End::Unknown => strand.failures.first().copied(),
    };
    let failure = told.and_then(|trial| trial.tally.as_ref()).filter(|tally| full && tally.failed > 0);
    let failed = failure.map_or("failed".to_owned(), failing_words);
    let colon = if failure.is_some() { ":" } else { "" };
    let error = told.and_then(|trial| trial.error.as_deref()).filter(|_| full);
    let error = error.map_or(String::new(), |error| format!(" with “{error}”"));
    match strand.end {
        End::Passed(last) if strand.failures.is_empty() => Some(format!("{key} {well}{}", count(last))),
        End::Passed(last) => Some(format!("{key}{colon} {failed}, then {well}{}", count(last))),
        End::Partly(last) => {
            Some(format!("{key}{colon} {failed}{error}; then `{}` {well}", line(&last.call.shown, 60)))
        }
        End::Failed(_) => {
            let still = if strand.failures.len() > 1 { "still " } else { "" };
            Some(format!("{key}{colon} {still}{failed}{error}"))
        }
        End::Unknown => None,
    }
}

pub(super) fn commit_words(evidence: &Evidence) -> String {
    let hashes: Vec<String> = evidence
        .commits
        .iter()
        .map(|(_, commit)| commit.hash.clone())
        .filter(|hash| !hash.is_empty())
        .collect();
    match (hashes.len(), evidence.commits.len()) {
        (_, 0) => String::new(),
        (0, _) => "committed".to_owned(),
        (1, _) => format!("commit {}", hashes[0]),
        _ => format!("commits {}", listed(&hashes, 3)),
    }
}

/// `src/header.rs: +12 −3 in parse_header, split_line`.
pub(super) fn file_fact(file: &FileChange) -> String {
    let new = if file.created { "new, " } else { "" };
    let names = listed(&file.functions, 5);
    let names = match (names.is_empty(), file.created) {
        (true, _) => names,
        (false, true) => format!(" with {names}"),
        (false, false) => format!(" in {names}"),
    };
    format!("{}: {new}{}{names}", file.path, size(file.added, file.removed))
}

/// The agent's closing words, marked as such.
pub(super) fn agent_words(evidence: &Evidence, chars: usize) -> Option<String> {
    let words = closing_words(&evidence.said, chars);
    (words.chars().count() >= 8).then(|| format!("The agent said: “{words}”"))
}

/// Files read that the work or the answer names; a listing of everything that was read says nothing.
pub(super) fn relevant_reads(evidence: &Evidence, besides: &[String]) -> Vec<String> {
    let named = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        !besides.contains(path) && (evidence.said.contains(name) || evidence.asked.contains(name))
    };
    evidence.read.iter().filter(named).take(6).cloned().collect()
}
