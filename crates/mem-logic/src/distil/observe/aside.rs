//! Observations beside the work: the user's decision, errors of the machine and their cure, answers found.

use mem_core::id::EventId;
use mem_core::observation::Observation;

use super::phrases::{
    FACT, NARRATIVE, SUBTITLE, TITLE, commit_words, gone_unaided, relevant_reads, strand_words,
};
use crate::distil::asked;
use crate::distil::cures::{Cure, Remedy, Strand, cures, strands};
use crate::distil::evidence::{Ending, Evidence, FileChange};
use crate::distil::said::{closing_words, whole_words};
use crate::distil::words::{joined, line, listed};

/// An answer shorter than this says nothing worth keeping, in bytes of UTF-8.
const SHORT_ANSWER: usize = 80;

/// What the user decided, in their own words, where a change followed or the words leave no doubt.
pub(super) fn decision(evidence: &Evidence, lasting: &[&FileChange]) -> Option<Observation> {
    let modified: Vec<String> = lasting.iter().map(|file| file.path.clone()).collect();
    let words = if modified.is_empty() && evidence.commits.is_empty() {
        evidence.prompt_event.and_then(|_| asked::firm_decision(&evidence.asked))?
    } else {
        asked::decision(&evidence.asked).or_else(|| asked::firm_decision(&evidence.asked))?
    };
    let mut parts = vec![listed(&modified, 2)];
    parts.push(commit_words(evidence));
    Some(Observation {
        kind: "decision".to_owned(),
        title: format!("Decided: “{}”", line(words.trim_end_matches(['.', '。', '!']), TITLE - 11)),
        subtitle: joined(&parts, "; ", SUBTITLE),
        facts: vec![line(&format!("The user's words: “{words}”"), FACT)],
        narrative: line(&format!("The user decided: “{words}” {}", carried_out(&modified)), NARRATIVE),
        concepts: vec!["why-it-exists".to_owned()],
        files_read: Vec::new(),
        files_modified: modified,
        sources: evidence
            .prompt_event
            .into_iter()
            .chain(lasting.iter().filter_map(|file| file.events.last().copied()))
            .collect(),
    })
}

fn carried_out(modified: &[String]) -> String {
    if modified.is_empty() { String::new() } else { format!("Changed for it: {}.", listed(modified, 4)) }
}

/// Errors put right by something other than an edit: worth knowing the next time they come.
pub(super) fn cure_observations(evidence: &Evidence, strands: &[Strand]) -> Vec<(String, Observation)> {
    let mut found: Vec<(String, Observation)> = Vec::new();
    for cure in strands.iter().flat_map(|strand| cures(evidence, strand)) {
        let (remedy, concept) = match &cure.remedy {
            Remedy::Did(command) => (command.clone(), "problem-solution"),
            Remedy::Recalled(command) => (command.clone(), "gotcha"),
            Remedy::Edited | Remedy::Nothing => continue,
        };
        let observation = cure_observation(&cure, &remedy, concept);
        if found.len() < 3 && !found.iter().any(|(_, known)| known.title == observation.title) {
            found.push((format!("cure:{}", found.len() + 1), observation));
        }
    }
    found
}

fn cure_observation(cure: &Cure, remedy: &str, concept: &str) -> Observation {
    let command = line(&cure.met.call.shown, 80);
    let room = TITLE - remedy.chars().count().min(60) - 3;
    let code =
        cure.met.exit_code.filter(|code| *code != 0).map_or(String::new(), |code| format!(" (exit {code})"));
    let gone = line(&cure.gone.call.shown, 80);
    let (fact, story) = if gone == remedy {
        (format!("`{gone}` succeeded"), format!("Called as `{remedy}` it succeeded"))
    } else {
        (format!("`{gone}` succeeded after `{remedy}`"), format!("After `{remedy}` it succeeded"))
    };
    Observation {
        kind: if concept == "gotcha" { "discovery" } else { "bugfix" }.to_owned(),
        title: format!("{} → {}", line(&cure.error, room), line(remedy, 60)),
        subtitle: line(&format!("`{command}` failed, then succeeded"), SUBTITLE),
        facts: vec![line(&format!("`{command}` failed{code}: {}", cure.error), FACT), line(&fact, FACT)],
        narrative: line(
            &format!(
                "`{command}` failed{code} with “{}”. {story}; no file was edited for it.",
                cure.error.trim_end_matches('.')
            ),
            NARRATIVE,
        ),
        concepts: vec![concept.to_owned()],
        files_read: Vec::new(),
        files_modified: Vec::new(),
        sources: vec![cure.met.event, cure.gone.event],
    }
}

/// A question answered after looking, or a turn that found something out without changing anything.
pub(super) fn answer(evidence: &Evidence) -> Option<Observation> {
    let looked = !evidence.looked.is_empty() || !evidence.trials.is_empty() || evidence.deeds > 0;
    let asked = asked::is_question(&evidence.asked);
    if evidence.ending != Ending::Answered || evidence.said.trim().len() < SHORT_ANSWER || !(looked || asked)
    {
        return None;
    }
    let title = asked::phrase(&evidence.asked, TITLE)?;
    let words = whole_words(&evidence.said, 900);
    let mut facts = Vec::new();
    let read = answer_reads(evidence);
    if !read.is_empty() {
        facts.push(format!("Read: {}", listed(&read, 6)));
    }
    if !evidence.fetched.is_empty() {
        facts.push(format!("Looked up: {}", listed(&evidence.fetched, 4)));
    }
    facts.extend(evidence.delegated.iter().take(3).map(|work| {
        format!(
            "Subagent {} was asked “{}” and said: “{}”",
            work.kind,
            line(&work.task, 80),
            closing_words(&work.said, 110)
        )
    }));
    let strands = strands(evidence);
    facts.extend(strands.iter().filter_map(|strand| strand_words(strand, true)).take(4));
    facts.extend(gone_unaided(evidence, &strands).into_iter().take(2));
    let mut sources: Vec<EventId> = evidence.prompt_event.into_iter().chain(evidence.answer_event).collect();
    sources.extend(evidence.looked.iter().copied().chain(evidence.trials.iter().map(|trial| trial.event)));
    sources.sort_unstable();
    sources.dedup();
    Some(Observation {
        kind: "discovery".to_owned(),
        title: line(&title, TITLE),
        subtitle: line(&format!("The agent: {}", closing_words(&evidence.said, 148)), SUBTITLE),
        facts: facts.iter().map(|fact| line(fact, FACT)).collect(),
        narrative: line(&format!("The agent answered: “{words}”"), NARRATIVE),
        concepts: vec!["how-it-works".to_owned()],
        files_read: read,
        files_modified: Vec::new(),
        sources,
    })
}

/// Files the answer names, else the first few that were read.
fn answer_reads(evidence: &Evidence) -> Vec<String> {
    let named = relevant_reads(evidence, &[]);
    if named.is_empty() { evidence.read.iter().take(4).cloned().collect() } else { named }
}
