//! Models over HTTP through the daemon: what a turn becomes, what each failure becomes, where keys come from, what the
//! ledger says.

use mem_core::recall::DocId;
use mem_store::BatchState;
use mem_testkit::{Gate, Reply, wait};
use serde_json::{Value, json};

use super::scripted::{KEY, OVER_HTTP, Scripted, point, waits_for};
use super::stage::GOOD;

const TITLE: &str = "The parser keeps trailing commas";

#[test]
fn a_turn_becomes_a_memory_whoever_is_asked() {
    for (observer, _) in OVER_HTTP {
        let scripted = Scripted::new(|env, api| {
            point(env, &api.url(), observer);
            let name = if observer == "openrouter" { "OPENROUTER" } else { &observer.to_uppercase() };
            Scripted::keys_file(env, &format!("# keys\n{name}_API_KEY={KEY}\n"), 0o600);
        });
        scripted.always(GOOD);
        scripted.stage.turn("s1", 1);
        scripted.stage.wait_for("done", 1);

        let by = format!("{observer}/small");
        assert_eq!(scripted.stage.observations(), [(by.clone(), TITLE.to_owned())]);
        let asked = scripted.asked();
        assert_eq!(asked.len(), 1, "{observer}");
        let header = if observer == "anthropic" { "x-api-key" } else { "authorization" };
        let key = asked[0].header(header).unwrap_or_default();
        assert_eq!(key.trim_start_matches("Bearer "), KEY, "{observer}");
        let costs = scripted.costs();
        assert_eq!((costs.len(), costs[0].requests, costs[0].failed), (1, 1, 0), "{costs:?}");
        assert!(costs[0].usage.all_input() > 0 && costs[0].usage.output > 0, "{costs:?}");
        assert_eq!((costs[0].model.as_str(), costs[0].money.0), (by.as_str(), 0), "{costs:?}");
        let store = scripted.stage.store();
        let row = store.observations(costs[0].project.expect("of a project"), 9).unwrap()[0].id;
        let request = store.request_of(DocId::Observation(row)).unwrap().expect("it was asked for");
        assert_eq!((request.priced.as_str(), request.outcome.as_deref()), ("free", Some("valid")));
        assert_eq!(scripted.problems(), [""; 0]);
        scripted.stage.assert_nothing_lost(4);
    }
}

#[test]
fn what_it_costs_is_what_the_user_says_it_costs() {
    let scripted = Scripted::over_http("openai", &[("CLAUDE_MEM_PRICE", "1,5")]);
    scripted.always(GOOD);
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    let costs = scripted.costs();
    let usage = costs[0].usage;
    // dollars per million tokens are millionths of a dollar per token
    assert_eq!((costs[0].money.0, costs[0].guessed.0), (usage.all_input() + 5 * usage.output, 0));
    assert_eq!(scripted.stage.spent(), (usage.all_input(), costs[0].money.0));
}

#[test]
fn at_the_ceiling_nothing_is_sent_and_it_is_said() {
    let scripted =
        Scripted::over_http("openai", &[("CLAUDE_MEM_PRICE", "1,5"), ("CLAUDE_MEM_DAY_USD", "0.001")]);
    scripted.stage.turn("s1", 1);
    scripted.wait_batch("waits for a ceiling", |batch| waits_for(batch, "ceiling"));
    let said = scripted.problems();
    assert!(
        said.len() == 1 && said[0].contains("is asked before") && said[0].contains("`claude-mem"),
        "{said:?}"
    );
    assert_eq!(scripted.asked().len(), 0);
    let _set = scripted.stage.env.claude_mem(&["config", "set", "CLAUDE_MEM_MODEL", "other"]).ok();
    assert_eq!(scripted.batch().state, BatchState::Waiting);
}

fn status(code: u16, kind: &str, message: &str, retry_after: Option<u32>) -> Reply {
    Reply::Status { code, kind: kind.to_owned(), message: message.to_owned(), retry_after }
}

/// What a failure leads to.
struct Row {
    reply: Reply,
    /// Why the batch waits, in a word, and in how many seconds it is due; none where it is given up.
    waits: Option<(&'static str, std::ops::RangeInclusive<i64>)>,
    /// Whether it may have been paid for.
    paid: u32,
    /// What status says, and its remedy; empty for nothing.
    says: [&'static str; 2],
}

fn faults() -> Vec<Row> {
    let row = |reply: Reply,
               waits: (&'static str, std::ops::RangeInclusive<i64>),
               paid: u32,
               says: [&'static str; 2]| Row { reply, waits: Some(waits), paid, says };
    let half_hour = || 1500..=1800;
    vec![
        row(
            status(401, "authentication_error", "bad key", None),
            ("auth", half_hour()),
            0,
            ["does not accept us", "Log in or mend the key"],
        ),
        row(
            status(402, "billing_error", "pay first", None),
            ("quota", 3300..=3600),
            0,
            ["its quota is used up", "`claude-mem observer use local`"],
        ),
        row(
            status(429, "insufficient_quota", "You exceeded your current quota", Some(7200)),
            ("quota", 6900..=7200),
            0,
            ["its quota is used up", "Work waits until then"],
        ),
        row(
            status(429, "rate_limit_error", "slow down", Some(300)),
            ("rate", 200..=300),
            0,
            ["it was asked too often", "Work waits until then"],
        ),
        row(Reply::overloaded(), ("transport", 1..=15), 0, ["", ""]),
        row(status(503, "unavailable", "later", Some(120)), ("transport", 90..=120), 0, ["", ""]),
        row(Reply::Drop, ("transport", 1..=15), 1, ["", ""]),
        row(Reply::DropMidStream, ("transport", 1..=15), 1, ["", ""]),
        row(Reply::Garbage, ("misbehaved", 1..=15), 1, ["", ""]),
        row(
            Reply::Raw { code: 307, body: Value::Null }.with("location", "https://elsewhere.example/v1"),
            ("setup", half_hour()),
            0,
            ["cannot be asked", "Mend it"],
        ),
        Row {
            reply: status(404, "not_found_error", "model: small", None),
            waits: None,
            paid: 0,
            says: ["could not make memories of T1", "`claude-mem redistill`"],
        },
    ]
}

#[test]
fn every_failure_leaves_the_batch_where_it_belongs_and_says_so() {
    for (at, row) in faults().into_iter().enumerate() {
        let (observer, _) = OVER_HTTP[at % OVER_HTTP.len()];
        let scripted = Scripted::over_http(observer, &[]);
        let reply = row.reply.clone();
        scripted.api.on_request(move |_| Some(reply.clone()));
        scripted.stage.turn("s1", 1);
        let batch = scripted.wait_batch("failed", |batch| {
            batch.reason.is_some() && matches!(batch.state, BatchState::Waiting | BatchState::Parked)
        });
        let context = format!("{observer} {:?}: {batch:?}", row.reply);
        match &row.waits {
            Some((reason, due)) => {
                assert!(batch.state == BatchState::Waiting && waits_for(&batch, reason), "{context}");
                let left = batch.due_at.since(mem_daemon::inbox::drain::now()) / 1000;
                assert!(*due.start() - 2 <= left && left <= *due.end(), "due in {left} s: {context}");
            }
            None => assert_eq!(batch.state, BatchState::Parked, "{context}"),
        }
        assert_eq!(batch.paid, row.paid, "{context}");
        let problems = scripted.problems();
        let [what, remedy] = row.says;
        if what.is_empty() {
            assert_eq!(problems, [""; 0], "{context}");
        } else {
            assert!(problems.len() == 1 && problems[0].contains(what), "{problems:?} {context}");
            assert!(problems[0].contains(remedy), "{problems:?} {context}");
        }
        assert_eq!(scripted.asked().len(), 1, "{context}");
        let (tokens, _) = scripted.stage.spent();
        assert_eq!(tokens > 0, row.paid > 0, "what may have been paid counts: {context}");
        let by = scripted.stage.observations();
        assert!(!by.is_empty() && by.iter().all(|(by, _)| by == "local"), "the local memory stays: {by:?}");
    }
}

#[test]
fn a_request_that_is_too_long_is_asked_smaller() {
    let scripted = Scripted::over_http("openai", &[]);
    scripted.always(GOOD);
    scripted.api.next(Reply::too_long());
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    let batch = scripted.batch();
    assert_eq!((scripted.asked().len(), batch.smaller, batch.paid), (2, 1, 1), "{batch:?}");
}

#[test]
fn words_instead_of_a_memory_are_asked_once_more_and_then_given_up() {
    let scripted = Scripted::over_http("gemini", &[]);
    scripted.always("I looked at it, and all is well.");
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("parked", 1);
    assert_eq!(scripted.asked().len(), 2);
    assert_eq!(scripted.batch().paid, 2);
    assert!(scripted.stage.observations().iter().all(|(by, _)| by == "local"));
}

#[test]
fn what_could_be_saved_of_a_cut_answer_is_kept() {
    let scripted = Scripted::over_http("anthropic", &[]);
    let cut = GOOD.split("<summary>").next().unwrap_or_default().to_owned();
    scripted.api.on_request(move |_| Some(Reply::Cut(cut.clone())));
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    assert_eq!(scripted.asked().len(), 1);
    assert!(
        scripted.stage.observations().iter().any(|(by, title)| by == "anthropic/small" && title == TITLE)
    );
}

#[test]
fn one_that_says_nothing_is_left_and_asked_again() {
    let scripted = Scripted::over_http("openai", &[("CLAUDE_MEM_CLOCK_RATE", "300")]);
    scripted.always(GOOD);
    let gate = Gate::new();
    scripted.api.next(Reply::Held(gate.clone(), Box::new(Reply::text(GOOD))));
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    gate.open();
    assert_eq!(scripted.asked().len(), 2);
    assert_eq!(scripted.batch().paid, 2, "the first may have been paid for");
    assert_eq!(scripted.problems(), [""; 0]);
    assert_eq!(scripted.stage.observations().len(), 1);
}

#[test]
fn what_the_user_mends_works_at_once() {
    let scripted = Scripted::over_http("openai", &[]);
    let right = format!("Bearer {KEY}");
    scripted.api.on_request(move |request| {
        let known = request.header("authorization") == Some(&right);
        Some(if known { Reply::text(GOOD) } else { status(401, "invalid_api_key", "no such key", None) })
    });
    scripted.stage.turn("s1", 1);
    scripted.wait_batch("waits for a key", |batch| waits_for(batch, "auth"));
    let said = scripted.problems();
    assert!(said.len() == 1 && said[0].contains("no such key"), "{said:?}");
    let brief = scripted.stage.env.claude_mem(&["brief"]).ok().stdout;
    assert!(brief.contains("does not accept us"), "the next session is told: {brief}");

    let _set = scripted.stage.env.claude_mem(&["config", "set", "CLAUDE_MEM_OPENAI_API_KEY", KEY]).ok();
    scripted.stage.event("s2", "SessionStart", json!({ "source": "startup" }));
    scripted.stage.wait_for("done", 1);

    assert_eq!(scripted.problems(), [""; 0]);
    let brief = scripted.stage.env.claude_mem(&["brief"]).ok().stdout;
    assert!(brief.contains(TITLE) && !brief.contains("accept us"), "{brief}");
}

#[test]
fn keys_that_others_can_read_are_not_used() {
    let scripted = Scripted::new(|env, api| {
        env.set("CLAUDE_MEM_OBSERVER", "openai");
        env.set("CLAUDE_MEM_MODEL", "small");
        // were the file read, its address would be used
        let url = api.url();
        Scripted::keys_file(env, &format!("OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={url}/v1\n"), 0o644);
    });
    scripted.always(GOOD);
    scripted.stage.turn("s1", 1);
    scripted.wait_batch("waits for its setup", |batch| waits_for(batch, "setup"));
    let said = scripted.problems();
    assert!(said.len() == 1 && said[0].contains("may be read by others: `chmod 600 "), "{said:?}");
    assert_eq!(scripted.asked().len(), 0);

    Scripted::keys_file(&scripted.stage.env, &format!("OPENAI_API_KEY={KEY}\n"), 0o600);
    let url = format!("{}/v1", scripted.api.url());
    let _set = scripted.stage.env.claude_mem(&["config", "set", "CLAUDE_MEM_OPENAI_BASE_URL", &url]).ok();
    scripted.stage.event("s2", "SessionStart", json!({ "source": "startup" }));
    scripted.stage.wait_for("done", 1);
    assert_eq!(scripted.asked()[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(scripted.problems(), [""; 0]);
}

#[test]
fn one_that_is_not_there_is_found_when_it_comes() {
    let scripted = Scripted::over_http(
        "openai",
        &[("CLAUDE_MEM_OPENAI_BASE_URL", "http://127.0.0.1:9/v1"), ("CLAUDE_MEM_CLOCK_RATE", "100")],
    );
    scripted.always(GOOD);
    scripted.stage.turn("s1", 1);
    scripted.wait_batch("was tried twice", |batch| batch.attempts >= 2 && batch.state == BatchState::Waiting);
    wait::until("status to say so", || {
        scripted.problems().iter().any(|said| said.contains("cannot be reached")).then_some(())
    });
    assert_eq!(scripted.batch().paid, 0);
    let _unset = scripted.stage.env.claude_mem(&["status"]).ok();
    scripted.stage.assert_nothing_lost(4);
}
