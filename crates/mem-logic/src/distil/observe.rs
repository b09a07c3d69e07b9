//! The observations of a turn, worded so that one is glad to find them a month later.
//!
//! Usually none to three: `work` (what was changed), `decision` (the user's own), `cure:n` (an error of the
//! machine and what put it right), `answer` (found out without a change). Reads and listings alone make none.

use mem_core::id::EventId;
use mem_core::observation::Observation;

use super::asked;
use super::commands::Class;
use super::cures::{Cure, End, Remedy, Strand, cures, failing_words, strands, told_error};
use super::evidence::{Ending, Evidence, FileChange, Verdict};
use super::said::closing_words;
use super::words::{capitalised, counted, joined, line, listed};

/// Characters of a title, a subtitle, a fact and a narrative; and how many facts.
const TITLE: usize = 120;
const SUBTITLE: usize = 160;
const FACT: usize = 240;
const NARRATIVE: usize = 1_200;
const FACTS: usize = 12;
/// An answer shorter than this says nothing worth keeping, in bytes of UTF-8.
const SHORT_ANSWER: usize = 80;

/// All observations of the turn, each with its slot.
pub(super) fn observations(evidence: &Evidence) -> Vec<(String, Observation)> {
    let strands = strands(evidence);
    let mut found = Vec::new();
    let lasting = lasting_files(evidence);
    let work = work(evidence, &strands, &lasting);
    if work.is_some()
        && let Some(decision) = decision(evidence, &lasting)
    {
        found.push(("decision".to_owned(), decision));
    }
    let changed = work.is_some();
    found.splice(0..0, work.map(|work| ("work".to_owned(), work)));
    found.extend(cure_observations(evidence, &strands));
    if !changed {
        found.extend(answer(evidence).map(|answer| ("answer".to_owned(), answer)));
    }
    found
}

/// Files with a lasting change, the most telling first: source before tests before the rest, larger first.
pub(super) fn lasting_files(evidence: &Evidence) -> Vec<&FileChange> {
    let mut files: Vec<&FileChange> = evidence.files.iter().filter(|file| file.lasts()).collect();
    files.sort_by_key(|file| (rank(&file.path), std::cmp::Reverse(file.added + file.removed)));
    files
}

/// 0 for source, 1 for tests, 2 for documents and settings, 3 for what tools write.
fn rank(path: &str) -> u8 {
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
    } else if lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word, "test" | "tests" | "spec"))
    {
        1
    } else {
        0
    }
}

/// `+12 −3`; what is zero is left out.
pub(super) fn size(added: u32, removed: u32) -> String {
    match (added, removed) {
        (0, 0) => "no net change".to_owned(),
        (added, 0) => format!("+{added}"),
        (0, removed) => format!("−{removed}"),
        (added, removed) => format!("+{added} −{removed}"),
    }
}

/// Commits, told deeds and changed files make the one observation of work.
fn work(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> Option<Observation> {
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
    sources.extend(evidence.answer_event);
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// Installations that named packages: the command and what it added.
pub(super) fn packages(evidence: &Evidence) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for trial in evidence.trials.iter().filter(|trial| trial.verdict == Verdict::Passed) {
        let command = line(&trial.call.shown, 80);
        if !trial.call.packages.is_empty() && !found.iter().any(|(known, _)| *known == command) {
            found.push((command, trial.call.packages.iter().map(|name| line(name, 40)).collect()));
        }
    }
    found
}

/// The kind by the evidence, words first: a test written and made to pass is a feature when it was asked to
/// add something, and a fix when it was asked to mend something.
fn kind(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> &'static str {
    let subject = evidence.commits.last().map(|(_, commit)| commit.subject.as_str()).unwrap_or_default();
    let code = lasting.iter().any(|file| rank(&file.path) < 2)
        || (lasting.is_empty() && !evidence.commits.is_empty());
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
    let asked_to_mend = asked::kind_of(subject).is_none() && mended && asked::mends(&evidence.asked);
    match words {
        _ if asked_to_mend => "bugfix",
        Some(kind) => kind,
        None if mended => "bugfix",
        None if lasting.iter().any(|file| file.created && rank(&file.path) == 0) => "feature",
        None => "change",
    }
}

fn title(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange], dropped: bool) -> String {
    if let Some(subject) = telling_subject(evidence) {
        let more = match evidence.commits.len() {
            0 | 1 => String::new(),
            count => format!(" (+{})", counted(count - 1, "more commit")),
        };
        return format!("{}{more}", line(&subject, TITLE - more.chars().count()));
    }
    let place = lasting.first().map_or(String::new(), |file| file.path.clone());
    let decided = asked::decision(&evidence.asked);
    let phrase = asked::phrase(&evidence.asked, 84).filter(|_| decided.is_none());
    let open = open_mark(evidence, strands);
    let phrase = match phrase {
        Some(phrase) if dropped => Some(format!("Tried and given up: {}", asked::without_trying(&phrase))),
        Some(phrase) if !open.is_empty() => Some(format!("{open}{phrase}")),
        Some(phrase) if asked::is_question(&evidence.asked) && !place.is_empty() => {
            return line(&format!("{phrase} → changed {}", name_and_place(lasting)), TITLE);
        }
        other => other,
    };
    match phrase {
        Some(phrase) if place.is_empty() || phrase.contains(&place) || names_file(&phrase, &place) => {
            line(&phrase, TITLE)
        }
        Some(phrase) => {
            let room = TITLE.saturating_sub(place.chars().count() + 3);
            if room < 30 { line(&phrase, TITLE) } else { format!("{} ({place})", line(&phrase, room)) }
        }
        None => line(&format!("{open}{}", untold_title(evidence, lasting)), TITLE),
    }
}

/// What stands before a title whose request was not seen fulfilled: intent must not read as a fact.
fn open_mark(evidence: &Evidence, strands: &[Strand]) -> &'static str {
    let failing = |strand: &Strand| {
        matches!(strand.class, Class::Test | Class::Build) && matches!(strand.end, End::Failed(_))
    };
    match evidence.ending {
        Ending::Answered if strands.iter().any(failing) => "Not working yet: ",
        Ending::Answered => "",
        Ending::Failed(_) | Ending::Interrupted | Ending::Silent | Ending::Running => "Not finished: ",
    }
}

/// The second line of a change that was given up: what was thrown away, and what it had failed with.
fn dropped_words(evidence: &Evidence, strands: &[Strand]) -> String {
    let files: Vec<String> = evidence.files.iter().map(|file| file.path.clone()).collect();
    let mut parts = vec![format!("{} changed and set back", listed(&files, 2))];
    parts.extend(failures(strands));
    joined(&parts, "; ", SUBTITLE)
}

/// `cargo bench failed: error[E0433]: …` for each strand that failed at the end.
pub(super) fn failures(strands: &[Strand]) -> Vec<String> {
    let told = strands.iter().filter_map(|strand| match strand.end {
        End::Failed(last) => Some(format!("{} failed: {}", line(strand.key, 60), told_error(last)?)),
        _ => None,
    });
    told.collect()
}

/// Whether files were edited and nothing of it was left.
pub(super) fn given_up(evidence: &Evidence) -> bool {
    !evidence.files.is_empty()
        && evidence.files.iter().all(|file| !file.lasts())
        && evidence.commits.is_empty()
        && evidence.shell.is_empty()
}

fn names_file(phrase: &str, path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('.') && phrase.contains(name))
}

/// A title from the evidence alone, when the prompt gives none.
fn untold_title(evidence: &Evidence, lasting: &[&FileChange]) -> String {
    if let Some((_, words)) = evidence.told.iter().find(|_| lasting.is_empty()) {
        return capitalised(words);
    }
    if !lasting.is_empty() {
        let verb = if lasting.iter().all(|file| file.created) { "Added" } else { "Changed" };
        return format!("{verb} {}", name_and_place(lasting));
    }
    if let Some((_, change)) = evidence.shell.first() {
        return capitalised(&format!("{} {}", change.verb, change.path));
    }
    if let Some((command, _)) = packages(evidence).first() {
        return format!("Installed with `{command}`");
    }
    match evidence.files.first() {
        Some(file) => format!("Tried and given up: changes to {}", file.path),
        None => "Changed the project".to_owned(),
    }
}

/// `parse_header in src/header.rs and 2 more files`.
fn name_and_place(lasting: &[&FileChange]) -> String {
    let Some(main) = lasting.first() else { return String::new() };
    let names: Vec<String> = main.functions.iter().map(|name| format!("`{name}`")).collect();
    let names = if main.created { String::new() } else { listed(&names, 2) };
    let place = if names.is_empty() { main.path.clone() } else { format!("{names} in {}", main.path) };
    match lasting.len() - 1 {
        0 => place,
        more => format!("{place} and {}", counted(more, "more file")),
    }
}

/// The subject of the commit that says most: fixes and features before chores, the last of its kind.
fn telling_subject(evidence: &Evidence) -> Option<String> {
    let weight = |subject: &str| match asked::conventional(subject).or_else(|| asked::kind_of(subject)) {
        Some("bugfix" | "feature") => 2,
        Some("refactor") => 1,
        _ => 0,
    };
    let commits = evidence.commits.iter().map(|(_, commit)| commit.subject.clone());
    commits.max_by_key(|subject| weight(subject))
}

fn subtitle(evidence: &Evidence, strands: &[Strand], lasting: &[&FileChange]) -> String {
    let (added, removed) = lasting.iter().fold((0u32, 0u32), |(added, removed), file| {
        (added.saturating_add(file.added), removed.saturating_add(file.removed))
    });
    let files = match lasting {
        [] => String::new(),
        [only] if only.path.chars().count() <= 60 => format!("{} {}", only.path, size(added, removed)),
        many => format!("{}, {}", counted(many.len(), "file"), size(added, removed)),
    };
    let mut parts = vec![files, commit_words(evidence)];
    parts.extend(evidence.told.iter().map(|(_, words)| line(words, 80)));
    let end =
        strands.iter().filter(|strand| matches!(strand.class, Class::Test | Class::Build | Class::Lint));
    parts.extend(end.filter_map(|strand| strand_words(strand, false)));
    joined(&parts, "; ", SUBTITLE)
}

fn commit_words(evidence: &Evidence) -> String {
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

/// How a strand went: `cargo test failed, then passed`. `full` adds counts and names.
pub(super) fn strand_words(strand: &Strand, full: bool) -> Option<String> {
    let well = match strand.class {
        Class::Test => "passed",
        Class::Lint => "was clean",
        _ => "succeeded",
    };
    let key = line(strand.key, 60);
    let count = |trial: &super::evidence::Trial| {
        let passed = trial.tally.as_ref().and_then(|tally| tally.passed).filter(|passed| *passed > 0);
        passed.filter(|_| full).map_or(String::new(), |passed| format!(" ({passed})"))
    };
    let failure = strand
        .failures
        .first()
        .and_then(|trial| trial.tally.as_ref())
        .filter(|tally| full && tally.failed > 0);
    let failed = failure.map_or("failed".to_owned(), failing_words);
    let colon = if failure.is_some() { ":" } else { "" };
    match strand.end {
        End::Passed(last) if strand.failures.is_empty() => Some(format!("{key} {well}{}", count(last))),
        End::Passed(last) => Some(format!("{key}{colon} {failed}, then {well}{}", count(last))),
        End::Partly(last) => {
            Some(format!("{key}{colon} {failed}; then `{}` {well}", line(&last.call.shown, 60)))
        }
        End::Failed(_) if strand.failures.len() > 1 => Some(format!("{key}{colon} still {failed}")),
        End::Failed(_) => Some(format!("{key}{colon} {failed}")),
        End::Unknown => None,
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
    facts.extend(
        packages(evidence)
            .into_iter()
            .map(|(command, names)| format!("{} added with `{command}`", listed(&names, 5))),
    );
    facts.extend(evidence.told.iter().map(|(_, words)| capitalised(words)));
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

/// The agent's closing words, marked as such.
fn agent_words(evidence: &Evidence, chars: usize) -> Option<String> {
    let words = closing_words(&evidence.said, chars);
    (words.chars().count() >= 8).then(|| format!("The agent said: “{words}”"))
}

/// Files read that the work or the answer names; a listing of everything that was read says nothing.
fn relevant_reads(evidence: &Evidence, besides: &[String]) -> Vec<String> {
    let named = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        !besides.contains(path) && (evidence.said.contains(name) || evidence.asked.contains(name))
    };
    evidence.read.iter().filter(named).take(6).cloned().collect()
}

/// What the user decided, in their own words, where a change followed.
fn decision(evidence: &Evidence, lasting: &[&FileChange]) -> Option<Observation> {
    let words = asked::decision(&evidence.asked)?;
    let modified: Vec<String> = lasting.iter().map(|file| file.path.clone()).collect();
    if modified.is_empty() && evidence.commits.is_empty() {
        return None;
    }
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
fn cure_observations(evidence: &Evidence, strands: &[Strand]) -> Vec<(String, Observation)> {
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
    Observation {
        kind: if concept == "gotcha" { "discovery" } else { "bugfix" }.to_owned(),
        title: format!("{} → {}", line(&cure.error, room), line(remedy, 60)),
        subtitle: line(&format!("`{command}` failed, then succeeded"), SUBTITLE),
        facts: vec![
            line(&format!("`{command}` failed{code}: {}", cure.error), FACT),
            line(&format!("`{}` succeeded after `{remedy}`", line(&cure.gone.call.shown, 80)), FACT),
        ],
        narrative: line(
            &format!(
                "`{command}` failed{code} with “{}”. After `{remedy}` it succeeded; no file was edited for it.",
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
fn answer(evidence: &Evidence) -> Option<Observation> {
    let looked = !evidence.looked.is_empty() || !evidence.trials.is_empty() || evidence.deeds > 0;
    let asked = asked::is_question(&evidence.asked);
    if evidence.ending != Ending::Answered || evidence.said.trim().len() < SHORT_ANSWER || !(looked || asked)
    {
        return None;
    }
    let title = asked::phrase(&evidence.asked, TITLE)?;
    let words = closing_words(&evidence.said, 700);
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
    facts.extend(strands(evidence).iter().filter_map(|strand| strand_words(strand, true)).take(4));
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
