//! What the program says, line by line, until it has answered.
//!
//! Pure: bytes in, at most one outcome per turn out. Lines come with their keys in any order and in kinds nobody has seen
//! yet, which are passed over. What no honest program says (another session's words, a flood) spoils the whole stream:
//! whoever listens then has to end the program.

use mem_core::fault::{Fault, FaultKind};
use mem_core::model::{Answer, MicroUsd, Usage};
use mem_core::time::Timestamp;
use serde_json::Value;

use super::fault::{self, Failure, Limit};
use super::reset;

/// Most bytes of one line: an answer of the longest kind has a quarter of a megabyte.
pub(super) const MOST_LINE: usize = 8 * 1024 * 1024;
/// Most bytes in one turn.
pub(super) const MOST_TURN: usize = 64 * 1024 * 1024;

/// What a turn came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// It answered.
    Answer(Answer),
    /// It failed.
    Fault(Fault),
    /// It has forgotten the conversation.
    Cleared,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing yet, or no more.
    None,
    /// An answer.
    Ask,
    /// A conversation that begins anew.
    Clear,
}

/// The state of one program's output.
#[derive(Debug)]
pub(super) struct Stream {
    rest: Vec<u8>,
    /// How far `rest` was searched for the end of a line.
    searched: usize,
    turn: Turn,
    /// Bytes of this turn.
    taken: usize,
    /// Whether it began to work on this turn.
    begun: bool,
    /// The session of this turn, and the one before.
    session: Option<String>,
    known_session: Option<String>,
    /// What was streamed of this turn's answer.
    text: String,
    message: Option<String>,
    usage: Usage,
    /// A limit that it said was reached.
    limit: Option<Limit>,
    /// Dollars spent in all, as it last said.
    total: f64,
    /// The program's process id.
    child: Option<i32>,
    spoiled: bool,
}

impl Stream {
    /// Of a program that was just started.
    pub(super) fn new() -> Self {
        Self {
            rest: Vec::new(),
            searched: 0,
            turn: Turn::None,
            taken: 0,
            begun: false,
            session: None,
            known_session: None,
            text: String::new(),
            message: None,
            usage: Usage::default(),
            limit: None,
            total: 0.0,
            child: None,
            spoiled: false,
        }
    }

    /// The program's process id, once it said so.
    pub(super) fn child(&self) -> Option<i32> {
        self.child
    }

    /// Whether it began to work on what it was last asked: from here on it may cost.
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    /// Whether the program cannot be asked again.
    pub(super) fn spoiled(&self) -> bool {
        self.spoiled
    }

    /// From here on it answers this.
    pub(super) fn begin(&mut self, turn: Turn) {
        // whole lines that were said since belong to nothing
        let whole = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.rest.drain(..whole);
        self.searched = 0;
        self.turn = turn;
        self.taken = 0;
        self.begun = false;
        self.session = None;
        self.text.clear();
        self.message = None;
        self.usage = Usage::default();
        self.limit = None;
    }

    /// Takes what it said next; gives what its turn came to, once that is clear.
    pub(super) fn take(&mut self, bytes: &[u8], now: Timestamp) -> Option<Outcome> {
        self.rest.extend_from_slice(bytes);
        self.taken += bytes.len();
        if self.taken > MOST_TURN {
            self.rest = Vec::new();
            self.searched = 0;
            return self.spoil("it wrote more than 64 MB for one answer");
        }
        let mut from = 0;
        let mut outcome = None;
        while outcome.is_none() {
            let Some(end) = self.rest[self.searched..].iter().position(|byte| *byte == b'\n') else {
                self.searched = self.rest.len();
                break;
            };
            let end = self.searched + end;
            self.searched = end + 1;
            if let Ok(line) = serde_json::from_slice(&self.rest[from..end]) {
                outcome = self.line(&line, now);
            }
            from = end + 1;
        }
        if self.spoiled {
            self.rest = Vec::new();
            self.searched = 0;
            return outcome;
        }
        self.rest.drain(..from);
        self.searched = self.searched.saturating_sub(from);
        if outcome.is_none() && self.rest.len() > MOST_LINE {
            return self.spoil("it wrote a line of more than 8 MB");
        }
        outcome
    }

    /// One whole line.
    fn line(&mut self, line: &Value, now: Timestamp) -> Option<Outcome> {
        let word = |name: &str| line[name].as_str().unwrap_or_default();
        let kind = word("type");
        if kind == "claude-mem" {
            // ours is the first of all; the program cannot say it later
            if self.child.is_none() && self.known_session.is_none() && self.session.is_none() {
                self.child = line["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
            }
            return None;
        }
        if kind == "rate_limit_event" || kind == "system" && word("subtype").starts_with("rate_limit") {
            self.note_limit(line);
        }
        match self.turn {
            Turn::None => None,
            Turn::Clear => {
                if kind != "result" {
                    return None;
                }
                self.turn = Turn::None;
                self.total = line["total_cost_usd"].as_f64().unwrap_or_default();
                self.known_session = line["session_id"].as_str().map(str::to_owned);
                (line["is_error"] != true).then_some(Outcome::Cleared)
            }
            Turn::Ask => self.line_of_answer(line, kind, now),
        }
    }

    fn line_of_answer(&mut self, line: &Value, kind: &str, now: Timestamp) -> Option<Outcome> {
        let initial = kind == "system" && line["subtype"] == "init";
        if let Some(session) = line["session_id"].as_str() {
            let expected = if initial {
                &self.session
            } else {
                self.session.as_ref().map_or(&self.known_session, |_| &self.session)
            };
            if expected.as_ref().is_some_and(|expected| expected != session) {
                return self.spoil("it spoke for another session");
            }
            if initial {
                self.session = Some(session.to_owned());
            }
        }
        match kind {
            "system" if initial => self.begun = true,
            "stream_event" => return self.event(&line["event"]),
            "assistant" => return self.message(&line["message"]),
            "result" => return Some(self.result(line, now)),
            _ => {}
        }
        None
    }

    /// A piece of the answer while it is written.
    fn event(&mut self, event: &Value) -> Option<Outcome> {
        match event["type"].as_str()? {
            "message_start" => self.usage = usage_of(&event["message"]["usage"], self.usage),
            "content_block_delta" => {
                if let Some(text) = event["delta"]["text"].as_str() {
                    self.text.push_str(text);
                }
            }
            "message_delta" => {
                self.usage = usage_of(&event["usage"], self.usage);
                if event["delta"]["stop_reason"] == "max_tokens" {
                    return Some(self.cut());
                }
            }
            _ => {}
        }
        None
    }

    /// A block of the answer. A second message means that it asked again to go on where the first was cut.
    fn message(&mut self, message: &Value) -> Option<Outcome> {
        // what it says itself about a failure
        if message["model"] == "<synthetic>" {
            return None;
        }
        let id = message["id"].as_str()?;
        match &self.message {
            Some(first) if first != id => Some(self.cut()),
            Some(_) => None,
            None => {
                self.message = Some(id.to_owned());
                None
            }
        }
    }

    /// The answer was cut by the limit of output. The program would now ask three times more for the rest, and pay.
    fn cut(&mut self) -> Outcome {
        self.spoiled = true;
        self.turn = Turn::None;
        Outcome::Answer(Answer {
            text: std::mem::take(&mut self.text),
            cut: true,
            usage: self.usage,
            cost: None,
            model_session: self.session.clone(),
        })
    }

    fn result(&mut self, line: &Value, now: Timestamp) -> Outcome {
        let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let total = line["total_cost_usd"].as_f64();
        let spent = total.map(|total| if total < self.total { total } else { total - self.total });
        self.total = total.unwrap_or(self.total);
        self.turn = Turn::None;
        self.known_session = self.session.clone().or_else(|| line["session_id"].as_str().map(str::to_owned));
        let mut text = word("result");
        if text.is_empty() && line["is_error"] == true {
            line["errors"][0].as_str().unwrap_or_default().clone_into(&mut text);
        }
        let too_long = text.contains("output token maximum");
        if line["is_error"] == true && !too_long {
            let kind = word("api_error_type");
            let failure = Failure {
                status: line["api_error_status"].as_u64(),
                kind: if kind.is_empty() { word("subtype") } else { kind },
                reason: word("terminal_reason"),
                text,
                spent: spent.is_some_and(|spent| spent > 0.0),
                limit: self.limit,
            };
            return Outcome::Fault(fault::of(&failure, now));
        }
        Outcome::Answer(Answer {
            text: if too_long { std::mem::take(&mut self.text) } else { text },
            cut: too_long || line["stop_reason"] == "max_tokens",
            usage: usage_of(&line["usage"], Usage::default()),
            cost: spent.map(MicroUsd::of_dollars),
            model_session: self.known_session.clone(),
        })
    }

    /// A limit of the user's plan: reached, or not any more. The facts lie in the line or in an object of it.
    fn note_limit(&mut self, line: &Value) {
        let facts =
            ["rate_limit_info", "rate_limit"].iter().map(|name| &line[name]).find(|facts| facts.is_object());
        let facts = facts.unwrap_or(line);
        // who may go on beyond the limit for money is not stopped by it
        if facts["status"] == "rejected" && facts["isUsingOverage"] != true {
            let until = facts["resetsAt"].as_i64().and_then(reset::of_epoch);
            self.limit = Some(Limit { until });
        } else if facts["status"].is_string() {
            self.limit = None;
        }
    }

    fn spoil(&mut self, why: &str) -> Option<Outcome> {
        self.spoiled = true;
        self.turn = Turn::None;
        Some(Outcome::Fault(Fault::perhaps_paid(FaultKind::Misbehaved, why)))
    }
}

/// The tokens in a usage, on top of what was known where it leaves some out.
fn usage_of(usage: &Value, known: Usage) -> Usage {
    let count = |name: &str, known: u64| usage[name].as_u64().unwrap_or(known);
    Usage {
        input: count("input_tokens", known.input),
        output: count("output_tokens", known.output),
        cache_read: count("cache_read_input_tokens", known.cache_read),
        cache_write: count("cache_creation_input_tokens", known.cache_write),
    }
}
