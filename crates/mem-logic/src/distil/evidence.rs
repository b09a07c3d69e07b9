//! A turn's events folded into what they prove: files with their net changes, trials with their outcome,
//! commits, what was looked at, how it ended.
//!
//! Many edits of one file are one change here, and a line added and taken out again is none. Must not word
//! anything; that is for `observe` and `summarise`.

use std::collections::BTreeMap;

use mem_core::event::{Action, Body, Event, Outcome, ToolUse};
use mem_core::id::EventId;

use super::asked::{own_words, wants_back};
use super::commands::{Call, Class, ShellChange, calls, shell_changes};
use super::commits::{Commit, commits_of, find_hashes, shown_done, thrown_away, told};
use super::errors;
use super::functions::touched;
use super::tests_seen::{self, Tally};
use super::turn::Turn;
use super::verdict::{Verdict, code_in, judge, whole_output};
use super::words::{clean, is_scratch, line, told_path};

/// How the turn ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Ending {
    /// The agent gave its answer.
    Answered,
    /// The agent's model failed; class and details.
    Failed(String),
    /// The user stopped a tool, and no answer came.
    Interrupted,
    /// Closed without an answer.
    #[default]
    Silent,
    /// Not over when it was distilled.
    Running,
}

/// One file, over all its edits.
#[derive(Debug, Clone, Default)]
pub(super) struct FileChange {
    pub(super) path: String,
    pub(super) created: bool,
    /// Lines of the net difference.
    pub(super) added: u32,
    pub(super) removed: u32,
    pub(super) functions: Vec<String>,
    pub(super) edits: u32,
    pub(super) events: Vec<EventId>,
    /// Places of its edits in the order of events.
    pub(super) steps: Vec<usize>,
    /// The command that threw the changes away.
    pub(super) undone_by: Option<String>,
    plus: BTreeMap<String, u32>,
    minus: BTreeMap<String, u32>,
    /// Lines counted by the agent but not shown in a patch.
    unseen: (u32, u32),
}

/// One call of a test, build, check, installation or program.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) step: usize,
    pub(super) event: EventId,
    pub(super) call: Call,
    pub(super) verdict: Verdict,
    pub(super) exit_code: Option<i32>,
    pub(super) tally: Option<Tally>,
    pub(super) error: Option<String>,
    /// Names of the calls one of which failed, where the trial is a whole line; else empty.
    pub(super) members: Vec<String>,
}

/// Work handed to a subagent.
#[derive(Debug, Clone)]
pub(super) struct Delegation {
    pub(super) kind: String,
    pub(super) task: String,
    pub(super) said: String,
}

/// What the events of a turn prove.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) prompt_event: Option<EventId>,
    /// The user's own words of the prompt.
    pub(super) asked: String,
    pub(super) files: Vec<FileChange>,
    pub(super) shell: Vec<(EventId, ShellChange)>,
    /// Places of the commands that changed files.
    pub(super) shell_steps: Vec<usize>,
    pub(super) trials: Vec<Trial>,
    pub(super) commits: Vec<(EventId, Commit)>,
    /// Pushes, tags, merges, pull requests.
    pub(super) told: Vec<(EventId, String)>,
    /// Changes of earlier turns thrown away because the user asked for it: the files, the command.
    pub(super) set_back: Vec<(EventId, Vec<String>, String)>,
    pub(super) read: Vec<String>,
    pub(super) searched: Vec<String>,
    pub(super) fetched: Vec<String>,
    pub(super) delegated: Vec<Delegation>,
    /// Events of looking: reads, searches, fetches, delegations.
    pub(super) looked: Vec<EventId>,
    pub(super) said: String,
    pub(super) answer_event: Option<EventId>,
    pub(super) ending: Ending,
    /// How many events of the turn showed the agent doing something.
    pub(super) deeds: usize,
    top: String,
}

impl Evidence {
    /// Folds the events of a turn.
    pub(super) fn fold(turn: &Turn) -> Self {
        let mut evidence = Self {
            top: turn.top.to_owned(),
            ending: if turn.closed { Ending::Silent } else { Ending::Running },
            ..Self::default()
        };
        if let Some((id, prompt)) = turn.prompt {
            evidence.prompt_event = Some(id);
            evidence.asked = own_words(prompt);
        }
        for (step, (id, event)) in turn.events.iter().enumerate() {
            evidence.take(step, *id, event);
        }
        if !turn.closed && evidence.ending == Ending::Interrupted {
            evidence.ending = Ending::Running;
        }
        evidence
    }

    fn take(&mut self, step: usize, id: EventId, event: &Event) {
        match &event.body {
            Body::Prompted { prompt } if self.prompt_event.is_none() => {
                self.prompt_event = Some(id);
                self.asked = own_words(prompt);
            }
            Body::ToolUsed(call) => self.take_tool(step, id, event, call),
            Body::Answered { said } if event.subagent.is_none() => {
                if !said.trim().is_empty() || self.said.is_empty() {
                    self.said = clean(said);
                    self.answer_event = Some(id);
                }
                self.ending = Ending::Answered;
            }
            Body::AnswerFailed { error, details, said } if event.subagent.is_none() => {
                let details = line(details, 160);
                let class = line(error, 60);
                self.ending =
                    Ending::Failed(if details.is_empty() { class } else { format!("{class}: {details}") });
                if !said.trim().is_empty() {
                    self.said = clean(said);
                }
                self.answer_event = Some(id);
            }
            _ => {}
        }
    }

    fn take_tool(&mut self, step: usize, id: EventId, event: &Event, call: &ToolUse) {
        self.deeds += 1;
        if call.outcome == Outcome::Interrupted {
            self.ending = Ending::Interrupted;
            return;
        }
        let succeeded = call.outcome == Outcome::Succeeded;
        match &call.action {
            Action::Ran { command, exit_code, output, .. } => {
                let error = if let Outcome::Failed { error } = &call.outcome { error.as_str() } else { "" };
                self.take_run(step, id, &event.cwd, command, *exit_code, output, error);
            }
            Action::Changed { path, created, patch, added, removed } if succeeded => {
                if let Some(path) = self.worth(path) {
                    self.change(&path).fold(step, id, *created, patch, *added, *removed);
                }
            }
            // What a subagent looked at is its own chatter; only its answer counts.
            _ if event.subagent.is_some() || !succeeded => {}
            Action::Read { path, .. } => {
                let path = self.relative(path);
                self.look(id, |evidence| &mut evidence.read, path);
            }
            Action::Searched { query, .. } => {
                self.look(id, |evidence| &mut evidence.searched, line(query, 80));
            }
            Action::Fetched { target, .. } => {
                self.look(id, |evidence| &mut evidence.fetched, line(target, 120));
            }
            Action::Delegated { kind, task, said, .. } => {
                self.looked.push(id);
                self.delegated.push(Delegation {
                    kind: line(kind, 40),
                    task: line(task, 160),
                    said: clean(said),
                });
            }
            _ => {}
        }
    }

    fn look(&mut self, id: EventId, place: impl Fn(&mut Self) -> &mut Vec<String>, name: String) {
        self.looked.push(id);
        let names = place(self);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one command event, used once")]
    fn take_run(
        &mut self,
        step: usize,
        id: EventId,
        cwd: &str,
        command: &str,
        exit_code: Option<i32>,
        output: &str,
        error: &str,
    ) {
        let failed = !error.is_empty() || exit_code.is_some_and(|code| code != 0);
        let text = clean(&whole_output(output, error));
        let calls = calls(command);
        // A success without a code is a command in the background, or one whose code was not 0 but is no error.
        let well = !failed && exit_code == Some(0);
        let exit_code = if failed { exit_code.or_else(|| code_in(error)) } else { exit_code };
        let judged = judge(&calls, failed, well, &text);
        find_hashes_in(&mut self.commits, &text);
        let done: Vec<&Call> = judged
            .calls
            .iter()
            .filter(|(call, verdict)| {
                *verdict == Verdict::Passed || (*verdict == Verdict::Unknown && shown_done(call, &text))
            })
            .map(|(call, _)| *call)
            .collect();
        let mut made = commits_of(&done, &text);
        find_hashes(&mut made, &text);
        for commit in made {
            if commit.amends {
                self.commits.pop();
            }
            self.commits.push((id, commit));
        }
        for call in &done {
            if let Some(paths) = thrown_away(call) {
                let undone = self.undo(&paths, &call.shown);
                if !undone && wants_back(&self.asked) {
                    let paths = paths.iter().map(|path| self.below_cwd(cwd, path)).collect();
                    self.set_back.push((id, paths, line(&call.shown, 80)));
                }
            }
            self.told.extend(told(call, &text).map(|words| (id, words)));
            for mut change in shell_changes(call) {
                change.path = self.below_cwd(cwd, &change.path);
                if change.path.starts_with("/tmp/") {
                    continue;
                }
                self.shell_steps.push(step);
                if !self.shell.iter().any(|(_, known)| *known == change) {
                    self.shell.push((id, change));
                }
            }
        }
        let suspects = judged.suspects;
        let trials = judged.calls.into_iter().filter(|(call, _)| !matches!(call.class, Class::Look));
        for (call, verdict) in trials {
            let tally = (call.class == Class::Test).then(|| tests_seen::read(&text)).flatten();
            let error = (verdict == Verdict::Failed)
                .then(|| if failed { errors::key_line(&text) } else { errors::sure_line(&text) })
                .flatten();
            let call = call.clone();
            let members = Vec::new();
            self.trials.push(Trial { step, event: id, call, verdict, exit_code, tally, error, members });
        }
        if let Some(call) = whole_line(&suspects, command) {
            let members = suspects.iter().map(|call| call.key.clone()).collect();
            let verdict = Verdict::Failed;
            let error = errors::key_line(&text);
            self.trials.push(Trial {
                step,
                event: id,
                call,
                verdict,
                exit_code,
                tally: None,
                error,
                members,
            });
        }
    }

    /// Marks the files of this turn whose changes were thrown away; whether there were any.
    fn undo(&mut self, paths: &[String], command: &str) -> bool {
        let mut any = false;
        let undone = |file: &FileChange| {
            paths.is_empty()
                || paths.iter().map(|path| path.trim_start_matches("./").trim_end_matches('/')).any(|path| {
                    file.path == path
                        || file.path.ends_with(&format!("/{path}"))
                        || file.path.starts_with(&format!("{path}/"))
                })
        };
        // A commit keeps what was changed before it; only later edits can be thrown away.
        let kept_until = self.commits.last().map(|(id, _)| *id);
        for file in self.files.iter_mut().filter(|file| undone(file)) {
            if file.events.last().copied() > kept_until {
                file.undone_by = Some(line(command, 80));
                any = true;
            }
        }
        any
    }

    fn change(&mut self, path: &str) -> &mut FileChange {
        let at = self.files.iter().position(|file| file.path == path).unwrap_or_else(|| {
            self.files.push(FileChange { path: path.to_owned(), ..FileChange::default() });
            self.files.len() - 1
        });
        &mut self.files[at]
    }

    /// The path as it is told; none for scratch files outside the project.
    fn worth(&self, path: &str) -> Option<String> {
        let told = self.relative(path);
        (!told.is_empty() && !is_scratch(&told)).then_some(told)
    }

    fn relative(&self, path: &str) -> String {
        told_path(&self.top, path)
    }

    fn below_cwd(&self, cwd: &str, path: &str) -> String {
        let below = self.relative(cwd);
        if path.starts_with('/') || path.contains(" → ") || below.is_empty() || below.starts_with('/') {
            return self.relative(path);
        }
        self.relative(&format!("{below}/{}", path.trim_start_matches("./")))
    }
}

impl FileChange {
    fn fold(&mut self, step: usize, id: EventId, created: bool, patch: &str, added: u32, removed: u32) {
        if self.undone_by.take().is_some() {
            *self = Self { path: std::mem::take(&mut self.path), ..Self::default() };
        }
        self.created |= created;
        self.edits += 1;
        self.events.push(id);
        self.steps.push(step);
        for name in touched(&self.path, patch) {
            if !self.functions.contains(&name) {
                self.functions.push(name);
            }
        }
        let (mut plus, mut minus) = (0u32, 0u32);
        let (mut new_plus, mut new_minus) = (Vec::new(), Vec::new());
        for text in patch.lines().filter(|text| !text.starts_with("+++ ") && !text.starts_with("--- ")) {
            if let Some(text) = text.strip_prefix('+') {
                plus += 1;
                if !cancel(&mut self.minus, text) {
                    new_plus.push(text.to_owned());
                }
            } else if let Some(text) = text.strip_prefix('-') {
                minus += 1;
                if !cancel(&mut self.plus, text) {
                    new_minus.push(text.to_owned());
                }
            }
        }
        // Only now, so that a line moved within one patch does not cancel itself.
        for text in new_plus {
            *self.plus.entry(text).or_default() += 1;
        }
        for text in new_minus {
            *self.minus.entry(text).or_default() += 1;
        }
        self.unseen.0 = self.unseen.0.saturating_add(added.saturating_sub(plus));
        self.unseen.1 = self.unseen.1.saturating_add(removed.saturating_sub(minus));
        self.added = self.plus.values().sum::<u32>().saturating_add(self.unseen.0);
        self.removed = self.minus.values().sum::<u32>().saturating_add(self.unseen.1);
    }

    /// Whether something of it was left at the end.
    pub(super) fn lasts(&self) -> bool {
        self.undone_by.is_none() && (self.created || self.added + self.removed > 0 || self.edits < 2)
    }
}

/// A line as one call, when it failed and nothing tells which of its calls did.
fn whole_line(suspects: &[&Call], command: &str) -> Option<Call> {
    let last = *suspects.last()?;
    let weightiest = [Class::Test, Class::Build, Class::Lint]
        .into_iter()
        .find(|class| suspects.iter().any(|call| call.class == *class));
    let shown = line(command, 200);
    Some(Call {
        class: weightiest.unwrap_or(last.class),
        key: shown.clone(),
        scope: Vec::new(),
        shown,
        packages: Vec::new(),
        ..last.clone()
    })
}

fn cancel(lines: &mut BTreeMap<String, u32>, text: &str) -> bool {
    match lines.get_mut(text) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

fn find_hashes_in(commits: &mut [(EventId, Commit)], output: &str) {
    for (_, commit) in commits.iter_mut() {
        find_hashes(std::slice::from_mut(commit), output);
    }
}
