//! The one entry: judges an event and cleans it, in a fixed order.
//!
//! 1. Rules that need only names: what will not be kept is not read either.
//! 2. Contents of secret files are withheld as a whole: no rule of redaction can know every such file.
//! 3. Private and host tags are stripped.
//! 4. Secrets are redacted. After the tags, so that nothing private is looked at or counted; before the
//!    bounds, so that every rule sees whole texts: a key cut in half is no longer known as a key.
//!    Only a text many times that size is cut before, generously; see `redact_within`.
//! 5. Texts are bounded to the setting's size, head and tail kept.
//! 6. Rules that need the result: a prompt of which nothing is left.
//!
//! Names and ids (session, directory, tool) are redacted too and never bounded; where they hold no secret,
//! as always but in an accident, they stay as they are: identity rests on them. Must not store anything.

use mem_core::event::{Action, Body, Event, NaturalKey, Outcome, TextRole, ToolUse};
use mem_core::settings::Settings;
use mem_core::text::{bound, floor_boundary};
use regex::RegexSet;
use serde_json::Value;

use super::paths::{is_secret_path, mentions_secret_path};
use super::privacy::{Stripped, strip};
use super::rules::{Rule, Verdict};
use super::secrets::{Counts, Redactor, add};

/// What stands where the contents of a secret file would.
pub const WITHHELD: &str = "[withheld: secret file]";

/// What stands for a prompt that came with pictures only.
const MEDIA_PROMPT: &str = "[media prompt]";

/// Longest prompt that can be a task notification, in bytes; as in the original system.
const LONGEST_NOTIFICATION: usize = 256 * 1024;

/// How much next to the cut of a huge text is dropped, in bytes: as much as the longest secret, a private key.
const NEAR_CUT: usize = 16 * 1024;

/// Judges events by the settings; made once, used for every event.
#[derive(Debug)]
pub struct Capture {
    redactor: Redactor,
    skip_tools: Vec<String>,
    excluded: Globs,
    skip_paths: Globs,
    data_dir: String,
    field_limit: usize,
}

/// What was judged, and what was done to the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether to keep the event. When it is skipped it may be left half cleaned: it must not be written.
    pub verdict: Verdict,
    /// Secrets redacted, by kind.
    pub redacted: Counts,
    /// Texts withheld because they held or may have held a secret file.
    pub withheld: u32,
    /// Texts of which the middle was left out.
    pub cut: u32,
    /// Private and host blocks taken out.
    pub stripped: Stripped,
}

impl Judged {
    fn new(verdict: Verdict) -> Self {
        Self { verdict, redacted: Counts::new(), withheld: 0, cut: 0, stripped: Stripped::default() }
    }
}

impl Capture {
    /// Prepares the rules. `data_dir` is our own directory, `home` what a leading `~` of a glob stands for;
    /// either may be empty when it is not known.
    pub fn new(settings: &Settings, data_dir: &str, home: &str) -> Self {
        Self {
            redactor: Redactor::new(settings),
            skip_tools: settings.skip_tools.clone(),
            excluded: Globs::new(&settings.excluded_projects, home),
            skip_paths: Globs::new(&settings.skip_paths, home),
            data_dir: slashed(data_dir),
            field_limit: settings.field_limit,
        }
    }

    /// Judges `event` and cleans its texts; what is kept of it may be written.
    pub fn judge(&self, event: &mut Event) -> Judged {
        if let Some(rule) = self.rule_by_name(event) {
            return Judged::new(Verdict::Skip(rule));
        }
        let mut judged = Judged::new(Verdict::Keep);
        let was_blank = matches!(&event.body, Body::Prompted { prompt } if prompt.trim().is_empty());
        judged.withheld = self.withhold(&mut event.body);
        event.visit_texts(&mut |_, text| judged.stripped += strip(text));
        visit_names(event, &mut |name| {
            self.redact_within(name, &mut judged.redacted);
        });
        event.visit_texts(&mut |role, text| {
            let cut = self.redact_within(text, &mut judged.redacted);
            if cut || (role == TextRole::Content && bound(text, self.field_limit)) {
                judged.cut += 1;
            }
        });
        if let Body::Prompted { prompt } = &mut event.body
            && prompt.trim().is_empty()
        {
            if was_blank {
                MEDIA_PROMPT.clone_into(prompt);
            } else {
                let private = judged.stripped.private > 0;
                judged.verdict = Verdict::Skip(if private { Rule::Private } else { Rule::HostPrompt });
            }
        }
        judged
    }

    /// Whether `dir` is excluded by the user's globs, so that it gets no brief either.
    pub fn is_excluded(&self, dir: &str) -> bool {
        self.excluded.matches(&slashed(dir))
    }

    /// Cleans a text that belongs to no event, such as a parked frame or a line of the log.
    pub fn scrub_text(&self, text: &mut String) -> Counts {
        strip(text);
        self.redactor.redact(text)
    }

    /// Redacts a text, a huge one only in its head and its tail; whether one was so huge that it was cut.
    ///
    /// Nobody keeps what lies between, so nobody need look at it: the work stays bounded whatever is sent.
    /// A secret that lies on the cut itself might no longer be known as one; so more is read than the bounds
    /// keep, and of what was redacted, everything near the cut is dropped again.
    fn redact_within(&self, text: &mut String, redacted: &mut Counts) -> bool {
        let part = (2 * self.field_limit).max(4 * NEAR_CUT);
        if text.len() <= 2 * part {
            add(redacted, self.redactor.redact(text));
            return false;
        }
        let whole = text.len();
        let mut head = text[..floor_boundary(text, part)].to_owned();
        let mut tail = text[floor_boundary(text, whole - part)..].to_owned();
        add(redacted, self.redactor.redact(&mut head));
        add(redacted, self.redactor.redact(&mut tail));
        let most = head.len().saturating_sub(NEAR_CUT).min(self.field_limit * 2 / 3);
        head.truncate(floor_boundary(&head, most));
        let least = tail.len().saturating_sub(self.field_limit / 4).max(NEAR_CUT.min(tail.len()));
        let tail = &tail[floor_boundary(&tail, least)..];
        let left_out = whole.saturating_sub(head.len() + tail.len());
        *text = format!("{head}\n[… {left_out} bytes left out …]\n{tail}");
        true
    }

    fn rule_by_name(&self, event: &Event) -> Option<Rule> {
        let cwd = slashed(&event.cwd);
        if is_inside(&cwd, &self.data_dir) {
            return Some(Rule::Internal);
        }
        if self.excluded.matches(&cwd) {
            return Some(Rule::Excluded);
        }
        match &event.body {
            Body::Moved { to, .. } if self.is_excluded(to) => Some(Rule::Excluded),
            Body::ToolUsed(call) if self.skip_tools.contains(&call.tool) => Some(Rule::SkippedTool),
            Body::ToolUsed(call) if is_host_notebook(&call.action) => Some(Rule::AgentMemoryMeta),
            Body::ToolsBatched { .. } => Some(Rule::Batched),
            Body::SubagentStopped { .. } if event.subagent.is_none() => Some(Rule::HostCompaction),
            Body::Prompted { prompt } if is_task_notification(prompt) => Some(Rule::TaskNotification),
            _ => None,
        }
    }

    fn withhold(&self, body: &mut Body) -> u32 {
        match body {
            Body::ToolUsed(call) => self.withhold_of_call(call),
            Body::ToolsBatched { calls } => calls.iter_mut().map(|call| self.withhold_of_call(call)).sum(),
            Body::Raw { json, .. } => match self.secret_path_in(json) {
                Some(path) => replace(json, format!("{WITHHELD} {path}").trim_end().to_owned()),
                None => 0,
            },
            _ => 0,
        }
    }

    fn withhold_of_call(&self, call: &mut ToolUse) -> u32 {
        let mut withheld = match &mut call.action {
            Action::Ran { command, output, .. } if self.mentions(command) => {
                here_document(command) + replace(output, WITHHELD.to_owned())
            }
            Action::Ran { output, .. } => return self.withhold_lines(output),
            Action::Changed { path, patch, .. } if self.is_secret(path) => {
                replace(patch, WITHHELD.to_owned())
            }
            Action::Read { path, content } if self.is_secret(path) => replace(content, WITHHELD.to_owned()),
            Action::Noted { path, text } if self.is_secret(path) => replace(text, WITHHELD.to_owned()),
            Action::Fetched { target, content } if self.is_secret(target) => {
                replace(content, WITHHELD.to_owned())
            }
            Action::Searched { place, found, .. } if self.is_secret(place) => {
                replace(found, WITHHELD.to_owned())
            }
            Action::Searched { found, .. } => return self.withhold_lines(found),
            Action::Other { input, output } => {
                let Some(path) = self.secret_path_in(input).or_else(|| self.secret_path_in(output)) else {
                    return 0;
                };
                replace(input, format!("{WITHHELD} {path}").trim_end().to_owned())
                    + replace(output, WITHHELD.to_owned())
            }
            _ => return 0,
        };
        if let Outcome::Failed { error } = &mut call.outcome {
            withheld += replace(error, WITHHELD.to_owned());
        }
        withheld
    }

    fn is_secret(&self, path: &str) -> bool {
        is_secret_path(path) || self.skip_paths.matches(&slashed(path))
    }

    fn mentions(&self, command: &str) -> bool {
        mentions_secret_path(command)
            || (!self.skip_paths.is_empty()
                && command
                    .split(|c: char| c.is_whitespace() || "\"'`;|&<>=,()".contains(c))
                    .any(|word| !word.is_empty() && self.skip_paths.matches(&slashed(word))))
    }

    /// Lines a search printed with the file's name in front (`.env:3:…`): the name stays, the line goes.
    fn withhold_lines(&self, text: &mut String) -> u32 {
        let secret_prefix = |line: &str| -> Option<usize> {
            let end = line.find(':').filter(|end| *end > 2)?;
            (!line[..end].contains(char::is_whitespace) && self.is_secret(&line[..end])).then_some(end)
        };
        if !text.contains(':') || !text.lines().any(|line| secret_prefix(line).is_some()) {
            return 0;
        }
        let mut withheld = 0;
        let lines: Vec<String> = text
            .split('\n')
            .map(|line| match secret_prefix(line) {
                Some(end) => {
                    withheld += 1;
                    format!("{}: {WITHHELD}", &line[..end])
                }
                None => line.to_owned(),
            })
            .collect();
        *text = lines.join("\n");
        withheld
    }

    /// A secret path that stands in JSON as a text of its own, or in a command.
    fn secret_path_in(&self, json: &str) -> Option<String> {
        match serde_json::from_str::<Value>(json) {
            Ok(value) => self.secret_path_of(None, &value),
            Err(_) => json
                .split(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '{' | '}' | '[' | ']' | '=')
                })
                .find(|word| self.is_secret(word))
                .map(str::to_owned),
        }
    }

    fn secret_path_of(&self, key: Option<&str>, value: &Value) -> Option<String> {
        match value {
            Value::String(text) if text.len() <= 4096 && !text.contains('\n') && self.is_secret(text) => {
                Some(text.clone())
            }
            Value::String(text) if key == Some("command") && self.mentions(text) => Some(String::new()),
            Value::Array(values) => values.iter().find_map(|value| self.secret_path_of(None, value)),
            Value::Object(fields) => {
                fields.iter().find_map(|(key, value)| self.secret_path_of(Some(key), value))
            }
            _ => None,
        }
    }
}

/// Calls `visit` for every string of the event that is none of its texts: ids, names, where it happened.
fn visit_names(event: &mut Event, visit: &mut dyn FnMut(&mut String)) {
    visit(&mut event.session.0);
    visit(&mut event.cwd);
    event.transcript.iter_mut().for_each(&mut *visit);
    event.prompt_id.iter_mut().for_each(&mut *visit);
    if let Some(subagent) = &mut event.subagent {
        visit(&mut subagent.id);
        visit(&mut subagent.kind);
    }
    let (NaturalKey::Fixed(key) | NaturalKey::Counted(key)) = &mut event.key;
    visit(key);
    match &mut event.body {
        Body::SessionStarted { model, .. } => model.iter_mut().for_each(visit),
        Body::ToolUsed(call) => visit_names_of_call(call, visit),
        Body::ToolsBatched { calls } => calls.iter_mut().for_each(|call| visit_names_of_call(call, visit)),
        Body::Compacting { trigger } | Body::Compacted { trigger, .. } => visit(trigger),
        Body::Raw { name, .. } => visit(name),
        Body::Prompted { .. }
        | Body::SubagentStarted
        | Body::SubagentStopped { .. }
        | Body::Answered { .. }
        | Body::AnswerFailed { .. }
        | Body::Moved { .. }
        | Body::SessionEnded { .. } => {}
    }
}

fn visit_names_of_call(call: &mut ToolUse, visit: &mut dyn FnMut(&mut String)) {
    call.id.iter_mut().for_each(&mut *visit);
    visit(&mut call.tool);
    if let Action::Delegated { subagent, kind, .. } = &mut call.action {
        subagent.iter_mut().for_each(&mut *visit);
        visit(kind);
    }
}

/// Puts `with` in the place of `text`; counts one if there was anything to replace.
fn replace(text: &mut String, with: String) -> u32 {
    if text.is_empty() || *text == with {
        return 0;
    }
    *text = with;
    1
}

/// Cuts the document a command writes (`cat > .env <<EOF`), which holds the very contents.
fn here_document(command: &mut String) -> u32 {
    let Some(line_end) = command.find("<<").and_then(|at| command[at..].find('\n').map(|len| at + len))
    else {
        return 0;
    };
    command.truncate(line_end + 1);
    command.push_str(WITHHELD);
    1
}

/// Claude Code keeps notes on a running session for itself, in a `session-memory` folder of its own; a
/// user's folder of that name lies elsewhere.
fn is_host_notebook(action: &Action) -> bool {
    let (Action::Changed { path, .. } | Action::Read { path, .. } | Action::Noted { path, .. }) = action
    else {
        return false;
    };
    path.contains("session-memory") && slashed(path).contains("/.claude/")
}

/// Whether the prompt is exactly one notification block, as the host sends when a background task ends.
fn is_task_notification(prompt: &str) -> bool {
    const OPEN: &str = "<task-notification";
    let prompt = prompt.trim();
    prompt.len() <= LONGEST_NOTIFICATION
        && prompt.starts_with(OPEN)
        && prompt[OPEN.len()..].starts_with(|c: char| c == '>' || c.is_whitespace())
        && prompt.ends_with("</task-notification>")
        && prompt.matches(OPEN).count() == 1
        && prompt.matches("</task-notification>").count() == 1
}

/// With forward slashes, and none at the end.
fn slashed(path: &str) -> String {
    let path = path.replace('\\', "/");
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { path } else { trimmed.to_owned() }
}

fn is_inside(path: &str, dir: &str) -> bool {
    !dir.is_empty()
        && dir != "/"
        && path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Globs over whole paths or their last names: `*` is anything but a slash, `**` anything, `?` one character
/// but a slash; `~` at the beginning is the home directory.
#[derive(Debug)]
struct Globs(Option<RegexSet>);

impl Globs {
    fn new(globs: &[String], home: &str) -> Self {
        if globs.is_empty() {
            return Self(None);
        }
        Self(RegexSet::new(globs.iter().map(|glob| glob_expression(glob, home))).ok())
    }

    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn matches(&self, path: &str) -> bool {
        let Some(set) = &self.0 else { return false };
        !path.is_empty()
            && (set.is_match(path) || path.rsplit_once('/').is_some_and(|(_, name)| set.is_match(name)))
    }
}

fn glob_expression(glob: &str, home: &str) -> String {
    let glob = slashed(glob);
    let glob = match glob.strip_prefix('~') {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => slashed(home) + rest,
        _ => glob,
    };
    let mut expression = String::from("(?s)^");
    let mut rest = glob.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            expression.push_str(".*");
            rest = after;
            continue;
        }
        match c {
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            _ => expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        rest = &rest[c.len_utf8()..];
    }
    expression.push('$');
    expression
}
