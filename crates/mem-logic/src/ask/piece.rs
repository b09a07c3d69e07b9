//! Events → pieces: one deed each, cleaned and cut to its limits, so that folding them again and again costs little.

use mem_core::event::{Action, Body, Event, Outcome, ToolUse};
use mem_core::id::EventId;

use super::cut::{Keep, cut, cut_output};
use super::limits::Limits;
use super::material::Material;
use crate::distil::words::{line, plain, told_path};
use crate::distil::{only_looks, whole_output, without_host_blocks};

/// Tools by which an agent keeps its own books; they say nothing about the work.
const BOOKKEEPING: [&str; 7] =
    ["TodoWrite", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet", "ToolSearch", "Skill"];

/// What one event adds.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Place of the event in the material.
    pub(super) at: usize,
    pub(super) event: EventId,
    /// Id and kind of the subagent that did it.
    pub(super) subagent: Option<(String, String)>,
    pub(super) deed: Deed,
}

/// What was done, in the words it is told in.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Covered by the request, but told elsewhere or not worth a word.
    Silent,
    /// Something small, in one line.
    Step(String),
    Ran {
        command: String,
        purpose: String,
        ended: String,
        output: String,
        /// Whether it went well and only looked around.
        looked: bool,
    },
    Changed {
        path: String,
        created: bool,
        patch: String,
        added: u32,
        removed: u32,
    },
    Delegated {
        subagent: Option<String>,
        kind: String,
        task: String,
        said: String,
    },
    /// Last words of a subagent.
    Ended {
        said: String,
    },
    Told {
        tag: &'static str,
        text: String,
    },
}

impl Piece {
    /// Whether anything of it reaches the model.
    pub(super) fn tells(&self) -> bool {
        match &self.deed {
            Deed::Silent => false,
            Deed::Ended { said } => self.subagent.is_some() && !said.is_empty(),
            _ => true,
        }
    }
}

/// The pieces of the first `most` events of the material.
pub(super) fn pieces(material: &Material, limits: &Limits, most: usize) -> Vec<Piece> {
    let reader = Reader { material, limits };
    let events = material.events.iter().take(most).enumerate();
    events
        .filter_map(|(at, (id, event))| {
            let deed = reader.deed(event)?;
            let subagent = event.subagent.as_ref().map(|who| (who.id.clone(), line(&who.kind, 60)));
            Some(Piece { at, event: *id, subagent, deed })
        })
        .collect()
}

/// The user's prompt as it is sent.
pub(super) fn prompt(text: &str, limits: &Limits) -> String {
    cut(plain(&without_host_blocks(text)).trim(), limits.prompt, Keep::Head)
}

struct Reader<'a> {
    material: &'a Material<'a>,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn deed(&self, event: &Event) -> Option<Deed> {
        let said = |text: &str| cut(plain(text).trim(), self.limits.said, Keep::Head);
        let by_subagent = event.subagent.is_some();
        Some(match &event.body {
            Body::Prompted { prompt } if prompt.trim() == self.material.prompt.trim() => Deed::Silent,
            Body::Prompted { .. } if by_subagent => return None,
            Body::Prompted { prompt: text } => Deed::Told { tag: "added", text: prompt(text, self.limits) },
            Body::ToolUsed(call) => self.used(call),
            Body::ToolsBatched { calls } => self.rejected(calls)?,
            Body::SubagentStarted => Deed::Silent,
            Body::SubagentStopped { said } => Deed::Ended { said: self.aside(said) },
            Body::Answered { said } if by_subagent => Deed::Ended { said: self.aside(said) },
            Body::Answered { said: words } => match said(words) {
                words if words.is_empty() => Deed::Silent,
                text => Deed::Told { tag: "answer", text },
            },
            Body::AnswerFailed { error, details, said: words } => {
                let why = self.name(&format!("{error}: {details}"));
                if by_subagent {
                    return Some(Deed::Ended { said: format!("broke off ({why})\n{}", self.aside(words)) });
                }
                Deed::Told { tag: "broke_off", text: format!("{why}\n{}", said(words)) }
            }
            Body::SessionStarted { .. }
            | Body::Compacting { .. }
            | Body::Compacted { .. }
            | Body::Moved { .. }
            | Body::SessionEnded { .. }
            | Body::Raw { .. } => return None,
        })
    }

    fn used(&self, call: &ToolUse) -> Deed {
        match (&call.action, &call.outcome) {
            (Action::Ran { command, description, exit_code, output }, outcome) => {
                self.ran(command, description, *exit_code, output, outcome)
            }
            (Action::Changed { path, created, patch, added, removed }, Outcome::Succeeded) => Deed::Changed {
                path: self.path(path),
                created: *created,
                patch: cut(plain(patch).trim_end(), self.limits.patch, Keep::Head),
                added: *added,
                removed: *removed,
            },
            (Action::Delegated { subagent, kind, task, said }, _) => Deed::Delegated {
                subagent: subagent.clone(),
                kind: line(kind, 60),
                task: line(&plain(task), self.limits.task),
                said: format!("{}{}", self.aside(said), self.end(&call.outcome)),
            },
            (Action::Read { .. } | Action::Searched { .. } | Action::Noted { .. }, _) => {
                Deed::Step(format!("{}{}", self.step(&call.action), self.end(&call.outcome)))
            }
            (Action::Fetched { target, content }, Outcome::Succeeded) => Deed::Told {
                tag: "fetched",
                text: format!(
                    "{}\n{}",
                    self.name(target),
                    cut(plain(content).trim(), self.limits.fetched, Keep::Head)
                ),
            },
            (Action::Other { .. }, Outcome::Succeeded) if BOOKKEEPING.contains(&call.tool.as_str()) => {
                Deed::Silent
            }
            (Action::Other { input, output }, Outcome::Succeeded) => Deed::Told {
                tag: "called",
                text: format!(
                    "{} {}\n{}",
                    self.name(&call.tool),
                    cut(plain(input).trim(), self.limits.input, Keep::Head),
                    cut(plain(output).trim(), self.limits.called, Keep::Head)
                ),
            },
            _ => Deed::Told { tag: "failed", text: self.called(call) },
        }
    }

    fn ran(
        &self,
        command: &str,
        description: &str,
        exit_code: Option<i32>,
        output: &str,
        outcome: &Outcome,
    ) -> Deed {
        let code = exit_code.filter(|code| *code != 0).map(|code| format!("exit {code}"));
        let looked = *outcome == Outcome::Succeeded && only_looks(command);
        let (ended, output, limit, keep) = match outcome {
            Outcome::Succeeded if looked => ("ok".to_owned(), plain(output), self.limits.look, Keep::Head),
            Outcome::Succeeded => {
                let ended = match (exit_code, code) {
                    (_, Some(code)) => code,
                    (Some(_), None) => "ok".to_owned(),
                    // in the background, or a code that was explained away
                    (None, None) => "how it ended is not known".to_owned(),
                };
                (ended, plain(output), self.limits.output, Keep::Head)
            }
            Outcome::Failed { error } => {
                let ended = code.map_or_else(|| "failed".to_owned(), |code| format!("failed, {code}"));
                (ended, plain(&whole_output(output, error)), self.limits.failure, Keep::Tail)
            }
            Outcome::Interrupted => {
                ("stopped by the user".to_owned(), plain(output), self.limits.output, Keep::Tail)
            }
        };
        Deed::Ran {
            command: cut(plain(command).trim(), self.limits.command, Keep::Head),
            purpose: line(description, self.limits.purpose),
            ended,
            output: cut_output(output.trim(), limit, keep),
            looked,
        }
    }

    /// What a small deed was, in one line.
    fn step(&self, action: &Action) -> String {
        match action {
            Action::Read { path, content } if content.is_empty() => format!("read {}", self.path(path)),
            Action::Read { path, content } => {
                format!("read {} ({} lines)", self.path(path), content.lines().count())
            }
            Action::Searched { query, place, found } => {
                let place =
                    if place.is_empty() { String::new() } else { format!(" in {}", self.path(place)) };
                format!("searched “{}”{place} ({} lines found)", self.name(query), found.lines().count())
            }
            Action::Noted { path, .. } => format!("wrote into its own memory: {}", self.path(path)),
            Action::Ran { command, .. } => format!("$ {}", line(command, self.limits.input)),
            Action::Changed { path, .. } => self.path(path),
            Action::Fetched { target, .. } => self.name(target),
            Action::Delegated { kind, task, .. } => line(&format!("{kind}: {task}"), self.limits.input),
            Action::Other { input, .. } => line(input, self.limits.input),
        }
    }

    /// A call that did not succeed: tool, what it was about, how it ended.
    fn called(&self, call: &ToolUse) -> String {
        format!("{} {}{}", self.name(&call.tool), self.step(&call.action), self.end(&call.outcome))
    }

    fn end(&self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Succeeded => String::new(),
            Outcome::Failed { error } => format!(": failed ({})", line(error, self.limits.input)),
            Outcome::Interrupted => ": stopped by the user".to_owned(),
        }
    }

    /// The calls of a batch that no event of their own tells: those that were rejected.
    fn rejected(&self, calls: &[ToolUse]) -> Option<Deed> {
        let told = |id: &Option<String>| {
            id.is_some()
                && self
                    .material
                    .events
                    .iter()
                    .any(|(_, event)| matches!(&event.body, Body::ToolUsed(call) if call.id == *id))
        };
        let lines: Vec<String> = calls
            .iter()
            .filter(|call| matches!(call.outcome, Outcome::Failed { .. }) && !told(&call.id))
            .map(|call| self.called(call))
            .collect();
        (!lines.is_empty()).then(|| Deed::Told {
            tag: "rejected",
            text: cut(&lines.join("\n"), self.limits.called, Keep::Head),
        })
    }

    /// A subagent's words.
    fn aside(&self, said: &str) -> String {
        cut(plain(said).trim(), self.limits.task, Keep::Head)
    }

    fn path(&self, path: &str) -> String {
        self.name(&told_path(self.material.top, path))
    }

    /// A name in one line; of a long one both ends, since a path says most at its end.
    fn name(&self, text: &str) -> String {
        let text = plain(text).replace('\n', " ");
        let chars = text.chars().count();
        let limit = self.limits.name;
        if chars <= limit {
            return text.trim().to_owned();
        }
        let head: String = text.chars().take(limit / 2).collect();
        let tail: String = text.chars().skip(chars - limit / 2).collect();
        format!("{head}…{tail}")
    }
}
