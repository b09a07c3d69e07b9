//! The real program behind the daemon while its service fails: few requests, one sentence while it lasts, and the memory
//! when it is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mem_store::BatchState;
use mem_testkit::tools::{OLDER, PINNED};
use mem_testkit::{Gate, Reply, wait};
use serde_json::json;

use super::scripted::{Scripted, tell, waits_for};
use super::stage::GOOD;

/// Virtual seconds in a real one. Four minutes of silence are twelve seconds, which the program needs to start where
/// the machine is busy.
const RATE: u32 = 20;
/// The same where these four minutes, or an hour, are to be lived through.
const FAST: u32 = 60;
const HOUR: Duration = Duration::from_secs(3600 / FAST as u64);

const TITLE: &str = "The parser keeps trailing commas";

fn status(code: u16, kind: &str, message: &str, retry_after: Option<u32>) -> Reply {
    Reply::Status { code, kind: kind.to_owned(), message: message.to_owned(), retry_after }
}

/// A service that fails as long as the switch is on.
fn failing(version: &str, rate: u32, reply: Reply) -> (Scripted, Arc<AtomicBool>) {
    let scripted = Scripted::with_claude(version, rate);
    let fails = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&fails);
    scripted.api.on_request(move |_| {
        Some(if switch.load(Ordering::SeqCst) { reply.clone() } else { Reply::text(GOOD) })
    });
    (scripted, fails)
}

/// That the memory came, and nothing is said to be wrong any more.
#[track_caller]
fn assert_recovered(scripted: &Scripted) {
    scripted.stage.wait_for("done", 1);
    assert_eq!(scripted.stage.observations(), [("claude/haiku".to_owned(), TITLE.to_owned())]);
    assert_eq!(scripted.problems(), [""; 0]);
    scripted.stage.assert_nothing_lost(4);
}

#[test]
fn a_login_that_is_refused_waits_for_the_user() {
    let (scripted, fails) =
        failing(PINNED, 1, status(401, "authentication_error", "invalid x-api-key", None));
    scripted.stage.turn("s1", 1);
    scripted.wait_batch("waits for a login", |batch| waits_for(batch, "auth"));
    let said = scripted.problems();
    assert!(said.len() == 1 && said[0].contains("does not accept us"), "{said:?}");
    assert!(said[0].contains("Log in or mend the key"), "{said:?}");
    // more work changes nothing about it
    scripted.stage.turn("s1", 2);
    scripted.stage.wait_for("waiting", 2);
    assert_eq!(scripted.asked().len(), 1);

    fails.store(false, Ordering::SeqCst);
    let _mended = scripted.stage.env.claude_mem(&["config", "set", "CLAUDE_MEM_BATCH_TOKENS", "9000"]).ok();
    scripted.stage.event("s2", "SessionStart", json!({ "source": "startup" }));
    scripted.stage.wait_for("done", 2);
    assert_eq!(scripted.problems(), [""; 0]);
    assert_eq!(scripted.asked().len(), 3);
}

#[test]
fn one_that_was_asked_too_often_is_left_alone_for_a_while() {
    let (scripted, fails) = failing(
        PINNED,
        1,
        status(429, "rate_limit_error", "This request would exceed your rate limit", Some(5)),
    );
    scripted.stage.turn("s1", 1);
    let batch = scripted.wait_batch("waits for its rate", |batch| waits_for(batch, "rate"));
    let left = batch.due_at.since(mem_daemon::inbox::drain::now());
    assert!((15_000..=30_000).contains(&left), "{left} ms");
    assert_eq!((batch.paid, scripted.asked().len()), (0, 1));
    let said = scripted.problems();
    assert!(said.len() == 1 && said[0].contains("it was asked too often"), "{said:?}");
    fails.store(false, Ordering::SeqCst);
    let _hurried = scripted.stage.env.claude_mem(&["config", "set", "CLAUDE_MEM_BATCH_TOKENS", "9000"]).ok();
    scripted.stage.event("s2", "SessionStart", json!({ "source": "startup" }));
    scripted.stage.wait_for("done", 1);
    assert_eq!(scripted.problems(), [""; 0]);
}

#[test]
fn one_that_is_overloaded_is_asked_again_by_itself() {
    for version in [PINNED, OLDER] {
        let scripted = Scripted::with_claude(version, RATE);
        scripted.always(GOOD);
        scripted.api.next(Reply::overloaded());
        scripted.stage.turn("s1", 1);
        assert_recovered(&scripted);
        assert_eq!((scripted.asked().len(), scripted.batch().paid), (2, 1), "{version}");
    }
}

#[test]
fn a_connection_that_broke_counts_as_perhaps_paid() {
    let scripted = Scripted::with_claude(PINNED, RATE);
    scripted.always(GOOD);
    scripted.api.next(Reply::Drop);
    scripted.stage.turn("s1", 1);
    assert_recovered(&scripted);
    assert_eq!((scripted.asked().len(), scripted.batch().paid), (2, 2));
    let costs = scripted.costs();
    assert!(costs.iter().any(|row| row.estimated > 0), "{costs:?}");
}

#[test]
fn one_that_hangs_is_left_after_four_minutes() {
    let scripted = Scripted::with_claude(PINNED, FAST);
    scripted.always(GOOD);
    let gate = Gate::new();
    scripted.api.next(Reply::Held(gate.clone(), Box::new(Reply::text(GOOD))));
    scripted.stage.turn("s1", 1);
    assert_recovered(&scripted);
    gate.open();
    let paid = scripted.batch().paid;
    assert!(scripted.asked().len() >= 2 && paid >= 2, "the first may have been paid for: {paid}");
}

#[test]
fn an_hour_of_overload_costs_a_handful_of_requests() {
    // where the machine stands still, the program is left for its silence and not for the overload: that hour says
    // nothing, and another is tried
    let asked = std::iter::repeat_with(an_hour_of_overload).take(4).flatten().next();
    let asked = asked.expect("one of four hours passes undisturbed");
    tell(&format!("an hour of overload: {asked} requests"));
    assert!((3..=8).contains(&asked), "{asked} requests in an hour");
}

/// How many requests there are in an hour of overload; none where one was left for its silence.
fn an_hour_of_overload() -> Option<usize> {
    let (scripted, fails) = failing(PINNED, FAST, Reply::overloaded());
    scripted.stage.turn("s1", 1);
    scripted.stage.turn("s2", 1);
    let undisturbed = || scripted.batches().iter().all(|batch| batch.paid == 0);
    let disturbed = wait::within(HOUR, || (!undisturbed()).then_some(()));
    let asked = scripted.asked().len();
    if disturbed.is_some() {
        return None;
    }
    assert!(
        scripted.batches().iter().all(|batch| batch.state == BatchState::Waiting),
        "{}",
        scripted.stage.log()
    );
    let said = scripted.problems();
    assert!(
        said.iter()
            .any(|said| said.contains("writes no memory") || said.contains("no model memory is written")),
        "{said:?}"
    );
    assert!(said.iter().all(|said| said.contains('`')), "each has its remedy: {said:?}");

    fails.store(false, Ordering::SeqCst);
    let recovered = wait::within(HOUR, || (scripted.stage.batches("done") == 2).then_some(()));
    assert!(recovered.is_some(), "{:?}\n{}", scripted.batches(), scripted.stage.log());
    assert_eq!(scripted.problems(), [""; 0]);
    scripted.stage.assert_nothing_lost(8);
    Some(asked)
}
