//! Slots, waiting, idling and ages.

use mem_core::id::{BatchId, RunId, SessionRow};

use super::scene::{HOUR, MINUTE, SECOND, Scene};
use crate::supervise::{Departure, Happening, Limits};

const NOTHING: [&str; 0] = [];

#[test]
fn batches_of_a_session_go_over_its_one_run_in_order() {
    let mut scene = Scene::new(2, true);
    assert_eq!(scene.want(1, 10), ["start r1 s1"]);
    assert_eq!(scene.want(1, 12), NOTHING);
    assert_eq!(scene.want(1, 11), NOTHING);
    assert_eq!(scene.started(1), ["send r1 b10"]);
    assert_eq!(scene.runs(), ["r1 s1 busy b10"]);
    assert_eq!(scene.answered(1), ["send r1 b11"]);
    assert_eq!(scene.failed(1), ["send r1 b12"]);
    assert!(scene.machine.wants(BatchId(12)) && !scene.machine.wants(BatchId(11)));
    assert_eq!(scene.answered(1), NOTHING);
    assert_eq!(scene.runs(), ["r1 s1 idle"]);
    assert_eq!(scene.want(1, 13), ["send r1 b13"]);
}

#[test]
fn a_slot_is_free_when_the_process_is_gone_and_not_before() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    scene.started(1);
    assert_eq!(scene.want(2, 20), NOTHING, "a busy run is not evicted");
    assert_eq!(scene.answered(1), ["end r1 Evicted"]);
    assert_eq!(scene.runs(), ["r1 s1 ending"]);
    // while it ends it takes nothing, not even of its own session
    assert_eq!(scene.want(1, 11), NOTHING);
    assert_eq!(scene.after(7 * SECOND), NOTHING);
    assert_eq!(scene.ended(1), ["start r2 s1"], "the older batch first");
    assert_eq!(scene.started(2), ["send r2 b11"]);
    assert_eq!(scene.answered(2), ["end r2 Evicted"]);
    assert_eq!(scene.ended(2), ["start r3 s2"]);
}

#[test]
fn the_pool_is_clamped() {
    for (pool, slots) in [(0, 1), (1, 1), (2, 2), (10, 10), (155, 10)] {
        let mut scene = Scene::new(pool, true);
        let started = (1..=20).filter(|&session| !scene.want(session, session).is_empty()).count();
        assert_eq!(started, slots, "pool of {pool}");
    }
}

#[test]
fn the_idlest_free_run_makes_room_one_for_each_who_waits() {
    let mut scene = Scene::new(3, true);
    for session in 1..=3 {
        scene.want(session, session);
        scene.started(session);
    }
    // r2 has been free for longest, r1 is busy
    scene.answered(2);
    scene.after(SECOND);
    scene.answered(3);
    assert_eq!(scene.want(4, 4), ["end r2 Evicted"]);
    assert_eq!(scene.after(SECOND), NOTHING, "one run for one who waits");
    assert_eq!(scene.want(5, 5), ["end r3 Evicted"]);
    assert_eq!(scene.want(6, 6), NOTHING);
    assert_eq!(scene.ended(3), ["start r4 s4"]);
    assert_eq!(scene.ended(2), ["start r5 s5"]);
    assert_eq!(scene.answered(1), ["end r1 Evicted"]);
}

#[test]
fn fewer_slots_end_what_is_free() {
    let mut scene = Scene::new(3, true);
    for session in 1..=3 {
        scene.want(session, session);
        scene.started(session);
    }
    scene.answered(1);
    scene.answered(2);
    scene.machine.set_limits(Limits { pool: 1, warm: true });
    assert_eq!(scene.next(), Some(0));
    assert_eq!(scene.after(0), ["end r1 Evicted", "end r2 Evicted"]);
    assert_eq!(scene.next(), Some(4 * MINUTE));
}

#[test]
fn who_waits_a_minute_for_a_slot_is_sent_away_and_keeps_its_place() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    scene.started(1);
    scene.want(2, 20);
    scene.after(30 * SECOND);
    scene.want(3, 30);
    scene.want(2, 21);
    assert_eq!(scene.next(), Some(30 * SECOND));
    assert_eq!(scene.after(30 * SECOND), ["back b20 NoSlot", "back b21 NoSlot"]);
    assert!(!scene.machine.wants(BatchId(20)));
    // those of the session that has the run wait with no such limit
    scene.want(1, 11);
    scene.want(2, 20);
    assert_eq!(scene.next(), Some(30 * SECOND));
    assert_eq!(scene.after(30 * SECOND), ["back b30 NoSlot"]);
    scene.want(3, 30);
    assert_eq!(scene.answered(1), ["send r1 b11"]);
    assert_eq!(scene.answered(1), ["end r1 Evicted"]);
    assert_eq!(scene.ended(1), ["start r2 s2"]);
}

#[test]
fn a_slot_that_is_free_in_the_last_moment_is_used() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    scene.started(1);
    scene.want(2, 20);
    scene.want(3, 30);
    scene.now = scene.now.plus_ms(MINUTE);
    assert_eq!(scene.gone(1, Departure::Finished), ["back b10 RunLost", "start r2 s2", "back b30 NoSlot"]);
}

#[test]
fn a_free_run_is_ended_after_three_minutes() {
    let mut scene = Scene::new(2, true);
    scene.want(1, 10);
    scene.started(1);
    scene.after(MINUTE);
    scene.answered(1);
    assert_eq!(scene.next(), Some(3 * MINUTE));
    assert_eq!(scene.after(3 * MINUTE - 1), NOTHING);
    assert_eq!(scene.after(1), ["end r1 Idle"]);
    assert_eq!(scene.next(), None);
    assert!(!scene.machine.is_idle());
    assert_eq!(scene.ended(1), NOTHING);
    assert!(scene.machine.is_idle());
}

#[test]
fn a_cold_run_does_one_request() {
    let mut scene = Scene::new(1, false);
    scene.want(1, 10);
    scene.want(1, 11);
    assert_eq!(scene.started(1), ["send r1 b10"]);
    // what was not sent does not use it up
    assert_eq!(scene.on(Happening::Withheld { run: RunId(1) }), ["send r1 b11"]);
    scene.want(1, 12);
    assert_eq!(scene.answered(1), ["end r1 Done"]);
    assert_eq!(scene.gone(1, Departure::Finished), ["start r2 s1"]);
    // nothing to do after all
    scene.on(Happening::Dropped { batch: BatchId(12) });
    assert_eq!(scene.started(2), ["end r2 Done"]);
}

#[test]
fn a_silent_run_is_killed_and_its_batch_given_back_when_it_is_gone() {
    let mut scene = Scene::new(2, true);
    scene.want(1, 10);
    scene.started(1);
    scene.after(3 * MINUTE);
    scene.on(Happening::Spoke { run: RunId(1) });
    assert_eq!(scene.next(), Some(4 * MINUTE));
    assert_eq!(scene.after(4 * MINUTE - 1), NOTHING);
    assert_eq!(scene.after(1), ["kill r1 Stuck"]);
    assert!(scene.machine.wants(BatchId(10)));
    assert_eq!(scene.after(4 * MINUTE), NOTHING);
    assert_eq!(scene.ended(1), ["back b10 RunLost"]);
    assert_eq!(scene.notices(), NOTHING, "a kill of ours is no crash");

    // an answer that was on its way is taken: it is paid for
    scene.want(1, 10);
    scene.started(2);
    assert_eq!(scene.after(4 * MINUTE), ["kill r2 Stuck"]);
    assert_eq!(scene.answered(2), NOTHING);
    assert_eq!(scene.ended(2), NOTHING);
}

#[test]
fn a_start_that_takes_four_minutes_is_a_crash() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    assert_eq!(scene.after(4 * MINUTE), ["kill r1 Stuck"]);
    assert_eq!(scene.ended(1), ["start r2 s1"]);
    scene.on(Happening::StartFailed { run: RunId(2) });
    assert_eq!(scene.on(Happening::StartFailed { run: RunId(3) }), ["back b10 Guard"]);
}

#[test]
fn a_session_strictly_older_than_four_hours_keeps_its_local_result() {
    for (age, asked, then) in [
        (4 * HOUR, false, "start r1 s1"),
        (4 * HOUR + 1, false, "expire b10"),
        (4 * HOUR + 1, true, "start r1 s1"),
        (-HOUR, false, "start r1 s1"),
    ] {
        let mut scene = Scene::new(2, true);
        assert_eq!(scene.want_of(1, 10, age, asked), [then], "{age} {asked}");
    }
}

#[test]
fn the_age_is_looked_at_again_before_each_request_and_a_resume_begins_anew() {
    let mut scene = Scene::new(1, true);
    scene.want_of(1, 10, 4 * HOUR, false);
    scene.want_of(1, 11, 4 * HOUR, true);
    assert_eq!(scene.next(), Some(1));
    assert_eq!(scene.after(1), ["expire b10"]);
    assert_eq!(scene.started(1), ["send r1 b11"], "what the user ordered");
    scene.want_of(1, 12, HOUR, false);
    // the newer start counts for all, whatever an older batch says later
    scene.want_of(1, 13, 9 * HOUR, false);
    assert_eq!(scene.answered(1), ["send r1 b12"]);
    assert_eq!(scene.answered(1), ["send r1 b13"]);
}

#[test]
fn a_run_of_a_session_that_became_too_old_ends_once_it_is_free() {
    let mut scene = Scene::new(1, true);
    scene.want_of(1, 10, 4 * HOUR - MINUTE, false);
    scene.started(1);
    scene.want(2, 20);
    assert_eq!(scene.want_of(1, 11, 4 * HOUR - MINUTE, false), NOTHING);
    assert_eq!(scene.after(MINUTE), ["back b20 NoSlot"]);
    assert_eq!(scene.after(1), ["expire b11"]);
    assert_eq!(scene.answered(1), ["end r1 Expired"]);

    let mut scene = Scene::new(1, true);
    scene.want_of(1, 10, 4 * HOUR - MINUTE, false);
    scene.started(1);
    scene.answered(1);
    assert_eq!(scene.next(), Some(MINUTE + 1));
    assert_eq!(scene.after(MINUTE + 1), ["end r1 Expired"]);
}

#[test]
fn a_stray_holds_its_slot_and_its_session() {
    let mut scene = Scene::new(2, true);
    let stray = |session, run| Happening::Stray { session: SessionRow(session), run: RunId(run) };
    scene.on(stray(1, -1));
    assert_eq!(scene.on(stray(1, -1)), NOTHING);
    assert_eq!(scene.want(1, 10), NOTHING);
    assert_eq!(scene.want(2, 20), ["start r1 s2"]);
    assert_eq!(scene.want(3, 30), NOTHING);
    assert_eq!(scene.runs(), ["r-1 s1 stray", "r1 s2 starting"]);
    assert_eq!(scene.answered(-1), NOTHING);
    assert_eq!(scene.gone(-1, Departure::Crashed), ["start r2 s1"]);
    assert_eq!(scene.notices(), NOTHING);
    // one that is found late keeps the session's own run from being asked
    scene.on(stray(2, 5));
    assert_eq!(scene.started(1), NOTHING);
    assert_eq!(scene.after(MINUTE), ["back b20 NoSlot", "back b30 NoSlot"]);
    scene.gone(5, Departure::Wanted);
    assert_eq!(scene.want(2, 21), ["send r1 b21"]);
    scene.gone(2, Departure::Finished);
    assert_eq!(scene.runs(), ["r1 s2 busy b21", "r6 s1 starting"], "a name that was heard is not given");
}

#[test]
fn what_is_dropped_is_not_heard_of_again() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    scene.want(1, 11);
    scene.started(1);
    for batch in [10, 11, 99] {
        assert_eq!(scene.on(Happening::Dropped { batch: BatchId(batch) }), NOTHING);
        assert!(!scene.machine.wants(BatchId(batch)));
    }
    assert_eq!(scene.gone(1, Departure::Crashed), NOTHING);
    assert!(scene.machine.is_idle());
}

#[test]
fn what_is_unknown_or_comes_twice_changes_nothing() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    assert_eq!(scene.want(1, 10), NOTHING);
    assert_eq!(scene.want(2, 10), NOTHING, "a batch has one session");
    scene.started(1);
    assert_eq!(scene.want(1, 10), NOTHING, "it is in flight");
    assert_eq!(scene.started(1), NOTHING);
    for run in [1, 7] {
        scene.answered(run);
        assert_eq!(scene.answered(run), NOTHING);
        assert_eq!(scene.on(Happening::Withheld { run: RunId(run) }), NOTHING);
        assert_eq!(scene.failed(run), NOTHING);
        assert_eq!(scene.on(Happening::Spoke { run: RunId(run) }), NOTHING);
    }
    for _ in 0..9 {
        assert_eq!(scene.gone(1, Departure::Crashed), NOTHING);
        assert_eq!(scene.on(Happening::StartFailed { run: RunId(1) }), NOTHING);
    }
    assert_eq!(scene.notices(), NOTHING);
}

#[test]
fn stopping_gives_everything_back_and_starts_nothing() {
    let mut scene = Scene::new(3, true);
    for session in 1..=4 {
        scene.want(session, session);
    }
    scene.started(1);
    scene.started(2);
    scene.answered(1);
    // s4 waits for r1, r2 is busy, r3 is being started for b3
    assert_eq!(
        scene.on(Happening::Stopping),
        ["back b3 Stopping", "back b4 Stopping", "end r2 Stopping", "end r3 Stopping"]
    );
    assert_eq!(scene.on(Happening::Stopping), NOTHING);
    assert_eq!(scene.next(), None);
    assert_eq!(scene.want(5, 5), ["back b5 Stopping"]);
    assert_eq!(scene.started(3), NOTHING);
    assert_eq!(scene.ended(1), NOTHING);
    assert_eq!(scene.gone(2, Departure::Finished), ["back b2 Stopping"]);
    assert_eq!(scene.gone(3, Departure::Crashed), NOTHING);
    assert!(scene.machine.is_idle() && scene.notices().is_empty());
}
