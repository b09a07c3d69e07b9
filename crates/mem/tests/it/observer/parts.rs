//! How turns are cut: a long one in parts, a late event as one more, a trivial one not at all, an old one again when the
//! user says so.

use mem_core::id::TurnId;
use mem_testkit::Reply;
use serde_json::json;

use super::scripted::{Scripted, is_ours};
use super::stage::GOOD;

/// Calls of the long turn.
const CALLS: usize = 120;

fn reply(part: usize) -> String {
    format!(
        "<observation>\n<type>change</type>\n<title>Part {part} was written</title>\n<narrative>Files of part {part}.</narrative>\n\
         </observation>\n<summary>\n<request>Write many files</request>\n<completed>Up to part {part}</completed>\n</summary>"
    )
}

/// A service whose model numbers its answers.
fn counting() -> Scripted {
    let scripted = Scripted::over_http("openai", &[]);
    let mut parts = 0;
    scripted.api.on_request(move |request| {
        is_ours(request).then(|| {
            parts += 1;
            Reply::text(reply(parts))
        })
    });
    scripted
}

/// One large edit of a file of its own.
fn edit(scripted: &Scripted, session: &str, prompt_id: &str, number: usize) {
    let path = scripted.stage.env.project().join(format!("src/file{number}.rs"));
    let lines: Vec<String> =
        (0..60).map(|line| format!("+let value_{number}_{line} = compute({line});")).collect();
    scripted.stage.event(
        session,
        "PostToolUse",
        json!({ "prompt_id": prompt_id, "tool_name": "Edit", "tool_use_id": format!("{prompt_id}-{number}"),
            "tool_input": { "file_path": path, "old_string": "a", "new_string": "b" },
            "tool_response": { "filePath": path, "structuredPatch": [{ "oldStart": 1, "oldLines": 0, "newStart": 1,
                "newLines": 60, "lines": lines }] } }),
    );
}

fn stop(scripted: &Scripted, session: &str, prompt_id: &str, said: &str) {
    let fields = json!({ "prompt_id": prompt_id, "stop_hook_active": false, "last_assistant_message": said });
    scripted.stage.event(session, "Stop", fields);
}

fn prompt(scripted: &Scripted, session: &str, prompt_id: &str, text: &str) {
    scripted.stage.event(session, "UserPromptSubmit", json!({ "prompt_id": prompt_id, "prompt": text }));
}

#[test]
fn a_long_turn_goes_in_parts_and_each_event_once() {
    let scripted = counting();
    prompt(&scripted, "s1", "p1", "Write many files");
    for number in 0..CALLS {
        edit(&scripted, "s1", "p1", number);
    }
    stop(&scripted, "s1", "p1", "All files are written.\nEach holds sixty lines.");
    let all = CALLS as u64 + 2;
    let covered = || {
        let turn = scripted.stage.store().turn(TurnId(1)).expect("the store can be read").expect("a turn");
        (turn.model_through.0 == turn.newest_event.0 && turn.newest_event.0 as u64 == all).then_some(())
    };
    mem_testkit::wait::until("the whole turn to be covered", covered);

    let parts = scripted.stage.batches("done");
    let asked = scripted.asked();
    assert_eq!(parts as usize, asked.len());
    assert!((3..=20).contains(&asked.len()), "{} parts", asked.len());
    for number in 0..CALLS {
        let file = format!("src/file{number}.rs");
        let holders =
            asked.iter().filter(|request| request.text().contains(&format!("{file}: edited"))).count();
        assert_eq!(holders, 1, "{file} was told {holders} times");
    }
    let store = scripted.stage.store();
    let project = store.projects().unwrap()[0].id;
    let rows = store.observations(project, 200).unwrap();
    let by_model: Vec<_> = rows.iter().filter(|row| row.by.as_str() == "openai/small").collect();
    assert_eq!(by_model.len(), asked.len(), "one of each part");
    let mut sources: Vec<_> =
        by_model.iter().flat_map(|row| store.sources_of(row.id).unwrap()).map(|e| e.id).collect();
    let count = sources.len();
    sources.sort();
    sources.dedup();
    assert_eq!(sources.len(), count, "no event stands behind two parts");
    assert!(rows.iter().all(|row| row.by.as_str() == "openai/small"), "all the local ones are superseded");
    let summaries = store.summaries(project, 200).unwrap();
    assert_eq!(summaries.len(), 1, "one summary: {summaries:#?}");
    assert_eq!(summaries[0].summary.completed, format!("Up to part {}", asked.len()));
    scripted.stage.assert_nothing_lost(all);
}

#[test]
fn a_late_event_makes_one_small_part_more() {
    let scripted = counting();
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    edit(&scripted, "s1", "s1-p1", 77);
    scripted.stage.wait_for("done", 2);
    let asked = scripted.asked();
    assert_eq!(asked.len(), 2);
    let text = asked[1].text();
    assert!(text.contains("src/file77.rs") && !text.contains("cargo test"), "{text}");
    assert!(text.contains("Part 2 of the turn"), "{text}");
    let titles: Vec<String> = scripted.stage.observations().into_iter().map(|(_, title)| title).collect();
    assert!(
        titles.contains(&"Part 1 was written".to_owned())
            && titles.contains(&"Part 2 was written".to_owned()),
        "{titles:?}"
    );
    let store = scripted.stage.store();
    assert_eq!(store.summaries(store.projects().unwrap()[0].id, 9).unwrap().len(), 1);
}

#[test]
fn a_trivial_turn_costs_nothing() {
    let scripted = counting();
    prompt(&scripted, "s1", "p1", "Thanks!");
    stop(&scripted, "s1", "p1", "You are welcome.");
    scripted.stage.wait_for("skipped", 1);
    assert_eq!((scripted.asked().len(), scripted.stage.spent()), (0, (0, 0)));
    // and it keeps nobody from what follows
    scripted.stage.turn("s1", 2);
    scripted.stage.wait_for("done", 1);
    assert_eq!(scripted.asked().len(), 1);
    assert_eq!(scripted.stage.batches("skipped"), 1);
}

#[test]
fn another_model_makes_it_anew_and_its_word_stands() {
    let scripted = Scripted::over_http("openai", &[]);
    scripted.api.on_request(|request| {
        let better = request.body["model"] == "better";
        is_ours(request).then(|| Reply::text(if better { reply(9) } else { GOOD.to_owned() }))
    });
    scripted.stage.turn("s1", 1);
    scripted.stage.turn("s2", 1);
    scripted.stage.wait_for("done", 2);
    let words = ["redistill", "--session", "s1", "--model", "openai/better", "--yes"];
    let _ordered = scripted.stage.env.claude_mem(&words).ok();
    scripted.stage.wait_for("done", 3);
    let mut seen = scripted.stage.observations();
    seen.sort();
    let wanted =
        [("openai/better", "Part 9 was written"), ("openai/small", "The parser keeps trailing commas")];
    assert_eq!(seen, wanted.map(|(by, title)| (by.to_owned(), title.to_owned())));
    assert_eq!(scripted.asked().len(), 3);
}
