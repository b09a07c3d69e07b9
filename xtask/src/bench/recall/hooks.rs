//! A session of a set as the hook inputs that Claude Code would have sent for it.
//!
//! Prompts and answers are theirs; a commit is the shell call that made it, with git's line about it. The files of a
//! session are edits, dealt out evenly over its prompts, as the set does not say when they were made; each adds an empty
//! line, so that nothing is said that the set does not say. A commit or an edit belongs to a turn, and a turn begins with a
//! prompt: where a session has none before its first commit, the user is taken to have asked for it.

use std::path::Path;

use mem_core::layout::fnv1a;
use mem_core::time::Timestamp;
use serde_json::{Value, json};

use super::set::{Role, Session, Turn};

/// What the user is taken to have said where a set has a commit, or files, and no prompt.
const ASKED: &str = "commit";

/// One hook input.
#[derive(Debug, PartialEq)]
pub(super) struct Input {
    /// When the hook began.
    pub(super) at: Timestamp,
    /// What it was given.
    pub(super) payload: Value,
}

/// The inputs of a session that runs in `cwd` under the id `session`.
pub(super) fn of(session: &Session, id: &str, cwd: &Path) -> Vec<Input> {
    let mut telling =
        Telling { id, cwd, told: Vec::new(), prompts: 0, calls: 0, files: files_by_prompt(session) };
    telling.tell(session.at, "SessionStart", json!({ "source": "startup" }));
    for (turn, at) in session.turns.iter().zip(session.times()) {
        telling.turn(turn, at);
    }
    if session.turns.is_empty() || telling.prompts == 0 && !session.files.is_empty() {
        telling.prompt(ASKED, session.ended_at);
    }
    telling.tell(session.ended_at, "SessionEnd", json!({ "reason": "other" }));
    telling.told
}

/// The files that go with each prompt.
fn files_by_prompt(session: &Session) -> Vec<Vec<String>> {
    let prompts = session.turns.iter().filter(|turn| turn.role == Role::Prompt).count().max(1);
    let mut dealt = vec![Vec::new(); prompts];
    for (at, file) in session.files.iter().enumerate() {
        dealt[at * prompts / session.files.len()].push(file.clone());
    }
    dealt
}

struct Telling<'s> {
    id: &'s str,
    cwd: &'s Path,
    told: Vec<Input>,
    prompts: usize,
    calls: usize,
    files: Vec<Vec<String>>,
}

impl Telling<'_> {
    fn turn(&mut self, turn: &Turn, at: Timestamp) {
        match turn.role {
            Role::Prompt => self.prompt(&turn.text, at),
            Role::Answer => self.tell(
                at,
                "Stop",
                json!({ "stop_hook_active": false, "last_assistant_message": turn.text, "background_tasks": [] }),
            ),
            Role::Commit => {
                if self.prompts == 0 {
                    self.prompt(ASKED, at);
                }
                self.commit(&turn.text, at);
            }
        }
    }

    fn prompt(&mut self, text: &str, at: Timestamp) {
        let files = self.files.get_mut(self.prompts).map(std::mem::take).unwrap_or_default();
        self.prompts += 1;
        self.tell(at, "UserPromptSubmit", json!({ "prompt": text }));
        for file in files {
            self.edit(&self.cwd.join(file).to_string_lossy(), at);
        }
    }

    fn edit(&mut self, path: &str, at: Timestamp) {
        let patch = json!([{ "oldStart": 1, "oldLines": 0, "newStart": 1, "newLines": 1, "lines": ["+"] }]);
        self.call(
            at,
            "Edit",
            json!({ "file_path": path, "old_string": "", "new_string": "\n", "replace_all": false }),
            json!({ "filePath": path, "oldString": "", "newString": "\n", "structuredPatch": patch }),
        );
    }

    fn commit(&mut self, message: &str, at: Timestamp) {
        let subject = message.trim().lines().next().unwrap_or_default();
        let hash = format!("{:016x}", fnv1a(format!("{} {} {message}", self.id, self.calls).as_bytes()));
        let printed = format!("[main {}] {subject}\n 1 file changed, 1 insertion(+)", &hash[..7]);
        self.call(
            at,
            "Bash",
            json!({ "command": commit_command(message.trim()), "description": "Commit" }),
            json!({ "stdout": printed, "stderr": "", "interrupted": false, "isImage": false }),
        );
    }

    fn call(&mut self, at: Timestamp, tool: &str, input: Value, response: Value) {
        self.calls += 1;
        let id = format!("toolu_{}_{}", self.id, self.calls);
        self.tell(
            at,
            "PostToolUse",
            json!({ "tool_name": tool, "tool_input": input, "tool_response": response, "tool_use_id": id, "duration_ms": 3 }),
        );
    }

    fn tell(&mut self, at: Timestamp, event: &str, more: Value) {
        let mut payload = json!({
            "session_id": self.id,
            "transcript_path": format!("{}/{}.jsonl", self.cwd.display(), self.id),
            "cwd": self.cwd.to_string_lossy(),
            "permission_mode": "default",
            "hook_event_name": event,
        });
        let fields = payload.as_object_mut().expect("made as an object");
        if self.prompts > 0 {
            fields.insert("prompt_id".to_owned(), json!(format!("{}-{}", self.id, self.prompts)));
        }
        if let Value::Object(more) = more {
            fields.extend(more);
        }
        self.told.push(Input { at, payload });
    }
}

/// The command as Claude Code writes it: a here-document where the message has a body.
fn commit_command(message: &str) -> String {
    if message.contains('\n') {
        format!("git commit -m \"$(cat <<'EOF'\n{message}\nEOF\n)\"")
    } else {
        format!("git commit -m '{}'", message.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(turns: &[(Role, &str)], files: &[&str]) -> Session {
        Session {
            group: 0,
            name: "s".into(),
            at: Timestamp(0),
            ended_at: Timestamp(90_000),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            turns: turns.iter().map(|(role, text)| Turn { role: *role, text: (*text).to_owned() }).collect(),
        }
    }

    fn told(session: &Session) -> Vec<String> {
        of(session, "id", Path::new("/p"))
            .iter()
            .map(|input| {
                let told = &input.payload;
                let what = ["prompt", "last_assistant_message", "tool_name"].map(|key| told[key].as_str());
                let what = what.into_iter().flatten().next().unwrap_or_default();
                let file = told["tool_input"]["file_path"].as_str().unwrap_or_default();
                format!("{} {what} {file}", told["hook_event_name"].as_str().unwrap()).trim().to_owned()
            })
            .collect()
    }

    #[test]
    fn files_are_dealt_out_over_the_prompts() {
        let turns = [(Role::Prompt, "one"), (Role::Answer, "done"), (Role::Prompt, "two")];
        assert_eq!(
            told(&session(&turns, &["a.rs", "b.rs"])),
            [
                "SessionStart",
                "UserPromptSubmit one",
                "PostToolUse Edit /p/a.rs",
                "Stop done",
                "UserPromptSubmit two",
                "PostToolUse Edit /p/b.rs",
                "SessionEnd",
            ]
        );
    }

    #[test]
    fn a_commit_alone_was_asked_for() {
        let all = told(&session(&[(Role::Commit, "fix: it\n\nBecause.")], &[]));
        assert_eq!(all, ["SessionStart", "UserPromptSubmit commit", "PostToolUse Bash", "SessionEnd"]);
    }

    #[test]
    fn a_message_is_quoted_for_the_shell() {
        assert_eq!(commit_command("it's"), r"git commit -m 'it'\''s'");
        assert_eq!(commit_command("a\n\nb"), "git commit -m \"$(cat <<'EOF'\na\n\nb\nEOF\n)\"");
    }
}
