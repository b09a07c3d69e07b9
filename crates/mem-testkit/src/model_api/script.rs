//! Which request gets which answer.
//!
//! A script is told by prompts: "when asked this, answer these, one after the other". Where in such a list a
//! conversation stands is read from the conversation itself, so that a client that repeats a request gets the
//! same answer again, and parallel sessions do not disturb each other. Faults come first and once.

use std::collections::VecDeque;

use super::{Reply, Request};

/// What a compaction gets unless a test says otherwise.
const COMPACTED: &str =
    "<analysis>Nothing is left out.</analysis>\n<summary>The user and the agent worked.</summary>";

/// What is said to a prompt nobody expected.
const UNEXPECTED: &str = "There is nothing in the script about that.";

/// A rule of one's own.
pub(super) type Rule = Box<dyn FnMut(&Request) -> Option<Reply> + Send>;

/// The script.
#[derive(Default)]
pub(super) struct Script {
    /// Given to the next requests for messages, whatever they are.
    pub(super) once: VecDeque<Reply>,
    /// Asked in order, before the prompts.
    pub(super) rules: Vec<Rule>,
    /// A part of a prompt, and the answers to it in order.
    pub(super) prompts: Vec<(String, Vec<Reply>)>,
    /// Prompts that nothing in the script was meant for.
    pub(super) unexpected: Vec<String>,
}

impl Script {
    /// The answer to one request.
    pub(super) fn answer(&mut self, request: &Request) -> Reply {
        if let Some(reply) = self.once.pop_front() {
            return reply;
        }
        if let Some(reply) = self.rules.iter_mut().find_map(|rule| rule(request)) {
            return reply;
        }
        if request.is_compaction() {
            return Reply::text(COMPACTED);
        }
        let prompt = request.prompt();
        let lines = self.prompts.iter().rev().find(|(part, _)| prompt.contains(part.as_str()));
        if let Some(reply) = lines.and_then(|(_, replies)| replies.get(request.step())) {
            return reply.clone();
        }
        self.unexpected.push(prompt);
        Reply::text(UNEXPECTED)
    }
}
