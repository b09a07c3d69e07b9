//! The recorded replies and how their reading is shown, for the tests that hold what is taken from each.

use std::path::Path;

use mem_core::model::Answer;

use crate::outcome::outcome_of;
use crate::reply::{Grammar, Reply, read};

/// Types and concepts of the mode that most people use.
pub(super) fn code() -> [Vec<String>; 2] {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let kinds = [
        "bugfix",
        "feature",
        "refactor",
        "change",
        "discovery",
        "decision",
        "security_alert",
        "security_note",
        "sensitive",
    ];
    let concepts = [
        "how-it-works",
        "why-it-exists",
        "what-changed",
        "problem-solution",
        "gotcha",
        "pattern",
        "trade-off",
    ];
    [owned(&kinds), owned(&concepts)]
}

/// `text`, read with that mode.
pub(super) fn read_as_code(text: &str) -> Reply {
    let [kinds, concepts] = code();
    read(text, &Grammar { kinds: &kinds, concepts: &concepts })
}

/// The recorded replies by name, without the end of the name.
pub(super) fn recorded() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/replies");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|file| file.extension().is_some_and(|end| end == "txt"));
    texts
        .map(|file| {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

/// What is taken from the recorded reply of that name.
pub(super) fn shown(name: &str) -> String {
    let (_, text) = recorded().into_iter().find(|(known, _)| known == name).unwrap();
    let reply = read_as_code(&text);
    let answer = Answer { text, ..Answer::default() };
    let mut lines = vec![outcome_of(Ok(&answer), Some(&reply)).as_str().to_owned()];
    for seen in &reply.observations {
        lines.push(format!("{} · {}", seen.kind, seen.title));
        let lists =
            [("concepts", &seen.concepts), ("read", &seen.files_read), ("modified", &seen.files_modified)];
        lines.extend((!seen.subtitle.is_empty()).then(|| format!("  subtitle: {}", seen.subtitle)));
        lines.extend(seen.facts.iter().map(|fact| format!("  fact: {fact}")));
        lines.extend((!seen.narrative.is_empty()).then(|| format!("  narrative: {:?}", seen.narrative)));
        let listed = lists.iter().filter(|(_, items)| !items.is_empty());
        lines.extend(listed.map(|(name, items)| format!("  {name}: {}", items.join(", "))));
    }
    if let Some(summary) = &reply.summary {
        lines.push("summary".to_owned());
        let fields = [
            ("request", &summary.request),
            ("investigated", &summary.investigated),
            ("learned", &summary.learned),
            ("completed", &summary.completed),
            ("next steps", &summary.next_steps),
            ("notes", &summary.notes),
        ];
        let said = fields.iter().filter(|(_, text)| !text.is_empty());
        lines.extend(said.map(|(name, text)| format!("  {name}: {text}")));
    }
    lines.extend(reply.skipped.iter().map(|reason| format!("skipped: {reason}")));
    lines.extend(reply.defects.iter().map(|defect| format!("! {defect}")));
    lines.join("\n")
}
