//! What a hook may print, event by event.
//!
//! Claude Code acts on what hooks say: words from `Stop` keep the model going, `decision` and `continue` stop
//! people. So the only thing that can be expressed here is extra context, and only for the two events that take
//! it harmlessly; everything else is silence. Must not be extended with anything that blocks.

use mem_core::event::StartSource;
use mem_core::text::{clip_utf16, utf16_len};
use serde_json::json;

/// Longest context in UTF-16 units that reaches the model whole; measured: one more, and it is put in a file.
pub const LONGEST_CONTEXT: usize = 10_000;

/// What we would like to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Nothing.
    Quiet,
    /// Text for the model's context.
    Context(String),
}

/// The line to print on standard output for `event`, or `None` for printing nothing.
///
/// Text that is too long loses whole lines before its last one, which says how to look things up.
pub fn render(event: &str, reply: &Reply) -> Option<String> {
    let Reply::Context(text) = reply else { return None };
    if !takes_context(event) || text.trim().is_empty() {
        return None;
    }
    let output = json!({
        "hookSpecificOutput": { "hookEventName": event, "additionalContext": clipped(text) }
    });
    Some(output.to_string())
}

/// Whether a brief is wanted: at a session's start, unless the conversation still holds an earlier one.
/// `source` is the payload's; without one, or with one we do not know, silence is safer than a repetition.
pub fn wants_words(event: &str, source: Option<&str>) -> bool {
    event == "SessionStart" && source.is_some_and(|source| StartSource::parse(source).wants_brief())
}

fn takes_context(event: &str) -> bool {
    matches!(event, "SessionStart" | "UserPromptSubmit")
}

fn clipped(text: &str) -> String {
    if utf16_len(text) <= LONGEST_CONTEXT {
        return text.to_owned();
    }
    let body = text.trim_end();
    let last = body.rsplit_once('\n').map_or("", |(_, last)| last);
    let room = LONGEST_CONTEXT.saturating_sub(utf16_len(last) + 1);
    if last.is_empty() || room < LONGEST_CONTEXT / 2 {
        return clip_utf16(body, LONGEST_CONTEXT).to_owned(); // no last line worth keeping
    }
    let head = clip_utf16(&body[..body.len() - last.len()], room);
    let head = head.rsplit_once('\n').map_or(head, |(whole_lines, _)| whole_lines);
    format!("{head}\n{last}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// All 33 events of 2.1.329, and one that does not exist.
    const EVENTS: [&str; 34] = [
        "PreToolUse",
        "PostToolUse",
        "PostToolUseFailure",
        "PostToolBatch",
        "Notification",
        "UserPromptSubmit",
        "UserPromptExpansion",
        "SessionStart",
        "SessionEnd",
        "Stop",
        "StopFailure",
        "SubagentStart",
        "SubagentStop",
        "PreCompact",
        "PostCompact",
        "PreModelSwitch",
        "PostModelSwitch",
        "PermissionRequest",
        "PermissionDenied",
        "Setup",
        "TeammateIdle",
        "TaskCreated",
        "TaskCompleted",
        "Elicitation",
        "ElicitationResult",
        "ConfigChange",
        "WorktreeCreate",
        "WorktreeRemove",
        "InstructionsLoaded",
        "CwdChanged",
        "FileChanged",
        "DirectoryAdded",
        "MessageDisplay",
        "SomethingNew",
    ];

    #[test]
    fn the_reply_table() {
        let mut table = String::new();
        for event in EVENTS {
            let said = render(event, &Reply::Context("words".into()));
            table.push_str(&format!("{event}: {}\n", said.as_deref().unwrap_or("-")));
            assert_eq!(render(event, &Reply::Quiet), None);
            assert_eq!(render(event, &Reply::Context(" \n".into())), None);
        }
        insta::assert_snapshot!(table, @r#"
        PreToolUse: -
        PostToolUse: -
        PostToolUseFailure: -
        PostToolBatch: -
        Notification: -
        UserPromptSubmit: {"hookSpecificOutput":{"hookEventName":"UserPromptSubmit","additionalContext":"words"}}
        UserPromptExpansion: -
        SessionStart: {"hookSpecificOutput":{"hookEventName":"SessionStart","additionalContext":"words"}}
        SessionEnd: -
        Stop: -
        StopFailure: -
        SubagentStart: -
        SubagentStop: -
        PreCompact: -
        PostCompact: -
        PreModelSwitch: -
        PostModelSwitch: -
        PermissionRequest: -
        PermissionDenied: -
        Setup: -
        TeammateIdle: -
        TaskCreated: -
        TaskCompleted: -
        Elicitation: -
        ElicitationResult: -
        ConfigChange: -
        WorktreeCreate: -
        WorktreeRemove: -
        InstructionsLoaded: -
        CwdChanged: -
        FileChanged: -
        DirectoryAdded: -
        MessageDisplay: -
        SomethingNew: -
        "#);
    }

    #[test]
    fn words_are_wanted_only_where_the_conversation_begins() {
        for (source, wanted) in [
            (Some("startup"), true),
            (Some("clear"), true),
            (Some("compact"), true),
            (Some("resume"), false),
            (Some("fork"), false),
            (Some("new"), false),
            (None, false),
        ] {
            assert_eq!(wants_words("SessionStart", source), wanted, "{source:?}");
            assert!(!wants_words("Stop", source));
        }
    }

    #[test]
    fn a_long_text_keeps_its_last_line() {
        let text = format!("{}look up with `show`\n", "a line of a brief\n".repeat(2000));
        let context = clipped(&text);
        assert!(context.ends_with("a line of a brief\nlook up with `show`"));
        assert!(utf16_len(&context) <= LONGEST_CONTEXT && utf16_len(&context) > LONGEST_CONTEXT - 40);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_valid_and_short_enough(text in "(\\PC|\n|😀{300}|x{900}){0,40}", at in 0..EVENTS.len()) {
            let Some(line) = render(EVENTS[at], &Reply::Context(text)) else { return Ok(()) };
            prop_assert!(!line.contains('\n'));
            let value: Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(value.as_object().unwrap().len(), 1);
            let output = value["hookSpecificOutput"].as_object().unwrap();
            prop_assert_eq!(output.len(), 2);
            prop_assert!(utf16_len(output["additionalContext"].as_str().unwrap()) <= LONGEST_CONTEXT);
        }
    }
}
