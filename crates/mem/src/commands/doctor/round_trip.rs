//! The whole way of an event, in a temporary place: through our own hook, into the store, out by a search and in the
//! next session's brief.
//!
//! A made-up word is said to the hook, once in each of three inputs, and must come back. Nothing of the user's is read
//! or written, and no model is asked: the settings there are the defaults.

use std::time::{Duration, Instant};

use mem_core::recall::Filter;
use mem_daemon::inbox::drain;
use mem_daemon::recall::{Ask, Recall};
use mem_daemon::{answer, place, settings};
use mem_wire::doctor::Check;
use serde_json::{Value, json};

use super::super::demo::Stage;
use super::checks::{failed, ok, stumbled};
use crate::failure::Failure;

/// How long taking in and reading may take.
const READ: Duration = Duration::from_secs(10);
/// Most answers of the search that are looked at.
const HITS: usize = 5;

/// Makes the trip.
pub(super) fn round_trip() -> Check {
    const NAME: &str = "round trip";
    let word = word(std::process::id(), drain::now().0);
    match travel(&word) {
        Ok(Trip { stored, found: Some(id), told: true, took }) => ok(
            NAME,
            format!(
                "{stored} hook inputs written, found again by search ({id}) and told in the next brief, in {} ms",
                took.as_millis()
            ),
        ),
        Ok(trip) => {
            let missing = match (trip.stored, &trip.found) {
                (0, _) => "none of the hook's inputs was stored",
                (_, None) => "what was stored is not found by search",
                (_, Some(_)) => "what was stored is not told in the next brief",
            };
            failed(NAME, missing, "`claude-mem demo` shows where it stops; please report it")
        }
        Err(failure) => stumbled(NAME, &failure),
    }
}

/// How far it came.
struct Trip {
    stored: u64,
    found: Option<String>,
    told: bool,
    took: Duration,
}

fn travel(word: &str) -> Result<Trip, Failure> {
    let stage = Stage::new("doctor")?;
    let began = Instant::now();
    for input in inputs(&stage, word) {
        let _silent = stage.hook(&input.to_string())?;
    }
    let asker = stage.asker();
    let layers = settings::load(&asker.home, &mut |_| None);
    let fresh = answer::catch_up_to_search(&asker, || layers, Instant::now() + READ, None)?;
    let stored = fresh.store.counts()?.events;
    let project = fresh.store.project_by_keys(&place::facts(&stage.project(), None))?;
    let ask = Ask {
        text: word.to_owned(),
        filter: Filter { projects: project.into_iter().collect(), ..Filter::default() },
        limit: HITS,
        ..Ask::now(drain::now())
    };
    let answer = Recall::default().search(&fresh.store, &ask)?;
    let found = answer.hits.into_iter().find(|hit| hit.title.contains(word)).map(|hit| hit.id.to_string());
    drop(fresh); // the next session's hook wants the inbox
    let said = stage.hook(&begin(&stage).to_string())?;
    let said: Value = serde_json::from_str(&said).unwrap_or_default();
    let brief = match said.pointer("/hookSpecificOutput/additionalContext").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        // a machine that is too slow for the hook's deadline gets it rendered here
        None => answer::brief(&asker, &mut |_| None, None, Instant::now() + READ),
    };
    Ok(Trip { stored, found, told: brief.contains(word), took: began.elapsed() })
}

/// A prompt, a new file and an answer, as Claude Code tells of them.
fn inputs(stage: &Stage, word: &str) -> [Value; 3] {
    let path = stage.project().join(format!("{word}.txt"));
    let text = format!("{word}\n");
    let input = |event: &str, more: Value| {
        let mut input = json!({
            "session_id": "d0c70500-0000-4000-8000-000000000001",
            "transcript_path": stage.project().join("none.jsonl"),
            "cwd": stage.project(),
            "hook_event_name": event,
            "prompt_id": "d0c70500-0000-4000-8000-000000000002",
        });
        if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
            input.extend(more);
        }
        input
    };
    [
        input("UserPromptSubmit", json!({ "prompt": format!("Write a file about the {word}") })),
        input(
            "PostToolUse",
            json!({
                "tool_name": "Write",
                "tool_use_id": "toolu_doctor",
                "tool_input": { "file_path": path, "content": text },
                "tool_response": {
                    "type": "create", "filePath": path, "content": text, "structuredPatch": [],
                },
            }),
        ),
        input("Stop", json!({ "last_assistant_message": format!("The {word} has its file.") })),
    ]
}

/// The start of the next session there.
fn begin(stage: &Stage) -> Value {
    json!({
        "session_id": "d0c70500-0000-4000-8000-000000000003",
        "transcript_path": stage.project().join("none.jsonl"),
        "cwd": stage.project(),
        "hook_event_name": "SessionStart",
        "source": "startup",
    })
}

/// A word that nobody has said before: letters only, so that it is one word for every index and no secret.
fn word(pid: u32, now_ms: i64) -> String {
    let mut rest = now_ms.unsigned_abs().wrapping_mul(0x1_0000).wrapping_add(u64::from(pid));
    let mut word = String::from("quagga");
    while rest > 0 {
        let letter = b'a' + u8::try_from(rest % 26).expect("a remainder of 26 is small");
        word.push(char::from(letter));
        rest /= 26;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_are_the_same() {
        let words: std::collections::BTreeSet<String> = [(1, 0), (2, 0), (1, 1), (1, 1_790_000_000_000)]
            .into_iter()
            .map(|(pid, now)| word(pid, now))
            .collect();
        assert_eq!(words.len(), 4);
        assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())));
    }
}
