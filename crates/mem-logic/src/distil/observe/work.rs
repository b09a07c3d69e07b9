//! The one observation of what was changed: its kind, facts, story and sources.
//!
//! Must not claim more than was seen: a bug is fixed when its test passed or a commit says so.

use mem_core::id::EventId;
use mem_core::observation::Observation;

use super::phrases::{
    FACT, FACTS, NARRATIVE, agent_words, failures, file_fact, given_up, gone_unaided, packages, rank,
    relevant_reads, strand_words,
};
use super::title::{dropped_words, open_mark, set_back_words, subtitle, telling_subject, title};
use crate::distil::asked;
use crate::distil::commands::Class;
use crate::distil::cures::{End, Remedy, Strand, cures, told_error};
use crate::distil::evidence::{Evidence, FileChange};
use crate::distil::words::{capitalised, counted, joined, line, listed};

/// Commits, told deeds and changed files make the one observation of work.
pub(super) fn work(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> Option<Observation> {
    let packages = packages(evidence);
    let cured_by_install = strands
        .iter()
        .flat_map(|strand| cures(evidence, strand))
        .any(|cure| matches!(&cure.remedy, Remedy::Did(command) if packages.iter().any(|(known, _)| known == command)));
    let dropped = given_up(evidence);
    let told =
        evidence.told.iter().any(|(_, words)| !words.starts_with("pushed") && !words.starts_with("rebased"));
    let installed = !packages.is_empty() && !cured_by_install;
    if lasting.is_empty()
        && evidence.commits.is_empty()
        && evidence.shell.is_empty()
        && evidence.set_back.is_empty()
        && !told
        && !installed
        && !dropped
    {
        return None;
    }
    let kind = if dropped { "discovery" } else { kind(evidence, strands, lasting) };
    let mut concepts = vec!["what-changed".to_owned()];
    if kind == "bugfix" || strands.iter().any(|strand| !cures(evidence, strand).is_empty()) {
        concepts.push("problem-solution".to_owned());
    }
    if dropped {
        concepts = vec!["gotcha".to_owned()];
    }
    let modified: Vec<String> = lasting.iter().map(|file| file.path.clone()).collect();
    Some(Observation {
        kind: kind.to_owned(),
        title: title(evidence, strands, lasting, dropped),
        subtitle: if dropped {
            dropped_words(evidence, strands)
        } else {
            subtitle(evidence, strands, lasting)
        },
        facts: facts(evidence, strands, lasting),
        narrative: narrative(evidence, strands, lasting),
        concepts,
        files_read: relevant_reads(evidence, &modified),
        files_modified: modified,
        sources: work_sources(evidence),
    })
}

fn work_sources(evidence: &Evidence) -> Vec<EventId> {
    let mut sources: Vec<EventId> = evidence.prompt_event.into_iter().collect();
    sources.extend(evidence.files.iter().flat_map(|file| file.events.iter().copied()));
    sources.extend(evidence.shell.iter().map(|(id, _)| *id));
    sources.extend(evidence.trials.iter().map(|trial| trial.event));
    sources.extend(evidence.commits.iter().map(|(id, _)| *id));
    sources.extend(evidence.told.iter().map(|(id, _)| *id));
    sources.extend(evidence.set_back.iter().map(|(id, ..)| *id));
    sources.extend(evidence.answer_event);
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// The kind by the evidence, words first: a test written and made to pass is a feature when it was asked to
/// add something, and a fix when it was asked to mend something.
fn kind(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> &'static str {
    let subject = telling_subject(evidence).unwrap_or_default();
    let subject = subject.as_str();
    let code = lasting.iter().any(|file| rank(&file.path) < 2)
        || (lasting.is_empty() && !evidence.commits.is_empty());
    if asked::reverted(subject).is_some() {
        return "change"; // what it takes back names another kind
    }
    if let Some(kind) = asked::conventional(subject) {
        return kind;
    }
    if subject.is_empty() && !open_mark(evidence, strands).is_empty() {
        return "change"; // a bug is fixed when it was seen to be
    }
    if !code {
        return "change";
    }
    let mended = strands.iter().any(|strand| {
        strand.class == Class::Test
            && cures(evidence, strand).iter().any(|cure| cure.remedy == Remedy::Edited)
    });
    let asked_kind = asked::kind_of(&line(&evidence.asked, 400));
    let words = asked::kind_of(subject).or(asked_kind);
    // what was asked and what the tests say outweighs how the commit words it
    let asked_to_mend = mended && asked::mends(&evidence.asked);
    match words {
        _ if asked_to_mend => "bugfix",
        Some(kind) => kind,
        None if mended => "bugfix",
        None if lasting.iter().any(|file| file.created && rank(&file.path) == 0) => "feature",
        None => "change",
    }
}

fn facts(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> Vec<String> {
    let mut facts: Vec<String> = lasting.iter().take(6).map(|file| file_fact(file)).collect();
    if lasting.len() > 6 {
        let rest: Vec<String> = lasting[6..].iter().map(|file| file.path.clone()).collect();
        facts.push(format!("{}: {}", counted(rest.len(), "more file"), listed(&rest, 5)));
    }
    for (_, commit) in evidence.commits.iter().rev().take(3).rev() {
        let on = if commit.branch.is_empty() { String::new() } else { format!(" on {}", commit.branch) };
        let why = if commit.why.is_empty() { String::new() } else { format!(" – {}", commit.why) };
        facts.push(capitalised(&format!("{}{on}: {}{why}", commit.short(), commit.subject)));
    }
    let checked = strands.iter().filter(|s| matches!(s.class, Class::Test | Class::Build | Class::Lint));
    facts.extend(checked.filter_map(|strand| strand_words(strand, true)));
    for cure in
        strands.iter().flat_map(|strand| cures(evidence, strand)).filter(|cure| cure.remedy == Remedy::Edited)
    {
        facts.push(format!("Error met and cured: {} (`{}`)", cure.error, line(&cure.met.call.shown, 60)));
    }
    facts.extend(gone_unaided(evidence, strands));
    facts.extend(
        packages(evidence)
            .into_iter()
            .map(|(command, names)| format!("{} added with `{command}`", listed(&names, 5))),
    );
    facts.extend(evidence.told.iter().map(|(_, words)| capitalised(words)));
    facts.extend(
        evidence
            .set_back
            .iter()
            .map(|(_, files, command)| format!("{} with `{command}`", set_back_words(files))),
    );
    facts.extend(
        evidence
            .shell
            .iter()
            .take(4)
            .map(|(_, change)| format!("From the shell: {} {}", change.verb, change.path)),
    );
    for file in evidence.files.iter().filter(|file| !file.lasts()) {
        let how = file
            .undone_by
            .as_ref()
            .map_or("set back by hand".to_owned(), |by| format!("thrown away with `{by}`"));
        facts.push(format!("{}: edited, then {how}", file.path));
    }
    if given_up(evidence) {
        facts.extend(failures(strands));
    }
    let mut seen = Vec::new();
    for fact in facts {
        let fact = line(&fact, FACT);
        if !seen.contains(&fact) {
            seen.push(fact);
        }
    }
    seen.truncate(FACTS);
    seen
}

fn narrative(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> String {
    let mut sentences = Vec::new();
    let asked = asked::request(&evidence.asked, 200);
    if !asked.is_empty() && !asked::goes_on(&asked) {
        sentences.push(format!("The user asked: “{}”.", asked.trim_end_matches(['.', '。'])));
    }
    let places: Vec<String> = lasting.iter().map(|file| file.path.clone()).collect();
    if !places.is_empty() {
        sentences.push(format!("Changed: {}.", listed(&places, 4)));
    }
    for cure in strands
        .iter()
        .flat_map(|strand| cures(evidence, strand))
        .filter(|cure| cure.remedy == Remedy::Edited)
        .take(2)
    {
        sentences.push(format!(
            "`{}` had failed with “{}” and {} after the change.",
            line(&cure.met.call.shown, 80),
            cure.error.trim_end_matches('.'),
            if cure.gone.call.class == Class::Test { "passed" } else { "succeeded" },
        ));
    }
    for strand in strands {
        if let End::Failed(last) = strand.end
            && matches!(strand.class, Class::Test | Class::Build | Class::Lint)
        {
            let error = told_error(last).map_or(String::new(), |error| format!(" with “{error}”"));
            sentences.push(format!("At the end `{}` still failed{error}.", line(&last.call.shown, 80)));
        }
    }
    sentences.extend(agent_words(evidence, 420));
    joined(&sentences, " ", NARRATIVE)
}
