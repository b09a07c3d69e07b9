//! One request of the client, and the questions tests ask about it.

use serde_json::Value;

/// How the client begins the prompt that asks for a compaction.
const COMPACTION: &str = "CRITICAL: Respond with TEXT ONLY";

/// Texts in a user message that no user wrote: what the client adds on its own.
const ADDED: [&str; 2] = ["<system-reminder>", "[Request interrupted by user"];

/// One request, as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Such as `POST`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// Its body; null when it had none or it is no JSON.
    pub body: Value,
}

impl Request {
    /// The value of a header; the name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The client's session.
    pub fn session(&self) -> Option<&str> {
        self.header("x-claude-code-session-id")
    }

    /// What the user asked last: the last text of the last message that a user wrote.
    pub fn prompt(&self) -> String {
        self.last_prompt().map(|(_, text)| text).unwrap_or_default()
    }

    /// How many answers the model has given since that prompt.
    pub fn step(&self) -> usize {
        let Some((at, _)) = self.last_prompt() else { return 0 };
        self.messages()[at..].iter().filter(|message| message["role"] == "assistant").count()
    }

    /// Whether the client asks for a summary in place of the conversation.
    pub fn is_compaction(&self) -> bool {
        self.prompt().starts_with(COMPACTION)
    }

    /// Every text of the conversation (not of the system prompt), tool results included, joined by newlines.
    pub fn text(&self) -> String {
        let texts: Vec<String> =
            self.messages().iter().flat_map(|message| texts(&message["content"])).collect();
        texts.join("\n")
    }

    /// What the SessionStart hooks put into the conversation, in order.
    pub fn session_context(&self) -> Vec<String> {
        let texts = self.messages().iter().flat_map(|message| texts(&message["content"]));
        texts.filter(|text| text.starts_with(ADDED[0]) && text.contains("SessionStart")).collect()
    }

    /// The results of tools since the last prompt, in order, without what the client adds to them.
    pub fn tool_results(&self) -> Vec<String> {
        let from = self.last_prompt().map_or(0, |(at, _)| at);
        let blocks =
            self.messages()[from..].iter().filter_map(|message| message["content"].as_array()).flatten();
        let results = blocks.filter(|block| block["type"] == "tool_result");
        let bare = |text: String| text.split(ADDED[0]).next().unwrap_or_default().trim_end().to_owned();
        results.map(|block| bare(texts(&block["content"]).join("\n"))).collect()
    }

    fn messages(&self) -> &[Value] {
        self.body["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    fn last_prompt(&self) -> Option<(usize, String)> {
        let written = |text: &String| !ADDED.iter().any(|added| text.trim_start().starts_with(added));
        let mut users =
            self.messages().iter().enumerate().rev().filter(|(_, message)| message["role"] == "user");
        users.find_map(|(at, message)| Some((at, spoken(&message["content"]).into_iter().rfind(written)?)))
    }
}

/// The texts of some content, tool results included.
fn texts(content: &Value) -> Vec<String> {
    match content {
        Value::String(text) => vec![text.clone()],
        Value::Array(blocks) => blocks
            .iter()
            .flat_map(|block| match block["type"].as_str() {
                Some("text") => texts(&block["text"]),
                Some("tool_result") => texts(&block["content"]),
                _ => Vec::new(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The texts of some content that are not results of tools.
fn spoken(content: &Value) -> Vec<String> {
    match content {
        Value::Array(blocks) => {
            let blocks = blocks.iter().filter(|block| block["type"] == "text");
            blocks.filter_map(|block| block["text"].as_str()).map(str::to_owned).collect()
        }
        other => texts(other),
    }
}
