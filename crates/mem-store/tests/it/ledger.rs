//! The ledger: what counts as spent, told by whom, and what stays on record.

use mem_core::id::{BatchId, EventId, RequestId};
use mem_core::model::{Answer, MicroUsd, Usage};
use mem_core::observation::Distiller;
use mem_core::project::Facts;
use mem_core::recall::DocId;
use mem_core::time::Timestamp;
use mem_store::{Lease, Next, Recovered, Store};

use crate::desk::{
    Desk, NOW, answer, lease, made, place, project, prompted, put, record, spot, try_lease, whole_turn,
};

const AGAIN: Next = Next::Again { due_at: NOW, smaller: false, counts: true };

/// A batch of a new turn that waits, and its last event.
fn waiting(store: &mut Store, at: i64) -> (BatchId, EventId) {
    let (turn, events) = whole_turn(store, at, 1);
    (store.write(|tx| tx.add_batch(turn, NOW)).unwrap().unwrap(), events[2])
}

fn open(store: &mut Store, at: i64) -> RequestId {
    let (batch, last) = waiting(store, at);
    lease(store, batch, last)
}

fn spent(store: &Store) -> (u64, u64) {
    let (tokens, money) = store.spent_since(NOW).unwrap();
    (tokens, money.0)
}

fn settle(store: &mut Store, request: RequestId) {
    let by = Distiller::Model("claude/haiku".to_owned());
    store.write(|tx| tx.settle_observed(request, &by, &made(&[]), "skip", NOW, NOW)).unwrap().unwrap();
}

#[test]
fn what_counts_is_what_was_taken_or_may_have_been() {
    type Fate = fn(&mut Store, RequestId);
    let fates: [(&str, Fate, (u64, u64), u64); 7] = [
        ("out", |_, _| {}, (1000, 2000), 2000),
        ("answered", |s, r| assert!(record(s, r)), (123, 700), 0),
        (
            "settled",
            |s, r| {
                record(s, r);
                settle(s, r);
            },
            (123, 700),
            0,
        ),
        (
            "failed for free",
            |s, r| assert!(s.write(|tx| tx.fail(r, "auth", "", false, AGAIN, NOW)).unwrap()),
            (0, 0),
            0,
        ),
        (
            "failed, perhaps paid",
            |s, r| assert!(s.write(|tx| tx.fail(r, "transport", "", true, AGAIN, NOW)).unwrap()),
            (1000, 2000),
            2000,
        ),
        (
            "answered and of no use, whatever is said of its price",
            |s, r| {
                record(s, r);
                s.write(|tx| tx.fail(r, "prose", "", false, AGAIN, NOW)).unwrap();
            },
            (123, 700),
            0,
        ),
        ("lost", |s, _| assert_eq!(s.write(|tx| tx.recover(NOW)).unwrap().lost, 1), (1000, 2000), 2000),
    ];
    let desk = Desk::new();
    let mut together = desk.open();
    let mut sum = (0, 0);
    for (n, (name, fate, counts, guessed)) in fates.into_iter().enumerate() {
        let alone = Desk::new();
        let mut store = alone.open();
        let request = open(&mut store, 0);
        fate(&mut store, request);
        assert_eq!(spent(&store), counts, "{name}");
        let cost = store.costs(NOW).unwrap().remove(0);
        assert_eq!((cost.money.0, cost.guessed.0), (counts.1, guessed), "{name}");
        assert_eq!(cost.usage.all_input() + cost.estimated, counts.0, "{name}");
        assert_eq!(store.spent_since(NOW.plus_ms(1)).unwrap(), (0, MicroUsd(0)), "{name}: before that");
        // the one that is still out would be lost with the next
        if name != "out" {
            let request = open(&mut together, n as i64 * 100);
            fate(&mut together, request);
            sum = (sum.0 + counts.0, sum.1 + counts.1);
            assert_eq!(spent(&together), sum, "{name}");
        }
    }
    assert_eq!(together.counts().unwrap().requests, 6);
}

#[test]
fn numbers_nobody_can_believe_do_not_break_the_sums() {
    let desk = Desk::new();
    let mut store = desk.open();
    for n in 0..3 {
        let request = open(&mut store, n * 100);
        let usage = Usage { input: u64::MAX, output: u64::MAX, cache_read: u64::MAX, cache_write: u64::MAX };
        let mad = Answer { usage, ..answer("") };
        store.write(|tx| tx.record_answer(request, &mad, MicroUsd(u64::MAX), "told", NOW)).unwrap();
    }
    assert!(spent(&store).0 > 1_000_000_000_000);
    assert_eq!(store.costs(NOW).unwrap().len(), 1);
}

#[test]
fn costs_come_by_quarter_of_an_hour_project_and_model() {
    let desk = Desk::new();
    let mut store = desk.open();
    let mut ask = |at: i64, model: &str, priced: &str| {
        let (batch, through) = waiting(&mut store, at);
        let (est_tokens, est_money) = (10, MicroUsd(20));
        let lease = Lease { run: "r", model, est_tokens, est_money, through, proof: b"" };
        let now = NOW.plus_ms(at);
        let request = store.write(|tx| tx.lease(batch, &lease, now)).unwrap().unwrap();
        store.write(|tx| tx.record_answer(request, &answer("x"), MicroUsd(5), priced, now)).unwrap();
    };
    const QUARTER: i64 = 900_000;
    let into = NOW.0 % QUARTER;
    ask(0, "claude/haiku", "told");
    ask(10, "claude/haiku", "guess");
    ask(20, "openai/x", "free");
    ask(QUARTER - into, "claude/haiku", "table");
    let rows: Vec<_> = store
        .costs(NOW)
        .unwrap()
        .into_iter()
        .map(|row| (row.at.0 - NOW.0 + into, row.model, row.requests, row.money.0, row.guessed.0))
        .collect();
    assert_eq!(
        rows,
        [
            (0, "claude/haiku".to_owned(), 2, 10, 5),
            (0, "openai/x".to_owned(), 1, 5, 0),
            (QUARTER, "claude/haiku".to_owned(), 1, 5, 0)
        ]
    );
    let project = project(&mut store);
    assert!(store.costs(Timestamp(0)).unwrap().iter().all(|row| row.project == Some(project)));
}

#[test]
fn an_answer_is_on_record_until_it_is_weighed() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (batch, through) = waiting(&mut store, 0);
    let request = lease(&mut store, batch, through);
    let said = Answer { cut: true, cost: None, ..answer(&"<observation>ü</observation>".repeat(1000)) };
    assert!(store.write(|tx| tx.record_answer(request, &said, MicroUsd(9), "own", NOW)).unwrap());
    assert!(!record(&mut store, request), "once");
    store.close().unwrap();

    let mut store = desk.open();
    assert_eq!(store.write(|tx| tx.recover(NOW)).unwrap(), Recovered { answered: 1, ..Recovered::default() });
    let rows = store.answered_requests().unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.request, row.batch.id, row.through), (request, batch, through));
    assert_eq!((row.model.as_str(), row.proof.as_slice()), ("claude/haiku", b"proof".as_slice()));
    assert_eq!(row.answer, Answer { cost: Some(MicroUsd(9)), ..said });
    assert_eq!((row.batch.paid, row.batch.attempts), (1, 1));
    settle(&mut store, request);
    assert_eq!(store.answered_requests().unwrap(), []);
    assert_eq!(replies(&desk), 0, "weighed: not needed any more");
}

/// How many replies are kept.
fn replies(desk: &Desk) -> i64 {
    let conn = rusqlite::Connection::open(desk.path()).unwrap();
    conn.query_row("SELECT count(*) FROM requests WHERE reply IS NOT NULL", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_replies_of_what_was_given_up_stay_to_be_looked_at() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (batch, last) = waiting(&mut store, 0);
    for _ in 0..2 {
        let request = lease(&mut store, batch, last);
        record(&mut store, request);
        store.write(|tx| tx.fail(request, "prose", "", true, AGAIN, NOW)).unwrap();
    }
    assert_eq!(replies(&desk), 2);
    let request = lease(&mut store, batch, last);
    record(&mut store, request);
    store.write(|tx| tx.fail(request, "prose", "", true, Next::Park, NOW)).unwrap();
    assert_eq!(replies(&desk), 3);
    let (batch, last) = waiting(&mut store, 100);
    let request = lease(&mut store, batch, last);
    record(&mut store, request);
    store.write(|tx| tx.fail(request, "prose", "", true, AGAIN, NOW)).unwrap();
    store.write(|tx| tx.skip_batch(batch, "late", last, NOW)).unwrap();
    assert_eq!(replies(&desk), 3, "of what was skipped none");
}

#[test]
fn what_is_lost_three_times_is_given_up() {
    let desk = Desk::new();
    let mut store = desk.open();
    let (batch, last) = waiting(&mut store, 0);
    for round in 1..=3 {
        lease(&mut store, batch, last);
        store.close().unwrap();
        store = desk.open();
        let found = store.write(|tx| tx.recover(NOW)).unwrap();
        assert_eq!(found, Recovered { lost: 1, parked: u64::from(round == 3), answered: 0 });
        assert_eq!(store.write(|tx| tx.recover(NOW)).unwrap(), Recovered::default(), "once");
        let row = store.batch(batch).unwrap().unwrap();
        assert_eq!((row.paid, row.attempts), (round, round));
    }
    assert_eq!(try_lease(&mut store, batch, last), None);
    assert_eq!(spent(&store), (3000, 6000));
    assert!(store.turns_to_observe(Timestamp(0), NOW.plus_ms(999), 9).unwrap().is_empty());
}

#[test]
fn a_memory_knows_the_request_it_was_made_by() {
    let desk = Desk::new();
    let mut store = desk.open();
    let request = open(&mut store, 0);
    record(&mut store, request);
    let mut said = made(&[("1", "by a model", &[])]);
    said.summary = Some(mem_core::observation::Summary { request: "speed".to_owned(), ..Default::default() });
    let by = Distiller::Model("claude/haiku".to_owned());
    let ids =
        store.write(|tx| tx.settle_observed(request, &by, &said, "observed", NOW, NOW)).unwrap().unwrap();
    let row = store.request_of(DocId::Observation(ids[0])).unwrap().unwrap();
    assert_eq!((row.id, row.model.as_str(), row.run.as_str()), (request, "claude/haiku", "r1"));
    assert_eq!((row.model_session.as_deref(), row.usage), (Some("m1"), answer("").usage));
    assert_eq!((row.money, row.priced.as_str(), row.state.as_str()), (MicroUsd(700), "told", "settled"));
    let project = project(&mut store);
    let summary = store.summaries(project, 1).unwrap()[0].id;
    assert_eq!(store.request_of(DocId::Summary(summary)).unwrap(), Some(row));
    let turn = store.observation(ids[0]).unwrap().unwrap().turn;
    assert_eq!(store.request_of(DocId::Prompt(turn)).unwrap(), None);
}

#[test]
fn what_was_spent_moves_with_its_project() {
    let desk = Desk::new();
    let mut store = desk.open();
    let repo = |top: &str, root: Option<&str>| Facts {
        git_dir: Some(format!("{top}/.git")),
        root_commit: root.map(str::to_owned),
        ..place(top)
    };
    let first = store.write(|tx| tx.project_for(&repo("/w/x", Some("r1")), "/w/x", NOW)).unwrap();
    let second = store.write(|tx| tx.project_for(&repo("/w/y", None), "/w/y", NOW)).unwrap();
    store.write(|tx| tx.put_event(&prompted(1, "p1", "one"), &spot(second), NOW)).unwrap();
    let turn = store.open_turns().unwrap()[0].id;
    let batch = store.write(|tx| tx.add_batch(turn, NOW)).unwrap().unwrap();
    lease(&mut store, batch, EventId(1));
    store.write(|tx| tx.project_for(&repo("/w/y", Some("r1")), "/w/y", NOW)).unwrap();
    assert_eq!(store.project(second).unwrap(), None);
    assert_eq!(store.costs(NOW).unwrap()[0].project, Some(first));
}

#[test]
fn marks_survive_and_are_removed() {
    let desk = Desk::new();
    let mut store = desk.open();
    assert_eq!(store.mark("pause").unwrap(), None);
    store.write(|tx| tx.set_mark("pause", Some("1"), NOW)).unwrap();
    store.write(|tx| tx.set_mark("pause", Some("2"), NOW.plus_ms(1))).unwrap();
    store.close().unwrap();
    let mut store = desk.open();
    assert_eq!(store.mark("pause").unwrap(), Some(("2".to_owned(), NOW.plus_ms(1))));
    store.write(|tx| tx.set_mark("pause", None, NOW)).unwrap();
    assert_eq!(store.mark("pause").unwrap(), None);
    put(&mut store, &prompted(0, "p1", "one"));
}

/// A request of no batch.
const TRIAL: Lease<'_> = Lease {
    run: "doctor",
    model: "claude/haiku",
    est_tokens: 500,
    est_money: MicroUsd(900),
    through: EventId(0),
    proof: &[],
};

#[test]
fn a_trial_counts_like_any_other_request() {
    let desk = Desk::new();
    let mut store = desk.open();
    let request = store.write(|tx| tx.open_trial(&TRIAL, NOW)).unwrap();
    assert_eq!(spent(&store), (500, 900), "its estimate, while it is out");
    let open = store.open_requests().unwrap();
    assert_eq!((open.len(), open[0].session.clone()), (1, None));
    assert!(store.run_total("doctor").unwrap().busy);

    let usage = Usage { input: 20, output: 3, ..Usage::default() };
    let answer = Answer { text: "ready".into(), usage, ..Answer::default() };
    let settled = store.write(|tx| tx.settle_trial(request, &answer, MicroUsd(35), "told", NOW)).unwrap();
    assert!(settled);
    assert_eq!(spent(&store), (20, 35));
    let costs = store.costs(NOW).unwrap();
    assert_eq!((costs.len(), costs[0].project, costs[0].requests, costs[0].failed), (1, None, 1, 0));
    assert_eq!(store.open_requests().unwrap(), []);
    assert!(!store.write(|tx| tx.settle_trial(request, &answer, MicroUsd(1), "told", NOW)).unwrap());
    assert_eq!(store.answered_requests().unwrap(), [], "there is nothing to weigh");
}

#[test]
fn a_trial_that_failed_counts_only_if_it_may_be_paid() {
    for (paid, wanted) in [(false, (0, 0)), (true, (500, 900))] {
        let desk = Desk::new();
        let mut store = desk.open();
        let request = store.write(|tx| tx.open_trial(&TRIAL, NOW)).unwrap();
        assert!(store.write(|tx| tx.fail_trial(request, "auth", "no login", paid, NOW)).unwrap());
        assert_eq!(spent(&store), wanted);
        assert_eq!(store.costs(NOW).unwrap()[0].failed, 1);
    }
}

#[test]
fn a_worker_that_starts_leaves_a_trial_alone_until_nobody_can_be_waiting() {
    let desk = Desk::new();
    let mut store = desk.open();
    let request = store.write(|tx| tx.open_trial(&TRIAL, NOW)).unwrap();
    store.write(|tx| tx.recover(NOW.plus_ms(60_000))).unwrap();
    assert_eq!(store.open_requests().unwrap().len(), 1);
    store.write(|tx| tx.recover(NOW.plus_ms(3_600_000))).unwrap();
    assert_eq!(store.open_requests().unwrap(), []);
    assert_eq!(spent(&store), (500, 900), "it may have been paid for");
    let late = Answer::default();
    assert!(store.write(|tx| tx.settle_trial(request, &late, MicroUsd(0), "told", NOW)).unwrap());
}
