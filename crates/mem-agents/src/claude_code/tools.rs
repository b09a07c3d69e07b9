//! Claude Code's tools → what was done, in core words.
//!
//! One table from tool name to action. A call that succeeded has a structured response, one of a batch only the
//! text the model saw, one that failed only an error; so every response is read by shape, not by promise.
//! Copies of whole files, pictures and token counts are never carried along.

use mem_core::event::{Action, Outcome, ToolUse};
use serde_json::Value;

use super::fields::{Defects, Fields};
use super::patch::{self, Patch};
use super::words;

/// Where Claude Code keeps memories of its own: `<projects>/<slug>/memory/`.
pub(super) struct MemoryFolders {
    projects: Option<String>,
}

impl MemoryFolders {
    /// The folders known from a transcript's path, `<projects>/<slug>/<session>.jsonl`. A worktree's memory lies
    /// with its repository, so every project's folder counts. Without one, `~/.claude/projects` is taken.
    pub(super) fn beside(transcript: Option<&str>) -> Self {
        let projects = transcript.map(slashes).and_then(|path| {
            let (folder, _) = path.rsplit_once('/')?;
            let (projects, _) = folder.rsplit_once('/')?;
            projects.ends_with("/projects").then(|| format!("{projects}/"))
        });
        Self { projects }
    }

    fn hold(&self, path: &str) -> bool {
        let path = slashes(path);
        let below = match &self.projects {
            Some(projects) => path.strip_prefix(projects.as_str()),
            None => path.split_once("/.claude/projects/").map(|(_, below)| below),
        };
        let Some((slug, file)) = below.and_then(|below| below.split_once("/memory/")) else { return false };
        !slug.is_empty()
            && !slug.contains('/')
            && !file.is_empty()
            && file.split('/').all(|part| part != "..")
    }
}

/// A call as `PostToolUse` tells it.
pub(super) fn succeeded(fields: Fields<'_>, memory: &MemoryFolders, defects: &mut Defects) -> ToolUse {
    let response = fields.get("tool_response").unwrap_or(&Value::Null);
    let mut call = call(fields, &End::Done(response), memory, defects);
    if response.get("interrupted").and_then(Value::as_bool) == Some(true) {
        call.outcome = Outcome::Interrupted;
        if let Action::Ran { exit_code, .. } = &mut call.action {
            *exit_code = None;
        }
    }
    call
}

/// A call as `PostToolUseFailure` tells it.
pub(super) fn failed(fields: Fields<'_>, memory: &MemoryFolders, defects: &mut Defects) -> ToolUse {
    let error = fields.content("error", defects);
    let mut call = call(fields, &End::Failed(&error), memory, defects);
    call.outcome =
        if fields.flag("is_interrupt", defects) { Outcome::Interrupted } else { Outcome::Failed { error } };
    call
}

/// A call as `PostToolBatch` tells it: the response is the text the model saw.
pub(super) fn batched(fields: Fields<'_>, memory: &MemoryFolders, defects: &mut Defects) -> ToolUse {
    let response = fields.get("tool_response").unwrap_or(&Value::Null);
    let text = response.as_str().unwrap_or_default();
    let rejected = text
        .strip_prefix("<tool_use_error>")
        .map(|error| error.strip_suffix("</tool_use_error>").unwrap_or(error))
        .or_else(|| exit_code(text).map(|_| text));
    match rejected {
        Some(error) => {
            let mut call = call(fields, &End::Failed(error), memory, defects);
            call.outcome = Outcome::Failed { error: error.to_owned() };
            call
        }
        None => call(fields, &End::Done(response), memory, defects),
    }
}

/// What is known of a call's end.
enum End<'a> {
    /// The tool's response, structured or text.
    Done(&'a Value),
    /// The error text.
    Failed(&'a str),
}

impl<'a> End<'a> {
    /// The response; of a failed call, none.
    fn response(&self) -> &'a Value {
        match self {
            Self::Done(response) => response,
            Self::Failed(_) => &Value::Null,
        }
    }

    /// What came back, as text; of a failed call nothing, since the outcome carries the error.
    fn text(&self) -> String {
        words::of_value(self.response())
    }

    fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

fn call(fields: Fields<'_>, end: &End<'_>, memory: &MemoryFolders, defects: &mut Defects) -> ToolUse {
    let tool = fields.label("tool_name", defects).unwrap_or_else(|| {
        defects.note("`tool_name` is missing".to_owned());
        String::new()
    });
    let input = match fields.get("tool_input") {
        Some(Value::Object(map)) => Fields::new(map),
        _ => Fields::of(&Value::Null),
    };
    let action = match tool.as_str() {
        "Bash" => ran(input, end, defects),
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" => changed(&tool, input, end, memory, defects),
        "Read" => read(input, end, defects),
        "Grep" | "Glob" | "LS" => searched(input, end, defects),
        "WebFetch" => Action::Fetched { target: input.content("url", defects), content: fetched(end) },
        "WebSearch" => Action::Fetched { target: input.content("query", defects), content: fetched(end) },
        "Agent" | "Task" => delegated(input, end, defects),
        _ => Action::Other {
            input: fields.get("tool_input").map(words::json).unwrap_or_default(),
            output: end.text(),
        },
    };
    ToolUse {
        id: fields.label("tool_use_id", defects),
        tool,
        action,
        outcome: Outcome::Succeeded,
        duration_ms: fields.count("duration_ms", defects),
    }
}

fn ran(input: Fields<'_>, end: &End<'_>, defects: &mut Defects) -> Action {
    let (exit, output) = match end {
        End::Failed(error) => match exit_code(error) {
            Some((code, rest)) => (Some(code), rest.to_owned()),
            None => (None, (*error).to_owned()),
        },
        End::Done(Value::Object(map)) => {
            let response = Fields::new(map);
            let (out, err) = (response.content("stdout", defects), response.content("stderr", defects));
            let between = if out.is_empty() || err.is_empty() { "" } else { "\n" };
            // A command in the background has not ended, and a gloss on the code means it was not 0.
            let known = !["backgroundTaskId", "returnCodeInterpretation"]
                .iter()
                .any(|key| response.get(key).is_some());
            let output = if response.flag("isImage", defects) { "[image]".to_owned() } else { out };
            (known.then_some(0), format!("{output}{between}{err}"))
        }
        End::Done(other) => (Some(0), words::of_value(other)),
    };
    Action::Ran {
        command: input.content("command", defects),
        description: input.content("description", defects),
        exit_code: exit,
        output,
    }
}

/// `Exit code N`, then what was printed.
fn exit_code(error: &str) -> Option<(i32, &str)> {
    let (line, rest) = error.split_once('\n').unwrap_or((error, ""));
    let code = line.strip_prefix("Exit code ")?.trim().parse().ok()?;
    Some((code, rest))
}

fn changed(
    tool: &str,
    input: Fields<'_>,
    end: &End<'_>,
    memory: &MemoryFolders,
    defects: &mut Defects,
) -> Action {
    let key = if tool == "NotebookEdit" { "notebook_path" } else { "file_path" };
    let response = Fields::of(end.response());
    let path = Some(input.path(key, defects))
        .filter(|path| !path.is_empty())
        .unwrap_or_else(|| response.path("filePath", defects));
    let created = response.get("type").and_then(Value::as_str) == Some("create");
    if memory.hold(&path) {
        let text = if end.is_done() { written(tool, input, defects) } else { String::new() };
        return Action::Noted { path, text };
    }
    // A failed edit changed nothing, whatever it meant to.
    let patch =
        if end.is_done() { patch_of(tool, input, response, created, defects) } else { Patch::default() };
    Action::Changed { path, created, patch: patch.text, added: patch.added, removed: patch.removed }
}

fn patch_of(
    tool: &str,
    input: Fields<'_>,
    response: Fields<'_>,
    created: bool,
    defects: &mut Defects,
) -> Patch {
    let told = patch::of_structured(response.list("structuredPatch", defects));
    if !told.text.is_empty() {
        return told;
    }
    match tool {
        "Write" => {
            let content = input.content("content", defects);
            let before =
                if created { "" } else { response.get("originalFile").and_then(Value::as_str).unwrap_or("") };
            patch::between(before, &content)
        }
        "MultiEdit" => {
            let mut all = Patch::default();
            for edit in input.list("edits", defects) {
                all.append(&replaced(Fields::of(edit), defects));
            }
            all
        }
        "NotebookEdit" => {
            patch::between(&response.content("old_source", defects), &input.content("new_source", defects))
        }
        _ => replaced(input, defects),
    }
}

fn replaced(edit: Fields<'_>, defects: &mut Defects) -> Patch {
    patch::between(&edit.content("old_string", defects), &edit.content("new_string", defects))
}

/// The text that a change put into a file.
fn written(tool: &str, input: Fields<'_>, defects: &mut Defects) -> String {
    match tool {
        "Write" => input.content("content", defects),
        "NotebookEdit" => input.content("new_source", defects),
        "MultiEdit" => {
            let mut texts = Vec::new();
            for edit in input.list("edits", defects) {
                texts.push(Fields::of(edit).content("new_string", defects));
            }
            texts.join("\n")
        }
        _ => input.content("new_string", defects),
    }
}

fn read(input: Fields<'_>, end: &End<'_>, defects: &mut Defects) -> Action {
    let content = match end.response() {
        Value::Object(map) => {
            read_content(map.get("type").and_then(Value::as_str), Fields::new(map), defects)
        }
        other => words::of_value(other),
    };
    Action::Read { path: input.path("file_path", defects), content }
}

fn read_content(kind: Option<&str>, response: Fields<'_>, defects: &mut Defects) -> String {
    let file = response.object("file", defects);
    match kind {
        Some("image") => "[image]".to_owned(),
        _ if file.get("content").is_some() => file.content("content", defects),
        _ => response.get("file").map(words::json).unwrap_or_default(),
    }
}

fn searched(input: Fields<'_>, end: &End<'_>, defects: &mut Defects) -> Action {
    let response = Fields::of(end.response());
    let names = || -> Option<String> {
        let names = response.get("filenames")?.as_array()?;
        Some(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"))
    };
    let found = match response.get("content").and_then(Value::as_str) {
        Some(content) if !content.is_empty() => words::without_images(content),
        _ => names().unwrap_or_else(|| end.text()),
    };
    Action::Searched { query: input.content("pattern", defects), place: input.path("path", defects), found }
}

/// What a fetch or a web search brought: its text, or one line `title url` per hit.
fn fetched(end: &End<'_>) -> String {
    let response = end.response();
    if let Some(result) = response.get("result").and_then(Value::as_str) {
        return words::without_images(result);
    }
    let Some(results) = response.get("results").and_then(Value::as_array) else { return end.text() };
    let mut lines = Vec::new();
    for result in results {
        match result.get("content").and_then(Value::as_array) {
            Some(hits) => lines.extend(hits.iter().map(hit_line)),
            None => lines.push(words::of_value(result)),
        }
    }
    lines.join("\n")
}

fn hit_line(hit: &Value) -> String {
    let part = |key| hit.get(key).and_then(Value::as_str);
    match (part("title"), part("url")) {
        (Some(title), Some(url)) => format!("{title} {url}"),
        _ => words::of_value(hit),
    }
}

fn delegated(input: Fields<'_>, end: &End<'_>, defects: &mut Defects) -> Action {
    let response = Fields::of(end.response());
    let said = match (end.response(), response.get("content")) {
        (Value::Object(_), Some(content)) => words::of_value(content),
        (Value::Object(_), None) => String::new(),
        (text, _) => words::of_value(text),
    };
    Action::Delegated {
        subagent: response.label("agentId", defects),
        kind: input
            .label("subagent_type", defects)
            .or_else(|| response.label("agentType", defects))
            .unwrap_or_default(),
        task: input.content("prompt", defects),
        said,
    }
}

/// A path with Windows' separators turned.
fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}
