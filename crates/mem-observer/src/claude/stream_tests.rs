//! The stream over what the real program said, and over what no honest one says.

use mem_core::fault::{Fault, FaultKind};
use mem_core::time::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use super::stream::{Outcome, Stream, Turn};

/// What a captured program said, turn by turn, by the outcome of each.
fn played(name: &str) -> Vec<Option<Outcome>> {
    let path = format!("{}/../../fixtures/stream-json/2.1.329/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
    let mut stream = Stream::new();
    let mut outcomes = Vec::new();
    for entry in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let line = entry["line"].as_str().unwrap_or_default();
        if entry["dir"] == "in" {
            stream.begin(if line.contains("\"/clear\"") { Turn::Clear } else { Turn::Ask });
            outcomes.push(None);
        } else if entry["dir"] == "out"
            && let Some(outcome) = stream.take(format!("{line}\n").as_bytes(), Timestamp(0))
        {
            *outcomes.last_mut().expect("it speaks when spoken to") = Some(outcome);
        }
    }
    assert!(!stream.spoiled());
    outcomes
}

/// The outcomes in words.
fn told(name: &str) -> Vec<String> {
    let words = |outcome: &Option<Outcome>| match outcome {
        None => "nothing".to_owned(),
        Some(Outcome::Cleared) => "cleared".to_owned(),
        Some(Outcome::Fault(fault)) => fault.kind.as_str().to_owned(),
        Some(Outcome::Answer(answer)) => {
            let usage = answer.usage;
            format!("{}+{} {}", usage.all_input(), usage.output, answer.cost.unwrap_or_default().0)
        }
    };
    played(name).iter().map(words).collect()
}

#[test]
fn captured_programs_are_understood() {
    let fine = "327+19 1266";
    let table: [(&str, &[&str]); 12] = [
        ("faults/401", &[fine, "auth", "395+19 1470"]),
        ("faults/403", &[fine, "auth", "395+19 1470"]),
        ("faults/400_credit", &[fine, "quota", "395+19 1470"]),
        ("faults/400_toolong", &[fine, "overflow", "395+19 1470"]),
        ("faults/413", &[fine, "overflow", "395+19 1470"]),
        ("faults/404_model", &[fine, "refused", "395+19 1470"]),
        ("faults/529_forever", &[fine, "transport", "395+19 1470"]),
        ("faults/drop_stream1", &[fine, "742+20 2781", "414+19 1527"]),
        ("edge/line_clear", &["327+54 1791", "cleared", "426+54 2088"]),
        ("edge/line_invalid_json", &["327+54 1791", "nothing"]),
        ("life/sig_slow_SIGTERM", &["nothing"]),
        ("life/sig_slow_SIGINT", &["ended"]),
    ];
    for (name, wanted) in table {
        assert_eq!(told(name), wanted, "{name}");
    }
}

#[test]
fn an_answer_carries_its_text_and_session() {
    let Some(Some(Outcome::Answer(answer))) = played("faults/401").pop() else { panic!("no answer") };
    assert_eq!(answer.text, "<observation>answer text long enough to be several chunks 13</observation>");
    assert_eq!(answer.model_session.as_deref(), Some("89847c2b-4625-4875-a0ab-ea454bded576"));
    assert!(!answer.cut);
}

const INIT: &str = r#"{"session_id":"s1","subtype":"init","type":"system"}"#;

/// A program that says these lines when asked.
fn says(lines: &[&str]) -> (Stream, Option<Outcome>) {
    let mut stream = Stream::new();
    stream.begin(Turn::Ask);
    let mut outcome = None;
    for line in lines {
        outcome = outcome.or_else(|| stream.take(format!("{line}\n").as_bytes(), Timestamp(0)));
    }
    (stream, outcome)
}

fn fault(outcome: Option<Outcome>) -> Fault {
    match outcome {
        Some(Outcome::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_of_another_session_spoil_the_stream() {
    let lies: [&[&str]; 3] = [
        &[INIT, r#"{"type":"result","session_id":"s2","result":"x","total_cost_usd":0}"#],
        &[INIT, r#"{"type":"assistant","session_id":"s2","message":{"id":"m"}}"#],
        &[INIT, r#"{"type":"system","subtype":"init","session_id":"s2"}"#],
    ];
    for lines in lies {
        let (stream, outcome) = says(lines);
        assert_eq!(fault(outcome).kind, FaultKind::Misbehaved, "{lines:?}");
        assert!(stream.spoiled());
    }
}

#[test]
fn a_result_of_another_session_before_any_greeting_is_a_lie_too() {
    let (mut stream, outcome) = says(&[INIT, r#"{"type":"result","session_id":"s1","result":"x"}"#]);
    assert!(matches!(outcome, Some(Outcome::Answer(_))));
    stream.begin(Turn::Ask);
    let line = "{\"type\":\"result\",\"session_id\":\"s2\",\"result\":\"x\"}\n";
    assert_eq!(fault(stream.take(line.as_bytes(), Timestamp(0))).kind, FaultKind::Misbehaved);
}

#[test]
fn floods_are_stopped() {
    let mut stream = Stream::new();
    stream.begin(Turn::Ask);
    let piece = vec![b'x'; 1 << 20];
    let outcome = (0..16).find_map(|_| stream.take(&piece, Timestamp(0)));
    assert_eq!(fault(outcome).kind, FaultKind::Misbehaved);

    let mut stream = Stream::new();
    stream.begin(Turn::Ask);
    let line = [vec![b'x'; (1 << 20) - 1], vec![b'\n']].concat();
    let taken = (0..100).find(|_| stream.take(&line, Timestamp(0)).is_some());
    assert_eq!(taken, Some(64));
}

#[test]
fn an_answer_stopped_by_its_limit_is_cut_before_the_program_asks_again() {
    let begun = [
        INIT,
        r#"{"type":"stream_event","session_id":"s1","event":{"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}}"#,
        r#"{"type":"stream_event","session_id":"s1","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"half "}}}"#,
        r#"{"type":"stream_event","session_id":"s1","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":"of it"}}}"#,
        r#"{"type":"stream_event","session_id":"s1","event":{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":500}}}"#,
    ];
    let (stream, outcome) = says(&begun);
    let Some(Outcome::Answer(answer)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((answer.text.as_str(), answer.cut), ("half of it", true));
    assert_eq!((answer.usage.input, answer.usage.output), (7, 500));
    assert!(stream.spoiled(), "it would go on asking");
}

#[test]
fn a_limit_that_was_announced_says_until_when() {
    let failed = r#"{"type":"result","session_id":"s1","is_error":true,"api_error_status":429,"result":"API Error: Request rejected (429)"}"#;
    let event = |status: &str| {
        format!(
            r#"{{"type":"rate_limit_event","session_id":"s1","rate_limit_info":{{"status":"{status}","resetsAt":1767225600,"rateLimitType":"five_hour"}}}}"#
        )
    };
    let flat = r#"{"type":"system","subtype":"rate_limit","session_id":"s1","status":"rejected","resetsAt":1767225600}"#;
    let until = Some(Timestamp(1_767_225_600_000));
    for (line, kind, at) in [
        (event("rejected"), FaultKind::Quota, until),
        (flat.to_owned(), FaultKind::Quota, until),
        (event("allowed_warning"), FaultKind::Rate, None),
    ] {
        let fault = fault(says(&[INIT, &line, failed]).1);
        assert_eq!((fault.kind, fault.retry_at), (kind, at), "{line}");
    }
}

#[test]
fn who_it_is_is_only_believed_first() {
    let (stream, _) = says(&[r#"{"type":"claude-mem","pid":42}"#, INIT, r#"{"type":"claude-mem","pid":1}"#]);
    assert_eq!(stream.child(), Some(42));
    let (stream, _) = says(&[INIT, r#"{"type":"claude-mem","pid":1}"#]);
    assert_eq!(stream.child(), None);
}

#[test]
fn money_that_was_spent_on_a_failure_is_owned_up_to() {
    let line = r#"{"type":"result","session_id":"s1","is_error":true,"result":"lost","total_cost_usd":0.1}"#;
    assert!(fault(says(&[INIT, line]).1).paid);
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_survived(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..20)) {
        let mut stream = Stream::new();
        stream.begin(Turn::Ask);
        for piece in pieces {
            stream.take(&piece, Timestamp(0));
        }
    }

    #[test]
    fn pieces_do_not_matter(size in 1_usize..4000) {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/stream-json/2.1.329/edge/line_clear.jsonl"
        )).unwrap();
        let said: Vec<u8> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|entry| entry["dir"] == "out")
            .take(3)
            .flat_map(|entry| format!("{}\n", entry["line"].as_str().unwrap()).into_bytes())
            .collect();
        let mut stream = Stream::new();
        stream.begin(Turn::Ask);
        let outcomes: Vec<Outcome> = said.chunks(size).filter_map(|piece| stream.take(piece, Timestamp(0))).collect();
        prop_assert_eq!(outcomes.len(), 1);
    }
}
