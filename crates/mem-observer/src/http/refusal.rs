//! What an answer that is no answer means: the one place where an error of a service becomes a fault.
//!
//! Services agree on the number of an error and on little else: whose fault a 400 is stands in its words. The words
//! looked for are those that Anthropic, OpenAI, OpenRouter, Google, LiteLLM, vLLM, Ollama and llama.cpp use.

use mem_core::fault::{Fault, FaultKind};
use mem_core::time::Timestamp;
use serde_json::Value;

use super::client::Response;
use super::endpoint::Whom;
use super::reset::reset;

/// Longest text of an error that is kept.
const LONGEST: usize = 300;

/// Credit and allowances. Looked for first, since they come with any number.
const QUOTA: [&str; 12] = [
    "insufficient_quota",
    "exceeded your current quota",
    "quota exceeded",
    "quota_exceeded",
    "credit balance",
    "insufficient credits",
    "negative credit",
    "billing_error",
    "allowance_exhausted",
    "key limit exceeded",
    "api usage limits",
    "free-models-per-day",
];
const AUTH: [&str; 8] = [
    "authentication_error",
    "invalid_api_key",
    "api_key_invalid",
    "api key not valid",
    "key_invalid",
    "subscription_inactive",
    "unauthenticated",
    "incorrect api key",
];
const OVERFLOW: [&str; 13] = [
    "context_length_exceeded",
    "prompt is too long",
    "input is too long",
    "request_too_large",
    "request too large",
    "maximum context length",
    "context window",
    "context length",
    "context size",
    "exceed_context_size",
    "exceeds the maximum number of tokens",
    "input token count",
    "too many tokens",
];
const RATE: [&str; 3] = ["rate_limit", "rate_limited", "too many requests"];

/// An error as a service puts it.
pub(super) struct Refusal {
    /// Its number: that of the answer, or the one within it.
    status: u16,
    /// Its types and codes, joined by blanks.
    codes: String,
    message: String,
    /// Everything it says, in lower case.
    all: String,
    /// Whether output was counted all the same.
    spent: bool,
    error: Value,
}

impl Refusal {
    /// The error in an answer: every answer that is no success has one, and some successes do.
    pub(super) fn of(response: &Response) -> Option<Self> {
        let body: Option<Value> = serde_json::from_slice(&response.body).ok();
        // Google puts its errors into a list
        let body = match &body {
            Some(Value::Array(list)) => list.first(),
            other => other.as_ref(),
        };
        let failed = !(200..300).contains(&response.status);
        let error = body.map_or(&Value::Null, |body| error_in(body, failed));
        let spent =
            body.is_some_and(|body| body["usage"]["completion_tokens"].as_u64().unwrap_or_default() > 0);
        (failed || !error.is_null()).then(|| Self::read(response, error, spent))
    }

    fn read(response: &Response, error: &Value, spent: bool) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let within = error["code"].as_u64().and_then(|code| u16::try_from(code).ok());
        let within = within.filter(|code| (400..600).contains(code));
        let status =
            if (200..300).contains(&response.status) { within.unwrap_or(0) } else { response.status };
        let reasons = error["details"].as_array().into_iter().flatten().map(|detail| text(&detail["reason"]));
        let codes: Vec<String> = [&error["type"], &error["status"], &error["code"]]
            .into_iter()
            .map(text)
            .chain(reasons)
            .filter(|code| !code.is_empty() && *code != status.to_string())
            .collect();
        let message = match error {
            Value::String(message) => message.clone(),
            Value::Object(_) => {
                // what the provider behind a gateway said is more than the gateway's own words
                let raw = text(&error["metadata"]["raw"]);
                let message = text(&error["message"]);
                if raw.is_empty() { message } else { format!("{message}: {raw}") }
            }
            _ => String::new(),
        };
        let codes = codes.join(" ");
        let all = format!("{codes} {message}").to_lowercase();
        Self { status, codes, message, all, spent, error: error.clone() }
    }

    /// Whether a parameter of this name is what it complains of.
    pub(super) fn names(&self, parameter: &str) -> bool {
        matches!(self.status, 400 | 422) && (self.error["param"] == parameter || self.all.contains(parameter))
    }

    /// The fault: what sort, whether it may have cost something, and until when.
    pub(super) fn fault(&self, whom: &Whom, response: &Response, now: Timestamp) -> Fault {
        let kind = self.kind();
        let said = self.said(whom, response);
        let at = reset(response, &self.error, &self.message, now);
        // a server that names its error did not do the work; a gateway that gave up may have had it done
        let unsure = kind == FaultKind::Transport && self.status != 529 && self.error.is_null();
        // and an error within a success came after the work had begun, unless it has a number of its own
        let unsure = unsure || self.spent || self.status == 0 && kind == FaultKind::Refused;
        let fault = if unsure { Fault::perhaps_paid(kind, said) } else { Fault::free(kind, said) };
        match kind {
            FaultKind::Quota | FaultKind::Rate | FaultKind::Transport => fault.until(at),
            _ => fault,
        }
    }

    fn kind(&self) -> FaultKind {
        let says = |words: &[&str]| words.iter().any(|word| self.all.contains(word));
        let theirs = self.status >= 500;
        match self.status {
            300..=399 | 407 => FaultKind::Setup,
            402 => FaultKind::Quota,
            413 => FaultKind::Overflow,
            _ if theirs => FaultKind::Transport,
            // for Google every limit is a quota; only those of a day are used up
            429 if self.per_minute() => FaultKind::Rate,
            _ if self.per_day() || says(&QUOTA) => FaultKind::Quota,
            _ if says(&OVERFLOW) && !matches!(self.status, 401 | 403) => FaultKind::Overflow,
            403 if says(&["moderation", "flagged"]) => FaultKind::Refused,
            401 | 403 => FaultKind::Auth,
            429 => FaultKind::Rate,
            408 | 425 => FaultKind::Transport,
            _ if says(&AUTH) => FaultKind::Auth,
            _ if says(&RATE) => FaultKind::Rate,
            0 if says(&["overloaded", "api_error", "server_error", "unavailable", "internal"]) => {
                FaultKind::Transport
            }
            _ => FaultKind::Refused,
        }
    }

    fn per_day(&self) -> bool {
        self.violations().any(|quota| quota.contains("PerDay"))
    }

    fn per_minute(&self) -> bool {
        !self.per_day() && self.violations().any(|quota| quota.contains("PerMinute"))
    }

    /// The names of the limits that Google says were passed.
    fn violations(&self) -> impl Iterator<Item = &str> {
        let details = self.error["details"].as_array().into_iter().flatten();
        let violations = details.filter_map(|detail| detail["violations"].as_array()).flatten();
        violations.filter_map(|violation| violation["quotaId"].as_str())
    }

    fn said(&self, whom: &Whom, response: &Response) -> String {
        let who = &whom.host;
        let text = match (self.status, self.message.is_empty()) {
            (407, _) => "the proxy wants a login: write it into its address".to_owned(),
            (300..=399, _) => {
                let to = response.header("location").map(origin).unwrap_or_default();
                format!("{who} sends us on to {to}, where the key does not go: set the address to that")
            }
            (0, false) => format!("{who}: {} {}", self.codes, self.message),
            (status, false) if self.codes.is_empty() => format!("{who} answered {status}: {}", self.message),
            (status, false) => format!("{who} answered {status} ({}): {}", self.codes, self.message),
            (status, true) => format!("{who} answered {status} and gave no reason"),
        };
        one_line(&text, &whom.key.0)
    }
}

/// An answer that is no JSON or has nothing in it, although it was said to be one.
pub(super) fn garbage(whom: &Whom, response: &Response) -> Fault {
    let kind = response.header("content-type").unwrap_or("nothing").split(';').next().unwrap_or_default();
    let said = format!("{} answered with {kind} that is no answer of a model", whom.host);
    Fault::perhaps_paid(FaultKind::Misbehaved, one_line(&said, &whom.key.0))
}

/// The value that stands for an error in a body; null where there is none. What is no success may say it in more ways.
fn error_in(body: &Value, failed: bool) -> &Value {
    // vLLM puts the error at the top
    if body["object"] == "error" || body["type"] == "error" && body["error"].is_null() {
        return body;
    }
    // FastAPI has a `detail`, some proxies a bare `message`
    let elsewhere = if failed { [&body["detail"], &body["message"]] } else { [&Value::Null; 2] };
    let errors = [&body["error"], &body["choices"][0]["error"]].into_iter().chain(elsewhere);
    errors.into_iter().find(|error| !error.is_null()).unwrap_or(&Value::Null)
}

/// One line without the key and without what could steer a terminal, of bounded length.
fn one_line(text: &str, key: &str) -> String {
    let text = if key.is_empty() { text.to_owned() } else { text.replace(key, "(key)") };
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let words: Vec<String> = text.split_whitespace().map(|word| word.chars().map(blank).collect()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some(_) => line.chars().take(LONGEST - 1).chain(['…']).collect(),
        None => line,
    }
}

/// Scheme and host of an address.
fn origin(location: &str) -> String {
    let uri = location.parse::<ureq::http::Uri>().unwrap_or_default();
    match (uri.scheme_str(), uri.host()) {
        (Some(scheme), Some(host)) => format!("{scheme}://{host}"),
        _ => "another path".to_owned(),
    }
}
