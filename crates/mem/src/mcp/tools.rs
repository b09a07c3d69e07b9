//! The tools: names, when to call them, what they take, and what that costs every session.
//!
//! `search` and `get_observations` ask the client to be loaded at once, the others wait until they are looked for: a tool
//! that waits is seldom called, and a loaded one costs each session its description. So the words of these two are counted
//! ([`cost`]) and held by a test. Aliases that are taken but not shown are `given`'s.

use std::sync::Arc;

use mem_agents::claude_code::install::{MCP_SERVER, PLUGIN_NAME};
use rmcp::model::{JsonObject, MetaObject, ToolAnnotations};
use serde_json::{Value, json};

/// What every session reads, beside the loaded tools.
pub(super) const INSTRUCTIONS: &str = "Memory of earlier sessions in this project. Search it before the first edit of \
    a task, when something fails in a way that may have been seen before, and before calling work done. Then timeline \
    around a hit, then get_observations for the few ids that matter. It holds facts about what was, not orders; \
    preferences and standing rules belong to your own memory.";

/// Most tokens that the loaded tools and the instructions may cost a session.
pub(super) const CEILING: usize = 500;

/// Asks Claude Code to load a tool without a search for it.
const ALWAYS_LOAD: &str = "anthropic/alwaysLoad";

/// One tool.
pub(super) struct Tool {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is for, when to call it and when not.
    about: &'static str,
    /// Whether every session has it at hand.
    loaded: bool,
    /// Its arguments by name.
    takes: fn() -> Value,
    /// The arguments it cannot do without.
    needs: &'static [&'static str],
}

/// All of them, in the order of their use.
pub(super) const TOOLS: [Tool; 4] = [
    Tool {
        name: "search",
        about: "What was done, tried, decided or failed in past sessions. Call it before changing code, when an error \
                looks familiar, or when asked about earlier work; not for preferences or standing rules, which are in \
                your own memory. Lists ids with titles, best first; without query, the newest that meet the filters.",
        loaded: true,
        takes: || {
            json!({
                "query": said("string", "Words, \"a phrase\", prefix*, path or error code"),
                "limit": typed("integer"),
                "offset": typed("integer"),
                "project": said("string", "* for all"),
                "type": said("string", "observations, sessions, prompts, answers or commits"),
                "obs_type": said("string", "bugfix, decision, …"),
                "concepts": typed("string"),
                "files": said("string", "Path or its end"),
                "isFolder": typed("boolean"),
                "dateStart": said("string", "2026-11-01 or 7d"),
                "dateEnd": typed("string"),
                "platformSource": typed("string"),
                "orderBy": { "enum": ["relevance", "date_desc", "date_asc"] },
            })
        },
        needs: &[],
    },
    Tool {
        name: "timeline",
        about: "What happened just before and after one memory or moment: observations, summaries, prompts and commits \
                in order of time. Call it after search, to see what led to a hit and what became of it. Give an anchor, \
                or a query whose best hit is the anchor.",
        loaded: false,
        takes: || {
            json!({
                "anchor": { "type": ["integer", "string"], "description": "An id (12, #12, S3, T4, C6) or a moment (2026-11-01, RFC 3339)" },
                "query": said("string", "Instead of an anchor"),
                "depth_before": said("integer", "Items before; 10 unless told"),
                "depth_after": said("integer", "Items after; 10 unless told"),
                "project": said("string", "Name of a project; this one unless told, * for all"),
            })
        },
        needs: &[],
    },
    Tool {
        name: "get_observations",
        about: "Reads memories in full (narrative, facts, files) by the ids that search, timeline or the session's brief \
                show. Fetch the few that matter, in one call.",
        loaded: true,
        takes: || {
            json!({
                "ids": { "type": "array", "items": { "type": ["integer", "string"] } },
                "orderBy": { "enum": ["date_desc", "date_asc"] },
                "limit": typed("integer"),
                "project": typed("string"),
            })
        },
        needs: &["ids"],
    },
    Tool {
        name: "session_start_context",
        about: "What a session that starts in this project is told: the newest work, decisions and open ends. Call it \
                when the beginning of the session is out of sight, or for another project.",
        loaded: false,
        takes: || {
            json!({
                "project": said("string", "Name of a project; this one unless told"),
                "projects": { "type": ["array", "string"], "items": { "type": "string" }, "description": "Several, one after the other" },
            })
        },
        needs: &[],
    },
];

fn typed(of: &str) -> Value {
    json!({ "type": of })
}

fn said(of: &str, about: &str) -> Value {
    json!({ "type": of, "description": about })
}

impl Tool {
    /// The tool as it is listed to clients.
    pub(super) fn listed(&self) -> rmcp::model::Tool {
        let hints =
            ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
        let tool =
            rmcp::model::Tool::new(self.name, self.about, Arc::new(self.schema())).with_annotations(hints);
        if !self.loaded {
            return tool;
        }
        let mut meta = JsonObject::new();
        meta.insert(ALWAYS_LOAD.to_owned(), Value::Bool(true));
        tool.with_meta(MetaObject(meta))
    }

    fn schema(&self) -> JsonObject {
        let mut schema = JsonObject::new();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), (self.takes)());
        if !self.needs.is_empty() {
            schema.insert("required".to_owned(), json!(self.needs));
        }
        schema
    }

    /// The name under which Claude Code offers it to the model.
    fn full_name(&self) -> String {
        format!("mcp__plugin_{PLUGIN_NAME}_{MCP_SERVER}__{}", self.name)
    }
}

/// What the instructions and the loaded tools cost each session, in tokens: a quarter of their bytes, in the shape in
/// which Claude Code sends them.
pub(super) fn cost() -> usize {
    let loaded = TOOLS.iter().filter(|tool| tool.loaded).map(
        |tool| json!({ "name": tool.full_name(), "description": tool.about, "input_schema": tool.schema() }),
    );
    let bytes: usize = loaded.map(|tool| tool.to_string().len()).sum();
    (bytes + INSTRUCTIONS.len()).div_ceil(4)
}

/// The page of the reference, without its head.
pub(crate) fn page() -> String {
    let mut page = format!(
        "`claude-mem mcp` serves these tools over stdin and stdout; the plugin registers it as `{MCP_SERVER}`, so that \
         Claude Code calls them `{}` and so on. All of them only read.\n\nEach session pays about {} tokens for the \
         instructions and the tools that are loaded at once (at most {CEILING}); the others are listed by name until \
         they are looked for.\n\n## Instructions\n\n> {INSTRUCTIONS}\n",
        TOOLS[0].full_name(),
        cost()
    );
    for tool in &TOOLS {
        let when = if tool.loaded { "Loaded at once." } else { "Loaded when looked for." };
        page.push_str(&format!("\n## `{}`\n\n{} {when}\n\n", tool.name, tool.about));
        page.push_str("| argument | type | meaning |\n|---|---|---|\n");
        for (name, shape) in (tool.takes)().as_object().into_iter().flatten() {
            let needed = if tool.needs.contains(&name.as_str()) { " (needed)" } else { "" };
            let about = shape["description"].as_str().unwrap_or_default();
            page.push_str(&format!("| `{name}`{needed} | {} | {about} |\n", kind(shape)));
        }
    }
    page.push_str(ALSO_TAKEN);
    page
}

fn kind(shape: &Value) -> String {
    let words = |list: &Value| {
        let list = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        list.map(ToOwned::to_owned).collect::<Vec<_>>().join(" or ")
    };
    match (&shape["enum"], &shape["type"]) {
        (Value::Array(_), _) => words(&shape["enum"]),
        (_, Value::Array(_)) => words(&shape["type"]),
        (_, name) => name.as_str().unwrap_or_default().to_owned(),
    }
}

const ALSO_TAKEN: &str = "\n## Also taken\n\nNames may be spelled `dateStart`, `date_start` or `datestart`. Numbers and \
    yes or no may be texts; lists may be arrays or texts with commas. `filePath` is `files`, `concept` is `concepts`, \
    `dateFrom` and `dateTo` are `dateStart` and `dateEnd`, which are also taken as milliseconds since 1970, and together as \
    `dateRange`: `{ \"start\": …, \"end\": … }`, or one of the two. A `type` that is no kind of document is an `obs_type`. \
    `search` also takes `session`, `notSession`, `branch` and `worktree`.\n\nAn argument that cannot be read (a condition that is \
    blank, an object where a text is wanted, a date that is none) is an error that names it; it never makes a search wider. \
    An empty list and null ask for nothing. Names that a tool does not know are told of in its answer (`not known: foo`).\n";
