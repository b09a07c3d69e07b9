//! Crash loops, failures in a row, other settings and clocks that are set.

use mem_core::id::{BatchId, RunId, SessionRow};

use super::scene::{HOUR, MINUTE, SECOND, Scene};
use crate::supervise::{Departure, Happening};

const NOTHING: [&str; 0] = [];

/// Sends one batch of session 1 on a run that is there or started for it.
fn sent(scene: &mut Scene, batch: i64) -> i64 {
    scene.want(1, batch);
    let run = scene.machine.runs().last().expect("a run lives").run.0;
    scene.started(run);
    assert_eq!(scene.runs(), [format!("r{run} s1 busy b{batch}")]);
    run
}

#[test]
fn three_crashes_in_ten_minutes_stop_the_loop() {
    let mut scene = Scene::new(2, true);
    let first = sent(&mut scene, 10);
    assert_eq!(scene.gone(first, Departure::Crashed), ["back b10 RunLost"]);
    scene.after(4 * MINUTE);
    // a good answer between does not heal
    let second = sent(&mut scene, 10);
    scene.answered(second);
    assert_eq!(scene.gone(second, Departure::Crashed), NOTHING);
    scene.after(4 * MINUTE);
    assert_eq!(scene.want(1, 11), ["start r3 s1"]);
    assert_eq!(scene.want(2, 20), ["start r4 s2"]);
    assert_eq!(scene.want(3, 30), NOTHING);
    assert_eq!(scene.on(Happening::StartFailed { run: RunId(3) }), ["back b11 Guard", "back b30 Guard"]);
    assert_eq!(scene.notices(), ["guard 120000"]);
    // what lives goes on
    assert_eq!(scene.started(4), ["send r4 b20"]);
    assert_eq!(scene.answered(4), NOTHING);
    assert_eq!(scene.want(2, 21), ["send r4 b21"]);
    assert_eq!(scene.want(1, 11), ["back b11 Guard"]);
    assert_eq!(scene.next(), Some(2 * MINUTE));
    scene.after(2 * MINUTE);
    assert_eq!(scene.notices(), NOTHING);
    assert_eq!(scene.want(1, 11), ["start r5 s1"]);
    // two are left in the window
    assert_eq!(scene.gone(5, Departure::Crashed), ["back b11 Guard"]);
    assert_eq!(scene.notices(), ["guard 240000"]);
}

#[test]
fn who_loses_an_idle_run_to_its_end_is_turned_away_by_the_guard_at_once() {
    let mut scene = Scene::new(10, true);
    let run = sent(&mut scene, 10);
    scene.answered(run);
    scene.after(2 * MINUTE + 30 * SECOND);
    scene.on(Happening::Stray { session: SessionRow(1), run: RunId(-1) });
    for session in 2..=4 {
        scene.want(session, session);
        scene.on(Happening::StartFailed { run: RunId(session) });
    }
    assert_eq!(scene.want(1, 11), NOTHING, "it waits for the stray, and has a run");
    assert_eq!(scene.after(30 * SECOND), ["end r1 Idle", "back b11 Guard"]);
}

#[test]
fn only_crashes_count_as_crashes() {
    for (how, then) in [
        (Departure::Wanted, "start"),
        (Departure::Finished, "start"),
        (Departure::Intended, "back b11 RunLost"),
        (Departure::Crashed, "start"),
    ] {
        let mut scene = Scene::new(1, true);
        for crash in 1..=4 {
            let run = scene.want(1, 11).first().map(|_| crash).unwrap_or(crash);
            let then = if crash >= 3 && how == Departure::Crashed { "back b11 Guard" } else { then };
            let effects = scene.gone(run, how);
            assert!(effects.iter().all(|effect| effect.starts_with(then)), "{how:?} {crash} {effects:?}");
        }
        assert_eq!(scene.notices().is_empty(), how != Departure::Crashed, "{how:?}");
    }
}

#[test]
fn a_run_that_misbehaves_is_killed_and_crashes_once() {
    let mut scene = Scene::new(1, true);
    for crash in 1..=3 {
        let run = sent(&mut scene, 10);
        let misbehaved = Happening::Failed { run: RunId(run), well_behaved: false, counts: false };
        assert_eq!(scene.on(misbehaved.clone()), [format!("kill r{run} Misbehaved")]);
        assert!(!scene.machine.wants(BatchId(10)), "the fault settles it");
        assert_eq!(scene.on(misbehaved), NOTHING);
        assert_eq!(scene.gone(run, Departure::Crashed), NOTHING);
        assert_eq!(scene.notices().is_empty(), crash < 3, "{crash}");
    }
}

#[test]
fn who_was_ended_from_outside_is_not_started_again_at_once() {
    let mut scene = Scene::new(2, true);
    let run = sent(&mut scene, 10);
    scene.want(1, 11);
    scene.want(2, 20);
    assert_eq!(scene.gone(run, Departure::Intended), ["back b10 RunLost", "back b11 RunLost"]);
    assert_eq!(scene.notices(), NOTHING);
    assert_eq!(scene.want(1, 10), ["start r3 s1"]);
}

#[test]
fn three_failures_in_a_row_open_the_breaker_over_all_sessions() {
    let mut scene = Scene::new(2, true);
    for session in 1..=2 {
        scene.want(session, session * 10);
        scene.started(session);
    }
    scene.failed(1);
    scene.on(Happening::Answered { run: RunId(2), well: false });
    scene.want(1, 11);
    scene.want(2, 21);
    scene.want(2, 22);
    scene.want(3, 30);
    assert_eq!(scene.failed(1), ["back b22 Breaker", "back b30 Breaker"]);
    assert_eq!(scene.notices(), ["breaker trying"], "b21 is still out");
    assert_eq!(scene.want(1, 11), ["back b11 Breaker"]);
    // a straggler's failure begins the rest anew
    scene.after(MINUTE);
    scene.failed(2);
    assert_eq!(scene.notices(), ["breaker 1800000"]);
    assert_eq!(scene.after(3 * MINUTE), ["end r1 Idle", "end r2 Idle"]);
    scene.ended(1);
    scene.ended(2);
    assert_eq!(scene.next(), Some(27 * MINUTE));

    // one trial, which fails
    assert_eq!(scene.after(27 * MINUTE), NOTHING);
    assert_eq!(scene.want(2, 22), ["start r3 s2"]);
    assert_eq!(scene.want(1, 11), ["back b11 Breaker"], "though it is older");
    assert_eq!(scene.started(3), ["send r3 b22"]);
    assert_eq!(scene.want(3, 30), ["back b30 Breaker"]);
    assert_eq!(scene.failed(3), NOTHING);
    assert_eq!(scene.notices(), ["breaker 1800000"]);

    // another, which succeeds
    scene.after(30 * MINUTE);
    assert_eq!(scene.want(3, 30), ["start r4 s3"]);
    scene.started(4);
    assert_eq!(scene.answered(4), NOTHING);
    assert_eq!(scene.notices(), NOTHING);
}

/// Opens the breaker and waits until it lets one through.
fn half_open() -> Scene {
    let mut scene = Scene::new(2, true);
    for batch in 1..=3 {
        let run = sent(&mut scene, batch);
        scene.failed(run);
    }
    scene.after(30 * MINUTE);
    scene.ended(1);
    assert_eq!(scene.notices(), ["breaker 0"]);
    scene
}

#[test]
fn a_trial_that_says_nothing_about_the_model_makes_place_for_the_next() {
    let unsaid: [fn(&mut Scene); 7] = [
        |scene| drop(scene.on(Happening::Withheld { run: RunId(2) })),
        |scene| drop(scene.on(Happening::Failed { run: RunId(2), well_behaved: true, counts: false })),
        |scene| drop(scene.gone(2, Departure::Intended)),
        |scene| {
            scene.on(Happening::Dropped { batch: BatchId(4) });
            assert_eq!(scene.want(1, 5), ["back b5 Breaker"], "the request is still out");
            scene.on(Happening::Withheld { run: RunId(2) });
        },
        // settled before it was sent
        |scene| {
            scene.on(Happening::Withheld { run: RunId(2) });
            scene.gone(2, Departure::Finished);
            assert_eq!(scene.want_of(1, 4, 4 * HOUR, false), ["start r3 s1"]);
            assert_eq!(scene.after(1), ["expire b4"]);
            assert_eq!(scene.notices(), ["breaker -1"]);
            scene.gone(3, Departure::Finished);
        },
        |scene| {
            scene.on(Happening::Withheld { run: RunId(2) });
            scene.gone(2, Departure::Finished);
            scene.want(1, 4);
            scene.on(Happening::Dropped { batch: BatchId(4) });
            scene.gone(3, Departure::Finished);
        },
        |scene| {
            scene.on(Happening::Failed { run: RunId(2), well_behaved: false, counts: false });
            scene.ended(2);
        },
    ];
    for (way, say) in unsaid.iter().enumerate() {
        let mut scene = half_open();
        assert_eq!(sent(&mut scene, 4), 2);
        say(&mut scene);
        let next = scene.want(1, 5);
        let new_run = scene.machine.runs().last().map(|view| format!("start r{} s1", view.run.0));
        assert!(next == ["send r2 b5"] || next.first() == new_run.as_ref(), "{way}: {next:?}");
    }
}

#[test]
fn a_trial_whose_run_is_lost_has_failed() {
    let lost: [fn(&mut Scene); 4] = [
        |scene| drop(scene.gone(2, Departure::Crashed)),
        |scene| drop(scene.gone(2, Departure::Finished)),
        |scene| {
            assert_eq!(scene.after(4 * MINUTE), ["kill r2 Stuck"]);
            assert_eq!(scene.ended(2), ["back b4 RunLost"]);
        },
        |scene| {
            scene.after(4 * MINUTE);
            // the kill is reported as a fault that would not count by itself
            scene.on(Happening::Failed { run: RunId(2), well_behaved: true, counts: false });
        },
    ];
    for lose in lost {
        let mut scene = half_open();
        sent(&mut scene, 4);
        lose(&mut scene);
        assert_eq!(scene.notices(), ["breaker 1800000"]);
        assert_eq!(scene.want(1, 4), ["back b4 Breaker"]);
    }
}

#[test]
fn another_model_begins_without_the_old_ones_failures() {
    let mut scene = Scene::new(2, true);
    scene.want(1, 10);
    scene.want(2, 20);
    scene.started(1);
    scene.failed(1);
    scene.started(2);
    scene.want(2, 21);
    assert_eq!(scene.on(Happening::Changed), ["end r1 Outdated"]);
    assert_eq!(scene.answered(2), ["end r2 Outdated"], "what was sent is answered first");
    assert_eq!(scene.ended(2), ["start r3 s2"]);
    assert_eq!(scene.started(3), ["send r3 b21"]);

    // what the old ones still do does not count
    let mut scene = Scene::new(10, true);
    for session in 1..=10 {
        scene.want(session, session);
        scene.started(session);
    }
    scene.on(Happening::Changed);
    for run in 1..=10 {
        match run {
            1..=3 => scene.gone(run, Departure::Crashed),
            4 => scene.on(Happening::Failed { run: RunId(run), well_behaved: false, counts: true }),
            5..=7 => scene.failed(run),
            _ => scene.on(Happening::Answered { run: RunId(run), well: false }),
        };
    }
    assert_eq!(scene.notices(), NOTHING);

    let mut scene = half_open();
    scene.on(Happening::Changed);
    assert_eq!(scene.notices(), NOTHING);
    assert_eq!(scene.want(1, 5), ["start r2 s1"]);
    // one that was being started with the old settings is not asked
    scene.on(Happening::Changed);
    assert_eq!(scene.started(2), ["end r2 Outdated"]);
    assert_eq!(scene.ended(2), ["start r3 s1"]);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_wait() {
    let mut scene = Scene::new(1, true);
    scene.want(1, 10);
    scene.started(1);
    scene.answered(1);
    assert_eq!(scene.after(-HOUR), NOTHING);
    assert_eq!(scene.next(), Some(3 * MINUTE));
    assert_eq!(scene.after(3 * MINUTE), ["end r1 Idle"]);

    let mut scene = half_open();
    scene.want(1, 4);
    scene.want(2, 5);
    for run in 2..=4 {
        scene.gone(run, Departure::Crashed);
    }
    assert_eq!(scene.notices(), ["guard 600000", "breaker 0"]);
    scene.after(-24 * HOUR);
    assert_eq!(scene.notices(), ["guard 600000", "breaker 0"]);
    assert_eq!(scene.after(10 * MINUTE - SECOND), NOTHING);
    assert_eq!(scene.next(), Some(SECOND));
}
