//! How an event of Claude Code is known again, from a hook or from a transcript.
//!
//! A tool use has the id of its call. A prompt has its prompt id. An answer has its prompt id and a digest of its
//! words, since one prompt may be answered more than once. What repeats itself lawfully (starts, ends, moves)
//! is counted by the store. A digest is FNV-1a over the text with every run of white space folded into one
//! blank and none at the ends: a transcript trims and re-wraps no further than that.

use mem_core::event::{Action, Body, NaturalKey, ToolUse};
use mem_core::layout::fnv1a;

/// The key of `body`. `agent_id` is the agent's id of the subagent, also where there is none to speak of, as
/// when a conversation is compacted.
pub(super) fn of(body: &Body, prompt_id: Option<&str>, agent_id: Option<&str>) -> NaturalKey {
    let kind = body.kind();
    match body {
        Body::ToolUsed(call) => of_call(call),
        Body::ToolsBatched { calls } => {
            let ids: Vec<&str> = calls.iter().filter_map(|call| call.id.as_deref()).collect();
            let key = format!("{kind}:{}", digest(&ids));
            if ids.len() == calls.len() && !ids.is_empty() {
                NaturalKey::Fixed(key)
            } else {
                NaturalKey::Counted(key)
            }
        }
        Body::Prompted { prompt } => match prompt_id {
            Some(id) => NaturalKey::Fixed(format!("{kind}:{id}")),
            None => NaturalKey::Counted(format!("{kind}:{}", digest(&[prompt]))),
        },
        Body::SubagentStarted => match agent_id {
            Some(id) => NaturalKey::Fixed(format!("{kind}:{id}")),
            None => counted(kind, prompt_id, &[]),
        },
        Body::SubagentStopped { said } => said_by(kind, agent_id.or(prompt_id), &[said]),
        Body::Answered { said } => said_by(kind, prompt_id, &[said]),
        Body::AnswerFailed { error, details, said } => said_by(kind, prompt_id, &[error, details, said]),
        Body::Compacted { trigger, summary } => said_by(kind, prompt_id, &[trigger, summary]),
        Body::SessionStarted { source, .. } => counted(kind, prompt_id, &[source.as_str()]),
        Body::Compacting { trigger } => counted(kind, prompt_id, &[trigger]),
        Body::Moved { from, to } => counted(kind, prompt_id, &[from, to]),
        Body::SessionEnded { reason } => counted(kind, prompt_id, &[reason]),
        Body::Raw { name, json } => counted(kind, prompt_id, &[name, json]),
    }
}

fn of_call(call: &ToolUse) -> NaturalKey {
    if let Some(id) = &call.id {
        return NaturalKey::Fixed(format!("tool:{id}"));
    }
    let asked = match &call.action {
        Action::Ran { command, .. } => command,
        Action::Changed { patch, .. } => patch,
        Action::Read { path, .. } => path,
        Action::Searched { query, .. } => query,
        Action::Fetched { target, .. } => target,
        Action::Noted { text, .. } => text,
        Action::Delegated { task, .. } => task,
        Action::Other { input, .. } => input,
    };
    NaturalKey::Counted(format!("tool:{}", digest(&[call.tool.as_str(), asked])))
}

fn said_by(kind: &str, whose: Option<&str>, texts: &[&str]) -> NaturalKey {
    match whose {
        Some(id) => NaturalKey::Fixed(format!("{kind}:{id}:{}", digest(texts))),
        None => NaturalKey::Counted(format!("{kind}:{}", digest(texts))),
    }
}

fn counted(kind: &str, prompt_id: Option<&str>, texts: &[&str]) -> NaturalKey {
    let mut parts = vec![prompt_id.unwrap_or_default()];
    parts.extend(texts);
    NaturalKey::Counted(format!("{kind}:{}", digest(&parts)))
}

/// Sixteen hex digits over the normalised texts, each closed by a NUL so that their borders count.
fn digest(texts: &[&str]) -> String {
    let mut normal = String::new();
    for text in texts {
        let mut between = "";
        for word in text.split_whitespace() {
            normal.push_str(between);
            normal.push_str(word);
            between = " ";
        }
        normal.push('\0');
    }
    format!("{:016x}", fnv1a(normal.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_does_not_change_a_key() {
        let answer = |said: &str| of(&Body::Answered { said: said.into() }, Some("p"), None);
        assert_eq!(answer("one two"), answer("  one\n\n two\n"));
        assert_ne!(answer("one two"), answer("onetwo"));
    }

    #[test]
    fn a_prompt_is_known_by_its_id_alone() {
        let key = of(&Body::Prompted { prompt: "x".into() }, Some("p1"), None);
        assert_eq!(key, NaturalKey::Fixed("prompted:p1".into()));
    }

    #[test]
    fn what_may_repeat_is_counted() {
        let moved = Body::Moved { from: "/a".into(), to: "/b".into() };
        assert!(matches!(of(&moved, Some("p"), None), NaturalKey::Counted(_)));
        let back = Body::Moved { from: "/a/b".into(), to: String::new() };
        assert_ne!(of(&moved, Some("p"), None), of(&back, Some("p"), None));
    }
}
