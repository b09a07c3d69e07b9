//! The recorded session: hook inputs as Claude Code gave them, and how each is told in a line.

use std::path::Path;

use mem_core::text::one_line;
use serde_json::Value;

/// Hook inputs, one JSON object a line.
const SESSION: &str = include_str!("session.jsonl");
/// What stands for the directory the session ran in.
const PROJECT: &str = "{{project}}";
/// What stands for a key that the user pastes; made at run time, so that no key stands in the program.
const TOKEN: &str = "{{token}}";
/// Characters of what a step says.
const SAID: usize = 78;

/// One hook input.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// What the hook gets on stdin.
    pub(super) input: String,
    /// What happened, in a line.
    pub(super) told: String,
}

/// The recorded session, as if it ran in `project`.
pub(super) fn steps(project: &Path) -> Vec<Step> {
    let quoted = Value::from(project.to_string_lossy()).to_string();
    let path = quoted.trim_matches('"'); // as it stands inside a JSON text
    let token = format!("{}_{}", "ghp", "0123456789abcdefghijABCDEFGHIJ012345");
    SESSION
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let input = line.replace(PROJECT, path).replace(TOKEN, &token);
            let told = told(&serde_json::from_str(&input).unwrap_or_default(), project);
            Step { input, told }
        })
        .collect()
}

/// The start of the next session in `project`.
pub(super) fn next_session(project: &Path) -> String {
    serde_json::json!({
        "session_id": "0d5e55ed-c0de-4a11-9b0e-5eed5eed5eee",
        "transcript_path": project.join("none.jsonl"),
        "cwd": project,
        "hook_event_name": "SessionStart",
        "source": "startup",
    })
    .to_string()
}

fn told(input: &Value, project: &Path) -> String {
    let text = |pointer: &str| input.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let said = match text("/hook_event_name") {
        "UserPromptSubmit" => text("/prompt").to_owned(),
        "Stop" => text("/last_assistant_message").to_owned(),
        "SessionStart" => text("/source").to_owned(),
        "SessionEnd" => text("/reason").to_owned(),
        _ => {
            let place =
                [text("/tool_input/command"), text("/tool_input/file_path"), text("/tool_input/pattern")]
                    .into_iter()
                    .find(|words| !words.is_empty())
                    .unwrap_or_default();
            let place = place.replace(&format!("{}/", project.display()), "");
            let failed = text("/error").lines().next().unwrap_or_default();
            let failed = if failed.is_empty() { String::new() } else { format!("  ({failed})") };
            format!("{} {place}{failed}", text("/tool_name"))
        }
    };
    format!("{:<18} {}", text("/hook_event_name"), one_line(&said, SAID))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_hook_input_of_the_one_session() {
        let project = Path::new("/tmp/a \"quoted\" place");
        let steps = steps(project);
        assert!(steps.len() > 5);
        let inputs: Vec<Value> =
            steps.iter().map(|step| serde_json::from_str(&step.input).unwrap()).collect();
        for input in &inputs {
            assert!(input["cwd"].as_str().unwrap().starts_with(project.to_str().unwrap()), "{input}");
            assert_eq!(input["session_id"], inputs[0]["session_id"]);
            assert!(input["hook_event_name"].is_string());
        }
        assert_eq!(inputs[0]["hook_event_name"], "SessionStart");
        assert_eq!(inputs[inputs.len() - 1]["hook_event_name"], "SessionEnd");
    }

    #[test]
    fn a_step_is_told_in_a_line() {
        let input = serde_json::json!({
            "hook_event_name": "PostToolUseFailure", "tool_name": "Bash",
            "tool_input": {"command": "cat /p/a.txt"}, "error": "Exit code 1\nno such file",
        });
        assert_eq!(told(&input, Path::new("/p")), "PostToolUseFailure Bash cat a.txt (Exit code 1)");
    }
}
